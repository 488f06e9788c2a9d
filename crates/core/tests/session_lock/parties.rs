//! A store and its parties: processes and threads that hold a lock or wait for it, and the times they take.

use std::{
    io::Write as _,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, Scope, ScopedJoinHandle},
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{
        Commit, Engine, EngineError, Expect, Lease, Owner, Version, Write,
        shared::{SharedEngine, SharedOptions},
    },
    key::Key,
    time::Timestamp,
};
use tempfile::{TempDir, tempdir};

use crate::child::{Child, Signal};

pub const LATER: Timestamp = Timestamp::from_millis(u64::MAX / 2);
/// Longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(20);
/// What the kernel and a machine with other work may add to a bound of ours.
pub const NOISE: Duration = Duration::from_millis(400);
/// R03.
pub const AFTER_A_DEATH: Duration = Duration::from_millis(100);

/// Two tests at once would wait for the processor, and it would look as if they waited for a lock.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

pub fn a_store() -> (TempDir, SharedEngine) {
    let directory = tempdir().unwrap();
    let engine = open(directory.path());
    (directory, engine)
}

pub fn open(directory: &Path) -> SharedEngine {
    let size = 4 << 20;
    SharedEngine::open(SharedOptions { size, ..SharedOptions::at(directory.join("store")) }).unwrap()
}

pub fn key(number: u8) -> Key {
    Key::from_bytes([number; 32])
}

pub fn lock(engine: &SharedEngine, number: u8, wait: Duration) -> Result<Lease, EngineError> {
    engine.lock(&key(number), wait, &mut || true)
}

pub fn try_lock(engine: &SharedEngine, number: u8) -> Option<Lease> {
    match lock(engine, number, Duration::ZERO) {
        Ok(lease) => Some(lease),
        Err(EngineError::SessionLocked { .. }) => None,
        Err(other) => panic!("{other}"),
    }
}

/// A forked child that dies with this thread.
pub fn child(work: impl FnOnce()) -> Child {
    Child::run(|| {
        // SAFETY: a plain system call.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        work();
    })
}

pub fn sleep_for_ever() -> ! {
    loop {
        thread::park();
    }
}

/// A child that has the lock when this returns, until it is killed.
pub fn holder(engine: &SharedEngine, number: u8) -> Child {
    let held = Signal::new();
    let child = child(|| {
        let _lease = lock(engine, number, LONG).unwrap();
        held.give();
        sleep_for_ever();
    });
    held.wait();
    child
}

/// A child that is in the queue when this returns, and does `then` with the lock.
pub fn waiter(engine: &SharedEngine, number: u8, then: impl FnOnce(Lease)) -> Child {
    let waits = Signal::new();
    let child = child(|| {
        let mut said = false;
        let lease = engine.lock(&key(number), LONG, &mut || {
            if !std::mem::replace(&mut said, true) {
                waits.give();
            }
            true
        });
        then(lease.unwrap());
    });
    waits.wait();
    child
}

/// A thread that is in the queue when this returns, and that returns its lease and when it got it.
pub fn waiting_thread<'s>(
    scope: &'s Scope<'s, '_>,
    engine: &'s SharedEngine,
    number: u8,
) -> ScopedJoinHandle<'s, (Lease, Instant)> {
    let (waits, is_waiting) = mpsc::channel();
    let thread = scope.spawn(move || {
        let lease = engine.lock(&key(number), LONG, &mut || {
            let _ = waits.send(());
            true
        });
        (lease.unwrap(), Instant::now())
    });
    is_waiting.recv().unwrap();
    thread
}

/// A line on the real stderr, whatever libtest captures.
pub fn say(line: &str) {
    let _ = std::io::stderr().write_all(format!("session lock: {line}\n").as_bytes());
}

/// The times that something took: for the log, and to be held against bounds.
pub struct Times(Vec<Duration>);

impl Times {
    pub fn of(name: &str, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let times = Self(times);
        let [p50, p95, max] = [0.5, 0.95, 1.0].map(|share| times.at(share));
        say(&format!("{name}: {} times, p50 {p50:.1?}, p95 {p95:.1?}, max {max:.1?}", times.0.len()));
        times
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a short list"
    )]
    pub fn at(&self, share: f64) -> Duration {
        self.0[(share * (self.0.len() - 1) as f64) as usize]
    }

    /// All but a few, which the machine's other work may have delayed.
    pub fn assert_within(&self, bound: Duration) {
        assert!(self.at(0.9) <= bound && self.at(1.0) <= bound + NOISE, "{:?}", self.0);
    }
}

/// A child that begins `work` when the lock of session 0 is free for a moment.
pub fn waiter_for_start(engine: &SharedEngine, work: impl FnOnce(&SharedEngine)) -> Child {
    child(|| {
        drop(lock(engine, 0, LONG).unwrap());
        work(engine);
    })
}

pub fn commit(engine: &SharedEngine, number: u8, expect: Expect, value: u64) -> Version {
    let record = value.to_le_bytes();
    let write = Write { record: &record, expires: LATER, owner: Owner(1) };
    match engine.commit(&key(number), expect, write, engine.now()).unwrap() {
        Commit::Stored(version) => version,
        other => panic!("not stored: {other:?}"),
    }
}

pub fn load(engine: &SharedEngine, number: u8) -> (Version, u64) {
    let there = engine.load(&key(number), engine.now()).unwrap().unwrap();
    (there.version, u64::from_le_bytes(there.record.try_into().unwrap()))
}

pub fn replace(engine: &SharedEngine, number: u8, value: u64) {
    commit(engine, number, Expect::Version(load(engine, number).0), value);
}

pub fn increment(engine: &SharedEngine, number: u8) {
    match engine.load(&key(number), engine.now()).unwrap() {
        Some(_) => replace(engine, number, load(engine, number).1 + 1),
        None => drop(commit(engine, number, Expect::Absent, 1)),
    }
}
