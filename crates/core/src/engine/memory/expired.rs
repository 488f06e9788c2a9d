use std::{collections::VecDeque, sync::atomic::Ordering::Relaxed};

use parking_lot::Mutex;

use super::MemoryEngine;
use crate::{
    engine::{Cause, Version, removals::Kept},
    key::Key,
    time::Timestamp,
};

/// All the sessions in a ring. Each commit that creates one looks at the next two, so what expired is removed
/// within as many creations as there are sessions, and no commit pays for more than two (R27).
#[derive(Debug, Default)]
pub(super) struct Sweep {
    ring: Mutex<VecDeque<Place>>,
}

/// A session that was created. The version tells it from an earlier and a later one under the same key: places
/// of dead sessions leave the ring, also when somebody creates and destroys one key for ever.
#[derive(Clone, Copy, Debug)]
struct Place {
    key: Key,
    created: Version,
}

impl MemoryEngine {
    /// Removes what is under `key` if it has ended.
    pub(super) fn remove_expired(&self, key: &Key, now: Timestamp) {
        if let Some((_, ended)) = self.sessions.remove_if(key, |_, entry| !entry.is_live(now)) {
            self.space.give_back(&ended);
            self.counters.expired.fetch_add(1, Relaxed);
            self.removals.note(ended.removal(*key, Cause::Expired));
        }
    }

    /// Removes everything that has ended; returns how many.
    pub(super) fn remove_all_expired(&self, now: Timestamp) -> u64 {
        let mut removed = 0;
        // Noted after the walk: no other lock is taken under the guards of the map.
        let mut noted = self.removals.is_watched().then(Kept::default);
        self.space.forget_earliest_end();
        self.sessions.retain(|key, entry| {
            let live = entry.is_live(now);
            if live {
                self.space.note_end(entry.expires);
            } else {
                self.space.give_back(entry);
                removed += 1;
                if let Some(noted) = &mut noted {
                    noted.push(entry.removal(*key, Cause::Expired));
                }
            }
            live
        });
        self.counters.expired.fetch_add(removed, Relaxed);
        if let Some(noted) = noted {
            self.removals.note_all(noted);
        }
        removed
    }

    /// Takes the session just created into the ring and looks at the next two.
    pub(super) fn sweep_on(&self, key: Key, created: Version, now: Timestamp) {
        let due = {
            let mut ring = self.sweep.ring.lock();
            ring.push_back(Place { key, created });
            [ring.pop_front(), ring.pop_front()]
        };
        for place in due.into_iter().flatten() {
            if self.outlives(place, now) {
                self.sweep.ring.lock().push_back(place);
            }
        }
    }

    /// Whether the session is still there. Removes it if it has ended.
    fn outlives(&self, place: Place, now: Timestamp) -> bool {
        let live = self
            .sessions
            .get(&place.key)
            .map(|entry| (entry.created == place.created).then(|| entry.is_live(now)));
        match live.flatten() {
            Some(false) => {
                self.remove_expired(&place.key, now);
                false
            }
            Some(true) => true,
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Commit, Engine, Expect, Owner, Write, memory::MemoryOptions};

    #[test]
    fn sessions_that_come_and_go_under_one_key_leave_the_ring() {
        let engine = MemoryEngine::new(MemoryOptions::default());
        let now = engine.now();
        let key = Key::from_bytes([1; 32]);
        let write = Write { record: b"x", expires: Timestamp::NEVER, owner: Owner::GUEST };
        for _ in 0..1000 {
            assert!(matches!(engine.commit(&key, Expect::Absent, write, now), Ok(Commit::Stored(_))));
            assert!(engine.destroy(&key, now).unwrap());
        }
        assert!(engine.sweep.ring.lock().len() <= 2);
    }
}
