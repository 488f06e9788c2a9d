//! `holdfast verify`: what is whole is counted, what is damaged is named.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{fs, os::unix::fs::FileExt, path::Path, time::Duration};

use holdfast_core::{
    codec::{KeyRef, encode::encode_value, root::RootWriter},
    engine::{Commit, Expect, Owner, Write},
    id::SessionId,
    record::{self, Body, Client, Meta},
    session::{self, Id, Lifetimes, Limit, Login, Visit},
    store::Store,
    throttle::{self, Attempt},
    value::{Value, ValueSource},
};

mod shell;

use shell::{fails, key, open, says, shared};

fn visit(store: &Store) -> Visit {
    let hour = Duration::from_hours(1);
    let lifetimes = Lifetimes { remembered: hour, ..Lifetimes::idle(hour) };
    Visit { now: store.engine().now(), store: store.clone(), cookie_name: "site".into(), lifetimes }
}

fn root(store: &Store, text: &str) -> Vec<u8> {
    let mut root = RootWriter::new(store.digests(), 1, Vec::new());
    let mut value = Vec::new();
    let list = Value::List(vec![Value::Int(5), Value::Bytes(text.as_bytes().to_vec())]);
    encode_value(&mut ValueSource, &list, store.digests(), &mut value).unwrap();
    root.entry(KeyRef::Bytes(b"cart"), &value);
    root.finish().unwrap().0
}

fn tree(root: &[u8]) -> Body<'_> {
    Body::Tree(holdfast_core::codec::root::Root::parse(root).unwrap())
}

/// One record of each kind, made as the site makes them.
fn filled(path: &Path) -> (String, Store) {
    let dsn = shared(path, "4M");
    let store = Store::new(open(&dsn)).unwrap();
    let visit = visit(&store);
    let new = || Id::Issued(SessionId::issue(store.secret(), "site").unwrap());
    let root = root(&store, "a text");
    let guest = new();
    let base = session::save(&visit, &guest, None, tree(&root)).unwrap().base;
    session::set_secondary(&visit, &guest, Some(&base), tree(&root), Some(b"basket")).unwrap().unwrap();
    session::save(&visit, &new(), None, Body::Opaque { serializer: "php", data: b"n|i:5;" }).unwrap();
    let login = Login { user: b"41", generation: 0, client: Client::default(), limit: Limit::default() };
    let there = session::login(&visit, None, tree(&root), &login).unwrap();
    session::remember(&visit, &there.saved.base).unwrap().unwrap();
    session::rotate(&visit, &Id::Issued(there.id), &there.saved.base, tree(&root), Duration::from_secs(9))
        .unwrap();
    let over = new();
    session::save(&visit, &over, None, tree(&root)).unwrap();
    assert!(session::end(&visit, &over).unwrap());
    session::end_all(&visit, b"nobody").unwrap();
    let attempt = Attempt { account: Some(b"anna"), network: None, device: None };
    drop(throttle::begin(&store, visit.now, &attempt).unwrap());
    (dsn, store)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn everything_that_a_site_stores_is_whole_and_counted_by_its_kind() {
    let place = tempfile::tempdir().unwrap();
    let (dsn, store) = filled(&place.path().join("store"));
    let said = says(&["verify", "--store", &dsn]);
    assert!(said.contains("damaged 0"), "{said}");
    let result = json(&says(&["verify", "--json", "--store", &dsn]));
    let kinds = result["kinds"].as_object().unwrap();
    let count = |name: &str| kinds[name].as_u64().unwrap();
    assert_eq!(count("sessions"), 2, "{result}");
    for name in ["opaque_sessions", "ended", "moved", "aliases", "remembered", "throttle_pages"] {
        assert_eq!(count(name), 1, "{name}: {result}");
    }
    assert!(count("users") >= 1 && count("other") == 0, "{result}");
    let all: u64 = kinds.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!((result["records"].as_u64(), result["damaged"].as_u64()), (Some(all), Some(0)));
    assert_eq!(store.engine().stats().unwrap().sessions, all);
}

#[test]
fn damage_is_named_by_handle_or_address_and_left_as_it_is() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("store");
    let (dsn, store) = filled(&path);
    let engine = store.engine();
    let now = engine.now();
    let put = |n, record: &[u8], owner| {
        let write = Write { record, expires: now.after(Duration::from_mins(9)), owner };
        assert!(matches!(engine.commit(&key(n), Expect::Absent, write, now), Ok(Commit::Stored(_))));
    };
    // A value that announces more than there is, in a record whose checksum is good.
    let handle = record::Handle::from_bytes(*b"0123456789abcdef");
    let good = root(&store, "another one");
    let mut bytes = record::write(&Meta { handle, ..Meta::default() }, tree(&good)).unwrap();
    let at = bytes.len() - good.len() + good.windows(4).position(|part| part == b"cart").unwrap();
    let list = at + 4 + 1 + 4 + 16;
    assert_eq!(bytes[list..list + 2], [6, 2], "a list of two");
    bytes[list + 1] = 3;
    put(1, &bytes, Owner::GUEST);
    put(2, b"\x03\x09 of no kind", Owner::GUEST);
    put(3, b"T\x01 is no page", Owner::SYSTEM);
    put(4, b"someone else's", Owner::SYSTEM);
    // And one whose bytes are not what was stored. It was written once, so these words are nowhere else.
    put(5, b"unmistakable words", Owner::GUEST);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let content = fs::read(&path).unwrap();
    let text = content.windows(12).position(|part| part == b"unmistakable").unwrap();
    file.write_all_at(b"X", text as u64).unwrap();

    let before = engine.stats().unwrap().sessions;
    let said = fails(&["verify", "--store", &dsn], 1, "4 records are damaged");
    assert!(said.contains(&format!("address {}.. (session {handle}): ", key(1).beginning())), "{said}");
    assert!(said.contains(&format!("address {}..: the record is of kind 9", key(2).beginning())), "{said}");
    assert!(said.contains(&format!("address {}..: it is no whole page", key(3).beginning())), "{said}");
    assert!(said.contains(&format!("address {}..: its checksum is that", key(5).beginning())), "{said}");
    let again = fails(&["verify", "--json", "--store", &dsn], 1, "4 records are damaged");
    let again = json(&again);
    assert_eq!((again["damaged"].as_u64(), again["kinds"]["other"].as_u64()), (Some(4), Some(1)));
    assert_eq!(again["damaged_records"].as_array().unwrap().len(), 4);
    assert_eq!(engine.stats().unwrap().sessions, before, "nothing was removed");
    assert_eq!(engine.stats().unwrap().damaged, 0);
    let export = place.path().join("export");
    let said = fails(&["export", "--store", &dsn, export.to_str().unwrap()], 1, "1 records are damaged");
    assert!(said.contains("damaged 1;"), "{said}");
}
