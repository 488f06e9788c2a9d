//! What whoever runs the site does to sessions by `Holdfast\Store`, which knows no cookies.

use holdfast_core::store::Store;
use holdfast_core::survey::Listed;

use super::{Event, REQUEST, SessionName, What, Who, event, is_on, remember};

/// A device was logged out: its session, where one was open, and what was remembered of its login. `by`: the operator, as the
/// caller names them.
pub fn ended_by_operator(store: &Store, session: Option<&Listed>, by: Option<&[u8]>) {
    if !is_on() {
        return;
    }
    let name = session.map(|session| SessionName::of(&session.key));
    if let Some(name) = name {
        REQUEST.with_borrow_mut(|request| remember(&mut request.left, name));
    }
    let who = |id: &[u8]| Who::user(store.secret(), id);
    let user = session.and_then(|session| session.user.as_deref()).map(who);
    event(|| Event { session: name, user, by: by.map(who), ..Event::new(What::EndedByOperator) });
}

/// So many devices of a user were logged out.
pub fn all_ended_by_operator(store: &Store, user: &[u8], count: u64, by: Option<&[u8]>) {
    if is_on() {
        let who = |id: &[u8]| Who::user(store.secret(), id);
        let (user, by) = (Some(who(user)), by.map(who));
        event(|| Event { user, by, count: Some(count), ..Event::new(What::EndedByOperator) });
    }
}
