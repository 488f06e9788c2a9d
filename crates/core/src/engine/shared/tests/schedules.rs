//! R29: whole operations of the engine as it is, on a mapped file, in schedules drawn by lot (shuttle): at every step of a
//! change, at every lock, and wherever one waits, it is drawn who goes on. What they saw must fit one order (R08), and no
//! invariant of the file may be broken.
//!
//! Parties that share an opened store are threads of a process; one that opened it for itself is as good as a process of its
//! own, with its own place, mapping and liveness byte. All are coroutines of one thread, so nothing is seen in another
//! order than it was written: for that there is `interleavings`.
//!
//! `HOLDFAST_SCHEDULES` is the number of schedules, 1000 when unset.

use std::{
    sync::{
        Arc,
        atomic::{
            AtomicU32, AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Duration,
};

use super::{child::no_forks, verify::problems, *};
use crate::engine::shared::order::turns;

#[path = "../../../../tests/history/mod.rs"]
mod history;
#[path = "../../../../tests/payload/mod.rs"]
mod payload;

const PARTIES: u32 = 3;
const OPERATIONS: u32 = 6;

/// One schedule, from an empty store. Counts the operations, and those while which another one ran.
fn act(engines: &[Arc<SharedEngine>; 2], seed: u64, operations: &Arc<[AtomicU64; 2]>) {
    for number in 0..history::SESSIONS {
        engines[0].destroy(&history::key(number), NOW).unwrap();
    }
    let (clock, value) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU32::new(0)));
    let parties: Vec<_> = (0..PARTIES)
        .map(|party| {
            // Two of them are threads of one process.
            let engine = Arc::clone(&engines[usize::from(party == 0)]);
            let (clock, value, operations) = (Arc::clone(&clock), Arc::clone(&value), Arc::clone(operations));
            shuttle::thread::spawn(move || {
                let clock = || clock.fetch_add(1, SeqCst);
                let value = || value.fetch_add(1, SeqCst);
                let seed = seed * u64::from(PARTIES) + u64::from(party);
                let events = history::act(&*engine, NOW, &clock, &value, seed, OPERATIONS);
                // Both ends of what nobody came between are one tick apart.
                for event in &events {
                    let overlaps = u64::from(event.ended - event.began > 1);
                    operations[0].fetch_add(1, Relaxed);
                    operations[1].fetch_add(overlaps, Relaxed);
                }
                events
            })
        })
        .collect();
    let events: Vec<_> = parties.into_iter().flat_map(|party| party.join().unwrap()).collect();
    history::check_all(&events);
}

#[test]
fn r29_operations_in_schedules_drawn_by_lot_are_linearizable() {
    let schedules: usize = std::env::var("HOLDFAST_SCHEDULES").map_or(1000, |text| text.parse().unwrap());
    let directory = TempDir::new().unwrap();
    let _alone = no_forks();
    // The clock is the machine's: whoever waits for a turn that never comes takes too many steps instead.
    let lock_timeout = Duration::from_hours(1);
    let open = || {
        let options = SharedOptions { lock_timeout, ..options(&directory, 1 << 20) };
        Arc::new(SharedEngine::open(options).unwrap())
    };
    let engines = [open(), open()];
    let (turn, operations) = (AtomicU64::new(0), Arc::<[AtomicU64; 2]>::default());
    let shared = engines.clone();
    let counted = Arc::clone(&operations);
    let mut config = shuttle::Config::new();
    config.stack_size = 1 << 20;
    shuttle::Runner::new(shuttle::scheduler::RandomScheduler::new(schedules), config).run(move || {
        turns::are_given_by(Some(shuttle::thread::yield_now));
        act(&shared, turn.fetch_add(1, Relaxed), &counted);
        turns::are_given_by(None);
    });
    for engine in &engines {
        engine.with_store(|store| assert_eq!(problems(store), Vec::<String>::new()));
        assert_eq!(engine.damaged_sessions().unwrap(), 0);
    }
    assert_eq!(engines[0].stats().unwrap().repairs, 0, "nobody died");
    let [all, overlapping] = operations.each_ref().map(|count| count.load(Relaxed));
    println!(
        "R29: {schedules} schedules, {all} operations of {PARTIES} parties, {overlapping} of them while another ran: all linearizable"
    );
    assert!(overlapping * 10 > all, "the parties ran one after the other: the test looks at nothing");
}
