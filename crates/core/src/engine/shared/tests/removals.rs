//! What a process is told that it removed, when it forks and when its file is replaced.

use std::fs;

use super::{
    Engine, Expect, Owner, SharedEngine, Timestamp, Write,
    child::{Child, End},
    key, options, stored,
};

fn put(engine: &SharedEngine, number: u64, expires: Timestamp) {
    let write = Write { record: b"xy", expires, owner: Owner::GUEST };
    stored(engine.commit(&key(number), Expect::Absent, write, super::NOW));
}

fn told(engine: &SharedEngine) -> Vec<crate::key::Key> {
    engine.take_removals().list.iter().map(|removal| removal.key).collect()
}

#[test]
fn a_forked_child_tells_what_it_removed_itself() {
    let directory = tempfile::tempdir().unwrap();
    let engine = SharedEngine::open(options(&directory, 1 << 20)).unwrap();
    engine.watch_removals(true);
    let end = Timestamp::from_millis(super::NOW.as_millis() + 1);
    put(&engine, 1, end);
    assert_eq!(engine.collect(end).unwrap(), 1);
    let child = Child::run(|| {
        assert_eq!(told(&engine), [], "that was the parent's");
        put(&engine, 2, end);
        assert_eq!(engine.collect(end).unwrap(), 1);
        assert_eq!(told(&engine), [key(2)], "a child watches as its parent does");
    });
    assert_eq!(child.end(), End::Done);
    assert_eq!(told(&engine), [key(1)]);
}

#[test]
fn what_was_removed_before_the_file_was_replaced_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let options = options(&directory, 1 << 20);
    let engine = SharedEngine::open(options.clone()).unwrap();
    engine.watch_removals(true);
    let end = Timestamp::from_millis(super::NOW.as_millis() + 1);
    put(&engine, 1, end);
    assert_eq!(engine.collect(end).unwrap(), 1);
    fs::remove_file(&options.path).unwrap();
    engine.look_now();
    put(&engine, 2, end);
    assert_eq!(engine.collect(end).unwrap(), 1);
    assert!(options.path.exists(), "another file was made");
    assert_eq!(told(&engine), [key(1), key(2)]);
}
