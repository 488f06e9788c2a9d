//! A store with a million sessions, for whoever measures by hand: docs/operations.md has what came out.
//!
//! HOLDFAST_MILLION='shared:///dev/shm/million?size=1G' cargo test --release -p holdfast-cli --test million -- --ignored

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::time::Duration;

use holdfast_core::{
    codec::{
        KeyRef,
        encode::encode_value,
        root::{Root, RootWriter},
    },
    engine::StoreDsn,
    id::SessionId,
    record::Body,
    session::{self, Id, Lifetimes, Visit},
    store::Store,
    value::{Value, ValueSource},
};

#[test]
#[ignore = "takes a gigabyte; by hand"]
fn a_million_sessions_of_600_bytes() {
    let dsn = std::env::var("HOLDFAST_MILLION").unwrap();
    let store = Store::new(StoreDsn::parse(&dsn).unwrap().open().unwrap()).unwrap();
    let day = Duration::from_hours(24);
    let visit = Visit {
        now: store.engine().now(),
        store: store.clone(),
        cookie_name: "site".into(),
        lifetimes: Lifetimes::idle(day),
    };
    for n in 0..1_000_000_i64 {
        let mut root = RootWriter::new(store.digests(), 8, Vec::new());
        for name in ["user", "cart", "seen", "theme", "csrf", "last"] {
            let mut value = Vec::new();
            let list = Value::List(vec![Value::Int(n), Value::Bytes(vec![b'x'; 50]), Value::Bool(true)]);
            encode_value(&mut ValueSource, &list, store.digests(), &mut value).unwrap();
            root.entry(KeyRef::Bytes(name.as_bytes()), &value);
        }
        let (root, _) = root.finish().unwrap();
        let id = Id::Issued(SessionId::issue(store.secret(), "site").unwrap());
        session::save(&visit, &id, None, Body::Tree(Root::parse(&root).unwrap())).unwrap();
    }
    assert_eq!(store.engine().stats().unwrap().sessions, 1_000_000);
}
