//! Sessions ended by whoever runs the site: without an id, and whatever their cookies are called.

use std::{collections::HashSet, hash::BuildHasher, ops::ControlFlow, time::Duration};

use super::{Lifetimes, SessionError, Visit, owned::end_key, user};
use crate::{
    engine::{EngineError, Owner},
    key::Key,
    record::{Beginning, Handle, Kind, Meta},
    store::Store,
    survey::{beginning_of, beginnings},
};

/// No session is set up to live longer, so what holds for all sessions of a user is remembered for so long.
const LONGEST: Duration = Duration::from_hours(400 * 24);

/// Ends the session that has this handle, and what is remembered of its login; how many records that were, 0: there is none.
pub fn end_by_handle(store: &Store, handle: Handle) -> Result<u64, SessionError> {
    let mut records = 0;
    end_by_handles(store, &HashSet::from([handle]), &mut |ended| {
        records = ended;
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

/// Ends the sessions that have one of these handles, and what is remembered of their logins, until `each`, which is told how many
/// records are ended, breaks; how many of the handles named something.
pub fn end_by_handles(
    store: &Store,
    handles: &HashSet<Handle, impl BuildHasher>,
    each: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<u64, SessionError> {
    let visit = visit_of(store);
    let mut ended = HashSet::new();
    let mut records = 0;
    // A session that is being rotated can be under its new address where the first look has passed already.
    for _ in 0..2 {
        let mut found = found(&visit, |meta| handles.contains(&meta.handle))?;
        // What is remembered comes first, so that nobody is known again who was just sent away.
        found.sort_by_key(|record| record.kind != Kind::Remembered);
        for record in found {
            if end_key(&visit, &record.key)? {
                ended.insert(record.handle);
                records += 1;
            }
            if each(records).is_break() {
                return Ok(ended.len() as u64);
            }
        }
        if ended.len() == handles.len() {
            break;
        }
    }
    Ok(ended.len() as u64)
}

/// Ends all sessions of a user, by the application's own identifier, and all that is remembered of their logins; how many
/// devices that were. A login that was on its way when this began can't survive it (S17), unless it is the first of a user who
/// has no session.
pub fn end_of_user(store: &Store, user: &[u8]) -> Result<u64, SessionError> {
    let visit = visit_of(store);
    let is_theirs = |meta: &Meta| meta.user.as_deref() == Some(user);
    let owners: HashSet<Owner> = found(&visit, is_theirs)?.into_iter().map(|record| record.owner).collect();
    let mut devices = HashSet::new();
    for owner in owners {
        user::begin_generation_of(&visit, owner, |_| Ok(()))?;
        for summary in store.engine().owned(owner, visit.now)? {
            let Some(stored) = store.engine().peek(&summary.key, visit.now)? else { continue };
            let handle = beginning_of(&stored).map(|beginning| beginning.meta.handle);
            if end_key(&visit, &summary.key)? {
                devices.insert(handle);
            }
        }
    }
    Ok(devices.len() as u64)
}

/// As a request that has no cookie of its own.
fn visit_of(store: &Store) -> Visit {
    let lifetimes = Lifetimes::idle(LONGEST);
    Visit { now: store.engine().now(), store: store.clone(), cookie_name: String::new(), lifetimes }
}

/// A session, or a remembered login.
struct Found {
    key: Key,
    owner: Owner,
    kind: Kind,
    handle: Handle,
}

/// Sessions and remembered logins.
fn found(visit: &Visit, wanted: impl Fn(&Meta) -> bool) -> Result<Vec<Found>, EngineError> {
    let mut records = Vec::new();
    beginnings(visit.store.engine(), visit.now, &mut |summary, Beginning { kind, meta }| {
        if matches!(kind, Kind::Tree | Kind::Opaque | Kind::Remembered) && wanted(&meta) {
            records.push(Found { key: summary.key, owner: summary.owner, kind, handle: meta.handle });
        }
        ControlFlow::Continue(())
    })?;
    Ok(records)
}
