use std::sync::atomic::Ordering::Relaxed;

use dashmap::Entry as Slot;

use super::{MemoryEngine, entry::Entry, space::Room};
use crate::{
    engine::{Cause, Commit, EngineError, Expect, Version, Write},
    key::Key,
    time::Timestamp,
};

/// Why the state found does not let a commit pass.
enum Obstacle {
    Conflict(Entry),
    Gone,
}

impl MemoryEngine {
    pub(super) fn commit_if(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        write.check_size()?;
        let base = self.look(key, now);
        if let Err(obstacle) = passes(expect, base.as_ref()) {
            return Ok(self.answer(obstacle));
        }
        let new = Entry::new(&write, self.next_use());
        // What a version weighs never changes, so the room for the difference still fits when it is published.
        let room = self.room_for(key, &new, base.as_ref(), now)?;
        drop(base);
        match self.publish(key, expect, new, room, now) {
            Err(obstacle) => Ok(self.answer(obstacle)),
            Ok(version) => {
                self.counters.commits.fetch_add(1, Relaxed);
                if expect == Expect::Absent {
                    self.sweep_on(*key, version, now);
                }
                Ok(Commit::Stored(version))
            }
        }
    }

    /// The guarded part of a commit: compares once more and publishes. On an obstacle the `room` goes back.
    fn publish(
        &self,
        key: &Key,
        expect: Expect,
        mut new: Entry,
        room: Room<'_>,
        now: Timestamp,
    ) -> Result<Version, Obstacle> {
        let slot = self.sessions.entry(*key);
        let old = match &slot {
            Slot::Occupied(slot) => Some(slot.get()),
            Slot::Vacant(_) => None,
        };
        let live = old.filter(|old| old.is_live(now));
        passes(expect, live)?;
        new.version = Version(self.last_version.fetch_add(1, Relaxed) + 1);
        new.created = live.map_or(new.version, |old| old.created);
        let version = new.version;
        let expired = old.filter(|_| live.is_none()).map(|old| old.removal(*key, Cause::Expired));
        room.fill(&new, old);
        drop(slot.insert(new));
        if let Some(expired) = expired {
            self.counters.expired.fetch_add(1, Relaxed);
            self.removals.note(expired);
        }
        Ok(version)
    }

    fn answer(&self, obstacle: Obstacle) -> Commit {
        match obstacle {
            Obstacle::Gone => Commit::Gone,
            Obstacle::Conflict(theirs) => {
                self.counters.conflicts.fetch_add(1, Relaxed);
                Commit::Conflict(theirs.stored())
            }
        }
    }
}

/// Whether what is `live` under a key is what a committer expects there.
fn passes(expect: Expect, live: Option<&Entry>) -> Result<(), Obstacle> {
    match (expect, live) {
        (Expect::Absent, None) => Ok(()),
        (Expect::Version(version), Some(entry)) if entry.version == version => Ok(()),
        (Expect::Version(_), None) => Err(Obstacle::Gone),
        (_, Some(entry)) => Err(Obstacle::Conflict(entry.seen())),
    }
}
