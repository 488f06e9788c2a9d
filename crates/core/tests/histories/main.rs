//! R08: the history of each session is linearizable, whichever processes make it: 8 of them, destroys and rotations
//! included. The notes are compared by the system's monotonic clock, which is one for all processes.
//!
//! `HOLDFAST_HISTORIES` is the number of histories, 10 when unset.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds something else shall stop")]

#[path = "../history/mod.rs"]
mod history;
#[path = "../payload/mod.rs"]
mod payload;

use std::{
    cell::Cell,
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use history::{Event, What, act, check_all};
use holdfast_core::{
    engine::{
        Engine, Version,
        shared::{SharedEngine, SharedOptions},
    },
    time::Timestamp,
};

const PROCESSES: u32 = 8;
const OPERATIONS: u32 = 250;
/// In a process that works: its number, the seed of the history, the store's file.
const WORK: &str = "HOLDFAST_HISTORIES_WORK";
const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

fn open(path: &Path) -> SharedEngine {
    let lock_timeout = Duration::from_mins(1);
    SharedEngine::open(SharedOptions { path: path.into(), size: 4 << 20, lock_timeout }).unwrap()
}

#[test]
fn r08_every_history_of_processes_is_linearizable() {
    let histories = std::env::var("HOLDFAST_HISTORIES").map_or(10, |text| text.parse().unwrap());
    let (mut operations, mut overlaps) = (0, 0);
    for seed in 1..=histories {
        let events = history_of_processes(seed);
        operations += events.len();
        overlaps += events.iter().filter(|event| is_overlapped(event, &events)).count();
        check_all(&events);
    }
    println!(
        "R08: {histories} histories of {PROCESSES} processes, {operations} operations, {overlaps} of them while another ran: all linearizable"
    );
    assert!(overlaps * 20 > operations, "the processes ran one after the other: the test looks at nothing");
}

/// Whether another operation on the same session ran at the same time.
fn is_overlapped(event: &Event, events: &[Event]) -> bool {
    let others = events.iter().filter(|other| other.session == event.session);
    others.filter(|other| other.began <= event.ended && event.began <= other.ended).count() > 1
}

fn history_of_processes(seed: u64) -> Vec<Event> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("store");
    // Kept open, so that nobody has to make it.
    let _store = open(&path);
    let mut workers: Vec<_> = (0..PROCESSES).map(|worker| start(worker, seed, &path)).collect();
    for (_, output) in &mut workers {
        assert!(lines(output).any(|line| line == "ready"), "a worker ended before it began");
    }
    for (child, _) in &mut workers {
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    let mut events = Vec::new();
    for (child, output) in &mut workers {
        let before = events.len();
        events.extend(lines(output).filter_map(|line| read(&line)));
        assert!(child.wait().unwrap().success() && events.len() > before, "a worker failed");
    }
    events
}

fn start(worker: u32, seed: u64, path: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["worker", "--exact", "--nocapture", "--test-threads=1"])
        .env(WORK, format!("{worker} {seed} {}", path.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

fn lines<R: Read>(output: &mut BufReader<R>) -> impl Iterator<Item = String> {
    output.lines().map(|line| line.unwrap())
}

/// Does nothing but in a process that the test started.
#[test]
fn worker() {
    let Ok(work) = std::env::var(WORK) else { return };
    let mut parts = work.splitn(3, ' ');
    let worker: u32 = parts.next().unwrap().parse().unwrap();
    let seed: u64 = parts.next().unwrap().parse().unwrap();
    let engine = open(Path::new(parts.next().unwrap()));
    engine.load(&holdfast_core::key::Key::from_bytes([0; 32]), NOW).unwrap();
    // On a line of its own: the test harness writes before it.
    println!("\nready");
    std::io::stdin().read_exact(&mut [0]).unwrap();
    let last = Cell::new(worker << 24);
    let value = || {
        last.set(last.get() + 1);
        last.get()
    };
    let events = act(&engine, NOW, &nanoseconds, &value, seed * 1000 + u64::from(worker), OPERATIONS);
    let mut text = String::new();
    for event in &events {
        write(event, &mut text);
    }
    print!("{text}");
}

/// The monotonic clock of the system.
fn nanoseconds() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    u64::try_from(time.tv_sec).unwrap() * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap()
}

/// An event as a line: what, session, began, ended, and what there is of base, version and value.
fn write(event: &Event, text: &mut String) {
    let Event { session, began, ended, what } = event;
    let rest = match what {
        What::Stored { base: Some(Version(base)), version: Version(version), value } => {
            format!("replaced {session} {began} {ended} {version} {value} {base}")
        }
        What::Stored { base: None, version: Version(version), value } => {
            format!("created {session} {began} {ended} {version} {value}")
        }
        What::Saw { version: Version(version), value } => {
            format!("saw {session} {began} {ended} {version} {value}")
        }
        What::SawNothing => format!("nothing {session} {began} {ended}"),
        What::Destroyed => format!("destroyed {session} {began} {ended}"),
    };
    writeln!(text, "event {rest}").unwrap();
}

fn read(line: &str) -> Option<Event> {
    let mut words = line.strip_prefix("event ")?.split(' ');
    let kind = words.next()?;
    let numbers: Vec<u64> = words.map(|word| word.parse().unwrap()).collect();
    let value = || u32::try_from(numbers[4]).unwrap();
    let version = || Version(numbers[3]);
    let what = match kind {
        "replaced" => What::Stored { base: Some(Version(numbers[5])), version: version(), value: value() },
        "created" => What::Stored { base: None, version: version(), value: value() },
        "saw" => What::Saw { version: version(), value: value() },
        "nothing" => What::SawNothing,
        "destroyed" => What::Destroyed,
        other => panic!("{other}"),
    };
    Some(Event { session: numbers[0], began: numbers[1], ended: numbers[2], what })
}
