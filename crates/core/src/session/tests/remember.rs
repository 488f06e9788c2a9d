//! Browsers that are known again when their session has ended.

use std::sync::Barrier;

use super::*;
use crate::record::Client;

const USER: &[u8] = b"41";
const DAY: Duration = Duration::from_hours(24);

fn client() -> Client {
    Client { address: "192.0.2.7".into(), agent: b"Mozilla/5.0".to_vec(), ..Client::default() }
}

fn log_in(visit: &Visit) -> (Id, Base) {
    let generation = generation(visit, USER).unwrap();
    let login = Login { user: USER, generation, client: client(), limit: Limit::default() };
    let there = super::login(visit, None, tree(&root(visit, &[("a", 1)])), &login).unwrap();
    (Id::Issued(there.id), there.saved.base)
}

/// A browser that is remembered; its session and its token.
fn remembered(visit: &Visit) -> (Id, Base, RememberToken) {
    let (id, base) = log_in(visit);
    let token = remember(visit, &base).unwrap().unwrap();
    (id, base, token)
}

fn come_back(visit: &Visit, token: &RememberToken) -> Restored {
    come_back_within(visit, token, Limit::default()).unwrap()
}

fn come_back_within(visit: &Visit, token: &RememberToken, limit: Limit) -> Result<Restored, SessionError> {
    restore(visit, None, tree(&root(visit, &[])), Restoring { token, client: client(), limit })
}

/// The session, and the token that came with it.
fn restored(restored: Restored) -> (Id, Base, RememberToken) {
    match restored {
        Restored::LoggedIn { there, token } => (Id::Issued(there.id), there.saved.base, token),
        Restored::Joined { id, base, token } => (Id::Issued(id), base, token),
        other => panic!("not logged in: {other:?}"),
    }
}

/// The memory of an ended session does not outlive it here: what stands for one is read by `later` visits.
fn is_alive(visit: &Visit, id: &Id) -> bool {
    loaded(visit, id).is_some()
}

#[test]
fn a_browser_whose_session_has_ended_is_logged_in_again_by_another_token() {
    let visit = visit();
    let (id, base, token) = remembered(&visit);
    let visit = later(&visit, 3 * HOUR);
    let (new_id, new, next) = restored(come_back(&visit, &token));
    assert_ne!(id, new_id);
    assert_ne!(token, next);
    let meta = new.meta();
    assert_eq!((new.user(), meta.restored, meta.handle), (Some(USER), true, base.meta().handle));
    assert!(!base.meta().restored);
    assert_eq!(meta.client, Some(client()));
    assert_eq!(restored(come_back(&later(&visit, DAY), &next)).1.meta().handle, base.meta().handle);
}

#[test]
fn a_guest_who_is_known_again_keeps_what_the_session_had() {
    let visit = visit();
    let (.., token) = remembered(&visit);
    let (guest, base) = created(&visit, &[("cart", 3)]);
    let restoring = Restoring { token: &token, client: client(), limit: Limit::default() };
    let back = restore(&visit, Some((&guest, &base)), base.body().unwrap(), restoring).unwrap();
    assert_eq!(names(&restored(back).1), ["cart"]);
    assert!(is_dead(&visit, &guest));
}

#[test]
fn parallel_requests_of_one_browser_get_one_session_and_one_token() {
    for _ in 0..50 {
        let visit = visit();
        let (.., token) = remembered(&visit);
        let start = Barrier::new(8);
        let all: Vec<(Id, String)> = std::thread::scope(|scope| {
            let requests: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        let (id, _, token) = restored(come_back(&visit, &token));
                        (id, token.as_str().to_owned())
                    })
                })
                .collect();
            requests.into_iter().map(|request| request.join().unwrap()).collect()
        });
        assert!(all.iter().all(|one| *one == all[0]));
        let records = visit.store.engine().owned(visit.owner_of(USER), visit.now).unwrap();
        assert_eq!(records.len(), 3, "the session that was remembered, one more, and what is remembered");
    }
}

#[test]
fn a_token_that_was_replaced_a_minute_ago_is_a_copy_and_ends_all_that_it_began() {
    let visit = visit();
    let (other, ..) = log_in(&visit);
    let (first, _, stolen) = remembered(&visit);
    let (thief, _, next) = restored(come_back(&visit, &stolen));
    let visit = later(&visit, Duration::from_mins(1));
    let Restored::Stolen(Theft { user, ended }) = come_back(&visit, &stolen) else { panic!("a theft") };
    assert_eq!((user, ended), (USER.to_vec(), 3));
    assert!(!is_alive(&visit, &first) && !is_alive(&visit, &thief));
    assert!(matches!(come_back(&visit, &next), Restored::Unknown));
    assert!(matches!(come_back(&visit, &stolen), Restored::Unknown));
    assert!(is_alive(&visit, &other), "no session of another login");
}

#[test]
fn a_token_that_was_replaced_twice_is_a_copy_at_once() {
    let visit = visit();
    let (.., oldest) = remembered(&visit);
    let (.., next) = restored(come_back(&visit, &oldest));
    restored(come_back(&visit, &next));
    assert!(matches!(come_back(&visit, &oldest), Restored::Stolen(_)));
}

#[test]
fn a_joining_request_gets_nothing_of_a_session_that_has_ended() {
    let visit = visit();
    let (.., token) = remembered(&visit);
    let (id, ..) = restored(come_back(&visit, &token));
    end(&visit, &id).unwrap();
    assert!(matches!(come_back(&visit, &token), Restored::Unknown));
}

#[test]
fn a_joining_request_finds_a_session_that_has_moved() {
    let visit = visit();
    let (.., token) = remembered(&visit);
    let (id, base, next) = restored(come_back(&visit, &token));
    let (moved, _) = rotate(&visit, &id, &base, base.body().unwrap(), GRACE).unwrap();
    let (there, _, again) = restored(come_back(&visit, &token));
    assert_eq!((there, again), (Id::Issued(moved), next));
}

#[test]
fn what_is_forgotten_logs_nobody_in_and_the_session_goes_on() {
    let visit = visit();
    let (id, _, token) = remembered(&visit);
    assert!(forget(&visit, &token).unwrap());
    assert!(!forget(&visit, &token).unwrap());
    assert!(matches!(come_back(&visit, &token), Restored::Unknown));
    assert!(is_alive(&visit, &id));
}

#[test]
fn nothing_is_remembered_of_guests_and_where_it_is_off() {
    let mut visit = visit();
    let (_, guest) = created(&visit, &[]);
    assert!(remember(&visit, &guest).unwrap().is_none());
    visit.lifetimes.remembered = Duration::ZERO;
    let (_, base) = log_in(&visit);
    assert!(remember(&visit, &base).unwrap().is_none());
}

#[test]
fn it_is_remembered_for_its_lifetime_after_each_use() {
    let begin = visit();
    let (.., token) = remembered(&begin);
    let late = later(&begin, 14 * DAY + Duration::from_mins(1));
    assert!(matches!(come_back(&late, &token), Restored::Unknown));
}

#[test]
fn s16_it_is_listed_with_its_handle_and_ends_with_the_session() {
    let visit = visit();
    let (id, base, token) = remembered(&visit);
    let listed = remembered_of(&visit, USER).unwrap();
    assert_eq!(listed.len(), 1);
    let (meta, handle) = (listed[0].meta(), base.meta().handle);
    assert_eq!((meta.handle, meta.client.clone()), (handle, Some(client())));
    assert_eq!(listed[0].expires(), meta.renewed.after(14 * DAY));
    assert!(remembered_of(&visit, b"42").unwrap().is_empty());
    assert!(end_one(&visit, USER, &handle).unwrap());
    assert!(!is_alive(&visit, &id));
    assert!(matches!(come_back(&visit, &token), Restored::Unknown));
    assert!(!end_one(&visit, USER, &handle).unwrap());
}

#[test]
fn s16_one_without_a_session_can_be_ended_by_its_handle_too() {
    let visit = visit();
    let (id, base, token) = remembered(&visit);
    end(&visit, &id).unwrap();
    assert!(end_one(&visit, USER, &base.meta().handle).unwrap());
    assert!(matches!(come_back(&visit, &token), Restored::Unknown));
}

#[test]
fn s17_ending_all_ends_what_is_remembered_also_when_it_is_stored_behind_the_sweep() {
    let visit = visit();
    let (_, base, token) = remembered(&visit);
    assert_eq!(end_all(&visit, USER).unwrap(), 1, "a session and its token are one device");
    assert!(matches!(come_back(&visit, &token), Restored::Unknown));
    let behind = remember(&visit, &base).unwrap().unwrap();
    assert!(matches!(come_back(&visit, &behind), Restored::Unknown));
    assert!(remembered_of(&visit, USER).unwrap().is_empty());
    // The generation is remembered for as long as a login may be.
    let late = later(&visit, 13 * DAY);
    assert!(matches!(come_back(&late, &behind), Restored::Unknown));
}

#[test]
fn s16_ending_all_others_leaves_this_browser_remembered_and_no_other() {
    let visit = visit();
    let (id, _, ours) = remembered(&visit);
    let (.., theirs) = remembered(&visit);
    assert_eq!(end_others(&visit, &id).unwrap(), 1);
    assert!(matches!(come_back(&visit, &theirs), Restored::Unknown));
    restored(come_back(&visit, &ours));
}

#[test]
fn s18_who_gives_way_to_the_limit_is_not_remembered_either() {
    let visit = visit();
    let limit = Limit { sessions: 1, when_reached: WhenReached::EndOldest };
    let (.., first) = remembered(&visit);
    let generation = generation(&visit, USER).unwrap();
    let login = Login { user: USER, generation, client: client(), limit };
    let there = super::login(&visit, None, tree(&root(&visit, &[])), &login).unwrap();
    assert_eq!(there.ended, 1);
    assert!(matches!(come_back(&visit, &first), Restored::Unknown));
    assert!(is_alive(&visit, &Id::Issued(there.id)));
}

#[test]
fn s18_a_refused_return_changes_nothing() {
    let visit = visit();
    let (id, _, token) = remembered(&visit);
    let refuse = Limit { sessions: 1, when_reached: WhenReached::Refuse };
    let refused = come_back_within(&visit, &token, refuse);
    assert!(matches!(refused, Err(SessionError::LimitReached(1))));
    end(&visit, &id).unwrap();
    assert!(matches!(come_back_within(&visit, &token, refuse).unwrap(), Restored::LoggedIn { .. }));
}

#[test]
fn so_many_browsers_are_remembered_and_the_longest_unseen_gives_way() {
    let visit = visit();
    let (.., first) = remembered(&later(&visit, Duration::ZERO));
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(2));
        remembered(&visit);
    }
    assert_eq!(remembered_of(&visit, USER).unwrap().len(), 20);
    assert!(matches!(come_back(&visit, &first), Restored::Unknown));
}

#[test]
fn a_device_is_remembered_once() {
    let visit = visit();
    let (_, base, first) = remembered(&visit);
    let second = remember(&visit, &base).unwrap().unwrap();
    assert_eq!(remembered_of(&visit, USER).unwrap().len(), 1);
    assert!(matches!(come_back(&visit, &first), Restored::Unknown));
    restored(come_back(&visit, &second));
}

#[test]
fn a_living_session_gets_another_token_once_a_day() {
    let visit = visit();
    let (id, base, token) = remembered(&visit);
    let id = id.issued().unwrap();
    let keep = |visit: &Visit, token| keep_remembered(visit, id, &base, token).unwrap();
    assert_eq!(keep(&later(&visit, HOUR * 23), &token), Keep::AsItIs);
    let tomorrow = later(&visit, DAY + Duration::from_secs(1));
    let Keep::Next(next) = keep(&tomorrow, &token) else { panic!("another token") };
    // The engine's clock has not moved on: seen from today it was replaced just now, also for parallel requests.
    assert_eq!(keep(&visit, &token), Keep::Next(next.clone()));
    assert_eq!(keep(&visit, &next), Keep::AsItIs);
    assert!(matches!(
        keep(&later(&visit, Duration::from_mins(2)), &token),
        Keep::Stolen(Theft { ended: 2, .. })
    ));
    assert_eq!(keep(&visit, &next), Keep::Unknown);
}

#[test]
fn the_token_of_another_device_is_left_alone() {
    let visit = visit();
    let (.., theirs) = remembered(&visit);
    let (id, base) = log_in(&visit);
    let tomorrow = later(&visit, DAY + Duration::from_secs(1));
    let kept = keep_remembered(&tomorrow, id.issued().unwrap(), &base, &theirs).unwrap();
    assert_eq!(kept, Keep::AsItIs);
}

#[test]
fn it_is_known_for_whom_a_token_is_before_it_is_used() {
    let visit = visit();
    let (.., token) = remembered(&visit);
    let expected = Known { user: USER.to_vec(), client: Some(client()) };
    assert_eq!(known(&visit, &token).unwrap(), Some(expected));
    forget(&visit, &token).unwrap();
    assert_eq!(known(&visit, &token).unwrap(), None);
}
