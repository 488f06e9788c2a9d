mod contended;
mod draft;
mod operator;
mod remember;
mod switch;
mod users;

use std::{sync::Arc, time::Duration};

use super::*;
use crate::codec::{
    KeyRef,
    decode::decode_value,
    encode::encode_value,
    root::{Root, RootWriter},
};
use crate::engine::{
    Expect, Write,
    memory::{MemoryEngine, MemoryOptions},
};
use crate::value::{MapKey, Value, ValueSink, ValueSource};

const HOUR: Duration = Duration::from_hours(1);
const GRACE: Duration = Duration::from_secs(30);

fn visit() -> Visit {
    let store = Store::new(Arc::new(MemoryEngine::new(MemoryOptions { capacity: 0 }))).unwrap();
    let now = store.engine().now();
    Visit {
        store,
        cookie_name: "holdfast".into(),
        lifetimes: Lifetimes { remembered: 24 * 14 * HOUR, ..Lifetimes::idle(HOUR) },
        now,
    }
}

/// The same visit, so much later.
fn later(visit: &Visit, by: Duration) -> Visit {
    Visit { now: visit.now.after(by), ..visit.clone() }
}

fn root(visit: &Visit, variables: &[(&str, i64)]) -> Vec<u8> {
    let variables = variables.iter().map(|(name, number)| (key(name), Value::Int(*number))).collect();
    root_of(visit, &Value::Map(variables))
}

/// The root with these variables.
fn root_of(visit: &Visit, variables: &Value) -> Vec<u8> {
    let Value::Map(variables) = variables else { panic!("no variables: {variables:?}") };
    let mut writer = RootWriter::new(visit.store.digests(), variables.len(), Vec::new());
    for (name, value) in variables {
        let mut bytes = Vec::new();
        encode_value(&mut ValueSource, value, visit.store.digests(), &mut bytes).unwrap();
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

fn tree(root: &[u8]) -> Body<'_> {
    Body::Tree(Root::parse(root).unwrap())
}

fn names(base: &Base) -> Vec<String> {
    let root = Root::parse(base.root().unwrap()).unwrap();
    root.entries()
        .map(|entry| match entry.unwrap().key {
            KeyRef::Bytes(name) => String::from_utf8(name.to_vec()).unwrap(),
            KeyRef::Int(index) => index.to_string(),
        })
        .collect()
}

fn new_id(visit: &Visit) -> Id {
    Id::Issued(SessionId::issue(visit.store.secret(), &visit.cookie_name).unwrap())
}

fn created(visit: &Visit, values: &[(&str, i64)]) -> (Id, Base) {
    let id = new_id(visit);
    let base = save(visit, &id, None, tree(&root(visit, values))).unwrap().base;
    (id, base)
}

fn saved(visit: &Visit, id: &Id, base: &Base, values: &[(&str, i64)]) -> Result<Saved, SessionError> {
    save(visit, id, Some(base), tree(&root(visit, values)))
}

fn loaded(visit: &Visit, id: &Id) -> Option<Base> {
    match load(visit, id).unwrap() {
        Found::Session { base, .. } => Some(base),
        Found::Nothing | Found::Ended | Found::Superseded => None,
    }
}

fn is_dead(visit: &Visit, id: &Id) -> bool {
    matches!(load(visit, id).unwrap(), Found::Ended | Found::Superseded)
}

#[test]
fn what_is_saved_is_loaded() {
    let visit = visit();
    let (id, base) = created(&visit, &[("a", 1), ("b", 2)]);
    let loaded = loaded(&visit, &id).unwrap();
    assert_eq!(loaded.root(), base.root());
    assert_eq!(loaded.meta().lifetime_ms, 3_600_000);
    assert_eq!(names(&loaded), ["a", "b"]);
}

#[test]
fn changes_of_two_requests_to_different_variables_both_stay() {
    let visit = visit();
    let (id, base) = created(&visit, &[("a", 1), ("b", 2), ("c", 3)]);
    let first = saved(&visit, &id, &base, &[("a", 10), ("b", 2), ("c", 3), ("x", 7)]).unwrap();
    assert!(!first.merged);
    let second = saved(&visit, &id, &base, &[("a", 1), ("b", 20), ("y", 8)]).unwrap();
    assert!(second.merged);
    let expected = root(&visit, &[("a", 10), ("b", 20), ("x", 7), ("y", 8)]);
    assert_eq!(second.base.root(), Some(&expected[..]));
    assert_eq!(loaded(&visit, &id).unwrap().root(), Some(&expected[..]));
}

#[test]
fn of_two_changes_to_one_variable_the_later_stays_and_a_removal_is_a_change() {
    let visit = visit();
    let (id, base) = created(&visit, &[("a", 1), ("b", 2)]);
    saved(&visit, &id, &base, &[("a", 10), ("b", 30)]).unwrap();
    let second = saved(&visit, &id, &base, &[("a", 20)]).unwrap();
    assert_eq!(second.base.root(), Some(&root(&visit, &[("a", 20)])[..]));
}

#[test]
fn two_requests_that_both_create_a_session_keep_what_both_wrote() {
    let visit = visit();
    let id = new_id(&visit);
    save(&visit, &id, None, tree(&root(&visit, &[("a", 1)]))).unwrap();
    let second = save(&visit, &id, None, tree(&root(&visit, &[("b", 2)]))).unwrap();
    assert_eq!(names(&second.base), ["a", "b"]);
}

#[test]
fn s09_a_request_that_began_before_an_end_does_not_bring_the_session_back() {
    let visit = visit();
    let (id, base) = created(&visit, &[("user", 42)]);
    assert!(end(&visit, &id).unwrap());
    assert!(matches!(saved(&visit, &id, &base, &[("user", 42), ("seen", 1)]), Err(SessionError::Gone)));
    assert!(is_dead(&visit, &id));
    assert!(!end(&visit, &id).unwrap(), "there is nothing left to end");
}

#[test]
fn s09_a_request_that_found_nothing_does_not_begin_a_session_that_was_ended_meanwhile() {
    let visit = visit();
    let (id, _) = created(&visit, &[("user", 42)]);
    end(&visit, &id).unwrap();
    let begun = save(&visit, &id, None, tree(&root(&visit, &[("seen", 1)])));
    assert!(matches!(begun, Err(SessionError::Gone)));
}

#[test]
fn a_session_of_an_id_that_the_application_chose() {
    let visit = visit();
    let id = Id::Chosen((*b"my-id").into());
    assert!(loaded(&visit, &id).is_none());
    save(&visit, &id, None, tree(&root(&visit, &[("a", 1)]))).unwrap();
    assert_eq!(names(&loaded(&visit, &id).unwrap()), ["a"]);
    assert!(end(&visit, &id).unwrap());
    assert!(matches!(load(&visit, &id).unwrap(), Found::Nothing));
    save(&visit, &id, None, tree(&root(&visit, &[("b", 1)]))).unwrap();
    assert_eq!(names(&loaded(&visit, &id).unwrap()), ["b"], "it is the application's to begin again");
}

#[test]
fn s09_a_running_request_does_not_reach_the_next_session_of_a_chosen_id() {
    let visit = visit();
    let id = Id::Chosen((*b"anna").into());
    let base = save(&visit, &id, None, tree(&root(&visit, &[("user", 1)]))).unwrap().base;
    end(&visit, &id).unwrap();
    let next = later(&visit, Duration::from_secs(1));
    save(&next, &id, None, tree(&root(&next, &[("user", 2)]))).unwrap();
    let late = saved(&visit, &id, &base, &[("user", 1), ("late", 1)]);
    assert!(matches!(late, Err(SessionError::Gone)));
    assert_eq!(names(&loaded(&next, &id).unwrap()), ["user"]);
}

#[test]
fn rotation_without_grace_kills_the_old_id_at_once() {
    let visit = visit();
    let (old_id, base) = created(&visit, &[("a", 1)]);
    let changed = root(&visit, &[("a", 1), ("b", 2)]);
    let (new_id, rotated) = rotate(&visit, &old_id, &base, tree(&changed), Duration::ZERO).unwrap();
    assert!(is_dead(&visit, &old_id));
    assert_eq!(loaded(&visit, &Id::Issued(new_id)).unwrap().root(), Some(&changed[..]));
    assert_eq!(rotated.base.meta().created, base.meta().created);
    assert!(matches!(saved(&visit, &old_id, &base, &[("a", 9)]), Err(SessionError::Gone)));
}

#[test]
fn s07_for_the_grace_the_old_id_leads_to_the_new_one_and_then_it_is_dead() {
    let visit = visit();
    let (old_id, base) = created(&visit, &[("a", 1)]);
    let (new_id, _) = rotate(&visit, &old_id, &base, tree(base.root().unwrap()), GRACE).unwrap();
    let Found::Session { moved_to, .. } = load(&visit, &old_id).unwrap() else { panic!("it is found") };
    assert_eq!(moved_to, Some(new_id.clone()));
    let soon = later(&visit, GRACE / 2);
    assert!(loaded(&soon, &old_id).is_some(), "within the grace, however often it is used");
    let after = later(&visit, GRACE + Duration::from_secs(1));
    assert!(is_dead(&after, &old_id));
    assert!(loaded(&after, &Id::Issued(new_id)).is_some());
}

#[test]
fn s07_a_request_that_began_before_a_rotation_saves_into_the_new_session() {
    let visit = visit();
    let (old_id, base) = created(&visit, &[("a", 1)]);
    let (new_id, _) = rotate(&visit, &old_id, &base, tree(base.root().unwrap()), GRACE).unwrap();
    let late = saved(&visit, &old_id, &base, &[("a", 1), ("late", 2)]).unwrap();
    assert_eq!(late.moved_to, Some(new_id.clone()));
    assert_eq!(names(&loaded(&visit, &Id::Issued(new_id)).unwrap()), ["a", "late"]);
}

#[test]
fn s07_of_two_rotations_of_one_id_there_is_one_new_id() {
    let visit = visit();
    let (old_id, base) = created(&visit, &[("a", 1)]);
    let ours = root(&visit, &[("a", 1), ("ours", 2)]);
    let (first, _) = rotate(&visit, &old_id, &base, tree(base.root().unwrap()), GRACE).unwrap();
    let (second, _) = rotate(&visit, &old_id, &base, tree(&ours), GRACE).unwrap();
    assert_eq!(first, second);
    assert_eq!(names(&loaded(&visit, &Id::Issued(first)).unwrap()), ["a", "ours"]);
}

#[test]
fn s07_the_id_of_an_ended_session_can_be_led_to_its_successor() {
    let visit = visit();
    let (old, _) = created(&visit, &[("a", 1)]);
    let (new, _) = created(&visit, &[("a", 1)]);
    let Id::Issued(new_id) = &new else { panic!("issued") };
    lead(&visit, &old, new_id, GRACE).unwrap();
    assert!(matches!(load(&visit, &old).unwrap(), Found::Session { moved_to: None, .. }), "it was not ended");
    end(&visit, &old).unwrap();
    lead(&visit, &old, new_id, GRACE).unwrap();
    assert!(
        matches!(load(&visit, &old).unwrap(), Found::Session { moved_to: Some(id), .. } if id == *new_id)
    );
}

#[test]
fn s14_a_renewal_is_due_when_the_id_is_old_enough() {
    let visit = visit();
    let (old, base) = created(&visit, &[("a", 1)]);
    let minute = Duration::from_mins(1);
    assert!(!base.is_renewal_due(minute, visit.now));
    let then = later(&visit, minute);
    assert!(base.is_renewal_due(minute, then.now));
    assert!(!base.is_renewal_due(Duration::ZERO, then.now));
    let (_, renewed) = rotate(&then, &old, &base, base.body().unwrap(), GRACE).unwrap();
    assert!(!renewed.base.is_renewal_due(minute, then.now));
}

#[test]
fn an_end_by_an_old_id_ends_what_the_session_has_become() {
    let visit = visit();
    let (old_id, base) = created(&visit, &[("user", 42)]);
    let (new_id, _) = rotate(&visit, &old_id, &base, tree(base.root().unwrap()), GRACE).unwrap();
    assert!(end(&visit, &old_id).unwrap());
    assert!(is_dead(&visit, &Id::Issued(new_id)));
    assert!(is_dead(&visit, &old_id));
}

#[test]
fn an_end_tells_which_session_it_ended() {
    let visit = visit();
    let (old_id, base) = created(&visit, &[("user", 42)]);
    let (new_id, _) = rotate(&visit, &old_id, &base, tree(base.root().unwrap()), GRACE).unwrap();
    let new_id = Id::Issued(new_id);
    let ended = end_and_tell(&visit, &old_id).unwrap();
    assert_eq!(ended, Some(Ended { key: visit.key(&new_id), user: None }), "the one that the old id led to");
    assert_eq!(end_and_tell(&visit, &new_id).unwrap(), None, "it is told once");

    let (old_id, base) = created(&visit, &[("user", 42)]);
    let (new_id, _) = rotate(&visit, &old_id, &base, tree(base.root().unwrap()), GRACE).unwrap();
    let too_late = later(&visit, GRACE + GRACE);
    assert_eq!(end_and_tell(&too_late, &old_id).unwrap(), None, "the old id is no session's any more");
    assert!(loaded(&too_late, &Id::Issued(new_id)).is_some());

    let id = new_id_of_user(&visit, b"anna");
    let ended = end_and_tell(&visit, &id).unwrap();
    assert_eq!(ended, Some(Ended { key: visit.key(&id), user: Some(b"anna".to_vec()) }));
}

/// A session of a user who is logged in.
fn new_id_of_user(visit: &Visit, user: &[u8]) -> Id {
    let id = new_id(visit);
    let meta = Meta { user: Some(user.to_vec()), ..visit.new_meta(&id) };
    let root = root(visit, &[("a", 1)]);
    let record = crate::record::write(&meta, tree(&root)).unwrap();
    let write = Write { record: &record, expires: Timestamp::NEVER, owner: Owner(1) };
    let _ = visit.store.engine().commit(&visit.key(&id), Expect::Absent, write, visit.now).unwrap();
    id
}

#[test]
fn rotation_takes_along_what_another_request_saved_meanwhile() {
    let visit = visit();
    let (old_id, base) = created(&visit, &[("a", 1)]);
    saved(&visit, &old_id, &base, &[("a", 1), ("theirs", 3)]).unwrap();
    let ours = root(&visit, &[("a", 1), ("ours", 2)]);
    let (new_id, rotated) = rotate(&visit, &old_id, &base, tree(&ours), Duration::ZERO).unwrap();
    assert!(rotated.merged);
    assert_eq!(names(&loaded(&visit, &Id::Issued(new_id)).unwrap()), ["a", "theirs", "ours"]);
    assert!(is_dead(&visit, &old_id));
}

#[test]
fn s09_rotation_does_not_save_a_session_that_was_ended_meanwhile() {
    let visit = visit();
    let (old_id, base) = created(&visit, &[("user", 42)]);
    end(&visit, &old_id).unwrap();
    let rotated = rotate(&visit, &old_id, &base, tree(base.root().unwrap()), GRACE);
    assert!(matches!(rotated, Err(SessionError::Gone)));
    assert_eq!(visit.store.engine().stats().unwrap().sessions, 1, "the memory of the end, and no copy");
}

#[test]
fn of_a_session_in_one_piece_the_later_save_stays() {
    let visit = visit();
    let id = new_id(&visit);
    let body = |data| Body::Opaque { serializer: "php", data };
    let base = save(&visit, &id, None, body(b"a|i:1;")).unwrap().base;
    save(&visit, &id, Some(&base), body(b"a|i:2;")).unwrap();
    save(&visit, &id, Some(&base), body(b"a|i:3;")).unwrap();
    assert_eq!(loaded(&visit, &id).unwrap().opaque(), Some(("php", &b"a|i:3;"[..])));
    assert_eq!(loaded(&visit, &id).unwrap().root(), None);
}

#[test]
fn r07_a_replacement_fails_when_somebody_saved_meanwhile() {
    let visit = visit();
    let (id, base) = created(&visit, &[("n", 1)]);
    let ours = root(&visit, &[("n", 2)]);
    let replaced = replace(&visit, &id, Some(&base), tree(&ours)).unwrap();
    assert_eq!(replaced.unwrap().root(), Some(&ours[..]));
    assert!(replace(&visit, &id, Some(&base), tree(&ours)).unwrap().is_none());
    end(&visit, &id).unwrap();
    assert!(replace(&visit, &id, Some(&base), tree(&ours)).unwrap().is_none());
}

#[test]
fn a_record_of_another_format_is_refused_and_kept() {
    let visit = visit();
    let id = new_id(&visit);
    let (engine, key) = (visit.store.engine(), visit.key(&id));
    let write = Write { record: b"\x02other...", expires: Timestamp::NEVER, owner: Owner::GUEST };
    let _ = engine.commit(&key, Expect::Absent, write, visit.now).unwrap();
    assert!(matches!(load(&visit, &id), Err(SessionError::Record(_))));
    assert!(engine.load(&key, visit.now).unwrap().is_some());
    assert!(end(&visit, &id).unwrap(), "it can be ended");
}

/// A session, changed by several requests that all began with it, one after the other.
fn changed_in_parallel(base: &Value, requests: &[Value]) -> Value {
    let visit = visit();
    let id = new_id(&visit);
    let base = save(&visit, &id, None, tree(&root_of(&visit, base))).unwrap().base;
    for request in requests {
        save(&visit, &id, Some(&base), tree(&root_of(&visit, request))).unwrap();
    }
    decode_value(loaded(&visit, &id).unwrap().root().unwrap(), &mut ValueSink::default()).unwrap()
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
    let visit = visit();
    let user = |entries: &[(&str, i64)]| {
        let entries = entries.iter().map(|(name, number)| (key(name), Value::Int(*number))).collect();
        root_of(&visit, &map([("user", Value::map(entries))]))
    };
    let id = new_id(&visit);
    let base = save(&visit, &id, None, tree(&user(&[("id", 7)]))).unwrap().base;
    save(&visit, &id, Some(&base), tree(&user(&[("id", 7), ("theirs", 1)]))).unwrap();
    let ours = user(&[("id", 7), ("ours", 2)]);
    let (new_id, _) = rotate(&visit, &id, &base, tree(&ours), Duration::ZERO).unwrap();
    let expected = user(&[("id", 7), ("theirs", 1), ("ours", 2)]);
    assert_eq!(loaded(&visit, &Id::Issued(new_id)).unwrap().root(), Some(&expected[..]));
}
