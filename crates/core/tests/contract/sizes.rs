//! Records of 1 byte to the most that one record may have come back as they were.

use holdfast_core::engine::{EngineError, Expect, MAX_RECORD_BYTES};

use crate::{
    engines::Make,
    payload,
    store::{MIB, ROOMY, key, stored, write},
};

contract![
    every_size_comes_back_as_it_was,
    a_session_grows_and_shrinks_between_its_neighbours,
    the_largest_record_fits_and_one_byte_more_is_refused,
    bytes_are_not_looked_into,
];

/// Sizes at which an engine may change its ways: powers of two, and pages less what a header may take.
fn sizes() -> Vec<usize> {
    let near = |size: usize| [size.saturating_sub(1), size, size + 1];
    let powers = (0..=23).flat_map(|bit| near(1_usize << bit));
    let headers = (0..=16).flat_map(|pages| [48, 64, 80, 96, 128].map(|head| pages * 4096 + 2048 - head));
    let small = 1..300;
    let mut sizes: Vec<usize> = small.chain(powers).chain(headers).filter(|size| *size > 0).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

fn record(n: usize, len: usize) -> Vec<u8> {
    if len < payload::LEAST {
        vec![u8::try_from(len).unwrap(); len]
    } else {
        payload::of(u32::try_from(n).unwrap(), len)
    }
}

fn every_size_comes_back_as_it_was(make: Make) {
    let store = make(2 * ROOMY);
    let now = store.now();
    let sizes = sizes();
    for (n, len) in sizes.iter().enumerate() {
        store.create(&key(n as u64), &record(n, *len), now);
    }
    for (n, len) in sizes.iter().enumerate() {
        assert!(store.there(&key(n as u64), now).record == record(n, *len), "{len} bytes");
    }
}

fn a_session_grows_and_shrinks_between_its_neighbours(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let neighbours = 50..100;
    for n in neighbours.clone() {
        store.create(&key(n), &record(7, 100 * usize::try_from(n).unwrap()), now);
    }
    let sizes = sizes();
    let mut version = store.create(&key(1), b"x", now);
    // Small and large by turns, so that each commit leaves one way of keeping a record for another.
    for (n, len) in sizes.iter().zip(sizes.iter().rev()).flat_map(|(a, b)| [*a, *b]).enumerate() {
        let record = record(n, len);
        version = stored(store.commit(&key(1), Expect::Version(version), write(&record, now), now));
        assert!(store.there(&key(1), now).record == record, "{len} bytes");
    }
    for n in neighbours {
        assert!(store.there(&key(n), now).record == record(7, 100 * usize::try_from(n).unwrap()));
    }
}

fn the_largest_record_fits_and_one_byte_more_is_refused(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let largest = payload::of(1, MAX_RECORD_BYTES);
    let version = store.create(&key(1), &largest, now);
    let before = store.there(&key(1), now);
    assert!(before.record == largest);
    for expect in [Expect::Version(version), Expect::Absent] {
        match store.commit(&key(1), expect, write(&vec![1; MAX_RECORD_BYTES + 1], now), now) {
            Err(EngineError::TooLarge { bytes, limit }) => {
                assert_eq!((bytes, limit), (MAX_RECORD_BYTES as u64 + 1, MAX_RECORD_BYTES as u64));
            }
            other => panic!("expected a refusal, got {other:?}"),
        }
        assert!(store.there(&key(1), now) == before);
    }
    assert!(8 * MIB < MAX_RECORD_BYTES as u64);
}

fn bytes_are_not_looked_into(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let records: [&[u8]; 5] = [&[0], &[0; 5000], &[0xff; 5000], b"\0\xff\n\r\0", b"a|s:1:\"b\";"];
    for (n, record) in (0..).zip(records) {
        store.create(&key(n), record, now);
        assert_eq!(store.there(&key(n), now).record, record);
    }
}
