//! What a store says of itself.

use holdfast_core::engine::{Commit, Expect, Owner, Stats, Tally, Version};

use crate::{
    engines::Make,
    store::{HOUR, MIB, ROOMY, conflict, key, seconds, stored, write},
};

contract![by one handle: each_event_is_counted_once];
contract![the_parts_are_the_whole];
contract![in own memory: guests_are_counted];
contract![in own memory: an_empty_store_has_counted_nothing, used_bytes_follow_what_is_stored];

fn an_empty_store_has_counted_nothing(make: Make) {
    let stats = make(16 * MIB).stats().unwrap();
    let Stats { capacity_bytes, used_bytes, .. } = stats;
    assert_eq!(stats, Stats { capacity_bytes, used_bytes, ..Stats::default() });
    assert!((8 * MIB..=16 * MIB).contains(&capacity_bytes), "{capacity_bytes}");
    assert!(used_bytes <= capacity_bytes / 20, "{used_bytes}");
}

fn each_event_is_counted_once(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let version = store.create(&key(1), b"x", now);
    store.create(&key(2), b"x", now);
    let second = stored(store.commit(&key(1), Expect::Version(version), write(b"y", now), now));
    let _ = conflict(store.commit(&key(1), Expect::Version(version), write(b"z", now), now));
    let _ = conflict(store.commit(&key(1), Expect::Absent, write(b"z", now), now));
    let gone = store.commit(&key(9), Expect::Version(Version(1)), write(b"z", now), now);
    assert_eq!(gone.unwrap(), Commit::Gone);
    store.load(&key(1), now).unwrap();
    store.touch(&key(1), now.after(HOUR * 2), now).unwrap();
    store.destroy(&key(2), now).unwrap();
    store.count(&key(1), Tally::Merge);
    store.count(&key(1), Tally::Throttled);
    store.count(&key(2), Tally::Throttled);
    let stats = store.stats().unwrap();
    let Stats { capacity_bytes, used_bytes, guests, .. } = stats;
    let (merges, throttled) = (1, 2);
    let expected = Stats {
        sessions: 1,
        commits: 3,
        conflicts: 2,
        merges,
        throttled,
        guests,
        capacity_bytes,
        used_bytes,
        ..Stats::default()
    };
    assert_eq!(stats, expected);

    let late = now.after(HOUR * 2);
    assert_eq!(
        store.commit(&key(1), Expect::Version(second), write(b"z", late), late).unwrap(),
        Commit::Gone
    );
    store.collect(late).unwrap();
    let stats = store.stats().unwrap();
    assert_eq!((stats.sessions, stats.expired, stats.commits), (0, 1, 3));
}

fn used_bytes_follow_what_is_stored(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let used = || store.stats().unwrap().used_bytes;
    let empty = used();
    let mut version = store.create(&key(1), &vec![1; 1_000_000], now);
    assert!((1_000_000..1_200_000).contains(&(used() - empty)), "{} for a million", used() - empty);
    for len in [2_000_000, 10, 2_000_000, 500_000] {
        version = stored(store.commit(&key(1), Expect::Version(version), write(&vec![1; len], now), now));
        let grown = usize::try_from(used() - empty).unwrap();
        assert!((len..len + len / 5 + 65_536).contains(&grown), "{grown} for {len}");
    }
    assert!(store.destroy(&key(1), now.after(seconds(1))).unwrap());
    assert!(used() <= empty + 65_536, "{empty} before, {} after", used());
}

fn the_parts_are_the_whole(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..500 {
        store.create(&key(n), &vec![1; 10 * usize::try_from(n).unwrap() + 1], now);
    }
    let parts = store.parts().unwrap();
    let sum = |of: fn(&Stats) -> u64| parts.iter().map(of).sum::<u64>();
    assert!(sum(|part| part.sessions) >= 500, "{parts:?}");
    assert!(sum(|part| part.used_bytes) >= 500 * 501 / 2 * 10);
}

fn guests_are_counted(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..10 {
        store.create_for(Owner(n % 2), &key(n), b"x", now);
    }
    assert_eq!(store.stats().unwrap().guests, 5);
    assert!(store.destroy(&key(0), now).unwrap());
    assert_eq!(store.stats().unwrap().guests, 4);
}
