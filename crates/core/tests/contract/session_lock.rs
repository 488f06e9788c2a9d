//! The lock of a session excludes those that lock it and nobody else, is given in the order of asking, and has a
//! deadline. What needs processes stands in `tests/session_lock.rs`.

use std::{
    sync::{
        Barrier, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
        mpsc,
    },
    thread::{self, Scope},
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{Commit, Engine, EngineError, Expect, Lease},
    key::Key,
};

use crate::{
    engines::Make,
    store::{ROOMY, key, seconds, stored, write},
};

contract![
    a_locked_session_is_locked_until_the_lease_is_dropped,
    a_thousand_sessions_are_locked_at_once,
    r05_waiting_ends_at_its_deadline_with_an_error,
    r05_waiting_ends_when_the_caller_says_so,
    r05_the_caller_is_asked_at_least_every_100_ms,
    r06_a_panic_releases,
    r07_increments_under_the_lock_meet_no_conflict,
    r09_waiters_are_served_in_the_order_of_asking,
    r09_who_locks_again_at_once_comes_after_those_that_wait,
    r10_who_does_not_lock_never_waits,
    locking_twice_in_one_thread_is_an_error,
    a_waiter_that_gives_up_leaves_the_queue_to_the_next,
    a_lease_may_go_to_another_thread_and_outlive_the_engine,
];

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

trait Locks {
    fn lock_within(&self, key: &Key, wait: Duration) -> Result<Lease, EngineError>;

    fn locked(&self, key: &Key) -> Lease {
        self.lock_within(key, LONG).unwrap()
    }

    /// Whether another thread holds it.
    fn is_locked(&self, key: &Key) -> bool {
        match self.lock_within(key, Duration::ZERO) {
            Ok(_) => false,
            Err(EngineError::SessionLocked { .. }) => true,
            Err(other) => panic!("{other}"),
        }
    }
}

impl Locks for dyn Engine + '_ {
    fn lock_within(&self, key: &Key, wait: Duration) -> Result<Lease, EngineError> {
        self.lock(key, wait, &mut || true)
    }
}

/// A thread that runs `then` with the lock; returns once it is in the queue.
fn queue_up<'s>(
    scope: &'s Scope<'s, '_>,
    engine: &'s dyn Engine,
    key: Key,
    then: impl FnOnce(Result<Lease, EngineError>) + Send + 's,
) {
    let (waits, is_waiting) = mpsc::channel();
    scope.spawn(move || {
        then(engine.lock(&key, LONG, &mut || {
            let _ = waits.send(());
            true
        }));
    });
    is_waiting.recv().unwrap();
}

fn a_locked_session_is_locked_until_the_lease_is_dropped(make: Make) {
    let store = make(ROOMY);
    thread::scope(|scope| {
        for _ in 0..3 {
            let lease = store.lock_within(&key(1), Duration::ZERO).unwrap();
            assert!(scope.spawn(|| store.is_locked(&key(1))).join().unwrap());
            assert!(!scope.spawn(|| store.is_locked(&key(2))).join().unwrap());
            drop(lease);
            assert!(!scope.spawn(|| store.is_locked(&key(1))).join().unwrap());
        }
    });
}

fn a_thousand_sessions_are_locked_at_once(make: Make) {
    let store = make(ROOMY);
    let leases: Vec<Lease> = (0..1000).map(|n| store.lock_within(&key(n), Duration::ZERO).unwrap()).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..1000 {
                assert!(store.is_locked(&key(n)), "{n}");
            }
            assert!(!store.is_locked(&key(1000)));
        });
    });
    drop(leases);
    thread::scope(|scope| {
        scope.spawn(|| (0..1000).for_each(|n| assert!(!store.is_locked(&key(n)), "{n}")));
    });
}

fn r05_waiting_ends_at_its_deadline_with_an_error(make: Make) {
    let store = make(ROOMY);
    let _lease = store.locked(&key(1));
    thread::scope(|scope| {
        scope.spawn(|| {
            for wait in [0, 1, 30, 250].map(Duration::from_millis) {
                let begun = Instant::now();
                let error = store.lock_within(&key(1), wait).unwrap_err();
                let took = begun.elapsed();
                assert!(
                    matches!(error, EngineError::SessionLocked { waited } if waited >= wait),
                    "{error:?}"
                );
                assert!(took < wait + seconds(1), "{took:?} for {wait:?}");
                let said = error.to_string();
                let id = format!("{:02x}{:02x}", key(1).as_bytes()[0], key(1).as_bytes()[1]);
                assert!(said.contains("another request") && !said.contains(&id), "{said}");
            }
        });
    });
}

fn r05_waiting_ends_when_the_caller_says_so(make: Make) {
    let store = make(ROOMY);
    let lease = store.locked(&key(1));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            let mut asked = 0;
            let error = store.lock(&key(1), LONG, &mut || {
                asked += 1;
                stop.store(asked > 3, SeqCst);
                !stop.load(SeqCst)
            });
            assert!(matches!(error, Err(EngineError::LockInterrupted { .. })), "{error:?}");
            assert_eq!(asked, 4, "asked again after the answer was no");
        });
        waiter.join().unwrap();
        drop(lease);
        assert!(!store.is_locked(&key(1)));
    });
}

fn r05_the_caller_is_asked_at_least_every_100_ms(make: Make) {
    let store = make(ROOMY);
    let _lease = store.locked(&key(1));
    thread::scope(|scope| {
        // Two, because the first in the queue may be treated otherwise than the others.
        for _ in 0..2 {
            scope.spawn(|| {
                let mut asked = 0;
                let outcome = store.lock(&key(1), Duration::from_millis(600), &mut || {
                    asked += 1;
                    true
                });
                assert!(matches!(outcome, Err(EngineError::SessionLocked { .. })), "{outcome:?}");
                assert!((6..=600).contains(&asked), "asked {asked} times in 600 ms");
            });
        }
    });
}

fn r06_a_panic_releases(make: Make) {
    let store = make(ROOMY);
    thread::scope(|scope| {
        let holder = scope.spawn(|| {
            let _lease = store.locked(&key(1));
            std::panic::resume_unwind(Box::new("while it holds the lock"));
        });
        holder.join().unwrap_err();
        let lease = store.lock_within(&key(1), Duration::ZERO).unwrap();

        let waiter = scope.spawn(|| {
            let _ = store.lock(&key(1), LONG, &mut || std::panic::resume_unwind(Box::new("while it waits")));
        });
        waiter.join().unwrap_err();
        drop(lease);
        assert!(!store.is_locked(&key(1)));
    });
}

fn r07_increments_under_the_lock_meet_no_conflict(make: Make) {
    const THREADS: u64 = 8;
    const EACH: u64 = 250;
    let store = make(ROOMY);
    let now = store.now();
    store.create(&key(1), &0_u64.to_le_bytes(), now);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let _lease = store.locked(&key(1));
                    let base = store.there(&key(1), now);
                    thread::yield_now();
                    let count = u64::from_le_bytes(base.record.as_slice().try_into().unwrap()) + 1;
                    let expect = Expect::Version(base.version);
                    stored(store.commit(&key(1), expect, write(&count.to_le_bytes(), now), now));
                }
            });
        }
    });
    assert_eq!(store.there(&key(1), now).record, (THREADS * EACH).to_le_bytes());
    assert_eq!(store.stats().unwrap().conflicts, 0);
}

fn r09_waiters_are_served_in_the_order_of_asking(make: Make) {
    const WAITERS: usize = 50;
    const HOLD: Duration = Duration::from_millis(5);
    let store = make(ROOMY);
    let served = Mutex::new(Vec::new());
    let begun = Mutex::new(Instant::now());
    thread::scope(|scope| {
        let lease = store.locked(&key(1));
        for waiter in 0..WAITERS {
            let (served, begun) = (&served, &begun);
            queue_up(scope, &*store, key(1), move |lease| {
                let _lease = lease.unwrap();
                served.lock().unwrap().push((waiter, begun.lock().unwrap().elapsed()));
                thread::sleep(HOLD);
            });
        }
        *begun.lock().unwrap() = Instant::now();
        drop(lease);
    });
    let served = served.into_inner().unwrap();
    let ideal = HOLD * u32::try_from(WAITERS).unwrap();
    let longest = served.iter().map(|(_, waited)| *waited).max().unwrap();
    // A machine with other work may be late by itself.
    assert!(longest <= 2 * ideal + Duration::from_millis(300), "{longest:?}, ideally {ideal:?}: {served:?}");
    let out_of_order =
        served.iter().enumerate().filter(|(place, (waiter, _))| place.abs_diff(*waiter) > 2).count();
    assert!(out_of_order <= WAITERS / 10, "{served:?}");
}

fn r09_who_locks_again_at_once_comes_after_those_that_wait(make: Make) {
    const THREADS: usize = 8;
    const ALL: u32 = 400;
    let store = make(ROOMY);
    let left = AtomicU32::new(ALL);
    let start = Barrier::new(THREADS);
    let counts: Vec<u32> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    let mut count = 0;
                    while left.load(SeqCst) > 0 {
                        let _lease = store.locked(&key(1));
                        thread::sleep(Duration::from_millis(1));
                        if left.load(SeqCst) > 0 {
                            left.fetch_sub(1, SeqCst);
                            count += 1;
                        }
                    }
                    count
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let ideal = ALL / u32::try_from(THREADS).unwrap();
    assert!(counts.iter().all(|count| (ideal / 2..=ideal * 2).contains(count)), "{counts:?}");
}

fn r10_who_does_not_lock_never_waits(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let version = store.create(&key(1), b"before", now);
    let _lease = store.locked(&key(1));
    thread::scope(|scope| {
        scope.spawn(|| {
            let begun = Instant::now();
            for _ in 0..50 {
                assert_eq!(store.there(&key(1), now).record, b"before");
            }
            stored(store.commit(&key(1), Expect::Version(version), write(b"after", now), now));
            assert!(store.touch(&key(1), now.after(seconds(9)), now).unwrap());
            assert!(store.destroy(&key(1), now).unwrap());
            let gone = store.commit(&key(1), Expect::Version(version), write(b"late", now), now).unwrap();
            assert_eq!(gone, Commit::Gone);
            store.collect(now).unwrap();
            assert!(begun.elapsed() < seconds(1), "{:?}", begun.elapsed());
        });
    });
}

fn locking_twice_in_one_thread_is_an_error(make: Make) {
    let store = make(ROOMY);
    let begun = Instant::now();
    let lease = store.locked(&key(1));
    // More than once, so that each handle of the store is asked.
    for _ in 0..4 {
        let again = store.lock(&key(1), LONG, &mut || panic!("it waits for itself"));
        assert!(matches!(again, Err(EngineError::LockedTwice)), "{again:?}");
    }
    thread::scope(|scope| {
        // With others in the queue it must not join them.
        queue_up(scope, &*store, key(1), |lease| drop(lease.unwrap()));
        let again = store.lock_within(&key(1), LONG);
        assert!(matches!(again, Err(EngineError::LockedTwice)), "{again:?}");
        let _other = store.locked(&key(2));
        drop(lease);
        drop(store.locked(&key(1)));
    });
    assert!(begun.elapsed() < seconds(10), "{:?}", begun.elapsed());
}

fn a_waiter_that_gives_up_leaves_the_queue_to_the_next(make: Make) {
    let store = make(ROOMY);
    let (tell, told) = mpsc::channel();
    let give_up = AtomicBool::new(false);
    thread::scope(|scope| {
        let lease = store.locked(&key(1));
        let (waits, is_waiting) = mpsc::channel();
        let (store, give_up) = (&*store, &give_up);
        let first = scope.spawn(move || {
            store.lock(&key(1), LONG, &mut || {
                let _ = waits.send(());
                !give_up.load(SeqCst)
            })
        });
        is_waiting.recv().unwrap();
        queue_up(scope, store, key(1), |lease| tell.send(lease.is_ok()).unwrap());
        give_up.store(true, SeqCst);
        assert!(matches!(first.join().unwrap(), Err(EngineError::LockInterrupted { .. })));
        let begun = Instant::now();
        drop(lease);
        assert!(told.recv().unwrap());
        assert!(begun.elapsed() < seconds(1), "{:?}", begun.elapsed());
    });
}

fn a_lease_may_go_to_another_thread_and_outlive_the_engine(make: Make) {
    let store = make(ROOMY);
    let lease = store.locked(&key(1));
    thread::spawn(move || drop(lease)).join().unwrap();
    let lease = store.lock_within(&key(1), Duration::ZERO).unwrap();
    drop(store);
    drop(lease);
}
