//! Changes that hang on what is stored: counting and appending. They are saved at once, and two of them never lose each
//! other.

use ext_php_rs::types::Zval;
use holdfast_core::codec::root::Root;
use holdfast_core::engine::Lease;
use holdfast_core::record::Body;
use holdfast_core::session::{self, Base, Found, Id, PATIENCE, SessionError, Visit, tries};

use super::session::{Session, lock};
use super::variables::quoted;
use crate::audit;
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    call, ffi,
    string::PhpString,
    value::{self, Kind},
};

/// Stores a session if it is still as its base has it, as [`session::replace`] does.
pub(super) type CommitIf<'a> =
    dyn Fn(&Visit, &Id, Option<&Base>, Body<'_>) -> Result<Option<Base>, SessionError> + 'a;

impl Session {
    /// Adds a number to a variable that holds a number; one that is not there, or null, counts as 0. As PHP adds: an
    /// integer that overflows becomes a float.
    pub fn increment(&self, name: &PhpString, by: &Zval) -> Result<Zval, Failure> {
        if !is_number(by) {
            return Err(Failure::InvalidArgument("increment() adds an integer or a float".into()));
        }
        self.change_atomically(name, |old| {
            let Some(old) = old else { return Ok(value::copy(by)) };
            if !is_number(old) {
                return Err(Failure::InvalidArgument(format!(
                    "session variable {} is no number to be incremented",
                    quoted(name)
                )));
            }
            Ok(sum(old, by))
        })
    }

    /// Appends to a variable that holds an array; one that is not there, or null, counts as empty. The new number of
    /// items.
    pub fn push(&self, name: &PhpString, item: &Zval) -> Result<usize, Failure> {
        let array = self.change_atomically(name, |old| {
            let old = match old {
                None => PhpArray::with_capacity(1).into_value(),
                Some(old) if value::kind(old) == Kind::Array => value::copy(old),
                Some(_) => {
                    return Err(Failure::InvalidArgument(format!(
                        "session variable {} is no array to push to",
                        quoted(name)
                    )));
                }
            };
            let mut array = PhpArray::owned(old);
            match array.append(value::copy(item)) {
                Some(_) => Ok(array.into_value()),
                None => Err(Failure::InvalidState(format!(
                    "session variable {} has no integer key left",
                    quoted(name)
                ))),
            }
        })?;
        Ok(PhpArray::of(&array).len())
    }

    /// Sets a variable to what `callable` makes of its value, under the session's lock: of several requests that update,
    /// one goes after the other. The callable is called again only when somebody who does not lock has changed the very
    /// variable meanwhile. The new value.
    pub fn update(&self, name: &PhpString, callable: &Zval) -> Result<Zval, Failure> {
        let mut callable = value::copy(callable);
        // SAFETY: a valid value.
        if !unsafe { ffi::hf_is_callable(&raw mut callable) } {
            return Err(Failure::InvalidArgument("update() wants something that can be called".into()));
        }
        self.begin_change()?;
        let _lease = self.lock_unless_locked()?;
        let mut made: Option<(Zval, Zval)> = None;
        self.change_atomically(name, |old| {
            let old = old.map_or_else(value::null, value::copy);
            if let Some((of, new)) = &made
                && value::identical(of, &old)
            {
                return Ok(value::copy(new));
            }
            let new = value::copy_deref(&call::call(&callable, &old)?);
            made = Some((old, value::copy(&new)));
            Ok(new)
        })
    }

    /// The session's lock, if this request does not hold it for its whole length.
    fn lock_unless_locked(&self) -> Result<Option<Lease>, Failure> {
        let (is_locked, wait) = {
            let state = self.state.borrow();
            (state.lease.is_some(), state.options.lock_wait)
        };
        match (is_locked, self.place(), self.known_id()) {
            (false, Some(place), Some(id)) => lock(&place.visit, &Id::Issued(id), wait).map(Some),
            _ => Ok(None),
        }
    }

    /// Sets a variable to what `change` makes of its stored value (`None`: not there, or null), and saves that before
    /// anybody else has saved anything. What this request had changed until now is saved with it.
    fn change_atomically(
        &self,
        name: &PhpString,
        mut change: impl FnMut(Option<&Zval>) -> Result<Zval, Failure>,
    ) -> Result<Zval, Failure> {
        let mut made = value::null();
        self.change_atomically_if(name, |old| {
            made = change(old)?;
            Ok(Some(value::copy(&made)))
        })?;
        Ok(made)
    }

    /// As [`Session::change_atomically`]; where `change` makes nothing, nothing is stored.
    pub(super) fn change_atomically_if(
        &self,
        name: &PhpString,
        mut change: impl FnMut(Option<&Zval>) -> Result<Option<Zval>, Failure>,
    ) -> Result<(), Failure> {
        self.begin_change()?;
        self.save()?;
        for () in tries() {
            self.reload()?;
            let old = self.get(name)?.filter(|old| value::kind(old) != Kind::Null);
            let Some(new) = change(old.as_ref())? else { return Ok(()) };
            self.set(name, new)?;
            match self.store_if_unchanged(&session::replace) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(failure) => {
                    // What the caller is told has failed must not be saved at the end of the request.
                    match old {
                        Some(old) => self.set(name, old)?,
                        None => self.remove(name)?,
                    }
                    return Err(failure);
                }
            }
        }
        Err(Failure::Session(SessionError::Contended(PATIENCE)))
    }

    /// Stores the variables as they are by `commit`, which gives nothing when what is stored is not what this request has
    /// read any more; false then.
    pub(super) fn store_if_unchanged(&self, commit: &CommitIf<'_>) -> Result<bool, Failure> {
        let (Some(place), Some(id)) = (self.place(), self.known_id()) else {
            return Err(Failure::Session(SessionError::Contended(PATIENCE)));
        };
        let mut assembled = self.assemble(&place)?;
        if let Some(failure) = assembled.failures.pop() {
            return Err(failure);
        }
        let root = Root::parse(&assembled.root).map_err(SessionError::from)?;
        let id = Id::Issued(id);
        match commit(&place.visit, &id, place.base.as_ref(), Body::Tree(root))? {
            Some(base) => {
                audit::replaced(&place.visit, &id, place.base.as_ref());
                self.adopt_saved(base, assembled).map(|_| true)
            }
            None => Ok(false),
        }
    }

    /// Goes on with what is stored now. What this request has changed and not saved is given up.
    pub(super) fn reload(&self) -> Result<(), Failure> {
        let (Some(place), Some(id)) = (self.place(), self.known_id()) else { return Ok(()) };
        let base = match session::load(&place.visit, &Id::Issued(id))? {
            Found::Session { base, moved_to } => {
                if let Some(new) = moved_to {
                    self.state.borrow_mut().id = Some(new);
                }
                base
            }
            Found::Nothing if place.base.is_none() => return Ok(()),
            Found::Nothing | Found::Ended | Found::Superseded => return Err(SessionError::Gone.into()),
        };
        self.adopt_loaded(base)
    }
}

fn is_number(value: &Zval) -> bool {
    matches!(value::kind(value), Kind::Long | Kind::Double)
}

fn sum(one: &Zval, other: &Zval) -> Zval {
    if let (Kind::Long, Kind::Long) = (value::kind(one), value::kind(other))
        && let Some(sum) = value::long(one).checked_add(value::long(other))
    {
        return value::from_long(sum);
    }
    value::from_double(as_double(one) + as_double(other))
}

#[expect(clippy::cast_precision_loss, reason = "as PHP turns an integer into a float")]
fn as_double(number: &Zval) -> f64 {
    if value::kind(number) == Kind::Long { value::long(number) as f64 } else { value::double(number) }
}
