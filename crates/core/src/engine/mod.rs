//! The contract of a store, and the stores.
//!
//! An engine keeps, under a [`Key`], one versioned piece of bytes (an encoded record) with the point in time at which
//! it ends. It never looks into the bytes. Whoever uses an engine loads a base, works on its own copy, and commits
//! against the version that it loaded; the engine answers with the stored state when somebody else was faster.
//!
//! Every engine runs the same contract suite (`tests/contract/`). What it proves:
//!
//! - **Atomic**: a load returns what one whole commit wrote, never a mixture, whatever was killed in between.
//! - **Compare and set**: of two commits against one version exactly one succeeds; the other gets
//!   [`Commit::Conflict`] with the winner's state.
//! - **Destroy is final**: a commit against a version that no longer exists gets [`Commit::Gone`] and stores nothing.
//! - **Versions never repeat** for one key, also not after a destroy.
//! - **Expiry is enforced at read**, at `now >= expires`, whether anything was collected or not. An expired session
//!   is absent for every operation.
//! - **A refused commit changes nothing**: after any error the previous state is still there, whole.
//! - **Full memory** gives way in this order: expired sessions, then guests in the order of their last use, then
//!   [`EngineError::Full`]. Members ([`Owner`] not guest) are never dropped. A commit that does not grow a stored
//!   session always finds room. Where a server has the memory ([`redis`]), it is [`EngineError::Full`] at once.
//! - **The session lock** ([`Engine::lock`]) excludes others that lock, and nobody else: no other operation looks at
//!   it. It is given in the order of asking, and is free within 100 ms of its holder's death; on a server, when its
//!   lease ends, and who has lost it can't commit ([`EngineError::LockLost`]).
//! - **What an engine removes by itself** it tells, once, to the process that removed it, if that watches
//!   ([`Engine::watch_removals`]); what nobody watches is not noted.
//! - No engine calls back into its user while it holds a lock, and every wait has a deadline.

use std::{ops::ControlFlow, time::Duration};

use crate::{key::Key, record::ELSEWHERE, secret::Secret, time::Timestamp};

mod dsn;
mod error;
mod lease;
mod open;
mod patience;
mod removals;

/// Sessions in the memory of one process.
pub mod memory;

/// Two stores as one, while sessions move from the one to the other.
pub mod migrating;

/// Redis or Valkey, which all machines of a site share.
pub mod redis;

/// A memory-mapped file that all processes of a user share.
#[allow(unsafe_code)]
pub mod shared;

pub use dsn::StoreDsn;
pub use error::EngineError;
pub use lease::Lease;
pub use removals::{Cause, MOST_REMOVALS, Removal, Removals};

/// The most bytes that one record may have: 8 MiB and a little for its header.
pub const MAX_RECORD_BYTES: usize = 8 * 1024 * 1024 + 4096;

/// Which commit wrote a state. Comparable for equality only: a later version need not be a larger number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(pub u64);

/// Whose session it is: a keyed hash of the user's name, nobody's, or the store's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Owner(pub u64);

impl Owner {
    /// Nobody is logged in: the session may give way when memory is full.
    pub const GUEST: Self = Self(0);

    /// The store's own: what is kept for all, such as the pages of the login throttle. It never gives way and is no
    /// session, so whoever lists sessions passes over it. No user has this number.
    pub const SYSTEM: Self = Self(u64::MAX);

    /// A user of the cookie `cookie_name`, by the application's own identifier: never [`Owner::GUEST`] or
    /// [`Owner::SYSTEM`].
    pub fn of(secret: &Secret, cookie_name: &str, user: &[u8]) -> Self {
        let mac = secret.mac("holdfast owner 1", &[cookie_name.as_bytes(), user]);
        let mut short = [0; 8];
        short.copy_from_slice(&mac[..8]);
        Self(u64::from_le_bytes(short).clamp(1, u64::MAX - 1))
    }

    /// Nobody is logged in.
    pub const fn is_guest(self) -> bool {
        self.0 == 0
    }
}

/// What a store holds for one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The commit that wrote it.
    pub version: Version,
    /// It is absent from this point in time on.
    pub expires: Timestamp,
    /// Whose it is.
    pub owner: Owner,
    /// The encoded record, as it was committed.
    pub record: Vec<u8>,
}

impl Stored {
    /// As [`Engine::visit`] shows it.
    pub fn summary(&self, key: Key) -> Summary {
        let Self { version, expires, owner, ref record } = *self;
        Summary { key, version, expires, owner, bytes: record.len() as u64 }
    }
}

/// What is stored, for somebody who knows a version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Newer {
    /// Nothing, or it ended.
    Nothing,
    /// The version that is known: its record is as it was.
    Same {
        /// It is absent from this point in time on.
        expires: Timestamp,
    },
    /// Another version.
    Other(Stored),
}

/// What is kept of the owner of a session that was loaded: the record under [`Key::of_owner`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfOwner {
    /// The engine would have to ask once more: whoever needs it loads it.
    NotAsked,
    /// What is stored, as of the moment in which the session was read.
    Asked(Option<Stored>),
}

/// What the committer believes is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing: this commit creates the session.
    Absent,
    /// The state of this version.
    Version(Version),
}

/// What a commit shall store.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// The encoded record: 1 to [`MAX_RECORD_BYTES`] bytes.
    pub record: &'a [u8],
    /// When it ends.
    pub expires: Timestamp,
    /// Whose it is.
    pub owner: Owner,
}

impl Write<'_> {
    /// Refuses a record that is too large for any engine.
    fn check_size(&self) -> Result<(), EngineError> {
        if self.record.len() > MAX_RECORD_BYTES {
            return Err(EngineError::TooLarge {
                bytes: self.record.len() as u64,
                limit: MAX_RECORD_BYTES as u64,
            });
        }
        Ok(())
    }
}

/// How a commit ended, short of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Commit {
    /// Stored, as this version.
    Stored(Version),
    /// Something else is stored than was expected: nothing was changed, and this is what is there.
    Conflict(Stored),
    /// A version was expected and the session is gone (destroyed, expired, given way): nothing was changed.
    Gone,
}

/// One session as [`Engine::visit`] shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its address.
    pub key: Key,
    /// The commit that wrote it.
    pub version: Version,
    /// When it ends.
    pub expires: Timestamp,
    /// Whose it is.
    pub owner: Owner,
    /// The length of its record in bytes.
    pub bytes: u64,
}

/// One record as [`Engine::survey`] shows it.
#[derive(Clone, Copy, Debug)]
pub struct Surveyed<'r> {
    /// What stands beside it.
    pub summary: Summary,
    /// Its first bytes, as many as were asked for. `None`: its bytes are not those that were committed, as the checksum
    /// tells, which is compared where all of them were asked for.
    pub record: Option<&'r [u8]>,
}

/// What the users of an engine count in it, beside what it counts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// A save put its changes on top of others'.
    Merge,
    /// A login had to wait.
    Throttled,
}

/// Figures of a store. Counters count from the creation of the store; those of an engine on a server, from when this
/// process opened it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Records that are stored: sessions, expired ones that nobody removed yet included, the memories of ended ones, and the
    /// store's own ([`Owner::SYSTEM`]).
    pub sessions: u64,
    /// Those of them that are guests' ([`Owner::GUEST`]); 0 where the engine does not count them.
    pub guests: u64,
    /// Bytes that records may fill; 0 when the engine knows no bound.
    pub capacity_bytes: u64,
    /// Bytes in use, by records and by what is kept for them.
    pub used_bytes: u64,
    /// Commits that stored something.
    pub commits: u64,
    /// Commits that were answered with [`Commit::Conflict`].
    pub conflicts: u64,
    /// [`Tally::Merge`].
    pub merges: u64,
    /// How often a lock was not free at the first look.
    pub waits: u64,
    /// [`Tally::Throttled`].
    pub throttled: u64,
    /// Expired sessions that were removed.
    pub expired: u64,
    /// Guests that gave way to a full memory.
    pub evicted: u64,
    /// Commits refused because the memory was full.
    pub refused: u64,
    /// Locks taken over from a process that died.
    pub recovered_locks: u64,
    /// Repairs after a process died in the middle of a change.
    pub repairs: u64,
    /// Records that were dropped because their bytes were damaged.
    pub damaged: u64,
}

impl std::ops::AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.guests += other.guests;
        self.capacity_bytes += other.capacity_bytes;
        self.used_bytes += other.used_bytes;
        self.commits += other.commits;
        self.conflicts += other.conflicts;
        self.merges += other.merges;
        self.waits += other.waits;
        self.throttled += other.throttled;
        self.expired += other.expired;
        self.evicted += other.evicted;
        self.refused += other.refused;
        self.recovered_locks += other.recovered_locks;
        self.repairs += other.repairs;
        self.damaged += other.damaged;
    }
}

/// A place that keeps sessions. See the module's page for what every implementation must guarantee.
///
/// Shared by all threads of a process; nothing needs to be called before or after. `now` is always passed in and
/// comes from [`Engine::now`] of the same engine, read once a request, so that one request sees one time.
pub trait Engine: Send + Sync + std::fmt::Debug {
    /// What this engine is, for phpinfo and messages: scheme and place, never a password.
    fn describe(&self) -> String;

    /// The time by this engine's clock. A step of the wall clock neither ends nor prolongs a session while the
    /// computer is up (R22), where the engine can tell.
    fn now(&self) -> Timestamp {
        Timestamp::wall()
    }

    /// Whether each operation is a message to another process, so that one that can be saved is worth saving.
    fn is_far(&self) -> bool {
        false
    }

    /// The secret of this store: the same for all its users, and as long as the store lives.
    fn secret(&self) -> Result<Secret, EngineError>;

    /// Makes `secret` the store's own, where the store is so new that no session hangs on another one. Returns the secret
    /// that it has then. For who moves sessions into it, before anybody else uses it: others that have it open may have
    /// fetched the one before.
    fn adopt_secret(&self, _secret: &Secret) -> Result<Secret, EngineError> {
        self.secret()
    }

    /// Whether the store is still the one whose secret was fetched. Asked before each use of a store that stays open; an
    /// engine whose server can't have lost anything meanwhile answers at once. False when others have begun another store
    /// in its place: whoever asks then opens it anew.
    fn is_same(&self) -> Result<bool, EngineError> {
        Ok(true)
    }

    /// What is stored under `key`; `None` when nothing is, or it ended.
    fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError>;

    /// As [`Engine::load`], for somebody who has the record of a version: where that is what is stored, nothing is
    /// copied. It is a use of the session all the same.
    fn load_newer(&self, key: &Key, known: Version, now: Timestamp) -> Result<Newer, EngineError> {
        Ok(match self.load(key, now)? {
            None => Newer::Nothing,
            Some(stored) if stored.version == known => Newer::Same { expires: stored.expires },
            Some(stored) => Newer::Other(stored),
        })
    }

    /// As [`Engine::load`], and what is kept of the session's owner where the same question answers that too: an engine to
    /// which a question is a message spares its user the second one.
    fn load_with_owner(&self, key: &Key, now: Timestamp) -> Result<Option<(Stored, OfOwner)>, EngineError> {
        Ok(self.load(key, now)?.map(|stored| (stored, OfOwner::NotAsked)))
    }

    /// Whether a question for the session under `key` can tell what is kept of `owner` as well. Asks no server. Of the ids
    /// that are drawn for a session of that owner one of which this is true is taken; a store that keeps all in one place needs
    /// no choice.
    fn is_beside(&self, _key: &Key, _owner: Owner) -> bool {
        true
    }

    /// As [`Engine::load_newer`], and the same of the owner.
    fn load_newer_with_owner(
        &self,
        key: &Key,
        known: Version,
        now: Timestamp,
    ) -> Result<(Newer, OfOwner), EngineError> {
        Ok((self.load_newer(key, known, now)?, OfOwner::NotAsked))
    }

    /// Stores `write` under `key` if what is there is what `expect` says. Acknowledged once this returns
    /// [`Commit::Stored`]: the death of any process loses it no more.
    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError>;

    /// Moves the end of a session to `expires`; true when the session was there. The version stays.
    fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError>;

    /// Removes a session, whatever its version; true when it was there.
    fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError>;

    /// As [`Engine::destroy`], only if what is there was written by `version`; true when it was. It leaves no more behind than
    /// what has expired does.
    fn destroy_version(&self, key: &Key, version: Version, now: Timestamp) -> Result<bool, EngineError> {
        // Of the store's own, and small: nobody is told of it as of a session that expired, and it grows nothing.
        let over = Write { record: &[ELSEWHERE], expires: now, owner: Owner::SYSTEM };
        let outcome = self.commit(key, Expect::Version(version), over, now)?;
        Ok(matches!(outcome, Commit::Stored(_)))
    }

    /// Removes all that has expired; returns how many. Waits for nobody longer than for one shard.
    /// Normal work removes the expired little by little, so nothing depends on this call.
    fn collect(&self, now: Timestamp) -> Result<u64, EngineError>;

    /// Shows every session that has not expired, in no order, until `each` breaks. A session that is committed
    /// meanwhile may be shown or not. `each` runs outside all locks and may call the engine.
    fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError>;

    /// As [`Engine::visit`], with the first `bytes` of each record; all of it with `usize::MAX`. It is no use of a session:
    /// what gives way to a full memory first stays what it was. Nobody waits for it longer than for a load.
    fn survey(
        &self,
        now: Timestamp,
        bytes: usize,
        each: &mut dyn FnMut(Surveyed<'_>) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let mut outcome = Ok(());
        self.visit(now, &mut |summary| match self.peek(&summary.key, now) {
            // It ended meanwhile.
            Ok(None) => ControlFlow::Continue(()),
            Ok(Some(stored)) => {
                let record = Some(&stored.record[..bytes.min(stored.record.len())]);
                each(Surveyed { summary: stored.summary(summary.key), record })
            }
            Err(error) => {
                outcome = Err(error);
                ControlFlow::Break(())
            }
        })?;
        outcome
    }

    /// As [`Engine::load`], without being a use of the session where the engine counts uses.
    fn peek(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        self.load(key, now)
    }

    /// The sessions of one owner that have not expired, in no order. As with [`Engine::visit`], one that is committed
    /// meanwhile may be among them or not; one that is there all the time is.
    fn owned(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        let mut owned = Vec::new();
        self.visit(now, &mut |summary| {
            if summary.owner == owner {
                owned.push(summary);
            }
            ControlFlow::Continue(())
        })?;
        Ok(owned)
    }

    /// Locks a session, whether it is stored or not, for an application that needs its requests one at a time; waits
    /// for it at most `wait`, by a clock that never steps. With no time to wait, tries once.
    ///
    /// - It excludes only others that lock. No other operation waits for it or checks it.
    /// - Waiters get it in the order in which they began to wait, and a newcomer queues behind them. A waiter that
    ///   does not come when it is its turn (it was stopped) is passed over.
    /// - [`EngineError::SessionLocked`] when the time is over. Whoever holds it meanwhile, alive but stopped, costs
    ///   that time and nothing else; it is never robbed.
    /// - `keep_waiting` is called before each sleep, at least every 100 ms and after a signal, by the thread that
    ///   waits, outside all locks; it must return, and not in a forked child. False ends the waiting with [`EngineError::LockInterrupted`].
    /// - A thread that holds the lock gets [`EngineError::LockedTwice`] for it at once, through whichever handle of the
    ///   store. Other threads of the process queue like other processes.
    /// - The lock ends with its [`Lease`], with the process (for the next waiter within 100 ms), and at `exec`. A
    ///   forked child neither holds nor releases it. On a server it outlives a process that died until its time ends.
    fn lock(
        &self,
        key: &Key,
        wait: Duration,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Lease, EngineError>;

    /// Whether this process wants to be told what the engine removes by itself. Nothing is noted before it is switched
    /// on; when it is switched off, what was noted is forgotten.
    ///
    /// Told is everything that had expired or gave way to a full memory when an operation of this process removed it,
    /// whichever operation that was; not what was destroyed or replaced while it was live, nor what was dropped because
    /// its bytes were damaged. An engine whose server removes sessions by itself knows of none.
    fn watch_removals(&self, _on: bool) {}

    /// What was removed since the last call, or since [`Engine::watch_removals`]: each once. The last
    /// [`MOST_REMOVALS`] are kept, and those before them counted.
    fn take_removals(&self) -> Removals {
        Removals::default()
    }

    /// What the user of the store should hear, once: that a damaged file was set aside, say.
    fn take_notice(&self) -> Option<String> {
        None
    }

    /// Counts what happened to the session of `key`, in [`Stats`] that the engine keeps.
    fn count(&self, _key: &Key, _what: Tally) {}

    /// Figures, as of now; a moving store may count a commit in one figure and not yet in another.
    fn stats(&self) -> Result<Stats, EngineError>;

    /// The same for each part of the store: a shard of a file, a server. What is known of the whole only is 0, such as the capacity of a shard.
    fn parts(&self) -> Result<Vec<Stats>, EngineError> {
        Ok(vec![self.stats()?])
    }
}
