//! What a Holdfast session is, and where it is kept. Nothing in this crate knows PHP.
//!
//! ```text
//!   cookie header ──> id ──> key ─────────────┐
//!                     (issued by us, or none) │
//!                                             v
//!   value tree <──> codec <──> record <──> engine: memory | shared | redis
//!                 (nodes with digests)    (load, commit by version, destroy)
//!                   │                         │
//!                   v                         v
//!                 merge <───────────────── session
//!       (of two requests' changes)   (saved beside others, moved)
//!
//!   client ──> throttle (counts logins in records of its own)
//!   (address, device ...)
//!   destination (may a redirect go there?)
//! ```
//!
//! Modules in the order of dependency; each may use those above it only.

#![deny(unsafe_code)]

// What the tests of `tests/` share names the crate as they do.
#[cfg(test)]
extern crate self as holdfast_core;

/// Points in time and durations, in milliseconds.
pub mod time;

/// The secret of a store, and the keys derived from it.
pub mod secret;

/// Session ids: issued here, recognised before any look-up.
pub mod id;

/// The cookie that carries an id, on the wire.
pub mod cookie;

/// Forms of other sites that pose as the visitor's, recognised.
pub mod csrf;

/// The address of a session in a store.
pub mod key;

/// Memory of large records, used again.
pub mod buffer;

/// Values as bytes: nodes, digests, dictionaries.
pub mod codec;

/// PHP values as a tree, for whoever has no PHP.
pub mod value;

/// The changes of two requests to one session, put together at every depth.
pub mod merge;

/// What is stored for one session: a small header and the root of its values.
pub mod record;

mod tries;

/// The contract of a store, and the stores.
pub mod engine;

/// An open engine with what hangs on its secret.
pub mod store;

/// Sessions as whoever runs the site sees them.
pub mod survey;

/// The life of a session over an engine.
pub mod session;

/// Where a redirect may go.
pub mod destination;

/// Who asks: where from, and with which browser.
pub mod client;

/// What happened to sessions, as lines that an operator reads.
pub mod audit;
/// How often somebody tried to log in, and when the next attempt may be made.
pub mod throttle;
