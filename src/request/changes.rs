//! What was set to another value, as ProcessWire's change tracking tells it. What is saved does not depend on it.

use ext_php_rs::types::Zval;

use super::Session;
use crate::exception::Failure;
use crate::hooks;
use crate::zend::{
    array::PhpArray,
    call,
    method::Arguments,
    string::PhpString,
    value::{self, Kind},
};

/// ProcessWire's `Wire::trackChangesOn`: record at all.
const NAMES: u8 = 2;
/// ProcessWire's `Wire::trackChangesValues`: previous values too.
const VALUES: u8 = 4;

/// The recorded changes of one session.
pub(super) struct Changes {
    mode: u8,
    /// By name, in the order in which the variables changed first: an array of the previous values, where null stands for one
    /// that was not kept; or null for an array of one such.
    recorded: Option<PhpArray>,
    /// By name, the variables whose place PHP code was given, with what they were before.
    handed_out: Option<PhpArray>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { mode: NAMES, recorded: None, handed_out: None }
    }
}

impl Changes {
    pub(super) const fn is_on(&self) -> bool {
        self.mode & NAMES != 0
    }

    /// Are previous values kept, where changes are recorded?
    pub(super) const fn has_values(&self) -> bool {
        self.mode & VALUES != 0
    }

    /// Was PHP code given the place of a variable already?
    pub(super) fn is_handed_out(&self, name: &PhpString) -> bool {
        self.handed_out.as_ref().is_some_and(|known| known.find_name(name).is_some())
    }

    /// Remembers what a variable was before PHP code was given its place.
    pub(super) fn hand_out(&mut self, name: &PhpString, before: Zval) {
        if !self.is_handed_out(name) {
            table(&mut self.handed_out).insert_name(name, before);
        }
    }

    /// Records a change, without the previous value.
    pub(super) fn record_name(&mut self, name: &PhpString) {
        let recorded = table(&mut self.recorded);
        if recorded.find_name(name).is_none() {
            recorded.insert_name(name, value::null());
        }
    }

    fn record(&mut self, name: &PhpString, old: Option<&Zval>) {
        self.record_name(name);
        if !self.has_values() {
            return;
        }
        let previous = old.map_or_else(value::null, value::copy);
        let Some(slot) = table(&mut self.recorded).find_name_mut(name) else { return };
        if value::kind(slot) == Kind::Array {
            PhpArray::within(slot).append(previous);
        } else {
            let mut values = PhpArray::with_capacity(1);
            values.append(previous);
            // Null holds nothing.
            drop(value::replace(slot, values.into_value()));
        }
    }

    fn has_recorded(&self, name: Option<&PhpString>) -> bool {
        self.recorded.as_ref().is_some_and(|recorded| match name {
            Some(name) => recorded.find_name(name).is_some(),
            None => recorded.len() > 0,
        })
    }
}

fn table(slot: &mut Option<PhpArray>) -> &mut PhpArray {
    slot.get_or_insert_with(|| PhpArray::with_capacity(0))
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
            None => value::kind(value::deref(new)) == Kind::Null,
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
        let handed_out = self.state.borrow_mut().changes.handed_out.take();
        for (name, before) in handed_out.iter().flat_map(PhpArray::entries) {
            let name = name.to_string();
            let now = self.get(&name)?.unwrap_or_else(value::null);
            self.note_change(&name, Some(before), &now)?;
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
        Ok(state.changes.has_recorded(name))
    }

    /// The recorded changes as PHP code gets them.
    pub fn changes(&self, form: ChangesForm) -> Result<PhpArray, Failure> {
        self.note_changes_in_place()?;
        let state = self.state.borrow();
        let recorded = state.changes.recorded.as_ref();
        let mut list = PhpArray::with_capacity(recorded.map_or(0, PhpArray::len));
        for (name, previous) in recorded.into_iter().flat_map(PhpArray::entries) {
            let name = name.to_string();
            match form {
                ChangesForm::Names => {
                    list.append(value::from_string(name));
                }
                ChangesForm::NamesByName => {
                    list.insert(&name, value::from_string(name.clone()));
                }
                ChangesForm::PreviousValues => {
                    let values = if value::kind(previous) == Kind::Array {
                        value::copy(previous)
                    } else {
                        let mut values = PhpArray::with_capacity(1);
                        values.append(value::null());
                        values.into_value()
                    };
                    list.insert(&name, values);
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
