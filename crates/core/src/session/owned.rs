//! All sessions of a user: listed, and ended (S16).

use super::{
    Base, Id, PATIENCE, SessionError, Understood, Visit, amend,
    end::end_stored,
    load,
    remember::{self, end_remembered},
    tries, user,
};
use crate::{
    engine::Stored,
    key::Key,
    record::{Handle, Meta, Record},
    session::Found,
    time::Timestamp,
};

/// One session of a user.
#[derive(Clone, Debug)]
pub struct OwnedSession {
    pub(super) key: Key,
    base: Base,
}

impl OwnedSession {
    /// What is known of it.
    pub fn meta(&self) -> &Meta {
        self.base.meta()
    }

    /// Its state.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// When it ends if nobody asks for it again.
    pub fn expires(&self) -> Timestamp {
        self.base.expires()
    }

    /// When it was asked for last.
    pub fn last_activity(&self) -> Timestamp {
        self.base.last_activity()
    }
}

/// The session that stands under `key`, if one does that is alive and can be read.
pub(super) fn at(visit: &Visit, key: &Key) -> Result<Option<OwnedSession>, SessionError> {
    let Some((stored, of_owner)) = visit.store.engine().load_with_owner(key, visit.now)? else {
        return Ok(None);
    };
    Ok(match Understood::of(stored, key) {
        Ok(Understood::Session(base)) if user::is_alive(visit, &base, &of_owner)? => {
            Some(OwnedSession { key: *key, base })
        }
        _ => None,
    })
}

/// The sessions of a user that are alive, the one that was used last first.
pub fn sessions_of(visit: &Visit, user: &[u8]) -> Result<Vec<OwnedSession>, SessionError> {
    let engine = visit.store.engine();
    let mut sessions: Vec<OwnedSession> = Vec::new();
    for summary in engine.owned(visit.owner_of(user), visit.now)? {
        // One that can't be read can't be shown; `end_all` ends it like any other.
        let Some(session) = at(visit, &summary.key)? else { continue };
        if session.base.user() != Some(user) {
            continue;
        }
        // A rotation stores the session under its new id before the old one ends; and a browser that was known again has
        // the newest one.
        match sessions.iter_mut().find(|other| other.meta().handle == session.meta().handle) {
            Some(other) if other.meta().renewed >= session.meta().renewed => {}
            Some(other) => *other = session,
            None => sessions.push(session),
        }
    }
    sessions.sort_by_key(|session| std::cmp::Reverse(session.last_activity()));
    Ok(sessions)
}

/// Ends the session of a user that has this handle, and what is remembered of its login; true when there was either.
pub fn end_one(visit: &Visit, user: &[u8], handle: &Handle) -> Result<bool, SessionError> {
    Ok(end_device(visit, user, handle)? > 0)
}

/// As [`end_one`]; how many sessions and remembered logins that were: one device may have several sessions, of which it has
/// the cookie of one.
pub(super) fn end_device(visit: &Visit, user: &[u8], handle: &Handle) -> Result<u64, SessionError> {
    let remembered = end_remembered(visit, user, *handle)?;
    // A session that is being rotated can be under its new id where the first look has passed already, and no more under
    // the old one where it has not; the second look sees it.
    for _ in 0..2 {
        let mut sessions = 0;
        for summary in visit.store.engine().owned(visit.owner_of(user), visit.now)? {
            if let Some(session) = at(visit, &summary.key)?
                && session.base.user() == Some(user)
                && session.meta().handle == *handle
            {
                sessions += u64::from(end_key(visit, &session.key)?);
            }
        }
        if sessions > 0 {
            return Ok(remembered + sessions);
        }
    }
    Ok(remembered)
}

/// Ends all sessions of a user, and all that is remembered of their logins; how many devices that were. A login that was on its way when this began can't survive it (S17).
pub fn end_all(visit: &Visit, user: &[u8]) -> Result<u64, SessionError> {
    user::begin_generation(visit, user, |_| Ok(()))?;
    sweep(visit, user, None)
}

/// Ends all sessions of the user who is logged in under `id` but that one; how many. As [`end_all`].
pub fn end_others(visit: &Visit, id: &Id) -> Result<u64, SessionError> {
    let mut own: Option<Meta> = None;
    let Found::Session { base, .. } = load(visit, id)? else { return Err(SessionError::Gone) };
    let Some(user) = base.user().map(<[u8]>::to_vec) else { return Ok(0) };
    user::begin_generation(visit, &user, |generation| {
        let joined = join_generation(visit, id, generation)?;
        remember::join_generation(visit, &user, joined.handle, generation)?;
        own = Some(joined);
        Ok(())
    })?;
    sweep(visit, &user, own.map(|own| own.handle))
}

/// Makes the session one of a generation that begins.
fn join_generation(visit: &Visit, id: &Id, generation: u64) -> Result<Meta, SessionError> {
    for () in tries() {
        let Found::Session { base, moved_to } = load(visit, id)? else { return Err(SessionError::Gone) };
        let at = moved_to.map_or_else(|| id.clone(), Id::Issued);
        let change = |meta: &mut Meta| meta.generation = generation;
        match amend(visit, &at, Some(&base), base.body()?, change) {
            Ok(Some(joined)) => return Ok(joined.meta().clone()),
            // Saved or rotated meanwhile.
            Ok(None) | Err(SessionError::Gone) => {}
            Err(error) => return Err(error),
        }
    }
    Err(SessionError::Contended(PATIENCE))
}

/// Ends every session of a user but the one with the handle `but`; how many.
fn sweep(visit: &Visit, user: &[u8], but: Option<Handle>) -> Result<u64, SessionError> {
    let engine = visit.store.engine();
    let mut ended = std::collections::HashSet::new();
    for summary in engine.owned(visit.owner_of(user), visit.now)? {
        let Some(stored) = engine.load(&summary.key, visit.now)? else { continue };
        let handle = handle_of(&stored);
        if but.is_some() && handle == but {
            continue;
        }
        if end_key(visit, &summary.key)? {
            ended.insert(handle);
        }
    }
    Ok(ended.len() as u64)
}

fn handle_of(stored: &Stored) -> Option<Handle> {
    Record::parse(&stored.record).ok().map(|record| record.meta.handle)
}

/// Ends the session that stands under `key`; false when there is none, or it has moved.
pub(super) fn end_key(visit: &Visit, key: &Key) -> Result<bool, SessionError> {
    Ok(end_stored(visit, key)?.ended.is_some())
}
