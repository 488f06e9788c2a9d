//! `$session->name` and `$session['name']` without a call of a method: what `__get`, `offsetSet` and their kin would do, by
//! the short way. PHP's own handlers, which call those methods, do the rest.

use std::ffi::{c_int, c_void};

use ext_php_rs::ffi::{
    std_object_handlers, zend_long, zend_object, zend_object_handlers, zend_result, zend_std_has_property,
    zend_std_read_property, zend_std_unset_property, zend_std_write_property, zend_string,
};
use ext_php_rs::types::Zval;

use super::direct;
use crate::request::Session;
use crate::request::direct::Peek;
use crate::zend::{
    string::PhpString,
    value::{self, Kind},
};

// What PHP wants to read a property for: Zend/zend_compile.h, unchanged from 8.1 to 8.5.
const BP_VAR_R: c_int = 0;
const BP_VAR_IS: c_int = 3;
/// What `isset` asks of a property, and `empty`, of a dimension too: Zend/zend_object_handlers.h, unchanged from 8.1 to 8.5.
const ISSET: c_int = 0;
const NOT_EMPTY: c_int = 1;
const SUCCESS: zend_result = 0;
const FAILURE: zend_result = -1;

/// Puts these handlers in the place of the standard ones.
pub(super) fn change(handlers: &mut zend_object_handlers) {
    handlers.read_property = Some(read_property);
    handlers.write_property = Some(write_property);
    handlers.has_property = Some(has_property);
    handlers.unset_property = Some(unset_property);
    handlers.write_dimension = Some(write_dimension);
    handlers.has_dimension = Some(has_dimension);
    handlers.unset_dimension = Some(unset_dimension);
    handlers.count_elements = Some(count_elements);
}

/// A variable for PHP to look at, which copies it at once: where it is, or null in the place for a result.
///
/// # Safety
/// `result` is PHP's place for a result, and the session is not used before PHP has looked.
#[inline]
pub(super) unsafe fn shown(session: &Session, name: &PhpString, result: *mut Zval) -> Option<*mut Zval> {
    // SAFETY: as the caller says; a place for a result may hold anything.
    unsafe {
        match session.peek(name) {
            Peek::Here(found) => Some(std::ptr::from_ref(found).cast_mut()),
            Peek::Absent => {
                std::ptr::write(result, value::null());
                Some(result)
            }
            Peek::Unknown => None,
        }
    }
}

/// What `isset` and `empty` ask; `None` where it takes more than a look.
///
/// # Safety
/// As [`Session::peek`].
#[inline]
unsafe fn is_there(session: &Session, name: &PhpString, asked: c_int) -> Option<bool> {
    // SAFETY: as the caller says.
    match (unsafe { session.peek(name) }, asked) {
        (Peek::Absent, ISSET | NOT_EMPTY) => Some(false),
        (Peek::Here(found), ISSET) => Some(value::kind(found) != Kind::Null),
        // What PHP makes a boolean of an object is for its class to say.
        (Peek::Here(found), NOT_EMPTY) if value::kind(found) != Kind::Object => Some(value::is_true(found)),
        _ => None,
    }
}

unsafe extern "C" fn read_property(
    object: *mut zend_object,
    name: *mut zend_string,
    access: c_int,
    cache: *mut *mut c_void,
    result: *mut Zval,
) -> *mut Zval {
    // SAFETY: PHP passes a live object and name, and its own place for a result.
    unsafe {
        let named = PhpString::borrow(&name);
        if matches!(access, BP_VAR_R | BP_VAR_IS)
            && let Some(session) = direct::with_property(object, named)
            && let Some(found) = shown(session, named, result)
        {
            return found;
        }
        zend_std_read_property(object, name, access, cache, result)
    }
}

unsafe extern "C" fn write_property(
    object: *mut zend_object,
    name: *mut zend_string,
    new: *mut Zval,
    cache: *mut *mut c_void,
) -> *mut Zval {
    // SAFETY: PHP passes a live object, name and value.
    unsafe {
        let named = PhpString::borrow(&name);
        if let Some(session) = direct::with_property(object, named)
            && let Some(old) = session.set_at_once(named, value::deref(&*new))
        {
            value::release(old);
            return new;
        }
        zend_std_write_property(object, name, new, cache)
    }
}

unsafe extern "C" fn has_property(
    object: *mut zend_object,
    name: *mut zend_string,
    asked: c_int,
    cache: *mut *mut c_void,
) -> c_int {
    // SAFETY: PHP passes a live object and name.
    unsafe {
        let named = PhpString::borrow(&name);
        if let Some(session) = direct::with_property(object, named)
            && let Some(answer) = is_there(session, named, asked)
        {
            return answer.into();
        }
        zend_std_has_property(object, name, asked, cache)
    }
}

unsafe extern "C" fn unset_property(
    object: *mut zend_object,
    name: *mut zend_string,
    cache: *mut *mut c_void,
) {
    // SAFETY: PHP passes a live object and name.
    unsafe {
        let named = PhpString::borrow(&name);
        if let Some(session) = direct::with_property(object, named)
            && let Some(old) = session.remove_at_once(named)
        {
            return value::release(old);
        }
        zend_std_unset_property(object, name, cache);
    }
}

unsafe extern "C" fn write_dimension(object: *mut zend_object, offset: *mut Zval, new: *mut Zval) {
    // SAFETY: PHP passes a live object and value, and NULL or a live offset.
    unsafe {
        if let Some((session, name)) = direct::with_offset(object, offset)
            && let Some(old) = session.set_at_once(name, value::deref(&*new))
        {
            return value::release(old);
        }
        if let Some(standard) = std_object_handlers.write_dimension {
            standard(object, offset, new);
        }
    }
}

unsafe extern "C" fn has_dimension(object: *mut zend_object, offset: *mut Zval, asked: c_int) -> c_int {
    // SAFETY: PHP passes a live object and offset.
    unsafe {
        if let Some((session, name)) = direct::with_offset(object, offset)
            && let Some(answer) = is_there(session, name, asked)
        {
            return answer.into();
        }
        std_object_handlers.has_dimension.map_or(0, |standard| standard(object, offset, asked))
    }
}

unsafe extern "C" fn unset_dimension(object: *mut zend_object, offset: *mut Zval) {
    // SAFETY: PHP passes a live object and offset.
    unsafe {
        if let Some((session, name)) = direct::with_offset(object, offset)
            && let Some(old) = session.remove_at_once(name)
        {
            return value::release(old);
        }
        if let Some(standard) = std_object_handlers.unset_dimension {
            standard(object, offset);
        }
    }
}

/// A failure has PHP call the method `count`.
unsafe extern "C" fn count_elements(object: *mut zend_object, count: *mut zend_long) -> zend_result {
    // SAFETY: PHP passes a live object, and a place for the answer.
    unsafe {
        let counted = direct::plain(object).and_then(Session::count_at_once);
        match counted.and_then(|counted| zend_long::try_from(counted).ok()) {
            Some(counted) => {
                *count = counted;
                SUCCESS
            }
            None => FAILURE,
        }
    }
}
