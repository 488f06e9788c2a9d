use super::*;

fn issue(visit: &Visit) -> Id {
    Id::Issued(SessionId::issue(visit.store.secret(), &visit.cookie_name).unwrap())
}

/// A draft of these variables.
fn draft(visit: &Visit, id: &Id, base: Option<&Base>, variables: &[(&str, i64)]) -> Draft {
    let mut record = Draft::begin(visit, id, base, 0).unwrap();
    let at = record.len();
    record.extend_from_slice(&root(visit, variables));
    Draft::new(record, at)
}

#[test]
fn a_draft_is_saved_as_its_root_would_be() {
    let visit = visit();
    let (one, other) = (issue(&visit), issue(&visit));
    let saved =
        save_draft(&visit, &one, &visit.key(&one), None, draft(&visit, &one, None, &[("a", 1)])).unwrap();
    let direct = save(&visit, &other, None, tree(&root(&visit, &[("a", 1)]))).unwrap();
    assert_eq!(saved.base.root(), direct.base.root());
    assert_eq!(saved.base.key(), &visit.key(&one));
    let Found::Session { base, .. } = load(&visit, &one).unwrap() else { panic!("it was saved") };
    assert_eq!((base.meta(), base.root()), (saved.base.meta(), saved.base.root()));
    let again = draft(&visit, &one, Some(&base), &[("a", 1), ("b", 2)]);
    assert_eq!(
        names(&save_draft(&visit, &one, &visit.key(&one), Some(&base), again).unwrap().base),
        ["a", "b"]
    );
}

#[test]
fn a_draft_goes_on_top_of_what_others_have_saved() {
    let visit = visit();
    let id = issue(&visit);
    let base = save(&visit, &id, None, tree(&root(&visit, &[("a", 1)]))).unwrap().base;
    let ours = draft(&visit, &id, Some(&base), &[("a", 1), ("ours", 2)]);
    save(&visit, &id, Some(&base), tree(&root(&visit, &[("a", 1), ("theirs", 3)]))).unwrap();
    let saved = save_draft(&visit, &id, &visit.key(&id), Some(&base), ours).unwrap();
    assert!(saved.merged);
    assert_eq!(names(&saved.base), ["a", "theirs", "ours"]);
}

#[test]
fn a_draft_with_another_beginning_gets_the_right_one() {
    let visit = visit();
    let id = issue(&visit);
    let ours = draft(&visit, &id, None, &[("a", 1)]);
    let longer = Visit { lifetimes: Lifetimes::idle(2 * HOUR), ..visit };
    let saved = save_draft(&longer, &id, &longer.key(&id), None, ours).unwrap();
    assert_eq!(saved.base.meta().lifetime_ms, 2 * 3600 * 1000);
}

#[test]
fn what_is_known_is_given_back_until_somebody_saves() {
    let visit = visit();
    let id = issue(&visit);
    let base = save(&visit, &id, None, tree(&root(&visit, &[("a", 1)]))).unwrap().base;
    let newer = |known: &Base| load_newer(&visit, &id, known.key(), known).unwrap();
    let Found::Session { base: same, .. } = newer(&base) else { panic!("it is there") };
    assert!(same.is(&base));
    let next = save(&visit, &id, Some(&base), tree(&root(&visit, &[("a", 2)]))).unwrap().base;
    let Found::Session { base: other, .. } = newer(&base) else { panic!("it is there") };
    assert!(!other.is(&base));
    assert_eq!(other.root(), next.root());
    end(&visit, &id).unwrap();
    assert!(matches!(newer(&next), Found::Ended));
}

#[test]
fn a_draft_of_a_session_whose_lifetime_has_changed_gets_that_one() {
    let visit = visit();
    let id = issue(&visit);
    let base = save(&visit, &id, None, tree(&root(&visit, &[("a", 1)]))).unwrap().base;
    let longer = Visit { lifetimes: Lifetimes::idle(2 * HOUR), ..visit.clone() };
    for (began, saves) in [(&visit, &longer), (&longer, &visit), (&longer, &longer)] {
        let Found::Session { base: old, .. } = load(&visit, &id).unwrap() else { panic!("it is there") };
        let ours = draft(began, &id, Some(&old), &[("a", 2)]);
        let saved = save_draft(saves, &id, &visit.key(&id), Some(&old), ours).unwrap();
        assert_eq!(saved.base.meta().lifetime_ms, millis(saves.lifetimes.guest));
        let Found::Session { base: stored, .. } = load(&visit, &id).unwrap() else { panic!("it is there") };
        assert_eq!(stored.meta(), saved.base.meta());
        assert_eq!(stored.expires(), saved.base.expires());
    }
    assert_eq!(base.meta().created, load_meta(&visit, &id).created);
}

#[test]
fn what_others_have_saved_with_another_meta_is_read() {
    let visit = visit();
    let id = issue(&visit);
    let base = save(&visit, &id, None, tree(&root(&visit, &[("a", 1)]))).unwrap().base;
    let change = |meta: &mut Meta| meta.secondary = Some(b"other".to_vec());
    amend(&visit, &id, Some(&base), base.body().unwrap(), change).unwrap().unwrap();
    let Found::Session { base: newer, .. } = load_newer(&visit, &id, base.key(), &base).unwrap() else {
        panic!("it is there")
    };
    assert_eq!(newer.meta().secondary.as_deref(), Some(&b"other"[..]));
    assert_eq!(newer.root(), base.root());
}

fn load_meta(visit: &Visit, id: &Id) -> Meta {
    let Found::Session { base, .. } = load(visit, id).unwrap() else { panic!("it is there") };
    base.meta().clone()
}
