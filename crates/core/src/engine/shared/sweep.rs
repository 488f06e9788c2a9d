//! Removing the expired. Expiry is enforced at read; this only gives bytes back.

use std::sync::atomic::Ordering::Relaxed;

use super::{
    block::Damage,
    index::Found,
    lock::{Change, ShardGuard},
    store::Store,
};
use crate::{
    engine::{Cause, EngineError, Removal},
    time::Timestamp,
};

/// Lines that one commit looks at, at least.
const LEAST_LINES: u64 = 2;
/// In milliseconds: commits that come often enough look at all lines in this time, however many they share it.
const PASS: u64 = 20_000;
/// What one commit may spend on the expired, in nanoseconds; and what things cost about, where nothing is in a cache.
const BUDGET: u64 = 300_000;
const LINE_COST: u64 = 50;
const LOOK_COST: u64 = 300;
const REMOVAL_COST: u64 = 1000;
const PAGE_COST: u64 = 100;
/// Lines for which a shard is locked at a time.
const LINES_PER_LOCK: u32 = 64;

impl<'s> ShardGuard<'s> {
    /// Goes on with the sweep: as many lines as are due by the time since the last commit did, and as the budget allows.
    /// Skips a shard in which nothing can have expired.
    pub(super) fn sweep_some(&self, now: Timestamp) -> Result<u64, Damage> {
        let last = self.header.swept_at.load(Relaxed);
        self.header.swept_at.store(now.as_millis(), Relaxed);
        let lines = self.store.map.geometry.lines_per_shard;
        let due = now.as_millis().saturating_sub(last).saturating_mul(lines.into()) / PASS;
        self.sweep_lines(due.clamp(LEAST_LINES, lines.into()) as u32, now, BUDGET)
    }

    fn sweep_lines(&self, count: u32, now: Timestamp, mut budget: u64) -> Result<u64, Damage> {
        let header = self.header;
        if now.as_millis() < header.first_expiry.load(Relaxed) {
            return Ok(0);
        }
        let lines = self.store.map.geometry.lines_per_shard;
        let mut removed = 0;
        for _ in 0..count.min(lines) {
            if budget == 0 {
                break;
            }
            let line = header.sweep_line.load(Relaxed) % lines;
            removed += self.sweep_line(line, now, &mut budget)?;
            if line + 1 == lines {
                header.first_expiry.store(header.pass_expiry.swap(u64::MAX, Relaxed), Relaxed);
            }
            header.sweep_line.store((line + 1) % lines, Relaxed);
        }
        Ok(removed)
    }

    fn sweep_line(&self, line: u32, now: Timestamp, budget: &mut u64) -> Result<u64, Damage> {
        let mut removed = 0;
        let mut first = u64::MAX;
        let mut cost = LINE_COST;
        while let Some(found) = self.find_in_line(line, |head| {
            first = first.min(head.expires.as_millis());
            cost += LOOK_COST;
            !head.is_live(now)
        })? {
            cost += REMOVAL_COST + PAGE_COST * u64::from(found.head.shape.chain_pages);
            let change = self.begin_change();
            self.remove_for(&change, &found, Cause::Expired)?;
            change.end();
            removed += 1;
            first = u64::MAX;
        }
        *budget = budget.saturating_sub(cost);
        self.header.pass_expiry.fetch_min(first, Relaxed);
        Ok(removed)
    }

    /// Takes a session out that has expired or gives way, counts it, and notes it where somebody watches.
    pub(super) fn remove_for(
        &self,
        change: &Change<'_>,
        found: &Found<'s>,
        cause: Cause,
    ) -> Result<(), Damage> {
        let head = &found.head;
        // Read before the block's pages may be others'.
        let removal = self.store.removals.is_watched().then(|| Removal {
            key: head.key,
            owner: head.owner,
            cause,
            expires: head.expires,
            head: self.first_bytes(head),
        });
        self.remove(change, found)?;
        match cause {
            Cause::Expired => self.header.expired.fetch_add(1, Relaxed),
            Cause::Evicted => self.header.evicted.fetch_add(1, Relaxed),
        };
        if let Some(removal) = removal {
            self.store.removals.note(removal);
        }
        Ok(())
    }

    /// Notes, before it is published, that a session of this shard ends at `expires`.
    #[inline]
    pub(super) fn note_expiry(&self, expires: Timestamp) {
        let header = self.header;
        if expires.as_millis() < header.first_expiry.load(Relaxed) {
            header.first_expiry.store(expires.as_millis(), Relaxed);
        }
        if expires.as_millis() < header.pass_expiry.load(Relaxed) {
            header.pass_expiry.store(expires.as_millis(), Relaxed);
        }
    }
}

impl Store {
    /// Removes all that has expired, one shard after the other.
    pub(super) fn collect(&self, now: Timestamp) -> Result<u64, EngineError> {
        self.shards().map(|shard| self.collect_shard(shard, now)).sum()
    }

    /// Removes what has expired in a shard, some lines at a time.
    pub(super) fn collect_shard(&self, shard: u32, now: Timestamp) -> Result<u64, EngineError> {
        let header = self.map.shard(shard);
        let lines = self.map.geometry.lines_per_shard;
        let mut removed = 0;
        // A whole pass from the first line on, so that `first_expiry` is exact at its end.
        let mut begun = false;
        while now.as_millis() >= header.first_expiry.load(Relaxed) {
            removed += self.in_shard(shard, |guard| {
                if !begun {
                    header.sweep_line.store(0, Relaxed);
                    header.pass_expiry.store(u64::MAX, Relaxed);
                    begun = true;
                }
                let left = lines.saturating_sub(header.sweep_line.load(Relaxed));
                guard.sweep_lines(LINES_PER_LOCK.min(left), now, u64::MAX)
            })?;
            if header.sweep_line.load(Relaxed) == 0 {
                break;
            }
        }
        Ok(removed)
    }
}
