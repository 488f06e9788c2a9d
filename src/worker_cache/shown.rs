//! The roots of sessions: what `$_SESSION` is given copies of, and what is different in it afterwards.

use std::ptr::NonNull;

use ext_php_rs::ffi::zend_array;
use ext_php_rs::types::Zval;
use holdfast_core::codec::outline::{Change, Changes};
use holdfast_core::codec::{Digest, DigestKey, EncodeError, decode, root};
use holdfast_core::session::Base;

use super::{Decoding, IN_PAGES, Place, TABLE, ffi, most, root::Root};
use crate::codec::sink::ZvalSink;
use crate::zend::{
    array::{ArrayKey, PhpArray},
    string::PhpString,
    value::{self, Kind},
};

/// Of a `$_SESSION` in which more is different everything is encoded.
const MOST_DIFFERENCES: usize = 64;

/// The variables of a session whose root is in the cache.
#[derive(Clone, Copy, Debug)]
pub struct RootArray(NonNull<Root>);

/// Where variables differ from those of a root.
pub struct Differences<'a> {
    /// By number in the root, ascending; `None` where there is nothing any more.
    pub changed: Vec<(usize, Option<&'a Zval>)>,
    /// Entries behind all of the root's.
    pub appended: Vec<(ArrayKey<'a>, &'a Zval)>,
}

impl<'a> Differences<'a> {
    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &'a Zval> {
        let changed = self.changed.iter().filter_map(|(_, value)| *value);
        changed.chain(self.appended.iter().map(|(_, value)| *value))
    }

    /// Are the variables the very same? `false` also for some that are equal.
    pub const fn is_none(&self) -> bool {
        self.changed.is_empty() && self.appended.is_empty()
    }
}

impl Place {
    /// The variables of a session as `base` has them, if there is a root of them, or of a version that is not too different.
    /// Runs no code of the application.
    pub fn follow(self, base: &Base) -> Option<RootArray> {
        let root = TABLE.with_borrow(|table| table.root(self.store, base.key()))?;
        let is_there = self.go_on(root, base);
        TABLE.with_borrow_mut(|table| {
            if is_there.is_some() {
                table.count(self.store, base.key());
            } else {
                table.give_up_root(self.store, base.key());
            }
        });
        is_there.map(|()| RootArray(root))
    }

    fn go_on(self, mut root: NonNull<Root>, base: &Base) -> Option<()> {
        let new = root::Root::parse(base.root()?).ok()?;
        // SAFETY: nothing is freed while a request runs.
        let known = unsafe { root.as_ref() };
        if known.digest() == new.digest() && known.encoded().len() == new.bytes().len() {
            TABLE.with_borrow_mut(|table| table.figures.hits += 1);
            // SAFETY: as above; `known` is used no more.
            unsafe { root.as_mut() }.base = base.clone();
            return Some(());
        }
        let changes = known.changes(&new)?;
        let values = self.built(&changes)?;
        let space = TABLE.with_borrow_mut(|table| {
            table.figures.misses += 1;
            most().checked_sub(table.bytes())
        })?;
        // SAFETY: as above. What was decoded was plain, so nobody else has used the root meanwhile.
        let root = unsafe { root.as_mut() };
        let gone = root.go_on(base, &changes, &values, self.store, space, IN_PAGES.get())?;
        TABLE.with_borrow_mut(|table| gone.into_iter().for_each(|node| table.let_go(node)));
        Some(())
    }

    /// The values that changes bring along; `None` when one of them has objects.
    fn built(self, changes: &Changes<'_>) -> Option<Vec<Zval>> {
        let set = changes.changed.iter().filter_map(|change| match change {
            Change::Set(_, entry) => Some(entry),
            Change::Removed(_) => None,
        });
        let name = PhpString::new(b"");
        let mut cache = Decoding::new(self);
        set.chain(&changes.appended)
            .map(|entry| {
                let mut sink = ZvalSink::of_plain(&name, &mut cache);
                decode::decode_value(entry.value, &mut sink).ok()
            })
            .collect()
    }

    /// Keeps the variables of `base`, decoded; `None` when they can't be kept.
    pub fn keep(self, base: &Base, variables: &PhpArray) -> Option<RootArray> {
        let space = TABLE.with_borrow_mut(|table| {
            table.figures.misses += 1;
            table.give_up_root(self.store, base.key());
            most().checked_sub(table.bytes())
        })?;
        let made = Root::of(base, variables, self.store, space, IN_PAGES.get())?;
        if made.bytes() > space {
            return None;
        }
        TABLE.with_borrow_mut(|table| table.put_root(self.store, made)).map(RootArray)
    }
}

impl RootArray {
    fn root(&self) -> &Root {
        // SAFETY: nothing is freed while a request runs, and nobody changes a root while he has a borrow of one.
        unsafe { self.0.as_ref() }
    }

    /// A copy for PHP to change.
    pub fn to_array(self) -> PhpArray {
        // SAFETY: live, and immutable to PHP, which takes a copy.
        let held = unsafe { value::from_immutable(self.root().table()) };
        PhpArray::of(&held).duplicate()
    }

    /// The digest of the root.
    pub fn digest(self) -> Digest {
        self.root().digest()
    }

    /// What is different in an array that was a copy of it; `None` when that is too much to say.
    pub fn differences(self, variables: &Zval) -> Option<Differences<'_>> {
        if value::kind(variables) != Kind::Array {
            return None;
        }
        let array = value::table(variables);
        let mut places = [0; MOST_DIFFERENCES];
        // SAFETY: live arrays, which are only looked at; there is room for so many places.
        let found = unsafe {
            ffi::hf_root_differences(
                self.root().table(),
                array,
                places.as_mut_ptr(),
                u32::try_from(MOST_DIFFERENCES).unwrap_or_default(),
            )
        };
        let places = places.get(..usize::try_from(found).ok()?)?;
        // SAFETY: `variables` holds the array, and is borrowed as long as the entries are.
        let entry = |at: u32| unsafe { entry_at(array, at) };
        let changed = places.iter().map(|at| (*at as usize, entry(*at).map(|(_, value)| value))).collect();
        // SAFETY: both are live.
        let (known, used) = unsafe { ((*self.root().table()).nNumUsed, (*array).nNumUsed) };
        if used.saturating_sub(known) as usize > MOST_DIFFERENCES {
            return None;
        }
        Some(Differences { changed, appended: (known..used).filter_map(entry).collect() })
    }

    /// Appends to `out` the root with these differences, whose values `write` appends. Gives its digest. After an error
    /// `out` is as it was.
    pub fn write_changed<E: From<EncodeError>>(
        self,
        digests: &DigestKey,
        differences: &Differences<'_>,
        out: &mut Vec<u8>,
        mut write: impl FnMut(&Zval, &mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Digest, E> {
        let changed = differences.changed.iter().map(|(at, value)| match value {
            Some(value) => Change::Set(*at, *value),
            None => Change::Removed(*at),
        });
        let changed: Vec<_> = changed.collect();
        let appended: Vec<_> =
            differences.appended.iter().map(|(key, value)| (key.as_ref(), *value)).collect();
        let root = self.root();
        root.outline()
            .write_changed(digests, root.encoded(), &changed, &appended, out, |value, out| write(value, out))
    }
}

/// # Safety
/// `array` is live and unchanged as long as the entry is used, and not packed.
unsafe fn entry_at<'a>(array: *const zend_array, at: u32) -> Option<(ArrayKey<'a>, &'a Zval)> {
    let (mut index, mut key) = (0, std::ptr::null_mut());
    // SAFETY: live by the caller's word.
    unsafe {
        let value = ffi::hf_entry_at(array, at, &raw mut index, &raw mut key).as_ref()?;
        Some((key.as_ref().map_or(ArrayKey::Index(index.cast_signed()), ArrayKey::Name), value))
    }
}
