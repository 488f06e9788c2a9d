use std::{ops::ControlFlow, sync::Arc, time::Duration};

use holdfast_core::{
    engine::{
        Commit, Engine, EngineError, Expect, Lease, Newer, Owner, Removals, Stats, Stored, Summary, Surveyed,
        Tally, Version, Write, migrating::MigratingEngine,
    },
    key::Key,
    secret::Secret,
    time::Timestamp,
};

/// A store on its way to another, in which the sessions with an odd address begin in the old one: as if they had been
/// there before the move began. All else goes the way that it has for those who use both.
#[derive(Debug)]
pub struct Half {
    old: Arc<dyn Engine>,
    both: MigratingEngine,
}

impl Half {
    pub fn open(old: Arc<dyn Engine>, new: Arc<dyn Engine>) -> Self {
        Self { both: MigratingEngine::open(Arc::clone(&old), new).unwrap(), old }
    }

    /// Begins a session in the old store. The rule of a move is that nobody does this beside those who use both, so
    /// it is done only where nothing is, moves or has moved.
    fn begin_in_old(&self, key: &Key, write: Write<'_>, now: Timestamp) -> Option<Version> {
        static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
        let _one = ONE_AT_A_TIME.lock().unwrap();
        if self.old.load(key, now).unwrap().is_some() || self.both.load(key, now).unwrap().is_some() {
            return None;
        }
        match self.old.commit(key, Expect::Absent, write, now) {
            // As users of both see the version.
            Ok(Commit::Stored(version)) => Some(Version(!version.0)),
            _ => None,
        }
    }
}

impl Engine for Half {
    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        let begins = expect == Expect::Absent && key.as_bytes()[0] % 2 == 1;
        if begins && let Some(version) = self.begin_in_old(key, write, now) {
            return Ok(Commit::Stored(version));
        }
        self.both.commit(key, expect, write, now)
    }

    fn describe(&self) -> String {
        self.both.describe()
    }

    fn now(&self) -> Timestamp {
        self.both.now()
    }

    fn is_far(&self) -> bool {
        self.both.is_far()
    }

    fn secret(&self) -> Result<Secret, EngineError> {
        self.both.secret()
    }

    fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        self.both.load(key, now)
    }

    fn load_newer(&self, key: &Key, known: Version, now: Timestamp) -> Result<Newer, EngineError> {
        self.both.load_newer(key, known, now)
    }

    fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError> {
        self.both.touch(key, expires, now)
    }

    fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        self.both.destroy(key, now)
    }

    fn collect(&self, now: Timestamp) -> Result<u64, EngineError> {
        self.both.collect(now)
    }

    fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.both.visit(now, each)
    }

    fn owned(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        self.both.owned(owner, now)
    }

    fn lock(
        &self,
        key: &Key,
        wait: Duration,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Lease, EngineError> {
        self.both.lock(key, wait, keep_waiting)
    }

    fn watch_removals(&self, on: bool) {
        self.both.watch_removals(on);
    }

    fn take_removals(&self) -> Removals {
        self.both.take_removals()
    }

    fn survey(
        &self,
        now: Timestamp,
        bytes: usize,
        each: &mut dyn FnMut(Surveyed<'_>) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.both.survey(now, bytes, each)
    }

    fn peek(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        self.both.peek(key, now)
    }

    fn count(&self, key: &Key, what: Tally) {
        self.both.count(key, what);
    }

    fn stats(&self) -> Result<Stats, EngineError> {
        self.both.stats()
    }

    fn parts(&self) -> Result<Vec<Stats>, EngineError> {
        self.both.parts()
    }
}
