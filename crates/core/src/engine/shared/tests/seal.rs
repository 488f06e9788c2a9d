//! What a lone opener makes anew, and when: nothing where the last user left the file in order, all of it else.

use std::{fs, os::unix::fs::FileExt, sync::atomic::Ordering::Relaxed};

use super::{
    child::{Child, End, no_forks},
    damage::open_file,
    verify::problems,
    *,
};
use crate::engine::shared::{
    header::{self, Found},
    layout::Geometry,
    store::Store,
};

const MIB: u64 = 1 << 20;
/// So many that lines overflow.
const SMALL: u64 = 3000;
/// So few that none does.
const FEW: u64 = 100;
/// Behind them some that have chains.
const ALL: u64 = 3015;

fn put(engine: &SharedEngine, number: u64, length: usize) {
    stored(engine.commit(&key(number), Expect::Absent, write(&record(number, length)), NOW));
}

fn fill(engine: &SharedEngine, small: u64) {
    for number in 0..small {
        put(engine, number, 30);
    }
    for number in SMALL..ALL {
        put(engine, number, 9000);
    }
}

fn check(engine: &SharedEngine) {
    for number in 0..ALL {
        let length = if number < SMALL { 30 } else { 9000 };
        let stored = engine.load(&key(number), NOW).unwrap().expect("a session was lost");
        assert_eq!(stored.record, record(number, length));
    }
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new());
}

/// A recovery skips versions. Whether one has been made since the versions were these.
fn is_recovered(store: &Store, since: &[u64]) -> bool {
    let skipped = versions(store).into_iter().zip(since).map(|(now, then)| now - then >= 1 << 32);
    let skipped: Vec<bool> = skipped.collect();
    assert!(skipped.iter().all(|&shard| shard == skipped[0]));
    skipped[0]
}

fn versions(store: &Store) -> Vec<u64> {
    store.shards().map(|shard| store.map.shard(shard).version.load(Relaxed)).collect()
}

/// Opens the store, alone; whether it was recovered since the versions were these. It is left unsealed.
fn recovers(options: &SharedOptions, since: &[u64]) -> bool {
    let _alone = no_forks();
    let opened = attach::attach(options).unwrap();
    let recovered = is_recovered(&opened.store, since);
    assert_eq!(problems(&opened.store), Vec::<String>::new());
    opened.store.close();
    recovered
}

/// A store of 1 MiB that its last user closed, and the versions of its shards.
fn a_closed_store(directory: &TempDir) -> (SharedOptions, Vec<u64>) {
    a_closed_store_of(directory, SMALL)
}

fn a_closed_store_of(directory: &TempDir, small: u64) -> (SharedOptions, Vec<u64>) {
    let options = options(directory, MIB);
    let _alone = no_forks();
    let engine = SharedEngine::open(options.clone()).unwrap();
    fill(&engine, small);
    let versions = engine.with_store(versions);
    drop(engine);
    (options, versions)
}

fn seal_of(options: &SharedOptions) -> Option<std::num::NonZeroU64> {
    match header::inspect(&open_file(&options.path), MIB).unwrap() {
        Found::Store { header, both: true } => header.seal,
        other => panic!("{other:?}"),
    }
}

/// A count that somebody else had overwritten in use, and that nobody met, was sealed with the rest and stayed wrong.
#[test]
fn r11_a_count_that_is_damaged_in_use_is_made_anew_by_the_next_opener() {
    let directory = TempDir::new().unwrap();
    let (options, _) = a_closed_store(&directory);
    let versions = {
        let _alone = no_forks();
        let engine = SharedEngine::open(options.clone()).unwrap();
        let versions = engine.with_store(|store| {
            store.map.shard(1).sessions.fetch_sub(1, Relaxed);
            versions(store)
        });
        drop(engine);
        versions
    };
    assert!(recovers(&options, &versions));
    let engine = SharedEngine::open(options).unwrap();
    assert_eq!(engine.stats().unwrap().sessions, ALL);
}

#[test]
fn r27_a_store_that_its_last_user_closed_is_opened_as_it_is() {
    let directory = TempDir::new().unwrap();
    let (options, versions) = a_closed_store(&directory);
    let _alone = no_forks();
    let engine = SharedEngine::open(options.clone()).unwrap();
    assert!(!engine.with_store(|store| is_recovered(store, &versions)));
    check(&engine);
    put(&engine, 9000, 20_000);
    drop(engine);
    let engine = SharedEngine::open(options).unwrap();
    assert!(!engine.with_store(|store| is_recovered(store, &versions)));
    assert!(engine.destroy(&key(9000), NOW).unwrap());
    check(&engine);
}

#[test]
fn r27_only_the_last_user_seals() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory, MIB);
    let alone = no_forks();
    let [first, last] = [(); 2].map(|()| SharedEngine::open(options.clone()).unwrap());
    put(&first, 1, 600);
    drop(first);
    assert_eq!(seal_of(&options), None);
    drop(last);
    assert!(seal_of(&options).is_some());
    drop(alone);
    // A child that forgets what it opened leaves no word, and one that inherited it seals nothing.
    let engine = SharedEngine::open(options.clone()).unwrap();
    let before = seal_of(&options);
    put(&engine, 2, 600);
    let child = Child::run(|| {
        // SAFETY: the child has a copy of its own, and the parent's is not touched.
        drop(unsafe { std::ptr::read(&raw const engine) });
    });
    assert_eq!(child.end(), End::Done);
    assert_eq!(seal_of(&options), before);
}

#[test]
fn r27_of_users_that_leave_at_once_one_is_the_last() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory, MIB);
    let _alone = no_forks();
    for round in 0..20 {
        let engines = [(); 8].map(|()| SharedEngine::open(options.clone()).unwrap());
        let before = seal_of(&options);
        put(&engines[0], round, 600);
        let together = std::sync::Barrier::new(engines.len());
        std::thread::scope(|scope| {
            for engine in engines {
                let together = &together;
                scope.spawn(move || {
                    together.wait();
                    drop(engine);
                });
            }
        });
        assert_ne!(seal_of(&options), before, "round {round}");
    }
}

#[test]
fn r01_whoever_dies_in_a_sealed_store_leaves_it_to_be_recovered() {
    for what in 0..5 {
        let directory = TempDir::new().unwrap();
        let (options, versions) = a_closed_store(&directory);
        let child = Child::run(|| {
            let engine = SharedEngine::open(options.clone()).unwrap();
            let change = match what {
                0 => engine.load(&key(1), NOW).map(|_| ()),
                1 => engine.touch(&key(1), LATER, NOW).map(|_| ()),
                2 => engine.destroy(&key(SMALL - 10), NOW).map(|_| ()),
                3 => engine.commit(&key(77_777), Expect::Absent, write(&record(3, 5000)), NOW).map(|_| ()),
                // Nothing: the seal holds.
                _ => Ok(()),
            };
            change.unwrap();
            std::mem::forget(engine);
        });
        assert_eq!(child.end(), End::Done);
        assert_eq!(recovers(&options, &versions), what < 4, "deed {what}");
    }
}

#[test]
fn r20_a_seal_of_another_boot_is_no_word_for_this_one() {
    let directory = TempDir::new().unwrap();
    let (options, versions) = a_closed_store(&directory);
    let file = open_file(&options.path);
    let Found::Store { mut header, .. } = header::inspect(&file, MIB).unwrap() else { panic!() };
    header.boot_id = [b'x'; 40];
    header.generation += 1;
    header::write(&file, &header).unwrap();
    assert!(recovers(&options, &versions));
}

#[test]
fn r20_a_copy_is_another_file_than_the_sealed_one() {
    let directory = TempDir::new().unwrap();
    let (options, versions) = a_closed_store(&directory);
    let copy = SharedOptions { path: directory.path().join("copy.store"), ..options.clone() };
    fs::copy(&options.path, &copy.path).unwrap();
    assert!(recovers(&copy, &versions));
    assert!(!recovers(&options, &versions));
}

#[test]
fn r12_a_record_damaged_in_a_store_that_nobody_sealed_costs_itself() {
    let directory = TempDir::new().unwrap();
    let (options, versions) = a_closed_store(&directory);
    let image = fs::read(&options.path).unwrap();
    let wanted = record(SMALL + 3, 9000);
    let at = image.windows(64).position(|bytes| bytes == &wanted[100..164]).unwrap();
    let file = open_file(&options.path);
    file.write_all_at(&[image[at] ^ 1], at as u64).unwrap();
    // As if the last user had been killed.
    let lock = Geometry::shard(0) + 4;
    file.write_all_at(&[image[lock as usize] ^ 1], lock).unwrap();
    let _alone = no_forks();
    let engine = SharedEngine::open(options).unwrap();
    assert!(engine.with_store(|store| is_recovered(store, &versions)));
    assert_eq!(engine.load(&key(SMALL + 3), NOW).unwrap(), None);
    assert_eq!(engine.damaged_sessions().unwrap(), 1);
    stored(engine.commit(&key(SMALL + 3), Expect::Absent, write(&wanted), NOW));
    check(&engine);
}

/// Halves of two states of a file that is in use: one of its header and all that is derived, one of the blocks behind them.
fn two_halves(options: &SharedOptions) -> [[Vec<u8>; 2]; 2] {
    let blocks = Geometry::for_size(MIB).unwrap().page(0) as usize;
    let halves = || {
        let mut image = fs::read(&options.path).unwrap();
        let blocks = image.split_off(blocks);
        [image, blocks]
    };
    let engine = SharedEngine::open(options.clone()).unwrap();
    let before = halves();
    for number in SMALL..ALL {
        assert!(engine.destroy(&key(number), NOW).unwrap());
    }
    // In the same places.
    for number in SMALL..ALL {
        put(&engine, number + 1000, 9000);
    }
    [before, halves()]
}

#[test]
fn r12_a_file_that_is_newer_than_its_seal_is_recovered() {
    let directory = TempDir::new().unwrap();
    let (options, versions) = a_closed_store(&directory);
    let alone = no_forks();
    let [[mut old, _], [new, blocks]] = two_halves(&options);
    // The header, with the seal, as it was; and the index as it became.
    old[Geometry::shard(0) as usize..].copy_from_slice(&new[Geometry::shard(0) as usize..]);
    open_file(&options.path).write_all_at(&[old, blocks].concat(), 0).unwrap();
    drop(alone);
    assert!(recovers(&options, &versions));
}

#[test]
fn r12_blocks_that_are_newer_than_the_seal_are_dropped_when_they_are_met() {
    let directory = TempDir::new().unwrap();
    let (options, versions) = a_closed_store_of(&directory, FEW);
    let _alone = no_forks();
    let [[old, _], [_, blocks]] = two_halves(&options);
    open_file(&options.path).write_all_at(&[old, blocks].concat(), 0).unwrap();
    let engine = SharedEngine::open(options).unwrap();
    assert!(!engine.with_store(|store| is_recovered(store, &versions)));
    let mut left = 0;
    for number in (0..FEW).chain(SMALL..ALL) {
        if let Some(stored) = engine.load(&key(number), NOW).unwrap() {
            assert_eq!(stored.record, record(number, if number < SMALL { 30 } else { 9000 }));
            left += 1;
        }
    }
    // What had been destroyed stood there still, where nothing else had taken its place.
    assert!((FEW..FEW + (ALL - SMALL)).contains(&left), "{left} are left");
    assert!(engine.damaged_sessions().unwrap() > 0);
    // Of what nobody has looked for, a repair takes care.
    engine.with_store(|store| store.shards().for_each(|shard| store.lock_shard(shard).unwrap().repair()));
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new());
}

#[test]
fn r12_what_was_repaired_is_recovered_by_the_next_who_is_alone() {
    let directory = TempDir::new().unwrap();
    let (options, versions) = a_closed_store(&directory);
    let alone = no_forks();
    let engine = SharedEngine::open(options.clone()).unwrap();
    engine.with_store(|store| store.lock_shard(1).unwrap().repair());
    drop(engine);
    drop(alone);
    assert!(recovers(&options, &versions));
}
