//! A touch moves the end of a session and nothing else.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use holdfast_core::engine::{Commit, Expect};

use crate::{
    engines::Make,
    store::{HOUR, MEMBER, ROOMY, key, seconds, stored, write},
};

contract![
    a_touch_moves_the_end_and_keeps_all_else,
    a_touch_can_bring_the_end_nearer,
    a_touch_of_nothing_is_told,
    a_commit_against_a_touched_version_passes,
    a_touch_never_tears_a_commit_beside_it,
];

fn a_touch_moves_the_end_and_keeps_all_else(make: Make) {
    for len in [10, 5000, 300_000] {
        let store = make(ROOMY);
        let now = store.now();
        store.create_for(MEMBER, &key(1), &vec![3; len], now);
        let before = store.there(&key(1), now);
        let end = now.after(HOUR * 5);
        assert!(store.touch(&key(1), end, now).unwrap());
        let after = store.there(&key(1), now);
        assert_eq!(after.expires, end);
        assert_eq!((after.version, after.owner), (before.version, before.owner));
        assert_eq!(after.record, before.record);
        assert!(store.is_there(&key(1), now.after(HOUR * 4)));
    }
}

fn a_touch_can_bring_the_end_nearer(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    store.create(&key(1), b"x", now);
    assert!(store.touch(&key(1), now.after(seconds(1)), now).unwrap());
    assert!(store.is_there(&key(1), now));
    assert!(!store.is_there(&key(1), now.after(seconds(1))));
}

fn a_touch_of_nothing_is_told(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    assert!(!store.touch(&key(1), now.after(HOUR), now).unwrap());
    store.create(&key(1), b"x", now);
    assert!(store.destroy(&key(1), now).unwrap());
    assert!(!store.touch(&key(1), now.after(HOUR), now).unwrap());
    assert!(!store.is_there(&key(1), now));
}

fn a_commit_against_a_touched_version_passes(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let version = store.create(&key(1), b"x", now);
    assert!(store.touch(&key(1), now.after(HOUR * 2), now).unwrap());
    stored(store.commit(&key(1), Expect::Version(version), write(b"y", now), now));
    let there = store.there(&key(1), now);
    assert_eq!((there.record.as_slice(), there.expires), (b"y".as_slice(), now.after(HOUR)));
}

fn a_touch_never_tears_a_commit_beside_it(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let mut version = store.create(&key(1), &[0; 4000], now);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(store.touch(&key(1), now.after(HOUR * 3), now).unwrap());
            }
        });
        for round in 0..2000_u16 {
            let record = [round.to_le_bytes()[0]; 4000];
            match store.commit(&key(1), Expect::Version(version), write(&record, now), now).unwrap() {
                Commit::Stored(new) => version = new,
                other => panic!("a touch is no commit: {other:?}"),
            }
            let there = store.there(&key(1), now);
            assert_eq!((there.version, there.record.as_slice()), (version, record.as_slice()));
            assert!([now.after(HOUR), now.after(HOUR * 3)].contains(&there.expires));
        }
        done.store(true, Ordering::Relaxed);
    });
}
