//! Moving one session. The steps have the numbers of the module's page.

use std::time::Duration;

use super::{MigratingEngine, There, contended, is_copy, mark::Mark, turned};
use crate::{
    engine::{Commit, EngineError, Expect, Owner, Stored, Version, Write},
    key::Key,
    time::Timestamp,
    tries::tries,
};

/// How long a reservation lives whose maker died: far longer than a move takes, and short enough not to be met by those
/// who later use the new store alone.
const RESERVED: Duration = Duration::from_mins(1);

/// What came of moving a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Brought {
    /// The old store has no such session: it ended, or moved before.
    Nothing,
    /// The new store has another state of it, which counts; what was left in the old one is gone.
    Other,
    /// It moved, now or before.
    Moved {
        /// What it was in the old store.
        from: Version,
        /// What it became in the new one.
        to: Version,
    },
}

impl From<There> for Brought {
    /// What became of a session that is not in the old store any more.
    fn from(there: There) -> Self {
        match there {
            There::Mark(Mark::Moved { old, new }) => Self::Moved { from: old, to: new },
            There::Nothing | There::Mark(_) | There::Session(_) => Self::Nothing,
        }
    }
}

/// What stands in the new store where a session is to go.
enum Place {
    Reserved(Version),
    Taken(Stored),
}

impl MigratingEngine {
    /// Moves a session from the old store to the new one, if the old one has it. Any number may do so at once, beside
    /// everybody who uses both stores.
    ///
    /// # Errors
    ///
    /// Those of either store. [`EngineError::Full`] when the new one has no room: the session stays where it is.
    pub fn bring(&self, key: &Key, now: Timestamp) -> Result<Brought, EngineError> {
        for () in tries() {
            let left = match self.there_in_old(key, now)? {
                There::Session(left) => left,
                gone => return Ok(gone.into()),
            };
            let reserved = match self.reserve(key, now)? {
                Place::Reserved(version) => version,
                Place::Taken(there) => return self.retire(key, &left, &there, now),
            };
            // Read after the reservation was there: who ended the session before left nothing to read, and who ends it
            // from now on removes the reservation.
            let found = match self.there_in_old(key, now)? {
                There::Session(found) => found,
                gone => {
                    self.new.destroy_version(key, reserved, now)?;
                    return Ok(gone.into());
                }
            };
            let moved = self.new.commit(key, Expect::Version(reserved), self.as_in_new(&found), now);
            match moved {
                Ok(Commit::Stored(version)) => return self.follow(key, found, version, now),
                Ok(Commit::Conflict(_) | Commit::Gone) => {}
                Err(error) => {
                    // As good as it goes: it ends by itself.
                    let _ = self.new.destroy_version(key, reserved, now);
                    return Err(error);
                }
            }
        }
        Err(contended())
    }

    fn as_in_new<'s>(&self, stored: &'s Stored) -> Write<'s> {
        Write { record: &stored.record, expires: self.clocks.to_new(stored.expires), owner: stored.owner }
    }

    /// Step 1. A reservation of somebody else is as good: of those who share it one succeeds with step 3.
    fn reserve(&self, key: &Key, now: Timestamp) -> Result<Place, EngineError> {
        let bytes = Mark::Reserved.bytes();
        // Requests that run for long have an old `now`.
        let expires = now.max(self.new.now()).after(RESERVED);
        let reservation = Write { record: &bytes, expires, owner: Owner::SYSTEM };
        let mut expect = Expect::Absent;
        for () in tries() {
            match self.new.commit(key, expect, reservation, now)? {
                Commit::Stored(version) => return Ok(Place::Reserved(version)),
                Commit::Gone => expect = Expect::Absent,
                Commit::Conflict(there) => match Mark::read(&there) {
                    None => return Ok(Place::Taken(there)),
                    Some(Mark::Reserved) => return Ok(Place::Reserved(there.version)),
                    // Left by a move in the other direction.
                    Some(_) => expect = Expect::Version(there.version),
                },
            }
        }
        Err(contended())
    }

    /// Step 4, by whoever did step 3: `found` is in the new store as `new`.
    fn follow(
        &self,
        key: &Key,
        mut found: Stored,
        mut new: Version,
        now: Timestamp,
    ) -> Result<Brought, EngineError> {
        for () in tries() {
            let (from, to) = (found.version, new);
            match self.leave_mark(key, &found, Mark::Moved { old: from, new: to }, now)? {
                Commit::Gone if self.old.now() < found.expires => {
                    // By somebody who does not know the new store.
                    self.new.destroy_version(key, new, now)?;
                    return Ok(Brought::Nothing);
                }
                // Gone: its time is over there, and may have been prolonged here.
                Commit::Stored(_) | Commit::Gone => return Ok(Brought::Moved { from, to }),
                Commit::Conflict(there) if Mark::read(&there).is_some() => {
                    return Ok(Brought::Moved { from, to });
                }
                Commit::Conflict(there) => {
                    // Changed by somebody who does not know the new store. What was changed in the new one since step 3
                    // stands against it and wins.
                    let carried = self.new.commit(key, Expect::Version(new), self.as_in_new(&there), now)?;
                    if let Commit::Stored(version) = carried {
                        new = version;
                    }
                    found = there;
                }
            }
        }
        Err(contended())
    }

    /// Step 4 for a session that the new store has anyway, because somebody who did step 3 died before step 4, or
    /// because it was begun in both.
    fn retire(
        &self,
        key: &Key,
        left: &Stored,
        there: &Stored,
        now: Timestamp,
    ) -> Result<Brought, EngineError> {
        let (from, is_copy) = (left.version, is_copy(left, there));
        // A version that nobody has, where what changed the old one was not seen by the new one.
        let to = if is_copy { there.version } else { turned(from) };
        // On a conflict somebody else did it, or has changed the old one, which the next one to come finds.
        self.leave_mark(key, left, Mark::Moved { old: from, new: to }, now).map(drop)?;
        Ok(if is_copy { Brought::Moved { from, to } } else { Brought::Other })
    }

    fn leave_mark(
        &self,
        key: &Key,
        left: &Stored,
        mark: Mark,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        let bytes = mark.bytes();
        let write = Write { record: &bytes, expires: left.expires, owner: Owner::SYSTEM };
        let now = self.clocks.to_old(now);
        match self.old.commit(key, Expect::Version(left.version), write, now) {
            // Only a record that is shorter than a mark has no room for one.
            Err(EngineError::Full { .. }) => Ok(if self.old.destroy_version(key, left.version, now)? {
                Commit::Stored(left.version)
            } else {
                Commit::Gone
            }),
            done => done,
        }
    }
}
