//! The short way of a call: for a variable that is there, in a session that is open, where nobody has to be told. Whatever
//! else there may be to do (load, decode, send a cookie, call hooks, refuse) is the whole way's, in `variables.rs`, which
//! gives the same results and is taken where these functions do nothing and give `None`.
//!
//! No code of the application runs in here, so a place in the table stays good until the function returns. No guard is held
//! where PHP allocates memory or compares arrays: it may end the script there, past every frame.

use ext_php_rs::types::Zval;

use super::changes::Changes;
use super::session::{Phase, Session, State};
use crate::zend::{
    array::PhpArray,
    ffi,
    string::PhpString,
    value::{self, Kind},
};

/// What is known of a variable without doing anything for it.
pub enum Peek<'a> {
    /// Its value, without the reference around it.
    Here(&'a Zval),
    /// There is none of this name.
    Absent,
    /// Only the whole way can tell.
    Unknown,
}

/// What stands in the way of giving the table of variables to PHP code.
#[derive(Clone, Copy)]
pub(super) struct Sharing {
    /// All variables are in the table, and none is a marker.
    pub is_built: bool,
    /// PHP code was given the place of a variable, so some may be references.
    pub may_refer: bool,
}

impl State {
    /// All variables, of which none may be a marker: the table itself, which is changed in a copy from then on. A table with
    /// references is copied, which makes a plain value of one that nobody else holds: in two tables it would be shared.
    #[inline]
    pub fn all(&mut self) -> PhpArray {
        if self.sharing.may_refer {
            self.sharing.may_refer =
                self.values.entries().any(|(_, value)| value::kind(value) == Kind::Reference);
            if self.sharing.may_refer {
                return self.values.duplicate();
            }
        }
        self.values.share()
    }
}

impl Session {
    /// Looks for a variable.
    ///
    /// # Safety
    /// The result is used before anything changes the session, or runs code that might.
    #[inline]
    pub unsafe fn peek(&self, name: &PhpString) -> Peek<'_> {
        // SAFETY: as the caller says.
        let Ok(state) = (unsafe { self.state.try_borrow_unguarded() }) else { return Peek::Unknown };
        if state.phase == Phase::Unread {
            return Peek::Unknown;
        }
        match state.values.find(name).map(value::deref) {
            None if state.is_whole => Peek::Absent,
            None => Peek::Unknown,
            Some(found) if value::kind(found) == Kind::Marker => Peek::Unknown,
            Some(found) => Peek::Here(found),
        }
    }

    /// The number of variables.
    #[inline]
    pub fn count_at_once(&self) -> Option<usize> {
        let state = self.state.try_borrow().ok()?;
        (state.phase != Phase::Unread).then(|| state.count())
    }

    /// All variables, if all are decoded and PHP code was given the place of none.
    #[inline]
    pub fn all_at_once(&self) -> Option<PhpArray> {
        let state = self.state.try_borrow().ok()?;
        let is_shareable = state.phase != Phase::Unread && state.sharing.is_built && !state.sharing.may_refer;
        is_shareable.then(|| state.values.share())
    }

    /// Sets a variable, and gives what it was before, to be released when nothing of the session is in use any more.
    #[inline]
    pub fn set_at_once(&self, name: &PhpString, new: &Zval) -> Option<Zval> {
        if !is_plain(new) {
            return None;
        }
        let state = self.state_to_change()?;
        if let Some(slot) = state.values.find_mut(name) {
            let slot = value::deref_mut(slot);
            if value::kind(slot) == Kind::Marker {
                return None;
            }
            self.note_at_once(&mut state.changes, name, || value::identical(slot, new))?;
            return Some(value::replace(slot, value::copy(new)));
        }
        if !state.is_whole {
            return None;
        }
        self.note_at_once(&mut state.changes, name, || value::kind(new) == Kind::Null)?;
        state.values.insert(name, value::copy(new));
        Some(value::undefined())
    }

    /// Sets a value in a variable that is an array, where it is, and gives what it was before, as [`Session::set_at_once`].
    #[inline]
    pub fn set_inside_at_once(&self, variable: &PhpString, name: &PhpString, new: &Zval) -> Option<Zval> {
        if !is_plain(new) {
            return None;
        }
        let state = self.state_to_change()?;
        let slot = value::deref_mut(state.values.find_mut(variable)?);
        if value::kind(slot) != Kind::Array {
            return None;
        }
        let known = PhpArray::view(slot).find(name);
        // The whole way compares the arrays before and after: other values in them may be unequal to themselves.
        if known.is_some_and(|known| value::identical(known, new)) {
            return None;
        }
        self.note_at_once(&mut state.changes, variable, || false)?;
        let array = PhpArray::within(slot);
        if let Some(place) = array.find_mut(name) {
            return Some(value::replace(place, value::copy(new)));
        }
        array.insert(name, value::copy(new));
        Some(value::undefined())
    }

    /// Removes a variable, and gives what it was, as [`Session::set_at_once`]; undefined where there was none.
    #[inline]
    pub fn remove_at_once(&self, name: &PhpString) -> Option<Zval> {
        let state = self.state_to_change()?;
        state.is_whole.then(|| state.values.take(name).unwrap_or_else(value::undefined))
    }

    /// The place of a variable that is there, as [`Session::slot`] gives it.
    pub fn slot_at_once(&self, name: &PhpString) -> Option<*mut Zval> {
        let state = self.state_to_change()?;
        let slot = state.values.find_mut(name)?;
        if value::kind(slot) == Kind::Marker || state.changes.is_on() && !state.changes.is_handed_out(name) {
            return None;
        }
        let slot = std::ptr::from_mut(slot);
        state.sharing.may_refer = true;
        // SAFETY: a live entry of the table.
        unsafe { ffi::hf_make_ref(slot) };
        Some(slot)
    }

    /// Records that a variable becomes another one, unless it is unchanged.
    #[inline]
    fn note_at_once(
        &self,
        changes: &mut Changes,
        name: &PhpString,
        is_unchanged: impl FnOnce() -> bool,
    ) -> Option<()> {
        if !changes.is_on() || is_unchanged() {
            return Some(());
        }
        if changes.has_values() || !self.hooks.is_empty() {
            return None;
        }
        changes.record_name(name);
        Some(())
    }

    /// The state of a session that is open and has an id.
    #[inline]
    #[allow(clippy::mut_from_ref)]
    fn state_to_change(&self) -> Option<&mut State> {
        drop(self.state.try_borrow_mut().ok()?);
        // SAFETY: nobody has borrowed it, and those who call this function are the only ones that run until they are done.
        let state = unsafe { &mut *self.state.as_ptr() };
        (state.phase == Phase::Open && state.id.is_some()).then_some(state)
    }
}

/// Neither refused by the store, nor an object, which may be.
#[inline]
fn is_plain(new: &Zval) -> bool {
    matches!(
        value::kind(new),
        Kind::Null | Kind::False | Kind::True | Kind::Long | Kind::Double | Kind::String | Kind::Array
    )
}
