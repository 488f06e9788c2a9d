use super::{Id, PATIENCE, REMEMBERED, SessionError, Understood, Visit, tries};
use crate::{
    engine::{Commit, EngineError, Expect, Owner, Write},
    key::Key,
    record::{self, Body, Meta, RecordError},
};

/// A session that was ended just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its address: of one that has moved, where it had moved to.
    pub key: Key,
    /// Who was logged in, where that is known.
    pub user: Option<Vec<u8>>,
}

/// Ends a session for good; true when there was one to end. Requests that began before can't save it any more, and nobody can
/// begin another one under its id for an hour. Of a session that has moved, the one that it has become ends too.
///
/// An id that the application chose itself is its own to begin again.
pub fn end(visit: &Visit, id: &Id) -> Result<bool, SessionError> {
    Ok(end_and_tell(visit, id)?.is_some())
}

/// As [`end()`]; which session that was, if there was one.
pub fn end_and_tell(visit: &Visit, id: &Id) -> Result<Option<Ended>, SessionError> {
    let key = visit.key(id);
    if let Id::Chosen(_) = id {
        let was_there = visit.store.engine().destroy(&key, visit.now)?;
        return Ok(was_there.then_some(Ended { key, user: None }));
    }
    let there = end_stored(visit, &key)?;
    if let Some((meta, masked)) = there.moved
        && let Some(new) = visit.moved_to(id, &meta, &masked)
    {
        return end_and_tell(visit, &Id::Issued(new));
    }
    Ok(there.ended)
}

/// What stood under an address that was ended.
#[derive(Default)]
pub(super) struct EndedThere {
    /// A session, or what could not be understood.
    pub ended: Option<Ended>,
    /// The way to where it had moved.
    pub moved: Option<(Meta, [u8; 32])>,
}

/// Puts the memory of an end in the place of whatever stands under `key`.
pub(super) fn end_stored(visit: &Visit, key: &Key) -> Result<EndedThere, SessionError> {
    let engine = visit.store.engine();
    let meta = Meta { renewed: visit.now, ..Meta::default() };
    let record = record::write(&meta, Body::Ended)?;
    let end = Write { record: &record, expires: engine.now().after(REMEMBERED), owner: Owner::GUEST };
    let Some(mut stored) = engine.load(key, visit.now)? else { return Ok(EndedThere::default()) };
    for () in tries() {
        let version = stored.version;
        let session = |user| EndedThere { ended: Some(Ended { key: *key, user }), moved: None };
        let there = match Understood::of(stored, key) {
            Ok(Understood::Ended { .. }) => return Ok(EndedThere::default()),
            Ok(Understood::Moved { meta, masked }) => EndedThere { ended: None, moved: Some((meta, masked)) },
            Ok(Understood::Session(base)) => session(base.user().map(<[u8]>::to_vec)),
            // It lives in another store, and would live on there: who wants to end it must hear that it was not.
            Err(elsewhere @ RecordError::Elsewhere) => return Err(elsewhere.into()),
            // A record that can't be understood ends like any other.
            Err(_) => session(None),
        };
        match engine.commit(key, Expect::Version(version), end, visit.now) {
            Ok(Commit::Stored(_)) => return Ok(there),
            // It expired or gave way in between, and was not ours to end.
            Ok(Commit::Gone) => return Ok(EndedThere::default()),
            Ok(Commit::Conflict(theirs)) => stored = theirs,
            // Without room to remember it, it is gone all the same.
            Err(EngineError::Full { .. }) => {
                let was_there = engine.destroy(key, visit.now)?;
                return Ok(EndedThere { ended: there.ended.filter(|_| was_there), ..there });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(SessionError::Contended(PATIENCE))
}
