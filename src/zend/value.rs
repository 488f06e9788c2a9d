//! PHP values. [`Zval`] owns what it holds: dropping it gives up a reference count and may run a destructor of the
//! application, so no borrow of our state may be held when one is dropped.

use std::mem::{ManuallyDrop, MaybeUninit};

use ext_php_rs::ffi::{
    IS_ARRAY, IS_DOUBLE, IS_FALSE, IS_LONG, IS_NULL, IS_OBJECT, IS_PTR, IS_REFERENCE, IS_RESOURCE, IS_STRING,
    IS_TRUE, IS_UNDEF, zend_array, zend_object,
};
use ext_php_rs::types::Zval;

use super::{
    ffi,
    string::{self, INTERNED, PhpString},
};

/// The type of a value, without its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No value at all.
    Undefined,
    /// null
    Null,
    /// false
    False,
    /// true
    True,
    /// int
    Long,
    /// float
    Double,
    /// string
    String,
    /// array
    Array,
    /// object
    Object,
    /// resource
    Resource,
    /// A PHP reference: a box with a value.
    Reference,
    /// Not a value of PHP: an entry that was not decoded yet ([`marker`]).
    Marker,
    /// A kind that no variable has.
    Internal,
}

/// The type of `value`.
#[inline]
pub fn kind(value: &Zval) -> Kind {
    // SAFETY: every Zval has its type information set.
    match unsafe { value.u1.type_info } & 0xff {
        IS_UNDEF => Kind::Undefined,
        IS_NULL => Kind::Null,
        IS_FALSE => Kind::False,
        IS_TRUE => Kind::True,
        IS_LONG => Kind::Long,
        IS_DOUBLE => Kind::Double,
        IS_STRING => Kind::String,
        IS_ARRAY => Kind::Array,
        IS_OBJECT => Kind::Object,
        IS_RESOURCE => Kind::Resource,
        IS_REFERENCE => Kind::Reference,
        IS_PTR => Kind::Marker,
        _ => Kind::Internal,
    }
}

/// No value.
pub const fn undefined() -> Zval {
    // SAFETY: all zero bits are IS_UNDEF, and a Zval has no invalid bit patterns beyond its type.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// One more hold on `value`; a reference stays a reference.
#[inline]
pub fn copy(value: &Zval) -> Zval {
    let mut to = undefined();
    to.value = value.value;
    to.u1 = value.u1;
    if is_counted(value) {
        // SAFETY: the flag says that `counted` is the live member; the count is that of `to`.
        unsafe { (*value.value.counted).gc.refcount += 1 };
    }
    to
}

/// One more hold on `value`, or on what it refers to.
#[inline]
pub fn copy_deref(value: &Zval) -> Zval {
    copy(deref(value))
}

/// Does somebody count who holds it? Z_REFCOUNTED.
#[inline]
fn is_counted(value: &Zval) -> bool {
    // SAFETY: every Zval has its type information set.
    let info = unsafe { value.u1.type_info };
    info & (0xff * REFCOUNTED) != 0
}

/// Gives up a value; as dropping it, quicker where nobody counts it.
#[inline]
pub fn release(value: Zval) {
    let value = give(value);
    if is_counted(&value) {
        drop(ManuallyDrop::into_inner(value));
    }
}

/// The result of a call: what PHP has put there before holds nothing.
#[inline]
pub fn answer(result: &mut Zval, new: Zval) {
    let new = give(new);
    result.value = new.value;
    result.u1 = new.u1;
}

/// `value`, or what it refers to.
#[inline]
pub fn deref(value: &Zval) -> &Zval {
    if kind(value) == Kind::Reference {
        // SAFETY: the kind says that `ref` is the live member, and the box lives as long as the reference.
        unsafe { &(*value.value.ref_).val }
    } else {
        value
    }
}

/// `value`, or what it refers to, to be replaced.
#[inline]
pub fn deref_mut(value: &mut Zval) -> &mut Zval {
    if kind(value) == Kind::Reference {
        // SAFETY: the kind says that `ref` is the live member, and the box lives as long as the reference.
        unsafe { &mut (*value.value.ref_).val }
    } else {
        value
    }
}

/// The identity of a reference.
pub fn reference_id(value: &Zval) -> usize {
    debug_assert_eq!(kind(value), Kind::Reference);
    // SAFETY: read as an address only.
    unsafe { value.value.ref_ as usize }
}

/// How many hold a reference.
pub fn reference_count(value: &Zval) -> u32 {
    debug_assert_eq!(kind(value), Kind::Reference);
    // SAFETY: the kind says that `ref` is the live member.
    unsafe { (*value.value.ref_).gc.refcount }
}

/// The integer of a [`Kind::Long`].
#[inline]
pub fn long(value: &Zval) -> i64 {
    debug_assert_eq!(kind(value), Kind::Long);
    // SAFETY: the kind says that `lval` is the live member.
    unsafe { value.value.lval }
}

/// The number of a [`Kind::Double`].
pub fn double(value: &Zval) -> f64 {
    debug_assert_eq!(kind(value), Kind::Double);
    // SAFETY: the kind says that `dval` is the live member.
    unsafe { value.value.dval }
}

/// The bytes of a [`Kind::String`].
pub fn bytes(value: &Zval) -> &[u8] {
    debug_assert_eq!(kind(value), Kind::String);
    // SAFETY: the kind says that `str` is the live member, held by `value`; a held string is not written to.
    unsafe { string::bytes_of(value.value.str_) }
}

/// The string of a [`Kind::String`], held once more.
pub fn string(value: &Zval) -> PhpString {
    debug_assert_eq!(kind(value), Kind::String);
    // SAFETY: the kind says that `str` is the live member, held by `value`.
    unsafe { PhpString::hold(value.value.str_) }
}

/// The table of a [`Kind::Array`].
#[inline]
pub fn table(value: &Zval) -> *mut zend_array {
    debug_assert_eq!(kind(value), Kind::Array);
    // SAFETY: the kind says that `arr` is the live member.
    unsafe { value.value.arr }
}

/// The object of a [`Kind::Object`].
pub fn object(value: &Zval) -> *mut zend_object {
    debug_assert_eq!(kind(value), Kind::Object);
    // SAFETY: the kind says that `obj` is the live member.
    unsafe { value.value.obj }
}

/// A value that stands for entry `index`, which was not decoded yet. The engine's hash tables keep it like a number;
/// it never leaves this crate.
pub fn marker(index: usize) -> Zval {
    let mut value = undefined();
    value.u1.type_info = IS_PTR;
    value.value.lval = i64::try_from(index).unwrap_or(i64::MAX);
    value
}

/// The index of a [`Kind::Marker`].
pub fn marker_index(value: &Zval) -> usize {
    debug_assert_eq!(kind(value), Kind::Marker);
    // SAFETY: markers are made above only, with `lval`.
    usize::try_from(unsafe { value.value.lval }).unwrap_or(usize::MAX)
}

/// A string value.
pub fn from_bytes(bytes: &[u8]) -> Zval {
    from_string(PhpString::new(bytes))
}

/// A string value.
#[inline]
pub fn from_string(string: PhpString) -> Zval {
    let mut value = undefined();
    value.u1.type_info = if string.is_interned() { IS_STRING } else { IS_STRING | REFCOUNTED };
    value.value.str_ = string.into_ptr();
    value
}

/// IS_TYPE_REFCOUNTED in a value's `type_info`.
const REFCOUNTED: u32 = 1 << 8;

/// IS_TYPE_COLLECTABLE in a value's `type_info`.
const COLLECTABLE: u32 = 1 << 9;

/// An array value.
///
/// # Safety
/// `array` is live, and the caller gives up one reference count if it is counted.
pub unsafe fn from_table(array: *mut zend_array) -> Zval {
    // SAFETY: live by the caller's word.
    if unsafe { (*array).gc.u.type_info } & INTERNED != 0 {
        // SAFETY: as above; the flag says that nobody counts it.
        return unsafe { from_immutable(array) };
    }
    let mut value = undefined();
    value.value.arr = array;
    value.u1.type_info = IS_ARRAY | REFCOUNTED | COLLECTABLE;
    value
}

/// The value of an array that nobody counts.
///
/// # Safety
/// `array` is immutable, and lives as long as anybody has the value or a copy of it.
pub unsafe fn from_immutable(array: *mut zend_array) -> Zval {
    let mut value = undefined();
    value.value.arr = array;
    value.u1.type_info = IS_ARRAY;
    value
}

/// An object value.
///
/// # Safety
/// `object` is live, and the caller gives up one reference count.
pub unsafe fn from_object(object: *mut zend_object) -> Zval {
    let mut value = undefined();
    value.value.obj = object;
    value.u1.type_info = IS_OBJECT | REFCOUNTED | COLLECTABLE;
    value
}

/// A value with a hold of its own on an object; null when there is none.
///
/// # Safety
/// `object` is live, or NULL.
pub unsafe fn hold_object(object: *mut zend_object) -> Zval {
    if object.is_null() {
        return null();
    }
    // SAFETY: live by the caller's word; the hold that this value would give up is not ours, so it is copied only.
    copy(&ManuallyDrop::new(unsafe { from_object(object) }))
}

/// An int, float or bool.
#[inline]
pub fn from_long(number: i64) -> Zval {
    let mut value = undefined();
    value.value.lval = number;
    value.u1.type_info = IS_LONG;
    value
}

/// An int; what is too large for one is the largest.
pub fn from_u64(number: u64) -> Zval {
    from_long(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A float; every bit is kept.
pub fn from_double(number: f64) -> Zval {
    let mut value = undefined();
    value.value.dval = number;
    value.u1.type_info = IS_DOUBLE;
    value
}

/// A boolean.
#[inline]
pub fn from_bool(truth: bool) -> Zval {
    let mut value = undefined();
    value.u1.type_info = if truth { IS_TRUE } else { IS_FALSE };
    value
}

/// PHP's null.
#[inline]
pub fn null() -> Zval {
    let mut value = undefined();
    value.u1.type_info = IS_NULL;
    value
}

/// Hands a value over to the engine: what it holds is no longer ours.
#[inline]
pub fn give(value: Zval) -> ManuallyDrop<Zval> {
    ManuallyDrop::new(value)
}

/// The string of a value, not held; `None` when it is no string.
#[inline]
pub fn as_string(value: &Zval) -> Option<&PhpString> {
    // SAFETY: the kind says that `str` is the live member, held by `value`.
    (kind(value) == Kind::String).then(|| unsafe { PhpString::borrow(&value.value.str_) })
}

/// Puts `new` into a slot and gives what was in it. In a slot of an array the bits beside value and type chain the
/// entries of one hash, so a slot is never overwritten as a whole.
#[inline]
pub fn replace(slot: &mut Zval, new: Zval) -> Zval {
    let new = give(new);
    let mut old = undefined();
    old.value = std::mem::replace(&mut slot.value, new.value);
    old.u1 = std::mem::replace(&mut slot.u1, new.u1);
    old
}

/// What PHP makes a boolean of the value.
pub fn is_true(value: &Zval) -> bool {
    let mut held = copy(value);
    // SAFETY: a valid value.
    unsafe { ffi::hf_is_true(&raw mut held) }
}

/// What PHP makes a string of the value; `None` with an exception pending. Runs `__toString` of the application.
pub fn to_string(value: &Zval) -> Option<PhpString> {
    let mut held = copy(value);
    // SAFETY: a valid value; the string is ours, or NULL with an exception pending.
    unsafe {
        let text = ffi::hf_to_string(&raw mut held);
        (!text.is_null()).then(|| PhpString::adopt(text))
    }
}

/// PHP's `===`. Where arrays are deeper than PHP's stack it ends the script, past everybody who waits for the answer.
#[inline]
pub fn identical(one: &Zval, other: &Zval) -> bool {
    let (one, other) = (deref(one), deref(other));
    if kind(one) != kind(other) {
        return false;
    }
    match kind(one) {
        Kind::Undefined | Kind::Null | Kind::False | Kind::True => true,
        Kind::Long => long(one) == long(other),
        _ => {
            let (one, other) = (std::ptr::from_ref(one).cast_mut(), std::ptr::from_ref(other).cast_mut());
            // SAFETY: both are valid; zend_is_identical only reads.
            unsafe { ext_php_rs::ffi::zend_is_identical(one, other) }
        }
    }
}

/// Do both hold the very same thing: equal scalars, or one string, array or object? No look inside.
pub fn same(one: &Zval, other: &Zval) -> bool {
    kind(one) == kind(other)
        && match kind(one) {
            Kind::Null | Kind::False | Kind::True | Kind::Undefined => true,
            // SAFETY: every other type has a payload, which is compared as bits.
            _ => unsafe { one.value.lval == other.value.lval },
        }
}
