//! Reading and changing variables.

use ext_php_rs::types::Zval;
use holdfast_core::codec::{Digest, decode, digest_of_value};

use super::session::{Phase, Session};
use crate::codec::{sink::ZvalSink, survey};
use crate::exception::{Failure, ValueFailure};
use crate::worker_cache::Decoding;
use crate::zend::{
    array::PhpArray,
    string::PhpString,
    value::{self, Kind},
};

/// What [`Session::slot`] does with a variable that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum IfAbsent {
    /// Creates it as null.
    Create,
    /// Gives nothing.
    Nothing,
}

impl Session {
    /// A variable; `None` when there is none.
    pub fn get(&self, name: &PhpString) -> Result<Option<Zval>, Failure> {
        self.load()?;
        loop {
            let index = {
                let mut state = self.state.borrow_mut();
                state.reach(name)?;
                match state.values.find(name) {
                    None => return Ok(None),
                    Some(found) if value::kind(found) == Kind::Marker => value::marker_index(found),
                    Some(found) => return Ok(Some(value::copy_deref(found))),
                }
            };
            self.build(index)?;
        }
    }

    /// Whether there is such a variable, null or not. Nothing is decoded.
    pub fn has(&self, name: &PhpString) -> Result<bool, Failure> {
        self.load()?;
        let mut state = self.state.borrow_mut();
        state.reach(name)?;
        Ok(state.values.find(name).is_some())
    }

    /// The number of variables.
    pub fn len(&self) -> Result<usize, Failure> {
        self.load()?;
        Ok(self.state.borrow().count())
    }

    /// Sets a variable.
    pub fn set(&self, name: &PhpString, new: Zval) -> Result<(), Failure> {
        survey::refuse_unstorable(&new).map_err(|failure| unstorable(name, &failure))?;
        self.begin_change()?;
        if self.state.borrow().changes.is_on() {
            let old = self.get(name)?;
            if self.note_change(name, old.as_ref(), &new)? {
                self.begin_change()?;
            }
            drop(old);
        }
        let old = {
            let mut state = self.state.borrow_mut();
            state.reach(name)?;
            if let Some(slot) = state.values.find_mut(name) {
                value::replace(value::deref_mut(slot), new)
            } else {
                state.values.insert(name, new);
                value::undefined()
            }
        };
        drop(old);
        Ok(())
    }

    /// Adds a variable under the next free integer name, as `$array[] = …` does.
    pub fn append(&self, new: Zval) -> Result<(), Failure> {
        survey::refuse_unstorable(&new).map_err(|failure| unstorable(&PhpString::new(b"[]"), &failure))?;
        self.begin_change()?;
        let mut state = self.state.borrow_mut();
        state.make_whole()?;
        state.values.append(new).map(|_| ()).ok_or_else(no_name_left)
    }

    /// The place of a new variable under the next free integer name, as a PHP reference.
    pub fn append_slot(&self) -> Result<*mut Zval, Failure> {
        self.begin_change()?;
        let mut state = self.state.borrow_mut();
        state.make_whole()?;
        state.sharing.may_refer = true;
        let slot: *mut Zval = state.values.append(value::null()).ok_or_else(no_name_left)?;
        // SAFETY: a live entry of the table; no code of the application runs in here.
        unsafe { crate::zend::ffi::hf_make_ref(slot) };
        Ok(slot)
    }

    /// Removes a variable; nothing happens when there is none.
    pub fn remove(&self, name: &PhpString) -> Result<(), Failure> {
        if !self.has(name)? {
            return Ok(());
        }
        self.begin_change()?;
        let old = {
            let mut state = self.state.borrow_mut();
            state.make_whole()?;
            state.values.take(name)
        };
        drop(old);
        Ok(())
    }

    /// The place of a variable as a PHP reference, for PHP code that changes it there. The pointer is good until the
    /// session is used again.
    pub fn slot(&self, name: &PhpString, if_absent: IfAbsent) -> Result<Option<*mut Zval>, Failure> {
        if let Some(slot) = self.slot_at_once(name) {
            return Ok(Some(slot));
        }
        let before = self.get(name)?;
        if before.is_none() && if_absent == IfAbsent::Nothing {
            return Ok(None);
        }
        self.begin_change()?;
        if self.state.borrow().changes.is_on() {
            self.state
                .borrow_mut()
                .changes
                .hand_out(name, before.as_ref().map_or_else(value::null, value::copy));
        }
        drop(before);
        let mut state = self.state.borrow_mut();
        state.reach(name)?;
        state.sharing.may_refer = true;
        let slot: *mut Zval = if state.values.find(name).is_none() {
            state.values.insert(name, value::null())
        } else {
            state.values.find_mut(name).map_or(std::ptr::null_mut(), std::ptr::from_mut)
        };
        // SAFETY: a live entry of the table; no code of the application runs in here.
        unsafe { crate::zend::ffi::hf_make_ref(slot) };
        Ok(Some(slot))
    }

    /// All variables as they are at this moment. What is changed later is changed in a copy, here or there.
    pub fn all(&self) -> Result<PhpArray, Failure> {
        self.load()?;
        self.build_all()?;
        Ok(self.state.borrow_mut().all())
    }

    /// Builds every variable that was not yet.
    fn build_all(&self) -> Result<(), Failure> {
        if self.state.borrow().sharing.is_built {
            return Ok(());
        }
        let (mut generation, mut from) = (self.generation.get(), 0);
        while let Some(index) = self.next_marker(from)? {
            self.build(index)?;
            from = if self.generation.get() == generation { index + 1 } else { 0 };
            generation = self.generation.get();
        }
        self.state.borrow_mut().sharing.is_built = true;
        Ok(())
    }

    /// The first stored variable from `from` on that was not built yet.
    fn next_marker(&self, from: usize) -> Result<Option<usize>, Failure> {
        let mut state = self.state.borrow_mut();
        state.make_whole()?;
        Ok((from..state.stored.len()).find(|&index| {
            state.values.find(&state.stored[index].name).is_some_and(|found| {
                value::kind(found) == Kind::Marker && value::marker_index(found) == index
            })
        }))
    }

    /// Builds the stored variable `index`, with those that share objects with it. Runs code of the application where
    /// there are objects; when that code made the table anew, nothing is put into it.
    fn build(&self, index: usize) -> Result<(), Failure> {
        let of = self.numbering();
        let (record, range, name, cached) = {
            let state = self.state.borrow();
            let (Some(stored), Some(base)) = (state.stored.get(index), &state.base) else { return Ok(()) };
            let Some(range) = state.range_of(stored) else { return Ok(()) };
            (base.record(), range, stored.name.clone(), state.cached)
        };
        let mut cache = cached.map(Decoding::new);
        let mut sink = ZvalSink::with_cache(&name, cache.as_mut());
        let built =
            decode::decode_value(&record[range], &mut sink).map_err(|failure| unreadable(&name, &failure))?;
        let (has_objects, group) = (sink.has_objects, sink.group.take());
        if self.numbering() != of {
            return Ok(());
        }
        self.put_built(index, &built, has_objects);
        if let Some((group, members)) = group {
            for (key, member) in PhpArray::of(&members).entries() {
                let sibling = self.stored_in_group(&key.to_string(), group)?;
                if let Some(sibling) = sibling {
                    self.put_built(sibling, member, true);
                }
            }
            drop(members);
        }
        Ok(())
    }

    /// Puts a built value in the place of its marker, if that is still there.
    fn put_built(&self, index: usize, built: &Zval, has_objects: bool) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let Some(stored) = state.stored.get_mut(index) else { return };
        if let Some(slot) = state.values.find_mut(&stored.name)
            && value::kind(slot) == Kind::Marker
            && value::marker_index(slot) == index
        {
            // A marker holds nothing, and neither does an original that was not built yet.
            drop(value::replace(slot, value::copy(built)));
            stored.original = value::copy(built);
            stored.has_objects = has_objects;
        }
    }

    /// The index of the variable `name` if it is stored as a member of `group` and not built yet.
    fn stored_in_group(&self, name: &PhpString, group: Digest) -> Result<Option<usize>, Failure> {
        let mut state = self.state.borrow_mut();
        state.reach(name)?;
        let index =
            state.values.find(name).filter(|slot| value::kind(slot) == Kind::Marker).map(value::marker_index);
        Ok(index.filter(|index| {
            let stored = state.stored.get(*index).and_then(|stored| state.bytes_of(stored));
            stored.and_then(digest_of_value) == Some(group)
        }))
    }

    /// What the indices of stored variables are good for.
    fn numbering(&self) -> (u64, bool) {
        (self.generation.get(), self.state.borrow().is_whole)
    }

    /// What comes before every change: the session is read, open, and has an id in the visitor's cookie.
    pub(super) fn begin_change(&self) -> Result<(), Failure> {
        self.load()?;
        if self.state.borrow().phase == Phase::Closed {
            return Err(Failure::InvalidState(
                "the session is closed: call start() before changing it, or close() later".into(),
            ));
        }
        self.ensure_id()
    }
}

fn no_name_left() -> Failure {
    Failure::InvalidState("there is no integer name left for another session variable".into())
}

/// Adds the variable's name to what is wrong with its value.
pub fn unstorable(name: &PhpString, failure: &ValueFailure) -> Failure {
    match failure {
        ValueFailure::Exit => Failure::Pending,
        failure => Failure::Unstorable { key: quoted(name), reason: failure.to_string() },
    }
}

/// As [`unstorable`], of a value that can't be built.
pub fn unreadable(name: &PhpString, failure: &ValueFailure) -> Failure {
    match failure {
        ValueFailure::Exit => Failure::Pending,
        failure => Failure::Unreadable { key: quoted(name), reason: failure.to_string() },
    }
}

/// A name for a message: on one line, and short.
pub(super) fn quoted(name: &PhpString) -> String {
    let text = name.to_text();
    let short: String = text.chars().take(80).collect();
    format!("'{}'", short.escape_debug())
}
