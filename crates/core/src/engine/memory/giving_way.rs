use std::{
    collections::VecDeque,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};

use super::{MemoryEngine, entry::Entry, space::Room};
use crate::{
    engine::{Cause, EngineError},
    key::Key,
    time::Timestamp,
};

/// How long a commit waits for another that is making room. Only memory is worked on meanwhile, so whoever runs
/// into it has a stopped process before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often the guests are listed anew before a commit is refused: a list can be outdated by uses of its guests.
const LISTINGS: u32 = 2;

/// Guests in the order of their last use, as listed when memory was last short. A guest whose use number is not
/// the listed one was used since, hence after all that are listed: so the list gives the exact order for as long
/// as it lasts, and a full store does not walk over all its sessions for every commit.
#[derive(Debug, Default)]
pub(super) struct GivingWay {
    guests: Mutex<VecDeque<Guest>>,
}

#[derive(Clone, Copy, Debug)]
struct Guest {
    key: Key,
    used: u64,
}

impl MemoryEngine {
    /// Room for what `new` weighs more than its `base`: free, or freed of expired sessions, then of guests. The
    /// session under `key` itself never gives way, and nobody does for a commit that would be refused all the same.
    pub(super) fn room_for(
        &self,
        key: &Key,
        new: &Entry,
        base: Option<&Entry>,
        now: Timestamp,
    ) -> Result<Room<'_>, EngineError> {
        let growth = new.weight().saturating_sub(base.map_or(0, Entry::weight));
        if let Some(room) = self.space.reserve(growth) {
            return Ok(room);
        }
        let mut guests = self.lock_guests()?;
        if self.space.may_hold_expired(now) {
            self.remove_all_expired(now);
        }
        if let Some(room) = self.space.reserve(growth) {
            return Ok(room);
        }
        let own = base.filter(|base| base.owner.is_guest()).map_or(0, Entry::weight);
        if self.space.attainable(growth, own)
            && let Some(room) = self.evict_until_free(&mut guests, key, growth)
        {
            return Ok(room);
        }
        self.counters.refused.fetch_add(1, Relaxed);
        Err(EngineError::Full { needed: new.weight(), capacity: self.space.capacity() })
    }

    fn lock_guests(&self) -> Result<MutexGuard<'_, VecDeque<Guest>>, EngineError> {
        let since = Instant::now();
        self.giving_way
            .guests
            .try_lock_for(PATIENCE)
            .ok_or_else(|| EngineError::Busy { holder: std::process::id(), waited: since.elapsed() })
    }

    /// Guests give way, least recently used first, until `bytes` are free; `None` when no guest is left.
    fn evict_until_free(&self, guests: &mut VecDeque<Guest>, spared: &Key, bytes: u64) -> Option<Room<'_>> {
        let mut listings = 0;
        loop {
            let Some(guest) = guests.pop_front() else {
                if listings == LISTINGS {
                    return None;
                }
                listings += 1;
                *guests = self.list_guests();
                continue;
            };
            if guest.key == *spared {
                continue;
            }
            let unchanged = |_: &Key, entry: &Entry| entry.owner.is_guest() && entry.used() == guest.used;
            if let Some((_, evicted)) = self.sessions.remove_if(&guest.key, unchanged) {
                self.space.give_back(&evicted);
                self.counters.evicted.fetch_add(1, Relaxed);
                self.removals.note(evicted.removal(guest.key, Cause::Evicted));
                if let Some(room) = self.space.reserve(bytes) {
                    return Some(room);
                }
            }
        }
    }

    fn list_guests(&self) -> VecDeque<Guest> {
        let mut guests: Vec<Guest> = self
            .sessions
            .iter()
            .filter(|entry| entry.owner.is_guest())
            .map(|entry| Guest { key: *entry.key(), used: entry.used() })
            .collect();
        guests.sort_unstable_by_key(|guest| guest.used);
        guests.into()
    }
}
