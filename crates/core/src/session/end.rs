use super::{Id, REMEMBERED, SessionError, TRIES, Understood, Visit};
use crate::{
    engine::{Commit, EngineError, Expect, Owner, Write},
    key::Key,
    record::{self, Body, Meta},
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
    let (engine, key) = (visit.store.engine(), visit.key(id));
    let unknown = || Ended { key, user: None };
    if let Id::Chosen(_) = id {
        return Ok(engine.destroy(&key, visit.now)?.then(unknown));
    }
    let meta = Meta { renewed: visit.now, ..Meta::default() };
    let record = record::write(&meta, Body::Ended)?;
    let ended = Write { record: &record, expires: engine.now().after(REMEMBERED), owner: Owner::GUEST };
    let Some(mut stored) = engine.load(&key, visit.now)? else { return Ok(None) };
    for _ in 0..TRIES {
        let version = stored.version;
        // A record that can't be understood ends like any other.
        let found = Understood::of(stored);
        if let Ok(Understood::Ended) = found {
            return Ok(None);
        }
        match engine.commit(&key, Expect::Version(version), ended, visit.now) {
            Ok(Commit::Stored(_)) => {
                return match found {
                    Ok(Understood::Session(base)) => Ok(Some(Ended { key, user: base.meta.user })),
                    Ok(Understood::Moved { meta, masked }) => match visit.moved_to(id, &meta, &masked) {
                        Some(new) => end_and_tell(visit, &Id::Issued(new)),
                        None => Ok(None),
                    },
                    Ok(Understood::Ended) | Err(_) => Ok(Some(unknown())),
                };
            }
            // It expired or gave way in between, and was not ours to end.
            Ok(Commit::Gone) => return Ok(None),
            Ok(Commit::Conflict(theirs)) => stored = theirs,
            // Without room to remember it, it is gone all the same.
            Err(EngineError::Full { .. }) => return Ok(engine.destroy(&key, visit.now)?.then(unknown)),
            Err(error) => return Err(error.into()),
        }
    }
    Err(SessionError::Contended(TRIES))
}
