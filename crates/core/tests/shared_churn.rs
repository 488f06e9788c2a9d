//! Long random use with records of mixed sizes: nothing is refused below 85 % of the capacity, all of it comes back, and
//! the process does not grow (R28). `HOLDFAST_CHURN` is the number of operations on each store, 200,000 when unset.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "what was done")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small figures")]

use std::path::Path;

use holdfast_core::{
    engine::{
        Commit, Engine, EngineError, Expect, Owner, Version, Write,
        shared::{SharedEngine, SharedOptions},
    },
    key::Key,
    time::Timestamp,
};

const NOW: Timestamp = Timestamp::from_millis(1);
const LATER: Timestamp = Timestamp::from_millis(1000);
const MIB: u64 = 1 << 20;
/// Of a process in which both tests run: records on their way, and what they know of each session.
const MOST_GROWTH: u64 = 64 * MIB;

fn options(path: &Path, size: u64) -> SharedOptions {
    SharedOptions { size, ..SharedOptions::at(path) }
}

fn key(number: u64) -> Key {
    let mut bytes = [3; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Key::from_bytes(bytes)
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// Most sessions are of some KB, few of MB: 10 B to `most`, evenly over the orders of magnitude.
    fn length(&mut self, most: u64) -> u64 {
        let doublings = (most / 10).ilog2();
        let kind = self.below(1000);
        let doublings = match kind {
            0..50 => self.below(5),
            50..947 => 5 + self.below(7),
            947..995 => self.below(15),
            _ => self.below(u64::from(doublings) + 1),
        };
        let least = 10 << doublings.min(u64::from((most / 10).ilog2()));
        (least + self.below(least)).min(most)
    }
}

/// What is stored, as the one who stored it knows it.
#[derive(Clone, Copy)]
struct Stored {
    number: u64,
    version: Version,
    length: usize,
}

impl Stored {
    /// Every session begins at another byte of the same bytes.
    fn record(self, body: &[u8]) -> &[u8] {
        let offset = (self.number % 256) as usize;
        &body[offset..offset + self.length]
    }

    fn is_in(self, engine: &SharedEngine, body: &[u8]) -> bool {
        let found = engine.load(&key(self.number), NOW).unwrap();
        found.is_some_and(|found| found.version == self.version && found.record == self.record(body))
    }
}

#[derive(Debug, Default)]
struct Counts {
    commits: u64,
    destroys: u64,
    loads: u64,
    /// Refused above 85 %.
    refused: u64,
    peak: f64,
}

impl Counts {
    fn operations(&self) -> u64 {
        self.commits + self.destroys + self.loads
    }
}

/// `operations` are those that did something: draws that found nothing to do are not counted.
fn churn(size: u64, most: u64, operations: u64, seed: u64) {
    let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let engine = SharedEngine::open(options(&directory.path().join("churned.store"), size)).unwrap();
    let body: Vec<u8> = (0..most + 256).map(|at| (at % 251) as u8).collect();
    let mut random = Random(seed);
    let mut stored: Vec<Stored> = Vec::new();
    let mut next = 0;
    let mut counts = Counts::default();
    let mut memory = None;
    while counts.operations() < operations {
        let stats = engine.stats().unwrap();
        let fill = stats.used_bytes as f64 / stats.capacity_bytes as f64;
        counts.peak = counts.peak.max(fill);
        let known = random.below(stored.len() as u64 + 1) as usize;
        if fill > 0.82 || random.below(10) < 2 {
            if known < stored.len() {
                let gone = stored.swap_remove(known);
                assert!(gone.is_in(&engine, &body), "session {} of {} bytes", gone.number, gone.length);
                assert!(engine.destroy(&key(gone.number), NOW).unwrap());
                counts.loads += 1;
                counts.destroys += 1;
            }
            continue;
        }
        let replaced = (known < stored.len() && random.below(3) == 0).then_some(known);
        let number = replaced.map_or(next, |at| stored[at].number);
        let expect = replaced.map_or(Expect::Absent, |at| Expect::Version(stored[at].version));
        next = next.max(number + 1);
        let length = random.length(most) as usize;
        let mut one = Stored { number, version: Version(0), length };
        // Above 85 % a record of MB may find too little: what it needs counts twice, for the reserve.
        let grown = fill + 2.0 * length as f64 / size as f64;
        let write = Write { record: one.record(&body), expires: LATER, owner: Owner(1) };
        match engine.commit(&key(number), expect, write, NOW) {
            Ok(Commit::Stored(version)) => {
                one.version = version;
                counts.commits += 1;
                match replaced {
                    Some(at) => stored[at] = one,
                    None => stored.push(one),
                }
            }
            Err(EngineError::Full { .. }) if grown > 0.85 => counts.refused += 1,
            other => panic!("{counts:?}: {length} bytes at a fill of {fill:.3}: {other:?}"),
        }
        if memory.is_none() && counts.operations() > operations / 10 {
            memory = Some(own_memory());
        }
    }
    let grown = own_memory().saturating_sub(memory.unwrap());
    assert!(counts.peak > 0.8, "{counts:?}: it was never full");
    assert_eq!(engine.stats().unwrap().evicted, 0);
    for one in &stored {
        assert!(one.is_in(&engine, &body), "session {} was lost", one.number);
        assert!(engine.destroy(&key(one.number), NOW).unwrap());
    }
    let stats = engine.stats().unwrap();
    assert_eq!((stats.sessions, stats.used_bytes, stats.repairs), (0, 0, 0));
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new());
    assert!(grown < MOST_GROWTH, "{counts:?}: the process has grown by {grown} bytes");
    println!("{size} bytes, records of up to {most}: {counts:?}; the process has grown by {grown} bytes");
}

/// Bytes of this process that are in memory and no part of a file.
fn own_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon:")).expect("Linux says it");
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

fn operations() -> u64 {
    std::env::var("HOLDFAST_CHURN").map_or(200_000, |text| text.parse().expect("a number"))
}

#[test]
fn r28_records_of_10_bytes_to_30_kb_churn_a_small_store() {
    churn(16 * MIB, 30_000, operations(), 1);
}

#[test]
fn r28_records_of_10_bytes_to_8_mb_churn_a_large_store() {
    churn(192 * MIB, 8 * MIB, operations(), 2);
}
