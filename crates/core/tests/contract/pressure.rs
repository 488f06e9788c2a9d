//! R16, R29: random operations on a store that is nearly always full. No model can say what an engine's bytes hold,
//! so what must be true after each operation is checked instead.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    time::Duration,
};

use holdfast_core::{
    engine::{Commit, Engine, EngineError, Expect, Owner, Version},
    key::Key,
    time::Timestamp,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

use crate::{
    engines::Make,
    payload,
    store::{MIB, With, key, write},
};

contract![in own memory:
    r29_full_memory_gives_way_in_order_whatever_happens,
];

const KEYS: u64 = 150;
const CASES: u32 = 25;
const MOST_OPERATIONS: usize = 800;

#[derive(Clone, Copy, Debug)]
enum Operation {
    /// Against the version that is there, or creating.
    Commit {
        key: u64,
        len: usize,
        member: bool,
        life: u64,
    },
    /// A commit of the length that is there.
    Again {
        key: u64,
    },
    Load {
        key: u64,
    },
    Touch {
        key: u64,
        life: u64,
    },
    Destroy {
        key: u64,
    },
    Collect,
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = || 0..KEYS;
    let len = prop_oneof![4 => 10..2000_usize, 6 => 2000..60_000_usize, 2 => 60_000..700_000_usize];
    let life = || prop_oneof![1 => 1..200_u64, 4 => 5000..9000_u64];
    let member = prop::bool::weighted(0.3);
    prop_oneof![
        12 => (key(), len, member, life())
            .prop_map(|(key, len, member, life)| Operation::Commit { key, len, member, life }),
        4 => key().prop_map(|key| Operation::Again { key }),
        4 => key().prop_map(|key| Operation::Load { key }),
        2 => (key(), life()).prop_map(|(key, life)| Operation::Touch { key, life }),
        2 => key().prop_map(|key| Operation::Destroy { key }),
        1 => Just(Operation::Collect),
    ]
}

fn r29_full_memory_gives_way_in_order_whatever_happens(make: Make) {
    let mut config = Config { failure_persistence: None, max_shrink_iters: 3000, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = CASES;
    }
    let operations = prop::collection::vec(operation(), 1..MOST_OPERATIONS);
    TestRunner::new(config)
        .run(&operations, |operations| {
            let store = make(4 * MIB);
            let mut watch = Watch::over(&*store);
            for operation in operations {
                watch.now = watch.now.after(Duration::from_secs(1));
                watch.step(operation)?;
                watch.check()?;
            }
            Ok(())
        })
        .unwrap();
}

/// What was stored and not destroyed since, whether it is still there or gave way.
struct Written {
    version: Version,
    value: u32,
    len: usize,
    owner: Owner,
    expires: Timestamp,
    used: u64,
}

struct Watch<'a> {
    engine: &'a dyn Engine,
    now: Timestamp,
    written: HashMap<u64, Written>,
    /// Numbers operations and values.
    count: u32,
    evicted: u64,
}

impl<'a> Watch<'a> {
    fn over(engine: &'a dyn Engine) -> Self {
        Self { engine, now: engine.now(), written: HashMap::new(), count: 0, evicted: 0 }
    }

    fn step(&mut self, operation: Operation) -> Result<(), TestCaseError> {
        self.count += 1;
        let (engine, now) = (self.engine, self.now);
        match operation {
            Operation::Commit { key, len, member, life } => {
                let expires = now.after(Duration::from_secs(life));
                self.commit(key, len, Owner(u64::from(member)), expires)?;
            }
            Operation::Again { key: n } => {
                if let Some((len, owner, expires)) = self.there(n).map(|is| (is.len, is.owner, is.expires)) {
                    prop_assert!(
                        self.commit(n, len, owner, expires)?,
                        "a commit of equal length found no room"
                    );
                }
            }
            Operation::Load { key: n } => {
                let expected = self.there(n).map(|is| (is.version, is.value));
                let found = engine.load(&key(n), now).unwrap();
                let found = found.map(|found| (found.version, payload::value_in(&found.record).unwrap()));
                prop_assert_eq!(found, expected);
                self.used(n);
            }
            Operation::Touch { key: n, life } => {
                let expires = now.after(Duration::from_secs(life));
                let there = self.there(n).is_some();
                prop_assert_eq!(engine.touch(&key(n), expires, now).unwrap(), there);
                if there {
                    self.written.get_mut(&n).unwrap().expires = expires;
                }
                self.used(n);
            }
            Operation::Destroy { key: n } => {
                let there = self.there(n).is_some();
                prop_assert_eq!(engine.destroy(&key(n), now).unwrap(), there);
                self.written.remove(&n);
            }
            Operation::Collect => {
                engine.collect(now).unwrap();
            }
        }
        Ok(())
    }

    /// Commits a new value; false when the store was full.
    fn commit(
        &mut self,
        n: u64,
        len: usize,
        owner: Owner,
        expires: Timestamp,
    ) -> Result<bool, TestCaseError> {
        let base = self.there(n).map(|is| (is.version, is.len));
        let record = payload::of(self.count, len);
        let write = write(&record, self.now).of(owner).until(expires);
        let expect = base.map_or(Expect::Absent, |(version, _)| Expect::Version(version));
        match self.engine.commit(&key(n), expect, write, self.now) {
            Ok(Commit::Stored(version)) => {
                let used = u64::from(self.count);
                self.written.insert(n, Written { version, value: self.count, len, owner, expires, used });
                Ok(true)
            }
            Err(EngineError::Full { .. }) => {
                prop_assert!(
                    base.is_none_or(|(_, had)| len > had),
                    "Full for {len} bytes in place of {base:?}"
                );
                let evicted = self.engine.stats().unwrap().evicted;
                let exact = self.engine.describe().starts_with("memory:");
                // An engine that can not tell beforehand what its pages will hold may send guests away in vain.
                prop_assert!(
                    !exact || evicted == self.evicted,
                    "guests gave way to a commit that was refused"
                );
                self.used(n);
                Ok(false)
            }
            other => Err(TestCaseError::fail(format!("{other:?}"))),
        }
    }

    fn used(&mut self, n: u64) {
        let used = u64::from(self.count);
        if self.there(n).is_some() {
            self.written.get_mut(&n).unwrap().used = used;
        }
    }

    /// What is there by a visit, which is no use.
    fn there(&self, n: u64) -> Option<&Written> {
        self.shown().contains(&key(n)).then(|| &self.written[&n])
    }

    fn shown(&self) -> HashSet<Key> {
        let mut shown = HashSet::new();
        let mut each = |summary: holdfast_core::engine::Summary| {
            shown.insert(summary.key);
            ControlFlow::Continue(())
        };
        self.engine.visit(self.now, &mut each).unwrap();
        shown
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        let now = self.now;
        self.written.retain(|_, is| now < is.expires);
        let shown = self.shown();
        let known: HashSet<Key> = self.written.keys().map(|n| key(*n)).collect();
        prop_assert!(shown.is_subset(&known), "what nobody stored");
        let mut last_gone = None;
        let mut first_there = None;
        for (n, is) in &self.written {
            if shown.contains(&key(*n)) {
                if is.owner.is_guest() {
                    first_there = Some(first_there.unwrap_or(is.used).min(is.used));
                }
            } else {
                prop_assert!(is.owner.is_guest(), "member {n} was dropped");
                last_gone = last_gone.max(Some(is.used));
            }
        }
        if let (Some(gone), Some(there)) = (last_gone, first_there) {
            prop_assert!(gone < there, "a guest used at {gone} gave way before one used at {there}");
        }
        let stats = self.engine.stats().unwrap();
        prop_assert!(stats.used_bytes <= stats.capacity_bytes);
        if stats.evicted > self.evicted {
            prop_assert_eq!(stats.sessions, shown.len() as u64, "a guest gave way before an expired session");
        }
        self.evicted = stats.evicted;
        Ok(())
    }
}
