//! Expiry is enforced at read, at `now >= expires`; an expired session is absent for every operation.

use std::{ops::ControlFlow, time::Duration};

use holdfast_core::{
    engine::{Commit, Expect},
    time::Timestamp,
};

use crate::{
    engines::Make,
    store::{MEMBER, ROOMY, Store, With, key, seconds, stored, write},
};

contract![
    a_session_is_there_until_the_millisecond_at_which_it_ends,
    an_expired_session_can_not_be_committed_to,
    an_expired_session_can_not_be_touched_back_to_life,
    an_expired_session_can_not_be_destroyed,
    an_expired_session_is_not_shown,
    a_session_that_ends_at_once_is_absent_at_once,
    a_session_may_last_for_ever,
    each_session_ends_at_its_own_time,
];
contract![by one handle:
    a_new_session_takes_the_place_of_an_expired_one,
];

const LIFE: Duration = Duration::from_mins(1);

/// A store with one session under key 1, and the moment at which it ends. Nothing was collected.
fn ending(make: Make) -> (Store, holdfast_core::engine::Version, Timestamp) {
    let store = make(ROOMY);
    let now = store.now();
    let end = now.after(LIFE);
    let version = stored(store.commit(&key(1), Expect::Absent, write(b"x", now).of(MEMBER).until(end), now));
    (store, version, end)
}

fn before(end: Timestamp) -> Timestamp {
    Timestamp::from_millis(end.as_millis() - 1)
}

fn a_session_is_there_until_the_millisecond_at_which_it_ends(make: Make) {
    let (store, _, end) = ending(make);
    assert!(store.is_there(&key(1), before(end)));
    assert_eq!(store.load(&key(1), end).unwrap(), None);
    assert_eq!(store.load(&key(1), end.after(LIFE)).unwrap(), None);
}

fn an_expired_session_can_not_be_committed_to(make: Make) {
    let (store, version, end) = ending(make);
    let outcome = store.commit(&key(1), Expect::Version(version), write(b"y", end), end);
    assert_eq!(outcome.unwrap(), Commit::Gone);
    assert_eq!(store.load(&key(1), end).unwrap(), None);
}

fn an_expired_session_can_not_be_touched_back_to_life(make: Make) {
    let (store, _, end) = ending(make);
    assert!(!store.touch(&key(1), end.after(LIFE), end).unwrap());
    assert_eq!(store.load(&key(1), end).unwrap(), None);
}

fn an_expired_session_can_not_be_destroyed(make: Make) {
    let (store, _, end) = ending(make);
    assert!(!store.destroy(&key(1), end).unwrap());
    assert_eq!(store.load(&key(1), end).unwrap(), None);
}

fn an_expired_session_is_not_shown(make: Make) {
    let (store, _, end) = ending(make);
    let shown = |now| {
        let mut shown = 0;
        let mut each = |_| {
            shown += 1;
            ControlFlow::Continue(())
        };
        store.visit(now, &mut each).unwrap();
        shown
    };
    assert_eq!((shown(before(end)), shown(end)), (1, 0));
}

fn a_new_session_takes_the_place_of_an_expired_one(make: Make) {
    let (store, old, end) = ending(make);
    let new = store.create(&key(1), b"new", end);
    assert_ne!(old, new);
    let there = store.there(&key(1), end);
    assert_eq!(there.version, new);
    assert!(there.owner.is_guest());
    assert_eq!(store.stats().unwrap().sessions, 1);
    assert_eq!(store.stats().unwrap().expired, 1);
}

fn a_session_that_ends_at_once_is_absent_at_once(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for end in [now, before(now), Timestamp::from_millis(0)] {
        let version = stored(store.commit(&key(1), Expect::Absent, write(b"x", now).until(end), now));
        assert_eq!(store.load(&key(1), now).unwrap(), None);
        let outcome = store.commit(&key(1), Expect::Version(version), write(b"y", now), now);
        assert_eq!(outcome.unwrap(), Commit::Gone);
    }
    // The same by a commit to a session that is there, and by a touch.
    let version = store.create(&key(2), b"x", now);
    stored(store.commit(&key(2), Expect::Version(version), write(b"x", now).until(now), now));
    assert!(!store.is_there(&key(2), now));
    store.create(&key(3), b"x", now);
    assert!(store.touch(&key(3), now, now).unwrap());
    assert!(!store.is_there(&key(3), now));
}

fn a_session_may_last_for_ever(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    stored(store.commit(&key(1), Expect::Absent, write(b"x", now).until(Timestamp::NEVER), now));
    let far = now.after(seconds(1000 * 365 * 86400));
    assert_eq!(store.there(&key(1), far).expires, Timestamp::NEVER);
    assert_eq!(store.collect(far).unwrap(), 0);
    assert!(store.is_there(&key(1), far));
}

fn each_session_ends_at_its_own_time(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..200 {
        let end = now.after(seconds(n + 1));
        stored(store.commit(&key(n), Expect::Absent, write(b"x", now).until(end), now));
    }
    for passed in 0..=200 {
        let then = now.after(seconds(passed));
        let there = (0..200).filter(|n| store.is_there(&key(*n), then)).count() as u64;
        assert_eq!(there, 200 - passed);
    }
}
