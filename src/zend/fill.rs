//! Arrays that are put together at their final size, entry by entry.

use ext_php_rs::ffi::zend_array;
use ext_php_rs::types::Zval;

use super::{array::PhpArray, ffi, string::PhpString, value};

/// Room in a table, as PHP counts it; what has more entries than that PHP refuses to allocate.
fn room(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// The empty array that all share.
pub fn empty_array() -> Zval {
    // SAFETY: the engine's own, which stays.
    unsafe { value::from_immutable(ffi::hf_empty_array().cast_mut()) }
}

/// A list under construction.
pub struct List(Filling);

/// A map under construction.
pub struct Map(Filling);

struct Filling {
    array: PhpArray,
    /// Entries for which there is room.
    left: usize,
}

impl Filling {
    fn new(size: usize, make: unsafe extern "C" fn(u32) -> *mut zend_array) -> Self {
        // SAFETY: a new array belongs to the caller, and the engine's empty one to nobody.
        let array = unsafe {
            PhpArray::adopt(if size > 0 { make(room(size)) } else { ffi::hf_empty_array().cast_mut() })
        };
        Self { array, left: size }
    }

    /// The table, where there is room for one entry more.
    #[inline]
    fn table(&mut self) -> Option<*mut zend_array> {
        self.left = self.left.checked_sub(1)?;
        Some(self.array.as_ptr())
    }
}

/// Payload and type of a value, whose hold moves into them.
#[inline]
fn parts(value: Zval) -> (i64, u32) {
    let value = value::give(value);
    // SAFETY: every value has both; which payload it is the type says.
    unsafe { (value.value.lval, value.u1.type_info) }
}

impl List {
    /// A list that is to have `size` items.
    pub fn new(size: usize) -> Self {
        Self(Filling::new(size, ffi::hf_list))
    }

    /// Appends an item; one that is too much is dropped.
    #[inline]
    pub fn push(&mut self, item: Zval) {
        if let Some(table) = self.0.table() {
            let (payload, kind) = parts(item);
            // SAFETY: ours alone to write, made for lists, with room; the item moves into it.
            unsafe { ffi::hf_list_push(table, payload, kind) };
        }
    }

    /// The list as a value.
    #[inline]
    pub fn into_value(self) -> Zval {
        self.0.array.into_value()
    }
}

impl Map {
    /// A map that is to have `size` entries.
    pub fn new(size: usize) -> Self {
        Self(Filling::new(size, ffi::hf_map))
    }

    /// Sets an entry by a string key that is taken as it is. A value that it had is dropped. What is too much is dropped.
    #[inline]
    pub fn put_name(&mut self, name: PhpString, entry: Zval) {
        if let Some(table) = self.0.table() {
            let (payload, kind) = parts(entry);
            // SAFETY: ours alone to write, made for maps, with room; the hold on the key and the value move into it.
            unsafe { ffi::hf_map_name(table, name.into_ptr(), payload, kind) };
        }
    }

    /// Sets an entry by an integer key, as [`Map::put_name`].
    #[inline]
    pub fn put_index(&mut self, index: i64, entry: Zval) {
        if let Some(table) = self.0.table() {
            let (payload, kind) = parts(entry);
            // SAFETY: as above.
            unsafe { ffi::hf_map_index(table, index.cast_unsigned(), payload, kind) };
        }
    }

    /// The map as a value.
    #[inline]
    pub fn into_value(self) -> Zval {
        self.0.array.into_value()
    }
}
