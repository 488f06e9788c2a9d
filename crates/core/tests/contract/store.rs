use std::{
    any::Any,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use holdfast_core::{
    engine::{Commit, Engine, EngineError, Expect, Owner, Removals, Stored, Version, Write},
    key::Key,
    time::Timestamp,
};

pub const KIB: u64 = 1 << 10;
pub const MIB: u64 = 1 << 20;

/// Room enough for everything that a test stores, unless the test is about room.
pub const ROOMY: u64 = 64 * MIB;

pub const HOUR: Duration = Duration::from_hours(1);
pub const MEMBER: Owner = Owner(7);

/// An engine of its own for one test, or several that look at one store: then each call goes to the next.
pub struct Store {
    pub engines: Vec<Box<dyn Engine>>,
    turn: AtomicUsize,
    /// Where it is: goes after the engines.
    pub place: Place,
}

/// What a store needs for as long as it lives: the directory of its file, the server.
pub type Place = Option<Box<dyn Any + Send + Sync>>;

impl Store {
    pub fn new(engines: Vec<Box<dyn Engine>>, place: Place) -> Self {
        Self { engines, turn: AtomicUsize::new(0), place }
    }

    /// What the core's own parts work on: a handle for each engine. With their place, which goes after them.
    pub fn into_handles(self) -> (Vec<holdfast_core::store::Store>, Place) {
        let handle = |engine| holdfast_core::store::Store::new(Arc::from(engine)).unwrap();
        (self.engines.into_iter().map(handle).collect(), self.place)
    }

    /// Creates a guest's session that ends in an hour.
    pub fn create(&self, key: &Key, record: &[u8], now: Timestamp) -> Version {
        self.create_for(Owner::GUEST, key, record, now)
    }

    /// Creates a session of `owner` that ends in an hour.
    pub fn create_for(&self, owner: Owner, key: &Key, record: &[u8], now: Timestamp) -> Version {
        stored(self.commit(key, Expect::Absent, write(record, now).of(owner), now))
    }

    /// What must be there.
    pub fn there(&self, key: &Key, now: Timestamp) -> Stored {
        self.load(key, now).unwrap().expect("the session is there")
    }

    pub fn is_there(&self, key: &Key, now: Timestamp) -> bool {
        self.load(key, now).unwrap().is_some()
    }

    /// Has every engine told what it removes, or not.
    pub fn watch(&self, on: bool) {
        for engine in &self.engines {
            engine.watch_removals(on);
        }
    }

    /// What all the engines removed, of each in its order.
    pub fn removals(&self) -> Removals {
        let mut all = Removals::default();
        for engine in &self.engines {
            let Removals { list, more_expired, more_evicted } = engine.take_removals();
            all.list.extend(list);
            all.more_expired += more_expired;
            all.more_evicted += more_evicted;
        }
        all
    }
}

impl Deref for Store {
    type Target = dyn Engine;

    fn deref(&self) -> &Self::Target {
        let turn = self.turn.fetch_add(1, Relaxed);
        &*self.engines[turn % self.engines.len()]
    }
}

/// The key numbered `n`, with all its bits spread as those of a real one.
pub fn key(n: u64) -> Key {
    let mut bytes = [0; 32];
    for (place, chunk) in (1_u64..).zip(bytes.chunks_mut(8)) {
        let mut bits = n.wrapping_add(place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(bits ^ (bits >> 31)).to_le_bytes());
    }
    Key::from_bytes(bytes)
}

/// A guest's `record` that ends an hour after `now`.
pub fn write(record: &[u8], now: Timestamp) -> Write<'_> {
    Write { record, expires: now.after(HOUR), owner: Owner::GUEST }
}

/// The parts of a write, named.
pub trait With {
    #[must_use]
    fn of(self, owner: Owner) -> Self;
    #[must_use]
    fn until(self, expires: Timestamp) -> Self;
}

impl With for Write<'_> {
    fn of(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    fn until(self, expires: Timestamp) -> Self {
        Self { expires, ..self }
    }
}

/// The version of a commit that must have stored.
pub fn stored(outcome: Result<Commit, EngineError>) -> Version {
    match outcome.expect("a commit without an error") {
        Commit::Stored(version) => version,
        other => panic!("expected to store, got {other:?}"),
    }
}

/// The winner's state of a commit that must have met a conflict.
pub fn conflict(outcome: Result<Commit, EngineError>) -> Stored {
    match outcome.expect("a commit without an error") {
        Commit::Conflict(theirs) => theirs,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

pub fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}
