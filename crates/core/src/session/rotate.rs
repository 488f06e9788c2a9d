use std::time::Duration;

use super::{
    Base, Id, LATE, PATIENCE, REMEMBERED, Saved, SessionError, Understood, Visit, alias, millis,
    save::{Origin, on_top, save, save_from},
    tries, user,
};
use crate::{
    engine::{Commit, Expect, OfOwner, Owner, Write},
    id::SessionId,
    record::{self, Body, Meta, Record},
};

/// Moves a session, with our changes of `base` in `body`, to a new id. What other requests saved until then has moved
/// too.
///
/// For `grace` the old id leads to the new one, for requests that the browser had sent with it already; zero: it is dead
/// when this returns. A privilege that rises must rotate without grace: who has the id from before must not get in (S08).
///
/// The new session is stored before the old one ends, so a death in between loses nothing: it leaves a copy that
/// nobody has the id of, which expires. When another request has rotated the session already, ours joins it there, if
/// there is a grace.
pub fn rotate(
    visit: &Visit,
    old_id: &Id,
    base: &Base,
    body: Body<'_>,
    grace: Duration,
) -> Result<(SessionId, Saved), SessionError> {
    let id = visit.issue_for(base.owner)?;
    let renewed = |of: &Base| Meta { renewed: visit.now, ..of.meta().clone() };
    let successor = Successor { id, meta: &renewed, owner: base.owner };
    let (id, saved) = move_session(visit, old_id, base, body, grace, successor)?;
    if user::is_alive(visit, &saved.base, &OfOwner::NotAsked)? {
        return Ok((id, saved));
    }
    // All sessions of the user were ended while this one was on its way.
    super::end(visit, &Id::Issued(id))?;
    Err(SessionError::Gone)
}

/// What a session becomes that moves.
pub(super) struct Successor<'a> {
    /// Its new id.
    pub id: SessionId,
    /// Its meta, by the state that it continues.
    pub meta: &'a dyn Fn(&Base) -> Meta,
    /// Its owner.
    pub owner: Owner,
}

/// Moves a session to its successor; see [`rotate`].
pub(super) fn move_session(
    visit: &Visit,
    old_id: &Id,
    base: &Base,
    body: Body<'_>,
    grace: Duration,
    successor: Successor<'_>,
) -> Result<(SessionId, Saved), SessionError> {
    let Successor { id: new_id, meta, owner } = successor;
    let engine = visit.store.engine();
    let new = Id::Issued(new_id.clone());
    let origin = Origin { expect: Expect::Absent, meta: meta(base), owner };
    let mut saved = save_from(visit, &new, origin, None, body)?;
    alias::follow(visit, saved.base.meta(), &visit.key(&new))?;
    let mut old = (old_id.clone(), base.version);
    for () in tries() {
        let left_behind = left_behind(visit, &old.0, &new_id, grace)?;
        let left_behind = Write {
            record: &left_behind,
            expires: engine.now().after(grace).after(REMEMBERED),
            owner: Owner::GUEST,
        };
        let key = visit.key(&old.0);
        let theirs = match engine.commit(&key, Expect::Version(old.1), left_behind, visit.now)? {
            Commit::Stored(_) => return Ok((new_id, saved)),
            Commit::Gone => None,
            Commit::Conflict(theirs) => Some(Understood::of(theirs, &key)?),
        };
        match theirs {
            Some(Understood::Session(theirs)) => {
                old.1 = theirs.version;
                let record = on_top(visit, Some(base), body, &theirs)?;
                let expect = Expect::Version(saved.base.version);
                let origin = Origin { expect, meta: meta(&theirs), owner };
                saved = save_from(visit, &new, origin, Some(&saved.base), Record::parse(&record)?.body)?;
                saved.merged = true;
            }
            Some(Understood::Moved { .. }) if !grace.is_zero() => {
                engine.destroy(&visit.key(&new), visit.now)?;
                let saved = save(visit, old_id, Some(base), body)?;
                let there = saved.moved_to.clone().ok_or(SessionError::Gone)?;
                return Ok((there, saved));
            }
            // Without grace its new id must die, too.
            Some(Understood::Moved { meta, masked })
                if let Some(next) = visit.moved_to(&old.0, &meta, &masked) =>
            {
                // No commit has this version: the next round learns what is there.
                old = (Id::Issued(next), crate::engine::Version(0));
            }
            Some(Understood::Ended { .. } | Understood::Moved { .. }) | None => {
                engine.destroy(&visit.key(&new), visit.now)?;
                return Err(SessionError::Gone);
            }
        }
    }
    engine.destroy(&visit.key(&new), visit.now)?;
    Err(SessionError::Contended(PATIENCE))
}

/// Makes the id of a session that was just ended lead to another one for `grace`; nothing happens when something else
/// than that end stands under it. For applications that end a session and begin its successor in two steps.
pub fn lead(visit: &Visit, old_id: &Id, new_id: &SessionId, grace: Duration) -> Result<(), SessionError> {
    let (engine, key) = (visit.store.engine(), visit.key(old_id));
    let Some(stored) = engine.load(&key, visit.now)? else { return Ok(()) };
    let version = stored.version;
    if let Understood::Ended { .. } = Understood::of(stored, &key)? {
        let record = left_behind(visit, old_id, new_id, grace)?;
        let expires = engine.now().after(grace).after(REMEMBERED);
        let write = Write { record: &record, expires, owner: Owner::GUEST };
        // Whoever was faster has a reason of his own: the id stays dead.
        let (Commit::Stored(_) | Commit::Conflict(_) | Commit::Gone) =
            engine.commit(&key, Expect::Version(version), write, visit.now)?;
    }
    Ok(())
}

/// What stays under the old id: the way to the new one, or the memory of an end.
fn left_behind(
    visit: &Visit,
    old_id: &Id,
    new_id: &SessionId,
    grace: Duration,
) -> Result<Vec<u8>, SessionError> {
    let meta = |lifetime| Meta {
        renewed: visit.store.engine().now(),
        lifetime_ms: millis(lifetime),
        ..Meta::default()
    };
    Ok(match old_id {
        Id::Issued(old) if !grace.is_zero() => {
            let masked = old.mask(visit.store.secret(), new_id);
            record::write(&meta(grace), Body::Moved { masked: &masked })?
        }
        _ => record::write(&meta(LATE), Body::Ended)?,
    })
}
