//! What needs the inside of the engine to be tested. What does not stands in `crates/core/tests/shared_*.rs`.

use std::collections::HashMap;

use tempfile::TempDir;

use super::{SharedEngine, SharedOptions, attach, verify};
use crate::{
    engine::{Commit, Engine, EngineError, Expect, Owner, Version, Write},
    key::Key,
    time::Timestamp,
};

mod child;
mod damage;
mod full;
mod interleavings;
mod killed;
mod locks;
mod model;
mod removals;
mod schedules;
mod seal;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_000_000);
pub(super) const LATER: Timestamp = Timestamp::from_millis(9_000_000);
pub(super) const MEMBER: Owner = Owner(7);

pub(super) fn options(directory: &TempDir, size: u64) -> SharedOptions {
    SharedOptions { size, ..SharedOptions::at(directory.path().join("test.store")) }
}

pub(super) fn key(number: u64) -> Key {
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Key::from_bytes(bytes)
}

pub(super) fn write(record: &[u8]) -> Write<'_> {
    Write { record, expires: LATER, owner: MEMBER }
}

/// Bytes that tell which record they are, and of which length.
pub(super) fn record(number: u64, length: usize) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ length as u64;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

pub(super) fn stored(commit: Result<Commit, EngineError>) -> Version {
    match commit {
        Ok(Commit::Stored(version)) => version,
        other => panic!("not stored: {other:?}"),
    }
}
