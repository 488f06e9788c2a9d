use std::time::Duration;

use super::{Base, Id, SessionError, Understood, Visit, save, user};
use crate::{
    engine::{Newer, OfOwner, Stored},
    id::SessionId,
    key::Key,
};

/// What is stored for an id.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing, as far as anybody remembers.
    Nothing,
    /// A session that was ended, or that has moved to another id: this one is dead.
    Ended,
    /// The same, a moment ago and by a login: the visitor's browser has another id, or is about to get it. Who begins
    /// another session now, and sends its cookie, takes the login away from it.
    Superseded,
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
    load_at(visit, id, &visit.key(id))
}

/// As [`load`]; `key`: the address of `id`.
pub fn load_at(visit: &Visit, id: &Id, key: &Key) -> Result<Found, SessionError> {
    follow(visit, id, key, None, None)
}

/// As [`load`], for somebody who has a base that was stored under `key`, the address of `id`: while nobody else saves,
/// it is given back, and nothing is copied or read.
pub fn load_newer(visit: &Visit, id: &Id, key: &Key, known: &Base) -> Result<Found, SessionError> {
    match visit.store.engine().load_newer_with_owner(key, known.version, visit.now)? {
        (Newer::Nothing, _) => Ok(Found::Nothing),
        (Newer::Other(stored), of_owner) => follow(visit, id, key, Some((stored, of_owner)), Some(known)),
        (Newer::Same { expires }, of_owner) if user::is_alive(visit, known, &of_owner)? => {
            Ok(Found::Session { base: Base { expires, ..known.clone() }, moved_to: None })
        }
        (Newer::Same { .. }, _) => Ok(Found::Ended),
    }
}

/// Loads what the id leads to; `first`: what is stored under the id itself, if that is known, and `before` what was.
fn follow(
    visit: &Visit,
    id: &Id,
    key: &Key,
    mut first: Option<(Stored, OfOwner)>,
    before: Option<&Base>,
) -> Result<Found, SessionError> {
    let mut moved_to = None;
    for _ in 0..MOVES {
        let moved = moved_to.clone().map(Id::Issued);
        let (at, key) = moved.as_ref().map_or_else(|| (id, *key), |moved| (moved, visit.key(moved)));
        let loaded = match first.take() {
            Some(first) => Some(first),
            None => visit.store.engine().load_with_owner(&key, visit.now)?,
        };
        let Some((stored, of_owner)) = loaded else {
            return Ok(if moved_to.is_some() { Found::Ended } else { Found::Nothing });
        };
        match Understood::after(stored, &key, before)? {
            Understood::Session(base) => {
                return Ok(if user::is_alive(visit, &base, &of_owner)? {
                    Found::Session { base, moved_to }
                } else {
                    Found::Ended
                });
            }
            Understood::Ended { superseded_until } if visit.now < superseded_until => {
                return Ok(Found::Superseded);
            }
            Understood::Ended { .. } => return Ok(Found::Ended),
            Understood::Moved { meta, masked } => match visit.moved_to(at, &meta, &masked) {
                Some(new) => moved_to = Some(new),
                None => return Ok(Found::Ended),
            },
        }
    }
    Ok(Found::Ended)
}

/// Lets a session live for its lifetime from now on; true when it was there. Where the settings give it another lifetime
/// than it was saved with, it is saved with that one.
pub fn touch(visit: &Visit, id: &Id, base: &Base) -> Result<bool, SessionError> {
    let engine = visit.store.engine();
    if !base.has_lifetime_of(&visit.lifetimes) {
        match save::replace(visit, id, Some(base), base.body()?) {
            // Whoever was faster has used it just now; their record counts its end from their lifetime.
            Ok(Some(_) | None) => return Ok(true),
            Err(SessionError::Gone) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    let expires = base.meta.expires_after(engine.now());
    if let Some(secondary) = &base.meta.secondary {
        engine.touch(&Key::of_secondary(&visit.cookie_name, secondary), expires, visit.now)?;
    }
    Ok(engine.touch(base.key(), expires, visit.now)?)
}

/// How late a session may end: a touch for less is left out.
const RESOLUTION: Duration = Duration::from_secs(1);

/// Lets a session that was just loaded live on. Where that is a message to another process it is left for the end of the
/// request, which may save the session anyway, unless less than half of its life is left.
pub fn touch_at_open(visit: &Visit, id: &Id, base: &Base) -> Result<(), SessionError> {
    let may_wait = visit.store.engine().is_far()
        && base.has_lifetime_of(&visit.lifetimes)
        && base.expires.since(visit.now) >= Duration::from_millis(base.meta.lifetime_ms) / 2;
    if !may_wait {
        touch(visit, id, base)?;
    }
    Ok(())
}

/// Lets a session live on that a request has used and not changed: from now, where [`touch_at_open`] left that out or was
/// a second or more ago.
pub fn touch_at_end(visit: &Visit, id: &Id, base: &Base) -> Result<(), SessionError> {
    let engine = visit.store.engine();
    let now = engine.now();
    let gained = if engine.is_far() {
        base.meta().expires_after(now).since(base.expires)
    } else {
        now.since(visit.now)
    };
    if gained >= RESOLUTION {
        touch(visit, id, base)?;
    }
    Ok(())
}
