//! Which arrays are nodes: by their content, and nothing else.

use super::watch::{Known, WatchedSink, WatchedSource};
use super::*;
use crate::codec::{EncodeError, MAX_DEPTH};

#[track_caller]
fn has_nodes(value: &Value, expected: usize) {
    let bytes = encode(value);
    assert_eq!(nodes(&bytes).len(), expected);
    assert_eq!(decode(&bytes).as_ref(), Ok(value));
}

/// A list of an estimated size of 3 or more.
fn sized(estimate: usize) -> Value {
    Value::List(vec![text(&"x".repeat(estimate - 3))])
}

#[test]
fn an_array_is_a_node_from_128_estimated_bytes() {
    has_nodes(&Value::List(vec![sized(127)]), 1);
    has_nodes(&Value::List(vec![sized(128)]), 2);
    let numbers = |count| Value::List(vec![Value::List(vec![Value::Int(i64::MAX); count])]);
    has_nodes(&numbers(41), 1);
    has_nodes(&numbers(42), 2);
    has_nodes(&Value::List(vec![Value::List(vec![Value::Float(0.5); 14])]), 2);
    let keys = |len| {
        let entries = vec![(key(&"k".repeat(len)), Value::Null), (MapKey::Int(7), Value::Bool(true))];
        Value::List(vec![Value::map(entries)])
    };
    has_nodes(&keys(120), 1);
    has_nodes(&keys(121), 2);
}

#[test]
fn whatever_holds_a_node_is_a_node() {
    has_nodes(&(0..20).fold(sized(128), |inner, _| Value::List(vec![inner])), 21);
    has_nodes(&Value::List(vec![Value::List(vec![Value::List(vec![Value::Opaque(Vec::new())])])]), 3);
}

#[test]
fn in_a_crowd_arrays_are_nodes_from_32() {
    has_nodes(&Value::List(vec![sized(32); 128]), 1);
    has_nodes(&Value::List(vec![sized(32); 129]), 1 + 129);
    has_nodes(&Value::List(vec![sized(31); 133]), 1);
    // Those that are nodes by their own size don't make it crowded.
    let mut items = [vec![sized(200); 100], vec![sized(100); 40]].concat();
    has_nodes(&Value::List(items.clone()), 1 + 100);
    items.push(sized(97));
    has_nodes(&Value::List(items), 1 + 100 + 41);
    // A node in the crowd, with many arrays of its own, and what comes after it.
    let items = [vec![sized(32); 130], vec![Value::List(vec![sized(100); 40])], vec![sized(31); 9]].concat();
    has_nodes(&Value::List(items), 1 + 130 + 1);
}

/// Each node has a dictionary of its own, and goes on with it after a child.
#[test]
fn a_child_leaves_the_dictionary_around_it_alone() {
    let row = |name: &str| map([(name, Value::Null)]);
    let child = Value::List(vec![row("ab"), row("cd"), text(&"x".repeat(200))]);
    let rows = Value::List(vec![row("ab"), child.clone(), row("cd"), row("ab"), child, row("cd")]);
    has_nodes(&rows, 3);
    let bytes = encode(&rows);
    assert!(bytes.ends_with(b"\x07\x01\x41\x00"), "the second entry of the outer dictionary");
}

/// 500 levels, 42 values each: asked once to write them, and at most 128 for each of 1000 arrays to decide.
#[test]
fn deep_nesting_is_not_looked_at_again_on_every_level() {
    let wide = |inner| Value::List(vec![inner, Value::List(vec![Value::Null; 40])]);
    let deep = (0..500).fold(Value::Null, |inner, _| wide(inner));
    let mut source = WatchedSource::default();
    encode_value(&mut source, &deep, &digest_key(), &mut Vec::new()).unwrap();
    assert!(source.asked.get() < 500 * 42 + 1000 * 128, "{}", source.asked.get());
}

#[test]
fn a_known_node_is_carried_over() {
    let list = Value::List(vec![sized(500), text("changed"), sized(100)]);
    let Value::List(items) = &list else { unreachable!() };
    let bytes = encode(&items[0]);
    let encode_knowing = |known, height, value| {
        let known = Some((known, Known { bytes: &bytes, height }));
        let mut out = Vec::new();
        encode_value(&mut WatchedSource { known, ..Default::default() }, value, &digest_key(), &mut out)
            .map(|()| out)
    };
    assert_eq!(encode_knowing(&items[0], 1, &list), Ok(encode(&list)));
    assert_eq!(encode_knowing(&items[0], 1, &items[0]), Ok(bytes.clone()), "directly under the root");
    assert_eq!(encode_knowing(&items[2], 1, &list), Ok(encode(&list)), "asked only for what is a node here");
    assert!(encode_knowing(&items[0], MAX_DEPTH - 1, &list).is_ok());
    assert_eq!(encode_knowing(&items[0], MAX_DEPTH, &list), Err(EncodeError::TooDeep));
    let miscounting = &mut WatchedSource { miscounts: true, ..Default::default() };
    assert_eq!(encode_value(miscounting, &list, &digest_key(), &mut Vec::new()), Err(EncodeError::Changed));
}

/// `value` with `new` in the place of `old`, wherever that is a node.
fn replaced(value: &Value, is_top: bool, old: &Value, new: &Value) -> Value {
    if value == old && (is_top || nodes(&encode(&Value::List(vec![value.clone()]))).len() > 1) {
        return new.clone();
    }
    match value {
        Value::List(items) => Value::List(items.iter().map(|item| replaced(item, false, old, new)).collect()),
        Value::Map(items) => Value::Map(
            items.iter().map(|(key, item)| (key.clone(), replaced(item, false, old, new))).collect(),
        ),
        other => other.clone(),
    }
}

proptest! {
    /// Who asks is told of each node that is written, with those directly in it.
    #[test]
    fn written_nodes_are_told(value in any_value()) {
        let mut source = WatchedSource::default();
        let mut out = Vec::new();
        encode_value(&mut source, &value, &digest_key(), &mut out).unwrap();
        let told: Vec<_> =
            source.written.iter().map(|(_, digest, bytes, _)| (*digest, bytes.clone())).collect();
        prop_assert_eq!(&told, &nodes(&out));
        for (container, _, bytes, children) in &source.written {
            prop_assert_eq!(&decode(bytes).unwrap(), *container);
            let direct: usize = children.iter().map(|child| nodes(child).len()).sum();
            prop_assert_eq!(direct + 1, nodes(bytes).len());
        }
    }

    /// Everything around a node that is skipped is decoded as ever: dictionary, depth and end are as they were.
    #[test]
    fn a_known_node_is_not_decoded(value in any_value(), at in any::<prop::sample::Index>()) {
        let bytes = encode(&value);
        let nodes = nodes(&bytes);
        if !nodes.is_empty() {
            let (digest, node) = at.get(&nodes);
            let mut sink = WatchedSink { known: Some(*digest), ..Default::default() };
            let expected = replaced(&value, true, &decode(node).unwrap(), &Value::Bytes(node.clone()));
            prop_assert_eq!(decode_value(&bytes, &mut sink), Ok(expected));
        }
    }
}
