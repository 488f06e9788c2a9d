//! R08: the history of each session is linearizable. Threads do what they like to few sessions and note when each
//! operation began and ended; afterwards the notes must fit one order of events.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst},
    thread,
};

use holdfast_core::{
    engine::{Commit, Engine, Expect, Stored, Version},
    time::Timestamp,
};

use crate::{
    engines::Make,
    payload,
    store::{MIB, key, write},
};

contract![r08_every_history_is_linearizable];

const SESSIONS: u64 = 3;
const THREADS: u64 = 6;
const OPERATIONS: u32 = 400;
const HISTORIES: u64 = 20;

/// An operation on one session. Both ends are ticks of one clock that all threads share.
#[derive(Debug)]
struct Event {
    session: u64,
    began: u64,
    ended: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    /// `base` is `None` for a creation.
    Stored {
        base: Option<Version>,
        version: Version,
        value: u32,
    },
    Saw {
        version: Version,
        value: u32,
    },
    SawNothing,
    Destroyed,
}

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
                    scope.spawn(move || act(store, now, ticks, seed * 1000 + thread))
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        for session in 0..SESSIONS {
            let events: Vec<&Event> = events.iter().filter(|event| event.session == session).collect();
            check(&events);
        }
    }
}

fn act(engine: &dyn Engine, now: Timestamp, ticks: &Ticks, seed: u64) -> Vec<Event> {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut events = Vec::new();
    let mut bases: HashMap<u64, Version> = HashMap::new();
    for _ in 0..OPERATIONS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice = random >> 33;
        let session = dice % SESSIONS;
        let began = ticks.clock.fetch_add(1, SeqCst);
        let what = match dice / SESSIONS % 16 {
            0 => engine.destroy(&key(session), now).unwrap().then_some(What::Destroyed),
            1..6 => Some(saw(engine.load(&key(session), now).unwrap(), &mut bases, session)),
            _ => {
                let value = ticks.values.fetch_add(1, SeqCst);
                let record = payload::of(value, 10 + usize::try_from(dice % 6000).unwrap());
                let base = bases.get(&session).copied();
                let expect = base.map_or(Expect::Absent, Expect::Version);
                match engine.commit(&key(session), expect, write(&record, now), now).unwrap() {
                    Commit::Stored(version) => {
                        bases.insert(session, version);
                        Some(What::Stored { base, version, value })
                    }
                    Commit::Conflict(theirs) => Some(saw(Some(theirs), &mut bases, session)),
                    Commit::Gone => Some(saw(None, &mut bases, session)),
                }
            }
        };
        let ended = ticks.clock.fetch_add(1, SeqCst);
        events.extend(what.map(|what| Event { session, began, ended, what }));
    }
    events
}

fn saw(found: Option<Stored>, bases: &mut HashMap<u64, Version>, session: u64) -> What {
    match found {
        None => {
            bases.remove(&session);
            What::SawNothing
        }
        Some(found) => {
            bases.insert(session, found.version);
            What::Saw { version: found.version, value: payload::value_in(&found.record).unwrap() }
        }
    }
}

/// A state, from the commit that made it to whatever ended it.
struct Life {
    value: u32,
    began: u64,
    ended: u64,
    /// The commit that replaced it; a destroy leaves this empty.
    replaced: Option<(u64, u64)>,
}

fn check(events: &[&Event]) {
    let mut lives: HashMap<Version, Life> = HashMap::new();
    for event in events {
        if let What::Stored { version, value, .. } = event.what {
            let life = Life { value, began: event.began, ended: event.ended, replaced: None };
            assert!(lives.insert(version, life).is_none(), "two commits made {version:?}");
        }
    }
    for event in events {
        if let What::Stored { base: Some(base), .. } = event.what {
            let base = lives.get_mut(&base).expect("a commit against a version that somebody made");
            assert!(base.replaced.is_none(), "two commits replaced one version: {event:?}");
            assert!(base.began < event.ended, "replaced before it was made: {event:?}");
            base.replaced = Some((event.began, event.ended));
        }
    }
    check_ends(events, &lives);
    check_views(events, &lives);
}

/// Each state that no commit replaced was destroyed, but for the last one; each destroy ended one state; and each
/// creation but the first follows a destroy.
fn check_ends(events: &[&Event], lives: &HashMap<Version, Life>) {
    let destroyed = events.iter().filter(|event| matches!(event.what, What::Destroyed)).count();
    let created = events.iter().filter(|event| matches!(event.what, What::Stored { base: None, .. })).count();
    let not_replaced = lives.values().filter(|life| life.replaced.is_none()).count();
    assert_eq!(not_replaced, created, "each creation begins a chain, and each chain has one end");
    assert!(created == destroyed || created == destroyed + 1, "{created} created, {destroyed} destroyed");
}

/// Nobody saw what was surely over when they began to look, or what surely had not begun when they were done.
fn check_views(events: &[&Event], lives: &HashMap<Version, Life>) {
    let destroys: Vec<&&Event> =
        events.iter().filter(|event| matches!(event.what, What::Destroyed)).collect();
    for event in events {
        match event.what {
            What::Saw { version, value } => {
                let life = lives.get(&version).expect("a version that somebody made");
                assert_eq!(life.value, value, "a version with the record of another");
                assert!(life.began < event.ended, "seen before it was written: {event:?}");
                let over = life.replaced.is_some_and(|(_, ended)| ended < event.began);
                assert!(!over, "seen after it was replaced: {event:?}");
                let brought_back =
                    destroys.iter().any(|destroy| life.ended < destroy.began && destroy.ended < event.began);
                assert!(!brought_back, "seen after it was destroyed: {event:?}");
            }
            What::SawNothing => {
                // A state that was there all along, and that no destroy can have ended meanwhile.
                let missed = lives.values().any(|life| {
                    life.ended < event.began
                        && life.replaced.is_none_or(|(began, _)| began > event.ended)
                        && !destroys
                            .iter()
                            .any(|destroy| destroy.ended > life.began && destroy.began < event.ended)
                });
                assert!(!missed, "nothing was seen while there was something: {event:?}");
            }
            What::Stored { .. } | What::Destroyed => {}
        }
    }
}
