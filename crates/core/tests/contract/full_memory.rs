//! Full memory gives way: expired, then guests in the order of their last use, then `Full`; members never.

use std::{ops::ControlFlow, thread, time::Duration};

use holdfast_core::{
    engine::{Commit, EngineError, Expect, Owner, Summary},
    time::Timestamp,
};

use crate::{
    engines::Make,
    payload,
    store::{HOUR, KIB, MEMBER, MIB, Store, With, conflict, key, seconds, stored, write},
};

contract![in own memory:
    r16_expired_sessions_give_way_first,
    r16_guests_give_way_in_the_order_of_their_last_use,
    r16_a_load_a_commit_and_a_touch_are_uses,
    r16_members_are_never_dropped,
    r16_a_guest_who_logged_in_is_a_member,
    r16_a_commit_that_does_not_grow_a_session_finds_room,
    r16_a_flood_of_guests_leaves_every_member,
    r17_a_refused_commit_keeps_the_previous_state,
    r17_a_refused_commit_sends_nobody_away,
    a_session_does_not_give_way_to_itself,
    r16_a_guest_who_grows_takes_the_room_of_others,
    r28_memory_comes_back_when_sessions_go,
    r16_the_order_holds_with_many_threads,
];

const SMALL: u64 = 4 * MIB;

/// Values small enough for a slab and large enough for pages.
const SIZES: [usize; 3] = [600, 3000, 20_000];

/// Creates sessions from number `first` on, each a second after the one before, until `full` says so.
/// Returns the number after the last and the time then.
fn fill(
    store: &Store,
    owner: Owner,
    first: u64,
    len: usize,
    mut now: Timestamp,
    full: impl Fn() -> bool,
) -> (u64, Timestamp) {
    let record = payload::of(1, len);
    let mut n = first;
    loop {
        now = now.after(seconds(1));
        let write = write(&record, now).of(owner).until(now.after(HOUR * 24));
        match store.commit(&key(n), Expect::Absent, write, now) {
            Ok(Commit::Stored(_)) => n += 1,
            Ok(other) => panic!("expected to store, got {other:?}"),
            Err(EngineError::Full { .. }) => return (n, now),
            Err(error) => panic!("{error}"),
        }
        if full() {
            return (n, now);
        }
    }
}

fn evicted(store: &Store) -> u64 {
    store.stats().unwrap().evicted
}

fn r16_expired_sessions_give_way_first(make: Make) {
    let store = make(SMALL);
    let now = store.now();
    let soon = now.after(seconds(1));
    let record = payload::of(1, 3000);
    let nearly_full = || {
        let stats = store.stats().unwrap();
        stats.used_bytes + stats.capacity_bytes / 16 > stats.capacity_bytes
    };
    // Guests used before all others, and for the rest guests and members that will have ended.
    for n in 0..300 {
        store.create(&key(n), &record, now);
    }
    let mut end = 300;
    while !nearly_full() {
        let owner = if end % 2 == 0 { MEMBER } else { Owner::GUEST };
        stored(store.commit(&key(end), Expect::Absent, write(&record, now).of(owner).until(soon), now));
        end += 1;
    }
    let large = payload::of(2, 1_000_000);
    store.create_for(MEMBER, &key(9999), &large, soon);
    let stats = store.stats().unwrap();
    assert_eq!((stats.evicted, stats.refused), (0, 0), "guests went while expired sessions were there");
    assert!(stats.expired > 200, "{}", stats.expired);
    assert!((0..300).all(|n| store.is_there(&key(n), soon)));
}

fn r16_guests_give_way_in_the_order_of_their_last_use(make: Make) {
    for len in SIZES {
        let store = make(SMALL);
        let (full, now) = fill(&store, Owner::GUEST, 0, len, store.now(), || evicted(&store) > 0);
        let (end, now) = fill(&store, Owner::GUEST, full, len, now, || evicted(&store) >= full / 3);
        let gone = evicted(&store);
        for n in 0..end {
            assert_eq!(
                store.is_there(&key(n), now),
                n >= gone,
                "guest {n} of {end}, {gone} gone, {len} bytes"
            );
        }
        assert_eq!(store.stats().unwrap().refused, 0);
    }
}

fn r16_a_load_a_commit_and_a_touch_are_uses(make: Make) {
    let store = make(SMALL);
    let len = 3000;
    let (full, mut now) = fill(&store, Owner::GUEST, 0, len, store.now(), || evicted(&store) > 0);
    let gone = evicted(&store);
    // The oldest quarter is used, by all three ways, an hour later.
    now = now.after(HOUR);
    let used = gone..full / 4;
    for n in used.clone() {
        match n % 3 {
            0 => assert!(store.is_there(&key(n), now)),
            1 => {
                let version = store.there(&key(n), now).version;
                let record = payload::of(2, len);
                stored(store.commit(&key(n), Expect::Version(version), write(&record, now), now));
            }
            _ => assert!(store.touch(&key(n), now.after(HOUR), now).unwrap()),
        }
    }
    let (end, now) = fill(&store, Owner::GUEST, full, len, now, || evicted(&store) >= full / 2);
    let gone = evicted(&store) - gone;
    for n in used {
        assert!(store.is_there(&key(n), now), "guest {n} was used later than those who stayed");
    }
    for n in full / 4..end {
        assert_eq!(store.is_there(&key(n), now), n >= full / 4 + gone, "guest {n} of {end}, {gone} gone");
    }
}

fn r16_members_are_never_dropped(make: Make) {
    for len in SIZES {
        let store = make(SMALL);
        let (end, now) = fill(&store, MEMBER, 0, len, store.now(), || false);
        assert!(end * len as u64 > SMALL / 2, "only {end} of {len} bytes found room");
        // Neither a guest nor a member drives a member out.
        for owner in [Owner::GUEST, MEMBER] {
            match store.commit(&key(end), Expect::Absent, write(&payload::of(1, len), now).of(owner), now) {
                Err(EngineError::Full { needed, capacity }) => {
                    assert!(needed >= len as u64);
                    assert_eq!(capacity, store.stats().unwrap().capacity_bytes);
                }
                other => panic!("expected a refusal, got {other:?}"),
            }
            assert!(!store.is_there(&key(end), now));
        }
        for n in 0..end {
            assert!(store.is_there(&key(n), now), "member {n}");
        }
        let stats = store.stats().unwrap();
        assert_eq!((stats.sessions, stats.evicted, stats.refused), (end, 0, 3));
    }
}

fn r16_a_guest_who_logged_in_is_a_member(make: Make) {
    let store = make(SMALL);
    let now = store.now();
    let record = payload::of(1, 3000);
    for n in 0..100 {
        let version = store.create(&key(n), &record, now);
        stored(store.commit(&key(n), Expect::Version(version), write(&record, now).of(MEMBER), now));
        // And the other way: who logged out may go.
        let version = store.create_for(MEMBER, &key(1000 + n), &record, now);
        stored(store.commit(&key(1000 + n), Expect::Version(version), write(&record, now), now));
    }
    let (_, now) = fill(&store, MEMBER, 10_000, 3000, now, || false);
    for n in 0..100 {
        assert!(store.is_there(&key(n), now), "member {n}");
        assert!(!store.is_there(&key(1000 + n), now), "guest {n}");
    }
}

fn r16_a_commit_that_does_not_grow_a_session_finds_room(make: Make) {
    for len in SIZES {
        let store = make(SMALL);
        let (end, now) = fill(&store, MEMBER, 0, len, store.now(), || false);
        for n in 0..end {
            let mut version = store.there(&key(n), now).version;
            for (value, len) in [(2, len), (3, len), (4, len - 9), (5, 10)] {
                let record = payload::of(value, len);
                let write = write(&record, now).of(MEMBER);
                version = stored(store.commit(&key(n), Expect::Version(version), write, now));
                assert!(store.there(&key(n), now).record == record);
            }
            // Full again, for the next one.
            let grown = payload::of(6, len);
            match store.commit(&key(n), Expect::Version(version), write(&grown, now).of(MEMBER), now) {
                Ok(Commit::Stored(_)) | Err(EngineError::Full { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

fn r16_a_flood_of_guests_leaves_every_member(make: Make) {
    const MEMBERS: u64 = 2000;
    let store = make(SMALL);
    let mut now = store.now();
    for n in 0..MEMBERS {
        store.create_for(MEMBER, &key(n), &payload::of(1, 700), now);
    }
    for n in 0..50_000_u32 {
        now = now.after(Duration::from_millis(1));
        let len = [40, 300, 700, 5000][n as usize % 4];
        store.create(&key(u64::from(n) + MEMBERS), &payload::of(n, len), now);
    }
    for n in 0..MEMBERS {
        let there = store.there(&key(n), now);
        assert_eq!(payload::value_in(&there.record), Ok(1));
        let again = payload::of(2, 700);
        let write = write(&again, now).of(MEMBER);
        stored(store.commit(&key(n), Expect::Version(there.version), write, now));
    }
    let stats = store.stats().unwrap();
    assert_eq!(stats.refused, 0);
    assert_eq!(stats.evicted, 50_000 + MEMBERS - stats.sessions);
}

fn r17_a_refused_commit_keeps_the_previous_state(make: Make) {
    for len in SIZES {
        let store = make(SMALL);
        let (end, now) = fill(&store, MEMBER, 0, len, store.now(), || false);
        let grown = payload::of(2, 600_000);
        for n in 0..end.min(300) {
            let before = store.there(&key(n), now);
            let outcome =
                store.commit(&key(n), Expect::Version(before.version), write(&grown, now).of(MEMBER), now);
            assert!(matches!(outcome, Err(EngineError::Full { .. })), "{outcome:?}");
            assert!(store.there(&key(n), now) == before);
            // The version is still good.
            let same = write(&before.record, now).of(MEMBER).until(before.expires);
            stored(store.commit(&key(n), Expect::Version(before.version), same, now));
        }
        let conflicting = store.commit(&key(0), Expect::Absent, write(&grown, now), now);
        assert_eq!(payload::value_in(&conflict(conflicting).record), Ok(1));
    }
}

fn r17_a_refused_commit_sends_nobody_away(make: Make) {
    let store = make(SMALL);
    let mut now = store.now();
    for n in 0..200 {
        store.create_for(MEMBER, &key(n), &payload::of(1, 10_000), now);
    }
    for n in 200..260 {
        store.create(&key(n), &payload::of(1, 10_000), now);
    }
    now = now.after(seconds(1));
    let huge = payload::of(2, 3 * usize::try_from(MIB).unwrap());
    let outcome = store.commit(&key(999), Expect::Absent, write(&huge, now), now);
    assert!(matches!(outcome, Err(EngineError::Full { .. })), "{outcome:?}");
    assert_eq!(evicted(&store), 0);
    assert!((0..260).all(|n| store.is_there(&key(n), now)));
}

fn a_session_does_not_give_way_to_itself(make: Make) {
    let store = make(SMALL);
    let now = store.now();
    let version = store.create(&key(0), &payload::of(1, 3000), now);
    let (_, now) = fill(&store, MEMBER, 1, 3000, now, || evicted(&store) > 0);
    assert!(!store.is_there(&key(0), now), "the only guest gave way to members");

    // The same guest, of whom there is one again, now wants more than there is.
    // Room for a few more, wherever an engine has room for one session and not for another.
    for n in 1..=8 {
        assert!(store.destroy(&key(n), now).unwrap());
    }
    assert_eq!(store.commit(&key(0), Expect::Version(version), write(b"x", now), now).unwrap(), Commit::Gone);
    store.create(&key(0), &payload::of(2, 2000), now);
    let before = store.there(&key(0), now);
    let grown = payload::of(3, 100 * usize::try_from(KIB).unwrap());
    let outcome = store.commit(&key(0), Expect::Version(before.version), write(&grown, now), now);
    assert!(matches!(outcome, Err(EngineError::Full { .. })), "{outcome:?}");
    assert!(store.there(&key(0), now) == before);
}

/// The guest used longest ago comes back with more than fits: the others go, for it is used now.
fn r16_a_guest_who_grows_takes_the_room_of_others(make: Make) {
    for len in SIZES {
        let store = make(SMALL);
        let (end, now) = fill(&store, Owner::GUEST, 0, len, store.now(), || evicted(&store) > 0);
        let oldest = evicted(&store);
        let version = {
            let mut version = None;
            let mut each = |summary: Summary| {
                if summary.key == key(oldest) {
                    version = Some(summary.version);
                }
                ControlFlow::Continue(())
            };
            store.visit(now, &mut each).unwrap();
            version.expect("the guest used longest ago of those who stayed")
        };
        let grown = payload::of(2, 300_000);
        stored(store.commit(&key(oldest), Expect::Version(version), write(&grown, now), now));
        assert!(store.there(&key(oldest), now).record == grown);
        assert!(!store.is_there(&key(oldest + 1), now), "the next to go");
        assert!(store.is_there(&key(end - 1), now), "the last to go");
    }
}

fn r28_memory_comes_back_when_sessions_go(make: Make) {
    let store = make(SMALL);
    let empty = store.stats().unwrap().used_bytes;
    let mut first = None;
    for round in 0..6 {
        let len = SIZES[round % 3];
        let (end, now) = fill(&store, MEMBER, 0, len, store.now(), || false);
        for n in 0..end {
            assert!(store.destroy(&key(n), now).unwrap());
        }
        let used = store.stats().unwrap().used_bytes;
        assert!(used <= empty + SMALL / 20, "{empty} at first, {used} after round {round}");
        match (round, first) {
            (0, _) => first = Some(end),
            (3, Some(first)) => assert!(end >= first - first / 50, "{first} found room, then {end}"),
            _ => {}
        }
    }
}

fn r16_the_order_holds_with_many_threads(make: Make) {
    const THREADS: u32 = 4;
    let store = make(SMALL);
    let now = store.now();
    for n in 0..500 {
        store.create_for(MEMBER, &key(n), &payload::of(1, 3000), now);
    }
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                for n in 0..3000_u32 {
                    let value = thread << 16 | n;
                    let len = [100, 2500, 30_000][n as usize % 3];
                    store.create(&key(1_000_000 + u64::from(value)), &payload::of(value, len), now);
                    if let Some(there) = store.load(&key(1_000_000 + u64::from(value)), now).unwrap() {
                        assert_eq!(payload::value_in(&there.record), Ok(value));
                    }
                }
            });
        }
    });
    assert!((0..500).all(|n| store.is_there(&key(n), now)));
    let stats = store.stats().unwrap();
    assert_eq!(stats.refused, 0);
    assert!(stats.used_bytes <= stats.capacity_bytes);
    assert_eq!(stats.sessions + stats.evicted, 500 + u64::from(THREADS) * 3000);
}
