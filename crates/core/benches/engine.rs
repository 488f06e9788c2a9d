//! Records loaded and committed, by one thread and by several, each with sessions of its own.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::{
    cell::Cell,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use divan::{Bencher, counter::BytesCount};
use holdfast_core::{
    engine::{
        Commit, Engine, Expect, Newer, Owner, Version, Write,
        memory::{MemoryEngine, MemoryOptions},
        shared::{SharedEngine, SharedOptions},
    },
    key::Key,
    time::Timestamp,
};

/// Of a record: a small session, a usual one, a large one.
const SIZES: [usize; 3] = [600, 20_000, 200_000];
const THREADS: [usize; 3] = [1, 2, 4];

/// Fewer than fill the file with records of the largest size.
const SESSIONS: u64 = 64;

/// Threads that run at the same time have lanes of their own, and so have their sessions.
const LANES: u64 = 16;

thread_local! {
    /// The session that this thread asked for last, and those of its lane.
    static NEXT: Cell<u64> = {
        static LANE: AtomicU64 = AtomicU64::new(0);
        Cell::new(LANE.fetch_add(1, Relaxed) % LANES)
    };
}

/// On a cache line of its own: no thread waits for another one's.
#[repr(align(128))]
struct Known(Mutex<Version>);

fn main() {
    divan::main();
}

/// An engine with sessions of one size; the shared one in memory, where there is a tmpfs.
struct Filled<E> {
    engine: E,
    versions: Vec<Known>,
    record: Vec<u8>,
    expires: Timestamp,
    /// The file's, which goes with it.
    _place: Option<tempfile::TempDir>,
}

impl<E: Engine> Filled<E> {
    fn new(engine: E, bytes: usize, place: Option<tempfile::TempDir>) -> Self {
        let record = vec![7; bytes];
        let now = engine.now();
        let expires = now.after(Duration::from_hours(1));
        let write = Write { record: &record, expires, owner: Owner::GUEST };
        let versions = (0..SESSIONS)
            .map(|n| match engine.commit(&key(n), Expect::Absent, write, now).unwrap() {
                Commit::Stored(version) => Known(Mutex::new(version)),
                other => panic!("a new session is stored: {other:?}"),
            })
            .collect();
        Self { engine, versions, record, expires, _place: place }
    }

    fn load(&self) {
        let n = next();
        let stored = self.engine.load(&key(n), self.engine.now()).unwrap();
        assert_eq!(stored.map(|stored| stored.record.len()), Some(self.record.len()));
    }

    /// As a worker does that has the session in its cache.
    fn load_same(&self) {
        let n = next();
        let version = *self.versions[usize::try_from(n).unwrap()].0.lock().unwrap();
        let newer = self.engine.load_newer(&key(n), version, self.engine.now()).unwrap();
        assert!(matches!(newer, Newer::Same { .. }));
    }

    fn touch(&self) {
        assert!(self.engine.touch(&key(next()), self.expires, self.engine.now()).unwrap());
    }

    fn commit(&self) {
        let n = next();
        let mut version = self.versions[usize::try_from(n).unwrap()].0.lock().unwrap();
        let write = Write { record: &self.record, expires: self.expires, owner: Owner::GUEST };
        match self.engine.commit(&key(n), Expect::Version(*version), write, self.engine.now()).unwrap() {
            Commit::Stored(stored) => *version = stored,
            other => panic!("nobody else commits: {other:?}"),
        }
    }
}

/// A session of this thread's lane.
fn next() -> u64 {
    NEXT.replace((NEXT.get() + LANES) % SESSIONS)
}

fn memory(bytes: usize) -> Filled<MemoryEngine> {
    Filled::new(MemoryEngine::new(MemoryOptions { capacity: 0 }), bytes, None)
}

fn shared(bytes: usize) -> Filled<SharedEngine> {
    let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let options = SharedOptions { size: 64 << 20, ..SharedOptions::at(place.path()) };
    Filled::new(SharedEngine::open(options).unwrap(), bytes, Some(place))
}

#[divan::bench(args = SIZES, threads = THREADS, sample_size = 200)]
fn memory_load(bencher: Bencher<'_, '_>, bytes: usize) {
    let filled = memory(bytes);
    bencher.counter(BytesCount::new(bytes)).bench(|| filled.load());
}

#[divan::bench(args = SIZES, threads = THREADS, sample_size = 200)]
fn memory_commit(bencher: Bencher<'_, '_>, bytes: usize) {
    let filled = memory(bytes);
    bencher.counter(BytesCount::new(bytes)).bench(|| filled.commit());
}

#[divan::bench(args = SIZES, threads = THREADS, sample_size = 200)]
fn shared_load(bencher: Bencher<'_, '_>, bytes: usize) {
    let filled = shared(bytes);
    bencher.counter(BytesCount::new(bytes)).bench(|| filled.load());
}

#[divan::bench(args = SIZES, threads = THREADS, sample_size = 200)]
fn shared_commit(bencher: Bencher<'_, '_>, bytes: usize) {
    let filled = shared(bytes);
    bencher.counter(BytesCount::new(bytes)).bench(|| filled.commit());
}

#[divan::bench(threads = THREADS, sample_size = 200)]
fn shared_load_same(bencher: Bencher<'_, '_>) {
    let filled = shared(SIZES[0]);
    bencher.bench(|| filled.load_same());
}

#[divan::bench(threads = THREADS, sample_size = 200)]
fn shared_touch(bencher: Bencher<'_, '_>) {
    let filled = shared(SIZES[0]);
    bencher.bench(|| filled.touch());
}

/// By who is alone, of a store that its last user closed, and closed again.
#[divan::bench(args = [1_000, 100_000])]
fn shared_open_alone(bencher: Bencher<'_, '_>, sessions: u64) {
    let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let options = SharedOptions { size: 128 << 20, ..SharedOptions::at(place.path()) };
    let engine = SharedEngine::open(options.clone()).unwrap();
    let (record, now) = (vec![7; 600], engine.now());
    let write = Write { record: &record, expires: now.after(Duration::from_hours(1)), owner: Owner::GUEST };
    for n in 0..sessions {
        assert!(matches!(engine.commit(&key(n), Expect::Absent, write, now), Ok(Commit::Stored(_))));
    }
    drop(engine);
    bencher.bench(|| drop(SharedEngine::open(options.clone()).unwrap()));
}

fn key(number: u64) -> Key {
    let mut bytes = [3; 32];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    Key::from_bytes(bytes)
}
