//! A store of 1 MiB with sessions that nothing may happen to.

use std::{collections::HashSet, ops::ControlFlow, path::PathBuf, sync::Arc, time::Duration};

use holdfast_core::{
    engine::{
        Commit, Engine, Expect, Owner, Version, Write,
        shared::{SharedEngine, SharedOptions},
    },
    key::Key,
    time::Timestamp,
};
use tempfile::TempDir;

use crate::payload;

pub const MIB: u64 = 1 << 20;
pub const MEMBER: Owner = Owner(7);
const NEIGHBOURS: u32 = 30;

pub fn key(number: u32) -> Key {
    let mut bytes = [0x5a; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    Key::from_bytes(bytes)
}

/// In memory where there is such a place.
pub fn directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub fn put(engine: &dyn Engine, number: u32, expect: Expect, length: usize, owner: Owner) -> Version {
    let (now, record) = (engine.now(), payload::of(number, length));
    let write = Write { record: &record, expires: now.after(Duration::from_hours(1)), owner };
    match engine.commit(&key(number), expect, write, now) {
        Ok(Commit::Stored(version)) => version,
        other => panic!("session {number} with {length} bytes was not stored: {other:?}"),
    }
}

/// The length of a session's record, which is whole and its own; 0 when there is none.
pub fn length(engine: &dyn Engine, number: u32) -> usize {
    let Some(found) = engine.load(&key(number), engine.now()).unwrap() else { return 0 };
    assert_eq!(payload::value_in(&found.record), Ok(number), "a record of another session, or a torn one");
    found.record.len()
}

pub struct Scene {
    pub directory: TempDir,
    pub engine: Arc<SharedEngine>,
    neighbours: HashSet<Key>,
}

impl Scene {
    pub fn new() -> Self {
        let directory = directory();
        let engine = Arc::new(SharedEngine::open(options(&directory)).unwrap());
        for number in 1..=NEIGHBOURS {
            put(&*engine, number, Expect::Absent, neighbours_length(number), MEMBER);
        }
        Self { directory, engine, neighbours: (1..=NEIGHBOURS).map(key).collect() }
    }

    /// Removes all but the neighbours.
    pub fn reset(&self) {
        for key in self.others() {
            self.engine.destroy(&key, self.engine.now()).unwrap();
        }
        self.engine.collect(self.engine.now()).unwrap();
    }

    fn others(&self) -> Vec<Key> {
        let mut others = Vec::new();
        let mut each = |summary: holdfast_core::engine::Summary| {
            if !self.neighbours.contains(&summary.key) {
                others.push(summary.key);
            }
            ControlFlow::Continue(())
        };
        // The expired also.
        self.engine.visit(Timestamp::from_millis(0), &mut each).unwrap();
        others
    }

    /// Every neighbour is as it was, and every invariant of the file holds.
    pub fn check(&self, at: &str) {
        check_neighbours(&self.engine, at);
        assert_eq!(self.engine.problems().unwrap(), Vec::<String>::new(), "{at}");
    }

    /// Where somebody else opens the same store.
    pub fn options(&self) -> SharedOptions {
        options(&self.directory)
    }
}

fn options(directory: &TempDir) -> SharedOptions {
    SharedOptions { size: MIB, ..SharedOptions::at(path(directory)) }
}

fn path(directory: &TempDir) -> PathBuf {
    directory.path().join("tortured.store")
}

fn neighbours_length(number: u32) -> usize {
    [90, 600, 1900, 9100][number as usize % 4]
}

/// Every neighbour is in this store as it was.
pub fn check_neighbours(engine: &SharedEngine, at: &str) {
    for number in 1..=NEIGHBOURS {
        assert_eq!(length(engine, number), neighbours_length(number), "{at}: neighbour {number}");
    }
}
