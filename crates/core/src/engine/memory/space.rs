use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::entry::Entry;
use crate::time::Timestamp;

/// The account of the bytes. Relaxed throughout: the figures guard no other memory, each update is one atomic
/// addition, and [`Space::reserve`] decides by compare-and-set.
#[derive(Debug)]
pub(super) struct Space {
    /// `u64::MAX` = unbounded.
    limit: u64,
    /// Weights of all the entries, and rooms not yet filled.
    used: AtomicU64,
    /// Weights of the entries of guests.
    guests: AtomicU64,
    /// No entry ends before this (milliseconds): a bound, so that full memory need not look for expired sessions
    /// where there are none.
    earliest_end: AtomicU64,
}

impl Space {
    /// Of `capacity` bytes, 0 = unbounded.
    pub(super) fn new(capacity: u64) -> Self {
        Self {
            limit: if capacity == 0 { u64::MAX } else { capacity },
            used: AtomicU64::new(0),
            guests: AtomicU64::new(0),
            earliest_end: AtomicU64::new(u64::MAX),
        }
    }

    /// As it was given: 0 = unbounded.
    pub(super) fn capacity(&self) -> u64 {
        if self.limit == u64::MAX { 0 } else { self.limit }
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Relaxed)
    }

    /// Sets `bytes` aside if they are free.
    pub(super) fn reserve(&self, bytes: u64) -> Option<Room<'_>> {
        let taken = |used: u64| used.checked_add(bytes).filter(|used| bytes == 0 || *used <= self.limit);
        self.used.fetch_update(Relaxed, Relaxed, taken).ok().map(|_| Room { space: self, bytes })
    }

    /// Whether `bytes` would be free if every guest gave way but the one that weighs `own`.
    pub(super) fn attainable(&self, bytes: u64, own: u64) -> bool {
        let evictable = self.guests.load(Relaxed).saturating_sub(own);
        self.used().saturating_sub(evictable).saturating_add(bytes) <= self.limit
    }

    /// `entry` was removed. To be called once for each, by whoever removed it.
    pub(super) fn give_back(&self, entry: &Entry) {
        self.used.fetch_sub(entry.weight(), Relaxed);
        if entry.owner.is_guest() {
            self.guests.fetch_sub(entry.weight(), Relaxed);
        }
    }

    /// An entry now ends at `end`. To be called under the guard of its shard, so that a walk over all the shards
    /// that began with [`Space::forget_earliest_end`] either sees the entry or precedes this note.
    pub(super) fn note_end(&self, end: Timestamp) {
        self.earliest_end.fetch_min(end.as_millis(), Relaxed);
    }

    pub(super) fn forget_earliest_end(&self) {
        self.earliest_end.store(u64::MAX, Relaxed);
    }

    /// False when surely nothing has expired.
    pub(super) fn may_hold_expired(&self, now: Timestamp) -> bool {
        self.earliest_end.load(Relaxed) <= now.as_millis()
    }
}

/// Bytes set aside for one commit; they go back if it does not use them.
#[derive(Debug)]
#[must_use]
pub(super) struct Room<'a> {
    space: &'a Space,
    bytes: u64,
}

impl Room<'_> {
    /// `new` takes the place of `old`. Under the guard of their shard.
    pub(super) fn fill(mut self, new: &Entry, old: Option<&Entry>) {
        let space = self.space;
        let freed = old.map_or(0, Entry::weight);
        debug_assert!(self.bytes + freed >= new.weight(), "published into less room than it weighs");
        if new.owner.is_guest() {
            space.guests.fetch_add(new.weight(), Relaxed);
        }
        if let Some(old) = old.filter(|old| old.owner.is_guest()) {
            space.guests.fetch_sub(old.weight(), Relaxed);
        }
        space.note_end(new.expires);
        self.bytes = self.bytes + freed - new.weight();
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.space.used.fetch_sub(self.bytes, Relaxed);
    }
}
