use std::{sync::Arc, time::Duration};

use super::*;
use crate::codec::{
    KeyRef,
    encode::encode_value,
    root::{Root, RootWriter},
};
use crate::engine::memory::{MemoryEngine, MemoryOptions};
use crate::value::{Value, ValueSource};

const COOKIE: &str = "holdfast";
const HOUR: Duration = Duration::from_hours(1);

fn store() -> Store {
    Store::new(Arc::new(MemoryEngine::new(MemoryOptions { capacity: 0 }))).unwrap()
}

fn now(store: &Store) -> Timestamp {
    store.engine().now()
}

fn root(store: &Store, variables: &[(&str, i64)]) -> Vec<u8> {
    let mut writer = RootWriter::new(store.digests(), variables.len(), Vec::new());
    for (name, number) in variables {
        let mut bytes = Vec::new();
        encode_value(&mut ValueSource, &Value::Int(*number), store.digests(), &mut bytes).unwrap();
        writer.entry(KeyRef::Bytes(name.as_bytes()), &bytes);
    }
    writer.finish().unwrap().0
}

fn variables(base: &Base) -> Vec<(String, Vec<u8>)> {
    Root::parse(base.root())
        .unwrap()
        .entries()
        .map(|entry| entry.unwrap())
        .map(|entry| match entry.key {
            KeyRef::Bytes(name) => (String::from_utf8(name.to_vec()).unwrap(), entry.value.to_vec()),
            KeyRef::Int(index) => (index.to_string(), entry.value.to_vec()),
        })
        .collect()
}

fn names(base: &Base) -> Vec<String> {
    variables(base).into_iter().map(|(name, _)| name).collect()
}

fn created(store: &Store, values: &[(&str, i64)]) -> (SessionId, Base) {
    let id = SessionId::issue(store.secret(), COOKIE).unwrap();
    let saved = save(store, &Key::of(COOKIE, &id), None, &root(store, values), HOUR, now(store)).unwrap();
    (id, saved.base)
}

fn saved(store: &Store, id: &SessionId, base: &Base, values: &[(&str, i64)]) -> Result<Saved, SessionError> {
    save(store, &Key::of(COOKIE, id), Some(base), &root(store, values), HOUR, now(store))
}

fn loaded(store: &Store, id: &SessionId) -> Option<Base> {
    load(store, COOKIE, id, now(store)).unwrap()
}

#[test]
fn what_is_saved_is_loaded() {
    let store = store();
    let (id, base) = created(&store, &[("a", 1), ("b", 2)]);
    let loaded = loaded(&store, &id).unwrap();
    assert_eq!(loaded.root(), base.root());
    assert_eq!(loaded.meta().lifetime_ms, 3_600_000);
    assert_eq!(names(&loaded), ["a", "b"]);
}

#[test]
fn changes_of_two_requests_to_different_variables_both_stay() {
    let store = store();
    let (id, base) = created(&store, &[("a", 1), ("b", 2), ("c", 3)]);
    let first = saved(&store, &id, &base, &[("a", 10), ("b", 2), ("c", 3), ("x", 7)]).unwrap();
    assert!(!first.merged);
    let second = saved(&store, &id, &base, &[("a", 1), ("b", 20), ("y", 8)]).unwrap();
    assert!(second.merged);
    let expected = root(&store, &[("a", 10), ("b", 20), ("x", 7), ("y", 8)]);
    assert_eq!(second.base.root(), expected);
    assert_eq!(loaded(&store, &id).unwrap().root(), expected);
}

#[test]
fn of_two_changes_to_one_variable_the_later_stays_and_a_removal_is_a_change() {
    let store = store();
    let (id, base) = created(&store, &[("a", 1), ("b", 2)]);
    saved(&store, &id, &base, &[("a", 10), ("b", 30)]).unwrap();
    let second = saved(&store, &id, &base, &[("a", 20)]).unwrap();
    assert_eq!(second.base.root(), root(&store, &[("a", 20)]));
}

#[test]
fn two_requests_that_both_create_a_session_keep_what_both_wrote() {
    let store = store();
    let id = SessionId::issue(store.secret(), COOKIE).unwrap();
    let key = Key::of(COOKIE, &id);
    save(&store, &key, None, &root(&store, &[("a", 1)]), HOUR, now(&store)).unwrap();
    let second = save(&store, &key, None, &root(&store, &[("b", 2)]), HOUR, now(&store)).unwrap();
    assert_eq!(names(&second.base), ["a", "b"]);
}

#[test]
fn s09_a_request_that_began_before_a_destroy_does_not_bring_the_session_back() {
    let store = store();
    let (id, base) = created(&store, &[("user", 42)]);
    store.engine().destroy(&Key::of(COOKIE, &id), now(&store)).unwrap();
    assert!(matches!(saved(&store, &id, &base, &[("user", 42), ("seen", 1)]), Err(SessionError::Gone)));
    assert!(loaded(&store, &id).is_none());
}

#[test]
fn rotation_moves_the_session_and_kills_the_old_id() {
    let store = store();
    let (old_id, base) = created(&store, &[("a", 1)]);
    let changed = root(&store, &[("a", 1), ("b", 2)]);
    let (new_id, rotated) = rotate(&store, COOKIE, &old_id, &base, &changed, HOUR, now(&store)).unwrap();
    assert!(loaded(&store, &old_id).is_none());
    assert_eq!(loaded(&store, &new_id).unwrap().root(), changed);
    assert_eq!(rotated.base.meta().created, base.meta().created);
    assert!(matches!(saved(&store, &old_id, &base, &[("a", 9)]), Err(SessionError::Gone)));
}

#[test]
fn rotation_takes_along_what_another_request_saved_meanwhile() {
    let store = store();
    let (old_id, base) = created(&store, &[("a", 1)]);
    saved(&store, &old_id, &base, &[("a", 1), ("theirs", 3)]).unwrap();
    let ours = root(&store, &[("a", 1), ("ours", 2)]);
    let (new_id, rotated) = rotate(&store, COOKIE, &old_id, &base, &ours, HOUR, now(&store)).unwrap();
    assert!(rotated.merged);
    assert_eq!(names(&loaded(&store, &new_id).unwrap()), ["a", "theirs", "ours"]);
    assert!(loaded(&store, &old_id).is_none());
}

#[test]
fn s09_rotation_does_not_save_a_session_that_was_destroyed_meanwhile() {
    let store = store();
    let (old_id, base) = created(&store, &[("user", 42)]);
    store.engine().destroy(&Key::of(COOKIE, &old_id), now(&store)).unwrap();
    let rotated = rotate(&store, COOKIE, &old_id, &base, base.root(), HOUR, now(&store));
    assert!(matches!(rotated, Err(SessionError::Gone)));
    assert_eq!(store.engine().stats().unwrap().sessions, 0);
}

#[test]
fn a_record_of_another_format_is_refused_and_kept() {
    let store = store();
    let id = SessionId::issue(store.secret(), COOKIE).unwrap();
    let key = Key::of(COOKIE, &id);
    let write = crate::engine::Write { record: b"\x02other", expires: Timestamp::NEVER, owner: Owner::GUEST };
    let _ = store.engine().commit(&key, crate::engine::Expect::Absent, write, now(&store)).unwrap();
    assert!(matches!(load(&store, COOKIE, &id, now(&store)), Err(SessionError::Record(_))));
    assert!(store.engine().load(&key, now(&store)).unwrap().is_some());
}
