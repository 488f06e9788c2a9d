//! Remembered logins: a second, long-lived cookie by which a browser whose session has ended is logged in again.
//!
//! The cookie holds a [`Token`]: a selector and a verifier, of which the store has a keyed hash. Each time it is used it
//! gets another verifier. A token that was replaced before was copied, by a thief who came first or comes now; then the
//! remembered login ends, and every session that it has begun. Those are known by its handle: the session in which a login
//! is remembered and all that it begins have the same one, so to its owner they are one device.

use std::time::Duration;

use super::{Base, PATIENCE, SessionError, Visit, millis, owned, tries, user};
use crate::{
    engine::{Commit, Expect, Version, Write},
    key::Key,
    record::{self, Before, Body, MASKED, Meta, Record},
};

mod list;
mod restore;
mod token;

pub use list::{Remembered, remembered_of};
pub(super) use list::{end_remembered, join_generation};
pub use restore::{Keep, Known, Restored, Restoring, Theft, keep_remembered, known, restore};
pub use token::Token;

/// How long a token is good after it was replaced: for the parallel requests of a browser, and for one whose answer got
/// lost.
const GRACE: Duration = Duration::from_mins(1);

/// A token is replaced at this age although the session lives.
const REFRESHED_AFTER: Duration = Duration::from_hours(24);

/// So many browsers of a user are remembered; the one that was seen longest ago gives way.
const MOST: usize = 20;

/// What is stored of a remembered login.
struct Kept {
    key: Key,
    version: Version,
    meta: Meta,
    user: Vec<u8>,
    verifier: [u8; 32],
    before: Option<([u8; 32], [u8; MASKED])>,
}

impl Kept {
    /// What is stored under `key`; `None`: nothing that is still good for anything.
    fn load(visit: &Visit, key: Key) -> Result<Option<Self>, SessionError> {
        let Some(stored) = visit.store.engine().load(&key, visit.now)? else { return Ok(None) };
        let Record { meta, body } = Record::parse(&stored.record)?;
        let (Body::Remembered { verifier, before }, Some(user)) = (body, meta.user.clone()) else {
            return Ok(None);
        };
        if meta.generation < user::generation(visit, &user)? {
            return Ok(None);
        }
        let before = before.map(|Before { verifier, masked }| (*verifier, *masked));
        Ok(Some(Self { key, version: stored.version, meta, user, verifier: *verifier, before }))
    }

    /// Stores it with another meta, if it is still as it was loaded.
    fn amend(&self, visit: &Visit, meta: &Meta) -> Result<bool, SessionError> {
        let before = self.before.as_ref().map(|(verifier, masked)| Before { verifier, masked });
        let body = Body::Remembered { verifier: &self.verifier, before };
        store(visit, &self.key, Expect::Version(self.version), meta, body)
    }
}

/// True when it is stored; false when another request was faster.
fn store(
    visit: &Visit,
    key: &Key,
    expect: Expect,
    meta: &Meta,
    body: Body<'_>,
) -> Result<bool, SessionError> {
    let record = record::write(meta, body)?;
    let expires = meta.expires_after(meta.renewed);
    let owner = visit.owner_of(meta.user.as_deref().unwrap_or_default());
    let write = Write { record: &record, expires, owner };
    Ok(matches!(visit.store.engine().commit(key, expect, write, visit.now)?, Commit::Stored(_)))
}

/// Remembers the login of a session; the token for the browser. `None`: nobody is logged in, or the visit's lifetimes say
/// that nothing is remembered. What was remembered of the same device before ends.
pub fn remember(visit: &Visit, session: &Base) -> Result<Option<Token>, SessionError> {
    let of = session.meta();
    let (Some(user), false) = (&of.user, visit.lifetimes.remembered.is_zero()) else { return Ok(None) };
    list::make_room(visit, user, of.handle, MOST)?;
    let now = visit.store.engine().now();
    let secret = visit.store.secret();
    let meta = Meta {
        created: now,
        renewed: now,
        authenticated: of.authenticated,
        restored: of.restored,
        lifetime_ms: millis(visit.lifetimes.remembered),
        handle: of.handle,
        user: Some(user.clone()),
        generation: of.generation,
        client: of.client.clone(),
        ..Meta::default()
    };
    for () in tries() {
        let token = Token::issue(secret, &visit.cookie_name)?;
        let body = Body::Remembered { verifier: &token.kept(secret), before: None };
        if store(visit, &token.key(&visit.cookie_name), Expect::Absent, &meta, body)? {
            return Ok(Some(token));
        }
    }
    Err(SessionError::Contended(PATIENCE))
}

/// Forgets the login that a browser's token is for; true when it was remembered. Its session goes on.
pub fn forget(visit: &Visit, token: &Token) -> Result<bool, SessionError> {
    let key = token.key(&visit.cookie_name);
    Ok(Kept::load(visit, key)?.is_some() && owned::end_key(visit, &key)?)
}
