//! The life of a session in a request: opened, closed, destroyed, moved to a new id.

use std::time::Duration;

use holdfast_core::codec::root::Root;
use holdfast_core::id::SessionId;
use holdfast_core::record::Body;
use holdfast_core::session::{self, Id, SessionError};

use super::session::{Phase, Place, Reach, Session};
use super::{cookie, is_taken};
use crate::audit::{self, What};
use crate::exception::Failure;
use crate::settings;
use crate::worker_cache;
use crate::zend::error;

impl Session {
    /// Opens the session; after a close, as it is stored now.
    pub fn start(&self) -> Result<(), Failure> {
        self.reopen();
        self.load()
    }

    /// A closed session is to be read again when it is used.
    pub fn reopen(&self) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Closed {
            state.phase = Phase::Unread;
        }
    }

    /// Saves, and refuses changes from now on. When saving fails the session stays open.
    pub fn close(&self) -> Result<(), Failure> {
        let was_unread = self.state.borrow().phase == Phase::Unread;
        if was_unread {
            self.load()?;
        }
        if self.end_flash()? || !was_unread {
            self.save()?;
        }
        let mut state = self.state.borrow_mut();
        state.phase = Phase::Closed;
        state.lease = None;
        Ok(())
    }

    /// Ends the session for good. Also one that can't be read.
    pub fn destroy(&self) -> Result<(), Failure> {
        self.destroy_as(What::Destroyed)
    }

    /// As [`Session::destroy`]; `what` is told to the audit log.
    pub(super) fn destroy_as(&self, what: What) -> Result<(), Failure> {
        let (options, known_id, is_unread) = {
            let state = self.state.borrow();
            (state.options.clone(), state.id.clone(), state.phase == Phase::Unread)
        };
        let has_cookie = cookie::is_brought(&options);
        let id = match known_id {
            None if is_unread && (has_cookie || options.id.is_some()) => {
                cookie::id_of_visitor(&options, &self.store()?)?
            }
            known => known,
        };
        if let Some(id) = &id {
            let store = self.store()?;
            let visit = options.visit(store.clone(), store.engine().now());
            audit::ended(what, &visit, session::end_and_tell(&visit, &Id::Issued(id.clone()))?);
            if let Some(cache) = worker_cache::Place::of(&visit.store) {
                cache.forget(&visit.key(&Id::Issued(id.clone())));
            }
        }
        self.adopt(None, Vec::new())?;
        self.reset_changes();
        self.forget_flash();
        {
            let mut state = self.state.borrow_mut();
            state.phase = Phase::Open;
            state.id = None;
            state.has_cookie = has_cookie;
            state.reach = Reach::Cookie;
            state.lease = None;
        }
        self.remove_cookie();
        self.forget_me()?;
        if error::is_pending() { Err(Failure::Pending) } else { Ok(()) }
    }

    /// Lets the session live for its lifetime from now on, with a new id where a renewal is due (S14). Nothing happens to one
    /// that is closed or not stored, or that another request has ended.
    pub fn prolong(&self) -> Result<(), Failure> {
        self.load()?;
        if self.state.borrow().phase == Phase::Closed {
            return Ok(());
        }
        let stored = || Some((self.place()?, Id::Issued(self.known_id()?)));
        let Some((Place { visit, base: Some(base) }, id)) = stored() else { return Ok(()) };
        let interval = self.state.borrow().options.renewal_interval;
        if base.is_renewal_due(interval, visit.store.engine().now()) && cookie::headers_sent().is_none() {
            return match self.regenerate_as(false, What::Renewed) {
                Ok(_) | Err(Failure::Session(SessionError::Gone)) => Ok(()),
                Err(failure) => Err(failure),
            };
        }
        session::touch(&visit, &id, &base)?;
        Ok(())
    }

    /// Removes what has expired from the store.
    pub fn collect(&self) -> Result<(), Failure> {
        let store = self.store()?;
        store.engine().collect(store.engine().now())?;
        audit::removals();
        Ok(())
    }

    /// Gives the session a new id. False, with a warning, when the new cookie can't be sent. With `ends_old` the old id is
    /// dead at once: a privilege has risen (S06).
    pub fn regenerate(&self, ends_old: bool) -> Result<bool, Failure> {
        self.regenerate_as(ends_old, What::Regenerated)
    }

    /// As [`Session::regenerate`]; `what` is told to the audit log.
    fn regenerate_as(&self, ends_old: bool, what: What) -> Result<bool, Failure> {
        self.load()?;
        if self.state.borrow().phase == Phase::Closed {
            return Err(Failure::InvalidState(
                "the session is closed: call start() before regenerate()".into(),
            ));
        }
        if let Some(reason) = cookie::headers_sent() {
            error::warn(&format!("Session id cannot be regenerated: {reason}"));
            return Ok(false);
        }
        let (old_id, grace, was_rotated) = {
            let state = self.state.borrow();
            let grace = if ends_old { Duration::ZERO } else { state.options.rotation_grace };
            (state.id.clone(), grace, state.was_rotated && !ends_old)
        };
        if was_rotated {
            // Of the parallel requests of one id, one rotates: the others have its new id and have sent it.
            return Ok(true);
        }
        let (Some(place), Some(old_id)) = (self.place(), old_id) else { return Ok(true) };
        let new_id = if let Some(base) = &place.base {
            let assembled = self.assemble(&place)?;
            let root = Root::parse(&assembled.root).map_err(SessionError::from)?;
            let old_id = Id::Issued(old_id);
            let (new_id, saved) = session::rotate(&place.visit, &old_id, base, Body::Tree(root), grace)?;
            audit::rotated(what, &place.visit, &old_id, &new_id, &saved);
            self.state.borrow_mut().id = Some(new_id.clone());
            let failures = self.adopt_saved(saved.base, assembled)?;
            if let Some(failure) = failures.into_iter().next() {
                self.send_cookie(&new_id);
                return Err(failure);
            }
            new_id
        } else {
            SessionId::issue(place.visit.store.secret(), &place.visit.cookie_name)?
        };
        self.state.borrow_mut().id = Some(new_id.clone());
        self.send_cookie(&new_id);
        Ok(true)
    }

    /// The visitor's id; `None` when there is none yet.
    pub fn id(&self) -> Result<Option<SessionId>, Failure> {
        self.load()?;
        Ok(self.state.borrow().id.clone())
    }

    /// The visitor's id, as far as it is known already.
    pub(super) fn known_id(&self) -> Option<SessionId> {
        self.state.borrow().id.clone()
    }

    /// The cookie's name on the wire.
    pub fn cookie_name(&self) -> String {
        self.state.borrow().options.full_cookie_name()
    }

    /// Names the cookie, before the session is used.
    pub fn set_cookie_name(&self, name: &str) -> Result<(), Failure> {
        let name = settings::parse_cookie_name(name)
            .map_err(|reason| Failure::InvalidArgument(format!("the name of the session cookie {reason}")))?;
        if self.state.borrow().phase != Phase::Unread {
            return Err(Failure::InvalidState(
                "the session is in use: set the name of its cookie before its first use".into(),
            ));
        }
        if is_taken(&name, self) {
            return Err(Failure::InvalidState(format!(
                "the cookie '{name}' is another session's in this request"
            )));
        }
        self.state.borrow_mut().options.cookie_name = name;
        Ok(())
    }
}
