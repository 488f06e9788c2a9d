//! Histories of sessions (R08): whoever likes does what he likes to few sessions and notes when each operation began and
//! ended; afterwards the notes must fit one order of events.

use std::{collections::HashMap, time::Duration};

use holdfast_core::{
    engine::{Commit, Engine, Expect, Owner, Stored, Version, Write},
    key::Key,
    time::Timestamp,
};

use super::payload;

pub const SESSIONS: u64 = 3;

/// An operation on one session. Both ends are by one clock, which all share and which never stands still between two.
#[derive(Debug)]
pub struct Event {
    pub session: u64,
    pub began: u64,
    pub ended: u64,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
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

/// Operations on few sessions, as `seed` chooses them: loads, commits against what was seen last, destroys, and rotations,
/// which are two commits as in `session::rotate`. `clock` is shared by all who act, `value` is never the same twice.
pub fn act(
    engine: &dyn Engine,
    now: Timestamp,
    clock: &dyn Fn() -> u64,
    value: &dyn Fn() -> u32,
    seed: u64,
    operations: u32,
) -> Vec<Event> {
    let mut actor = Actor { engine, now, clock, value, bases: HashMap::new(), events: Vec::new() };
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for _ in 0..operations {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice = random >> 33;
        let (session, length) = (dice % SESSIONS, 10 + usize::try_from(dice % 6000).unwrap());
        match dice / SESSIONS % 16 {
            0 => actor.destroy(session),
            1..6 => actor.load(session),
            6 => actor.rotate(session, (session + 1) % SESSIONS, length),
            _ => {
                actor.commit(session, length);
            }
        }
    }
    actor.events
}

struct Actor<'a> {
    engine: &'a dyn Engine,
    now: Timestamp,
    clock: &'a dyn Fn() -> u64,
    value: &'a dyn Fn() -> u32,
    /// What was seen of each session last.
    bases: HashMap<u64, Version>,
    events: Vec<Event>,
}

impl Actor<'_> {
    fn note(&mut self, session: u64, began: u64, what: Option<What>) {
        let ended = (self.clock)();
        self.events.extend(what.map(|what| Event { session, began, ended, what }));
    }

    /// True when it was there.
    fn destroy(&mut self, session: u64) {
        let began = (self.clock)();
        let destroyed = self.engine.destroy(&key(session), self.now).unwrap();
        self.note(session, began, destroyed.then_some(What::Destroyed));
    }

    fn load(&mut self, session: u64) {
        let began = (self.clock)();
        let found = self.engine.load(&key(session), self.now).unwrap();
        let what = self.saw(session, found);
        self.note(session, began, Some(what));
    }

    /// Against what was seen last; true when it stored.
    fn commit(&mut self, session: u64, length: usize) -> bool {
        let base = self.bases.get(&session).copied();
        self.commit_over(session, base, length)
    }

    fn commit_over(&mut self, session: u64, base: Option<Version>, length: usize) -> bool {
        let value = (self.value)();
        let record = payload::of(value, length);
        let expires = self.now.after(Duration::from_hours(1));
        let write = Write { record: &record, expires, owner: Owner::GUEST };
        let expect = base.map_or(Expect::Absent, Expect::Version);
        let began = (self.clock)();
        let (what, is_stored) = match self.engine.commit(&key(session), expect, write, self.now).unwrap() {
            Commit::Stored(version) => {
                self.bases.insert(session, version);
                (What::Stored { base, version, value }, true)
            }
            Commit::Conflict(theirs) => (self.saw(session, Some(theirs)), false),
            Commit::Gone => (self.saw(session, None), false),
        };
        self.note(session, began, Some(what));
        is_stored
    }

    /// The session gets another id, and leaves a record behind under the old one. When somebody changed it meanwhile, the
    /// new one is taken back.
    fn rotate(&mut self, old: u64, new: u64, length: usize) {
        let Some(base) = self.bases.get(&old).copied() else { return };
        if self.commit_over(new, None, length) && !self.commit_over(old, Some(base), payload::LEAST) {
            self.destroy(new);
        }
    }

    fn saw(&mut self, session: u64, found: Option<Stored>) -> What {
        let Some(found) = found else {
            self.bases.remove(&session);
            return What::SawNothing;
        };
        self.bases.insert(session, found.version);
        What::Saw { version: found.version, value: payload::value_in(&found.record).unwrap() }
    }
}

/// Numbered as those of the tests of the contract, with bits of its own.
pub fn key(session: u64) -> Key {
    let mut bytes = [0x3c; 32];
    bytes[..8].copy_from_slice(&session.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    Key::from_bytes(bytes)
}

/// All sessions' histories.
pub fn check_all(events: &[Event]) {
    for session in 0..SESSIONS {
        let events: Vec<&Event> = events.iter().filter(|event| event.session == session).collect();
        check(&events);
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
