//! The variables of a session as this request has them.
//!
//! Of what is stored only those are in the table that somebody has asked for, in the order in which that was: the others
//! cost nothing, however many they are. Whatever needs all of them, or their order, makes the table *whole*: then they are
//! there in the order of what is stored, without those that were removed. Behind, or in between while it is not whole, are
//! those that are new, in their own order.

use std::ops::Range;

use ext_php_rs::types::Zval;
use holdfast_core::codec::{Digest, KeyRef, digest_of_value};
use holdfast_core::session::{Base, SessionError};

use super::session::{State, StoredVariable};
use crate::exception::Failure;
use crate::zend::{
    array::{self, ArrayKey, PhpArray},
    string::PhpString,
    value::{self, Kind},
};

/// Who asks for more variables gets a whole table: looking for each in what is stored takes longer.
const MOST_ASKED: u32 = 64;

/// A variable whose value is built.
pub(super) struct Known {
    pub name: PhpString,
    /// PHP holds the name as an integer.
    pub index: Option<i64>,
    /// Its number in the root; `None`: it may be another one there, or nothing.
    pub number: Option<usize>,
    pub is: Stood,
    pub value: Zval,
    pub has_objects: bool,
}

/// By what the bytes of a value are known again.
pub(super) enum Stood {
    /// A node, or one of a group.
    Digest(Digest),
    /// Any other: few bytes, mostly.
    Bytes(Vec<u8>),
}

impl Stood {
    pub(super) fn of(bytes: &[u8]) -> Self {
        digest_of_value(bytes).map_or_else(|| Self::Bytes(bytes.to_vec()), Self::Digest)
    }

    pub(super) fn of_written(bytes: Vec<u8>) -> Self {
        match digest_of_value(&bytes) {
            Some(digest) => Self::Digest(digest),
            None => Self::Bytes(bytes),
        }
    }

    fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Digest(digest) => digest_of_value(bytes) == Some(*digest),
            Self::Bytes(known) => known == bytes,
        }
    }
}

impl Known {
    fn key(&self) -> KeyRef<'_> {
        key_of(&self.name, self.index)
    }

    /// Its number in the root of a base, if it is there as it was.
    fn number_in(&self, base: &Base) -> Option<usize> {
        self.number.or_else(|| {
            let number = base.listing()?.find(self.key(), base.root()?)?;
            bytes_in(base, number).is_some_and(|bytes| self.is.is(bytes)).then_some(number)
        })
    }
}

/// The key of a name that PHP holds as an integer, or not.
pub(super) fn key_of(name: &PhpString, index: Option<i64>) -> KeyRef<'_> {
    index.map_or_else(|| KeyRef::Bytes(name.as_bytes()), KeyRef::Int)
}

/// Where the value of a variable is in the record of its base.
fn range_in(base: &Base, number: usize) -> Option<Range<usize>> {
    let range = base.listing()?.value(number, base.root()?).ok()?;
    let at = base.root_range().start;
    Some(at + range.start..at + range.end)
}

/// The bytes of a variable.
pub(super) fn bytes_in(base: &Base, number: usize) -> Option<&[u8]> {
    let root = base.root()?;
    root.get(base.listing()?.value(number, root).ok()?)
}

/// The table of a base of which these are known; and those that it does not have so.
pub(super) fn known_of(base: &Base, known: Vec<Known>) -> (Vec<StoredVariable>, PhpArray, Vec<Known>) {
    let mut stored = Vec::with_capacity(known.len() + 2);
    let mut values = PhpArray::with_capacity(known.len() + 2);
    let mut unused = Vec::new();
    for known in known {
        let Some(number) = known.number_in(base) else {
            unused.push(known);
            continue;
        };
        let Known { name, index, value, has_objects, .. } = known;
        let original = value::copy_deref(&value);
        match index {
            Some(index) => values.insert_index(index, value),
            None => values.insert_name(&name, value),
        }
        stored.push(StoredVariable { name, number, original, has_objects });
    }
    (stored, values, unused)
}

impl State {
    /// The number of variables.
    pub fn count(&self) -> usize {
        let out = if self.is_whole { 0 } else { self.stored_count() - self.stored.len() };
        self.values.len() + out
    }

    /// The number of variables that the base has.
    pub fn stored_count(&self) -> usize {
        self.base.as_ref().and_then(Base::listing).map_or(0, |listing| listing.len())
    }

    /// Where the value of a stored variable is in the record.
    pub fn range_of(&self, stored: &StoredVariable) -> Option<Range<usize>> {
        range_in(self.base.as_ref()?, stored.number)
    }

    /// The bytes of a stored variable.
    pub fn bytes_of(&self, stored: &StoredVariable) -> Option<&[u8]> {
        bytes_in(self.base.as_ref()?, stored.number)
    }

    /// Takes a variable of the base into the table that is not there; nothing happens when there is none.
    pub fn reach(&mut self, name: &PhpString) -> Result<(), Failure> {
        if self.is_whole || self.values.find(name).is_some() {
            return Ok(());
        }
        if self.asked >= MOST_ASKED {
            return self.make_whole();
        }
        self.asked += 1;
        let found =
            self.base.as_ref().and_then(|base| base.listing()?.find(array::key_of(name), base.root()?));
        if let Some(number) = found {
            self.values.insert(name, value::marker(self.stored.len()));
            self.stored.push(StoredVariable {
                name: name.clone(),
                number,
                original: value::undefined(),
                has_objects: false,
            });
        }
        Ok(())
    }

    /// Takes all variables of the base into the table. Places of values in it are no longer good.
    pub fn make_whole(&mut self) -> Result<(), Failure> {
        if self.is_whole {
            return Ok(());
        }
        let Some(base) = &self.base else { return Ok(()) };
        let (Some(listing), Some(root)) = (base.listing(), base.root()) else { return Ok(()) };
        let mut before: Vec<Option<StoredVariable>> = Vec::new();
        before.resize_with(listing.len(), || None);
        let (mut stored, mut new) = (Vec::with_capacity(listing.len()), Vec::new());
        let mut known: Vec<Option<Zval>> = Vec::new();
        known.resize_with(listing.len(), || None);
        let mut in_table = std::mem::take(&mut self.stored).into_iter().peekable();
        for (key, current) in self.values.entries() {
            match in_table.next_if(|stored| is_named(key, &stored.name)) {
                Some(stored) => {
                    let number = stored.number;
                    if value::kind(current) != Kind::Marker {
                        known[number] = Some(value::copy(current));
                    }
                    before[number] = Some(stored);
                }
                None => new.push((key, value::copy(current))),
            }
        }
        let mut values = PhpArray::with_capacity(listing.len() + new.len());
        for (number, (before, known)) in before.into_iter().zip(known).enumerate() {
            let key = listing.key(number, root).map_err(SessionError::from)?;
            let current = known.unwrap_or_else(|| value::marker(number));
            stored.push(if let Some(before) = before {
                match key {
                    KeyRef::Int(index) => values.insert_index(index, current),
                    KeyRef::Bytes(_) => values.insert_name(&before.name, current),
                }
                before
            } else {
                let name = values.insert_entry(key, current);
                StoredVariable { name, number, original: value::undefined(), has_objects: false }
            });
        }
        for (key, current) in new {
            match key {
                ArrayKey::Index(index) => values.insert_index(index, current),
                ArrayKey::Name(_) => values.insert_name(&key.to_string(), current),
            }
        }
        // Whatever the old table has, the other one holds too: nothing is destroyed with it.
        self.values = values;
        self.stored = stored;
        self.is_whole = true;
        Ok(())
    }

    /// Goes through the table: each variable with the stored one that it is, if it is one.
    pub fn variables(&self) -> impl Iterator<Item = (ArrayKey<'_>, &Zval, Option<&StoredVariable>)> {
        let mut next = 0;
        self.values.entries().map(move |(key, current)| {
            let left = &self.stored[next..];
            let found = if self.is_whole {
                // Those in between were removed.
                left.iter().position(|stored| is_named(key, &stored.name))
            } else {
                left.first().is_some_and(|stored| is_named(key, &stored.name)).then_some(0)
            };
            let stored = found.map(|at| &left[at]);
            match found {
                Some(at) => next += at + 1,
                None if self.is_whole => next = self.stored.len(),
                None => {}
            }
            (key, current, stored)
        })
    }

    /// Are all variables as the base has them, and no others? False also where only encoding can tell.
    pub fn is_untouched(&self) -> bool {
        self.values.len() == self.stored.len()
            && self
                .variables()
                .all(|(_, current, stored)| stored.is_some_and(|stored| is_as_stored(stored, current)))
    }

    /// The variables that were built and are as the base has them.
    pub fn built(&self) -> Vec<Known> {
        let Some(base) = &self.base else { return Vec::new() };
        self.variables()
            .filter_map(|(key, current, stored)| {
                let stored = stored.filter(|stored| is_as_stored(stored, current))?;
                (value::kind(current) != Kind::Marker).then_some(())?;
                Some(Known {
                    name: stored.name.clone(),
                    index: index_of(key),
                    number: None,
                    is: Stood::of(bytes_in(base, stored.number)?),
                    value: value::copy(current),
                    has_objects: stored.has_objects,
                })
            })
            .collect()
    }
}

/// The integer that PHP holds a name as, if it does.
pub(super) const fn index_of(key: ArrayKey<'_>) -> Option<i64> {
    match key {
        ArrayKey::Index(index) => Some(index),
        ArrayKey::Name(_) => None,
    }
}

/// Is a variable as the base has it? False also where only encoding can tell.
pub(super) fn is_as_stored(stored: &StoredVariable, current: &Zval) -> bool {
    value::kind(current) == Kind::Marker
        || !stored.has_objects && value::same(&stored.original, value::deref(current))
}

fn is_named(key: ArrayKey<'_>, name: &PhpString) -> bool {
    match key {
        ArrayKey::Name(other) => {
            std::ptr::eq(other, name.as_ptr()) || key.as_ref() == KeyRef::Bytes(name.as_bytes())
        }
        ArrayKey::Index(_) => array::key_of(name) == key.as_ref(),
    }
}
