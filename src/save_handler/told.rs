//! What the audit log is told of `$_SESSION`. ext/session gives a session another id in two steps: it writes or destroys
//! it under the old id, opens its handler anew and asks for a new id.

use std::cell::RefCell;

use holdfast_core::id::SessionId;
use holdfast_core::session::{Base, Ended, Id, Saved, Visit};

use super::ffi;
use crate::audit::{self, SessionName, What};

/// For which call of the application the handler is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Regenerate,
    Decode,
    Other,
}

fn call() -> Call {
    // SAFETY: looks at the calls that are running.
    match unsafe { ffi::hf_session_call() } {
        1 => Call::Regenerate,
        2 => Call::Decode,
        _ => Call::Other,
    }
}

/// Is it called for session_regenerate_id()?
pub(super) fn is_regenerating() -> bool {
    call() == Call::Regenerate
}

struct Left {
    name: SessionName,
    user: Option<Vec<u8>>,
}

thread_local! {
    /// The stored session that session_regenerate_id() is about to leave.
    static LEFT: RefCell<Option<Left>> = const { RefCell::new(None) };
}

/// A session was written.
pub(super) fn saved(visit: &Visit, id: &Id, base: Option<&Base>, saved: &Saved) {
    audit::saved(visit, id, base, saved);
    if audit::is_on() && call() == Call::Regenerate {
        let user = saved.base.meta().user.clone();
        LEFT.set(Some(Left { name: SessionName::of(&visit.key(id)), user }));
    }
}

/// A session was destroyed, if there was one.
pub(super) fn ended(visit: &Visit, ended: Option<Ended>) {
    if !audit::is_on() {
        return;
    }
    match call() {
        Call::Regenerate => {
            LEFT.set(ended.map(|ended| Left { name: SessionName::of(&ended.key), user: ended.user }));
        }
        Call::Decode => audit::ended(What::Undecodable, visit, ended),
        Call::Other => audit::ended(What::Destroyed, visit, ended),
    }
}

/// A new id was made.
pub(super) fn issued(visit: &Visit, id: &SessionId) {
    if let Some(left) = LEFT.take()
        && call() == Call::Regenerate
    {
        audit::arrived(visit, left.name, id, left.user.as_deref());
    }
}

/// Forgets everything, between two requests.
pub(super) fn forget() {
    LEFT.set(None);
}
