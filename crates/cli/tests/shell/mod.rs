//! The command as somebody at a shell uses it, and stores for it.

#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use holdfast_core::{
    engine::{Commit, Engine, Expect, Owner, StoreDsn, Write},
    key::Key,
};

pub fn holdfast(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.args(arguments).stdin(Stdio::null()).env_remove("HOLDFAST_STORE");
    command
}

pub fn begun(arguments: &[&str]) -> Child {
    command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// What it says on stdout; it must succeed.
#[track_caller]
pub fn says(arguments: &[&str]) -> String {
    let output = holdfast(arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{:?}", String::from_utf8_lossy(&output.stderr));
    said
}

/// One line on stderr that says `what`, and this exit code.
#[track_caller]
pub fn fails(arguments: &[&str], code: i32, what: &str) -> String {
    let output = holdfast(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
    assert!(said.starts_with("holdfast: ") && said.contains(what), "{arguments:?}: {said}");
    assert!(!said.contains("hunter2"), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same, with nothing on stdout.
#[track_caller]
pub fn refuses(arguments: &[&str], code: i32, what: &str) {
    assert_eq!(fails(arguments, code, what), "", "{arguments:?}");
}

pub fn shared(path: &Path, size: &str) -> String {
    format!("shared://{}?size={size}", path.display())
}

pub fn open(dsn: &str) -> Arc<dyn Engine> {
    StoreDsn::parse(dsn).unwrap().open().unwrap()
}

pub fn key(n: u32) -> Key {
    let mut bytes = [7; 32];
    bytes[28..].copy_from_slice(&n.to_be_bytes());
    bytes[..4].copy_from_slice(&n.wrapping_mul(0x9e37_79b9).to_be_bytes());
    Key::from_bytes(bytes)
}

pub fn owner(n: u32) -> Owner {
    [Owner::GUEST, Owner(5), Owner::SYSTEM][n as usize % 3]
}

pub fn record(n: u32, bytes: usize) -> Vec<u8> {
    let mut record = vec![u8::try_from(n % 200).unwrap(); bytes];
    let at = bytes.min(4);
    record[bytes - at..].copy_from_slice(&n.to_be_bytes()[..at]);
    record
}

/// Records of guests, a member and the store itself.
pub fn fill(store: &dyn Engine, count: u32, bytes: usize) {
    let now = store.now();
    for n in 0..count {
        let expires = now.after(Duration::from_secs(3600 + u64::from(n)));
        let write = Write { record: &record(n, bytes), expires, owner: owner(n) };
        assert!(matches!(store.commit(&key(n), Expect::Absent, write, now), Ok(Commit::Stored(_))), "{n}");
    }
}

/// Everything that [`fill`] has stored is there, with its owner and its end.
#[track_caller]
pub fn is_filled(store: &dyn Engine, count: u32, bytes: usize) {
    let now = store.now();
    for n in 0..count {
        let there = store.peek(&key(n), now).unwrap().unwrap();
        assert_eq!((there.record, there.owner), (record(n, bytes), owner(n)), "{n}");
        let left = there.expires.since(now).as_secs();
        assert!((3400 + u64::from(n)..=3605 + u64::from(n)).contains(&left), "{n}: {left}");
    }
    let mut seen = 0;
    store
        .visit(now, &mut |_| {
            seen += 1;
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, count);
}
