//! Making room in a full store: the expired go first, then what the reserve has too much, then the guests in the order
//! of their last use. Members stay.

use std::sync::atomic::Ordering::Relaxed;

use super::{
    block::{Head, Shape},
    store::Store,
};
use crate::{engine::EngineError, key::Key, time::Timestamp};

/// Guests among which the oldest are chosen. A store with fewer is searched whole, and the order is exact; of a larger
/// one whole shards are searched, and keys fall into shards at random.
const SAMPLE: usize = 4096;
/// Of a sample, this part is old enough to go.
const OLDEST_PART: usize = 16;
const LINES_PER_LOCK: u32 = 256;
/// Each time means that other commits went on; so many in a row mean that something else is wrong.
const OUTRUN_AT_MOST: u32 = 100;
/// The reserve is measured for its surplus at most this often.
const MEASURE_EVERY_MILLIS: u64 = 1000;

/// The attempts of one commit to get room.
#[derive(Debug)]
pub(super) struct Room<'s> {
    store: &'s Store,
    now: Timestamp,
    /// Whose commit it is: the session does not give way to itself.
    key: Key,
    /// What to free next. It doubles, because freed objects make a free page only when they are neighbours.
    bytes: u64,
    /// Pages that the commit may need at most.
    pages: u32,
    done_with_expired: bool,
    done_with_reserve: bool,
    /// Until a guest goes: one compaction frees all that the commit needs, if it can.
    done_with_compaction: bool,
    /// How often all the guests that were to go had been used or had gone meanwhile, in a row.
    outrun: u32,
}

impl<'s> Room<'s> {
    pub(super) fn new(store: &'s Store, key: Key, shape: Shape, now: Timestamp) -> Self {
        let share = store.map.geometry.size / 256;
        // The block, a page for its class and one for the spare; and the chain once more for the reserve.
        let pages = shape.chain_pages * 2 + 2;
        let bytes = (shape.bytes() * 2).max(share);
        Self {
            store,
            now,
            key,
            bytes,
            pages,
            done_with_expired: false,
            done_with_reserve: false,
            done_with_compaction: false,
            outrun: 0,
        }
    }

    /// Frees something; false when nothing is left that may go, or when it could not be enough.
    pub(super) fn make(&mut self) -> Result<bool, EngineError> {
        if self.pages > self.store.map.geometry.pages {
            return Ok(false);
        }
        if !self.done_with_expired {
            if self.remove_expired()? {
                return Ok(true);
            }
            self.done_with_expired = true;
        }
        if !self.done_with_reserve {
            self.done_with_reserve = true;
            if self.trim_reserve()? {
                return Ok(true);
            }
        }
        if !self.done_with_compaction {
            self.done_with_compaction = true;
            if self.store.compact(self.pages)? {
                return Ok(true);
            }
        }
        let evicted = self.evict_guests()?;
        self.done_with_compaction = !evicted;
        self.bytes = self.bytes.saturating_mul(2);
        Ok(evicted)
    }

    /// Removes the expired of the next shard that has any.
    fn remove_expired(&self) -> Result<bool, EngineError> {
        let shards = self.store.map.geometry.shards;
        let first = self.store.map.control().eviction_shard.fetch_add(1, Relaxed);
        for step in 0..shards {
            if self.store.collect_shard(first.wrapping_add(step) % shards, self.now)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn trim_reserve(&self) -> Result<bool, EngineError> {
        let control = self.store.map.control();
        let now = super::clock::coarse();
        let last = control.reserve_measured.load(Relaxed);
        let due = now.abs_diff(last) >= MEASURE_EVERY_MILLIS;
        if control.reserve_pages.load(Relaxed) == 0 || !due {
            return Ok(false);
        }
        control.reserve_measured.store(now, Relaxed);
        self.store.trim_reserve()
    }

    /// Removes the guests that were used least recently, until `bytes` bytes are free. False when there is none; guests
    /// that others used or removed meanwhile are no sign of that.
    fn evict_guests(&mut self) -> Result<bool, EngineError> {
        let (mut guests, is_whole) = self.guests()?;
        guests.sort_unstable_by_key(|guest| (guest.used, guest.expires));
        let at_most = if is_whole { guests.len() } else { guests.len() / OLDEST_PART + 1 };
        let mut freed = 0;
        let mut evicted = false;
        for guest in guests.iter().take(at_most) {
            if freed >= self.bytes {
                break;
            }
            let shard = self.store.address(&guest.key).shard;
            if self.store.in_shard(shard, |guard| guard.evict(guest))? {
                evicted = true;
                freed += guest.shape.bytes();
            }
        }
        self.outrun = if evicted { 0 } else { self.outrun + 1 };
        Ok(evicted || !guests.is_empty() && self.outrun < OUTRUN_AT_MOST)
    }

    /// A sample of the guests, and whether it is all of them.
    fn guests(&self) -> Result<(Vec<Head>, bool), EngineError> {
        let geometry = &self.store.map.geometry;
        let first = self.store.map.control().eviction_shard.fetch_add(1, Relaxed);
        let mut guests = Vec::new();
        for step in 0..geometry.shards {
            let shard = first.wrapping_add(step) % geometry.shards;
            if self.store.map.shard(shard).guests.load(Relaxed) == 0 {
                continue;
            }
            for from in (0..geometry.lines_per_shard).step_by(LINES_PER_LOCK as usize) {
                let known = guests.len();
                self.store.in_shard(shard, |guard| {
                    guests.truncate(known);
                    for line in from..(from + LINES_PER_LOCK).min(geometry.lines_per_shard) {
                        guard.find_in_line(line, |head| {
                            if head.owner.is_guest() && head.key != self.key {
                                guests.push(*head);
                            }
                            false
                        })?;
                    }
                    Ok(())
                })?;
            }
            if guests.len() >= SAMPLE && step + 1 < geometry.shards {
                return Ok((guests, false));
            }
        }
        Ok((guests, true))
    }
}
