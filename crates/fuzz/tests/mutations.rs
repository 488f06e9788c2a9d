//! The targets of fuzzing without a fuzzer: every seed, and inputs made of seeds by mutation. What `make fuzz` does
//! guided by coverage is done here blindly, but anywhere, in seconds, and the same each time.
//!
//! `HOLDFAST_FUZZ_RUNS` is the number of mutated inputs of each target; unset, what takes about a second.
//! `HOLDFAST_FUZZ_SEED` chooses others.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use holdfast_fuzz::{TARGETS, target};

/// No input takes longer, on the slowest of machines: what does hangs.
const HANG: Duration = Duration::from_mins(1);

fn seeds(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut paths: Vec<_> = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }
}

/// An input made of `seed` and `other`, one to four steps away.
fn mutated(random: &mut Random, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let mut input = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        match random.below(8) {
            0 | 1 if at < input.len() => input[at] ^= 1 << random.below(8),
            2 if at < input.len() => input[at] = random.byte(),
            3 if at < input.len() => input[at] = [0, 1, 0x7f, 0x80, 0xff, 0xc0, 6, 7, 8][random.below(9)],
            4 => {
                let new: Vec<u8> = (0..=random.below(9)).map(|_| random.byte()).collect();
                input.splice(at..at, new);
            }
            5 => drop(input.drain(at..input.len().min(at + 1 + random.below(9)))),
            6 => {
                let (from, to) = (random.below(other.len() + 1), random.below(other.len() + 1));
                input.splice(at..at, other[from.min(to)..from.max(to)].to_vec());
            }
            _ => input.truncate(at.max(1)),
        }
    }
    input.truncate(4096);
    input
}

/// Runs every seed, and `runs` inputs made of them; stops at the first that breaks a law or hangs.
fn fuzz(name: &'static str, runs: usize) {
    let run = target(name).unwrap();
    let number = |variable| std::env::var(variable).ok().map(|text: String| text.parse().unwrap());
    let runs = number("HOLDFAST_FUZZ_RUNS").unwrap_or(runs);
    let mut random = Random(number("HOLDFAST_FUZZ_SEED").unwrap_or(1) as u64);
    let seeds = seeds(name);
    assert!(seeds.len() >= 5, "{name} has too few seeds to start from");
    let all = (0..seeds.len() + runs).map(move |turn| {
        if let Some((path, seed)) = seeds.get(turn) {
            return (path.display().to_string(), seed.clone());
        }
        let (path, seed) = &seeds[random.below(seeds.len())];
        let other = &seeds[random.below(seeds.len())].1;
        (format!("a mutation of {}", path.display()), mutated(&mut random, seed, other))
    });
    let (begun, watched) = mpsc::channel();
    let worker = thread::spawn(move || {
        for (origin, input) in all {
            begun.send((origin, input.clone())).unwrap();
            if catch_unwind(AssertUnwindSafe(|| run(&input))).is_err() {
                return false;
            }
        }
        true
    });
    let mut last = (String::from("nothing"), Vec::new());
    loop {
        match watched.recv_timeout(HANG) {
            Ok(input) => last = input,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name} hangs on {}: {:?}", last.0, last.1),
        }
    }
    assert!(worker.join().unwrap(), "{name} breaks on {}: {:?}", last.0, last.1);
}

#[test]
fn r11_records() {
    fuzz("record", 20_000);
}

#[test]
fn r11_values() {
    fuzz("codec", 20_000);
}

#[test]
fn r11_merges() {
    fuzz("merge", 5_000);
}

#[test]
fn r11_serialized_php_values() {
    fuzz("php", 50_000);
}

#[test]
fn r11_session_files_of_php() {
    fuzz("php_session", 20_000);
}

#[test]
fn r11_texts_of_browsers_and_operators() {
    fuzz("text", 50_000);
}

#[test]
fn r11_damaged_stores() {
    fuzz("store", 300);
}

#[test]
fn every_target_has_seeds_and_a_test() {
    let source = include_str!("mutations.rs");
    for (name, _) in TARGETS {
        assert!(source.contains(&format!("fuzz(\"{name}\", ")), "{name} has no test");
        assert!(!seeds(name).is_empty());
    }
    let places = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap();
    assert_eq!(places.count(), TARGETS.len());
}
