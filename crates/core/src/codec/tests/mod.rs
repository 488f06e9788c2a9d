mod bytes;
mod digests;
pub(crate) mod hostile;
mod nodes;
mod outline;
mod php_serialize;
mod php_session;
mod round_trip;
mod watch;

use proptest::prelude::*;

use super::decode::decode_value;
use super::encode::encode_value;
use super::root::RootWriter;
use super::{DecodeError, Digest, DigestKey};
use crate::secret::Secret;
use crate::value::{GroupMember, MapKey, Value, ValueSink, ValueSource};

pub(crate) fn digest_key() -> DigestKey {
    DigestKey::derive(&Secret::from_bytes(*b"a secret of thirty-two bytes ..."))
}

pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    encode_value(&mut ValueSource, value, &digest_key(), &mut out).unwrap();
    out
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    decode_value(bytes, &mut ValueSink::default())
}

/// The nodes of a value, in the order in which they end, by digest and bytes.
pub(crate) fn nodes(bytes: &[u8]) -> Vec<(Digest, Vec<u8>)> {
    let mut sink = watch::WatchedSink::default();
    decode_value(bytes, &mut sink).unwrap();
    sink.nodes
}

pub(crate) fn root(entries: &[(MapKey, Value)]) -> (Vec<u8>, Digest) {
    let key = digest_key();
    let mut writer = RootWriter::new(&key, entries.len(), Vec::new());
    for (key, value) in entries {
        writer.entry(key.as_ref(), &encode(value));
    }
    writer.finish().unwrap()
}

pub(crate) fn key(key: &str) -> MapKey {
    MapKey::Bytes(key.as_bytes().into())
}

pub(crate) fn text(text: &str) -> Value {
    Value::Bytes(text.into())
}

pub(crate) fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.into_iter().map(|(name, value)| (key(name), value)).collect())
}

/// `levels` lists, one in the other.
pub(crate) fn nested(levels: usize) -> Value {
    (1..levels).fold(Value::List(Vec::new()), |inner, _| Value::List(vec![inner]))
}

pub(crate) fn any_key() -> impl Strategy<Value = MapKey> {
    prop_oneof![
        4 => prop::sample::select(vec!["id", "name", "title", "rows", "x", "", "last seen"]).prop_map(key),
        2 => (0i64..40).prop_map(MapKey::Int),
        1 => any::<i64>().prop_map(MapKey::Int),
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, -1, 31, 32]).prop_map(MapKey::Int),
        2 => prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| MapKey::Bytes(bytes.into())),
    ]
}

fn any_leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-2i64..70).prop_map(Value::Int),
        any::<i64>().prop_map(Value::Int),
        prop::sample::select(vec![i64::MIN, i64::MAX, 63, 64]).prop_map(Value::Int),
        any::<u64>().prop_map(|bits| Value::Float(f64::from_bits(bits))),
        prop::sample::select(vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN])
            .prop_map(Value::Float),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(Value::Bytes),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Opaque),
    ]
}

pub(crate) fn any_entries(
    value: impl Strategy<Value = Value>,
    len: impl Into<prop::collection::SizeRange>,
) -> impl Strategy<Value = Vec<(MapKey, Value)>> {
    prop::collection::vec((any_key(), value), len).prop_map(|entries| {
        let mut seen = std::collections::HashSet::new();
        entries.into_iter().filter(|(key, _)| seen.insert(key.clone())).collect()
    })
}

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    any_leaf().prop_recursive(6, 200, 12, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Value::List),
            any_entries(inner, 0..12).prop_map(Value::map),
        ]
    })
}

/// What stands under a root.
pub(crate) fn any_root() -> impl Strategy<Value = Vec<(MapKey, Value)>> {
    let member = prop::collection::vec(any::<u8>(), 0..50).prop_map(|bytes| {
        Value::GroupMember(GroupMember { group: digest_key().digest(&bytes), bytes: bytes.into() })
    });
    any_entries(prop_oneof![8 => any_value(), 1 => member], 0..8)
}
