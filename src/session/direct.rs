//! The methods that are called most, by the short way ([`crate::request::direct`]). Each function gives `None` where it has
//! done nothing, and the whole way is to be taken: for an object whose class has methods of its own in the place of ours, for
//! names that are no string, and whatever the session itself says.

use ext_php_rs::ffi::zend_object;
use ext_php_rs::types::Zval;

use super::properties::Property;
use super::receiver::is_overridden;
use super::{CLASS, Handle, csrf};
use crate::request::direct::Peek;
use crate::request::{Bound, Session};
use crate::zend::{
    array::PhpArray,
    ffi,
    method::Call,
    object::Object,
    string::PhpString,
    value::{self, Kind},
};

/// The methods that others of the class call where a subclass has its own, and those that PHP calls for its operators.
const CALLED: [&str; 14] = [
    "get",
    "set",
    "remove",
    "csrf",
    "changed",
    "count",
    "__get",
    "__set",
    "__isset",
    "__unset",
    "offsetget",
    "offsetset",
    "offsetexists",
    "offsetunset",
];

/// `get($key)`, `get($namespace, $key)`.
#[inline]
pub(super) fn get(call: &Call<'_>) -> Option<Zval> {
    match call.arguments().values() {
        [key] => get_variable(call, key),
        [namespace, _] => {
            variable(namespace)?;
            get_for(call)
        }
        _ => None,
    }
}

/// `getVal($key)`, `getVal($key, $val)`.
#[inline]
pub(super) fn get_val(call: &Call<'_>) -> Option<Zval> {
    let (key, default) = match call.arguments().values() {
        [key] => (key, None),
        [key, default] => (key, Some(default)),
        _ => return None,
    };
    // SAFETY: an object of the class.
    unsafe { plain(call.this()) }?;
    let found = get_variable(call, key)?;
    Some(match default {
        Some(default) if value::kind(&found) == Kind::Null => value::copy_deref(default),
        _ => found,
    })
}

/// A variable, or null.
#[inline]
fn get_variable(call: &Call<'_>, key: &Zval) -> Option<Zval> {
    let name = variable(key)?;
    // SAFETY: an object of the class; what is found is copied at once.
    unsafe {
        match bound(call.this())?.session().peek(name) {
            Peek::Here(found) => Some(value::copy(found)),
            Peek::Absent => Some(value::null()),
            Peek::Unknown => None,
        }
    }
}

/// `getFor($ns, $key)`.
#[inline]
pub(super) fn get_for(call: &Call<'_>) -> Option<Zval> {
    let [namespace, key] = call.arguments().values() else { return None };
    let (namespace, name) = (text(namespace)?, text(key)?);
    if name.as_bytes().is_empty() {
        return None;
    }
    // SAFETY: an object of the class; what is found is copied at once.
    unsafe {
        match plain(call.this())?.peek(namespace) {
            Peek::Here(found) if value::kind(found) == Kind::Array => {
                Some(PhpArray::view(found).find(name).map_or_else(value::null, value::copy_deref))
            }
            Peek::Here(_) | Peek::Absent => Some(value::null()),
            Peek::Unknown => None,
        }
    }
}

/// `getAll()`.
#[inline]
pub(super) fn get_all(call: &Call<'_>) -> Option<Zval> {
    if !call.arguments().values().is_empty() {
        return None;
    }
    // SAFETY: an object of the class.
    unsafe { bound(call.this()) }?.session().all_at_once().map(PhpArray::into_value)
}

/// `count()`.
#[inline]
pub(super) fn count(call: &Call<'_>) -> Option<Zval> {
    // SAFETY: an object of the class.
    let count = unsafe { bound(call.this()) }?.session().count_at_once()?;
    i64::try_from(count).ok().map(value::from_long)
}

/// `set($key, $value)`, `set($namespace, $key, $value)`. What was there before is given with the result, to be released
/// behind it.
#[inline]
pub(super) fn set(call: &Call<'_>) -> Option<(Zval, Zval)> {
    let [key, new] = call.arguments().values() else { return set_for(call) };
    let name = text(key)?;
    // SAFETY: an object of the class.
    let old = unsafe { plain(call.this()) }?.set_at_once(name, value::deref(new))?;
    Some((call.this_value(), old))
}

/// `setFor($ns, $key, $value)`, as [`set`].
#[inline]
pub(super) fn set_for(call: &Call<'_>) -> Option<(Zval, Zval)> {
    let [namespace, key, new] = call.arguments().values() else { return None };
    let (namespace, name, new) = (text(namespace)?, text(key)?, value::deref(new));
    if value::kind(new) == Kind::Null {
        return None;
    }
    // SAFETY: an object of the class.
    let old = unsafe { plain(call.this()) }?.set_inside_at_once(namespace, name, new)?;
    Some((call.this_value(), old))
}

/// `remove($key)`, as [`set`].
#[inline]
pub(super) fn remove(call: &Call<'_>) -> Option<(Zval, Zval)> {
    let [key] = call.arguments().values() else { return None };
    let name = text(key)?;
    // SAFETY: an object of the class.
    let old = unsafe { bound(call.this()) }?.session().remove_at_once(name)?;
    Some((call.this_value(), old))
}

/// The session of an object whose property of this name is a variable of it.
///
/// # Safety
/// `object` is a live object of the class or a subclass, and is so for as long as the result is used.
#[inline]
pub(super) unsafe fn with_property<'a>(object: *mut zend_object, name: &PhpString) -> Option<&'a Session> {
    // SAFETY: by the caller's word; PHP ends every string with a NUL, and refuses properties that begin with one.
    unsafe {
        let session = plain(object)?;
        let class = (*object).ce;
        let is_variable = (*name.as_ptr()).val[0] != 0
            && Property::named(name).is_none()
            && name.as_bytes() != csrf::PROPERTY
            && ((*class).properties_info.nNumOfElements == 0
                || !ffi::hf_has_declared_property(class, name.as_ptr()));
        is_variable.then_some(session)
    }
}

/// The session of an object, and the name of a variable of it that stands between brackets.
///
/// # Safety
/// As [`with_property`]; `offset` is NULL or a live value.
#[inline]
pub(super) unsafe fn with_offset<'a>(
    object: *mut zend_object,
    offset: *const Zval,
) -> Option<(&'a Session, &'a PhpString)> {
    // SAFETY: by the caller's word.
    unsafe { Some((plain(object)?, variable(offset.as_ref()?)?)) }
}

/// The session of an object whose class leaves our methods as they are.
///
/// # Safety
/// As [`with_property`].
#[inline]
pub(super) unsafe fn plain<'a>(object: *mut zend_object) -> Option<&'a Session> {
    // SAFETY: by the caller's word.
    unsafe {
        let bound = bound(object)?;
        if (*object).ce != CLASS.get() {
            let is_plain = bound.is_plain.get().unwrap_or_else(|| ask(object, bound));
            if !is_plain {
                return None;
            }
        }
        Some(bound.session())
    }
}

#[cold]
fn ask(object: *mut zend_object, bound: &Bound) -> bool {
    let is_plain = !CALLED.iter().any(|method| is_overridden(object, method));
    bound.is_plain.set(Some(is_plain));
    is_plain
}

/// # Safety
/// As [`with_property`].
#[inline]
unsafe fn bound<'a>(object: *mut zend_object) -> Option<&'a Bound> {
    // SAFETY: by the caller's word; an object is bound anew by its constructor only, which runs in none of our calls.
    unsafe { Object::<Handle>::state(object).try_borrow_unguarded().ok()?.as_ref() }
}

/// The name of a variable.
#[inline]
fn variable(name: &Zval) -> Option<&PhpString> {
    text(name).filter(|name| name.as_bytes() != csrf::PROPERTY)
}

#[inline]
fn text(value: &Zval) -> Option<&PhpString> {
    value::as_string(value::deref(value))
}
