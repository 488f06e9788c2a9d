//! An engine in the memory of one process: for tests, the command line and servers with a thread per request.
//! It is also the model that the other engines are compared with, so it is exact where they may approximate.
//!
//! ```text
//!   commit ── look ──> room ──────────────> publish under the guard ──> sweep two others
//!             (entry)  (space, giving_way)  (compares again)            (expired)
//! ```
//!
//! A guard of the map is held for a comparison and a few assignments, never over a call to anything that could
//! lock, wait or call back. Records are allocated before and copied out after.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use dashmap::DashMap;

use super::{
    Cause, Commit, Engine, EngineError, Expect, Lease, Newer, Removals, Stats, Stored, Summary, Tally,
    Version, Write, removals::RemovalQueue,
};
use crate::{key::Key, secret::Secret, time::Timestamp};

mod clock;
mod commit;
mod entry;
mod expired;
mod giving_way;
mod session_lock;
mod space;

use clock::SteadyClock;
use entry::Entry;
use expired::Sweep;
use giving_way::GivingWay;
use session_lock::SessionLocks;
use space::Space;

/// How a [`MemoryEngine`] is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryOptions {
    /// Bytes that the sessions may fill, with what is kept for each; 0 = unbounded.
    pub capacity: u64,
}

/// Sessions in the memory of this process. They end with it.
pub struct MemoryEngine {
    sessions: DashMap<Key, Entry>,
    space: Space,
    giving_way: GivingWay,
    sweep: Sweep,
    clock: SteadyClock,
    secret: OnceLock<Secret>,
    locks: Arc<SessionLocks>,
    /// Numbers commits. One counter for all keys: a version never comes back, also not after a destroy.
    last_version: AtomicU64,
    /// Numbers uses, so that guests have one order of last use.
    last_use: AtomicU64,
    counters: Counters,
    removals: RemovalQueue,
}

/// What only [`Stats`] reads. Relaxed throughout: no other memory hangs on these figures.
#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    conflicts: AtomicU64,
    expired: AtomicU64,
    evicted: AtomicU64,
    refused: AtomicU64,
    merges: AtomicU64,
    throttled: AtomicU64,
}

impl MemoryEngine {
    /// An empty store.
    pub fn new(options: MemoryOptions) -> Self {
        Self {
            sessions: DashMap::new(),
            space: Space::new(options.capacity),
            giving_way: GivingWay::default(),
            sweep: Sweep::default(),
            clock: SteadyClock::start(),
            secret: OnceLock::new(),
            locks: Arc::default(),
            last_version: AtomicU64::new(0),
            last_use: AtomicU64::new(0),
            counters: Counters::default(),
            removals: RemovalQueue::default(),
        }
    }

    fn next_use(&self) -> u64 {
        self.last_use.fetch_add(1, Relaxed) + 1
    }

    /// The state under `key` if it has not ended, marked as used. The record is shared, not copied.
    fn look(&self, key: &Key, now: Timestamp) -> Option<Entry> {
        let used = self.next_use();
        let found = self.sessions.get(key)?.seen_at(used);
        if found.is_live(now) {
            return Some(found);
        }
        self.remove_expired(key, now);
        None
    }
}

impl Engine for MemoryEngine {
    fn describe(&self) -> String {
        match self.space.capacity() {
            0 => "memory: (this process, unbounded)".to_owned(),
            bytes => format!("memory: (this process, {bytes} bytes)"),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn secret(&self) -> Result<Secret, EngineError> {
        if let Some(secret) = self.secret.get() {
            return Ok(secret.clone());
        }
        let fresh = Secret::generate()?;
        Ok(self.secret.get_or_init(|| fresh).clone())
    }

    fn adopt_secret(&self, secret: &Secret) -> Result<Secret, EngineError> {
        Ok(self.secret.get_or_init(|| secret.clone()).clone())
    }

    fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        Ok(self.look(key, now).map(|entry| entry.stored()))
    }

    fn load_newer(&self, key: &Key, known: Version, now: Timestamp) -> Result<Newer, EngineError> {
        Ok(match self.look(key, now) {
            None => Newer::Nothing,
            Some(entry) if entry.version == known => Newer::Same { expires: entry.expires },
            Some(entry) => Newer::Other(entry.stored()),
        })
    }

    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        self.commit_if(key, expect, write, now)
    }

    fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError> {
        let used = self.next_use();
        let touched = self.sessions.get_mut(key).is_some_and(|mut entry| {
            let live = entry.is_live(now);
            if live {
                entry.expires = expires;
                entry.mark_used(used);
                self.space.note_end(expires);
            }
            live
        });
        if !touched {
            self.remove_expired(key, now);
        }
        Ok(touched)
    }

    fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        let Some((_, entry)) = self.sessions.remove(key) else { return Ok(false) };
        self.space.give_back(&entry);
        let live = entry.is_live(now);
        if !live {
            self.counters.expired.fetch_add(1, Relaxed);
            self.removals.note(entry.removal(*key, Cause::Expired));
        }
        Ok(live)
    }

    fn destroy_version(&self, key: &Key, version: Version, now: Timestamp) -> Result<bool, EngineError> {
        let is_it = |_: &Key, entry: &Entry| entry.version == version && entry.is_live(now);
        let Some((_, entry)) = self.sessions.remove_if(key, is_it) else { return Ok(false) };
        self.space.give_back(&entry);
        Ok(true)
    }

    fn collect(&self, now: Timestamp) -> Result<u64, EngineError> {
        Ok(self.remove_all_expired(now))
    }

    fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        // A copy of all the summaries: an iterator would hold a shard's guard while `each` runs.
        let live: Vec<Summary> = self
            .sessions
            .iter()
            .filter(|entry| entry.is_live(now))
            .map(|entry| entry.summary(*entry.key()))
            .collect();
        for summary in live {
            if each(summary).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn peek(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        let found = self.sessions.get(key).map(|entry| entry.seen());
        Ok(found.filter(|entry| entry.is_live(now)).map(|entry| entry.stored()))
    }

    fn lock(
        &self,
        key: &Key,
        wait: Duration,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Lease, EngineError> {
        self.locks.lock(key, wait, keep_waiting)
    }

    fn watch_removals(&self, on: bool) {
        self.removals.watch(on);
    }

    fn take_removals(&self) -> Removals {
        self.removals.take()
    }

    fn count(&self, _: &Key, what: Tally) {
        let counter = match what {
            Tally::Merge => &self.counters.merges,
            Tally::Throttled => &self.counters.throttled,
        };
        counter.fetch_add(1, Relaxed);
    }

    fn stats(&self) -> Result<Stats, EngineError> {
        Ok(Stats {
            sessions: self.sessions.len() as u64,
            capacity_bytes: self.space.capacity(),
            used_bytes: self.space.used(),
            commits: self.counters.commits.load(Relaxed),
            conflicts: self.counters.conflicts.load(Relaxed),
            expired: self.counters.expired.load(Relaxed),
            evicted: self.counters.evicted.load(Relaxed),
            refused: self.counters.refused.load(Relaxed),
            merges: self.counters.merges.load(Relaxed),
            throttled: self.counters.throttled.load(Relaxed),
            guests: self.sessions.iter().filter(|entry| entry.owner.is_guest()).count() as u64,
            ..Stats::default()
        })
    }
}

impl std::fmt::Debug for MemoryEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryEngine")
            .field("capacity", &self.space.capacity())
            .field("used", &self.space.used())
            .finish_non_exhaustive()
    }
}
