use std::time::Duration;

use super::{
    Base, Id, Saved, SessionError, Visit,
    owned::{self, end_key},
    remember::end_remembered,
    rotate::{Successor, move_session},
    save::{Origin, save_from},
    user,
};
use crate::{
    codec::root::{Root, RootWriter},
    engine::{Expect, OfOwner},
    id::SessionId,
    key::Key,
    record::{Body, Client, Handle, Meta},
};

/// How many sessions a user may have at once (S18).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// The number; 0: no limit.
    pub sessions: u32,
    /// What a login does that would be one too many.
    pub when_reached: WhenReached,
}

/// What a login does when the user has as many sessions as the limit allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenReached {
    /// It ends those that have been idle longest.
    #[default]
    EndOldest,
    /// It fails.
    Refuse,
}

/// Who logs in.
#[derive(Clone, Debug)]
pub struct Login<'a> {
    /// The application's own identifier of the user: 1 to 255 bytes.
    pub user: &'a [u8],
    /// [`super::generation`] as it was before the password was checked.
    pub generation: u64,
    /// The browser.
    pub client: Client,
    /// How many sessions the user may have, this one included.
    pub limit: Limit,
}

/// A login that was stored.
#[derive(Debug)]
pub struct LoggedIn {
    /// The session's id: another one than before (S05).
    pub id: SessionId,
    /// What is stored.
    pub saved: Saved,
    /// How many other sessions of the user were ended to keep to the limit.
    pub ended: u64,
}

/// How long a login waits for other logins of the same user, where there is a limit.
const PATIENCE: Duration = Duration::from_secs(10);

/// Logs a user in: `body`, which has the guest's values, becomes the user's session under a new id, and the id from before
/// is dead when this returns (S05, S08). `old` is the session that the visitor had, logged in or not; when another request
/// has ended it meanwhile, its values are not carried over.
///
/// Fails with [`SessionError::Overtaken`] when all sessions of the user were ended since [`super::generation`] was asked,
/// and with [`SessionError::LimitReached`]; then the visitor has the session that there was.
pub fn login(
    visit: &Visit,
    old: Option<(&Id, &Base)>,
    body: Body<'_>,
    login: &Login<'_>,
) -> Result<LoggedIn, SessionError> {
    let begins = Begins { handle: None, restored: false };
    enter(visit, old, body, login, begins)
}

/// What a login's session begins with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begins {
    /// Its handle; `None`: one of its own.
    pub handle: Option<Handle>,
    /// The visitor was known again, and nobody has shown a password.
    pub restored: bool,
}

/// As [`login()`].
pub(super) fn enter(
    visit: &Visit,
    old: Option<(&Id, &Base)>,
    body: Body<'_>,
    login: &Login<'_>,
    begins: Begins,
) -> Result<LoggedIn, SessionError> {
    let engine = visit.store.engine();
    let queue = Key::of_owner(visit.owner_of(login.user));
    let _lease =
        if login.limit.sessions == 0 { None } else { Some(engine.lock(&queue, PATIENCE, &mut || true)?) };
    let ended = make_room(visit, old.map(|(_, base)| base), login)?;
    let (id, saved) = begin(visit, old, body, login, begins)?;
    if user::is_alive(visit, &saved.base, &OfOwner::NotAsked)? {
        return Ok(LoggedIn { id, saved, ended });
    }
    super::end(visit, &Id::Issued(id))?;
    Err(SessionError::Overtaken)
}

/// Ends as many of the user's other sessions as the limit asks for.
fn make_room(visit: &Visit, own: Option<&Base>, login: &Login<'_>) -> Result<u64, SessionError> {
    if login.limit.sessions == 0 {
        return Ok(0);
    }
    let allowed = login.limit.sessions as usize - 1;
    let own = own.map(|base| base.meta().handle);
    let mut others = owned::sessions_of(visit, login.user)?;
    others.retain(|other| Some(other.meta().handle) != own);
    if others.len() <= allowed {
        return Ok(0);
    }
    if login.limit.when_reached == WhenReached::Refuse {
        return Err(SessionError::LimitReached(login.limit.sessions));
    }
    // The one that was used last stands first.
    let mut ended = 0;
    for idle in &others[allowed..] {
        ended += u64::from(end_key(visit, &idle.key)?);
        // Else its browser would begin another one at its next request.
        end_remembered(visit, login.user, idle.meta().handle)?;
    }
    Ok(ended)
}

fn begin(
    visit: &Visit,
    old: Option<(&Id, &Base)>,
    body: Body<'_>,
    login: &Login<'_>,
    begins: Begins,
) -> Result<(SessionId, Saved), SessionError> {
    let owner = visit.owner_of(login.user);
    let new_id = visit.issue_for(owner)?;
    let fresh = visit.new_meta(&Id::Issued(new_id.clone()));
    let meta = Meta {
        user: Some(login.user.to_vec()),
        generation: login.generation,
        client: Some(login.client.clone()),
        handle: begins.handle.unwrap_or(fresh.handle),
        restored: begins.restored,
        ..fresh
    };
    let successor = Successor { id: new_id.clone(), meta: &|_| meta.clone(), owner };
    if let Some((id, base)) = old {
        match move_session(visit, id, base, body, Duration::ZERO, successor) {
            Err(SessionError::Gone) => {}
            moved => return moved,
        }
    }
    let mut empty = Vec::new();
    let body = if old.is_some() {
        empty = RootWriter::new(visit.store.digests(), 0, empty).finish()?.0;
        Body::Tree(Root::parse(&empty)?)
    } else {
        body
    };
    let origin = Origin { expect: Expect::Absent, meta, owner };
    let saved = save_from(visit, &Id::Issued(new_id.clone()), origin, None, body)?;
    Ok((new_id, saved))
}
