//! The session's mark that it may be used for the control panel (`userdata('admin_sess')`), as ExpressionEngine has it: given
//! at a login, and taken away by `lock_cp()` or, in the control panel, after a time without a request. The session goes on.

use ext_php_rs::types::Zval;
use holdfast_core::id::SessionId;
use holdfast_core::session::{self, Base, Found, Id, SwitchedOff, Visit};

use super::Options;
use super::session::{Session, State};
use crate::audit::{self, What};
use crate::exception::Failure;
use crate::zend::{string::PhpString, value};

/// The variable that says that this is a session for the control panel.
const ADMIN: &[u8] = b"_admin_sess";
/// The variable that says that whoever is logged in may see what helps to find errors.
const DEBUG: &[u8] = b"_can_debug";

/// What a login makes of the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// A session for the control panel.
    pub is_admin: bool,
    /// Whoever is logged in may see what helps to find errors.
    pub can_debug: bool,
}

/// The variables as they were before a login; `None`: not there.
pub(super) struct Before([Option<Zval>; 2]);

impl Session {
    /// The marks of the session, whoever uses it.
    pub fn marks(&self) -> Result<Marks, Failure> {
        let mark = |name| {
            let mark = self.get(&PhpString::key(name))?;
            Ok::<bool, Failure>(mark.is_some_and(|mark| value::is_true(&mark)))
        };
        Ok(Marks { is_admin: mark(ADMIN)?, can_debug: mark(DEBUG)? })
    }

    /// Takes the control panel from this session, at once: requests that load it from now on don't have it. Nothing
    /// happens when it has not got it.
    pub fn lock_control_panel(&self) -> Result<(), Failure> {
        if self.user_id()?.is_none() || !self.marks()?.is_admin {
            return Ok(());
        }
        self.begin_change()?;
        if let (Some(place), Some(id)) = (self.place(), self.known_id())
            && let Some(base) = place.base
        {
            let user = base.user().map(<[u8]>::to_vec);
            let id = Id::Issued(id);
            // Past the changes of this request: one that can't be stored must not keep it open.
            if session::switch_off(&place.visit, &id, base, ADMIN)?.was_on {
                audit::locked(What::ControlPanelLocked, &place.visit, &id, user.as_deref());
            }
        }
        self.set(&PhpString::key(ADMIN), value::from_long(0))
    }

    /// Sets the marks of who logs in; those of whoever was logged in before don't stay. Saved with the login.
    pub(super) fn mark(&self, marks: Marks) -> Result<Before, Failure> {
        let mut state = self.state.borrow_mut();
        for name in [ADMIN, DEBUG] {
            state.reach(&PhpString::key(name))?;
        }
        Ok(Before([(ADMIN, marks.is_admin), (DEBUG, marks.can_debug)].map(|(name, on)| {
            let (name, new) = (PhpString::key(name), value::from_long(on.into()));
            // In its place, also to be off: the table keeps the order of what is stored.
            if let Some(slot) = state.values.find_mut(&name) {
                return Some(value::replace(value::deref_mut(slot), new));
            }
            if on {
                state.values.insert(&name, new);
            }
            None
        })))
    }

    /// Takes the marks of a login back that failed.
    pub(super) fn unmark(&self, before: Before) {
        let dropped = {
            let mut state = self.state.borrow_mut();
            let [admin, debug] = before.0;
            [(ADMIN, admin), (DEBUG, debug)]
                .map(|(name, old)| put_back(&mut state, &PhpString::key(name), old))
        };
        drop(dropped);
    }
}

fn put_back(state: &mut State, name: &PhpString, old: Option<Zval>) -> Option<Zval> {
    match old {
        Some(old) => Some(value::replace(value::deref_mut(state.values.find_mut(name)?), old)),
        None => state.values.take(name),
    }
}

/// A member's session as this request may use it: in the control panel, one that nobody has asked for since
/// `holdfast.cp_lifetime` is not for the control panel any more, for nobody (S15). `None`: it has ended meanwhile.
///
/// To be asked before the session is touched: a request that dies in between must not have prolonged it.
pub(super) fn unless_idle(
    visit: &Visit,
    options: &Options,
    id: &Id,
    base: Base,
) -> Result<Option<(Base, Option<SessionId>)>, Failure> {
    let panel = &options.control_panel;
    let idle = visit.now.since(base.last_activity());
    let is_over = panel.is_here && !panel.lifetime.is_zero() && idle >= panel.lifetime;
    if !is_over || base.user().is_none() {
        return Ok(Some((base, None)));
    }
    let user = base.user().map(<[u8]>::to_vec);
    let SwitchedOff { found, was_on } = session::switch_off(visit, id, base, ADMIN)?;
    if was_on {
        audit::locked(What::ControlPanelIdle, visit, id, user.as_deref());
    }
    Ok(match found {
        Found::Session { base, moved_to } => Some((base, moved_to)),
        Found::Nothing | Found::Ended | Found::Superseded => None,
    })
}
