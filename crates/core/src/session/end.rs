use super::{Id, REMEMBERED, SessionError, TRIES, Understood, Visit};
use crate::{
    engine::{Commit, EngineError, Expect, Owner, Write},
    key::Key,
    record::{self, Body, Meta},
};

/// Ends a session for good; true when there was one. Requests that began before can't save it any more, and nobody can
/// begin another one under its id for an hour. Of a session that has moved, the one that it has become ends too.
///
/// An id that the application chose itself is its own to begin again.
pub fn end(visit: &Visit, id: &Id) -> Result<bool, SessionError> {
    let key = visit.key(id);
    if let Id::Chosen(_) = id {
        return Ok(visit.store.engine().destroy(&key, visit.now)?);
    }
    let ended = end_stored(visit, &key)?;
    if let Some((meta, masked)) = ended.moved
        && let Some(new) = visit.moved_to(id, &meta, &masked)
    {
        return end(visit, &Id::Issued(new));
    }
    Ok(ended.is_session)
}

/// What stood under an address whose session was ended.
#[derive(Default)]
pub(super) struct EndedThere {
    /// A session, or what could not be understood.
    pub is_session: bool,
    /// The way to where it had moved.
    pub moved: Option<(Meta, [u8; 32])>,
}

/// Puts the memory of an end in the place of whatever stands under `key`.
pub(super) fn end_stored(visit: &Visit, key: &Key) -> Result<EndedThere, SessionError> {
    let engine = visit.store.engine();
    let meta = Meta { renewed: visit.now, ..Meta::default() };
    let record = record::write(&meta, Body::Ended)?;
    let ended = Write { record: &record, expires: engine.now().after(REMEMBERED), owner: Owner::GUEST };
    let Some(mut stored) = engine.load(key, visit.now)? else { return Ok(EndedThere::default()) };
    for _ in 0..TRIES {
        let version = stored.version;
        let there = match Understood::of(stored) {
            Ok(Understood::Ended) => return Ok(EndedThere::default()),
            Ok(Understood::Moved { meta, masked }) => {
                EndedThere { is_session: false, moved: Some((meta, masked)) }
            }
            // A record that can't be understood ends like any other.
            Ok(Understood::Session(_)) | Err(_) => EndedThere { is_session: true, moved: None },
        };
        match engine.commit(key, Expect::Version(version), ended, visit.now) {
            Ok(Commit::Stored(_)) => return Ok(there),
            Ok(Commit::Gone) => return Ok(EndedThere::default()),
            Ok(Commit::Conflict(theirs)) => stored = theirs,
            // Without room to remember it, it is gone all the same.
            Err(EngineError::Full { .. }) => {
                let is_session = engine.destroy(key, visit.now)? && there.is_session;
                return Ok(EndedThere { is_session, ..there });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(SessionError::Contended(TRIES))
}
