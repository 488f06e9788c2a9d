//! Bytes that nobody wrote are an error or are carried over; there is no panic.

use proptest::prelude::*;

use crate::codec::tests::hostile::{any_mutation, mutate};
use crate::codec::tests::{any_root, digest_key, root};
use crate::codec::{EncodeError, MAX_DEPTH};
use crate::merge::{MergeError, merge_roots};
use crate::value::{MapKey, Value};

/// Roots with a digest of their own each, whatever is in them, so that they are opened.
fn as_root(number: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&[8][..], &len, &[number; 16], body].concat()
}

fn survives(base: &[u8], ours: &[u8], theirs: &[u8]) {
    for base in [None, Some(base)] {
        let _ = merge_roots(&digest_key(), base, ours, theirs);
        let _ = merge_roots(&digest_key(), base, theirs, ours);
    }
}

fn small_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![0u8..12, 0x20..0x24u8, 0x3E..0x44u8, 0x7Eu8..0x84], 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn arbitrary_bytes(bytes in prop::array::uniform3(small_bytes()), list in any::<[bool; 3]>()) {
        let inner = |n: u8| {
            let body = &bytes[usize::from(n)][..];
            as_root(10 + n, &[&[if list[usize::from(n)] { 6 } else { 7 }], body].concat())
        };
        let whole = |n: u8| as_root(n, &[b"\x07\x01\x81a", &inner(n)[..]].concat());
        survives(&bytes[0], &bytes[1], &bytes[2]);
        survives(&inner(0), &inner(1), &inner(2));
        survives(&whole(0), &whole(1), &whole(2));
    }

    #[test]
    fn mutated_bytes(
        entries in any_root(),
        mutations in prop::array::uniform3(prop::collection::vec(any_mutation(), 0..4)),
    ) {
        let [base, ours, theirs] = [0u8, 1, 2].map(|number| {
            let mut bytes = root(&entries).0;
            mutations[usize::from(number)].iter().for_each(|mutation| mutate(&mut bytes, mutation));
            let root = as_root(number, bytes.get(21..).unwrap_or_default());
            (bytes, root)
        });
        survives(&base.0, &ours.0, &theirs.0);
        survives(&base.1, &ours.1, &theirs.1);
    }
}

/// More than a stack of 128 KB has; each has the digests of all below, which Miri has no time for.
const LEVELS: usize = if cfg!(miri) { MAX_DEPTH + 50 } else { 20_000 };

/// Deeper than any that is written, in nodes and inline: no stack is filled with it.
#[test]
fn bottomless_arrays() {
    std::thread::Builder::new()
        .stack_size(128 * 1024)
        .spawn(|| {
            let nodes = |number: u8| {
                let inner = (0..LEVELS).fold(vec![0x40 + number], |inner, _| {
                    as_root(number, &[b"\x06\x01", &inner[..]].concat())
                });
                as_root(number, &[b"\x07\x01\x81a", &inner[..]].concat())
            };
            let merge = |base: &[u8], ours: &[u8], theirs: &[u8]| {
                merge_roots(&digest_key(), Some(base), ours, theirs)
            };
            assert_eq!(merge(&nodes(0), &nodes(1), &nodes(2)), Err(MergeError::Encode(EncodeError::TooDeep)));
            let inline = |number: u8| {
                let inner = [&b"\x06\x01".repeat(MAX_DEPTH - 1)[..], &[0x40 + number]].concat();
                as_root(number, &[b"\x07\x01\x81a", &as_root(number, &inner)[..]].concat())
            };
            let damaged = merge(&inline(0), &inline(1), &inline(2)).unwrap_err();
            assert_eq!(
                damaged.to_string(),
                "the stored value is damaged at byte 0: inline arrays are nested too deep"
            );
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
#[cfg_attr(miri, ignore = "it is about time")]
fn a_merge_of_large_arrays_with_nothing_in_common_takes_no_time() {
    let list =
        |from: i64| root(&[(MapKey::Int(1), Value::List((from..from + 30_000).map(Value::Int).collect()))]).0;
    let started = std::time::Instant::now();
    survives(&list(0), &list(100_000), &list(200_001));
    survives(&list(0)[..], &list(29_000), &list(15_000));
    assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
}
