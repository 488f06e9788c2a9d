//! Secondary ids: names that the application gives to sessions, by which they are found again.

use super::{Base, Id, OwnedSession, PATIENCE, SessionError, Visit, amend, owned, tries};
use crate::{
    engine::{Commit, Expect, Owner, Write},
    key::Key,
    record::{self, Body, Meta, Record},
};

/// How often a session may be rotated while it is being looked up.
const MOVES: u32 = 16;

/// Names the session of `id`, and stores `body` with it, if it is still as `base` has it (`None`: if there is none);
/// `None` when it is not, and then nothing was changed. A name that another session has is this one's from now on; no
/// name takes it away.
pub fn set_secondary(
    visit: &Visit,
    id: &Id,
    base: Option<&Base>,
    body: Body<'_>,
    name: Option<&[u8]>,
) -> Result<Option<Base>, SessionError> {
    let named = amend(visit, id, base, body, |meta| meta.secondary = name.map(<[u8]>::to_vec))?;
    if let Some(base) = &named {
        follow(visit, base.meta(), &visit.key(id))?;
    }
    Ok(named)
}

/// The session that bears a name, if it is alive.
pub fn find_secondary(visit: &Visit, name: &[u8]) -> Result<Option<OwnedSession>, SessionError> {
    let engine = visit.store.engine();
    let alias = Key::of_secondary(&visit.cookie_name, name);
    for _ in 0..MOVES {
        let Some(stored) = engine.load(&alias, visit.now)? else { return Ok(None) };
        let Body::Alias { key } = Record::parse(&stored.record)?.body else {
            return Err(super::NO_SESSION.into());
        };
        let key = Key::from_bytes(*key);
        if let Some(session) = owned::at(visit, &key)?
            && session.meta().secondary.as_deref() == Some(name)
        {
            return Ok(Some(session));
        }
        // A rotation points the name at the new address before the old one ends.
        match engine.load(&alias, visit.now)? {
            Some(again) if again.version != stored.version => {}
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Points the name in `meta`, if there is one, at `key`.
pub(super) fn follow(visit: &Visit, meta: &Meta, key: &Key) -> Result<(), SessionError> {
    let Some(name) = &meta.secondary else { return Ok(()) };
    let engine = visit.store.engine();
    let alias = Key::of_secondary(&visit.cookie_name, name);
    let record = record::write(&Meta::default(), Body::Alias { key: key.as_bytes() })?;
    let mut expect = Expect::Absent;
    for () in tries() {
        let expires = meta.expires_after(engine.now());
        let write = Write { record: &record, expires, owner: Owner::SYSTEM };
        match engine.commit(&alias, expect, write, visit.now)? {
            Commit::Stored(_) => return Ok(()),
            Commit::Conflict(theirs) => expect = Expect::Version(theirs.version),
            Commit::Gone => expect = Expect::Absent,
        }
    }
    Err(SessionError::Contended(PATIENCE))
}
