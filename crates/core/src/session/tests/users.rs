//! Logins, and all sessions of a user.

use super::*;
use crate::record::Client;

const USER: &[u8] = b"41";

fn login_of(user: &'static [u8], visit: &Visit) -> Login<'static> {
    Login {
        user,
        generation: generation(visit, user).unwrap(),
        client: Client { address: "192.0.2.7".into(), ..Client::default() },
        limit: Limit::default(),
    }
}

fn empty(visit: &Visit) -> Vec<u8> {
    root(visit, &[])
}

/// A login of a visitor without a session.
fn logged_in(visit: &Visit) -> (Id, Base) {
    let there = login(visit, None, tree(&root(visit, &[("a", 1)])), &login_of(USER, visit)).unwrap();
    (Id::Issued(there.id), there.saved.base)
}

fn is_alive(visit: &Visit, id: &Id) -> bool {
    loaded(visit, id).is_some()
}

fn issued(id: &Id) -> &SessionId {
    let Id::Issued(id) = id else { panic!("an id of ours") };
    id
}

#[test]
fn s05_a_login_takes_the_values_to_a_new_id_and_the_old_one_is_dead() {
    let visit = visit();
    let (guest, base) = created(&visit, &[("cart", 3)]);
    let there = login(&visit, Some((&guest, &base)), base.body().unwrap(), &login_of(USER, &visit)).unwrap();
    let found = loaded(&visit, &Id::Issued(there.id)).unwrap();
    assert_eq!((found.user(), names(&found)), (Some(USER), vec!["cart".to_owned()]));
    assert_ne!(found.meta().handle, base.meta().handle);
    assert!(is_dead(&visit, &guest));
}

#[test]
fn s08_the_id_from_before_a_rotation_does_not_lead_to_the_login_either() {
    let visit = visit();
    let (oldest, base) = created(&visit, &[("cart", 3)]);
    let (rotated, saved) = rotate(&visit, &oldest, &base, base.body().unwrap(), GRACE).unwrap();
    let rotated = Id::Issued(rotated);
    login(&visit, Some((&rotated, &saved.base)), tree(&empty(&visit)), &login_of(USER, &visit)).unwrap();
    assert!(is_dead(&visit, &oldest));
    // A login that did not know of the rotation.
    let (oldest, base) = created(&visit, &[("cart", 3)]);
    let (rotated, _) = rotate(&visit, &oldest, &base, base.body().unwrap(), GRACE).unwrap();
    let there = login(&visit, Some((&oldest, &base)), base.body().unwrap(), &login_of(USER, &visit)).unwrap();
    assert!(is_dead(&visit, &oldest) && is_dead(&visit, &Id::Issued(rotated)));
    assert_eq!(names(&there.saved.base), ["cart"]);
}

#[test]
fn who_is_late_with_the_id_from_before_a_login_is_told_from_who_has_none() {
    let visit = visit();
    let (guest, base) = created(&visit, &[("cart", 3)]);
    login(&visit, Some((&guest, &base)), base.body().unwrap(), &login_of(USER, &visit)).unwrap();
    let found = |after: Duration| load(&later(&visit, after), &guest).unwrap();
    assert!(matches!(found(Duration::ZERO), Found::Superseded));
    assert!(matches!(found(LATE * 2), Found::Ended));
    let (ended, _) = logged_in(&visit);
    end(&visit, &ended).unwrap();
    assert!(matches!(load(&visit, &ended).unwrap(), Found::Ended), "a logout has no successor");
}

#[test]
fn s09_values_of_a_session_that_was_ended_meanwhile_are_not_carried_into_the_login() {
    let visit = visit();
    let (guest, base) = created(&visit, &[("secret", 3)]);
    end(&visit, &guest).unwrap();
    let there = login(&visit, Some((&guest, &base)), base.body().unwrap(), &login_of(USER, &visit)).unwrap();
    assert_eq!(names(&there.saved.base), [""; 0]);
    assert!(is_alive(&visit, &Id::Issued(there.id)));
}

#[test]
fn a_member_who_saves_and_rotates_stays_a_member() {
    let visit = visit();
    let (id, base) = logged_in(&visit);
    let saved = saved(&visit, &id, &base, &[("a", 2)]).unwrap();
    let (new, _) = rotate(&visit, &id, &saved.base, saved.base.body().unwrap(), GRACE).unwrap();
    let found = loaded(&visit, &Id::Issued(new)).unwrap();
    assert_eq!((found.user(), found.meta().handle), (Some(USER), base.meta().handle));
    assert_eq!(found.meta().client.as_ref().unwrap().address, "192.0.2.7");
}

#[test]
fn s16_the_sessions_of_a_user_are_listed_the_last_used_first_and_ended_one_by_one() {
    let visit = visit();
    let (first, _) = logged_in(&visit);
    let (second, base) = logged_in(&visit);
    login(&visit, None, tree(&empty(&visit)), &login_of(b"4", &visit)).unwrap();
    let handle = base.meta().handle;
    let longer = |meta: &mut Meta| meta.keeps_lifetime = true;
    amend(&visit, &second, Some(&base), base.body().unwrap(), longer).unwrap().unwrap();
    let key = Key::of("holdfast", issued(&second));
    visit.store.engine().touch(&key, visit.now.after(HOUR * 2), visit.now).unwrap();
    let listed = sessions_of(&visit, USER).unwrap();
    assert_eq!(listed.len(), 2, "those of another user are not among them");
    assert_eq!(listed[0].meta().handle, handle);
    assert_eq!(listed[0].last_activity(), visit.now.after(HOUR));
    assert!(end_one(&visit, USER, &handle).unwrap());
    assert!(!end_one(&visit, USER, &handle).unwrap(), "there is none left, and that is said");
    assert!(!end_one(&visit, b"4", &loaded(&visit, &first).unwrap().meta().handle).unwrap());
    assert!(is_dead(&visit, &second) && is_alive(&visit, &first));
}

#[test]
fn s16_a_session_that_is_being_rotated_is_listed_and_counted_once() {
    let visit = visit();
    let (id, base) = logged_in(&visit);
    let (new, _) = rotate(&later(&visit, GRACE), &id, &base, base.body().unwrap(), GRACE).unwrap();
    // As between the two steps of a rotation: the old one is still there.
    let (engine, key) = (visit.store.engine(), Key::of("holdfast", issued(&id)));
    let owner = Owner::of(visit.store.secret(), &visit.cookie_name, USER);
    let write = Write { record: &base.record(), expires: visit.now.after(HOUR), owner };
    let moved = engine.load(&key, visit.now).unwrap().unwrap();
    let back = engine.commit(&key, Expect::Version(moved.version), write, visit.now).unwrap();
    assert!(matches!(back, crate::engine::Commit::Stored(_)));
    assert_eq!(sessions_of(&visit, USER).unwrap().len(), 1);
    assert_eq!(end_all(&visit, USER).unwrap(), 1);
    assert!(is_dead(&visit, &Id::Issued(new)) && is_dead(&visit, &id));
}

#[test]
fn s16_all_others_end_and_this_one_lives() {
    let visit = visit();
    let ids: Vec<Id> = (0..3).map(|_| logged_in(&visit).0).collect();
    assert_eq!(end_others(&visit, &ids[1]).unwrap(), 2);
    assert_eq!(ids.iter().map(|id| is_alive(&visit, id)).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(end_others(&visit, &ids[1]).unwrap(), 0);
    let (guest, _) = created(&visit, &[("a", 1)]);
    assert_eq!(end_others(&visit, &guest).unwrap(), 0, "a guest has no others");
    assert_eq!(end_all(&visit, USER).unwrap(), 1);
    assert!(is_alive(&visit, &guest) && !is_alive(&visit, &ids[1]));
    assert!(is_alive(&visit, &logged_in(&visit).0), "who logs in after that is in");
}

#[test]
fn s17_a_login_that_began_before_all_sessions_were_ended_does_not_survive() {
    let visit = visit();
    let before = login_of(USER, &visit);
    assert_eq!(end_all(&visit, USER).unwrap(), 0);
    let late = login(&visit, None, tree(&empty(&visit)), &before);
    assert!(matches!(late, Err(SessionError::Overtaken)), "{late:?}");
    assert_eq!(sessions_of(&visit, USER).unwrap().len(), 0);
}

#[test]
fn s17_a_session_that_was_stored_behind_the_sweep_is_dead_and_can_not_be_rotated_alive() {
    let visit = visit();
    let (id, base) = logged_in(&visit);
    user::begin_generation(&visit, USER, |_| Ok(())).unwrap();
    assert!(is_dead(&visit, &id));
    let rotated = rotate(&visit, &id, &base, base.body().unwrap(), GRACE);
    assert!(matches!(rotated, Err(SessionError::Gone)));
    assert_eq!(sessions_of(&visit, USER).unwrap().len(), 0);
}

#[test]
fn s17_ending_all_races_logins_that_were_begun_before_it() {
    let visit = visit();
    for _ in 0..20 {
        let before = login_of(USER, &visit);
        let there: Vec<_> = std::thread::scope(|scope| {
            let try_to = || login(&visit, None, tree(&empty(&visit)), &before).ok();
            let logins: Vec<_> = (0..8).map(|_| scope.spawn(try_to)).collect();
            end_all(&visit, USER).unwrap();
            logins.into_iter().filter_map(|login| login.join().unwrap()).collect()
        });
        assert!(there.iter().all(|there| !is_alive(&visit, &Id::Issued(there.id.clone()))));
        assert_eq!(sessions_of(&visit, USER).unwrap().len(), 0);
    }
}

#[test]
fn s18_parallel_logins_keep_to_the_limit_exactly() {
    let visit = visit();
    let limited = Login { limit: Limit { sessions: 3, ..Limit::default() }, ..login_of(USER, &visit) };
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| login(&visit, None, tree(&empty(&visit)), &limited).unwrap());
        }
    });
    let there = sessions_of(&visit, USER).unwrap();
    assert_eq!(there.len(), 3);
    let limit = Limit { sessions: 3, when_reached: WhenReached::Refuse };
    let refusing = Login { limit, ..login_of(USER, &visit) };
    let refused = login(&visit, None, tree(&empty(&visit)), &refusing);
    assert!(matches!(refused, Err(SessionError::LimitReached(3))));
    assert!(end_one(&visit, USER, &there[0].meta().handle).unwrap());
    login(&visit, None, tree(&empty(&visit)), &refusing).unwrap();
}

#[test]
fn s18_who_logs_in_again_takes_no_place_of_another() {
    let visit = visit();
    let limit = Limit { sessions: 1, when_reached: WhenReached::Refuse };
    let one = Login { limit, ..login_of(USER, &visit) };
    let first = login(&visit, None, tree(&empty(&visit)), &one).unwrap();
    let id = Id::Issued(first.id);
    login(&visit, Some((&id, &first.saved.base)), tree(&empty(&visit)), &one).unwrap();
    assert!(is_dead(&visit, &id));
}

#[test]
fn s13_a_session_ends_so_long_after_its_login_however_often_it_is_used() {
    let mut visit = visit();
    visit.lifetimes.absolute = Duration::from_secs(10);
    let (guest, base) = created(&visit, &[("a", 1)]);
    let at = later(&visit, Duration::from_secs(9));
    assert!(is_alive(&at, &guest));
    let there = login(&at, Some((&guest, &base)), base.body().unwrap(), &login_of(USER, &at)).unwrap();
    let id = Id::Issued(there.id);
    for second in 10..19 {
        let at = later(&visit, Duration::from_secs(second));
        let base = loaded(&at, &id).expect("the login counts anew");
        saved(&at, &id, &base, &[("seen", i64::try_from(second).unwrap())]).unwrap();
    }
    assert!(is_dead(&later(&visit, Duration::from_secs(19)), &id));
}

#[test]
fn s15_guests_and_members_and_single_sessions_have_lifetimes_of_their_own() {
    let mut visit = visit();
    visit.lifetimes.member = HOUR * 24;
    let (guest, base) = created(&visit, &[("a", 1)]);
    let (member, _) = logged_in(&visit);
    let (other, _) = created(&visit, &[("a", 1)]);
    assert!(!is_alive(&later(&visit, HOUR), &other) && is_alive(&later(&visit, HOUR), &member));
    let longer = |meta: &mut Meta| {
        meta.keeps_lifetime = true;
        meta.lifetime_ms = millis(HOUR * 3);
    };
    let kept = amend(&visit, &guest, Some(&base), base.body().unwrap(), longer).unwrap().unwrap();
    assert!(is_alive(&later(&visit, HOUR * 2), &guest));
    saved(&visit, &guest, &kept, &[("a", 2)]).unwrap();
    assert!(is_alive(&later(&visit, HOUR * 2), &guest), "a save keeps it");
}

#[test]
fn a_lifetime_that_the_settings_change_counts_from_the_next_use() {
    let mut visit = visit();
    let (id, base) = created(&visit, &[("a", 1)]);
    visit.lifetimes = Lifetimes::idle(HOUR * 2);
    assert!(touch(&visit, &id, &base).unwrap());
    let found = loaded(&later(&visit, HOUR), &id).unwrap();
    assert_eq!(found.meta().lifetime_ms, millis(HOUR * 2));
}

#[test]
fn a_session_is_found_by_its_secondary_id_through_rotations_until_it_ends() {
    let visit = visit();
    let (id, base) = created(&visit, &[("a", 1)]);
    let body = base.body().unwrap();
    let named = set_secondary(&visit, &id, Some(&base), body, Some(b"sid-1")).unwrap().unwrap();
    let find = |name: &[u8]| find_secondary(&visit, name).unwrap().map(|found| found.meta().handle);
    assert_eq!(find(b"sid-1"), Some(base.meta().handle));
    assert_eq!(find(b"sid-2"), None);
    let (new, saved) = rotate(&visit, &id, &named, named.body().unwrap(), GRACE).unwrap();
    let new = Id::Issued(new);
    assert_eq!(find(b"sid-1"), Some(base.meta().handle));
    let renamed = set_secondary(&visit, &new, Some(&saved.base), body, Some(b"sid-2")).unwrap().unwrap();
    assert_eq!((find(b"sid-1"), find(b"sid-2")), (None, Some(base.meta().handle)));
    assert!(set_secondary(&visit, &new, Some(&saved.base), body, None).unwrap().is_none(), "not as it was");
    set_secondary(&visit, &new, Some(&renamed), body, None).unwrap().unwrap();
    assert_eq!(find(b"sid-2"), None);
    let (other, base) = created(&visit, &[("a", 1)]);
    set_secondary(&visit, &other, Some(&base), base.body().unwrap(), Some(b"sid-2")).unwrap();
    end(&visit, &other).unwrap();
    assert_eq!(find(b"sid-2"), None);
}

#[test]
fn the_version_of_a_users_data_goes_up_and_ends_no_session() {
    let visit = visit();
    assert_eq!(data_version(&visit, USER).unwrap(), 0);
    let (id, _) = logged_in(&visit);
    let first = raise_data_version(&visit, USER).unwrap();
    let second = raise_data_version(&visit, USER).unwrap();
    assert!(0 < first && first < second);
    assert_eq!(data_version(&visit, USER).unwrap(), second);
    assert_eq!(data_version(&visit, b"42").unwrap(), 0, "another user's stays");
    assert!(is_alive(&visit, &id));
    let ended = user::begin_generation(&visit, USER, |_| Ok(())).unwrap();
    assert_eq!(data_version(&visit, USER).unwrap(), second, "ending all sessions keeps it");
    raise_data_version(&visit, USER).unwrap();
    assert_eq!(generation(&visit, USER).unwrap(), ended, "and is kept by it");
    assert!(is_dead(&visit, &id));
}
