//! Two stores as one, while the sessions of the old one move to the new one.
//!
//! ```text
//!   load ─────────────> new ── not there ──> old ── not there ──> new again (it moved in between)
//!
//!   commit, touch, ──> is it in the old one? ── no ──> new
//!   destroy                  │ yes
//!                            v
//!                   bring    new: nothing  -> reserved        (1)
//!                            old: read                        (2)
//!                            new: reserved -> the session     (3)  here it has moved
//!                            old: the session -> moved        (4)
//! ```
//!
//! Every session is in one state by one rule: what the new store has, counts; of what it does not have, the old one. Each step is a
//! compare-and-set of one store, and after each of them the rule gives the same session, so a process may die or stop
//! between any two, and others do what is left. What makes it right:
//!
//! - Nobody that goes by this rule changes anything in the old store but by (4). So what (2) read holds until (3), unless
//!   the session ended; and who ends it has moved it before, or removes the reservation after it: then (3) fails.
//! - Nobody changes the session in the new store before (4) is done: else what is left in the old one would be shown again
//!   when the new one's has ended, a session from before its logout.
//! - What is created is created in the new store.
//!
//! Processes that still use the old store alone find the mark of (4), which no version of Holdfast takes for a
//! session: an error ([`crate::record::RecordError::Elsewhere`]), and never somebody who is logged out. What one of them
//! changed between (2) and (4) is carried over by (4), and a session that it ended is ended in the new one. Processes
//! that use the new store alone see sessions, and for the moment between (1) and (3) a reservation, which is such a mark.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use super::{
    Commit, Engine, EngineError, Expect, Lease, MOST_REMOVALS, Newer, Owner, Removals, Stats, Stored,
    Summary, Tally, Version, Write,
};
use crate::{
    key::Key,
    secret::Secret,
    time::Timestamp,
    tries::{PATIENCE, tries},
};

mod bring;
mod clocks;
mod mark;
mod open;
#[cfg(test)]
mod tests;
mod view;

pub use bring::Brought;
pub(super) use open::has_sessions;
pub use open::is_underway;

use clocks::Clocks;
use mark::Mark;

/// Sessions of two stores, on their way from the old to the new one.
#[derive(Debug)]
pub struct MigratingEngine {
    old: Arc<dyn Engine>,
    new: Arc<dyn Engine>,
    clocks: Clocks,
}

/// What stands under an address in one of the stores.
enum There {
    Nothing,
    Mark(Mark),
    Session(Stored),
}

impl There {
    fn of(stored: Option<Stored>) -> Self {
        match stored {
            None => Self::Nothing,
            Some(stored) => match Mark::read(&stored) {
                Some(mark) => Self::Mark(mark),
                None => Self::Session(stored),
            },
        }
    }
}

/// A version of the old store as users of both see it, and back. Engines that number their commits do not come to the
/// upper half of the numbers, and those that draw lots do not meet: so no version of one store is taken for the other's.
fn turned(version: Version) -> Version {
    Version(!version.0)
}

impl MigratingEngine {
    fn there_in_old(&self, key: &Key, now: Timestamp) -> Result<There, EngineError> {
        self.old.load(key, self.clocks.to_old(now)).map(There::of)
    }

    fn there_in_new(&self, key: &Key, now: Timestamp) -> Result<There, EngineError> {
        self.new.load(key, now).map(There::of)
    }

    /// What the new store has, as users of both see it: until it is changed it has the version that it had in the old one,
    /// so that who has loaded it there finds it as it was.
    fn seen_in_new(&self, key: &Key, stored: Stored, now: Timestamp) -> Result<Stored, EngineError> {
        let version = match self.there_in_old(key, now)? {
            There::Mark(Mark::Moved { old, new }) if new == stored.version => turned(old),
            There::Session(left) if is_copy(&left, &stored) => turned(left.version),
            _ => stored.version,
        };
        Ok(Stored { version, ..stored })
    }

    fn session_in_new(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        match self.there_in_new(key, now)? {
            There::Session(stored) => self.seen_in_new(key, stored, now).map(Some),
            There::Nothing | There::Mark(_) => Ok(None),
        }
    }

    /// What the old store has, as users of both see it.
    fn seen_in_old(&self, stored: Stored) -> Stored {
        Stored { version: turned(stored.version), expires: self.clocks.to_new(stored.expires), ..stored }
    }

    /// Destroys what is in the new store; true when it was a session, and no reservation for one.
    fn destroy_in_new(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        for () in tries() {
            let Some(there) = self.new.load(key, now)? else { return Ok(false) };
            let was_session = Mark::read(&there).is_none();
            if self.new.destroy_version(key, there.version, now)? {
                return Ok(was_session);
            }
        }
        Err(contended())
    }

    /// Moves the session if the old store has it. Gives what a committer who expects `expect` then has to expect in the new.
    fn settle(&self, key: &Key, expect: Expect, now: Timestamp) -> Result<Expect, EngineError> {
        let (from, to) = match self.there_in_old(key, now)? {
            There::Mark(Mark::Moved { old, new }) => (old, new),
            There::Nothing | There::Mark(_) => return Ok(expect),
            There::Session(_) => match self.bring(key, now)? {
                Brought::Moved { from, to } => (from, to),
                Brought::Nothing | Brought::Other => return Ok(expect),
            },
        };
        Ok(if expect == Expect::Version(turned(from)) { Expect::Version(to) } else { expect })
    }
}

impl Engine for MigratingEngine {
    fn describe(&self) -> String {
        format!("migrating: from {} to {}", self.old.describe(), self.new.describe())
    }

    fn now(&self) -> Timestamp {
        self.new.now()
    }

    fn is_far(&self) -> bool {
        self.new.is_far() || self.old.is_far()
    }

    /// The new store's, which took over the old one's when both were opened.
    fn secret(&self) -> Result<Secret, EngineError> {
        self.new.secret()
    }

    fn is_beside(&self, key: &Key, owner: Owner) -> bool {
        self.new.is_beside(key, owner)
    }

    fn is_same(&self) -> Result<bool, EngineError> {
        Ok(self.old.is_same()? && self.new.is_same()?)
    }

    fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        if let Some(stored) = self.session_in_new(key, now)? {
            return Ok(Some(stored));
        }
        if let There::Session(stored) = self.there_in_old(key, now)? {
            return Ok(Some(self.seen_in_old(stored)));
        }
        self.session_in_new(key, now)
    }

    fn load_newer(&self, key: &Key, known: Version, now: Timestamp) -> Result<Newer, EngineError> {
        // By the version that the new store knows it by.
        let (in_old, in_new) = match self.there_in_old(key, now)? {
            There::Mark(Mark::Moved { old, new }) => (None, if turned(old) == known { new } else { known }),
            There::Session(left) => (Some(left), known),
            There::Nothing | There::Mark(_) => (None, known),
        };
        match self.new.load_newer(key, in_new, now)? {
            Newer::Other(stored) if Mark::read(&stored).is_some() => {}
            Newer::Other(stored) => {
                let stored = self.seen_in_new(key, stored, now)?;
                let is_known = stored.version == known;
                return Ok(if is_known {
                    Newer::Same { expires: stored.expires }
                } else {
                    Newer::Other(stored)
                });
            }
            Newer::Same { expires } => return Ok(Newer::Same { expires }),
            Newer::Nothing => {}
        }
        // It may have moved since the old one was looked at.
        let left = match in_old {
            None => self.session_in_new(key, now)?,
            Some(_) => self.load(key, now)?,
        };
        Ok(match left {
            Some(stored) if stored.version == known => Newer::Same { expires: stored.expires },
            Some(stored) => Newer::Other(stored),
            None => Newer::Nothing,
        })
    }

    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        write.check_size()?;
        let wanted = self.settle(key, expect, now)?;
        let mut next = wanted;
        for () in tries() {
            match self.new.commit(key, next, write, now)? {
                // In the place of nothing. The session of whoever reserved it has ended: it was not in the old store.
                Commit::Conflict(there) if Mark::read(&there).is_some() => match wanted {
                    Expect::Absent => next = Expect::Version(there.version),
                    Expect::Version(_) => return Ok(Commit::Gone),
                },
                Commit::Gone if wanted == Expect::Absent => next = wanted,
                Commit::Conflict(there) => return self.seen_in_new(key, there, now).map(Commit::Conflict),
                done => return Ok(done),
            }
        }
        Err(contended())
    }

    fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError> {
        self.settle(key, Expect::Absent, now)?;
        if !self.new.touch(key, expires, now)? {
            return Ok(false);
        }
        // That may have been the reservation of somebody whose session has ended.
        match self.new.load(key, now)? {
            Some(there) if Mark::read(&there).is_some() => {
                self.new.destroy_version(key, there.version, now)?;
                Ok(false)
            }
            Some(_) | None => {
                // The mark lives as long as what it stands for.
                self.old.touch(key, self.clocks.to_old(expires), self.clocks.to_old(now))?;
                Ok(true)
            }
        }
    }

    fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        match self.settle(key, Expect::Absent, now) {
            Ok(_) => self.destroy_in_new(key, now),
            // Ending a session must not need room. The new store's reservation goes last: see the module's page.
            Err(EngineError::Full { .. }) => {
                let was_there = self.old.destroy(key, self.clocks.to_old(now))?;
                Ok(self.destroy_in_new(key, now)? || was_there)
            }
            Err(error) => Err(error),
        }
    }

    fn collect(&self, now: Timestamp) -> Result<u64, EngineError> {
        Ok(self.old.collect(self.clocks.to_old(now))? + self.new.collect(now)?)
    }

    /// Those of the old store first: a session that moves meanwhile is met again in the new one, and left out there.
    /// Remembers the addresses of what the old one has.
    fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.show_both(now, each)
    }

    fn owned(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        self.owned_in_both(owner, now)
    }

    /// In the new store, for sessions of either.
    fn lock(
        &self,
        key: &Key,
        wait: Duration,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Lease, EngineError> {
        self.new.lock(key, wait, keep_waiting)
    }

    fn watch_removals(&self, on: bool) {
        self.old.watch_removals(on);
        self.new.watch_removals(on);
    }

    fn take_removals(&self) -> Removals {
        let mut all = self.old.take_removals();
        let new = self.new.take_removals();
        all.list.retain(|removal| !Mark::was(removal.owner, removal.head));
        all.list.extend(new.list.into_iter().filter(|removal| !Mark::was(removal.owner, removal.head)));
        all.more_expired += new.more_expired;
        all.more_evicted += new.more_evicted;
        let too_many = all.list.len().saturating_sub(MOST_REMOVALS);
        for removal in all.list.drain(..too_many) {
            match removal.cause {
                super::Cause::Expired => all.more_expired += 1,
                super::Cause::Evicted => all.more_evicted += 1,
            }
        }
        all
    }

    fn take_notice(&self) -> Option<String> {
        match (self.old.take_notice(), self.new.take_notice()) {
            (Some(old), Some(new)) => Some(format!("{old}; {new}")),
            (old, new) => old.or(new),
        }
    }

    /// Bytes are those of the new store. Marks of what has moved are counted as records where the old store is on a
    /// server: leaving them out would mean to look at everything in it.
    fn count(&self, key: &Key, what: Tally) {
        self.new.count(key, what);
    }

    fn stats(&self) -> Result<Stats, EngineError> {
        let (old, new) = (self.old.stats()?, self.new.stats()?);
        let marks = if self.old.is_far() { 0 } else { self.marks_in_old()? };
        let (capacity_bytes, used_bytes) = (new.capacity_bytes, new.used_bytes);
        let mut both = old;
        both += new;
        Ok(Stats { sessions: both.sessions.saturating_sub(marks), capacity_bytes, used_bytes, ..both })
    }

    /// Those of the old store first.
    fn parts(&self) -> Result<Vec<Stats>, EngineError> {
        let mut parts = self.old.parts()?;
        parts.extend(self.new.parts()?);
        Ok(parts)
    }
}

/// Whether what stands in the new store is what the old one has.
fn is_copy(left: &Stored, there: &Stored) -> bool {
    left.record == there.record && left.owner == there.owner
}

/// Others were faster, one after the other.
fn contended() -> EngineError {
    EngineError::Contended(PATIENCE)
}
