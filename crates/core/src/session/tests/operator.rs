//! Sessions ended by whoever runs the site.

use std::{collections::HashSet, ops::ControlFlow};

use super::*;
use crate::record::{Client, Handle};

const HOLDFAST: &str = "holdfast";

/// A visitor of the site with this cookie who logs in as `user`.
fn logged_in(visit: &Visit, user: &'static [u8]) -> (Id, Base) {
    let login_of = Login {
        user,
        generation: generation(visit, user).unwrap(),
        client: Client { address: "192.0.2.7".into(), ..Client::default() },
        limit: Limit::default(),
    };
    let there = login(visit, None, tree(&root(visit, &[("a", 1)])), &login_of).unwrap();
    (Id::Issued(there.id), there.saved.base)
}

fn is_there(visit: &Visit, id: &Id) -> bool {
    matches!(load(visit, id).unwrap(), Found::Session { .. })
}

#[test]
fn a_session_is_ended_by_its_handle_alone() {
    let visit = visit();
    let (guest, base) = created(&visit, &[("a", 1)]);
    let (other, _) = created(&visit, &[("a", 1)]);
    assert_eq!(end_by_handle(&visit.store, base.meta().handle).unwrap(), 1);
    assert!(!is_there(&visit, &guest) && is_there(&visit, &other));
    let late = save(&visit, &guest, Some(&base), base.body().unwrap());
    assert!(matches!(late, Err(SessionError::Gone)), "{late:?}");
    assert_eq!(end_by_handle(&visit.store, base.meta().handle).unwrap(), 0, "there is none any more");
}

#[test]
fn a_session_is_found_by_its_handle_after_a_rotation() {
    let visit = visit();
    let (guest, base) = created(&visit, &[("a", 1)]);
    let (new, _) = rotate(&visit, &guest, &base, base.body().unwrap(), GRACE).unwrap();
    assert_eq!(end_by_handle(&visit.store, base.meta().handle).unwrap(), 1);
    assert!(!is_there(&visit, &guest) && !is_there(&visit, &Id::Issued(new)));
}

#[test]
fn with_a_session_what_is_remembered_of_its_login_ends() {
    let visit = visit();
    let (id, base) = logged_in(&visit, b"41");
    let token = remember(&visit, &base).unwrap().unwrap();
    assert_eq!(end_by_handle(&visit.store, base.meta().handle).unwrap(), 2);
    assert!(!is_there(&visit, &id));
    assert!(!forget(&visit, &token).unwrap(), "nothing is remembered");
}

#[test]
fn many_are_ended_by_their_handles_until_somebody_has_enough() {
    let visit = visit();
    let (guest, of_guest) = created(&visit, &[("a", 1)]);
    let (stays, _) = created(&visit, &[("a", 1)]);
    let (member, of_member) = logged_in(&visit, b"41");
    let token = remember(&visit, &of_member).unwrap().unwrap();
    let unknown = Handle::from_bytes([9; 16]);
    let handles: HashSet<Handle> = [of_guest.meta().handle, of_member.meta().handle, unknown].into();
    let mut told = Vec::new();
    let first = end_by_handles(&visit.store, &handles, &mut |records| {
        told.push(records);
        ControlFlow::Break(())
    });
    assert_eq!((first.unwrap(), told), (1, vec![1]));
    assert!(
        !forget(&visit, &token).unwrap(),
        "what is remembered ends first: nobody is known again who was sent away"
    );
    assert!(is_there(&visit, &guest) && is_there(&visit, &member));
    let ended = end_by_handles(&visit.store, &handles, &mut |_| ControlFlow::Continue(()));
    assert_eq!(ended.unwrap(), 2, "the third is nobody's");
    assert!(!is_there(&visit, &guest) && !is_there(&visit, &member) && is_there(&visit, &stays));
}

#[test]
fn all_sessions_of_a_user_end_whatever_their_cookies_are_called() {
    let visit = visit();
    let shop = Visit { cookie_name: "shop".into(), ..visit.clone() };
    assert_eq!(visit.cookie_name, HOLDFAST);
    let theirs = [logged_in(&visit, b"41").0, logged_in(&visit, b"41").0];
    let (in_shop, of_shop) = logged_in(&shop, b"41");
    remember(&shop, &of_shop).unwrap().unwrap();
    let (other, _) = logged_in(&visit, b"4");
    assert_eq!(end_of_user(&visit.store, b"41").unwrap(), 3);
    assert!(theirs.iter().all(|id| !is_there(&visit, id)) && !is_there(&shop, &in_shop));
    assert!(is_there(&visit, &other), "somebody else's");
    assert_eq!(end_of_user(&visit.store, b"41").unwrap(), 0);
    assert!(is_there(&visit, &logged_in(&visit, b"41").0), "who logs in again is in");
}

/// S17: it was let through before, and would be stored after.
#[test]
fn s17_a_login_that_is_on_its_way_does_not_survive_the_end_of_all() {
    let visit = visit();
    let _there = logged_in(&visit, b"41");
    let on_its_way = Login {
        user: b"41",
        generation: generation(&visit, b"41").unwrap(),
        client: Client::default(),
        limit: Limit::default(),
    };
    end_of_user(&visit.store, b"41").unwrap();
    let late = login(&visit, None, tree(&root(&visit, &[])), &on_its_way);
    assert!(matches!(late, Err(SessionError::Overtaken)), "{late:?}");
}
