//! The first opening of a store by many processes at once (R25).
//!
//! The processes are this test binary, run again for one test, with the work in an environment variable.
//! `HOLDFAST_OPENINGS` is the number of rounds in which initialisers are killed, 60 when unset.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small figures")]

use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{
        Commit, Engine, Expect, Owner, Write,
        shared::{SharedEngine, SharedOptions},
    },
    key::Key,
    time::Timestamp,
};

const WORK: &str = "HOLDFAST_TEST_OPENS";
const RACERS: u64 = 64;
const LATER: Timestamp = Timestamp::from_millis(u64::MAX / 2);

fn options(path: &Path) -> SharedOptions {
    SharedOptions { size: 16 << 20, ..SharedOptions::at(path) }
}

fn key(number: u64) -> Key {
    let mut bytes = [1; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Key::from_bytes(bytes)
}

/// Does nothing unless it was started by the race.
#[test]
fn racer() {
    let Ok(work) = env::var(WORK) else { return };
    let (number, path) = work.split_once(' ').unwrap();
    let number: u64 = number.parse().unwrap();
    let engine = SharedEngine::open(options(Path::new(path))).unwrap();
    assert_eq!(engine.take_notice(), None);
    let record = engine.secret().unwrap().as_bytes().to_vec();
    let write = Write { record: &record, expires: LATER, owner: Owner(1) };
    let commit = engine.commit(&key(number), Expect::Absent, write, engine.now()).unwrap();
    assert!(matches!(commit, Commit::Stored(_)), "{commit:?}");
}

fn start(path: &Path, number: u64) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "racer"])
        .env(WORK, format!("{number} {}", path.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// A number that differs from round to round and from run to run.
fn random() -> u64 {
    let mut bytes = [0; 8];
    holdfast_core::secret::fill_random(&mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}

/// In memory where there is such a place: reserving space takes longest there, and so does the building.
fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Starts an opener and kills it while it builds, or shortly before or after; whether it left a half-built file.
fn kill_an_initialiser(path: &Path, number: u64) -> bool {
    let mut victim = start(path, number);
    while !path.exists() && victim.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let until = Instant::now() + Duration::from_micros(random() % 6000);
    while Instant::now() < until {
        std::hint::spin_loop();
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    std::fs::read(path).is_ok_and(|bytes| !bytes.starts_with(b"HOLDFAST"))
}

fn race(path: &Path) {
    let racers: Vec<(u64, Child)> = (0..RACERS).map(|number| (number, start(path, number))).collect();
    for (number, child) in racers {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "racer {number}: {said}");
    }
    let engine = SharedEngine::open(options(path)).unwrap();
    assert_eq!(engine.take_notice(), None);
    let secret = engine.secret().unwrap();
    for number in 0..RACERS {
        // The secret that each saw is the one that the store has.
        let stored = engine.load(&key(number), engine.now()).unwrap().expect("a racer's session");
        assert_eq!(stored.record, secret.as_bytes(), "racer {number} was in another store");
    }
}

#[test]
fn r25_of_64_racing_openers_one_builds_the_store() {
    for _ in 0..3 {
        let directory = directory();
        race(&directory.path().join("raced.store"));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}

#[test]
fn r25_openers_finish_whoever_was_killed_while_the_store_was_built() {
    let rounds = env::var("HOLDFAST_OPENINGS").map_or(60, |text| text.parse().expect("a number"));
    let mut half_built = 0;
    for round in 0..rounds {
        let directory = directory();
        let path = directory.path().join("raced.store");
        let racer = start(&path, 500);
        for victim in 0..4 {
            if kill_an_initialiser(&path, 1000 + victim) {
                half_built += 1;
            }
        }
        // All of 64 in some rounds; one, which met the killed ones as they built, in all.
        assert!(racer.wait_with_output().unwrap().status.success());
        if round % 20 == 0 {
            race(&path);
        }
        SharedEngine::open(options(&path)).unwrap();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);

        let alone = directory.path().join("alone.store");
        if kill_an_initialiser(&alone, 1) {
            half_built += 1;
        }
        race_of_two(&alone);
    }
    assert!(half_built * 12 > rounds, "only {half_built} initialisers were killed while they built");
}

fn race_of_two(path: &Path) {
    for racer in [start(path, 2), start(path, 3)] {
        assert!(racer.wait_with_output().unwrap().status.success());
    }
}
