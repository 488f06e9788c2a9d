//! What was set to another value, as ProcessWire's change tracking tells it. What is saved does not depend on it.

use ext_php_rs::types::Zval;

use super::Session;
use crate::exception::Failure;
use crate::hooks;
use crate::zend::{array::PhpArray, call, method::Arguments, string::PhpString, value};

/// ProcessWire's `Wire::trackChangesOn`: record at all.
const NAMES: u8 = 2;
/// ProcessWire's `Wire::trackChangesValues`: previous values too.
const VALUES: u8 = 4;

/// The recorded changes of one session.
pub(super) struct Changes {
    mode: u8,
    /// In the order in which the variables changed first, each with its previous values (null without `VALUES`).
    recorded: Vec<(PhpString, Vec<Zval>)>,
    /// Variables whose place PHP code was given, with what they were before.
    handed_out: Vec<(PhpString, Zval)>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { mode: NAMES, recorded: Vec::new(), handed_out: Vec::new() }
    }
}

impl Changes {
    pub(super) const fn is_on(&self) -> bool {
        self.mode & NAMES != 0
    }

    /// Remembers what a variable was before PHP code was given its place.
    pub(super) fn hand_out(&mut self, name: &PhpString, before: Zval) {
        if !self.handed_out.iter().any(|(known, _)| known.as_bytes() == name.as_bytes()) {
            self.handed_out.push((name.clone(), before));
        }
    }

    fn record(&mut self, name: &PhpString, old: Option<&Zval>) {
        let previous =
            if self.mode & VALUES == 0 { value::null() } else { old.map_or_else(value::null, value::copy) };
        match self.recorded.iter_mut().find(|(known, _)| known.as_bytes() == name.as_bytes()) {
            Some((_, values)) if self.mode & VALUES != 0 => values.push(previous),
            Some(_) => {}
            None => self.recorded.push((name.clone(), vec![previous])),
        }
    }
}

impl Session {
    /// Records that `name` is set from `old` to `new`, unless they are identical, and calls `changed()`. True when that
    /// ran code of the application, which may have closed the session.
    pub(super) fn note_change(
        &self,
        name: &PhpString,
        old: Option<&Zval>,
        new: &Zval,
    ) -> Result<bool, Failure> {
        let unchanged = match old {
            Some(old) => value::identical(old, new),
            None => value::kind(value::deref(new)) == value::Kind::Null,
        };
        if unchanged {
            return Ok(false);
        }
        self.state.borrow_mut().changes.record(name, old);
        // SAFETY: live, or NULL.
        if self.hooks.is_empty() && !unsafe { call::is_overridden(self.user_object(), "changed") } {
            return Ok(false);
        }
        let arguments = [
            value::from_string(name.clone()),
            old.map_or_else(value::null, value::copy_deref),
            value::copy_deref(new),
        ];
        let (user, arguments) = (self.user(), Arguments::of(&arguments));
        hooks::call_from_inside(&self.hooks, &user, "changed", arguments, |_| Ok(value::null()))?;
        Ok(true)
    }

    /// Finds out which of the variables that PHP code had in hand were changed there.
    fn note_changes_in_place(&self) -> Result<(), Failure> {
        let handed_out = std::mem::take(&mut self.state.borrow_mut().changes.handed_out);
        for (name, before) in handed_out {
            let now = self.get(&name)?.unwrap_or_else(value::null);
            self.note_change(&name, Some(&before), &now)?;
        }
        Ok(())
    }

    /// `setTrackChanges`: a boolean switches recording, an integer sets what is recorded.
    pub fn track_changes(&self, how: TrackChanges) {
        let mut state = self.state.borrow_mut();
        match how {
            TrackChanges::On => state.changes.mode |= NAMES,
            TrackChanges::Off => state.changes.mode &= !NAMES,
            TrackChanges::Bits(bits) => state.changes.mode = bits,
        }
    }

    /// Forgets what was recorded.
    pub fn reset_changes(&self) {
        let old = {
            let mut state = self.state.borrow_mut();
            (std::mem::take(&mut state.changes.recorded), std::mem::take(&mut state.changes.handed_out))
        };
        drop(old);
    }

    /// Was a variable changed, or any when `name` is `None`?
    pub fn is_changed(&self, name: Option<&PhpString>) -> Result<bool, Failure> {
        self.note_changes_in_place()?;
        let state = self.state.borrow();
        Ok(match name {
            None => !state.changes.recorded.is_empty(),
            Some(name) => state.changes.recorded.iter().any(|(known, _)| known.as_bytes() == name.as_bytes()),
        })
    }

    /// The recorded changes as PHP code gets them.
    pub fn changes(&self, form: ChangesForm) -> Result<PhpArray, Failure> {
        self.note_changes_in_place()?;
        let state = self.state.borrow();
        let mut list = PhpArray::with_capacity(state.changes.recorded.len());
        for (name, previous) in &state.changes.recorded {
            let text = value::from_string(name.clone());
            match form {
                ChangesForm::Names => {
                    list.append(text);
                }
                ChangesForm::NamesByName => {
                    list.insert(name, text);
                }
                ChangesForm::PreviousValues => {
                    let mut values = PhpArray::with_capacity(previous.len());
                    for value in previous {
                        values.append(value::copy(value));
                    }
                    list.insert(name, values.into_value());
                }
            }
        }
        Ok(list)
    }
}

/// What `setTrackChanges` is asked for.
#[derive(Clone, Copy)]
pub enum TrackChanges {
    /// Record.
    On,
    /// Don't.
    Off,
    /// ProcessWire's bits: 2 names, 6 previous values too, 4 what to record once it is on.
    Bits(u8),
}

/// What `getChanges` is asked for.
#[derive(Clone, Copy)]
pub enum ChangesForm {
    /// A list of names.
    Names,
    /// Names under themselves.
    NamesByName,
    /// Previous values under each name.
    PreviousValues,
}
