use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use crate::{
    engine::{Cause, Owner, Removal, Stored, Summary, Version, Write},
    key::Key,
    time::Timestamp,
};

/// One stored session.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) version: Version,
    /// The version of the commit that created the session: tells it from another that had the same key before.
    pub(super) created: Version,
    pub(super) expires: Timestamp,
    pub(super) owner: Owner,
    /// Shared, so that only a pointer is copied under the guard.
    record: Arc<[u8]>,
    /// The number of the last use. Atomic because a load marks it under a guard for reading; relaxed because the
    /// number alone carries the order.
    used: AtomicU64,
}

/// What is kept for a session beside its record: key, entry, a slot of the map at its usual load, a place in the
/// sweep.
const OVERHEAD_BYTES: u64 = (2 * (size_of::<Key>() + size_of::<Entry>()) + 48) as u64;

impl Entry {
    /// What `write` makes. Its versions are set when it is published.
    pub(super) fn new(write: &Write<'_>, used: u64) -> Self {
        Self {
            version: Version(0),
            created: Version(0),
            expires: write.expires,
            owner: write.owner,
            record: write.record.into(),
            used: AtomicU64::new(used),
        }
    }

    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires
    }

    /// Bytes that count against the capacity. Fixed for a version: a touch does not change it.
    pub(super) fn weight(&self) -> u64 {
        self.record.len() as u64 + OVERHEAD_BYTES
    }

    pub(super) fn mark_used(&self, used: u64) {
        self.used.fetch_max(used, Relaxed);
    }

    pub(super) fn used(&self) -> u64 {
        self.used.load(Relaxed)
    }

    /// A copy that shares the record.
    pub(super) fn seen(&self) -> Self {
        Self {
            version: self.version,
            created: self.created,
            expires: self.expires,
            owner: self.owner,
            record: Arc::clone(&self.record),
            used: AtomicU64::new(self.used()),
        }
    }

    /// Marks the use numbered `used`, and copies as [`Entry::seen`] does.
    pub(super) fn seen_at(&self, used: u64) -> Self {
        self.mark_used(used);
        self.seen()
    }

    pub(super) fn stored(&self) -> Stored {
        Stored {
            version: self.version,
            expires: self.expires,
            owner: self.owner,
            record: self.record.to_vec(),
        }
    }

    pub(super) fn removal(&self, key: Key, cause: Cause) -> Removal {
        let byte = |at| self.record.get(at).copied().unwrap_or(0);
        Removal { key, owner: self.owner, cause, expires: self.expires, head: [byte(0), byte(1)] }
    }

    pub(super) fn summary(&self, key: Key) -> Summary {
        Summary {
            key,
            version: self.version,
            expires: self.expires,
            owner: self.owner,
            bytes: self.record.len() as u64,
        }
    }
}
