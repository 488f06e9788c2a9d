//! A store in one memory-mapped file, for all the processes of a user at once.
//!
//! ```text
//!   SharedEngine ── attach ── place      (is the file safe, whose is it)
//!        │            │  └─── header     (what it is; two copies)
//!        │            ├────── seal       (alone: is all as its last user left it?)
//!        │            └────── recovery   (alone, and it is not: everything anew from the index)
//!        v
//!      Store ─── liveness · epoch · clock (who lives, which process, what time)
//!        │
//!    commit ──── index ── block          (slots: the only truth; one 8-byte store publishes)
//!     sweep ────   │        │
//!      room ──── reserve · compact       (a full store)
//!                  │        │
//!                slab ─── pages          (derived; made anew by repair)
//!                  │
//!                lock ─── repair         (a word, a futex, a dead holder's change undone)
//!                  │
//!              mapping ── layout         (bytes)
//!
//!   SharedEngine ── session_lock          (a byte that the kernel frees, a queue; beside all of the above)
//! ```
//!
//! `docs/format-store.md` has the file byte by byte, and why repair is right.
//!
//! Unsafe code stands in this module only: in `mapping` (casts from bytes to what the layout says), and around system
//! calls that the safe crates do not cover.

#![allow(
    clippy::cast_possible_truncation,
    reason = "words are taken apart by casts, and usize has 64 bits: layout refuses to compile elsewhere"
)]
#![allow(clippy::similar_names, reason = "line, link, shard and share are the words of the field")]

use std::{path::PathBuf, time::Duration};

mod layout;

mod mapping;

mod order;

mod epoch;

mod liveness;

mod clock;

mod header;

mod place;

mod lock;

mod pages;

mod slab;

mod block;

mod index;

mod repair;

mod reserve;

mod compact;

mod room;

mod sweep;

mod survey;

mod commit;

mod store;

mod recovery;

mod seal;

mod allowance;
mod attach;

mod session_lock;

mod attachment;

#[cfg(any(test, feature = "verify"))]
mod verify;

#[cfg(test)]
mod tests;

pub use attachment::SharedEngine;
pub use place::default_path;

/// Where a shared store is, and how large a new one becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedOptions {
    /// The file; in a directory that exists, the file `sessions.holdfast` in it.
    pub path: PathBuf,
    /// Bytes of a file that is made: at least 1 MiB, rounded up to whole pages. A file that is there keeps its size.
    pub size: u64,
    /// How long to wait for a lock whose holder is alive.
    pub lock_timeout: Duration,
}

impl SharedOptions {
    /// The size of a store when nobody says otherwise.
    pub const DEFAULT_SIZE: u64 = 64 << 20;
    /// How long a lock is waited for when nobody says otherwise.
    pub const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_secs(5);

    /// A store at `path`, with the defaults for the rest.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), size: Self::DEFAULT_SIZE, lock_timeout: Self::DEFAULT_LOCK_TIMEOUT }
    }

    /// The file itself, whether it is there or not.
    pub fn file(&self) -> PathBuf {
        place::resolve(self.path.clone())
    }
}

impl Default for SharedOptions {
    fn default() -> Self {
        Self::at(default_path())
    }
}
