//! Workers of a site: each commits to a session of its own and reads it again, and is started anew when it dies, as
//! php-fpm does.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering::SeqCst,
    thread,
    time::{Duration, Instant},
};

use holdfast_core::engine::{
    Commit, Engine, EngineError, Expect, Write,
    shared::{SharedEngine, SharedOptions},
};

use crate::{
    payload,
    scene::{MEMBER, key},
    shared::Counters,
    tracee::die_with_parent,
};

pub const WORKERS: usize = 6;

/// What a worker counts, for itself.
const DONE: usize = 0;
const ERRORS: usize = 1;
/// The latest value that it was told is stored.
const ACKNOWLEDGED: usize = 2;
const EACH: usize = 8;

/// A worker that found something wrong ends with this.
const WRONG: i32 = 3;

/// Who ended how often by a signal.
#[derive(Debug, Default)]
pub struct Deaths {
    pub by_sigbus: [u32; WORKERS],
    pub otherwise: Vec<String>,
}

pub struct Pool {
    options: SharedOptions,
    pids: [libc::pid_t; WORKERS],
    counters: Counters,
    pub deaths: Deaths,
}

impl Pool {
    pub fn start(options: SharedOptions) -> Self {
        let mut pool =
            Self { options, pids: [0; WORKERS], counters: Counters::new(), deaths: Deaths::default() };
        for worker in 0..WORKERS {
            pool.pids[worker] = pool.fork(worker);
        }
        pool
    }

    fn fork(&self, worker: usize) -> libc::pid_t {
        // SAFETY: this program has one thread; the child never returns.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0);
        if pid == 0 {
            die_with_parent();
            let _ = catch_unwind(AssertUnwindSafe(|| self.work(worker)));
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(WRONG) }
        }
        pid
    }

    /// Starts those anew that have died.
    pub fn tend(&mut self) {
        for worker in 0..WORKERS {
            let mut status = 0;
            // SAFETY: our own child.
            if unsafe { libc::waitpid(self.pids[worker], &raw mut status, libc::WNOHANG) } == 0 {
                continue;
            }
            if libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGBUS {
                self.deaths.by_sigbus[worker] += 1;
            } else {
                self.deaths.otherwise.push(format!("worker {worker}: status {status:#x}"));
            }
            self.pids[worker] = self.fork(worker);
        }
    }

    pub fn done(&self, worker: usize) -> u64 {
        self.counters[worker * EACH + DONE].load(SeqCst)
    }

    pub fn errors(&self) -> u64 {
        (0..WORKERS).map(|worker| self.counters[worker * EACH + ERRORS].load(SeqCst)).sum()
    }

    pub fn acknowledged(&self, worker: usize) -> u32 {
        self.counters[worker * EACH + ACKNOWLEDGED].load(SeqCst) as u32
    }

    /// Tends the workers until `condition` holds.
    pub fn until(&mut self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !condition(self) {
            assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain: {what}; {:?}", self.deaths);
            self.tend();
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Tends the workers until each has done some work more.
    pub fn go_on(&mut self) {
        let before: Vec<u64> = (0..WORKERS).map(|worker| self.done(worker)).collect();
        self.until("every worker gets on", |pool| {
            (0..WORKERS).all(|worker| pool.done(worker) >= before[worker] + 20)
        });
    }

    fn work(&self, worker: usize) {
        let mine = &self.counters[worker * EACH..(worker + 1) * EACH];
        let engine = loop {
            match SharedEngine::open(self.options.clone()) {
                Ok(engine) => break engine,
                Err(_) => mine[ERRORS].fetch_add(1, SeqCst),
            };
            thread::sleep(Duration::from_millis(1));
        };
        loop {
            match Self::serve(&engine, worker, mine[DONE].load(SeqCst)) {
                Ok(Some(value)) => mine[ACKNOWLEDGED].store(value.into(), SeqCst),
                Ok(None) => {}
                Err(_) => drop(mine[ERRORS].fetch_add(1, SeqCst)),
            }
            mine[DONE].fetch_add(1, SeqCst);
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// A request: reads the worker's session and stores the next value; which one was acknowledged.
    pub fn serve(engine: &SharedEngine, worker: usize, count: u64) -> Result<Option<u32>, EngineError> {
        let now = engine.now();
        let found = engine.load(&key(worker as u32), now)?;
        let (expect, value) = match &found {
            Some(found) => {
                let value = payload::value_in(&found.record).unwrap();
                assert_eq!(value >> 24, worker as u32, "the record of another session");
                (Expect::Version(found.version), value & 0x00ff_ffff)
            }
            None => (Expect::Absent, 0),
        };
        let next = (worker as u32) << 24 | (value + 1) & 0x00ff_ffff;
        let length = [90, 600, 1900, 9100, 30_000][count as usize % 5];
        let write = Write {
            record: &payload::of(next, length),
            expires: now.after(Duration::from_hours(1)),
            owner: MEMBER,
        };
        let commit = engine.commit(&key(worker as u32), expect, write, now)?;
        Ok(matches!(commit, Commit::Stored(_)).then_some(next))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for pid in self.pids {
            // SAFETY: our own children, which were not waited for.
            unsafe {
                libc::kill(pid, libc::SIGKILL);
                libc::waitpid(pid, std::ptr::null_mut(), 0);
            }
        }
    }
}
