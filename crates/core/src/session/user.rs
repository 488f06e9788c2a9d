//! The generation of a user's sessions: a number that goes up when all of them are ended. A session that was begun under
//! an older one is dead, wherever it is and whenever it is stored, so nothing that is on its way survives the end (S17).

use super::{SessionError, TRIES, Visit};
use crate::{
    engine::{Commit, Expect, Owner, Version, Write},
    key::Key,
    record::{self, Body, Meta, Record},
    time::Timestamp,
};

/// How long a generation is remembered beyond the longest lifetime of a session: longer than any request runs, so that
/// one that was begun under an older generation can't be stored after it is forgotten.
const REMEMBERED: std::time::Duration = super::REMEMBERED;

/// The generation that a session of `user` must have to be alive; 0 when none was ever ended this way. A login asks for it
/// before it looks at the password.
pub fn generation(visit: &Visit, user: &[u8]) -> Result<u64, SessionError> {
    Ok(stored(visit, user)?.1)
}

fn stored(visit: &Visit, user: &[u8]) -> Result<(Expect, u64), SessionError> {
    let key = Key::of_user(&visit.cookie_name, user);
    Ok(match visit.store.engine().load(&key, visit.now)? {
        None => (Expect::Absent, 0),
        Some(stored) => (Expect::Version(stored.version), of_record(&stored.record)?),
    })
}

fn of_record(record: &[u8]) -> Result<u64, SessionError> {
    match Record::parse(record)? {
        Record { meta, body: Body::User } => Ok(meta.generation),
        Record { .. } => Err(super::NO_SESSION.into()),
    }
}

/// Whether a session of this meta may still be used: its user's sessions were not all ended, and it has not lived as long
/// as any may.
pub(super) fn is_alive(visit: &Visit, meta: &Meta) -> Result<bool, SessionError> {
    if visit.lifetimes.are_over(meta, visit.now) {
        return Ok(false);
    }
    match &meta.user {
        Some(user) => Ok(meta.generation >= generation(visit, user)?),
        None => Ok(true),
    }
}

/// Begins a new generation of the user's sessions, for which `prepare` is called with its number before it counts; it may
/// be called again with another one. The number.
pub(super) fn begin_generation(
    visit: &Visit,
    user: &[u8],
    mut prepare: impl FnMut(u64) -> Result<(), SessionError>,
) -> Result<u64, SessionError> {
    let engine = visit.store.engine();
    let key = Key::of_user(&visit.cookie_name, user);
    for _ in 0..TRIES {
        let now = engine.now();
        let (expect, current) = stored(visit, user)?;
        // Above every number that was given out, also by a record that has expired since.
        let next = now.as_millis().max(current + 1);
        prepare(next)?;
        let meta = Meta { generation: next, ..Meta::default() };
        let record = record::write(&meta, Body::User)?;
        let expires = remembered_until(visit, now);
        let write = Write { record: &record, expires, owner: Owner::SYSTEM };
        match engine.commit(&key, expect, write, visit.now)? {
            Commit::Stored(Version(_)) => return Ok(next),
            Commit::Conflict(_) | Commit::Gone => {}
        }
    }
    Err(SessionError::Contended(TRIES))
}

fn remembered_until(visit: &Visit, now: Timestamp) -> Timestamp {
    now.after(visit.lifetimes.guest.max(visit.lifetimes.member)).after(REMEMBERED)
}
