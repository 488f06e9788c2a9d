//! What somebody else does, or the death of who moves a session, between any two steps of it.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use super::{Brought, MigratingEngine, is_underway, mark::Mark};
use crate::{
    engine::{
        Commit, Engine, EngineError, Expect, Lease, Owner, Stats, Stored, Summary, Version, Write,
        memory::{MemoryEngine, MemoryOptions},
    },
    key::Key,
    secret::Secret,
    time::Timestamp,
    tries::PATIENCE,
};

const KEY: Key = Key::from_bytes([7; 32]);
const MEMBER: Owner = Owner(7);
const HOUR: Duration = Duration::from_hours(1);

/// What happens before a certain operation of a store.
type Intruder = Box<dyn FnOnce() + Send>;

/// The operations of both stores, counted.
#[derive(Default)]
struct Script {
    operations: AtomicU32,
    /// Before which operation, and what.
    intrusion: Mutex<Option<(u32, Intruder)>>,
    /// From which operation on the one who moves is dead.
    death: AtomicU32,
    /// How many more of the removals of a version are overtaken by somebody who saves.
    overtaken: AtomicU32,
}

impl Script {
    fn step(&self) -> Result<(), EngineError> {
        let at = self.operations.fetch_add(1, SeqCst) + 1;
        let mut intrusion = self.intrusion.lock().unwrap_or_else(PoisonError::into_inner);
        let due = intrusion.take_if(|(when, _)| *when == at);
        drop(intrusion);
        if let Some((_, intruder)) = due {
            intruder();
        }
        let death = self.death.load(SeqCst);
        if death > 0 && at >= death {
            return Err(EngineError::Dsn("dead".to_owned()));
        }
        Ok(())
    }
}

/// A store as the one sees it whose steps are watched.
struct Watched {
    engine: Arc<dyn Engine>,
    script: Arc<Script>,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}

impl Engine for Watched {
    fn describe(&self) -> String {
        self.engine.describe()
    }

    fn secret(&self) -> Result<Secret, EngineError> {
        self.engine.secret()
    }

    fn adopt_secret(&self, secret: &Secret) -> Result<Secret, EngineError> {
        self.engine.adopt_secret(secret)
    }

    fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        self.script.step()?;
        self.engine.load(key, now)
    }

    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        self.script.step()?;
        self.engine.commit(key, expect, write, now)
    }

    fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError> {
        self.script.step()?;
        self.engine.touch(key, expires, now)
    }

    fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        self.script.step()?;
        self.engine.destroy(key, now)
    }

    fn destroy_version(&self, key: &Key, version: Version, now: Timestamp) -> Result<bool, EngineError> {
        self.script.step()?;
        if self.script.overtaken.load(SeqCst) > 0 {
            self.script.overtaken.fetch_sub(1, SeqCst);
            let _ = self.engine.commit(key, Expect::Version(version), write(b"saved", now), now)?;
        }
        self.engine.destroy_version(key, version, now)
    }

    fn collect(&self, now: Timestamp) -> Result<u64, EngineError> {
        self.engine.collect(now)
    }

    fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.engine.visit(now, each)
    }

    fn lock(&self, _: &Key, _: Duration, _: &mut dyn FnMut() -> bool) -> Result<Lease, EngineError> {
        unreachable!("nothing is locked here")
    }

    fn stats(&self) -> Result<Stats, EngineError> {
        self.engine.stats()
    }
}

/// Both stores with a member's session in the old one, as one who is watched and others see them.
struct Scene {
    old: Arc<dyn Engine>,
    new: Arc<dyn Engine>,
    watched: MigratingEngine,
    others: Arc<MigratingEngine>,
    script: Arc<Script>,
    now: Timestamp,
}

fn memory() -> Arc<dyn Engine> {
    Arc::new(MemoryEngine::new(MemoryOptions { capacity: 0 }))
}

fn write(record: &[u8], now: Timestamp) -> Write<'_> {
    Write { record, expires: now.after(HOUR), owner: MEMBER }
}

impl Scene {
    fn new() -> Self {
        let (old, new) = (memory(), memory());
        let now = new.now();
        assert!(matches!(old.commit(&KEY, Expect::Absent, write(b"base", now), now), Ok(Commit::Stored(_))));
        let script = Arc::new(Script::default());
        let watch = |engine: &Arc<dyn Engine>| -> Arc<dyn Engine> {
            Arc::new(Watched { engine: Arc::clone(engine), script: Arc::clone(&script) })
        };
        let watched = MigratingEngine::open(watch(&old), watch(&new)).unwrap();
        let others = Arc::new(MigratingEngine::open(Arc::clone(&old), Arc::clone(&new)).unwrap());
        script.operations.store(0, SeqCst);
        Self { old, new, watched, others, script, now }
    }

    fn record(&self) -> Option<Vec<u8>> {
        self.others.load(&KEY, self.now).unwrap().map(|stored| stored.record)
    }

    fn before(&self, step: u32, intruder: impl FnOnce() + Send + 'static) {
        *self.script.intrusion.lock().unwrap() = Some((step, Box::new(intruder)));
    }

    /// Has it moved, and is nothing left but what may be?
    fn is_moved(&self, record: &[u8]) {
        let there = self.new.load(&KEY, self.now).unwrap().expect("it is in the new store");
        assert_eq!(there.record, record);
        let left = self.old.load(&KEY, self.now).unwrap().expect("a mark");
        assert!(matches!(Mark::read(&left), Some(Mark::Moved { .. })), "{left:?}");
    }
}

/// More steps than a move has.
const STEPS: u32 = 12;

#[test]
fn r04_who_dies_between_two_steps_leaves_the_session_to_others() {
    for step in 1..STEPS {
        let scene = Scene::new();
        scene.script.death.store(step, SeqCst);
        let died = scene.watched.bring(&KEY, scene.now).is_err();
        assert_eq!(died, step <= 5, "step {step} of a move");
        assert_eq!(scene.record().as_deref(), Some(&b"base"[..]), "after step {step}");
        let _ = scene.others.bring(&KEY, scene.now).unwrap();
        scene.is_moved(b"base");
        assert_eq!(
            scene.others.bring(&KEY, scene.now).unwrap(),
            scene.others.bring(&KEY, scene.now).unwrap()
        );
    }
}

#[test]
fn s09_a_session_that_ends_between_two_steps_stays_ended() {
    for step in 1..STEPS {
        for watched_dies in [false, true] {
            let scene = Scene::new();
            let (others, now) = (Arc::clone(&scene.others), scene.now);
            scene.before(step, move || assert!(others.destroy(&KEY, now).unwrap()));
            if watched_dies {
                scene.script.death.store(step + 1, SeqCst);
            }
            let _ = scene.watched.bring(&KEY, scene.now);
            let _ = scene.others.destroy(&KEY, scene.now).unwrap();
            assert_eq!(scene.record(), None, "step {step}");
            let _ = scene.others.bring(&KEY, scene.now).unwrap();
            assert_eq!(scene.record(), None, "step {step}, moved again");
        }
    }
}

#[test]
fn r07_a_change_between_two_steps_is_kept_and_nobody_is_told_of_the_move() {
    for step in 1..STEPS {
        let scene = Scene::new();
        let (others, now) = (Arc::clone(&scene.others), scene.now);
        let base = others.load(&KEY, now).unwrap().unwrap().version;
        scene.before(step, move || {
            let stored = others.commit(&KEY, Expect::Version(base), write(b"changed", now), now).unwrap();
            assert!(matches!(stored, Commit::Stored(_)), "step {step}: {stored:?}");
        });
        let _ = scene.watched.bring(&KEY, scene.now).unwrap();
        let changed = if step <= 5 { &b"changed"[..] } else { &b"base"[..] };
        assert_eq!(scene.record().as_deref(), Some(changed), "step {step}");
        scene.is_moved(changed);
    }
}

#[test]
fn what_a_process_with_the_setting_from_before_does_between_two_steps_is_carried_over() {
    for step in 1..STEPS {
        for ends in [false, true] {
            let scene = Scene::new();
            let (old, now) = (Arc::clone(&scene.old), scene.now);
            let refused = Arc::new(AtomicU32::new(0));
            let was_refused = Arc::clone(&refused);
            scene.before(step, move || {
                let there = old.load(&KEY, now).unwrap().unwrap();
                if Mark::read(&there).is_some() {
                    was_refused.store(1, SeqCst);
                } else if ends {
                    assert!(old.destroy(&KEY, now).unwrap());
                } else {
                    let late = old.commit(&KEY, Expect::Version(there.version), write(b"late", now), now);
                    assert!(matches!(late, Ok(Commit::Stored(_))));
                }
            });
            let _ = scene.watched.bring(&KEY, scene.now).unwrap();
            let happened = step <= 5 && refused.load(SeqCst) == 0;
            let expected = match (happened, ends) {
                (false, _) => Some(b"base".to_vec()),
                (true, false) => Some(b"late".to_vec()),
                (true, true) => None,
            };
            assert_eq!(scene.record(), expected, "step {step}, ends: {ends}");
        }
    }
}

#[test]
fn who_is_overtaken_thousands_of_times_goes_on_for_seconds_as_sessions_do() {
    let scene = Scene::new();
    assert!(matches!(scene.others.bring(&KEY, scene.now), Ok(Brought::Moved { .. })));
    scene.script.overtaken.store(5000, SeqCst);
    assert!(scene.watched.destroy(&KEY, scene.now).unwrap());
    assert_eq!(scene.script.overtaken.load(SeqCst), 0);
    assert_eq!(scene.record(), None);
    // For ever is too long.
    let scene = Scene::new();
    assert!(matches!(scene.others.bring(&KEY, scene.now), Ok(Brought::Moved { .. })));
    scene.script.overtaken.store(u32::MAX, SeqCst);
    let begun = Instant::now();
    let refused = scene.watched.destroy(&KEY, scene.now);
    assert!(matches!(refused, Err(EngineError::Contended(_))), "{refused:?}");
    assert!(begun.elapsed() >= PATIENCE);
    assert_eq!(scene.record().as_deref(), Some(&b"saved"[..]));
}

#[test]
fn a_touch_moves_the_session_and_the_version_stays() {
    let scene = Scene::new();
    let before = scene.others.load(&KEY, scene.now).unwrap().unwrap();
    let later = scene.now.after(HOUR * 2);
    assert!(scene.others.touch(&KEY, later, scene.now).unwrap());
    let after = scene.others.load(&KEY, scene.now).unwrap().unwrap();
    assert_eq!((after.version, after.expires), (before.version, later));
    scene.is_moved(b"base");
    // Past the end that it had in the old store.
    assert!(scene.others.load(&KEY, scene.now.after(HOUR)).unwrap().is_some());
}

#[test]
fn who_has_ended_is_not_shown_again_when_the_new_store_has_forgotten() {
    let scene = Scene::new();
    let soon = scene.now.after(Duration::from_secs(1));
    let base = scene.others.load(&KEY, scene.now).unwrap().unwrap().version;
    let ended = Write { record: b"ended", expires: soon, owner: Owner::GUEST };
    assert!(matches!(
        scene.others.commit(&KEY, Expect::Version(base), ended, scene.now),
        Ok(Commit::Stored(_))
    ));
    assert_eq!(scene.others.load(&KEY, soon).unwrap(), None);
}

#[test]
fn the_secret_goes_along_and_two_that_differ_are_refused_if_both_have_sessions() {
    let scene = Scene::new();
    assert_eq!(scene.new.secret().unwrap(), scene.old.secret().unwrap());
    let (old, new) = (memory(), memory());
    let now = old.now();
    let _ = new.secret().unwrap();
    // Nothing hangs on the old one's.
    assert!(MigratingEngine::open(Arc::clone(&old), Arc::clone(&new)).is_ok());
    let _ = old.commit(&KEY, Expect::Absent, write(b"x", now), now).unwrap();
    let refused = MigratingEngine::open(Arc::clone(&old), Arc::clone(&new)).unwrap_err().to_string();
    assert!(refused.contains("another secret"), "{refused}");
    assert_eq!(old.load(&KEY, now).unwrap().unwrap().record, b"x");
}

#[test]
fn a_store_is_not_moved_into_itself() {
    let store = memory();
    let now = store.now();
    let _ = store.commit(&KEY, Expect::Absent, write(b"x", now), now).unwrap();
    let refused = MigratingEngine::open(Arc::clone(&store), Arc::clone(&store)).unwrap_err().to_string();
    assert!(refused.contains("the same store"), "{refused}");
    assert!(!is_underway(&*store).unwrap());
    assert_eq!(store.stats().unwrap().sessions, 1, "nothing is left of the attempt");
}

#[test]
fn sessions_go_back_where_they_came_from() {
    let scene = Scene::new();
    assert!(matches!(scene.others.bring(&KEY, scene.now), Ok(Brought::Moved { .. })));
    assert!(is_underway(&*scene.old).unwrap());
    let back = MigratingEngine::open(Arc::clone(&scene.new), Arc::clone(&scene.old)).unwrap();
    assert_eq!(back.load(&KEY, scene.now).unwrap().unwrap().record, b"base");
    assert!(matches!(back.bring(&KEY, scene.now), Ok(Brought::Moved { .. })));
    assert_eq!(scene.old.load(&KEY, scene.now).unwrap().unwrap().record, b"base");
}
