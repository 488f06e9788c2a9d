use proptest::prelude::*;

use super::*;
use crate::codec::root::RootWriter;
use crate::codec::{Digest, DigestKey, KeyRef};
use crate::secret::Secret;
use crate::time::Timestamp;

fn digest_key() -> DigestKey {
    DigestKey::derive(&Secret::from_bytes([1; 32]))
}

/// A record of one entry, `n` => 5.
fn record(meta: &Meta) -> Vec<u8> {
    let key = digest_key();
    let mut root = RootWriter::new(&key, 1, begin(meta, 0).unwrap());
    root.entry(KeyRef::Bytes(b"n"), &[0x45]);
    root.finish().unwrap().0
}

fn meta() -> Meta {
    Meta {
        created: Timestamp::from_millis(1),
        renewed: Timestamp::from_millis(250),
        authenticated: Timestamp::from_millis(3),
        restored: false,
        lifetime_ms: 1_440_000,
        keeps_lifetime: false,
        handle: Handle::from_bytes(*b"0123456789abcdef"),
        user: Some(b"41".to_vec()),
        generation: 7,
        client: None,
        secondary: None,
    }
}

#[test]
fn the_format_by_example() {
    let meta_bytes = [
        &[1, 250, 3, 0, 252, 0x00, 0xF9, 0x15, 0x00, 0][..],
        b"0123456789abcdef",
        &[1, 2, b'4', b'1', 7, 0, 0],
    ]
    .concat();
    let bytes = record(&meta());
    assert_eq!(bytes[..8], [3, 0, 0, 0, 33, 0, 0, 0]);
    assert_eq!(bytes[8..8 + meta_bytes.len()], meta_bytes);
    let root = &bytes[8 + meta_bytes.len()..];
    assert_eq!((root[0], &root[1..5], &root[21..]), (8, &[5, 0, 0, 0][..], &b"\x07\x01\x81n\x45"[..]));
}

#[test]
fn another_format_is_named_with_the_known_one() {
    let mut bytes = record(&meta());
    bytes[0] = 1;
    let error = Record::parse(&bytes).unwrap_err();
    assert_eq!(error, RecordError::Format { found: 1 });
    assert_eq!(
        error.to_string(),
        "the record has format 1, and this version of Holdfast reads format 3 only"
    );
}

#[test]
fn what_is_not_known_is_refused() {
    let changed = |at: usize, to| {
        let mut bytes = record(&meta());
        bytes[at] = to;
        Record::parse(&bytes).unwrap_err()
    };
    assert_eq!(changed(1, 7), RecordError::Kind { found: 7 });
    assert_eq!(changed(1, 2), RecordError::Damaged("bytes follow its end"));
    assert_eq!(changed(1, 3), RecordError::Damaged("its new id has another length"));
    assert_eq!(changed(2, 1), RecordError::Damaged("reserved bytes are used"));
    assert_eq!(changed(3, 1), RecordError::Damaged("reserved bytes are used"));
    assert_eq!(changed(1, 4), RecordError::Damaged("its version has another length"));
    assert_eq!(changed(1, 5), RecordError::Damaged("its address has another length"));
    assert_eq!(changed(1, 6), RecordError::Damaged("its verifiers have another length"));
    assert_eq!(changed(4, 32), RecordError::Damaged("its meta can't be read"));
    assert_eq!(changed(4, 34), RecordError::Damaged("bytes follow its meta"));
    assert_eq!(changed(7, 1), RecordError::Damaged("its meta reaches beyond the end"));
    assert!(matches!(changed(41, 0), RecordError::Root(_)));
    assert_eq!(Record::parse(&[1, 0, 0]).unwrap_err(), RecordError::Damaged("it is shorter than its header"));
}

#[test]
fn r11_a_text_that_is_longer_than_all_bytes_is_refused_before_memory_is_asked_for_it() {
    let client = Client { address: "127.0.0.1".into(), ..Client::default() };
    let bytes = record(&Meta { client: Some(client), ..meta() });
    let at = bytes.windows(9).position(|part| part == b"127.0.0.1").unwrap();
    // A length of 8 bytes in the place of the one byte: more than any machine has.
    let mut damaged = bytes.clone();
    damaged.splice(at - 1..at, [&[253][..], &(1_u64 << 62).to_le_bytes()].concat());
    damaged[4] += 8;
    assert_eq!(Record::parse(&damaged).unwrap_err(), RecordError::Damaged("its meta can't be read"));
}

fn any_meta() -> impl Strategy<Value = Meta> {
    let some_bytes = || prop::option::of(prop::collection::vec(any::<u8>(), 0..70));
    (
        any::<[u64; 5]>(),
        some_bytes(),
        any::<([u8; 16], bool, bool)>(),
        some_bytes(),
        prop::option::of(any_client()),
    )
        .prop_map(|(numbers, user, (handle, keeps_lifetime, restored), secondary, client)| Meta {
            created: Timestamp::from_millis(numbers[0]),
            renewed: Timestamp::from_millis(numbers[1]),
            authenticated: Timestamp::from_millis(numbers[2]),
            lifetime_ms: numbers[3],
            restored,
            keeps_lifetime,
            handle: Handle::from_bytes(handle),
            user,
            generation: numbers[4],
            client,
            secondary,
        })
}

fn any_client() -> impl Strategy<Value = Client> {
    (any::<String>(), prop::collection::vec(any::<u8>(), 0..70), any::<[Option<[u8; 32]>; 2]>()).prop_map(
        |(address, agent, [fingerprint, challenge])| Client { address, agent, fingerprint, challenge },
    )
}

#[test]
fn what_another_serializer_wrote_comes_back_with_its_name() {
    let bytes = write(&meta(), Body::Opaque { serializer: "php", data: b"cart|i:1;" }).unwrap();
    let Body::Opaque { serializer, data } = Record::parse(&bytes).unwrap().body else { panic!("opaque") };
    assert_eq!((serializer, data), ("php", &b"cart|i:1;"[..]));
}

#[test]
fn an_end_and_a_move_come_back() {
    let ended = write(&meta(), Body::Ended).unwrap();
    assert!(matches!(Record::parse(&ended).unwrap().body, Body::Ended));
    let moved = write(&meta(), Body::Moved { masked: &[7; 32] }).unwrap();
    assert!(matches!(Record::parse(&moved).unwrap().body, Body::Moved { masked: &[7, ..] }));
}

#[test]
fn what_is_no_session_comes_back() {
    let user = write(&meta(), Body::User { data_version: 9 }).unwrap();
    let read = Record::parse(&user).unwrap();
    assert!(matches!(read.body, Body::User { data_version: 9 }));
    assert_eq!(read.meta.generation, 7);
    let alias = write(&meta(), Body::Alias { key: &[7; 32] }).unwrap();
    assert!(matches!(Record::parse(&alias).unwrap().body, Body::Alias { key: &[7, ..] }));
}

#[test]
fn a_remembered_login_comes_back_with_and_without_what_was_before() {
    let masked = [9; MASKED];
    for before in [None, Some(Before { verifier: &[8; 32], masked: &masked })] {
        let bytes = write(&meta(), Body::Remembered { verifier: &[7; 32], before }).unwrap();
        let Body::Remembered { verifier: &[7, ..], before: read } = Record::parse(&bytes).unwrap().body
        else {
            panic!("a remembered login was written")
        };
        let parts = |before: Before<'_>| (*before.verifier, *before.masked);
        assert_eq!(read.map(parts), before.map(parts));
        assert!(!is_session([bytes[0], bytes[1]]));
        for cut in 1..32 {
            assert!(Record::parse(&bytes[..bytes.len() - cut]).is_err(), "{cut} bytes cut off");
        }
    }
}

proptest! {
    #[test]
    fn records_come_back(meta in any_meta()) {
        let bytes = record(&meta);
        let read = Record::parse(&bytes).unwrap();
        prop_assert_eq!(&read.meta, &meta);
        let Body::Tree(root) = read.body else { panic!("a tree was written") };
        let entry = root.find(KeyRef::Bytes(b"n")).unwrap().unwrap();
        prop_assert_eq!(entry.value, &[0x45][..]);
        prop_assert_ne!(root.digest(), Digest([0; 16]));
        prop_assert_eq!(write(&meta, read.body).unwrap(), bytes);
    }

    #[test]
    fn damaged_records_are_refused_or_read(
        meta in any_meta(),
        at in any::<prop::sample::Index>(),
        bits in 1u8..,
        len in any::<prop::sample::Index>(),
    ) {
        let mut bytes = record(&meta);
        prop_assert!(Record::parse(&bytes[..len.index(bytes.len())]).is_err());
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        let _ = Record::parse(&bytes);
    }
}

#[test]
fn the_first_two_bytes_tell_a_session_from_the_memory_of_one() {
    let head = |bytes: &[u8]| [bytes[0], bytes[1]];
    let opaque = write(&meta(), Body::Opaque { serializer: "php", data: b"n|i:5;" }).unwrap();
    assert!(is_session(head(&record(&meta()))) && is_session(head(&opaque)));
    let ended = write(&meta(), Body::Ended).unwrap();
    let moved = write(&meta(), Body::Moved { masked: &[7; 32] }).unwrap();
    assert!(!is_session(head(&ended)) && !is_session(head(&moved)));
    assert!(!is_session([FORMAT + 1, 0]), "what another version wrote may be anything");
}
