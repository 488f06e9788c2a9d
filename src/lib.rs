//! Holdfast: sessions for PHP.
//!
//! ```text
//!   PHP code                        ext/session, for $_SESSION
//!      |                               |
//!   session   Holdfast\Session      save_handler   the handler, and the serializer that makes
//!   csrf      Holdfast\CSRF             |            $_SESSION a tree
//!      |                               |
//!   request   the sessions of a        |
//!      |   \  request, their cookie    |
//!      |    hooks   code that runs     |
//!      |            around methods     |
//!      +---------------+---------------+
//!                      |
//!       worker_cache   |              what was decoded, to be shown again
//!              codec   |   store      PHP values <-> bytes; the stores that this process has open
//!                      v
//!                holdfast-core        what a session is, merging, and the engines
//! ```
//!
//! `operator` is the class `Holdfast\Store`, for whoever runs the site: it needs no session of its own.
//!
//! `audit` writes what happened to sessions for an operator, and is called from everywhere above.
//!
//! `zend` is the only room that names Zend, but for the callbacks of ext/session in `save_handler` and the interfaces in
//! `users`, which a site implements over its own tables; `notice` is the class `Holdfast\Notice`; `settings` reads php.ini, and
//! `server` what the web server says of the request; `exception` turns errors into PHP's; `module` is what PHP calls when it starts and ends.

#![warn(missing_docs)]
// SAFETY reasons stand at each block; a whole file of glue is unsafe by trade.
#![allow(unsafe_code)]

mod audit;
mod codec;
mod csrf;
mod exception;
mod hooks;
mod module;
mod notice;
mod operator;
mod request;
mod save_handler;
mod server;
mod session;
mod settings;
mod store;
mod users;
mod worker_cache;
mod zend;
