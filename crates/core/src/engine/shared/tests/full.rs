//! A full store: who gives way, who stays, and what still works (R16).

use super::{
    child::{Child, End},
    verify::problems,
    *,
};
use crate::engine::{Stats, shared::order::death};

const MIB: u64 = 1 << 20;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + millis)
}

fn guest(record: &[u8]) -> Write<'_> {
    Write { record, expires: LATER, owner: Owner::GUEST }
}

fn check(directory: &TempDir, size: u64) {
    let opened = attach::attach(&options(directory, size)).unwrap();
    assert_eq!(problems(&opened.store), Vec::<String>::new());
    opened.store.close();
}

/// Fills a store with members until it refuses; their versions.
fn fill(engine: &SharedEngine, length: impl Fn(u64) -> usize) -> Vec<Version> {
    let mut versions = Vec::new();
    loop {
        let number = versions.len() as u64;
        match engine.commit(&key(number), Expect::Absent, write(&record(number, length(number))), NOW) {
            Ok(Commit::Stored(version)) => versions.push(version),
            Err(EngineError::Full { .. }) => return versions,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn r16_a_commit_that_does_not_grow_its_session_always_finds_room() {
    let mixed = |number: u64| [200, 700, 1900, 3000, 9000, 40_000, 100_000][number as usize % 7];
    for (name, length) in [
        ("small", Box::new(|_| 600_usize) as Box<dyn Fn(u64) -> usize>),
        ("one page", Box::new(|_| 4000)),
        ("chained", Box::new(|_| 20_000)),
        ("large", Box::new(|_| 150_000)),
        ("mixed", Box::new(mixed)),
    ] {
        let directory = TempDir::new().unwrap();
        let engine = SharedEngine::open(options(&directory, 2 * MIB)).unwrap();
        let mut versions = fill(&engine, &length);
        assert!(versions.len() > 3, "{name}");
        // Nothing at all is free: what the large ones left is filled up too.
        let mut small = 1_000_000;
        while engine.commit(&key(small), Expect::Absent, write(&record(small, 40)), NOW).is_ok() {
            small += 1;
        }
        for round in 0..3_u64 {
            for (number, version) in (0..).zip(&mut versions) {
                let most = length(number);
                let length = [most, most - most / 3, most][round as usize];
                // The last round grows back to what it was only where it fits: equal to what is stored does.
                let length = if round == 2 { most - most / 3 } else { length };
                let record = record(number + round, length);
                *version =
                    stored(engine.commit(&key(number), Expect::Version(*version), write(&record), NOW));
                assert_eq!(engine.load(&key(number), NOW).unwrap().unwrap().record, record, "{name}");
            }
        }
        check(&directory, 2 * MIB);
    }
}

#[test]
fn r16_a_refused_commit_changes_nothing() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    let versions = fill(&engine, |_| 5000);
    let before = engine.stats().unwrap();
    let grown = record(1, 200_000);
    let refused = engine.commit(&key(0), Expect::Version(versions[0]), write(&grown), NOW);
    assert!(matches!(refused, Err(EngineError::Full { needed, .. }) if needed > 200_000), "{refused:?}");
    for (number, &version) in (0..).zip(&versions) {
        let stored = engine.load(&key(number), NOW).unwrap().unwrap();
        assert_eq!((stored.version, stored.record), (version, record(number, 5000)));
    }
    let after = engine.stats().unwrap();
    assert_eq!(after, Stats { refused: before.refused + 1, ..before });
    check(&directory, MIB);
}

#[test]
fn r16_a_record_that_finds_no_room_takes_none_from_others() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    let empty = engine.stats().unwrap();
    let refused = engine.commit(&key(0), Expect::Absent, write(&record(0, 600_000)), NOW);
    assert!(matches!(refused, Err(EngineError::Full { .. })), "{refused:?}");
    assert_eq!(engine.stats().unwrap(), Stats { refused: 1, ..empty });
    stored(engine.commit(&key(0), Expect::Absent, write(&record(0, 300_000)), NOW));
    check(&directory, MIB);
}

#[test]
fn r16_the_expired_go_before_guests_and_guests_before_the_error() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    let body = record(0, 1000);
    // A third expired, a third guests, the rest members until it is full.
    for number in 0..200 {
        let short = Write { record: &body, expires: at(500), owner: MEMBER };
        stored(engine.commit(&key(number), Expect::Absent, short, at(0)));
        stored(engine.commit(&key(1000 + number), Expect::Absent, guest(&body), at(number)));
    }
    let mut members = 0;
    let mut refused = false;
    while !refused {
        let commit = engine.commit(&key(2000 + members), Expect::Absent, write(&body), at(1000));
        refused = commit.is_err();
        let stats = engine.stats().unwrap();
        if refused {
            assert!(matches!(commit, Err(EngineError::Full { .. })), "{commit:?}");
            assert_eq!(stats.evicted, 200, "guests stay while a member is refused");
        } else {
            members += 1;
        }
        if stats.evicted > 0 {
            assert_eq!(stats.expired, 200, "a guest went before an expired session");
        }
    }
    for number in 0..members {
        assert!(engine.load(&key(2000 + number), at(1001)).unwrap().is_some(), "member {number} was dropped");
    }
    check(&directory, MIB);
}

#[test]
fn r16_guests_go_in_the_order_of_their_last_use() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, 4 * MIB)).unwrap();
    let body = record(0, 600);
    let mut count = 0;
    while engine.stats().unwrap().evicted == 0 {
        stored(engine.commit(&key(count), Expect::Absent, guest(&body), at(count)));
        count += 1;
    }
    let gone = engine.stats().unwrap().evicted;
    let first_left = (0..count).find(|&n| engine.load(&key(n), at(n)).unwrap().is_some()).unwrap();
    assert_eq!(first_left, gone, "the first to go were the oldest");
    // Every tenth of those that are left is used again, by loads and by touches.
    for number in (first_left..count).step_by(10) {
        if number % 20 == 0 {
            assert!(engine.load(&key(number), at(count + number)).unwrap().is_some());
        } else {
            assert!(engine.touch(&key(number), LATER, at(count + number)).unwrap());
        }
    }
    for number in count..count + (count - gone) / 2 {
        stored(engine.commit(&key(number), Expect::Absent, guest(&body), at(2 * count + number)));
    }
    for number in (first_left..count).step_by(10) {
        let left = engine.load(&key(number), at(9 * count)).unwrap();
        assert!(left.is_some(), "guest {number} went, though it was used lately");
    }
    check(&directory, 4 * MIB);
}

#[test]
fn r16_members_stay_under_a_flood_of_guests() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, 4 * MIB)).unwrap();
    for number in 0..1000 {
        stored(engine.commit(&key(number), Expect::Absent, write(&record(number, 900)), at(0)));
    }
    for number in 10_000..60_000 {
        let length = 50 + (number * 37 % 3000) as usize;
        stored(engine.commit(&key(number), Expect::Absent, guest(&record(number, length)), at(number)));
    }
    for number in 0..1000 {
        let stored = engine.load(&key(number), at(70_000)).unwrap().expect("a member was dropped");
        assert_eq!(stored.record, record(number, 900));
    }
    assert!(engine.stats().unwrap().evicted > 10_000);
    check(&directory, 4 * MIB);
}

#[test]
fn r28_small_records_give_their_pages_back_to_large_ones() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, 4 * MIB)).unwrap();
    let versions = fill(&engine, |number| 100 + (number % 20) as usize * 80);
    // One of eight stays: nearly every page keeps an object.
    for number in (0..versions.len() as u64).filter(|number| number % 8 != 0) {
        engine.destroy(&key(number), NOW).unwrap();
    }
    let stats = engine.stats().unwrap();
    let free = stats.capacity_bytes - stats.used_bytes;
    // The reserve takes as much again as the largest record.
    let mut large = 0;
    while large * 100_000 + 200_000 < free * 85 / 100 {
        let number = 1_000_000 + large;
        stored(engine.commit(&key(number), Expect::Absent, write(&record(number, 100_000)), NOW));
        large += 1;
    }
    assert!(large > 20);
    for number in (0..versions.len() as u64).step_by(8) {
        let length = 100 + (number % 20) as usize * 80;
        assert_eq!(engine.load(&key(number), NOW).unwrap().unwrap().record, record(number, length));
    }
    check(&directory, 4 * MIB);
}

#[test]
fn r02_death_at_every_step_on_a_full_store_keeps_it_writable() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    let versions = fill(&engine, |_| 30_000);
    let mut small = 1_000_000;
    while engine.commit(&key(small), Expect::Absent, write(&record(small, 40)), NOW).is_ok() {
        small += 1;
    }
    for step in 1.. {
        let before = engine.load(&key(0), NOW).unwrap().unwrap();
        let body = record(step, 30_000);
        let child = Child::run(|| {
            engine.load(&key(0), NOW).unwrap();
            death::after(step);
            stored(engine.commit(&key(0), Expect::Version(before.version), write(&body), NOW));
            death::after(u64::MAX);
        });
        let end = child.end();
        let after = engine.load(&key(0), NOW).unwrap().unwrap();
        assert!(after.record == before.record || after.record == body, "step {step}");
        // The reserve is whole again: another session of that size can be replaced.
        let other = engine.load(&key(1), NOW).unwrap().unwrap();
        let expect = Expect::Version(other.version);
        stored(engine.commit(&key(1), expect, write(&record(step, 30_000)), NOW));
        check(&directory, MIB);
        if end == End::Done {
            assert!(step > 50, "only {step} steps were seen");
            break;
        }
        assert_eq!(end, End::Killed);
    }
    assert!(versions.len() > 10);
}
