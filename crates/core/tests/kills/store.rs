//! The store under test, and which session is whose.

use std::{path::Path, time::Duration};

use holdfast_core::{
    engine::{
        Engine,
        shared::{SharedEngine, SharedOptions},
    },
    key::Key,
};

pub const WRITERS: usize = 8;
pub const READER: usize = WRITERS;
pub const COLLECTOR: usize = WRITERS + 1;
pub const WORKERS: usize = WRITERS + 2;

/// Sessions that one writer alone commits to.
pub const OWN_OF_EACH: usize = 8;
pub const OWN: usize = WRITERS * OWN_OF_EACH;
/// Sessions to which all writers commit.
pub const SHARED: usize = 4;
/// Guests that come and go: they fill the store, so that others must give way.
pub const PASSING: u64 = 600;
/// How a payload names a guest's session.
pub const PASSING_MARK: u32 = 255;

/// Room for everybody's own sessions and, by turns, for the guests.
pub const ROOMY: u64 = 16 << 20;
/// The members' sessions alone do not fit.
pub const TOO_SMALL: u64 = 2 << 20;

/// Opens the store, or makes it with `size` bytes.
pub fn open(place: &Path, size: u64, lock_timeout: Duration) -> Box<dyn Engine> {
    let options = SharedOptions { path: place.join("store"), size, lock_timeout };
    Box::new(SharedEngine::open(options).unwrap())
}

pub fn own_key(session: usize) -> Key {
    key_of(1, session as u64)
}

pub fn shared_key(session: usize) -> Key {
    key_of(2, session as u64)
}

pub fn passing_key(guest: u64) -> Key {
    key_of(3, guest)
}

fn key_of(kind: u64, n: u64) -> Key {
    let mut bytes = [0; 32];
    for (place, chunk) in (1_u64..).zip(bytes.chunks_mut(8)) {
        let bits = (n << 8 | kind).wrapping_add(place << 48).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        chunk.copy_from_slice(&(bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).to_le_bytes());
    }
    Key::from_bytes(bytes)
}

/// The payload's value: which session, and the how manieth state of it.
pub fn value(mark: u32, count: u32) -> u32 {
    assert!(count < 1 << 24, "a run of more states than a payload can number");
    mark << 24 | count
}

/// The other way: mark and count.
pub fn parts(value: u32) -> (u32, u32) {
    (value >> 24, value & 0x00ff_ffff)
}
