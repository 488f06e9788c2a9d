//! Who is logged in: a login moves the session to an id of its own, and everybody who has the one from before is a guest.

use ext_php_rs::types::Zval;
use holdfast_core::client::challenge::Challenge;
use holdfast_core::codec::{decode, root::Root};
use holdfast_core::record::{Body, Client, Handle};
use holdfast_core::session::{self, Base, Id, Limit, LoggedIn, Login, OwnedSession, SessionError, Visit};

use super::browser;
use crate::audit::{self, What};
use crate::codec::sink::ZvalSink;
use crate::exception::Failure;
use crate::hooks;
use crate::request::{
    control_panel::Marks,
    cookie,
    save::{self, Assembled},
    session::{Phase, Reach, Session},
    variables,
};
use crate::users;
use crate::zend::{method::Arguments, string::PhpString, value};

/// The most bytes that a user's identifier may have.
const LONGEST_USER: usize = 255;

/// Why somebody may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogIn {
    /// Their password was right.
    Password,
    /// The application says so.
    Forced,
}

impl Session {
    /// The identifier of who is logged in; `None`: nobody.
    pub fn user_id(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.load()?;
        Ok(self.state.borrow().base.as_ref().and_then(|base| base.user().map(<[u8]>::to_vec)))
    }

    /// The object of who is logged in, as far as it is known in this request.
    pub fn known_user(&self) -> Option<Zval> {
        self.state.borrow().user.as_ref().map(value::copy)
    }

    /// Remembers the object of who is logged in, for this request; `None` forgets it.
    pub fn remember_user(&self, user: Option<Zval>) {
        let old = std::mem::replace(&mut self.state.borrow_mut().user, user);
        drop(old);
    }

    /// The object that knows the application's users.
    pub fn provider(&self) -> Option<Zval> {
        self.state.borrow().provider.as_ref().map(value::copy)
    }

    /// Sets the object that knows the application's users.
    pub fn set_provider(&self, provider: Zval) {
        let old = self.state.borrow_mut().provider.replace(provider);
        drop(old);
    }

    /// Asks hooks and subclasses whether the session of somebody who is logged in may be used. Where it may not, this
    /// request is a guest's, and the session stays as it is.
    pub(in crate::request) fn ask_for_the_member(&self) -> Result<(), Failure> {
        let Some(user) = self.state.borrow().base.as_ref().and_then(|base| base.user().map(users::id_value))
        else {
            return Ok(());
        };
        let arguments = [user];
        let valid = hooks::call_from_inside(
            &self.hooks,
            &self.user(),
            "isValidSession",
            Arguments::of(&arguments),
            |_| Ok(value::from_bool(true)),
        )?;
        if value::is_true(&valid) {
            return Ok(());
        }
        {
            let mut state = self.state.borrow_mut();
            state.id = None;
            state.was_rotated = false;
            state.challenge = None;
        }
        self.adopt(None, Vec::new())
    }

    /// The generation that a login of `user` belongs to which begins with this call.
    pub fn generation_of(&self, user: &[u8]) -> Result<u64, Failure> {
        Ok(session::generation(&self.visit()?, user)?)
    }

    /// Refuses what needs a cookie when it is too late for one, and what changes a session that is closed.
    pub fn refuse_late(&self, what: &str) -> Result<(), Failure> {
        if self.state.borrow().phase == Phase::Closed {
            return Err(Failure::InvalidState(format!("the session is closed: call start() before {what}")));
        }
        match cookie::headers_sent() {
            Some(reason) => Err(Failure::InvalidState(format!(
                "{what} needs a cookie, which cannot be sent: {reason}; call it before any output"
            ))),
            None => Ok(()),
        }
    }

    /// Logs in the user with this identifier, whose password was checked since `generation` was asked for: the session
    /// goes on under a new id, with new form tokens and these marks. The number of the user's other sessions that were
    /// ended to keep to the limit.
    pub fn log_in(&self, user: &[u8], generation: u64, by: LogIn, marks: Marks) -> Result<u64, Failure> {
        if user.is_empty() || user.len() > LONGEST_USER {
            return Err(Failure::InvalidArgument(format!(
                "the id of a user must have 1 to {LONGEST_USER} bytes; this one has {}",
                user.len()
            )));
        }
        self.load()?;
        self.refuse_late("login()")?;
        self.reset_tokens()?;
        let (before, made) = (self.mark(marks)?, self.generation.get());
        let stored = self.store_login(user, generation, by);
        if stored.is_err() && self.generation.get() == made {
            self.unmark(before);
        }
        stored
    }

    fn store_login(&self, user: &[u8], generation: u64, by: LogIn) -> Result<u64, Failure> {
        let visit = self.visit()?;
        let Some(place) = self.place() else { return Ok(0) };
        let assembled = self.assemble(&place)?;
        let root = Root::parse(&assembled.root).map_err(SessionError::from)?;
        let (challenge, client, limit) = self.credentials(&visit)?;
        let old_id = self.known_id().map(Id::Issued);
        let old = old_id.as_ref().zip(place.base.as_ref());
        let login = Login { user, generation, client, limit };
        let there = session::login(&visit, old, Body::Tree(root), &login)?;
        let what = if by == LogIn::Forced { What::LoginForced } else { What::LoggedIn };
        audit::logged_in(what, &visit, old.map(|(id, _)| id), &there);
        let ended = there.ended;
        self.enter(there, assembled, challenge)?;
        // Whether this browser is to be remembered is asked anew, by who logs in.
        self.forget_me()?;
        Ok(ended)
    }

    /// Goes on with the session of a login.
    pub(super) fn enter(
        &self,
        there: LoggedIn,
        assembled: Assembled,
        challenge: Option<Challenge>,
    ) -> Result<(), Failure> {
        {
            let mut state = self.state.borrow_mut();
            state.id = Some(there.id.clone());
            state.was_rotated = false;
            state.reach = Reach::Cookie;
            state.challenge = challenge.map(|challenge| challenge.as_str().to_owned());
        }
        // A variable that can't be stored is told at the end of the request, and is no reason against the login.
        let _ = self.adopt_saved(there.saved.base, assembled)?;
        self.send_cookie(&there.id);
        Ok(())
    }

    /// What a login remembers of the browser, with the challenge that it is given.
    pub(super) fn credentials(&self, visit: &Visit) -> Result<(Option<Challenge>, Client, Limit), Failure> {
        let state = self.state.borrow();
        let secret = visit.store.secret();
        let (challenge, client) = browser::remember(&state.options, secret)?;
        Ok((challenge, client, state.options.logins.limit))
    }

    /// The sessions of a user, the one that was used last first.
    pub fn sessions_of(&self, user: &[u8]) -> Result<Vec<OwnedSession>, Failure> {
        Ok(session::sessions_of(&self.visit()?, user)?)
    }

    /// The handle of this session; `None` before it is stored.
    pub fn handle(&self) -> Result<Option<Handle>, Failure> {
        self.load()?;
        Ok(self.state.borrow().base.as_ref().map(|base| base.meta().handle))
    }

    /// Ends one session of a user; true when there was one.
    pub fn end_one(&self, user: &[u8], handle: &Handle) -> Result<bool, Failure> {
        let visit = self.visit()?;
        let was_there = session::end_one(&visit, user, handle)?;
        audit::ended_by_user(What::EndedOne, &visit, user, was_there.into());
        Ok(was_there)
    }

    /// Ends all sessions of a user; how many.
    pub fn end_all(&self, user: &[u8]) -> Result<u64, Failure> {
        let visit = self.visit()?;
        let ended = session::end_all(&visit, user)?;
        audit::ended_by_user(What::EndedAll, &visit, user, ended);
        Ok(ended)
    }

    /// Ends all sessions of who is logged in, but this one; how many.
    pub fn end_others(&self) -> Result<u64, Failure> {
        self.load()?;
        self.save()?;
        let Some(id) = self.known_id().map(Id::Issued) else { return Ok(0) };
        let visit = self.visit()?;
        let ended = session::end_others(&visit, &id)?;
        if let Some(user) = self.user_id()? {
            audit::ended_by_user(What::EndedOthers, &visit, &user, ended);
        }
        self.reload()?;
        Ok(ended)
    }

    /// Records a login or a logout among the changes, as ProcessWire does.
    pub fn note_event(&self, what: &PhpString, old: &Zval, new: &Zval) -> Result<(), Failure> {
        if self.state.borrow().changes.is_on() {
            self.note_change(what, Some(old), new)?;
        }
        Ok(())
    }

    /// A variable of another session; `None` when it has none of this name, or is no tree of variables.
    pub fn value_of(base: &Base, name: &PhpString) -> Result<Option<Zval>, Failure> {
        let Some(root) = base.root() else { return Ok(None) };
        let root = Root::parse(root).map_err(SessionError::from)?;
        for entry in root.entries() {
            let entry = entry.map_err(SessionError::from)?;
            if save::name_of(entry.key) == name.as_bytes() {
                let mut sink = ZvalSink::new(name);
                let built = decode::decode_value(entry.value, &mut sink);
                return built.map(Some).map_err(|failure| variables::unreadable(name, &failure));
            }
        }
        Ok(None)
    }

    /// Says that a login is running until the result is dropped.
    pub fn begin_login(&self) -> LoginRuns<'_> {
        self.logins.set(self.logins.get() + 1);
        LoginRuns(self)
    }

    /// Is a login running?
    pub fn is_logging_in(&self) -> bool {
        self.logins.get() > 0
    }

    /// What the core needs to know of this request, as of now.
    pub(in crate::request) fn visit(&self) -> Result<Visit, Failure> {
        let store = self.store()?;
        let state = self.state.borrow();
        Ok(state.options.visit(store, state.now))
    }
}

/// A login that is running.
pub struct LoginRuns<'a>(&'a Session);

impl Drop for LoginRuns<'_> {
    fn drop(&mut self) {
        self.0.logins.set(self.0.logins.get() - 1);
    }
}
