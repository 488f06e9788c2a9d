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
    engine::{EngineError, Stats, removals::RemovalQueue},
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
        let mut stats = Stats { capacity_bytes: self.capacity(), ..Stats::default() };
        for shard in self.shards() {
            let header = self.map.shard(shard);
            stats.sessions += header.sessions.load(Relaxed);
            stats.used_bytes += header.used_bytes.load(Relaxed);
            stats.commits += header.commits.load(Relaxed);
            stats.conflicts += header.conflicts.load(Relaxed);
            stats.expired += header.expired.load(Relaxed);
            stats.evicted += header.evicted.load(Relaxed);
            stats.refused += header.refused.load(Relaxed);
            stats.recovered_locks += header.recovered_locks.load(Relaxed);
            stats.repairs += header.repairs.load(Relaxed);
        }
        stats
    }
}
