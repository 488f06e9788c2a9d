//! Logging in, and what protects it.
//!
//! ```text
//!   attempt   may a password be looked at? Counted by account, network and device
//!      v
//!   member    the session becomes a user's, under an id of its own; all sessions of a user
//!      v
//!   cookies   what the browser is given beside the session's cookie
//!      v
//!   remembered  the browser is known again when the session has ended
//!      v
//!   browser   is it the browser that logged in? Asked at every request of a member
//! ```

pub mod attempt;
pub mod browser;
pub mod cookies;
pub mod member;
pub mod remembered;
