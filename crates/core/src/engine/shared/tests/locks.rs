//! Locks whose holders die, stop, or fork.

use std::time::{Duration, Instant};

use super::{
    child::{Child, End, Signal},
    verify::problems,
    *,
};

/// Two keys of different shards.
fn keys_of_two_shards(store: &crate::engine::shared::store::Store) -> [Key; 2] {
    let first = key(0);
    let other = (1..1000).map(key).find(|key| store.address(key).shard != store.address(&first).shard);
    [first, other.unwrap()]
}

/// A child that holds the lock of the shard of `key`, in the middle of a change, until it is killed.
fn holder(options: &SharedOptions, key: Key, held: &Signal) -> Child {
    Child::run(|| {
        let opened = attach::attach(options).unwrap();
        let guard = opened.store.lock_shard(opened.store.address(&key).shard).unwrap();
        let _change = guard.begin_change();
        held.give();
        loop {
            std::thread::park();
        }
    })
}

#[test]
fn r03_a_dead_holders_lock_is_taken_over_within_100_ms() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory, 1 << 20);
    let engine = SharedEngine::open(options.clone()).unwrap();
    let key = key(0);
    let version = stored(engine.commit(&key, Expect::Absent, write(b"one"), NOW));
    // How many are killed.
    let holders = std::env::var("HOLDFAST_HOLDERS").map_or(20, |text| text.parse().unwrap());
    for round in 0..holders {
        let held = Signal::new();
        let child = holder(&options, key, &held);
        held.wait();
        child.signal(libc::SIGKILL);
        assert_eq!(child.end(), End::Killed);
        let begun = Instant::now();
        let loaded = engine.load(&key, NOW).unwrap().unwrap();
        assert!(begun.elapsed() < Duration::from_millis(100), "round {round}: {:?}", begun.elapsed());
        assert_eq!((loaded.version, loaded.record), (version, b"one".to_vec()));
    }
    let stats = engine.stats().unwrap();
    assert_eq!((stats.recovered_locks, stats.repairs), (holders, holders));
}

#[test]
fn r03_who_waits_already_when_the_holder_dies_gets_on_within_100_ms() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory, 1 << 20);
    let engine = SharedEngine::open(options.clone()).unwrap();
    for _ in 0..10 {
        let held = Signal::new();
        let child = holder(&options, key(0), &held);
        held.wait();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                engine.load(&key(0), NOW).unwrap();
                Instant::now()
            });
            // The waiter has shown itself in the lock word, so it sleeps, or is about to.
            let opened = attach::attach(&options).unwrap();
            let shard = opened.store.address(&key(0)).shard;
            while opened.store.map.shard(shard).lock.load(std::sync::atomic::Ordering::Relaxed) & 1 << 31 == 0
            {
                std::thread::yield_now();
            }
            opened.store.close();
            let killed = Instant::now();
            child.signal(libc::SIGKILL);
            let got_on = waiter.join().unwrap();
            let waited = got_on.saturating_duration_since(killed);
            assert!(waited < Duration::from_millis(100), "{waited:?}");
        });
        assert_eq!(child.end(), End::Killed);
    }
}

#[test]
fn r05_a_stopped_holder_is_never_robbed_and_other_shards_work_on() {
    let directory = TempDir::new().unwrap();
    let mut options = options(&directory, 1 << 20);
    let opened = attach::attach(&options).unwrap();
    let [stuck, other] = keys_of_two_shards(&opened.store);
    options.lock_timeout = Duration::from_millis(300);
    let engine = SharedEngine::open(options.clone()).unwrap();
    let held = Signal::new();
    let child = holder(&options, stuck, &held);
    held.wait();
    child.signal(libc::SIGSTOP);
    child.wait_until_stopped();

    let begun = Instant::now();
    match engine.load(&stuck, NOW) {
        Err(EngineError::Busy { holder, waited }) => {
            assert_eq!(holder, child.id());
            assert!(waited >= options.lock_timeout && waited < Duration::from_secs(5), "{waited:?}");
        }
        other => panic!("{other:?}"),
    }
    assert!(begun.elapsed() >= options.lock_timeout);
    for _ in 0..100 {
        engine.load(&other, NOW).unwrap();
    }
    stored(engine.commit(&other, Expect::Absent, write(b"other"), NOW));

    child.signal(libc::SIGCONT);
    child.signal(libc::SIGKILL);
    assert_eq!(child.end(), End::Killed);
    assert_eq!(engine.load(&stuck, NOW).unwrap(), None);
    assert_eq!(problems(&opened.store), Vec::<String>::new());
    opened.store.close();
}

#[test]
fn r03_a_place_that_was_given_to_another_process_does_not_keep_a_dead_holder_alive() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory, 1 << 20);
    let opened = attach::attach(&options).unwrap();
    let store = &opened.store;
    let taken = store.lock_shard(0).unwrap();
    let word = taken.header.lock.load(std::sync::atomic::Ordering::Relaxed);
    drop(taken);
    // The word of a holder that registered at our place one life earlier.
    let earlier = word - (1 << 12);
    store.map.shard(0).lock.store(earlier, std::sync::atomic::Ordering::Relaxed);
    drop(store.lock_shard(0).unwrap());
    assert_eq!(store.stats().recovered_locks, 1);
    store.close();
}

#[test]
fn r24_a_child_of_a_fork_keeps_no_lock_of_its_dead_parent_alive() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory, 1 << 20);
    let engine = SharedEngine::open(options.clone()).unwrap();
    stored(engine.commit(&key(0), Expect::Absent, write(b"kept"), NOW));
    let (held, grandchild_lives, end) = (Signal::new(), Signal::new(), Signal::new());
    let parent = Child::run(|| {
        let inherited = SharedEngine::open(options.clone()).unwrap();
        inherited.load(&key(0), NOW).unwrap();
        let opened = attach::attach(&options).unwrap();
        let guard = opened.store.lock_shard(opened.store.address(&key(0)).shard).unwrap();
        let _change = guard.begin_change();
        let grandchild = Child::run(|| {
            grandchild_lives.give();
            end.wait();
        });
        held.give();
        std::mem::forget(grandchild);
        loop {
            std::thread::park();
        }
    });
    held.wait();
    grandchild_lives.wait();
    parent.signal(libc::SIGKILL);
    assert_eq!(parent.end(), End::Killed);
    let begun = Instant::now();
    assert_eq!(engine.load(&key(0), NOW).unwrap().unwrap().record, b"kept");
    assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
    end.give();
}

#[test]
fn r24_an_engine_opened_before_a_fork_works_on_both_sides_of_it() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, 4 << 20)).unwrap();
    let places = |engine: &SharedEngine| engine.place();
    let mine = places(&engine);
    let children: Vec<Child> = (0..8)
        .map(|child| {
            Child::run(|| {
                assert_ne!(places(&engine), mine, "a child must register anew");
                for number in 0..200 {
                    let key = key(child * 1000 + number);
                    let record = record(number, 700);
                    let version = stored(engine.commit(&key, Expect::Absent, write(&record), NOW));
                    assert_eq!(engine.load(&key, NOW).unwrap().unwrap().version, version);
                }
            })
        })
        .collect();
    for number in 0..200 {
        stored(engine.commit(&key(9000 + number), Expect::Absent, write(&record(number, 900)), NOW));
    }
    for child in children {
        assert_eq!(child.end(), End::Done);
    }
    assert_eq!(places(&engine), mine);
    assert_eq!(engine.stats().unwrap().sessions, 9 * 200);
    assert_eq!(engine.stats().unwrap().recovered_locks, 0);
}

#[test]
fn r24_a_thread_does_not_take_its_own_process_for_dead() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory, 1 << 20);
    let opened = attach::attach(&options).unwrap();
    let store = &opened.store;
    let guard = store.lock_shard(0).unwrap();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| drop(store.lock_shard(0).unwrap()));
        // Long enough for the waiter to ask for the holder's life several times.
        std::thread::sleep(Duration::from_millis(120));
        assert!(!waiter.is_finished(), "the lock was taken from a thread that holds it");
        drop(guard);
        waiter.join().unwrap();
    });
    assert_eq!(store.stats().recovered_locks, 0);
    store.close();
}

#[test]
fn r24_threads_of_one_process_wait_for_each_other() {
    let directory = TempDir::new().unwrap();
    let engine = SharedEngine::open(options(&directory, 1 << 20)).unwrap();
    stored(engine.commit(&key(0), Expect::Absent, write(&0_u64.to_le_bytes()), NOW));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    loop {
                        let old = engine.load(&key(0), NOW).unwrap().unwrap();
                        let count = u64::from_le_bytes(old.record.try_into().unwrap()) + 1;
                        let expect = Expect::Version(old.version);
                        if let Commit::Stored(_) =
                            engine.commit(&key(0), expect, write(&count.to_le_bytes()), NOW).unwrap()
                        {
                            break;
                        }
                    }
                }
            });
        }
    });
    assert_eq!(engine.load(&key(0), NOW).unwrap().unwrap().record, 2000_u64.to_le_bytes());
    let stats = engine.stats().unwrap();
    assert_eq!((stats.recovered_locks, stats.repairs, stats.commits), (0, 0, 2001));
}
