//! A browser that is known again.

use std::time::Duration;

use super::{GRACE, Kept, REFRESHED_AFTER, SessionError, Token, Visit, millis, owned, store};
use crate::{
    engine::Expect,
    id::SessionId,
    record::{Before, Body, Client, Meta},
    session::{
        Base, Found, Id, Limit, LoggedIn, Login, load,
        login::{Begins, enter},
    },
};

/// How long a browser's requests wait for each other while one of them is logged in.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of a browser by its token, before anything is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who is remembered.
    pub user: Vec<u8>,
    /// The browser, as it was when it was used last.
    pub client: Option<Client>,
}

/// Whom a token is for; `None`: nobody any more.
pub fn known(visit: &Visit, token: &Token) -> Result<Option<Known>, SessionError> {
    let kept = Kept::load(visit, token.key(&visit.cookie_name))?;
    Ok(kept.map(|kept| Known { user: kept.user, client: kept.meta.client }))
}

/// A browser that is to be logged in by its token.
#[derive(Clone, Debug)]
pub struct Restoring<'a> {
    /// What it shows.
    pub token: &'a Token,
    /// What its session is to remember of it.
    pub client: Client,
    /// How many sessions the user may have, this one included.
    pub limit: Limit,
}

/// A token was used that had been replaced before, so there is a copy of it: what was remembered has ended, and every
/// session that it had begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theft {
    /// Of whom.
    pub user: Vec<u8>,
    /// How many sessions and remembered logins were ended.
    pub ended: u64,
}

/// What became of it.
#[derive(Debug)]
pub enum Restored {
    /// Nothing is remembered for this token any more.
    Unknown,
    /// There is a copy of the token.
    Stolen(Theft),
    /// The visitor is logged in.
    LoggedIn {
        /// The session.
        there: Box<LoggedIn>,
        /// What the browser has to show from now on.
        token: Token,
    },
    /// Another request of this browser was faster: this is its session.
    Joined {
        /// Its id.
        id: SessionId,
        /// Its state.
        base: Base,
        /// What the browser has to show from now on.
        token: Token,
    },
}

/// Logs in the user whom a token is for: `body`, which has the guest's values, becomes their session, as by
/// [`crate::session::login()`], which says what else may fail. Then nothing has changed.
pub fn restore(
    visit: &Visit,
    old: Option<(&Id, &Base)>,
    body: Body<'_>,
    restoring: Restoring<'_>,
) -> Result<Restored, SessionError> {
    let Restoring { token, client, limit } = restoring;
    let (secret, key) = (visit.store.secret(), token.key(&visit.cookie_name));
    // One after the other, so that those who come later join the first one's session.
    let _turn = visit.store.engine().lock(&key, PATIENCE, &mut || true)?;
    let Some(kept) = Kept::load(visit, key)? else { return Ok(Restored::Unknown) };
    match kept.standing(visit, token) {
        Standing::Current => {}
        Standing::Replaced(Some((token, id))) => {
            return Ok(match load(visit, &Id::Issued(id.clone()))? {
                Found::Session { base, moved_to } if base.user() == Some(&kept.user) => {
                    Restored::Joined { id: moved_to.unwrap_or(id), base, token }
                }
                _ => Restored::Unknown,
            });
        }
        Standing::Replaced(None) => return Ok(Restored::Stolen(kept.end_stolen(visit)?)),
    }
    let login = Login { user: &kept.user, generation: kept.meta.generation, client: client.clone(), limit };
    let begins = Begins { handle: Some(kept.meta.handle), restored: true };
    let there = enter(visit, old, body, &login, begins)?;
    let next = token.successor(secret, &visit.cookie_name)?;
    if kept.replace(visit, token, &next, &there.id, Meta { client: Some(client), ..kept.meta.clone() })? {
        return Ok(Restored::LoggedIn { there: Box::new(there), token: next });
    }
    // Forgotten while it was used.
    crate::session::end(visit, &Id::Issued(there.id))?;
    Ok(Restored::Unknown)
}

/// What became of a token whose browser has its session still.
#[derive(Debug, PartialEq, Eq)]
pub enum Keep {
    /// It is good as it is, or not this session's.
    AsItIs,
    /// The browser has to show this one from now on.
    Next(Token),
    /// There is a copy of it.
    Stolen(Theft),
    /// Nothing is remembered for it any more.
    Unknown,
}

/// Keeps a login remembered while its session `id` lives: once a day its token is replaced, and the time that it is
/// remembered begins anew.
pub fn keep_remembered(
    visit: &Visit,
    id: &SessionId,
    session: &Base,
    token: &Token,
) -> Result<Keep, SessionError> {
    let Some(kept) = Kept::load(visit, token.key(&visit.cookie_name))? else { return Ok(Keep::Unknown) };
    if session.meta().handle != kept.meta.handle || session.user() != Some(&kept.user) {
        return Ok(Keep::AsItIs);
    }
    match kept.standing(visit, token) {
        Standing::Current if visit.now.since(kept.meta.renewed) < REFRESHED_AFTER => Ok(Keep::AsItIs),
        Standing::Current => {
            let next = token.successor(visit.store.secret(), &visit.cookie_name)?;
            let is_stored = kept.replace(visit, token, &next, id, kept.meta.clone())?;
            Ok(if is_stored { Keep::Next(next) } else { Keep::AsItIs })
        }
        Standing::Replaced(Some((next, _))) => Ok(Keep::Next(next)),
        Standing::Replaced(None) => Ok(Keep::Stolen(kept.end_stolen(visit)?)),
    }
}

/// What a token is to the remembered login of its selector.
enum Standing {
    /// The one that the browser should show.
    Current,
    /// It was replaced: a moment ago by this one, which began this session, or longer ago.
    Replaced(Option<(Token, SessionId)>),
}

impl Kept {
    fn standing(&self, visit: &Visit, token: &Token) -> Standing {
        let secret = visit.store.secret();
        if token.is_kept_as(secret, &self.verifier) {
            return Standing::Current;
        }
        let is_fresh = visit.now < self.meta.renewed.after(GRACE);
        Standing::Replaced(self.before.as_ref().and_then(|(before, masked)| {
            (is_fresh && token.is_kept_as(secret, before))
                .then(|| token.unmask(secret, &visit.cookie_name, masked))
                .flatten()
        }))
    }

    /// Replaces the token; false when the remembered login has changed or ended meanwhile.
    fn replace(
        &self,
        visit: &Visit,
        token: &Token,
        next: &Token,
        session: &SessionId,
        meta: Meta,
    ) -> Result<bool, SessionError> {
        let secret = visit.store.secret();
        let lifetime_ms = millis(visit.lifetimes.remembered);
        let meta = Meta { renewed: visit.store.engine().now(), lifetime_ms, ..meta };
        let masked = token.mask(secret, next, session);
        let before = Some(Before { verifier: &self.verifier, masked: &masked });
        let body = Body::Remembered { verifier: &next.kept(secret), before };
        store(visit, &self.key, Expect::Version(self.version), &meta, body)
    }

    /// Ends it, and every session that it has begun.
    fn end_stolen(self, visit: &Visit) -> Result<Theft, SessionError> {
        let ended = owned::end_device(visit, &self.user, &self.meta.handle)?;
        Ok(Theft { user: self.user, ended })
    }
}
