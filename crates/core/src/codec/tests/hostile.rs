//! Bytes that nobody wrote: no panic, and no memory out of proportion.

use super::super::root::Root;
use super::super::{KeyRef, skip_value};
use super::watch::WatchedSink;
use super::*;

fn survives(bytes: &[u8]) -> Result<(), TestCaseError> {
    let mut sink = WatchedSink::default();
    let result = decode_value(bytes, &mut sink);
    prop_assert!(sink.announced <= bytes.len(), "{} entries of {} bytes", sink.announced, bytes.len());
    if let Err(error) = result {
        prop_assert!(error.offset <= bytes.len());
    }
    let decoded = decode(bytes);
    if decoded.is_ok() {
        prop_assert_eq!(skip_value(bytes), Ok(bytes.len()));
    }
    if let Ok(len) = skip_value(bytes) {
        prop_assert!(len <= bytes.len());
    }
    if let Ok(root) = Root::parse(bytes) {
        let entries: Vec<_> = root.entries().collect();
        prop_assert!(entries.len() <= root.len() + 1);
        let _ = root.find(KeyRef::Bytes(b"no such key"));
    }
    Ok(())
}

/// Something that begins like a node, so that the bytes behind are looked at.
fn as_node(body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&[8][..], &len, &[0; 16], body].concat()
}

#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    Truncate(prop::sample::Index),
    Flip(prop::sample::Index, u8),
    Splice(prop::sample::Index, prop::sample::Index, prop::sample::Index),
}

pub(crate) fn any_mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        1 => any::<prop::sample::Index>().prop_map(Mutation::Truncate),
        6 => (any::<prop::sample::Index>(), 1u8..).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
        2 => any::<[prop::sample::Index; 3]>().prop_map(|[from, to, at]| Mutation::Splice(from, to, at)),
    ]
}

pub(crate) fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    match mutation {
        Mutation::Truncate(at) => bytes.truncate(at.index(bytes.len())),
        Mutation::Flip(at, bits) => {
            let at = at.index(bytes.len());
            bytes[at] ^= bits;
        }
        Mutation::Splice(from, to, at) => {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            let part = bytes[from.min(to)..from.max(to)].to_vec();
            let at = at.index(bytes.len());
            bytes.splice(at..at, part);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&bytes)?;
        survives(&as_node(&bytes))?;
    }

    #[test]
    fn bytes_of_tags_and_small_counts(
        bytes in prop::collection::vec(prop_oneof![0u8..12, 0x3E..0x44u8, 0x7Eu8..0x84], 0..120),
        list in any::<bool>(),
    ) {
        survives(&as_node(&[if list { &b"\x06"[..] } else { b"\x07" }, &bytes].concat()))?;
    }

    #[test]
    fn mutated_bytes(
        entries in any_root(),
        mutations in prop::collection::vec(any_mutation(), 1..5),
        whole in any::<bool>(),
    ) {
        let mut bytes = root(&entries).0;
        for mutation in &mutations {
            mutate(&mut bytes, mutation);
        }
        survives(&bytes)?;
        // With the lengths of the root in order, so that the damage inside of it is met.
        if whole && bytes.len() > 21 {
            survives(&as_node(&bytes[21..]))?;
        }
    }
}

#[test]
fn a_truncated_value_is_damaged_at_every_length() {
    let bytes =
        root(&[(key("list"), Value::List(vec![text("text"), Value::Float(1.5), Value::Int(-900)]))]).0;
    for len in 0..bytes.len() {
        assert!(decode(&bytes[..len]).is_err());
        assert!(skip_value(&bytes[..len]).is_err());
        assert!(Root::parse(&bytes[..len]).is_err());
    }
}

/// Each of 512 arrays announces as many entries as there are bytes: without a limit for all of them together, half a
/// gigabyte would be reserved for a megabyte.
#[test]
fn no_byte_is_promised_to_two_entries() {
    let list = [&[6][..], &[0xC0, 0x84, 0x3D]].concat();
    let bytes = as_node(&[list.repeat(512), vec![0; 1_100_000]].concat());
    let mut sink = WatchedSink::default();
    assert_eq!(decode_value(&bytes, &mut sink).unwrap_err().reason, "more entries than bytes");
    assert!(sink.announced <= bytes.len());

    let overlapping = as_node(&[b"\x06\xE8\x07", &as_node(&[0; 999])[..]].concat());
    assert_eq!(decode(&overlapping).unwrap_err().reason, "a node reaches into what follows it");

    let nodes =
        (0..500).fold(vec![6, 0], |inner, _| as_node(&[b"\x06\xE8\x07", &inner[..], &[0; 999]].concat()));
    let mut sink = WatchedSink::default();
    decode_value(&nodes, &mut sink).unwrap();
    assert!(sink.announced <= nodes.len());
}

#[test]
fn a_node_ends_where_its_array_ends() {
    assert_eq!(decode(&as_node(b"\x06\x01\x00\x00")).unwrap_err().reason, "a node is longer than its array");
    let inner = as_node(b"\x06\x01");
    let outer = as_node(&[b"\x06\x01", &inner[..], b"\x00"].concat());
    assert_eq!(decode(&outer).unwrap_err().reason, "more entries than bytes");
    let root = as_node(b"\x07\x01\x81a\x00\x00");
    let last = Root::parse(&root).unwrap().entries().last().unwrap();
    assert_eq!(last.unwrap_err().reason, "the root is longer than its map");
}

#[test]
fn a_repeated_key_has_the_last_value() {
    let few = as_node(b"\x07\x03\x81a\x41\x81b\x42\x81a\x43");
    assert_eq!(decode(&few), Ok(map([("a", Value::Int(3)), ("b", Value::Int(2))])));
    let many: Vec<u8> = (0..40u8).flat_map(|n| [0x20 + n % 30, 0x40 + n]).collect();
    let Ok(Value::List(items)) = decode(&as_node(&[b"\x07\x28", &many[..]].concat())) else { panic!() };
    assert_eq!((items.len(), &items[0], &items[29]), (30, &Value::Int(30), &Value::Int(29)));
}

#[test]
fn a_dictionary_ends_with_its_node() {
    let inner = as_node(b"\x06\x01\x07\x01\x82ab\x00");
    let outer = as_node(&[b"\x06\x02", &inner[..], b"\x07\x01\x40\x00"].concat());
    assert_eq!(decode(&outer).unwrap_err().reason, "a key that the dictionary doesn't have");
    let index_outermost = as_node(b"\x07\x02\x82ab\x07\x01\x82cd\x00\x40\x00");
    assert_eq!(decode(&index_outermost).unwrap_err().reason, "a key that the dictionary doesn't have");
}
