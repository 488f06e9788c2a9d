//! What requests do to sessions: begin them, give them other ids, end them.

use holdfast_core::id::SessionId;
use holdfast_core::session::{Base, Ended, Id, Saved, Visit};

use super::removals::removed_by;
use super::{Event, REQUEST, SessionName, What, about, event, is_on, remember, user};

/// A session was saved, and `base` is what the request had loaded: without one, and if nobody else had begun it, it
/// begins now. Also tells what gave way to it.
pub fn saved(visit: &Visit, id: &Id, base: Option<&Base>, saved: &Saved) {
    if base.is_none() && !saved.merged {
        created(visit, id);
    }
    removed_by(visit.store.engine());
}

/// The same of a session that was saved as the only one.
pub fn replaced(visit: &Visit, id: &Id, base: Option<&Base>) {
    if base.is_none() {
        created(visit, id);
    }
    removed_by(visit.store.engine());
}

/// The first record of a session was stored.
fn created(visit: &Visit, id: &Id) {
    if !is_on() {
        return;
    }
    let what = if let Id::Issued(_) = id { What::Created } else { What::CreatedChosen };
    let created = about(what, visit, id);
    let has_arrived = REQUEST.with_borrow_mut(|request| {
        let before = request.arrived.len();
        request.arrived.retain(|name| Some(*name) != created.session);
        request.arrived.len() < before
    });
    if !has_arrived {
        event(|| created);
    }
}

/// A session has another id now, unless it was another request that has given it one.
pub fn rotated(what: What, visit: &Visit, old: &Id, new: &SessionId, saved: &Saved) {
    if saved.moved_to.is_none() && is_on() {
        rotated_to(what, visit, SessionName::of(&visit.key(old)), new, saved.base.meta().user.as_deref());
    }
}

/// The session `old` goes on under another id, where nothing is stored yet.
pub fn arrived(visit: &Visit, old: SessionName, new: &SessionId, by: Option<&[u8]>) {
    let name = SessionName::of(&visit.key(&Id::Issued(new.clone())));
    REQUEST.with_borrow_mut(|request| remember(&mut request.arrived, name));
    rotated_to(What::Regenerated, visit, old, new, by);
}

fn rotated_to(what: What, visit: &Visit, old: SessionName, new: &SessionId, by: Option<&[u8]>) {
    REQUEST.with_borrow_mut(|request| remember(&mut request.left, old));
    let to = SessionName::of(&visit.key(&Id::Issued(new.clone())));
    let user = user(visit, by);
    event(|| Event {
        session: Some(old),
        to: Some(to),
        user,
        ..about(what, visit, &Id::Issued(new.clone()))
    });
}

/// The control panel was taken from a session.
pub fn locked(what: What, visit: &Visit, id: &Id, of: Option<&[u8]>) {
    if is_on() {
        event(|| Event { user: user(visit, of), ..about(what, visit, id) });
    }
}

/// A session was ended, if there was one.
pub fn ended(what: What, visit: &Visit, ended: Option<Ended>) {
    let Some(ended) = ended.filter(|_| is_on()) else { return };
    let session = SessionName::of(&ended.key);
    REQUEST.with_borrow_mut(|request| remember(&mut request.left, session));
    event(|| Event {
        session: Some(session),
        user: user(visit, ended.user.as_deref()),
        cookie: Some(visit.cookie_name.as_bytes()),
        ..Event::new(what)
    });
}
