use super::*;

fn found(switched: &SwitchedOff) -> &Base {
    match &switched.found {
        Found::Session { base, .. } => base,
        other => panic!("no session: {other:?}"),
    }
}

#[test]
fn a_switch_that_is_on_is_off_for_whoever_loads_the_session_next() {
    let visit = visit();
    let (id, base) = created(&visit, &[("a", 1), ("switch", 1), ("b", 2)]);
    let switched = switch_off(&visit, &id, base, b"switch").unwrap();
    assert!(switched.was_on);
    let expected = root(&visit, &[("a", 1), ("switch", 0), ("b", 2)]);
    assert_eq!(found(&switched).root(), Some(&expected[..]));
    assert_eq!(loaded(&visit, &id).unwrap().root(), Some(&expected[..]));
}

#[test]
fn a_switch_that_is_off_or_not_there_changes_nothing() {
    let visit = visit();
    let off = [
        Value::Null,
        Value::Bool(false),
        Value::Int(0),
        Value::Float(0.0),
        Value::Bytes(b"".to_vec()),
        Value::Bytes(b"0".to_vec()),
        Value::List(Vec::new()),
    ];
    let on =
        [Value::Bool(true), Value::Float(0.5), Value::Bytes(b"0.0".to_vec()), Value::Opaque(b"N;".to_vec())];
    for (value, is_on) in
        off.into_iter().map(|value| (value, false)).chain(on.into_iter().map(|value| (value, true)))
    {
        let id = new_id(&visit);
        let body = root_of(&visit, &Value::Map(vec![(key("switch"), value.clone())]));
        let base = save(&visit, &id, None, tree(&body)).unwrap().base;
        let version = base.version;
        let switched = switch_off(&visit, &id, base, b"switch").unwrap();
        assert_eq!(switched.was_on, is_on, "{value:?}");
        assert_eq!(found(&switched).version != version, is_on, "{value:?}");
        assert!(!switch_off(&visit, &id, found(&switched).clone(), b"another").unwrap().was_on);
    }
}

#[test]
fn what_others_saved_meanwhile_stays_and_the_switch_is_off_all_the_same() {
    let visit = visit();
    let (id, base) = created(&visit, &[("a", 1), ("switch", 1)]);
    saved(&visit, &id, &base, &[("a", 2), ("switch", 3)]).unwrap();
    let switched = switch_off(&visit, &id, base, b"switch").unwrap();
    assert!(switched.was_on);
    assert_eq!(found(&switched).root(), Some(&root(&visit, &[("a", 2), ("switch", 0)])[..]));
}

#[test]
fn a_request_that_loaded_it_on_and_does_not_change_it_does_not_switch_it_on_again() {
    let visit = visit();
    let (id, base) = created(&visit, &[("a", 1), ("switch", 1)]);
    switch_off(&visit, &id, base.clone(), b"switch").unwrap();
    let merged = saved(&visit, &id, &base, &[("a", 2), ("switch", 1)]).unwrap();
    assert_eq!(merged.base.root(), Some(&root(&visit, &[("a", 2), ("switch", 0)])[..]));
}

#[test]
fn a_session_that_was_rotated_meanwhile_is_switched_where_it_is() {
    let visit = visit();
    let (id, base) = created(&visit, &[("switch", 1)]);
    let (new, _) = rotate(&visit, &id, &base, base.body().unwrap(), GRACE).unwrap();
    let switched = switch_off(&visit, &id, base, b"switch").unwrap();
    assert!(switched.was_on);
    assert!(matches!(&switched.found, Found::Session { moved_to: Some(to), .. } if *to == new));
    let there = loaded(&visit, &Id::Issued(new)).unwrap();
    assert_eq!(there.root(), Some(&root(&visit, &[("switch", 0)])[..]));
}

#[test]
fn a_session_that_was_ended_meanwhile_stays_ended() {
    let visit = visit();
    let (id, base) = created(&visit, &[("switch", 1)]);
    end(&visit, &id).unwrap();
    let switched = switch_off(&visit, &id, base, b"switch").unwrap();
    assert!(!switched.was_on && matches!(switched.found, Found::Ended));
    assert!(is_dead(&visit, &id));
}

#[test]
fn s15_a_session_knows_when_it_was_asked_for_last() {
    let visit = visit();
    let (id, base) = created(&visit, &[("a", 1)]);
    assert_eq!(base.expires(), base.last_activity().after(HOUR));
    let asked = visit.now.after(HOUR / 2);
    visit.store.engine().touch(&visit.key(&id), asked.after(HOUR), visit.now).unwrap();
    assert_eq!(loaded(&visit, &id).unwrap().last_activity(), asked);
}
