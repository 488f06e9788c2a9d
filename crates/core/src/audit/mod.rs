//! The audit log: what happened to sessions, when and why, for an operator to read (S45). docs/audit.md describes it
//! for them.
//!
//! ```text
//!   Event (What, which session, who) ── to_json ──> one line ── Sink ──> LogFile | Syslog
//! ```
//!
//! Nothing in a line lets anybody in (S29): sessions are named by a part of their address, which is a hash of their id;
//! names that somebody tried are keyed hashes.

mod event;
mod json;
mod log_file;
mod name;
mod sink;
mod syslog;

pub use event::{Event, What};
pub use log_file::LogFile;
pub use name::{SessionName, Who};
pub use sink::{Sink, SinkError, Target};
pub use syslog::Syslog;
