//! Holdfast: sessions for PHP.
//!
//! ```text
//!   PHP code
//!      |
//!   session      the class Holdfast\Session: handles, methods, what `$session->x` and `$session['x']` mean
//!      |
//!   request      the sessions of one request: loaded, changed, saved at its end; their cookie
//!      |   \
//!   codec   store      PHP values <-> bytes; the stores that this process has open
//!      |      |
//!   holdfast-core      what a session is, and the engines
//! ```
//!
//! `zend` is the only room that names Zend; `settings` reads php.ini; `exception` turns errors into PHP's; `module` is
//! what PHP calls when it starts and ends.

#![warn(missing_docs)]
// SAFETY reasons stand at each block; a whole file of glue is unsafe by trade.
#![allow(unsafe_code)]

mod codec;
mod exception;
mod module;
mod request;
mod save_handler;
mod session;
mod settings;
mod store;
mod zend;
