use super::*;
use crate::codec::digest::DigestKey;
use crate::codec::root::{Root, RootWriter};
use crate::secret::Secret;

fn digests() -> DigestKey {
    DigestKey::derive(&Secret::from_bytes([7; 32]))
}

fn value(seed: usize, digests: &DigestKey) -> Vec<u8> {
    let mut out = Vec::new();
    match seed % 5 {
        0 => write::int(&mut out, i64::try_from(seed).unwrap() * 1000),
        1 => write::bytes(&mut out, &vec![b'x'; seed * 7 % 300]),
        2 => write::container(&mut out, tag::LIST, 0),
        3 => crate::codec::group::write_group_member(digests, &[b'o'; 9], &mut out),
        _ => {
            let list = crate::value::Value::List((0..3).map(crate::value::Value::Int).collect());
            let mut source = crate::value::ValueSource;
            crate::codec::encode::encode_value(&mut source, &list, digests, &mut out).unwrap();
        }
    }
    out
}

fn key(number: usize, text: &str) -> KeyRef<'_> {
    if number % 7 == 3 {
        KeyRef::Int(i64::try_from(number).unwrap() - 40)
    } else {
        KeyRef::Bytes(text.as_bytes())
    }
}

/// A root of `count` entries as the writer makes it; of those that `others` says, the value is another one.
fn root(count: usize, others: impl Fn(usize) -> bool, digests: &DigestKey) -> Vec<u8> {
    let mut writer = RootWriter::new(digests, count, Vec::new());
    for number in 0..count {
        let text = format!("name of {number}");
        writer.entry(key(number, &text), &value(number + usize::from(others(number)) * 3, digests));
    }
    writer.finish().unwrap().0
}

#[test]
fn an_listing_finds_what_going_through_the_root_finds() {
    let digests = digests();
    for count in [0, 1, 2, 63, 64, 65, 300] {
        let bytes = root(count, |_| false, &digests);
        let root = Root::parse(&bytes).unwrap();
        let listing = Listing::of(&root, None).unwrap();
        assert_eq!(listing.len(), count);
        let brief = listing.brief.as_ref().map_or(&bytes[tag::NODE_HEADER..], |brief| &brief.bytes);
        assert_eq!(digests.digest(brief), root.digest());
        for (number, entry) in root.entries().enumerate() {
            let entry = entry.unwrap();
            assert_eq!(listing.find(entry.key, &bytes), Some(number));
            assert_eq!(listing.value(number, &bytes).unwrap(), entry.range);
            assert_eq!(listing.key(number, &bytes).unwrap(), entry.key);
        }
        assert_eq!(listing.find(KeyRef::Bytes(b"name of 3000"), &bytes), None);
        assert_eq!(listing.find(KeyRef::Bytes(b""), &bytes), None);
        assert_eq!(listing.find(KeyRef::Int(-1_000_000), &bytes), None);
    }
}

#[test]
fn an_edited_root_is_the_one_that_a_writer_makes() {
    let digests = digests();
    for (count, changed) in [(1, vec![0]), (5, vec![]), (9, vec![0, 8]), (200, vec![3, 4, 120])] {
        let before = root(count, |_| false, &digests);
        let listing = Listing::of(&Root::parse(&before).unwrap(), None).unwrap();
        let wanted = root(count, |number| changed.contains(&number), &digests);
        let mut editor = Editor::new(&digests, Some((&before, &listing)), count, b"head".to_vec());
        let mut from = 0;
        for &number in &changed {
            editor.keep(from..number).unwrap();
            let text = format!("name of {number}");
            assert_eq!(editor.count(), number);
            editor.entry(key(number, &text), &value(number + 3, &digests)).unwrap();
            from = number + 1;
        }
        editor.keep(from..count).unwrap();
        let (edited, made) = editor.finish().unwrap();
        assert_eq!(&edited[..4], b"head");
        assert_eq!(edited[4..], wanted);
        let read = Listing::of(&Root::parse(&wanted).unwrap(), None).unwrap();
        assert_eq!(made, read);
    }
}

#[test]
fn an_edited_root_may_have_more_or_fewer_entries_than_expected() {
    let digests = digests();
    for (count, expected) in [(130, 5), (3, 200), (0, 128), (130, 130)] {
        let wanted = root(count, |_| false, &digests);
        let mut editor = Editor::new(&digests, None, expected, Vec::new());
        for number in 0..count {
            let text = format!("name of {number}");
            editor.entry(key(number, &text), &value(number, &digests)).unwrap();
        }
        let (edited, made) = editor.finish().unwrap();
        assert_eq!(edited, wanted);
        let read = Listing::of(&Root::parse(&wanted).unwrap(), None).unwrap();
        assert_eq!(made, read);
    }
}

#[test]
fn a_damaged_root_has_no_listing() {
    let digests = digests();
    let bytes = root(20, |_| false, &digests);
    let len = bytes.len();
    for damage in 0..len {
        let mut damaged = bytes.clone();
        damaged[damage] ^= 0x55;
        let Ok(root) = Root::parse(&damaged) else { continue };
        let through: Result<Vec<_>, _> = root.entries().collect();
        assert_eq!(Listing::of(&root, None).is_ok(), through.is_ok(), "byte {damage}");
    }
}

#[test]
fn the_listing_of_another_root_helps_and_changes_nothing() {
    let digests = digests();
    let made =
        |bytes: &[u8], before: Option<&Listing>| Listing::of(&Root::parse(bytes).unwrap(), before).unwrap();
    for (count, other) in [(0, 5), (5, 0), (90, 90), (90, 130), (130, 90)] {
        let bytes = root(count, |_| false, &digests);
        let others = root(other, |number| number % 9 == 4, &digests);
        assert_eq!(made(&bytes, Some(&made(&others, None))), made(&bytes, None), "{count} after {other}");
    }
}

#[test]
fn a_root_without_digests_needs_no_brief() {
    let digests = digests();
    let mut writer = RootWriter::new(&digests, 2, Vec::new());
    writer.entry(KeyRef::Bytes(b"a"), &value(1, &digests));
    writer.entry(KeyRef::Bytes(b"b"), &value(2, &digests));
    let before = writer.finish().unwrap().0;
    let listing = Listing::of(&Root::parse(&before).unwrap(), None).unwrap();
    assert!(listing.brief.is_none());
    let mut wanted = RootWriter::new(&digests, 3, Vec::new());
    wanted.entry(KeyRef::Bytes(b"a"), &value(1, &digests));
    wanted.entry(KeyRef::Bytes(b"c"), &value(4, &digests));
    wanted.entry(KeyRef::Bytes(b"b"), &value(2, &digests));
    let mut editor = Editor::new(&digests, Some((&before, &listing)), 3, Vec::new());
    editor.keep(0..1).unwrap();
    editor.entry(KeyRef::Bytes(b"c"), &value(4, &digests)).unwrap();
    editor.keep(1..2).unwrap();
    let (edited, made) = editor.finish().unwrap();
    assert_eq!(edited, wanted.finish().unwrap().0);
    assert_eq!(made, Listing::of(&Root::parse(&edited).unwrap(), None).unwrap());
}
