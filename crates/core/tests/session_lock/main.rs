//! The lock of a session among processes: what is left of it when its holder, or who waits for it, is killed, stopped,
//! forked, or lives in another PID namespace. What threads can show stands in `contract/session_lock.rs`. `HOLDFAST_HOLDERS` is
//! how many holders are killed, 100 and 30 when unset.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds something else shall stop")]

#[path = "../../src/engine/shared/tests/child.rs"]
#[allow(dead_code, reason = "the engine's own tests use the rest")]
mod child;

mod parties;

use std::{
    cell::RefCell,
    os::unix::process::CommandExt,
    process::Command,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use child::{Child, End, Signal};
use holdfast_core::{
    engine::{Engine, EngineError, Expect, Lease, shared::SharedEngine},
    key::Key,
};
use parties::{
    AFTER_A_DEATH, LONG, NOISE, Times, a_store, alone, child, commit, holder, increment, key, load, lock,
    open, replace, say, sleep_for_ever, try_lock, waiter, waiter_for_start, waiting_thread,
};

/// How many holders are killed.
fn holders(unless_set: u32) -> u32 {
    std::env::var("HOLDFAST_HOLDERS").map_or(unless_set, |text| text.parse().expect("a number"))
}

#[test]
fn r03_a_killed_holders_lock_goes_to_the_next_within_100_ms() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let stored = commit(&engine, 1, Expect::Absent, 7);
    let mut times = Vec::new();
    for _ in 0..holders(100) {
        let holder = holder(&engine, 1);
        thread::scope(|scope| {
            let waiter = waiting_thread(scope, &engine, 1);
            let begun = Instant::now();
            holder.signal(libc::SIGKILL);
            let (_lease, at) = waiter.join().unwrap();
            times.push(at - begun);
        });
        assert_eq!(holder.end(), End::Killed);
        assert_eq!(load(&engine, 1), (stored, 7));
    }
    Times::of("kill -> next", times).assert_within(AFTER_A_DEATH);
}

#[test]
fn r03_the_same_when_the_killed_one_has_just_come_from_the_queue() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let mut times = Vec::new();
    for _ in 0..holders(30) {
        let first = lock(&engine, 1, LONG).unwrap();
        let held = Signal::new();
        let second = waiter(&engine, 1, |_lease| {
            held.give();
            sleep_for_ever();
        });
        thread::scope(|scope| {
            let third = waiting_thread(scope, &engine, 1);
            drop(first);
            held.wait();
            let begun = Instant::now();
            second.signal(libc::SIGKILL);
            let (_lease, at) = third.join().unwrap();
            times.push(at - begun);
        });
    }
    Times::of("kill of who has just got it -> next", times).assert_within(AFTER_A_DEATH);
}

#[test]
fn r03_killed_waiters_leave_nothing_behind() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    for _ in 0..3 {
        let lease = lock(&engine, 1, LONG).unwrap();
        let waiters: Vec<Child> = (0..20).map(|_| waiter(&engine, 1, drop)).collect();
        for waiter in waiters {
            waiter.signal(libc::SIGKILL);
            assert_eq!(waiter.end(), End::Killed);
        }
        drop(lease);
        // A newcomer takes a free lock at once only when it believes that nobody waits.
        assert!(try_lock(&engine, 1).is_some());
    }
}

#[test]
fn r05_a_stopped_holder_costs_waiters_their_limit_and_other_sessions_nothing() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let (go_on, done) = (Signal::new(), Signal::new());
    let held = Signal::new();
    let holder = child(|| {
        let lease = lock(&engine, 1, LONG).unwrap();
        held.give();
        go_on.wait();
        drop(lease);
        done.give();
        sleep_for_ever();
    });
    held.wait();
    holder.signal(libc::SIGSTOP);
    holder.wait_until_stopped();

    let limit = Duration::from_millis(300);
    thread::scope(|scope| {
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let begun = Instant::now();
                    let error = lock(&engine, 1, limit).unwrap_err();
                    assert!(matches!(error, EngineError::SessionLocked { .. }), "{error:?}");
                    begun.elapsed()
                })
            })
            .collect();
        let mut others = Vec::new();
        for round in 0..1000_u64 {
            let number = u8::try_from(round % 100).unwrap() + 100;
            let begun = Instant::now();
            let lease = lock(&engine, number, LONG).unwrap();
            increment(&engine, number);
            drop(lease);
            others.push(begun.elapsed());
        }
        Times::of("another session beside a stopped holder", others).assert_within(Duration::from_millis(1));
        for waiter in waiters {
            let waited = waiter.join().unwrap();
            assert!((limit..limit + NOISE).contains(&waited), "{waited:?}");
        }
    });
    assert!(try_lock(&engine, 1).is_none(), "a holder that lives was robbed");

    holder.signal(libc::SIGCONT);
    go_on.give();
    done.wait();
    assert!(try_lock(&engine, 1).is_some());
}

#[test]
fn r05_a_stopped_waiter_is_passed_over_and_comes_later() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let lease = lock(&engine, 1, LONG).unwrap();
    let got_it = Signal::new();
    let stopped = waiter(&engine, 1, |_lease| got_it.give());
    stopped.signal(libc::SIGSTOP);
    stopped.wait_until_stopped();
    thread::scope(|scope| {
        let next = waiting_thread(scope, &engine, 1);
        let begun = Instant::now();
        drop(lease);
        let (lease, at) = next.join().unwrap();
        let waited = at - begun;
        assert!(waited < Duration::from_millis(100) + NOISE, "{waited:?}");
        stopped.signal(libc::SIGCONT);
        drop(lease);
    });
    got_it.wait();
    assert_eq!(stopped.end(), End::Done);
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

extern "C" fn interrupt(_: i32) {
    INTERRUPTED.store(true, SeqCst);
}

#[test]
fn r05_a_signal_lets_the_caller_give_up_at_once() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let _lease = lock(&engine, 1, LONG).unwrap();
    for _ in 0..10 {
        let waits = Signal::new();
        let gave_up = Signal::new();
        let waiter = child(|| {
            // SAFETY: the handler stores to an atomic.
            unsafe { libc::signal(libc::SIGTERM, interrupt as *const () as libc::sighandler_t) };
            let mut said = false;
            let outcome = engine.lock(&key(1), LONG, &mut || {
                if !std::mem::replace(&mut said, true) {
                    waits.give();
                }
                !INTERRUPTED.load(SeqCst)
            });
            assert!(matches!(outcome, Err(EngineError::LockInterrupted { .. })), "{outcome:?}");
            gave_up.give();
        });
        waits.wait();
        let begun = Instant::now();
        waiter.signal(libc::SIGTERM);
        gave_up.wait();
        assert!(begun.elapsed() < Duration::from_millis(100) + NOISE, "{:?}", begun.elapsed());
        assert_eq!(waiter.end(), End::Done);
    }
}

#[test]
fn r24_a_forked_child_neither_holds_nor_releases_its_parents_lock() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let lease = RefCell::new(Some(lock(&engine, 1, LONG).unwrap()));
    let (tried, freed) = (Signal::new(), Signal::new());
    let in_child = child(|| {
        assert!(try_lock(&engine, 1).is_none());
        tried.give();
        freed.wait();
        // What the child locks is its own, and the copy of its parent's lease has no part in it.
        let _own = lock(&engine, 1, LONG).unwrap();
        drop(lease.borrow_mut().take());
        assert!(matches!(lock(&engine, 1, LONG), Err(EngineError::LockedTwice)));
    });
    let another_child = child(|| drop(lease.borrow_mut().take()));
    assert_eq!(another_child.end(), End::Done);
    tried.wait();
    assert!(matches!(lock(&engine, 1, LONG), Err(EngineError::LockedTwice)));
    thread::scope(|scope| {
        scope.spawn(|| assert!(try_lock(&engine, 1).is_none(), "a child released the lock"));
    });
    drop(lease.borrow_mut().take());
    freed.give();
    assert_eq!(in_child.end(), End::Done);
    assert!(try_lock(&engine, 1).is_some());
}

#[test]
fn r24_a_killed_parents_lock_is_free_while_its_child_lives() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let (held, child_lives, end) = (Signal::new(), Signal::new(), Signal::new());
    let parent = child(|| {
        let _lease = lock(&engine, 1, LONG).unwrap();
        // Without a wish to die with its parent, but not for ever.
        let grandchild = Child::run(|| {
            // SAFETY: a plain system call.
            unsafe { libc::alarm(60) };
            child_lives.give();
            end.wait();
        });
        held.give();
        std::mem::forget(grandchild);
        sleep_for_ever();
    });
    held.wait();
    child_lives.wait();
    thread::scope(|scope| {
        let next = waiting_thread(scope, &engine, 1);
        let begun = Instant::now();
        parent.signal(libc::SIGKILL);
        let (_lease, at) = next.join().unwrap();
        Times::of("kill of a parent -> next", vec![at - begun]).assert_within(AFTER_A_DEATH);
    });
    end.give();
}

#[test]
fn r24_a_lock_ends_when_its_holder_becomes_another_program() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let held = Signal::new();
    let holder = child(|| {
        let _lease = lock(&engine, 1, LONG).unwrap();
        held.give();
        let failed = Command::new("sleep").arg("600").exec();
        panic!("{failed}");
    });
    held.wait();
    drop(lock(&engine, 1, LONG).unwrap());
    drop(holder);
}

/// Moves the children of this process to come into a new PID namespace; false where that is not allowed.
fn unshare_pids() -> bool {
    // SAFETY: a plain system call.
    unsafe { libc::unshare(libc::CLONE_NEWPID) == 0 }
}

/// A child whose own child, process 1 of a PID namespace, does `work` and lives on until this one is killed.
fn in_own_namespace(work: impl FnOnce()) -> Child {
    child(|| {
        assert!(unshare_pids());
        let inner = child(|| {
            assert_eq!(std::process::id(), 1);
            work();
            sleep_for_ever();
        });
        inner.end();
    })
}

#[test]
fn r24_processes_of_different_pid_namespaces_exclude_each_other() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    if child(|| assert!(unshare_pids())).end() != End::Done {
        say("SKIPPED, no PID namespace can be made here");
        return;
    }
    let held = Signal::new();
    let holder = in_own_namespace(|| {
        std::mem::forget(lock(&engine, 1, LONG).unwrap());
        held.give();
    });
    held.wait();
    // The death of a waiter that has the holder's process id is not the holder's.
    for _ in 0..3 {
        let waits = Signal::new();
        let waiter = in_own_namespace(|| {
            let _ = engine.lock(&key(1), LONG, &mut || {
                waits.give();
                sleep_for_ever();
            });
        });
        waits.wait();
        drop(waiter);
        assert!(try_lock(&engine, 1).is_none());
    }
    thread::scope(|scope| {
        let next = waiting_thread(scope, &engine, 1);
        let begun = Instant::now();
        drop(holder);
        let (_lease, at) = next.join().unwrap();
        Times::of("kill in another PID namespace -> next", vec![at - begun]).assert_within(AFTER_A_DEATH);
    });
}

#[test]
fn r07_increments_of_processes_under_the_lock_are_all_kept() {
    const PROCESSES: u64 = 8;
    const EACH: u64 = 1000;
    let _alone = alone();
    let (directory, engine) = a_store();
    commit(&engine, 1, Expect::Absent, 0);
    let workers: Vec<Child> = (0..PROCESSES)
        .map(|worker| {
            child(|| {
                // By turns with the engine that was open before the fork, and with one of its own.
                let own = (worker % 2 == 0).then(|| open(directory.path()));
                let engine = own.as_ref().unwrap_or(&engine);
                for _ in 0..EACH {
                    let _lease = lock(engine, 1, LONG).unwrap();
                    increment(engine, 1);
                }
            })
        })
        .collect();
    for worker in workers {
        assert_eq!(worker.end(), End::Done);
    }
    assert_eq!(load(&engine, 1).1, PROCESSES * EACH);
    assert_eq!(engine.stats().unwrap().conflicts, 0);
}

#[test]
fn r09_fifty_processes_that_lock_again_and_again_have_equal_shares() {
    const PROCESSES: u8 = 50;
    let _alone = alone();
    let (_directory, engine) = a_store();
    for number in 0..PROCESSES {
        commit(&engine, 100 + number, Expect::Absent, 0);
        commit(&engine, 200 + number, Expect::Absent, 0);
    }
    let start = lock(&engine, 0, LONG).unwrap();
    let workers: Vec<Child> = (0..PROCESSES)
        .map(|number| {
            waiter_for_start(&engine, move |engine| {
                let begun = Instant::now();
                let (mut count, mut longest) = (0, Duration::ZERO);
                while begun.elapsed() < Duration::from_millis(2500) {
                    let asked = Instant::now();
                    let _lease = lock(engine, 1, LONG).unwrap();
                    longest = longest.max(asked.elapsed());
                    thread::sleep(Duration::from_millis(1));
                    count += 1;
                }
                replace(engine, 100 + number, count);
                replace(engine, 200 + number, u64::try_from(longest.as_micros()).unwrap());
            })
        })
        .collect();
    drop(start);
    for worker in workers {
        assert_eq!(worker.end(), End::Done);
    }
    let counts: Vec<u64> = (0..PROCESSES).map(|number| load(&engine, 100 + number).1).collect();
    let longest =
        (0..PROCESSES).map(|number| Duration::from_micros(load(&engine, 200 + number).1)).max().unwrap();
    let all: u64 = counts.iter().sum();
    let (least, most) = (*counts.iter().min().unwrap(), *counts.iter().max().unwrap());
    let ideal_wait = Duration::from_millis(2500) / u32::try_from(all).unwrap() * u32::from(PROCESSES);
    say(&format!(
        "50 processes, 1 ms each: {all} in all, {least} to {most} each, longest wait {longest:.1?}, ideal {ideal_wait:.1?}"
    ));
    assert!(2 * least >= most, "{counts:?}");
    assert!(all > 700, "{all}: waiters find a free lock by looking every 5 ms, and are not woken");
    assert!(longest <= 2 * ideal_wait + NOISE, "{longest:?}");
}

#[test]
fn r14_locks_of_a_file_that_was_replaced_are_none_of_the_new_one() {
    let _alone = alone();
    let (directory, engine) = a_store();
    let old = lock(&engine, 1, LONG).unwrap();
    thread::scope(|scope| {
        let waiter = waiting_thread(scope, &engine, 1);
        std::fs::remove_file(directory.path().join("store")).unwrap();
        // The engine looks at the path once a second.
        let new = scope.spawn(|| (1..20).find_map(|_| lock(&engine, 1, Duration::from_millis(500)).ok()));
        let new = new.join().unwrap().unwrap();
        drop(old);
        let beside = open(directory.path());
        let locked = || thread::scope(|other| other.spawn(|| try_lock(&beside, 1).is_none()).join().unwrap());
        assert!(locked(), "the old lease released the new one's lock");
        // Who waited for the lock in the old file must wait for the new one's, too: for as long as it is watched.
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(200) {
            assert!(!waiter.is_finished());
            thread::yield_now();
        }
        drop(new);
        drop(waiter.join().unwrap());
        assert!(!locked());
    });
}

/// Figures for the documentation: alone on the machine.
#[test]
#[ignore = "measures, proves nothing"]
fn figures() {
    let _alone = alone();
    let (_directory, engine) = a_store();
    let per_lock = |engine: &SharedEngine| {
        let begun = Instant::now();
        for _ in 0..100_000 {
            drop(lock(engine, 1, LONG).unwrap());
        }
        begun.elapsed() / 100_000
    };
    say(&format!("lock and unlock: {:?}", per_lock(&engine)));
    let held = Signal::new();
    let holder = child(|| {
        let number = |n: u32| Key::from_bytes([n.to_le_bytes(); 8].concat().try_into().unwrap());
        let _leases: Vec<Lease> =
            (1000..2000).map(|n| engine.lock(&number(n), LONG, &mut || true).unwrap()).collect();
        held.give();
        sleep_for_ever();
    });
    held.wait();
    say(&format!("the same beside 1000 locked sessions: {:?}", per_lock(&engine)));
    drop(holder);

    for waiters in [1, 10] {
        let times = (0..500).map(|_| {
            let lease = lock(&engine, 1, LONG).unwrap();
            thread::scope(|scope| {
                let threads: Vec<_> = (0..waiters).map(|_| waiting_thread(scope, &engine, 1)).collect();
                // They shall be asleep.
                thread::sleep(Duration::from_millis(3));
                let begun = Instant::now();
                drop(lease);
                threads.into_iter().map(|thread| thread.join().unwrap().1).min().unwrap() - begun
            })
        });
        Times::of(&format!("unlock -> next of {waiters} waiting"), times.collect());
    }

    let start = lock(&engine, 0, LONG).unwrap();
    let workers: Vec<Child> = (0..8)
        .map(|_| {
            waiter_for_start(&engine, |engine| {
                for _ in 0..1000 {
                    let _lease = lock(engine, 1, LONG).unwrap();
                    let until = Instant::now() + Duration::from_micros(100);
                    while Instant::now() < until {}
                }
            })
        })
        .collect();
    let begun = Instant::now();
    drop(start);
    for worker in workers {
        assert_eq!(worker.end(), End::Done);
    }
    say(&format!("8 processes, 100 us each: {:?} each", begun.elapsed() / 8000));
}
