//! What must hold for any bytes whatever: no panic, no hang, no other session's data, and the laws of what can be read.
//!
//! ```text
//!   TARGETS: name, fn(&[u8]) ── panics when a law is broken
//!      ^                ^
//!   tests/mutations.rs  coverage/ (libFuzzer, `make fuzz`)
//!   (cargo test)
//! ```
//!
//! A target may do with its input what it likes; the mutation of bytes is somebody else's matter. `corpus/` has a
//! directory of seeds for each, among them every input that once broke a law.

#![allow(clippy::missing_panics_doc, reason = "a broken law is a panic: that is what all of this is for")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "inputs are taken apart by casts, and the shared engine refuses to compile where usize has not 64 bits"
)]
#![allow(clippy::verbose_bit_mask, reason = "a part of a byte chooses")]

mod choices;
mod codec;
mod image;
mod layout;
mod merge;
mod php;
mod php_session;
mod record;
mod store;
mod text;

/// A target, by the name of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("record", record::record),
    ("codec", codec::codec),
    ("merge", merge::merge),
    ("php", php::php),
    ("php_session", php_session::php_session),
    ("text", text::text),
    ("store", store::store),
];

/// The target of that name.
pub fn target(name: &str) -> Option<fn(&[u8])> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, run)| *run)
}
