//! What an engine removes by itself it tells, once, to the process that removed it, if that watches.

use std::{
    collections::{HashMap, HashSet},
    thread,
};

use holdfast_core::{
    engine::{Cause, Commit, EngineError, Expect, MOST_REMOVALS, Owner, Removal, Removals, Version},
    key::Key,
    time::Timestamp,
};

use crate::{
    engines::Make,
    payload,
    store::{HOUR, KIB, MEMBER, MIB, ROOMY, Store, With, key, seconds, stored, write},
};

contract![in own memory:
    what_nobody_watches_is_not_noted,
    what_a_collection_removes_is_told_once_and_wholly,
    whatever_removes_an_expired_session_tells_it,
    what_normal_work_removes_is_told,
    what_a_full_memory_removes_is_told,
    what_others_end_or_replace_is_not_told,
    the_latest_removals_are_kept_and_the_others_counted,
    the_beginning_of_a_record_is_told_whatever_its_size,
    beside_each_other_threads_tell_everything_once,
    a_removal_is_told_outside_all_locks,
];

/// A guest's session under key `n` that is over at `end`.
fn put(store: &Store, n: u64, record: &[u8], owner: Owner, now: Timestamp, end: Timestamp) {
    stored(store.commit(&key(n), Expect::Absent, write(record, now).of(owner).until(end), now));
}

fn by_key(removals: &Removals) -> HashMap<Key, Removal> {
    let by_key: HashMap<_, _> = removals.list.iter().map(|removal| (removal.key, *removal)).collect();
    assert_eq!(by_key.len(), removals.list.len(), "something was told twice");
    by_key
}

fn what_nobody_watches_is_not_noted(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let end = now.after(seconds(1));
    put(&store, 1, b"x", MEMBER, now, end);
    assert_eq!(store.collect(end).unwrap(), 1);
    store.watch(true);
    assert_eq!(store.removals(), Removals::default(), "it went before anybody watched");

    put(&store, 2, b"x", MEMBER, end, end.after(seconds(1)));
    assert_eq!(store.collect(end.after(seconds(1))).unwrap(), 1);
    store.watch(false);
    store.watch(true);
    assert_eq!(store.removals(), Removals::default(), "what was noted is forgotten");
}

fn what_a_collection_removes_is_told_once_and_wholly(make: Make) {
    let store = make(ROOMY);
    store.watch(true);
    let now = store.now();
    let mut expected = HashMap::new();
    for n in 0..500 {
        let owner = Owner(n % 3);
        let expires = now.after(seconds(1 + n % 10));
        let record = [u8::try_from(n % 256).unwrap(), u8::try_from(n % 7).unwrap(), 9];
        put(&store, n, &record, owner, now, expires);
        if n % 10 < 4 {
            let head = [record[0], record[1]];
            expected.insert(key(n), Removal { key: key(n), owner, cause: Cause::Expired, expires, head });
        }
    }
    assert_eq!(store.removals(), Removals::default());
    store.collect(now.after(seconds(4))).unwrap();
    let told = store.removals();
    assert_eq!((told.more_expired, told.more_evicted), (0, 0));
    assert_eq!(by_key(&told), expected);
    assert_eq!(store.removals(), Removals::default());
}

/// Each operation that may meet an expired session, and a collection for those that leave it.
fn whatever_removes_an_expired_session_tells_it(make: Make) {
    let operations: [fn(&Store, &Key, Timestamp); 5] = [
        |store, key, now| assert!(!store.is_there(key, now)),
        |store, key, now| assert!(!store.destroy(key, now).unwrap()),
        |store, key, now| assert!(!store.touch(key, now.after(HOUR), now).unwrap()),
        |store, key, now| {
            stored(store.commit(key, Expect::Absent, write(b"new", now), now));
        },
        |store, key, now| {
            let gone = store.commit(key, Expect::Version(Version(1)), write(b"x", now), now);
            assert_eq!(gone.unwrap(), Commit::Gone);
        },
    ];
    for (at, operation) in operations.into_iter().enumerate() {
        let store = make(ROOMY);
        store.watch(true);
        let now = store.now();
        let expires = now.after(seconds(1));
        put(&store, 1, b"old", MEMBER, now, expires);
        operation(&store, &key(1), expires);
        store.collect(expires).unwrap();
        let expected = Removal { key: key(1), owner: MEMBER, cause: Cause::Expired, expires, head: *b"ol" };
        assert_eq!(store.removals().list, [expected], "operation {at}");
        assert_eq!(store.stats().unwrap().expired, 1);
    }
}

fn what_normal_work_removes_is_told(make: Make) {
    let store = make(8 * MIB);
    store.watch(true);
    let mut now = store.now();
    let mut told = HashSet::new();
    for n in 0..10_000 {
        now = now.after(seconds(1));
        put(&store, n, b"x", Owner::GUEST, now, now.after(seconds(1000)));
        if n % 100 == 0 {
            let removals = store.removals();
            assert_eq!(removals.more_expired, 0);
            for removal in removals.list {
                assert!(removal.cause == Cause::Expired && removal.expires <= now);
                assert!(told.insert(removal.key), "something was told twice");
            }
        }
    }
    told.extend(store.removals().list.iter().map(|removal| removal.key));
    assert!(told.len() > 5000, "{}", told.len());
    assert_eq!(told.len() as u64, store.stats().unwrap().expired);
}

fn what_a_full_memory_removes_is_told(make: Make) {
    let store = make(4 * MIB);
    store.watch(true);
    let mut now = store.now();
    let mut told = Vec::new();
    let record = payload::of(1, 3000);
    let mut n = 0;
    // Members first: they stay.
    for _ in 0..200 {
        put(&store, n, &record, MEMBER, now, now.after(HOUR * 24));
        n += 1;
    }
    while told.len() < 500 {
        now = now.after(seconds(1));
        put(&store, n, &record, Owner::GUEST, now, now.after(HOUR * 24));
        n += 1;
        let removals = store.removals();
        assert_eq!((removals.more_expired, removals.more_evicted), (0, 0));
        told.extend(removals.list);
    }
    assert_eq!(told.len() as u64, store.stats().unwrap().evicted);
    assert!(told.iter().all(|gone| gone.cause == Cause::Evicted && gone.owner.is_guest()));
    assert!(told.iter().all(|gone| gone.head == record[..2] && gone.expires > now));
    let told: HashSet<Key> = told.iter().map(|gone| gone.key).collect();
    for n in 0..n {
        assert_eq!(store.is_there(&key(n), now), !told.contains(&key(n)), "session {n}");
    }
}

fn what_others_end_or_replace_is_not_told(make: Make) {
    let store = make(ROOMY);
    store.watch(true);
    let now = store.now();
    let version = store.create(&key(1), b"x", now);
    stored(store.commit(&key(1), Expect::Version(version), write(b"y", now), now));
    assert!(store.touch(&key(1), now.after(HOUR), now).unwrap());
    assert!(store.destroy(&key(1), now).unwrap());
    assert!(!store.destroy(&key(1), now).unwrap());
    assert_eq!(store.collect(now).unwrap(), 0);
    assert_eq!(store.removals(), Removals::default());
}

fn the_latest_removals_are_kept_and_the_others_counted(make: Make) {
    let store = make(ROOMY);
    store.watch(true);
    let now = store.now();
    let end = now.after(seconds(1));
    let count = MOST_REMOVALS as u64 + 300;
    for n in 0..count {
        put(&store, n, b"x", MEMBER, now, end);
    }
    assert_eq!(store.collect(end).unwrap(), count);
    let told = store.removals();
    assert_eq!((by_key(&told).len(), told.more_expired, told.more_evicted), (MOST_REMOVALS, 300, 0));

    // Nothing of it is left in the way of what comes.
    put(&store, count, b"x", MEMBER, end, end.after(seconds(1)));
    assert_eq!(store.collect(end.after(seconds(1))).unwrap(), 1);
    let told = store.removals();
    assert_eq!((told.list.len(), told.list[0].key), (1, key(count)));
    assert_eq!((told.more_expired, told.more_evicted), (0, 0));
}

/// Small records stand in the block, larger ones begin in another page.
fn the_beginning_of_a_record_is_told_whatever_its_size(make: Make) {
    let store = make(ROOMY);
    store.watch(true);
    let now = store.now();
    let end = now.after(seconds(1));
    let sizes = [1, 2, 3, 600, 4008, 4096, 5000, 9000, 100_000, 3_000_000];
    for (n, size) in sizes.into_iter().enumerate() {
        let mut record = vec![0xee; size];
        record[0] = 0xa0 | u8::try_from(n).unwrap();
        put(&store, n as u64, &record, MEMBER, now, end);
    }
    assert_eq!(store.collect(end).unwrap(), sizes.len() as u64);
    let told = by_key(&store.removals());
    for (n, size) in sizes.into_iter().enumerate() {
        let second = if size == 1 { 0 } else { 0xee };
        assert_eq!(told[&key(n as u64)].head, [0xa0 | u8::try_from(n).unwrap(), second], "{size} bytes");
    }
}

fn beside_each_other_threads_tell_everything_once(make: Make) {
    let store = make(4 * MIB);
    store.watch(true);
    let now = store.now();
    let record = payload::of(1, usize::try_from(2 * KIB).unwrap());
    let told = thread::scope(|scope| {
        let workers: Vec<_> = (0..4_u64)
            .map(|thread| {
                let (store, record) = (&store, &record);
                scope.spawn(move || {
                    let mut told = Removals::default();
                    for n in 0..2500 {
                        let then = now.after(seconds(n));
                        // A tenth expires soon, and the rest has to give way.
                        let life = if n % 10 == 0 { seconds(50) } else { HOUR * 24 };
                        let write = write(record, then).until(then.after(life));
                        match store.commit(&key(thread << 32 | n), Expect::Absent, write, then) {
                            Ok(Commit::Stored(_)) | Err(EngineError::Full { .. }) => {}
                            other => panic!("{other:?}"),
                        }
                        if n % 20 == 0 {
                            let removals = store.removals();
                            told.list.extend(removals.list);
                            told.more_expired += removals.more_expired;
                            told.more_evicted += removals.more_evicted;
                        }
                    }
                    told
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect::<Vec<Removals>>()
    });
    let rest = store.removals();
    let all: Vec<Removal> =
        told.iter().chain([&rest]).flat_map(|removals| removals.list.iter().copied()).collect();
    let count = |cause| all.iter().filter(|gone| gone.cause == cause).count() as u64;
    let more = |of: fn(&Removals) -> u64| told.iter().chain([&rest]).map(of).sum::<u64>();
    let stats = store.stats().unwrap();
    assert_eq!(count(Cause::Expired) + more(|removals| removals.more_expired), stats.expired);
    assert_eq!(count(Cause::Evicted) + more(|removals| removals.more_evicted), stats.evicted);
    assert!(stats.evicted > 1000, "{stats:?}");
    let different: HashSet<Key> = all.iter().map(|gone| gone.key).collect();
    assert_eq!(different.len(), all.len(), "no key was used twice");
}

/// Whoever asks in the midst of a visit would wait for ever if the engine held a lock over its callback or its answer.
fn a_removal_is_told_outside_all_locks(make: Make) {
    let store = make(ROOMY);
    store.watch(true);
    let now = store.now();
    for n in 0..100 {
        put(&store, n, b"x", MEMBER, now, now.after(seconds(1 + n % 2)));
    }
    let then = now.after(seconds(1));
    let mut told = 0;
    store
        .visit(then, &mut |_| {
            store.collect(then).unwrap();
            told += store.removals().list.len();
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(told, 50);
}
