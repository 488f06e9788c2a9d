use std::{sync::Arc, time::Duration};

use super::*;
use crate::codec::{
    KeyRef,
    decode::decode_value,
    encode::encode_value,
    root::{Root, RootWriter},
};
use crate::engine::memory::{MemoryEngine, MemoryOptions};
use crate::value::{MapKey, Value, ValueSink, ValueSource};

const COOKIE: &str = "holdfast";
const HOUR: Duration = Duration::from_hours(1);

fn store() -> Store {
    Store::new(Arc::new(MemoryEngine::new(MemoryOptions { capacity: 0 }))).unwrap()
}

fn now(store: &Store) -> Timestamp {
    store.engine().now()
}

fn root(store: &Store, variables: &[(&str, i64)]) -> Vec<u8> {
    let variables = variables.iter().map(|(name, number)| (key(name), Value::Int(*number))).collect();
    tree(store, &Value::Map(variables))
}

/// The root with these variables.
fn tree(store: &Store, variables: &Value) -> Vec<u8> {
    let Value::Map(variables) = variables else { panic!("no variables: {variables:?}") };
    let mut writer = RootWriter::new(store.digests(), variables.len(), Vec::new());
    for (name, value) in variables {
        let mut bytes = Vec::new();
        encode_value(&mut ValueSource, value, store.digests(), &mut bytes).unwrap();
        writer.entry(name.as_ref(), &bytes);
    }
    writer.finish().unwrap().0
}

fn key(name: &str) -> MapKey {
    MapKey::Bytes(name.as_bytes().into())
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.into_iter().map(|(name, value)| (key(name), value)).collect())
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

/// A session, changed by several requests that all began with it, one after the other.
fn changed_in_parallel(base: &Value, requests: &[Value]) -> Value {
    let store = store();
    let id = SessionId::issue(store.secret(), COOKIE).unwrap();
    let key = Key::of(COOKIE, &id);
    let base = save(&store, &key, None, &tree(&store, base), HOUR, now(&store)).unwrap().base;
    for request in requests {
        save(&store, &key, Some(&base), &tree(&store, request), HOUR, now(&store)).unwrap();
    }
    decode_value(loaded(&store, &id).unwrap().root(), &mut ValueSink::default()).unwrap()
}

#[test]
fn what_parallel_requests_append_to_one_list_is_all_there() {
    let items = |items: &[i64]| map([("list", Value::List(items.iter().copied().map(Value::Int).collect()))]);
    let requests: Vec<Value> = (10..18).map(|item| items(&[1, item])).collect();
    let saved = changed_in_parallel(&items(&[1]), &requests);
    assert_eq!(saved, items(&[1, 10, 11, 12, 13, 14, 15, 16, 17]));
}

#[test]
fn keys_three_levels_below_one_variable_are_all_there() {
    let shop = |keys: &[&str]| {
        let keys = keys.iter().map(|name| (key(name), Value::Bool(true))).collect();
        map([(
            "_ProcessWire",
            map([("shop", map([("cart", Value::map(keys)), ("currency", Value::Int(978))]))]),
        )])
    };
    let saved = changed_in_parallel(
        &shop(&["tea"]),
        &[shop(&["tea", "a"]), shop(&["tea", "b"]), shop(&["tea", "c"])],
    );
    assert_eq!(saved, shop(&["tea", "a", "b", "c"]));
}

#[test]
fn a_logout_within_the_session_wins_over_a_request_that_touches_the_user() {
    let page = ("page", Value::Int(1));
    let base = map([("user", map([("id", Value::Int(7))])), page.clone()]);
    let touched = map([("user", map([("id", Value::Int(7)), ("seen", Value::Int(9))])), page.clone()]);
    let removed = map([page.clone()]);
    let set_to_null = map([("user", Value::Null), page]);
    for logout in [removed, set_to_null] {
        assert_eq!(changed_in_parallel(&base, &[logout.clone(), touched.clone()]), logout);
        assert_eq!(changed_in_parallel(&base, &[touched.clone(), logout.clone()]), logout);
    }
}

#[test]
fn rotation_merges_within_a_variable() {
    let store = store();
    let user = |entries: &[(&str, i64)]| {
        let entries = entries.iter().map(|(name, number)| (key(name), Value::Int(*number))).collect();
        tree(&store, &map([("user", Value::map(entries))]))
    };
    let id = SessionId::issue(store.secret(), COOKIE).unwrap();
    let old_key = Key::of(COOKIE, &id);
    let base = save(&store, &old_key, None, &user(&[("id", 7)]), HOUR, now(&store)).unwrap().base;
    save(&store, &old_key, Some(&base), &user(&[("id", 7), ("theirs", 1)]), HOUR, now(&store)).unwrap();
    let ours = user(&[("id", 7), ("ours", 2)]);
    let (new_id, _) = rotate(&store, COOKIE, &id, &base, &ours, HOUR, now(&store)).unwrap();
    let expected = user(&[("id", 7), ("theirs", 1), ("ours", 2)]);
    assert_eq!(loaded(&store, &new_id).unwrap().root(), expected);
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
