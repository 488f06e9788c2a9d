//! R25: whoever builds a store is killed: before and after each of its system calls, and in the long form after any instruction
//! that changes the file. Who opens it next has a whole store.

use std::{
    fs,
    path::{Path, PathBuf},
};

use holdfast_core::engine::{
    Engine, Expect,
    shared::{SharedEngine, SharedOptions},
};

use crate::{
    Verdict,
    form::{Form, Progress},
    image,
    scene::{MEMBER, MIB, directory, length, put},
    tracee::{self, Step, Tracee},
};

pub fn run(form: Form) -> Verdict {
    if let Some(reason) = tracee::forbidden() {
        return format!("SKIPPED: {reason}");
    }
    let directory = directory();
    let path = directory.path().join("a.store");
    let calls = kill_at_system_calls(&path);
    let instructions = if form == Form::Long { kill_at_changes(&path) } else { String::new() };
    format!("{calls} builders killed at system calls{instructions}: a whole store each time")
}

/// How many there are.
fn kill_at_system_calls(path: &Path) -> usize {
    for point in 1.. {
        let mut builder = builder(path);
        let finished = (0..point).any(|_| builder.step_to_system_call() == Step::Finished);
        builder.kill();
        check(path, &format!("killed at its system call {point} / 2"));
        if finished {
            return point - 1;
        }
    }
    unreachable!("an opening without end")
}

fn kill_at_changes(path: &Path) -> String {
    let (instructions, changes) = course(path);
    check(path, "after its end");
    let mut progress = Progress::of("killed builders", changes.len() as u64);
    for (done, &point) in (0..).zip(&changes) {
        let mut builder = builder(path);
        assert_eq!(builder.steps(point), Step::On);
        builder.kill();
        check(path, &format!("killed after {point} instructions"));
        progress.done(done);
    }
    format!(", {} after one of the {instructions} instructions, each that changes the file", changes.len())
}

fn options(path: &Path) -> SharedOptions {
    SharedOptions { size: MIB, ..SharedOptions::at(path) }
}

/// A process that stands before it opens a store which is not there.
fn builder(path: &Path) -> Tracee {
    Tracee::before(
        || PathBuf::from(path),
        |path| std::mem::forget(SharedEngine::open(options(&path)).unwrap()),
    )
}

/// How many instructions it takes to build a store, and after which of them the file is another one than before.
fn course(path: &Path) -> (u64, Vec<u64>) {
    let mut builder = builder(path);
    let (mut instructions, mut changes) = (0, Vec::new());
    let mut before = None;
    while builder.step() == Step::On {
        instructions += 1;
        let there = fs::read(path).ok();
        if there != before {
            before = there;
            changes.push(instructions);
        }
    }
    builder.kill();
    (instructions, changes)
}

/// Whoever opens it has an empty store in which nothing is wrong, and which is none that was there before.
fn check(path: &Path, at: &str) {
    let engine = SharedEngine::open(options(path)).unwrap();
    assert_eq!(engine.take_notice(), None, "{at}");
    assert_eq!(engine.stats().unwrap().sessions, 0, "{at}");
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new(), "{at}");
    let bytes = fs::read(path).unwrap();
    for shard in image::shards(bytes.len()) {
        assert_ne!(image::version(&bytes, shard), 0, "{at}: the shard at {shard} counts from 0");
    }
    put(&engine, 1, Expect::Absent, 600, MEMBER);
    assert_eq!(length(&engine, 1), 600, "{at}");
    drop(engine);
    fs::remove_file(path).unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 0, "{at}: nothing is left beside it");
}
