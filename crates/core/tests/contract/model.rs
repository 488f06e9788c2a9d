//! R29: random operations give on every engine what they give on a model. The model of the memory engine is a plain
//! map; the model of all others is the memory engine.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    sync::Mutex,
    time::Duration,
};

use holdfast_core::{
    engine::{
        Commit, Engine, EngineError, Expect, Lease, Owner, Stats, Stored, Summary, Version, Write,
        memory::{MemoryEngine, MemoryOptions},
    },
    key::Key,
    secret::Secret,
    time::Timestamp,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

use crate::{
    engines::Make,
    payload,
    store::{MIB, key},
};

contract![r29_random_operations_give_what_the_model_gives];

const KEYS: u64 = 6;
const CASES: u32 = 150;
const MOST_OPERATIONS: usize = 200;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Commit { key: u64, expect: Expected, len: usize, owner: u64, life: u64 },
    Load { key: u64 },
    Touch { key: u64, life: u64 },
    Destroy { key: u64 },
    Collect,
    Visit,
    Pass { seconds: u64 },
}

/// An expectation that means the same on two engines, whose versions differ.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Absent,
    /// The version that so many commits before the last one of this key made; 0 = the last one.
    Earlier(usize),
    /// A version that no commit made.
    Never,
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = || 0..KEYS;
    let expect = prop_oneof![
        3 => Just(Expected::Absent),
        6 => Just(Expected::Earlier(0)),
        2 => (1..4_usize).prop_map(Expected::Earlier),
        1 => Just(Expected::Never),
    ];
    let len = prop_oneof![
        8 => payload::LEAST..700,
        4 => 700..6000_usize,
        1 => 6000..300_000_usize,
    ];
    // A life of 0 seconds is over when it begins.
    let life = || 0..40_u64;
    prop_oneof![
        8 => (key(), expect, len, 0..3_u64, life())
            .prop_map(|(key, expect, len, owner, life)| Operation::Commit { key, expect, len, owner, life }),
        5 => key().prop_map(|key| Operation::Load { key }),
        2 => (key(), life()).prop_map(|(key, life)| Operation::Touch { key, life }),
        2 => key().prop_map(|key| Operation::Destroy { key }),
        1 => Just(Operation::Collect),
        1 => Just(Operation::Visit),
        3 => (0..15_u64).prop_map(|seconds| Operation::Pass { seconds }),
    ]
}

fn r29_random_operations_give_what_the_model_gives(make: Make) {
    let mut config = Config { failure_persistence: None, max_shrink_iters: 3000, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    let operations = prop::collection::vec(operation(), 1..MOST_OPERATIONS);
    TestRunner::new(config)
        .run(&operations, |operations| {
            let store = make(8 * MIB);
            let model: Box<dyn Engine> = if store.describe().starts_with("memory:") {
                Box::new(Plain::default())
            } else {
                Box::new(MemoryEngine::new(MemoryOptions { capacity: 0 }))
            };
            Pair::new(&*store, &*model).run(&operations)
        })
        .unwrap();
}

/// An engine beside its model, and which versions of the two belong together.
struct Pair<'a> {
    engine: &'a dyn Engine,
    model: &'a dyn Engine,
    now: Timestamp,
    commits: HashMap<u64, Vec<Twin>>,
    last_value: u32,
}

/// What one commit made: its version on the engine and on the model.
#[derive(Clone, Copy, Debug)]
struct Twin {
    engine: Version,
    model: Version,
}

impl<'a> Pair<'a> {
    fn new(engine: &'a dyn Engine, model: &'a dyn Engine) -> Self {
        Self { engine, model, now: engine.now(), commits: HashMap::new(), last_value: 0 }
    }

    fn run(mut self, operations: &[Operation]) -> Result<(), TestCaseError> {
        for operation in operations {
            self.step(*operation)?;
        }
        self.step(Operation::Collect)?;
        prop_assert_eq!(self.engine.stats().unwrap().sessions, self.model.stats().unwrap().sessions);
        self.step(Operation::Visit)
    }

    fn step(&mut self, operation: Operation) -> Result<(), TestCaseError> {
        let (engine, model, now) = (self.engine, self.model, self.now);
        let end = |life| now.after(Duration::from_secs(life));
        match operation {
            Operation::Pass { seconds } => self.now = end(seconds),
            Operation::Load { key: n } => {
                let (ours, theirs) = (engine.load(&key(n), now).unwrap(), model.load(&key(n), now).unwrap());
                prop_assert_eq!(ours.is_some(), theirs.is_some());
                if let (Some(ours), Some(theirs)) = (ours, theirs) {
                    self.same(n, &ours, &theirs)?;
                }
            }
            Operation::Touch { key: n, life } => {
                let touched = |engine: &dyn Engine| engine.touch(&key(n), end(life), now).unwrap();
                prop_assert_eq!(touched(engine), touched(model));
            }
            Operation::Destroy { key: n } => {
                let destroyed = |engine: &dyn Engine| engine.destroy(&key(n), now).unwrap();
                prop_assert_eq!(destroyed(engine), destroyed(model));
            }
            // How much was left to collect is an engine's own affair; what is left afterwards is not.
            Operation::Collect => {
                engine.collect(now).unwrap();
                model.collect(now).unwrap();
            }
            Operation::Visit => self.visit()?,
            Operation::Commit { key: n, expect, len, owner, life } => {
                self.last_value += 1;
                let record = payload::of(self.last_value, len);
                let write = Write { record: &record, expires: end(life), owner: Owner(owner) };
                let (on_engine, on_model) = self.expectations(n, expect);
                let ours = engine.commit(&key(n), on_engine, write, now).unwrap();
                let theirs = model.commit(&key(n), on_model, write, now).unwrap();
                match (ours, theirs) {
                    (Commit::Stored(engine), Commit::Stored(model)) => {
                        let commits = self.commits.entry(n).or_default();
                        prop_assert!(
                            commits.iter().all(|twin| twin.engine != engine),
                            "{engine:?} came back"
                        );
                        commits.push(Twin { engine, model });
                    }
                    (Commit::Conflict(ours), Commit::Conflict(theirs)) => self.same(n, &ours, &theirs)?,
                    (Commit::Gone, Commit::Gone) => {}
                    (ours, theirs) => prop_assert!(false, "{ours:?}, by the model {theirs:?}"),
                }
            }
        }
        Ok(())
    }

    fn expectations(&self, n: u64, expect: Expected) -> (Expect, Expect) {
        let never = (Expect::Version(Version(u64::MAX)), Expect::Version(Version(u64::MAX)));
        match expect {
            Expected::Absent => (Expect::Absent, Expect::Absent),
            Expected::Never => never,
            Expected::Earlier(before) => {
                let commits = self.commits.get(&n).map_or(&[][..], Vec::as_slice);
                let twin = commits.len().checked_sub(before + 1).map(|at| commits[at]);
                twin.map_or(never, |twin| (Expect::Version(twin.engine), Expect::Version(twin.model)))
            }
        }
    }

    fn same(&self, n: u64, ours: &Stored, theirs: &Stored) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.to_model(n, ours.version), Some(theirs.version));
        prop_assert_eq!(ours.expires, theirs.expires);
        prop_assert_eq!(ours.owner, theirs.owner);
        prop_assert!(ours.record == theirs.record);
        Ok(())
    }

    fn to_model(&self, n: u64, version: Version) -> Option<Version> {
        self.commits.get(&n)?.iter().find(|twin| twin.engine == version).map(|twin| twin.model)
    }

    fn visit(&self) -> Result<(), TestCaseError> {
        let shown = |engine: &dyn Engine| {
            let mut shown = Vec::new();
            let mut each = |summary| {
                shown.push(summary);
                ControlFlow::Continue(())
            };
            engine.visit(self.now, &mut each).unwrap();
            shown
        };
        let numbers: HashMap<Key, u64> = (0..KEYS).map(|n| (key(n), n)).collect();
        let mut ours = HashSet::new();
        for summary in shown(self.engine) {
            let version = self.to_model(numbers[&summary.key], summary.version);
            prop_assert!(version.is_some(), "a version of no commit: {summary:?}");
            let Summary { key, expires, owner, bytes, .. } = summary;
            prop_assert!(ours.insert((key, version, expires, owner, bytes)), "shown twice: {summary:?}");
        }
        let theirs: HashSet<_> = shown(self.model)
            .into_iter()
            .map(|Summary { key, version, expires, owner, bytes }| {
                (key, Some(version), expires, owner, bytes)
            })
            .collect();
        prop_assert_eq!(ours, theirs);
        Ok(())
    }
}

/// The contract in as few words as it can be said, one thread and memory without end.
#[derive(Debug, Default)]
struct Plain {
    state: Mutex<PlainState>,
}

#[derive(Debug, Default)]
struct PlainState {
    sessions: HashMap<Key, Stored>,
    last_version: u64,
}

impl Plain {
    /// The state at `now`: whatever has ended is not part of it.
    fn at<T>(&self, now: Timestamp, act: impl FnOnce(&mut PlainState) -> T) -> T {
        let mut state = self.state.lock().unwrap();
        state.sessions.retain(|_, stored| now < stored.expires);
        act(&mut state)
    }
}

impl Engine for Plain {
    fn describe(&self) -> String {
        "a plain map".to_owned()
    }

    fn secret(&self) -> Result<Secret, EngineError> {
        Ok(Secret::from_bytes([1; 32]))
    }

    fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        Ok(self.at(now, |state| state.sessions.get(key).cloned()))
    }

    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        Ok(self.at(now, |state| match (expect, state.sessions.get(key)) {
            (Expect::Version(_), None) => Commit::Gone,
            (Expect::Version(version), Some(there)) if there.version != version => {
                Commit::Conflict(there.clone())
            }
            (Expect::Absent, Some(there)) => Commit::Conflict(there.clone()),
            _ => {
                state.last_version += 1;
                let version = Version(state.last_version);
                let Write { record, expires, owner } = write;
                state.sessions.insert(*key, Stored { version, expires, owner, record: record.to_vec() });
                Commit::Stored(version)
            }
        }))
    }

    fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError> {
        Ok(self.at(now, |state| state.sessions.get_mut(key).map(|there| there.expires = expires).is_some()))
    }

    fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        Ok(self.at(now, |state| state.sessions.remove(key).is_some()))
    }

    fn collect(&self, now: Timestamp) -> Result<u64, EngineError> {
        self.at(now, |_| Ok(0))
    }

    fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let sessions = self.at(now, |state| state.sessions.clone());
        for (key, Stored { version, expires, owner, record }) in sessions {
            let bytes = record.len() as u64;
            if each(Summary { key, version, expires, owner, bytes }).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn lock(&self, _: &Key, _: Duration, _: &mut dyn FnMut() -> bool) -> Result<Lease, EngineError> {
        unreachable!("operations of the model lock nothing")
    }

    fn stats(&self) -> Result<Stats, EngineError> {
        let sessions = self.state.lock().unwrap().sessions.len() as u64;
        Ok(Stats { sessions, ..Stats::default() })
    }
}
