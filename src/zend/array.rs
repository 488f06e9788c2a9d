//! PHP arrays.

use std::marker::PhantomData;

use ext_php_rs::ffi::{_Bucket as Bucket, IS_INDIRECT, zend_array, zend_hash_find, zend_string};
use ext_php_rs::types::Zval;
use holdfast_core::codec::KeyRef;

use super::{
    ffi,
    string::{self, PhpString},
    value,
};

/// A PHP array that is held. Who changes it changes a copy where somebody else holds it too.
#[repr(transparent)]
pub struct PhpArray(*mut zend_array);

impl PhpArray {
    /// An empty array with room for `size` entries.
    pub fn with_capacity(size: usize) -> Self {
        // SAFETY: a new array belongs to the caller.
        Self(unsafe { ffi::hf_array(u32::try_from(size).unwrap_or(u32::MAX)) })
    }

    /// Takes over a hold that the caller has.
    ///
    /// # Safety
    /// `array` is live and the caller gives up one reference count.
    pub const unsafe fn adopt(array: *mut zend_array) -> Self {
        Self(array)
    }

    /// The table for the engine, which does not take the hold over.
    pub const fn as_ptr(&self) -> *mut zend_array {
        self.0
    }

    /// One more hold on the array that a value is.
    pub fn of(array: &Zval) -> Self {
        let array = value::table(array);
        // SAFETY: live, held by the value.
        unsafe { ffi::hf_array_addref(array) };
        Self(array)
    }

    /// Takes an array over to change it; a copy, if somebody else holds it too.
    pub fn owned(array: Zval) -> Self {
        let mut array = value::give(array);
        // SAFETY: an array by the caller's word; the hold moves from the value into the result.
        Self(unsafe { ffi::hf_separate_array(&raw mut *array) })
    }

    /// The array in a slot, to be changed there; a copy in its place, if somebody else holds it too.
    pub fn within(slot: &mut Zval) -> &mut Self {
        debug_assert_eq!(value::kind(slot), value::Kind::Array);
        // SAFETY: the kind says that `arr` is the live member. It is the slot's alone after the call, so that it is not
        // exchanged for a copy behind the slot's flags; a `PhpArray` is nothing but the pointer, and a borrowed one is not
        // dropped.
        unsafe {
            ffi::hf_separate_array(slot);
            &mut *(&raw mut slot.value.arr).cast()
        }
    }

    /// The array that a value is, to be looked at.
    #[inline]
    pub fn view(array: &Zval) -> &Self {
        debug_assert_eq!(value::kind(array), value::Kind::Array);
        // SAFETY: the kind says that `arr` is the live member; a `PhpArray` is nothing but the pointer, and a borrowed one is
        // not dropped.
        unsafe { &*(&raw const array.value.arr).cast() }
    }

    /// One more hold on the array.
    #[inline]
    pub fn share(&self) -> Self {
        // SAFETY: a live array.
        unsafe { ffi::hf_array_addref(self.0) };
        Self(self.0)
    }

    /// Does somebody else hold it too? Also true of an array that nobody counts.
    #[inline]
    pub fn is_shared(&self) -> bool {
        // SAFETY: a live array; one that is not counted has a count of 2 for ever.
        unsafe { (*self.0).gc.refcount != 1 }
    }

    /// The array to be changed: ours alone.
    #[inline]
    fn own(&mut self) -> *mut zend_array {
        if self.is_shared() {
            self.separate();
        }
        self.0
    }

    #[cold]
    fn separate(&mut self) {
        *self = self.duplicate();
    }

    /// A copy of the array: entries that are references which nobody else holds become plain values.
    pub fn duplicate(&self) -> Self {
        // SAFETY: a live array; the copy belongs to the caller.
        Self(unsafe { ffi::hf_array_dup(self.0) })
    }

    /// The array as a value.
    #[inline]
    pub fn into_value(self) -> Zval {
        let array = std::mem::ManuallyDrop::new(self).0;
        // SAFETY: live; the hold moves into the value.
        unsafe { value::from_table(array) }
    }

    /// The array for the engine, which takes the hold over.
    pub fn into_ptr(self) -> *mut zend_array {
        std::mem::ManuallyDrop::new(self).0
    }

    /// The number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        // SAFETY: a live array.
        unsafe { (*self.0).nNumOfElements as usize }
    }

    /// The entries, in order.
    pub fn entries(&self) -> Entries<'_> {
        // SAFETY: held by `self` for as long as the iterator borrows it.
        unsafe { Entries::of(self.0) }
    }

    /// Does another array hold the very things that this one holds, under the very same keys and at the same places? False
    /// also for many that are equal.
    pub fn is_same(&self, other: &Self) -> bool {
        // SAFETY: live arrays, which are only looked at.
        unsafe { ffi::hf_array_is_same(self.0, other.0) }
    }

    /// The value under a key, spelled as PHP spells keys: "12" is the integer 12.
    #[inline]
    pub fn find(&self, key: &PhpString) -> Option<&Zval> {
        // SAFETY: live; the entry stays where it is as long as nobody changes the array, which the borrow forbids.
        unsafe { place(self.0, key).as_ref() }
    }

    /// The value under a string that is taken as it is.
    #[inline]
    pub fn find_name(&self, name: &PhpString) -> Option<&Zval> {
        // SAFETY: as above.
        unsafe { zend_hash_find(self.0, name.as_ptr()).as_ref() }
    }

    /// As [`PhpArray::find_name`], to change the value where it is.
    pub fn find_name_mut(&mut self, name: &PhpString) -> Option<&mut Zval> {
        // SAFETY: as above; ours alone to write.
        unsafe { zend_hash_find(self.own(), name.as_ptr()).as_mut() }
    }

    /// As [`PhpArray::find`], to change the value where it is.
    #[inline]
    pub fn find_mut(&mut self, key: &PhpString) -> Option<&mut Zval> {
        // SAFETY: as above; ours alone to write.
        unsafe { place(self.own(), key).as_mut() }
    }

    /// Sets an entry and returns where it is now. An entry that is replaced must have been taken out before: its
    /// destructor must not run in here.
    pub fn insert(&mut self, key: &PhpString, value: Zval) -> &mut Zval {
        let mut value = value::give(value);
        // SAFETY: ours alone to write; the value moves into the table, which is never NULL after an update.
        unsafe { &mut *ffi::hf_symtable_update(self.own(), key.as_ptr(), &raw mut *value) }
    }

    /// Sets an entry where it is, as PHP's `$array[$key] = $value` does, and gives what it was before, to be dropped when
    /// nothing is borrowed.
    pub fn put(&mut self, key: &PhpString, value: Zval) -> Zval {
        if let Some(slot) = self.find_mut(key) {
            return value::replace(value::deref_mut(slot), value);
        }
        self.insert(key, value);
        value::undefined()
    }

    /// Sets an entry by a key that is taken as it is, and returns its name.
    pub fn insert_entry(&mut self, key: KeyRef<'_>, value: Zval) -> PhpString {
        match key {
            KeyRef::Int(index) => {
                self.insert_index(index, value);
                PhpString::new(index.to_string().as_bytes())
            }
            KeyRef::Bytes(bytes) => {
                let name = PhpString::key(bytes);
                self.insert_name(&name, value);
                name
            }
        }
    }

    /// Sets an entry by an integer key.
    pub fn insert_index(&mut self, index: i64, value: Zval) {
        let mut value = value::give(value);
        // SAFETY: ours alone to write; the value moves into the table.
        unsafe {
            ext_php_rs::ffi::zend_hash_index_update(self.own(), index.cast_unsigned(), &raw mut *value)
        };
    }

    /// Sets an entry by a string key that is taken as it is.
    pub fn insert_name(&mut self, name: &PhpString, value: Zval) {
        let mut value = value::give(value);
        // SAFETY: ours alone to write; the value moves into the table, which takes a hold of its own on the key.
        unsafe { ext_php_rs::ffi::zend_hash_update(self.own(), name.as_ptr(), &raw mut *value) };
    }

    /// Appends a value and gives its place; `None` when the largest integer key is in use, and then it is dropped.
    pub fn append(&mut self, value: Zval) -> Option<&mut Zval> {
        let mut value = value::give(value);
        // SAFETY: ours alone to write; the value moves into the table if it was appended.
        let place = unsafe { ffi::hf_array_append(self.own(), &raw mut *value).as_mut() };
        if place.is_none() {
            drop(std::mem::ManuallyDrop::into_inner(value));
        }
        place
    }

    /// Takes an entry out.
    pub fn take(&mut self, key: &PhpString) -> Option<Zval> {
        let mut out = value::undefined();
        // SAFETY: ours alone to write; what the table held moves into `out`.
        unsafe { ffi::hf_symtable_take(self.own(), key.as_ptr(), &raw mut out) }.then_some(out)
    }
}

/// Where an array has a key, spelled as PHP spells keys; NULL when it does not.
///
/// # Safety
/// `array` is live.
#[inline]
unsafe fn place(array: *mut zend_array, key: &PhpString) -> *mut Zval {
    // SAFETY: live, with at least the NUL behind its bytes.
    let first = unsafe { *(&raw const (*key.as_ptr()).val).cast::<u8>() };
    // Integers begin with a digit or '-'.
    if first > b'9' {
        // SAFETY: by the caller's word; the key is held.
        unsafe { zend_hash_find(array, key.as_ptr()) }
    } else {
        // SAFETY: as above.
        unsafe { ffi::hf_symtable_find(array, key.as_ptr()) }
    }
}

impl Drop for PhpArray {
    fn drop(&mut self) {
        // SAFETY: gives up exactly the hold that `self` has.
        unsafe { ffi::hf_array_release(self.0) }
    }
}

/// Are the keys of an array 0, 1, 2 ... in this order?
///
/// # Safety
/// `array` is live.
#[inline]
pub unsafe fn is_list(array: *const zend_array) -> bool {
    // SAFETY: live by the caller's word.
    unsafe { ffi::hf_array_is_list(array) }
}

/// The key that PHP makes of a name: "12" is the integer 12.
pub fn key_of(name: &PhpString) -> KeyRef<'_> {
    let bytes = name.as_bytes();
    integer(bytes).map_or(KeyRef::Bytes(bytes), KeyRef::Int)
}

/// The integer of which these are the decimal digits in PHP's form.
fn integer(bytes: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match bytes.split_first()? {
        (b'-', digits) => (true, digits),
        _ => (false, bytes),
    };
    let is_plain = match digits.first()? {
        b'0' => bytes.len() == 1,
        first => first.is_ascii_digit() && digits.len() <= 19,
    };
    if !is_plain {
        return None;
    }
    digits.iter().try_fold(0_i64, |number, digit| {
        let digit = i64::from(digit.is_ascii_digit().then_some(digit - b'0')?);
        let number = number.checked_mul(10)?;
        if is_negative { number.checked_sub(digit) } else { number.checked_add(digit) }
    })
}

/// Goes through the entries of an array.
pub struct Entries<'a> {
    array: *const zend_array,
    position: u32,
    borrow: PhantomData<&'a zend_array>,
}

impl Entries<'_> {
    /// The entries of an array of PHP's.
    ///
    /// # Safety
    /// `array` is live and is not changed for as long as the iterator and what it gave are used.
    pub const unsafe fn of(array: *const zend_array) -> Self {
        Self { array, position: 0, borrow: PhantomData }
    }
}

/// The key of an entry as PHP holds it.
#[derive(Clone, Copy)]
pub enum ArrayKey<'a> {
    /// An integer key.
    Index(i64),
    /// A string key.
    Name(&'a zend_string),
}

impl<'a> ArrayKey<'a> {
    /// The key as the codec takes it.
    pub fn as_ref(self) -> KeyRef<'a> {
        match self {
            Self::Index(index) => KeyRef::Int(index),
            // SAFETY: borrowed from the array that holds it.
            Self::Name(name) => KeyRef::Bytes(unsafe { string::bytes_of(name) }),
        }
    }

    /// The key as a string that is held.
    pub fn to_string(self) -> PhpString {
        match self {
            Self::Index(index) => PhpString::new(index.to_string().as_bytes()),
            // SAFETY: borrowed from the array that holds it.
            Self::Name(name) => unsafe { PhpString::hold(std::ptr::from_ref(name).cast_mut()) },
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (ArrayKey<'a>, &'a Zval);

    fn next(&mut self) -> Option<Self::Item> {
        let mut index = 0;
        let mut key = std::ptr::null_mut();
        let mut value = std::ptr::null_mut();
        // SAFETY: the array is live and unchanged (`of`); when the call gives true the value is set.
        unsafe {
            if !ffi::hf_array_next(
                self.array,
                &raw mut self.position,
                &raw mut index,
                &raw mut key,
                &raw mut value,
            ) {
                return None;
            }
            let key = key.as_ref().map_or(ArrayKey::Index(index.cast_signed()), ArrayKey::Name);
            Some((key, &*value))
        }
    }
}

/// As [`Entries`], of an array that really nobody changes, in place or by growing it.
pub struct Items<'a> {
    at: *const Zval,
    end: *const Zval,
    /// Of a table of values alone, the key of the next; else none: the entries have keys.
    place: Option<i64>,
    borrow: PhantomData<&'a zend_array>,
}

impl Items<'_> {
    /// The entries of an array of PHP's.
    ///
    /// # Safety
    /// `array` is live, and nothing writes to it for as long as the iterator and what it gave are used.
    pub unsafe fn of(array: *const zend_array) -> Self {
        let (mut at, mut end) = (std::ptr::null(), std::ptr::null());
        // SAFETY: live by the caller's word.
        let has_keys = unsafe { ffi::hf_array_items(array, &raw mut at, &raw mut end) };
        Self { at, end, place: (!has_keys).then_some(0), borrow: PhantomData }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = (ArrayKey<'a>, &'a Zval);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            let at = self.at;
            // SAFETY: from `at` up to `end` stand buckets, or values alone, all of which are initialised; a bucket begins
            // with its value. Where a value is elsewhere it lives as long as the array.
            let (key, value) = unsafe {
                let key = if let Some(place) = &mut self.place {
                    self.at = at.add(1);
                    *place += 1;
                    ArrayKey::Index(*place - 1)
                } else {
                    let bucket = at.cast::<Bucket>();
                    self.at = bucket.add(1).cast();
                    (*bucket).key.as_ref().map_or(ArrayKey::Index((*bucket).h.cast_signed()), ArrayKey::Name)
                };
                let is_elsewhere = (*at).u1.type_info & 0xff == IS_INDIRECT;
                (key, if is_elsewhere { &*(*at).value.zv } else { &*at })
            };
            if value::kind(value) != value::Kind::Undefined {
                return Some((key, value));
            }
        }
        None
    }
}
