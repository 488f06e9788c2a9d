//! A commit against a version that no longer exists gets `Gone` and stores nothing.

use std::{sync::Barrier, thread};

use holdfast_core::engine::{Commit, Expect, Version};

use crate::{
    engines::Make,
    store::{ROOMY, conflict, key, stored, write},
};

contract![
    a_commit_after_a_destroy_is_gone_and_stores_nothing,
    a_commit_against_a_version_that_never_was_is_gone,
    a_destroy_tells_whether_it_was_there,
    a_destroy_takes_any_version,
    a_new_session_under_the_key_is_not_the_old_one,
    no_commit_undoes_a_destroy_beside_it,
    of_many_destroys_at_once_one_finds_it,
];

fn a_commit_after_a_destroy_is_gone_and_stores_nothing(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let version = store.create(&key(1), b"logged in", now);
    assert!(store.destroy(&key(1), now).unwrap());
    for _ in 0..2 {
        let outcome = store.commit(&key(1), Expect::Version(version), write(b"back again", now), now);
        assert_eq!(outcome.unwrap(), Commit::Gone);
        assert_eq!(store.load(&key(1), now).unwrap(), None);
    }
    assert!(!store.touch(&key(1), now, now).unwrap());
    assert_eq!(store.stats().unwrap().sessions, 0);
}

fn a_commit_against_a_version_that_never_was_is_gone(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for version in [0, 1, u64::MAX].map(Version) {
        let outcome = store.commit(&key(1), Expect::Version(version), write(b"x", now), now);
        assert_eq!(outcome.unwrap(), Commit::Gone);
    }
    assert!(!store.is_there(&key(1), now));
}

fn a_destroy_tells_whether_it_was_there(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    assert!(!store.destroy(&key(1), now).unwrap());
    store.create(&key(1), b"x", now);
    store.create(&key(2), b"y", now);
    assert!(store.destroy(&key(1), now).unwrap());
    assert!(!store.destroy(&key(1), now).unwrap());
    assert_eq!(store.there(&key(2), now).record, b"y");
}

fn a_destroy_takes_any_version(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let mut version = store.create(&key(1), b"x", now);
    for _ in 0..5 {
        version = stored(store.commit(&key(1), Expect::Version(version), write(b"x", now), now));
    }
    assert!(store.destroy(&key(1), now).unwrap());
    assert!(!store.is_there(&key(1), now));
}

fn a_new_session_under_the_key_is_not_the_old_one(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let old = store.create(&key(1), b"old", now);
    assert!(store.destroy(&key(1), now).unwrap());
    store.create(&key(1), b"new", now);
    let theirs = conflict(store.commit(&key(1), Expect::Version(old), write(b"old again", now), now));
    assert_eq!(theirs.record, b"new");
    assert_eq!(store.there(&key(1), now).record, b"new");
}

fn no_commit_undoes_a_destroy_beside_it(make: Make) {
    const WRITERS: usize = 4;
    let store = make(ROOMY);
    let now = store.now();
    for round in 0..300 {
        let key = &key(round);
        let base = store.create(key, b"base", now);
        let start = &Barrier::new(WRITERS + 1);
        thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| {
                    let mut version = base;
                    start.wait();
                    // Ends because the destroy is final, long before these are over.
                    for attempt in 0_u32.. {
                        assert!(attempt < 10_000_000, "commits go on after a destroy");
                        match store.commit(key, Expect::Version(version), write(b"more", now), now).unwrap() {
                            Commit::Stored(mine) => version = mine,
                            Commit::Conflict(theirs) => version = theirs.version,
                            Commit::Gone => break,
                        }
                    }
                });
            }
            start.wait();
            assert!(store.destroy(key, now).unwrap());
            assert_eq!(store.load(key, now).unwrap(), None);
        });
        assert_eq!(store.load(key, now).unwrap(), None, "round {round}");
    }
    assert_eq!(store.stats().unwrap().sessions, 0);
}

fn of_many_destroys_at_once_one_finds_it(make: Make) {
    const THREADS: usize = 4;
    let store = make(ROOMY);
    let now = store.now();
    for round in 0..200 {
        let key = &key(round);
        store.create(key, b"x", now);
        let start = &Barrier::new(THREADS);
        let found: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        usize::from(store.destroy(key, now).unwrap())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(found, 1, "round {round}");
    }
}
