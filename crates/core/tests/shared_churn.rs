//! Long random use with records of mixed sizes: nothing is refused below 85 % of the capacity, and all of it comes back
//! (R28). `HOLDFAST_CHURN` is the number of operations on each store, 200,000 when unset.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small figures")]

use std::{collections::HashMap, path::Path};

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

fn churn(size: u64, most: u64, steps: u64, seed: u64) {
    let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let engine = SharedEngine::open(options(&directory.path().join("churned.store"), size)).unwrap();
    let body: Vec<u8> = (0..most + 256).map(|at| (at % 251) as u8).collect();
    let mut random = Random(seed);
    let mut stored: HashMap<u64, (Version, u64)> = HashMap::new();
    let mut next = 0;
    let mut peak = 0.0_f64;
    for step in 0..steps {
        let stats = engine.stats().unwrap();
        let fill = stats.used_bytes as f64 / stats.capacity_bytes as f64;
        peak = peak.max(fill);
        let known = random.below(next + 1);
        if fill > 0.82 || random.below(10) < 2 {
            if stored.remove(&known).is_some() {
                assert!(engine.destroy(&key(known), NOW).unwrap());
            }
            continue;
        }
        let number = if random.below(3) == 0 { known } else { next };
        next = next.max(number + 1);
        let length = random.length(most);
        let offset = (number % 256) as usize;
        let record = &body[offset..offset + length as usize];
        let expect = stored.get(&number).map_or(Expect::Absent, |(version, _)| Expect::Version(*version));
        // Above 85 % a record of MB may find too little: what it needs counts twice, for the reserve.
        let grown = fill + 2.0 * length as f64 / size as f64;
        match engine.commit(&key(number), expect, Write { record, expires: LATER, owner: Owner(1) }, NOW) {
            Ok(Commit::Stored(version)) => {
                stored.insert(number, (version, length));
            }
            Err(EngineError::Full { .. }) if grown > 0.85 => {}
            other => panic!("step {step}, {length} bytes at a fill of {fill:.3}: {other:?}"),
        }
        if step % 64 == 0 {
            let (&number, &(version, length)) = stored.iter().next().unwrap();
            let found = engine.load(&key(number), NOW).unwrap().unwrap();
            let offset = (number % 256) as usize;
            assert_eq!(found.version, version);
            assert!(found.record == body[offset..offset + length as usize]);
        }
    }
    assert!(peak > 0.8, "the store was filled to {peak:.2} only");
    assert_eq!(engine.stats().unwrap().evicted, 0);
    for &number in stored.keys() {
        assert!(engine.destroy(&key(number), NOW).unwrap(), "session {number} was lost");
    }
    let stats = engine.stats().unwrap();
    assert_eq!((stats.sessions, stats.used_bytes, stats.repairs), (0, 0, 0));
}

fn steps() -> u64 {
    std::env::var("HOLDFAST_CHURN").map_or(200_000, |text| text.parse().expect("a number"))
}

#[test]
fn r28_records_of_10_bytes_to_30_kb_churn_a_small_store() {
    churn(16 * MIB, 30_000, steps(), 1);
}

#[test]
fn r28_records_of_10_bytes_to_8_mb_churn_a_large_store() {
    churn(192 * MIB, 8 * MIB, steps(), 2);
}
