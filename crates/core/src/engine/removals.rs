//! What an engine removes by itself, kept until somebody asks for it.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use parking_lot::Mutex;

use super::Owner;
use crate::{key::Key, time::Timestamp};

/// Removals that are kept for [`Engine::take_removals`](super::Engine::take_removals); of more, the latest.
pub const MOST_REMOVALS: usize = 1024;

/// Why an engine removed something by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Its end had come.
    Expired,
    /// It was a guest's, and the memory was full.
    Evicted,
}

/// What an engine removed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Its address.
    pub key: Key,
    /// Whose it was.
    pub owner: Owner,
    /// Why it was removed.
    pub cause: Cause,
    /// When it ended, or would have.
    pub expires: Timestamp,
    /// The first two bytes of its record, for who knows what they mean: the engine does not. 0 in place of bytes that
    /// the record did not have; any, where it was damaged.
    pub head: [u8; 2],
}

/// What was removed since it was asked last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removals {
    /// In the order of removal; at most [`MOST_REMOVALS`].
    pub list: Vec<Removal>,
    /// Expired, before those in the list, and not kept.
    pub more_expired: u64,
    /// Evicted, before those in the list, and not kept.
    pub more_evicted: u64,
}

/// The last removals, and how many there were before them.
#[derive(Debug, Default)]
pub(super) struct Kept {
    list: VecDeque<Removal>,
    more_expired: u64,
    more_evicted: u64,
}

impl Kept {
    /// Asks for no memory where there was room for [`MOST_REMOVALS`].
    pub(super) fn push(&mut self, removal: Removal) {
        if self.list.len() == MOST_REMOVALS
            && let Some(forgotten) = self.list.pop_front()
        {
            match forgotten.cause {
                Cause::Expired => self.more_expired += 1,
                Cause::Evicted => self.more_evicted += 1,
            }
        }
        self.list.push_back(removal);
    }
}

/// The removals of one engine in one process. Its mutex is the last that is taken, for a few assignments: also under
/// the lock of a shard.
#[derive(Debug, Default)]
pub(super) struct RemovalQueue {
    /// Relaxed: no other memory hangs on it.
    watched: AtomicBool,
    kept: Mutex<Kept>,
}

impl RemovalQueue {
    /// A queue that is watched from the beginning, or not.
    pub(super) fn new(watched: bool) -> Self {
        let queue = Self::default();
        queue.watch(watched);
        queue
    }

    /// Whether removals are to be noted.
    #[inline]
    pub(super) fn is_watched(&self) -> bool {
        self.watched.load(Relaxed)
    }

    /// Notes removals from now on, or no more; then what was noted is forgotten.
    pub(super) fn watch(&self, on: bool) {
        if self.is_watched() == on {
            return;
        }
        let room = if on { VecDeque::with_capacity(MOST_REMOVALS) } else { VecDeque::new() };
        let old = std::mem::replace(&mut *self.kept.lock(), Kept { list: room, ..Kept::default() });
        self.watched.store(on, Relaxed);
        drop(old);
    }

    /// Notes one; nothing when nobody watches.
    pub(super) fn note(&self, removal: Removal) {
        if self.is_watched() {
            self.kept.lock().push(removal);
        }
    }

    /// Notes several, which were removed one after the other.
    pub(super) fn note_all(&self, removals: Kept) {
        if !self.is_watched() {
            return;
        }
        let mut kept = self.kept.lock();
        kept.more_expired += removals.more_expired;
        kept.more_evicted += removals.more_evicted;
        for removal in removals.list {
            kept.push(removal);
        }
    }

    /// What was noted since the last time.
    pub(super) fn take(&self) -> Removals {
        if !self.is_watched() {
            return Removals::default();
        }
        let mut kept = self.kept.lock();
        Removals {
            more_expired: std::mem::take(&mut kept.more_expired),
            more_evicted: std::mem::take(&mut kept.more_evicted),
            list: kept.list.drain(..).collect(),
        }
    }
}
