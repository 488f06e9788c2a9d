use std::{ops::ControlFlow, sync::Arc, time::Duration};

use super::{Filter, Listed, Masks, Order, Page, Query, find, list, page};
use crate::{
    codec::{
        KeyRef,
        encode::encode_value,
        root::{Root, RootWriter},
    },
    engine::memory::{MemoryEngine, MemoryOptions},
    id::SessionId,
    record::{Body, Client, Handle},
    session::{Base, Id, Lifetimes, Limit, Login, Visit, end_all, generation, login, save},
    store::Store,
    value::{Value, ValueSource},
};

const HOUR: Duration = Duration::from_hours(1);

fn visit() -> Visit {
    let store = Store::new(Arc::new(MemoryEngine::new(MemoryOptions::default()))).unwrap();
    let now = store.engine().now();
    Visit { store, cookie_name: "shop".into(), lifetimes: Lifetimes::idle(HOUR), now }
}

/// Values of about so many bytes.
fn values(visit: &Visit, bytes: usize) -> Vec<u8> {
    let mut writer = RootWriter::new(visit.store.digests(), 1, Vec::new());
    let mut text = Vec::new();
    let value = Value::Bytes(vec![b'x'; bytes]);
    encode_value(&mut ValueSource, &value, visit.store.digests(), &mut text).unwrap();
    writer.entry(KeyRef::Bytes(b"text"), &text);
    writer.finish().unwrap().0
}

fn guest(visit: &Visit, bytes: usize) -> (Id, Base) {
    let id = Id::Issued(SessionId::issue(visit.store.secret(), &visit.cookie_name).unwrap());
    let values = values(visit, bytes);
    let base = save(visit, &id, None, Body::Tree(Root::parse(&values).unwrap())).unwrap().base;
    (id, base)
}

fn member(visit: &Visit, user: &[u8], address: &str, agent: &[u8]) -> (Id, Base) {
    let values = values(visit, 200);
    let client = Client { address: address.into(), agent: agent.to_vec(), ..Client::default() };
    let generation = generation(visit, user).unwrap();
    let login_of = Login { user, generation, client, limit: Limit::default() };
    let there = login(visit, None, Body::Tree(Root::parse(&values).unwrap()), &login_of).unwrap();
    (Id::Issued(there.id), there.saved.base)
}

fn listed(visit: &Visit, filter: &Filter) -> Vec<Listed> {
    let mut sessions = Vec::new();
    list(visit.store.engine(), filter, visit.now, &mut |session| {
        sessions.push(session);
        ControlFlow::Continue(())
    })
    .unwrap();
    sessions
}

fn handles(visit: &Visit, filter: &Filter) -> Vec<Handle> {
    let mut handles: Vec<_> = listed(visit, filter).into_iter().map(|session| session.handle).collect();
    handles.sort_by_key(Handle::to_string);
    handles
}

fn sorted<const N: usize>(bases: [&Base; N]) -> Vec<Handle> {
    let mut handles = bases.map(|base| base.meta().handle).to_vec();
    handles.sort_by_key(Handle::to_string);
    handles
}

#[test]
fn a_session_is_shown_as_it_is_known() {
    let visit = visit();
    let (_, base) = member(&visit, b"41", "192.0.2.7", b"Firefox");
    let all = listed(&visit, &Filter::default());
    let [session] = &all[..] else { panic!("{all:?}") };
    assert_eq!((session.handle, session.user.as_deref()), (base.meta().handle, Some(b"41".as_slice())));
    assert_eq!((session.address.as_str(), session.agent.as_slice()), ("192.0.2.7", b"Firefox".as_slice()));
    assert_eq!((session.expires, session.last_activity), (base.expires(), base.last_activity()));
    assert_eq!((session.created, session.bytes), (base.meta().created, base.record().len() as u64));
    assert!(!session.is_opaque && !session.restored);
}

#[test]
fn what_is_no_session_is_not_shown() {
    let visit = visit();
    let (id, base) = guest(&visit, 200);
    let body = base.body().unwrap();
    let (moved, saved) = crate::session::rotate(&visit, &id, &base, body, HOUR).unwrap();
    assert_eq!(handles(&visit, &Filter::default()), [base.meta().handle], "the way to it is none");
    crate::session::end(&visit, &Id::Issued(moved)).unwrap();
    assert!(visit.store.engine().stats().unwrap().sessions > 0, "the memory of it");
    assert!(handles(&visit, &Filter::default()).is_empty());
    drop(saved);
}

/// S16, S17: a session of an older generation is dead, wherever it is.
#[test]
fn a_session_whose_user_ended_all_of_them_is_not_shown() {
    let visit = visit();
    let (_, base) = member(&visit, b"41", "192.0.2.7", b"");
    let (_, other) = member(&visit, b"42", "192.0.2.7", b"");
    // One that was away while all were ended comes back as it was.
    let engine = visit.store.engine();
    let kept = engine.load(base.key(), visit.now).unwrap().unwrap();
    end_all(&visit, b"41").unwrap();
    engine.destroy(base.key(), visit.now).unwrap();
    let back = crate::engine::Write { record: &kept.record, expires: kept.expires, owner: kept.owner };
    let _ = engine.commit(base.key(), crate::engine::Expect::Absent, back, visit.now).unwrap();
    assert_eq!(handles(&visit, &Filter::default()), [other.meta().handle]);
    assert_eq!(find(engine, base.meta().handle, visit.now).unwrap(), None);
}

#[test]
fn each_filter_has_what_it_says() {
    let visit = visit();
    let (_, small) = guest(&visit, 200);
    let (_, large) = guest(&visit, 9000);
    let (_, anna) = member(&visit, b"anna", "10.1.2.3", b"Firefox/1");
    let (_, berta) = member(&visit, b"berta", "2001:db8::7", b"Lynx");
    let has = |filter: Filter| handles(&visit, &filter);
    assert_eq!(has(Filter::default()), sorted([&small, &large, &anna, &berta]));
    assert_eq!(has(Filter { user: Some(b"anna".to_vec()), ..Filter::default() }), sorted([&anna]));
    assert_eq!(has(Filter { user: Some(b"ann".to_vec()), ..Filter::default() }), sorted([]));
    assert_eq!(has(Filter { logged_in: Some(true), ..Filter::default() }), sorted([&anna, &berta]));
    assert_eq!(has(Filter { logged_in: Some(false), ..Filter::default() }), sorted([&small, &large]));
    assert_eq!(has(Filter { bytes: Some(9000), ..Filter::default() }), sorted([&large]));
    for (network, found) in [("10.0.0.0/8", &anna), ("10.1.2.3", &anna), ("2001:db8::/32", &berta)] {
        assert_eq!(has(Filter::default().from_network(network).unwrap()), sorted([found]));
    }
    let bad = Filter::default().from_network("10.0.0.0/33").unwrap_err();
    assert!(bad.to_string().contains("10.0.0.0/33"), "{bad}");
    for (text, found) in [("ANN", &anna), ("db8", &berta), ("lynx", &berta)] {
        assert_eq!(has(Filter { text: text.into(), ..Filter::default() }), sorted([found]), "{text}");
    }
    let beginning = small.meta().handle.to_string()[..12].to_owned();
    assert_eq!(has(Filter { text: beginning.into(), ..Filter::default() }), sorted([&small]));
}

#[test]
fn who_was_not_seen_for_long_is_found() {
    let visit = visit();
    let (_, idle) = guest(&visit, 200);
    let (id, _) = guest(&visit, 200);
    let later = Visit { now: visit.now.after(HOUR / 2), ..visit.clone() };
    let engine = visit.store.engine();
    assert!(engine.touch(&visit.key(&id), later.now.after(HOUR), later.now).unwrap());
    let filter = Filter { idle: Some(HOUR / 2), ..Filter::default() };
    assert_eq!(handles(&later, &filter), [idle.meta().handle]);
    assert_eq!(handles(&visit, &filter), []);
}

#[test]
fn a_long_name_is_read_wholly() {
    let visit = visit();
    let long = vec![b'n'; 3000];
    let (_, base) = member(&visit, &long, "192.0.2.7", b"Firefox");
    let found = find(visit.store.engine(), base.meta().handle, visit.now).unwrap().unwrap();
    assert_eq!((found.user, found.bytes), (Some(long), base.record().len() as u64));
}

#[test]
fn pages_come_in_order_and_leave_nobody_out() {
    let visit = visit();
    for n in 0..25 {
        guest(&visit, 130 + n * 7 % 40);
    }
    for name in ["berta", "anna", "carla"] {
        member(&visit, name.as_bytes(), &format!("10.0.0.{}", name.len()), b"");
    }
    let get = |order, descending, offset, limit| {
        let query = Query { filter: Filter::default(), order, descending, offset, limit };
        page(visit.store.engine(), &query, visit.now).unwrap()
    };
    for descending in [false, true] {
        let whole = get(Order::Bytes, descending, 0, 100);
        assert_eq!((whole.matching, whole.sessions.len()), (28, 28));
        let sizes: Vec<u64> = whole.sessions.iter().map(|session| session.bytes).collect();
        assert!(if descending { sizes.is_sorted_by(|a, b| a >= b) } else { sizes.is_sorted() }, "{sizes:?}");
        let mut by_pages = Vec::new();
        for offset in (0..28).step_by(5) {
            let Page { sessions, matching } = get(Order::Bytes, descending, offset, 5);
            assert_eq!((matching, sessions.len()), (28, 5.min(28 - offset)));
            by_pages.extend(sessions);
        }
        assert_eq!(by_pages, whole.sessions);
        assert!(get(Order::Bytes, descending, 28, 5).sessions.is_empty());
    }
    let members = Filter { logged_in: Some(true), ..Filter::default() };
    let query = Query { filter: members, order: Order::User, limit: 9, ..Query::default() };
    let users = page(visit.store.engine(), &query, visit.now).unwrap().sessions;
    let users: Vec<_> = users.into_iter().filter_map(|session| session.user).collect();
    assert_eq!(users, [b"anna".to_vec(), b"berta".to_vec(), b"carla".to_vec()]);
}

#[test]
fn what_is_secret_by_its_name_is_masked() {
    let masks = Masks::with(["shoe_size".to_owned()]);
    for name in
        ["password", "Pass_Word", "user-token", "CSRFToken", "ApiKey", "api_key", "cardNumber", "shoeSize"]
    {
        assert!(masks.hide(name.as_bytes()), "{name}");
    }
    for name in ["name", "cart", "lang", "", "\u{e4}"] {
        assert!(!masks.hide(name.as_bytes()), "{name}");
    }
    assert!(!Masks::with([String::new()]).hide(b"cart"), "an empty name masks nothing");
}
