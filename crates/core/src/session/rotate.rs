use std::time::Duration;

use super::{
    Base, Id, REMEMBERED, Saved, SessionError, TRIES, Understood, Visit, millis,
    save::{Origin, on_top, save, save_from},
};
use crate::{
    engine::{Commit, Expect, Owner, Write},
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
/// nobody has the id of, which expires. When another request has rotated the session already, ours joins it there.
pub fn rotate(
    visit: &Visit,
    old_id: &Id,
    base: &Base,
    body: Body<'_>,
    grace: Duration,
) -> Result<(SessionId, Saved), SessionError> {
    let engine = visit.store.engine();
    let old_key = visit.key(old_id);
    let new_id = SessionId::issue(visit.store.secret(), &visit.cookie_name)?;
    let new = Id::Issued(new_id.clone());
    let meta = Meta { renewed: visit.now, ..base.meta.clone() };
    let origin = Origin { expect: Expect::Absent, meta, owner: base.owner };
    let mut saved = save_from(visit, &new, origin, None, body)?;
    let left_behind = left_behind(visit, old_id, &new_id, grace)?;
    let left_behind = Write {
        record: &left_behind,
        expires: engine.now().after(grace).after(REMEMBERED),
        owner: Owner::GUEST,
    };
    let mut old = base.version;
    for _ in 0..TRIES {
        let theirs = match engine.commit(&old_key, Expect::Version(old), left_behind, visit.now)? {
            Commit::Stored(_) => return Ok((new_id, saved)),
            Commit::Gone => {
                engine.destroy(&visit.key(&new), visit.now)?;
                return Err(SessionError::Gone);
            }
            Commit::Conflict(theirs) => theirs,
        };
        match Understood::of(theirs)? {
            Understood::Session(theirs) => {
                old = theirs.version;
                let record = on_top(visit, Some(base), body, &theirs)?;
                saved = save(visit, &new, Some(&saved.base), Record::parse(&record)?.body)?;
                saved.merged = true;
            }
            Understood::Ended => {
                engine.destroy(&visit.key(&new), visit.now)?;
                return Err(SessionError::Gone);
            }
            Understood::Moved { .. } => {
                engine.destroy(&visit.key(&new), visit.now)?;
                let saved = save(visit, old_id, Some(base), body)?;
                let there = saved.moved_to.clone().ok_or(SessionError::Gone)?;
                return Ok((there, saved));
            }
        }
    }
    engine.destroy(&visit.key(&new), visit.now)?;
    Err(SessionError::Contended(TRIES))
}

/// Makes the id of a session that was just ended lead to another one for `grace`; nothing happens when something else
/// than that end stands under it. For applications that end a session and begin its successor in two steps.
pub fn lead(visit: &Visit, old_id: &Id, new_id: &SessionId, grace: Duration) -> Result<(), SessionError> {
    let (engine, key) = (visit.store.engine(), visit.key(old_id));
    let Some(stored) = engine.load(&key, visit.now)? else { return Ok(()) };
    let version = stored.version;
    if let Understood::Ended = Understood::of(stored)? {
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
    let meta = Meta { renewed: visit.store.engine().now(), lifetime_ms: millis(grace), ..Meta::default() };
    Ok(match old_id {
        Id::Issued(old) if !grace.is_zero() => {
            let masked = old.mask(visit.store.secret(), new_id);
            record::write(&meta, Body::Moved { masked: &masked })?
        }
        _ => record::write(&meta, Body::Ended)?,
    })
}
