//! The format of docs/format.md, "Values", by example.

use super::super::group::write_group_member;
use super::*;

#[track_caller]
fn stands_for(bytes: &[u8], value: &Value) {
    assert_eq!(encode(value), bytes);
    assert_eq!(decode(bytes).as_ref(), Ok(value));
}

#[test]
fn scalars_and_strings() {
    stands_for(&[0x00], &Value::Null);
    stands_for(&[0x01], &Value::Bool(false));
    stands_for(&[0x02], &Value::Bool(true));
    stands_for(&[0x03, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F], &Value::Float(1.5));
    stands_for(&[0x03, 0, 0, 0, 0, 0, 0, 0, 0x80], &Value::Float(-0.0));
    stands_for(&[0x03, 1, 0, 0, 0, 0, 0, 0xF8, 0xFF], &Value::Float(f64::from_bits(0xFFF8_0000_0000_0001)));
    stands_for(&[0x40], &Value::Int(0));
    stands_for(&[0x7F], &Value::Int(63));
    stands_for(&[0x04, 0x80, 0x01], &Value::Int(64));
    stands_for(&[0x04, 0x01], &Value::Int(-1));
    stands_for(&[0x04, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], &Value::Int(i64::MAX));
    stands_for(&[0x04, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], &Value::Int(i64::MIN));
    stands_for(&[0x80], &text(""));
    stands_for(b"\x83a\x00b", &text("a\0b"));
    stands_for(&[&[0xFF][..], &[b'x'; 127]].concat(), &Value::Bytes(vec![b'x'; 127]));
    stands_for(&[&[0x05, 0x80, 0x01][..], &[b'x'; 128]].concat(), &Value::Bytes(vec![b'x'; 128]));
    stands_for(b"\x09\x02O:", &Value::Opaque(b"O:".to_vec()));
    stands_for(b"\x09\x00", &Value::Opaque(Vec::new()));
    stands_for(&[0x06, 0x00], &Value::List(Vec::new()));
}

/// A node with this body, which has no child nodes.
fn node(body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&[0x08][..], &len, &digest_key().digest(body).0, body].concat()
}

#[test]
fn the_arrays_under_a_root_are_nodes_and_those_below_are_inline() {
    stands_for(&node(b"\x06\x03\x41\x81b\x06\x00"), &Value::List(vec![Value::Int(1), text("b"), nested(1)]));
    let row = |id| map([("id", Value::Int(id)), ("at", Value::Null)]);
    stands_for(
        &node(b"\x06\x02\x07\x02\x82id\x41\x82at\x00\x07\x02\x40\x42\x41\x00"),
        &Value::List(vec![row(1), row(2)]),
    );
}

#[test]
fn every_kind_of_key() {
    let long = "k".repeat(128);
    let entries = vec![
        (MapKey::Int(31), Value::Null),
        (MapKey::Int(32), Value::Null),
        (MapKey::Int(-1), Value::Null),
        (key(""), Value::Null),
        (key("ab"), Value::Null),
        (key(&long), Value::Null),
    ];
    let body =
        [b"\x07\x06\x3F\x00\x00\x40\x00\x00\x01\x00\x80\x00\x82ab\x00\x01\x80\x01", long.as_bytes(), b"\x00"]
            .concat();
    stands_for(&node(&body), &Value::map(entries));
}

#[test]
fn a_dictionary_has_the_string_keys_of_inline_arrays_from_two_bytes() {
    let inner = || map([("a", Value::Null), ("ab", Value::Null)]);
    let outer = map([("ab", inner()), ("cd", inner())]);
    stands_for(&node(b"\x07\x02\x82ab\x07\x02\x81a\x00\x82ab\x00\x82cd\x07\x02\x81a\x00\x40\x00"), &outer);
}

#[test]
fn a_dictionary_ends_at_64_keys() {
    let row =
        |from: usize| Value::map((from..from + 16).map(|n| (key(&format!("k{n}")), Value::Null)).collect());
    let rows = Value::List((0..80).step_by(16).chain(60..70).map(row).collect());
    let bytes = encode(&rows);
    assert_eq!(decode(&bytes), Ok(rows));
    let count = |name: &[u8]| bytes.windows(name.len()).filter(|window| *window == name).count();
    assert_eq!((count(b"\x83k63"), count(b"\x83k64")), (1, 1 + 5), "k64 is the 65th key");
}

#[test]
fn a_group_member() {
    let mut out = Vec::new();
    write_group_member(&digest_key(), b"a:1:{}", &mut out);
    let group = digest_key().digest(b"a:1:{}");
    assert_eq!(out, [&[0x0A][..], &group.0, &[6], b"a:1:{}"].concat());
    let value = Value::GroupMember(GroupMember { group, bytes: b"a:1:{}"[..].into() });
    stands_for(&out, &value);
}

#[test]
fn a_root_is_always_a_map() {
    let entries = [(MapKey::Int(0), Value::Int(1)), (MapKey::Int(1), Value::Int(2))];
    assert_eq!(root(&entries).0, node(b"\x07\x02\x20\x41\x21\x42"));
    assert_eq!(root(&[]).0, node(b"\x07\x00"));
}

#[test]
fn a_nodes_digest_covers_its_children_by_digest() {
    let big = text(&"x".repeat(200));
    let child = encode(&Value::List(vec![big.clone()]));
    let body = [b"\x06\x02".as_slice(), &child, b"\x00"].concat();
    let own = [b"\x06\x02\x08".as_slice(), &child[5..21], b"\x00"].concat();
    let len = u32::try_from(body.len()).unwrap().to_le_bytes();
    stands_for(
        &[&[0x08][..], &len, &digest_key().digest(&own).0, &body].concat(),
        &Value::List(vec![Value::List(vec![big]), Value::Null]),
    );
}

#[test]
fn what_is_not_the_shortest_form_is_damaged() {
    let refused = |bytes: &[u8]| decode(bytes).unwrap_err().reason;
    assert_eq!(refused(&[0x04, 0x00]), "a small integer is written as a large one");
    assert_eq!(refused(&[0x05, 0x01, b'a']), "a short string is written as a long one");
    assert_eq!(refused(&[0x09, 0x80, 0x00]), "a number is longer than it needs to be");
    assert_eq!(refused(&node(b"\x07\x01\x00\x00\x00")), "a small integer is written as a large one");
    assert_eq!(refused(&node(b"\x07\x01\x01\x01a\x00")), "a short string is written as a long one");
    assert_eq!(refused(&[0x06, 0x01, 0x00]), "an array stands outside of a node");
    for tag in 0x0B..0x40 {
        assert_eq!(refused(&[tag]), "no value begins with this byte");
    }
    for tag in 0x02..0x20 {
        assert_eq!(refused(&node(&[0x07, 0x01, tag, 0x00])), "no key begins with this byte");
    }
}
