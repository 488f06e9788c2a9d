use super::{Id, REMEMBERED, SessionError, TRIES, Understood, Visit};
use crate::{
    engine::{Commit, EngineError, Expect, Owner, Write},
    record::{self, Body, Meta},
};

/// Ends a session for good; true when there was one. Requests that began before can't save it any more, and nobody can
/// begin another one under its id for an hour. Of a session that has moved, the one that it has become ends too.
///
/// An id that the application chose itself is its own to begin again.
pub fn end(visit: &Visit, id: &Id) -> Result<bool, SessionError> {
    let (engine, key) = (visit.store.engine(), visit.key(id));
    if let Id::Chosen(_) = id {
        return Ok(engine.destroy(&key, visit.now)?);
    }
    let meta = Meta { renewed: visit.now, ..Meta::default() };
    let record = record::write(&meta, Body::Ended)?;
    let ended = Write { record: &record, expires: engine.now().after(REMEMBERED), owner: Owner::GUEST };
    let Some(mut stored) = engine.load(&key, visit.now)? else { return Ok(false) };
    for _ in 0..TRIES {
        let version = stored.version;
        // A record that can't be understood ends like any other.
        let found = Understood::of(stored);
        if let Ok(Understood::Ended) = found {
            return Ok(false);
        }
        match engine.commit(&key, Expect::Version(version), ended, visit.now) {
            Ok(Commit::Stored(_)) => {
                if let Ok(Understood::Moved { meta, masked }) = found
                    && let Some(new) = visit.moved_to(id, &meta, &masked)
                {
                    return end(visit, &Id::Issued(new));
                }
                return Ok(true);
            }
            Ok(Commit::Gone) => return Ok(true),
            Ok(Commit::Conflict(theirs)) => stored = theirs,
            // Without room to remember it, it is gone all the same.
            Err(EngineError::Full { .. }) => return Ok(engine.destroy(&key, visit.now)?),
            Err(error) => return Err(error.into()),
        }
    }
    Err(SessionError::Contended(TRIES))
}
