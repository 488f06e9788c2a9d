//! A store that is open in this process.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use super::{
    block::Damage, layout::Geometry, liveness::Liveness, lock::ShardGuard, mapping::Mapping, place::Identity,
};
use crate::{
    engine::{EngineError, Stats, Tally, removals::RemovalQueue},
    key::Key,
    secret::Secret,
};

#[derive(Debug)]
pub(super) struct Store {
    pub(super) map: Mapping,
    pub(super) path: PathBuf,
    pub(super) identity: Identity,
    pub(super) liveness: Liveness,
    pub(super) lock_timeout: Duration,
    pub(super) hash_seed: u64,
    pub(super) secret: Secret,
    pub(super) clock_offset: u64,
    /// Shared with the store that this process had open before, when the path came to name another file.
    pub(super) removals: Arc<RemovalQueue>,
}

impl Store {
    /// Runs `work` under the lock of `shard`. When it meets damage, the shard is repaired, which drops what is
    /// damaged, and `work` runs once more: so it has changed nothing before it fails.
    pub(super) fn in_shard<T>(
        &self,
        shard: u32,
        mut work: impl FnMut(&ShardGuard<'_>) -> Result<T, Damage>,
    ) -> Result<T, EngineError> {
        let guard = self.lock_shard(shard)?;
        if let Ok(done) = work(&guard) {
            return Ok(done);
        }
        guard.repair();
        work(&guard).map_err(|Damage| self.damaged(shard))
    }

    /// The error for a shard that a repair did not mend.
    pub(super) fn damaged(&self, shard: u32) -> EngineError {
        EngineError::Damaged {
            path: self.path.clone(),
            offset: Geometry::shard(shard),
            reason: format!("shard {shard} is damaged and its repair found nothing; move the file away"),
        }
    }

    /// Counts sessions that were dropped because their bytes were damaged.
    pub(super) fn count_damaged(&self, sessions: u32) {
        if sessions > 0 {
            self.map.control().damaged.fetch_add(sessions, Relaxed);
        }
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.map.geometry.shards
    }

    /// Bytes that blocks may fill: all pages but the reserve.
    pub(super) fn capacity(&self) -> u64 {
        let reserve = self.map.control().reserve_pages.load(Relaxed);
        u64::from(self.map.geometry.pages.saturating_sub(reserve)) * super::layout::PAGE
    }

    pub(super) fn stats(&self) -> Stats {
        let damaged = self.map.control().damaged.load(Relaxed).into();
        let mut stats = Stats { capacity_bytes: self.capacity(), damaged, ..Stats::default() };
        for shard in self.parts() {
            stats += shard;
        }
        stats
    }

    /// Of each shard. Pages belong to none for ever, so neither has a capacity.
    pub(super) fn parts(&self) -> impl Iterator<Item = Stats> {
        self.shards().map(|shard| {
            let header = self.map.shard(shard);
            Stats {
                sessions: header.sessions.load(Relaxed),
                guests: header.guests.load(Relaxed),
                capacity_bytes: 0,
                used_bytes: header.used_bytes.load(Relaxed),
                commits: header.commits.load(Relaxed),
                conflicts: header.conflicts.load(Relaxed),
                merges: header.merges.load(Relaxed),
                waits: header.waits.load(Relaxed),
                throttled: header.throttled.load(Relaxed),
                expired: header.expired.load(Relaxed),
                evicted: header.evicted.load(Relaxed),
                refused: header.refused.load(Relaxed),
                recovered_locks: header.recovered_locks.load(Relaxed),
                repairs: header.repairs.load(Relaxed),
                damaged: 0,
            }
        })
    }

    /// Counts without the shard's lock, so by an addition that nobody can come between.
    pub(super) fn count(&self, key: &Key, what: Tally) {
        let header = self.map.shard(self.address(key).shard);
        let figure = match what {
            Tally::Merge => &header.merges,
            Tally::Throttled => &header.throttled,
        };
        figure.fetch_add(1, Relaxed);
    }
}
