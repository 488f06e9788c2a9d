//! Of two commits against one version exactly one succeeds; versions never repeat.

use std::{
    collections::HashSet,
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use holdfast_core::{
    engine::{Commit, Expect, Version},
    key::Key,
};

use crate::{
    engines::Make,
    store::{MEMBER, ROOMY, With, conflict, key, seconds, stored, write},
};

contract![
    a_commit_that_expects_nothing_creates,
    a_commit_against_the_stored_version_replaces_all_of_it,
    the_second_of_two_commits_against_one_version_gets_the_winners_state,
    a_commit_that_expects_nothing_meets_what_is_there,
    a_conflict_changes_nothing,
    of_many_commits_at_once_against_one_version_one_wins,
    of_many_creations_at_once_one_wins,
    versions_never_repeat,
    keys_that_differ_in_one_bit_are_different_sessions,
];
contract![by one handle:
    r07_no_increment_is_lost,
];

fn a_commit_that_expects_nothing_creates(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    assert_eq!(store.load(&key(1), now).unwrap(), None);
    let version = stored(store.commit(&key(1), Expect::Absent, write(b"first", now).of(MEMBER), now));
    let there = store.there(&key(1), now);
    assert_eq!(there.version, version);
    assert_eq!(there.record, b"first");
    assert_eq!(there.owner, MEMBER);
    assert_eq!(there.expires, write(b"first", now).expires);
}

fn a_commit_against_the_stored_version_replaces_all_of_it(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let first = store.create(&key(1), b"first", now);
    let next = write(b"second", now).of(MEMBER).until(now.after(seconds(5)));
    let second = stored(store.commit(&key(1), Expect::Version(first), next, now));
    assert_ne!(first, second);
    let there = store.there(&key(1), now);
    assert_eq!((there.version, there.owner, there.expires), (second, MEMBER, next.expires));
    assert_eq!(there.record, b"second");
}

fn the_second_of_two_commits_against_one_version_gets_the_winners_state(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let base = Expect::Version(store.create(&key(1), b"base", now));
    let winner = write(b"winner", now).of(MEMBER).until(now.after(seconds(9)));
    let version = stored(store.commit(&key(1), base, winner, now));
    let theirs = conflict(store.commit(&key(1), base, write(b"loser", now), now));
    assert_eq!(theirs, store.there(&key(1), now));
    assert_eq!((theirs.version, theirs.owner, theirs.expires), (version, MEMBER, winner.expires));
    assert_eq!(theirs.record, b"winner");
    stored(store.commit(&key(1), Expect::Version(theirs.version), write(b"merged", now), now));
}

fn a_commit_that_expects_nothing_meets_what_is_there(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    store.create(&key(1), b"first", now);
    let theirs = conflict(store.commit(&key(1), Expect::Absent, write(b"second", now), now));
    assert_eq!(theirs.record, b"first");
}

fn a_conflict_changes_nothing(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let first = store.create(&key(1), b"first", now);
    stored(store.commit(&key(1), Expect::Version(first), write(b"second", now), now));
    let before = store.there(&key(1), now);
    for expect in [Expect::Absent, Expect::Version(first), Expect::Version(Version(u64::MAX))] {
        let _ = conflict(store.commit(&key(1), expect, write(&[9; 5000], now).of(MEMBER), now));
        assert_eq!(store.there(&key(1), now), before);
    }
}

const THREADS: usize = 8;

fn of_many_commits_at_once_against_one_version_one_wins(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for round in 0..200 {
        let base = Expect::Version(store.create(&key(round), b"base", now));
        assert_eq!(winners(&*store, &key(round), base), 1, "round {round}");
    }
}

fn of_many_creations_at_once_one_wins(make: Make) {
    let store = make(ROOMY);
    for round in 0..200 {
        assert_eq!(winners(&*store, &key(round), Expect::Absent), 1, "round {round}");
    }
}

/// How many of the threads that commit at once succeed. All others must meet the one winner's record.
fn winners(store: &dyn holdfast_core::engine::Engine, key: &Key, expect: Expect) -> usize {
    let now = store.now();
    let start = Barrier::new(THREADS);
    let outcomes: Vec<(u8, Commit)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..u8::try_from(THREADS).unwrap())
            .map(|n| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    (n, store.commit(key, expect, write(&[n; 300], now), now).unwrap())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let won: Vec<u8> =
        outcomes.iter().filter(|(_, out)| matches!(out, Commit::Stored(_))).map(|(n, _)| *n).collect();
    for (_, outcome) in &outcomes {
        match outcome {
            Commit::Stored(_) => {}
            Commit::Conflict(theirs) => assert_eq!(theirs.record, [won[0]; 300]),
            Commit::Gone => panic!("nobody destroyed it"),
        }
    }
    won.len()
}

fn r07_no_increment_is_lost(make: Make) {
    const EACH: u64 = 1000;
    let store = make(ROOMY);
    let now = store.now();
    store.create(&key(1), &0_u64.to_le_bytes(), now);
    let conflicts = AtomicU64::new(0);
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..EACH {
                    let mut base = store.there(&key(1), now);
                    loop {
                        // Others shall come between load and commit.
                        thread::yield_now();
                        let count = u64::from_le_bytes(base.record.as_slice().try_into().unwrap()) + 1;
                        let expect = Expect::Version(base.version);
                        match store.commit(&key(1), expect, write(&count.to_le_bytes(), now), now).unwrap() {
                            Commit::Stored(_) => break,
                            Commit::Conflict(theirs) => base = theirs,
                            Commit::Gone => panic!("nobody destroyed it"),
                        }
                        conflicts.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let total = THREADS as u64 * EACH;
    assert_eq!(store.there(&key(1), now).record, total.to_le_bytes());
    let stats = store.stats().unwrap();
    let conflicts = conflicts.into_inner();
    assert!(conflicts > 0, "nobody came between, so nothing was proved");
    assert_eq!((stats.commits, stats.conflicts), (total + 1, conflicts));
}

fn versions_never_repeat(make: Make) {
    let store = make(ROOMY);
    let mut now = store.now();
    let mut seen = HashSet::new();
    let mut fresh = |version: Version| assert!(seen.insert(version), "{version:?} came back");
    for round in 0..300_u64 {
        let first = store.create(&key(1), b"a", now);
        fresh(first);
        let second = stored(store.commit(&key(1), Expect::Version(first), write(b"a", now), now));
        fresh(second);
        // Each way in which a session ends.
        match round % 3 {
            0 => assert!(store.destroy(&key(1), now).unwrap()),
            1 => assert!(store.touch(&key(1), now, now).unwrap()),
            _ => now = store.there(&key(1), now).expires,
        }
        if round % 2 == 0 {
            store.collect(now).unwrap();
        }
        assert!(!store.is_there(&key(1), now));
    }
}

fn keys_that_differ_in_one_bit_are_different_sessions(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let base = *key(1).as_bytes();
    let keys: Vec<Key> = (0..256)
        .map(|bit| {
            let mut bytes = base;
            bytes[bit / 8] ^= 1 << (bit % 8);
            Key::from_bytes(bytes)
        })
        .chain([Key::from_bytes(base), Key::from_bytes([0; 32]), Key::from_bytes([0xff; 32])])
        .collect();
    for key in &keys {
        store.create(key, key.as_bytes(), now);
    }
    for key in &keys {
        assert_eq!(store.there(key, now).record, key.as_bytes());
    }
    for key in &keys {
        assert!(store.destroy(key, now).unwrap());
        assert!(!store.is_there(key, now));
    }
    assert_eq!(store.stats().unwrap().sessions, 0);
}
