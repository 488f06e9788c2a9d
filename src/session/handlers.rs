//! What PHP asks an object beside its methods.

use std::ffi::{c_int, c_void};

use ext_php_rs::ffi::{
    HashTable, zend_object, zend_object_handlers, zend_std_compare_objects, zend_std_get_property_ptr_ptr,
    zend_string,
};
use ext_php_rs::types::Zval;

use super::arguments::name_of;
use super::properties::Property;
use super::receiver::is_overridden;
use super::{csrf, direct, operators, session_of};
use crate::exception::{self, Failure};
use crate::request::variables::IfAbsent;
use crate::zend::{
    array::PhpArray,
    ffi,
    method::{guard, last_panic},
    string::PhpString,
    value::{self, Kind},
};

// What PHP does with the place that it asks for: Zend/zend_compile.h, unchanged from 8.1 to 8.5.
const BP_VAR_W: c_int = 1;
const BP_VAR_RW: c_int = 2;
const BP_VAR_UNSET: c_int = 5;

/// Puts our handlers in the place of the standard ones.
pub(super) fn change(handlers: &mut zend_object_handlers) {
    operators::change(handlers);
    handlers.get_property_ptr_ptr = Some(property_place);
    handlers.read_dimension = Some(dimension);
    handlers.compare = Some(compare);
    handlers.get_debug_info = Some(debug_info);
}

/// Runs the body of a handler: a failure becomes an exception, and gives `None`.
fn handler<T>(body: impl FnOnce() -> Result<T, Failure>) -> Option<T> {
    match guard(body) {
        Some(Ok(value)) => Some(value),
        Some(Err(failure)) => {
            exception::throw(&failure);
            None
        }
        None => {
            exception::throw(&Failure::Fault(last_panic()));
            None
        }
    }
}

/// The place of a variable for `$session->name['x'] = 1`, `$session->name++`, `&$session->name`; NULL for PHP to go by
/// way of `__get` and `__set`.
unsafe extern "C" fn property_place(
    object: *mut zend_object,
    name: *mut zend_string,
    access: c_int,
    cache: *mut *mut c_void,
) -> *mut Zval {
    // SAFETY: PHP passes a live object and name.
    let at_once = unsafe {
        direct::with_property(object, PhpString::borrow(&name))
            .and_then(|session| session.slot_at_once(PhpString::borrow(&name)))
    };
    if let Some(place) = at_once {
        return place;
    }
    // SAFETY: as above; a declared property of a subclass is a property like any other.
    unsafe {
        if ffi::hf_has_declared_property((*object).ce, name) {
            return zend_std_get_property_ptr_ptr(object, name, access, cache);
        }
    }
    let is_any_overridden = |methods: [&str; 2]| methods.iter().any(|method| is_overridden(object, method));
    if is_any_overridden(["__get", "__set"]) {
        return std::ptr::null_mut();
    }
    // SAFETY: a live name.
    let name = unsafe { PhpString::hold(name) };
    if let Some(property) = Property::named(&name) {
        // SAFETY: an object of the class.
        return handler(|| property.place(&unsafe { session_of(object) }?)).unwrap_or(std::ptr::null_mut());
    }
    if name.as_bytes() == csrf::PROPERTY || is_any_overridden(["get", "set"]) {
        return std::ptr::null_mut();
    }
    // A variable that is not there: reading and unsetting it creates none.
    let if_absent =
        if access == BP_VAR_RW || access == BP_VAR_UNSET { IfAbsent::Nothing } else { IfAbsent::Create };
    // SAFETY: an object of the class.
    handler(|| unsafe { session_of(object) }?.slot(&name, if_absent))
        .flatten()
        .unwrap_or(std::ptr::null_mut())
}

/// `$session['name']`, also for `$session['name'][] = 1` and `$session['name']++`.
unsafe extern "C" fn dimension(
    object: *mut zend_object,
    offset: *mut Zval,
    access: c_int,
    result: *mut Zval,
) -> *mut Zval {
    let writes = matches!(access, BP_VAR_W | BP_VAR_RW | BP_VAR_UNSET);
    // SAFETY: PHP passes a live object, NULL or a live offset, and its own place for a result.
    let at_once = unsafe {
        direct::with_offset(object, offset).and_then(|(session, name)| {
            if writes { session.slot_at_once(name) } else { operators::shown(session, name, result) }
        })
    };
    if let Some(place) = at_once {
        return place;
    }
    // SAFETY: PHP's own handler with PHP's own arguments.
    let standard = || unsafe { ffi::hf_std_read_dimension(object, offset, access, result) };
    if !writes || ["offsetget", "get", "set"].iter().any(|method| is_overridden(object, method)) {
        return standard();
    }
    // SAFETY: NULL for `[]`, else a live value.
    let Some(offset) = (unsafe { offset.as_ref() }) else { return append_place(object) };
    if csrf::is_property(value::deref(offset)) {
        return standard();
    }
    let place = handler(|| {
        let name = name_of(value::deref(offset))?;
        // SAFETY: an object of the class.
        let session = unsafe { session_of(object) }?;
        let if_absent = if access == BP_VAR_UNSET { IfAbsent::Nothing } else { IfAbsent::Create };
        session.slot(&name, if_absent)
    });
    match place {
        Some(Some(place)) => place,
        // Unsetting inside of nothing: a reference to a null that nobody keeps.
        Some(None) => {
            // SAFETY: PHP's own place for what is not kept, not initialised yet.
            unsafe {
                std::ptr::write(result, value::null());
                ffi::hf_make_ref(result);
            }
            result
        }
        None => std::ptr::null_mut(),
    }
}

/// The place of a new variable for `$session[]['x'] = 1`.
fn append_place(object: *mut zend_object) -> *mut Zval {
    handler(|| {
        // SAFETY: an object of the class.
        unsafe { session_of(object) }?.append_slot()
    })
    .unwrap_or(std::ptr::null_mut())
}

/// `==`: two sessions are equal when their variables are; another object is never equal.
unsafe extern "C" fn compare(one: *mut Zval, other: *mut Zval) -> c_int {
    // SAFETY: PHP compares live values, at least one of them an object of the class.
    unsafe {
        let (one_object, other_object) = match (value::kind(&*one), value::kind(&*other)) {
            (Kind::Object, Kind::Object) => (value::object(&*one), value::object(&*other)),
            _ => return zend_std_compare_objects(one, other),
        };
        if one_object == other_object {
            return 0;
        }
        if (*one_object).handlers != (*other_object).handlers {
            return 1;
        }
        handler(|| {
            let mut one = session_of(one_object)?.all()?.into_value();
            let mut other = session_of(other_object)?.all()?.into_value();
            Ok(ffi::hf_compare(&raw mut one, &raw mut other))
        })
        .unwrap_or(1)
    }
}

/// What `var_dump` and `print_r` show: the variables, and what a subclass declares.
unsafe extern "C" fn debug_info(object: *mut zend_object, is_temporary: *mut c_int) -> *mut HashTable {
    let shown = handler(|| {
        // SAFETY: an object of the class.
        let mut shown = unsafe { session_of(object) }?.all()?;
        // SAFETY: the table of declared properties lives as long as the object.
        let declared =
            unsafe { crate::zend::array::Entries::of(ext_php_rs::ffi::zend_std_get_properties(object)) };
        for (name, value) in declared {
            shown.insert_name(&name.to_string(), value::copy(value));
        }
        Ok(shown)
    });
    // SAFETY: PHP gives the array back when it is done, as it is temporary.
    unsafe { *is_temporary = 1 };
    shown.unwrap_or_else(|| PhpArray::with_capacity(0)).into_ptr()
}
