//! Every text here is what PHP 8.2 wrote into a session file.

use proptest::prelude::*;

use super::super::{
    Digest, DigestKey,
    decode::decode_value,
    digest_of_value,
    php_session::{Format, NoSession, root_of},
    root::Root,
};
use crate::secret::Secret;
use crate::value::{MapKey, Value, ValueSink};

fn digests() -> DigestKey {
    DigestKey::derive(&Secret::from_bytes([1; 32]))
}

fn read(format: Format, text: &[u8]) -> Result<Vec<(MapKey, Value)>, NoSession> {
    let root = root_of(format, text, &digests(), Vec::new())?;
    let root = Root::parse(&root).unwrap();
    Ok(root
        .entries()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.key.into(), decode_value(entry.value, &mut ValueSink::default()).unwrap())
        })
        .collect())
}

fn php(text: &[u8]) -> Vec<(MapKey, Value)> {
    read(Format::Php, text).unwrap()
}

fn key(name: &str) -> MapKey {
    MapKey::Bytes(name.as_bytes().into())
}

fn opaque(text: &str) -> Value {
    Value::Opaque(text.as_bytes().to_vec())
}

#[test]
fn values_come_as_they_are() {
    let found = php(b"a|i:-5;b|d:0.1;c|d:-INF;d|b:1;e|N;f|s:6:\"x|y;\"}\";g|a:2:{i:0;i:1;i:1;a:1:{s:1:\"k\";a:0:{}}}h|d:-0;");
    let inner = Value::Map(vec![(key("k"), Value::List(vec![]))]);
    let expected = [
        ("a", Value::Int(-5)),
        ("b", Value::Float(0.1)),
        ("c", Value::Float(f64::NEG_INFINITY)),
        ("d", Value::Bool(true)),
        ("e", Value::Null),
        ("f", Value::Bytes(b"x|y;\"}".to_vec())),
        ("g", Value::List(vec![Value::Int(1), inner])),
        ("h", Value::Float(-0.0)),
    ];
    assert_eq!(found, expected.map(|(name, value)| (key(name), value)));
    let found = read(Format::PhpSerialize, b"a:2:{i:7;i:5;s:1:\"a\";N;}").unwrap();
    assert_eq!(found, [(MapKey::Int(7), Value::Int(5)), (key("a"), Value::Null)]);
    let found = read(Format::PhpBinary, b"\x01ai:5;\x00N;").unwrap();
    assert_eq!(found, [(key("a"), Value::Int(5)), (key(""), Value::Null)]);
    assert_eq!(php(b""), []);
}

#[test]
fn objects_are_leaves_that_stand_alone() {
    let found = php(b"n|i:1;a|a:2:{i:0;O:1:\"N\":1:{s:1:\"x\";r:3;}i:1;E:4:\"S:AB\";}");
    let leaf = opaque("O:1:\"N\":1:{s:1:\"x\";r:1;}");
    assert_eq!(found[1].1, Value::List(vec![leaf, opaque("E:4:\"S:AB\";")]), "numbered anew");
    // The second stands for the first: only together are they what they were.
    let found = php(b"n|i:1;a|a:2:{i:0;O:1:\"N\":0:{}i:1;r:3;}");
    assert_eq!(found[1].1, opaque("a:2:{i:0;O:1:\"N\":0:{}i:1;r:2;}"));
    let found = php(b"a|a:2:{i:0;i:1;i:1;R:2;}");
    assert_eq!(found[0].1, opaque("a:2:{i:0;i:1;i:1;R:2;}"));
    let found = php(b"a|C:1:\"X\":3:{a;}}b|i:2;");
    assert_eq!(found[0].1, opaque("C:1:\"X\":3:{a;}}"));
}

#[test]
fn variables_that_share_are_a_group_in_a_numbering_of_its_own() {
    let text = b"a|O:1:\"N\":0:{}p|a:1:{i:0;i:1;}b|a:1:{i:0;r:1;}c|R:3;";
    let root = root_of(Format::Php, text, &digests(), Vec::new()).unwrap();
    let root = Root::parse(&root).unwrap();
    let entries: Vec<_> = root.entries().map(Result::unwrap).collect();
    let groups: Vec<Option<Digest>> = entries.iter().map(|entry| digest_of_value(entry.value)).collect();
    assert!(groups[0].is_some() && groups[0] == groups[2] && groups[1] == groups[3], "{groups:?}");
    let member = |at: usize| match decode_value(entries[at].value, &mut ValueSink::default()).unwrap() {
        Value::GroupMember(member) => member.bytes.to_vec(),
        other => panic!("{other:?}"),
    };
    let text = String::from_utf8(member(0)).unwrap();
    assert_eq!(text, "a:2:{s:1:\"a\";O:1:\"N\":0:{}s:1:\"b\";a:1:{i:0;r:2;}}");
    let text = String::from_utf8(member(1)).unwrap();
    assert_eq!(text, "a:2:{s:1:\"p\";a:1:{i:0;i:1;}s:1:\"c\";R:3;}");
}

#[test]
fn what_only_php_can_follow_is_refused_and_what_php_does_not_write_is_named_by_its_place() {
    let refused = |format, text: &[u8]| read(format, text).unwrap_err();
    let custom = b"a|O:1:\"N\":0:{}b|C:1:\"X\":4:{r:1;}";
    assert_eq!(refused(Format::Php, custom), NoSession::Entangled);
    assert_eq!(refused(Format::PhpSerialize, b"a:1:{s:1:\"a\";r:1;}"), NoSession::Entangled);
    for (text, at) in [
        (&b"a|i:5;b|x"[..], 9),
        (b"a|i:5;b", 6),
        (b"a|i:5;a|i:6;", 6),
        (b"a|i:99999999999999999999;", 23),
        (b"a|a:2:{i:0;i:1;}", 16),
        (b"a|r:2;", 5),
        (b"a|s:9:\"abc\";", 12),
    ] {
        let NoSession::Foreign { offset, .. } = refused(Format::Php, text) else {
            panic!("{}", text.escape_ascii())
        };
        assert_eq!(offset, at, "{}", text.escape_ascii());
    }
    assert!(matches!(refused(Format::PhpSerialize, b"a|i:5;"), NoSession::Foreign { .. }));
    assert!(matches!(refused(Format::PhpSerialize, b"a:1:{i:0;i:5;}x"), NoSession::Foreign { .. }));
    assert!(matches!(refused(Format::Php, b"a:1:{i:0;i:5;}"), NoSession::Foreign { .. }));
    // Far more than a stack has room for; Miri takes half a millisecond for each.
    let deep = if cfg!(miri) { 1000 } else { 100_000 };
    let nested = [&b"a|"[..], &b"a:1:{i:0;".repeat(deep), b"N;", &b"}".repeat(deep)].concat();
    assert!(matches!(refused(Format::Php, &nested), NoSession::Encode(_)));
    let nested = [&b"a|"[..], &b"O:1:\"N\":1:{i:0;".repeat(deep), b"N;", &b"}".repeat(deep)].concat();
    assert!(read(Format::Php, &nested).is_ok(), "an object is a leaf, however deep");
}

fn piece() -> impl Strategy<Value = &'static [u8]> {
    prop::sample::select(vec![
        &b"a|"[..],
        b"b|",
        b"\x01c",
        b"i:5;",
        b"i:0;",
        b"s:1:\"a\";",
        b"a:2:{",
        b"a:1:{",
        b"}",
        b"O:1:\"N\":1:{",
        b"r:1;",
        b"r:2;",
        b"R:3;",
        b"C:1:\"X\":2:{i;}",
        b"N;",
        b"b:1;",
        b"d:1.5;",
        b"d:NAN;",
        b"E:3:\"S:A\";",
        b"a:99999999999999999999:{",
        b"s:99999999999:\"",
    ])
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_it_is_read_or_refused(
        pieces in prop::collection::vec(piece(), 0..40),
        junk in prop::collection::vec(any::<u8>(), 0..12),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut text = pieces.concat();
        let at = cut.index(text.len() + 1);
        text.splice(at..at, junk);
        for text in [&text[..], &pieces.concat()] {
            for format in [Format::Php, Format::PhpSerialize, Format::PhpBinary] {
                if let Ok(found) = read(format, text) {
                    prop_assert!(found.len() <= text.len());
                }
            }
        }
    }
}
