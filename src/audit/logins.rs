//! Logins, and sessions that their owner or an operator ends.

use holdfast_core::session::{Id, LoggedIn, Visit};
use holdfast_core::store::Store;

use super::{Event, SessionName, What, Who, about, event, is_on, user};

/// Somebody is logged in, and the session has another id. `old`: the one that it had; and how many of the user's sessions
/// were ended to keep to the limit.
pub fn logged_in(what: What, visit: &Visit, old: Option<&Id>, there: &LoggedIn) {
    if !is_on() {
        return;
    }
    let by = user(visit, there.saved.base.user());
    let new = Id::Issued(there.id.clone());
    event(|| Event {
        session: old.map(|id| SessionName::of(&visit.key(id))),
        to: Some(SessionName::of(&visit.key(&new))),
        user: by.clone(),
        ..about(what, visit, &new)
    });
    if there.ended > 0 {
        let cookie = Some(visit.cookie_name.as_bytes());
        event(|| Event { user: by, cookie, count: Some(there.ended), ..Event::new(What::LimitEnded) });
    }
    super::removals::removed_by(visit.store.engine());
}

/// What becomes of a remembered login of a user; `count`: how many sessions and logins it is about.
pub fn remembered(what: What, visit: &Visit, whose: Option<&[u8]>, count: u64) {
    if is_on() {
        let whose = user(visit, whose);
        let cookie = Some(visit.cookie_name.as_bytes());
        let count = (count > 1).then_some(count);
        event(|| Event { user: whose, cookie, count, ..Event::new(what) });
    }
}

/// A login was refused. The name that was tried shows as a hash.
pub fn login_refused(what: What, store: &Store, cookie_name: &str, tried: &[u8]) {
    event(|| Event {
        user: Some(Who::tried(store.secret(), tried)),
        cookie: Some(cookie_name.as_bytes()),
        ..Event::new(what)
    });
}

/// So many sessions of a user were ended by one who may.
pub fn ended_by_user(what: What, visit: &Visit, whose: &[u8], count: u64) {
    if count > 0 && is_on() {
        let whose = user(visit, Some(whose));
        let cookie = Some(visit.cookie_name.as_bytes());
        event(|| Event { user: whose, cookie, count: Some(count), ..Event::new(what) });
    }
}
