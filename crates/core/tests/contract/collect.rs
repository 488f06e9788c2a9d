//! Collecting removes what has expired, and nothing depends on it.

use holdfast_core::engine::Expect;

use crate::{
    engines::Make,
    store::{HOUR, MEMBER, MIB, ROOMY, With, key, seconds, stored, write},
};

contract![in own memory:
    a_collection_removes_exactly_what_has_expired_and_counts_it,
    a_collection_gives_the_memory_back,
    r27_normal_work_removes_the_expired,
];

fn a_collection_removes_exactly_what_has_expired_and_counts_it(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..1000 {
        let end = now.after(seconds(1 + n % 10));
        let owner = if n % 2 == 0 { MEMBER } else { write(b"", now).owner };
        stored(store.commit(&key(n), Expect::Absent, write(b"x", now).of(owner).until(end), now));
    }
    assert_eq!(store.collect(now).unwrap(), 0);
    let then = now.after(seconds(3));
    assert_eq!(store.collect(then).unwrap(), 300);
    assert_eq!(store.collect(then).unwrap(), 0);
    for n in 0..1000 {
        assert_eq!(store.is_there(&key(n), then), n % 10 >= 3);
    }
    let stats = store.stats().unwrap();
    assert_eq!((stats.sessions, stats.expired, stats.evicted), (700, 300, 0));
}

fn a_collection_gives_the_memory_back(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let empty = store.stats().unwrap().used_bytes;
    for n in 0..200 {
        store.create(&key(n), &vec![1; 100_000], now);
    }
    assert!(store.stats().unwrap().used_bytes >= empty + 20_000_000);
    assert_eq!(store.collect(now.after(HOUR)).unwrap(), 200);
    let used = store.stats().unwrap().used_bytes;
    assert!(used <= empty + ROOMY / 20, "R28: within 5 %: {empty} before, {used} after");
}

/// Sessions come and go, as they do on a site; nobody ever collects.
fn r27_normal_work_removes_the_expired(make: Make) {
    let store = make(8 * MIB);
    let mut now = store.now();
    for n in 0..40_000 {
        now = now.after(seconds(1));
        stored(store.commit(&key(n), Expect::Absent, write(b"x", now).until(now.after(seconds(1000))), now));
    }
    let stats = store.stats().unwrap();
    assert!(stats.sessions < 5000, "of 40000 sessions 1000 are live, and {} are kept", stats.sessions);
    assert_eq!(stats.expired, 40_000 - stats.sessions);
}
