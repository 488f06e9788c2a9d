//! Browsers that stay logged in: a second, long-lived cookie by which a visitor is known again whose session has ended.

use ext_php_rs::types::Zval;
use holdfast_core::codec::root::Root;
use holdfast_core::record::Body;
use holdfast_core::session::{
    self, Id, Keep, RememberToken, Remembered, Restored, Restoring, SessionError, Theft, Visit,
};

use super::browser;
use crate::audit::{self, What};
use crate::exception::Failure;
use crate::hooks;
use crate::request::{
    Options, Session,
    control_panel::Marks,
    cookie,
    session::{Phase, Reach},
};
use crate::users;
use crate::zend::{
    method::Arguments,
    value::{self, Kind},
};

/// The name of the cookie, by that of the session's.
pub fn cookie_name(session_cookie: &str) -> String {
    format!("{session_cookie}_remember")
}

/// The cookies of the name that the visitor shows, whatever is in them.
fn shown(session_cookie: &str) -> Vec<Vec<u8>> {
    cookie::brought(&cookie_name(session_cookie))
}

/// The token among them.
fn token_in(shown: &[Vec<u8>], visit: &Visit) -> Option<RememberToken> {
    shown.iter().find_map(|text| RememberToken::recognise(visit.store.secret(), &visit.cookie_name, text))
}

/// Forgets the login of the browser that makes this request, in the store alone; true when there was one.
pub fn forget_brought(visit: &Visit) -> Result<bool, Failure> {
    Ok(match token_in(&shown(&visit.cookie_name), visit) {
        Some(token) => session::forget(visit, &token)?,
        None => false,
    })
}

/// What the application says of a user who comes back.
enum Verdict {
    /// The user's object, where it is known.
    Admitted(Option<Zval>),
    Refused,
}

impl Session {
    /// Keeps this browser logged in beyond the end of the session.
    pub fn remember_me(&self) -> Result<(), Failure> {
        self.load()?;
        self.refuse_late("rememberMe()")?;
        let visit = self.visit()?;
        if visit.lifetimes.remembered.is_zero() {
            return Err(Failure::InvalidState(
                "no login is remembered: holdfast.remember_lifetime is 0".into(),
            ));
        }
        let base = self.state.borrow().base.clone();
        let token = match &base {
            Some(base) => session::remember(&visit, base)?,
            None => None,
        };
        let Some(token) = token else {
            return Err(Failure::InvalidState(
                "nobody is logged in: call login() before rememberMe()".into(),
            ));
        };
        audit::remembered(What::Remembered, &visit, base.as_ref().and_then(|base| base.user()), 1);
        self.show_token(Some(token));
        Ok(())
    }

    /// Forgets this browser; true when it was remembered. The session goes on.
    pub fn forget_me(&self) -> Result<bool, Failure> {
        let given = self.state.borrow().token.clone();
        if given.is_none() && shown(&self.cookie_name()).is_empty() {
            return Ok(false);
        }
        self.store()?;
        let visit = self.visit()?;
        let mut was_there = forget_brought(&visit)?;
        if let Some(token) = given {
            was_there |= session::forget(&visit, &token)?;
        }
        self.show_token(None);
        Ok(was_there)
    }

    /// Did the visitor come back by a remembered login, without a password?
    pub fn is_restored(&self) -> Result<bool, Failure> {
        Ok(self.meta()?.is_some_and(|meta| meta.restored && meta.user.is_some()))
    }

    /// The remembered logins of a user, the one that was used last first.
    pub fn remembered_of(&self, user: &[u8]) -> Result<Vec<Remembered>, Failure> {
        Ok(session::remembered_of(&self.visit()?, user)?)
    }

    /// Logs in a visitor who is remembered, and keeps one remembered who is logged in. Nothing happens when it is too late
    /// for a cookie: the next request has the token still.
    pub(in crate::request) fn know_again(&self) -> Result<(), Failure> {
        let (options, may) = {
            let state = self.state.borrow();
            let options = &state.options;
            let is_on = !options.remember_lifetime.is_zero() && options.id.is_none();
            let may = is_on && state.phase == Phase::Open && state.reach == Reach::Cookie;
            (options.clone(), may)
        };
        if !may {
            return Ok(());
        }
        let shown = shown(&options.full_cookie_name());
        if shown.is_empty() || cookie::headers_sent().is_some() {
            return Ok(());
        }
        self.store()?;
        let visit = self.visit()?;
        let Some(token) = token_in(&shown, &visit) else {
            self.show_token(None);
            return Ok(());
        };
        let member = {
            let state = self.state.borrow();
            let member = state.base.clone().filter(|base| base.user().is_some());
            member.zip(state.id.clone())
        };
        match member {
            Some((base, id)) => match session::keep_remembered(&visit, &id, &base, &token)? {
                Keep::AsItIs => Ok(()),
                Keep::Next(next) => {
                    self.show_token(Some(next));
                    Ok(())
                }
                Keep::Unknown => {
                    self.show_token(None);
                    Ok(())
                }
                Keep::Stolen(theft) => {
                    self.destroy_as(What::EndedOne)?;
                    self.tell_of_theft(&visit, &theft)
                }
            },
            None => self.come_back(&visit, &options, &token),
        }
    }

    /// Logs the visitor in whom a token is for.
    fn come_back(&self, visit: &Visit, options: &Options, token: &RememberToken) -> Result<(), Failure> {
        let Some(known) = session::known(visit, token)? else {
            self.show_token(None);
            return Ok(());
        };
        if !known.client.as_ref().is_none_or(|client| browser::fits(options, visit.store.secret(), client)) {
            audit::remembered(What::RejectedBrowser, visit, Some(&known.user), 1);
            return Ok(());
        }
        let Verdict::Admitted(user) = self.admit_remembered(visit, &known.user, token)? else {
            return Ok(());
        };
        let (challenge, client, limit) = self.credentials(visit)?;
        self.reset_tokens()?;
        drop(self.mark(Marks::default())?);
        let Some(place) = self.place() else { return Ok(()) };
        let assembled = self.assemble(&place)?;
        let root = Root::parse(&assembled.root).map_err(SessionError::from)?;
        let old_id = self.known_id().map(Id::Issued);
        let old = old_id.as_ref().zip(place.base.as_ref());
        let restoring = Restoring { token, client, limit };
        match session::restore(visit, old, Body::Tree(root), restoring) {
            Ok(Restored::LoggedIn { there, token }) => {
                audit::logged_in(What::LoginRemembered, visit, old.map(|(id, _)| id), &there);
                self.enter(*there, assembled, challenge)?;
                self.show_token(Some(token));
            }
            Ok(Restored::Joined { id, base, token }) => {
                {
                    let mut state = self.state.borrow_mut();
                    state.id = Some(id.clone());
                    // Its challenge comes with the answer to the request that was faster.
                    state.was_rotated = true;
                }
                self.adopt(Some(base), Vec::new())?;
                self.send_cookie(&id);
                self.show_token(Some(token));
            }
            Ok(Restored::Unknown) | Err(SessionError::Overtaken) => {
                self.show_token(None);
                return Ok(());
            }
            Ok(Restored::Stolen(theft)) => return self.tell_of_theft(visit, &theft),
            Err(SessionError::LimitReached(_)) => {
                audit::remembered(What::LimitRefused, visit, Some(&known.user), 1);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        self.remember_user(user);
        Ok(())
    }

    /// May this user come back without a password? Asked of the application's users, where it has given them by now. A user
    /// that is gone is forgotten.
    fn admit_remembered(&self, visit: &Visit, id: &[u8], token: &RememberToken) -> Result<Verdict, Failure> {
        let Some(provider) = self.provider() else { return Ok(Verdict::Admitted(None)) };
        let user = users::find_by_id(&provider, id)?;
        if value::kind(&user) == Kind::Null {
            session::forget(visit, token)?;
            self.show_token(None);
            return Ok(Verdict::Refused);
        }
        let _running = self.begin_login();
        let arguments = [value::from_string(users::name_of(&user)?), value::null()];
        let allowed = hooks::call_from_inside(
            &self.hooks,
            &self.user(),
            "allowLogin",
            Arguments::of(&arguments),
            |_| Ok(value::from_bool(true)),
        )?;
        if !value::is_true(&allowed) {
            audit::remembered(What::LoginNotAllowed, visit, Some(id), 1);
            return Ok(Verdict::Refused);
        }
        Ok(Verdict::Admitted(Some(user)))
    }

    /// A copy of the browser's cookie was used, by somebody else or now.
    fn tell_of_theft(&self, visit: &Visit, theft: &Theft) -> Result<(), Failure> {
        audit::remembered(What::RememberStolen, visit, Some(&theft.user), theft.ended);
        self.show_token(None);
        let arguments = [users::id_value(&theft.user)];
        hooks::call_from_inside(
            &self.hooks,
            &self.user(),
            "rememberStolen",
            Arguments::of(&arguments),
            |_| Ok(value::null()),
        )
        .map(drop)
    }

    /// Gives the browser a token; `None`: takes it away.
    pub(in crate::request) fn show_token(&self, token: Option<RememberToken>) {
        let mut state = self.state.borrow_mut();
        let options = &state.options;
        let given = token.as_ref().map(|token| (token.as_str(), options.remember_lifetime));
        cookie::give(options, &cookie_name(&options.full_cookie_name()), given, state.now);
        state.token = token;
    }
}
