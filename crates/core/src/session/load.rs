use super::{Base, Id, SessionError, Understood, Visit};
use crate::id::SessionId;

/// What is stored for an id.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing, as far as anybody remembers.
    Nothing,
    /// A session that was ended, or that has moved to another id: this one is dead.
    Ended,
    /// A session.
    Session {
        /// Its state.
        base: Base,
        /// The id that it has now, if that is another one: the visitor's cookie should get it.
        moved_to: Option<SessionId>,
    },
}

/// How often a session may have moved within the grace of its oldest id.
const MOVES: usize = 16;

/// Loads the session of an id. Of one that was rotated a moment ago, by way of its new id.
pub fn load(visit: &Visit, id: &Id) -> Result<Found, SessionError> {
    let mut moved_to = None;
    for _ in 0..MOVES {
        let at = moved_to.clone().map_or_else(|| id.clone(), Id::Issued);
        let Some(stored) = visit.store.engine().load(&visit.key(&at), visit.now)? else {
            return Ok(if moved_to.is_some() { Found::Ended } else { Found::Nothing });
        };
        match Understood::of(stored)? {
            Understood::Session(base) => return Ok(Found::Session { base, moved_to }),
            Understood::Ended => return Ok(Found::Ended),
            Understood::Moved { meta, masked } => match visit.moved_to(&at, &meta, &masked) {
                Some(new) => moved_to = Some(new),
                None => return Ok(Found::Ended),
            },
        }
    }
    Ok(Found::Ended)
}

/// Lets a session live for its lifetime from now on; true when it was there.
pub fn touch(visit: &Visit, id: &Id) -> Result<bool, SessionError> {
    let engine = visit.store.engine();
    Ok(engine.touch(&visit.key(id), engine.now().after(visit.lifetime), visit.now)?)
}
