//! R25: whoever builds a store is killed: before and after each of its system calls, and in the long form at any instruction.
//! Who opens it next has a whole store.

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
    dice::Dice,
    form::{Form, Progress},
    image,
    scene::{MEMBER, MIB, directory, length, put},
    tracee::{self, Step, Tracee},
};

/// Deaths at instructions, of the long form.
const ANYWHERE: u64 = 100;

pub fn run(form: Form) -> Verdict {
    if let Some(reason) = tracee::forbidden() {
        return format!("SKIPPED: {reason}");
    }
    let directory = directory();
    let path = directory.path().join("a.store");
    let calls = kill_at_system_calls(&path);
    let anywhere = if form == Form::Long { kill_anywhere(&path) } else { String::new() };
    format!("{calls} builders killed at system calls{anywhere}: a whole store each time")
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

fn kill_anywhere(path: &Path) -> String {
    let mut whole = builder(path);
    let mut instructions = 0;
    while whole.step() == Step::On {
        instructions += 1;
    }
    whole.kill();
    check(path, "after its end");
    let mut dice = Dice::new();
    let mut progress = Progress::of("killed builders", ANYWHERE);
    for done in 0..ANYWHERE {
        let point = dice.below(instructions);
        let mut builder = builder(path);
        // How many there are depends a little on what the system says of its memory.
        builder.steps(point);
        builder.kill();
        check(path, &format!("killed after {point} instructions"));
        progress.done(done);
    }
    format!(", {ANYWHERE} at any of {instructions} instructions")
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

/// Whoever opens it has an empty store in which nothing is wrong, and which is none that was there before.
fn check(path: &Path, at: &str) {
    let engine = SharedEngine::open(options(path)).unwrap();
    assert_eq!(engine.take_notice(), None, "{at}");
    assert_eq!(engine.stats().unwrap().sessions, 0, "{at}");
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new(), "{at}");
    let bytes = fs::read(path).unwrap();
    for shard in image::shards(bytes.len()) {
        let version = image::version(&bytes, shard);
        assert!(
            !version.is_multiple_of(1 << 32),
            "{at}: the shard at {shard} counts from {version}, no random number"
        );
    }
    put(&engine, 1, Expect::Absent, 600, MEMBER);
    assert_eq!(length(&engine, 1), 600, "{at}");
    drop(engine);
    fs::remove_file(path).unwrap();
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 0, "{at}: nothing is left beside it");
}
