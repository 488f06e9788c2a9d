//! A load returns what one whole commit wrote, never a mixture.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
};

use holdfast_core::engine::{Commit, Expect};

use crate::{
    engines::Make,
    payload,
    store::{ROOMY, key, write},
};

contract![a_load_returns_one_whole_commit, a_load_beside_a_destroy_returns_all_or_nothing];

const SIZES: [usize; 7] = [10, 100, 600, 2100, 9000, 70_000, 480_000];

fn a_load_returns_one_whole_commit(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    store.create(&key(1), &payload::of(0, 10), now);
    let done = AtomicBool::new(false);
    let next = AtomicU32::new(1);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let there = store.there(&key(1), now);
                    payload::value_in(&there.record).unwrap();
                }
            });
        }
        let writers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut base = store.there(&key(1), now).version;
                    for round in 0..2000 {
                        let record = payload::of(next.fetch_add(1, Ordering::Relaxed), SIZES[round % 7]);
                        match store.commit(&key(1), Expect::Version(base), write(&record, now), now).unwrap()
                        {
                            Commit::Stored(version) => base = version,
                            Commit::Conflict(theirs) => {
                                payload::value_in(&theirs.record).unwrap();
                                base = theirs.version;
                            }
                            Commit::Gone => panic!("nobody destroyed it"),
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}

fn a_load_beside_a_destroy_returns_all_or_nothing(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    for n in 0..4 {
                        if let Some(there) = store.load(&key(n), now).unwrap() {
                            let value = payload::value_in(&there.record).unwrap();
                            assert_eq!(u64::from(value) % 4, n, "the record of another session");
                        }
                    }
                }
            });
        }
        // Blocks freed by one session are taken at once by the next.
        for round in 0..6000_u32 {
            let n = u64::from(round % 4);
            let len = SIZES[(round / 4) as usize % SIZES.len()];
            store.create(&key(n), &payload::of(round, len), now);
            assert!(store.destroy(&key(n), now).unwrap());
        }
        done.store(true, Ordering::Relaxed);
    });
}
