//! R08: the history of each session is linearizable, by threads. `tests/histories` has it by processes.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst},
    thread,
};

use crate::{
    engines::Make,
    history::{Event, act, check_all},
    store::MIB,
};

contract![r08_every_history_is_linearizable];

const THREADS: u64 = 6;
const OPERATIONS: u32 = 400;
const HISTORIES: u64 = 20;

#[derive(Default)]
struct Ticks {
    clock: AtomicU64,
    values: AtomicU32,
}

fn r08_every_history_is_linearizable(make: Make) {
    for seed in 1..=HISTORIES {
        let store = make(16 * MIB);
        let now = store.now();
        let ticks = Ticks::default();
        let events: Vec<Event> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let (store, ticks) = (&*store, &ticks);
                    scope.spawn(move || {
                        let clock = || ticks.clock.fetch_add(1, SeqCst);
                        let value = || ticks.values.fetch_add(1, SeqCst);
                        act(store, now, &clock, &value, seed * 1000 + thread, OPERATIONS)
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        check_all(&events);
    }
}
