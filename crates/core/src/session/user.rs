//! The generation of a user's sessions: a number that goes up when all of them are ended. A session that was begun under
//! an older one is dead, wherever it is and whenever it is stored, so nothing that is on its way survives the end (S17).
//! Beside it, the version of what sessions remember of the user.

use std::time::Duration;

use super::{Base, PATIENCE, SessionError, Visit, tries};
use crate::{
    engine::{Commit, Expect, OfOwner, Owner, Version, Write},
    key::Key,
    record::{self, Body, Meta, Record},
    time::Timestamp,
};

/// How long a generation is remembered beyond the longest lifetime of a session and of a remembered login: longer than any request runs, so that
/// one that was begun under an older generation can't be stored after it is forgotten.
const REMEMBERED: Duration = super::REMEMBERED;

/// The generation that a session of `user` must have to be alive; 0 when none was ever ended this way. A login asks for it
/// before it looks at the password.
pub fn generation(visit: &Visit, user: &[u8]) -> Result<u64, SessionError> {
    Ok(stored(visit, user)?.1.generation)
}

/// The version of what sessions remember of `user`; 0 when it never went up, or so long ago that it is forgotten. To be asked
/// before the application is asked for the data, which are then at least as young.
pub fn data_version(visit: &Visit, user: &[u8]) -> Result<u64, SessionError> {
    Ok(stored(visit, user)?.1.data_version)
}

/// How long data of a user are good at most after the application was asked for them: a rise of their version is remembered
/// for so long.
pub fn data_is_good_for(visit: &Visit) -> Duration {
    visit.lifetimes.guest.max(visit.lifetimes.member).saturating_add(REMEMBERED)
}

/// Says that what sessions remember of `user` is out of date: the version goes up, above every one that was given out.
pub fn raise_data_version(visit: &Visit, user: &[u8]) -> Result<u64, SessionError> {
    replace(visit, visit.owner_of(user), |now, current| {
        let next = now.as_millis().max(current.data_version + 1);
        Ok((UserRecord { data_version: next, ..current }, next))
    })
}

/// What is stored of a user.
#[derive(Clone, Copy, Default)]
struct UserRecord {
    generation: u64,
    data_version: u64,
}

fn stored(visit: &Visit, user: &[u8]) -> Result<(Expect, UserRecord), SessionError> {
    stored_of(visit, visit.owner_of(user))
}

fn stored_of(visit: &Visit, owner: Owner) -> Result<(Expect, UserRecord), SessionError> {
    let key = Key::of_owner(owner);
    Ok(match visit.store.engine().load(&key, visit.now)? {
        None => (Expect::Absent, UserRecord::default()),
        Some(stored) => (Expect::Version(stored.version), of_record(&stored.record)?),
    })
}

fn of_record(record: &[u8]) -> Result<UserRecord, SessionError> {
    match Record::parse(record)? {
        Record { meta, body: Body::User { data_version } } => {
            Ok(UserRecord { generation: meta.generation, data_version })
        }
        Record { .. } => Err(super::NO_SESSION.into()),
    }
}

/// Whether a session may still be used: its user's sessions were not all ended, and it has not lived as long as any may.
/// `of_owner` came with it.
pub(super) fn is_alive(visit: &Visit, session: &Base, of_owner: &OfOwner) -> Result<bool, SessionError> {
    let meta = session.meta();
    if visit.lifetimes.are_over(meta, visit.now) {
        return Ok(false);
    }
    if meta.user.is_none() {
        return Ok(true);
    }
    let loaded;
    let stored = match of_owner {
        OfOwner::Asked(stored) => stored,
        OfOwner::NotAsked => {
            // A session with a user is stored as that user's.
            loaded = visit.store.engine().load(&Key::of_owner(session.owner), visit.now)?;
            &loaded
        }
    };
    Ok(match stored {
        Some(stored) => meta.generation >= of_record(&stored.record)?.generation,
        None => true,
    })
}

/// Begins a new generation of the user's sessions, for which `prepare` is called with its number before it counts; it may
/// be called again with another one. The number.
pub(super) fn begin_generation(
    visit: &Visit,
    user: &[u8],
    prepare: impl FnMut(u64) -> Result<(), SessionError>,
) -> Result<u64, SessionError> {
    begin_generation_of(visit, visit.owner_of(user), prepare)
}

/// The same by the number that stands beside the user's sessions.
pub(super) fn begin_generation_of(
    visit: &Visit,
    owner: Owner,
    mut prepare: impl FnMut(u64) -> Result<(), SessionError>,
) -> Result<u64, SessionError> {
    replace(visit, owner, |now, current| {
        // Above every number that was given out, also by a record that has expired since.
        let next = now.as_millis().max(current.generation + 1);
        prepare(next)?;
        Ok((UserRecord { generation: next, ..current }, next))
    })
}

/// Stores what `change` makes of what is stored of a user; it may be called again.
fn replace(
    visit: &Visit,
    owner: Owner,
    mut change: impl FnMut(Timestamp, UserRecord) -> Result<(UserRecord, u64), SessionError>,
) -> Result<u64, SessionError> {
    let engine = visit.store.engine();
    let key = Key::of_owner(owner);
    for () in tries() {
        let now = engine.now();
        let (expect, current) = stored_of(visit, owner)?;
        let (UserRecord { generation, data_version }, made) = change(now, current)?;
        let meta = Meta { generation, ..Meta::default() };
        let record = record::write(&meta, Body::User { data_version })?;
        let expires = now.after(visit.lifetimes.longest().saturating_add(REMEMBERED));
        let write = Write { record: &record, expires, owner: Owner::SYSTEM };
        match engine.commit(&key, expect, write, visit.now)? {
            Commit::Stored(Version(_)) => return Ok(made),
            Commit::Conflict(_) | Commit::Gone => {}
        }
    }
    Err(SessionError::Contended(PATIENCE))
}
