//! Holdfast: sessions for PHP.
//!
//! ```text
//!   PHP code                        ext/session, for $_SESSION
//!      |                               |
//!   session   the class             save_handler   the handler, and the serializer that makes
//!      |      Holdfast\Session         |            $_SESSION a tree
//!   request   the sessions of a        |
//!      |      request, their cookie    |
//!      +---------------+---------------+
//!                      |
//!              codec   |   store      PHP values <-> bytes; the stores that this process has open
//!                      v
//!                holdfast-core        what a session is, merging, and the engines
//! ```
//!
//! `audit` writes what happened to sessions for an operator, and is called from everywhere above.
//!
//! `zend` is the only room that names Zend, but for the callbacks of ext/session in `save_handler`; `settings` reads php.ini; `exception` turns errors into PHP's; `module` is
//! what PHP calls when it starts and ends.

#![warn(missing_docs)]
// SAFETY reasons stand at each block; a whole file of glue is unsafe by trade.
#![allow(unsafe_code)]

mod audit;
mod codec;
mod exception;
mod module;
mod request;
mod save_handler;
mod session;
mod settings;
mod store;
mod zend;
