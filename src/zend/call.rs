//! Calling code of the application. Nothing of ours may be borrowed while it runs.

use std::ffi::c_char;

use ext_php_rs::ffi::{zend_class_entry, zend_object};
use ext_php_rs::types::Zval;

use super::{
    error, ffi,
    string::{self, PhpString},
    value::{self, Kind},
};
use crate::exception::Failure;

/// What is callable where the running PHP code stands, as a `Closure` that can be called from anywhere; `None` when it
/// can't be called.
pub fn closure(callable: &Zval) -> Result<Option<Zval>, Failure> {
    let (mut callable, mut closure) = (value::copy_deref(callable), value::undefined());
    // SAFETY: valid values; the result is ours.
    let made = unsafe { ffi::hf_closure(&raw mut callable, &raw mut closure) };
    if error::is_pending() { Err(Failure::Pending) } else { Ok(made.then_some(closure)) }
}

/// Calls what is callable with one argument.
pub fn call(callable: &Zval, argument: &Zval) -> Result<Zval, Failure> {
    let (mut callable, mut argument) = (value::copy(callable), value::copy(argument));
    let mut result = value::undefined();
    // SAFETY: valid values; the result is ours.
    unsafe { ffi::hf_call(&raw mut callable, &raw mut argument, &raw mut result) };
    returned(result)
}

/// Calls a method of an object.
///
/// # Safety
/// `object` is live, and its class has a method of this name.
pub unsafe fn call_method(
    object: *mut zend_object,
    method: &str,
    arguments: &[Zval],
) -> Result<Zval, Failure> {
    let mut result = value::undefined();
    let count = u32::try_from(arguments.len()).unwrap_or(u32::MAX);
    // SAFETY: as the caller says; the call copies the arguments and writes to none of them.
    unsafe {
        ffi::hf_call_method(
            object,
            method.as_ptr().cast(),
            method.len(),
            &raw mut result,
            count,
            arguments.as_ptr().cast_mut(),
        );
    }
    returned(result)
}

fn returned(result: Zval) -> Result<Zval, Failure> {
    match value::kind(&result) {
        _ if error::is_pending() => Err(Failure::Pending),
        Kind::Undefined => Ok(value::null()),
        _ => Ok(result),
    }
}

/// Does a subclass written in PHP have a method of its own under this name?
///
/// # Safety
/// `object` is live, or NULL.
pub unsafe fn is_overridden(object: *mut zend_object, method: &str) -> bool {
    // SAFETY: a live object of a linked class.
    unsafe {
        !object.is_null()
            && (*(*object).ce).type_ == USER_CLASS
            && ffi::hf_is_overridden((*object).ce, method.as_ptr().cast(), method.len())
    }
}

/// ZEND_USER_CLASS in a class's `type`: Zend/zend_compile.h, unchanged from 8.1 to 8.5.
const USER_CLASS: c_char = 2;

/// Does the object's class have a method of this name, public or not?
///
/// # Safety
/// `object` is live.
pub unsafe fn has_method(object: *mut zend_object, method: &str) -> bool {
    // SAFETY: a live object of a linked class.
    unsafe { ffi::hf_has_method((*object).ce, method.as_ptr().cast(), method.len()) }
}

/// The names of a method's parameters, as the class that declares it first names them; none for a method that the class
/// does not have.
///
/// # Safety
/// `object` is live.
pub unsafe fn parameter_names(object: *mut zend_object, method: &str) -> Vec<PhpString> {
    let name = |number| {
        // SAFETY: a linked class; a name lives as long as its class.
        unsafe {
            let name = ffi::hf_parameter_name((*object).ce, method.as_ptr().cast(), method.len(), number);
            error::text_from(name).map(|name| PhpString::new(name.as_bytes()))
        }
    };
    (0..).map_while(name).collect()
}

/// A class that is declared; NULL when there is none of this name. Nothing is loaded for it.
pub fn find_class(name: &str) -> *mut zend_class_entry {
    // SAFETY: the name is copied.
    unsafe { ffi::hf_find_class(name.as_ptr().cast(), name.len()) }
}

/// Is a class of this name, with or without its PHP namespace, `class` or one of its parents?
///
/// # Safety
/// `class` is a linked class.
pub unsafe fn is_or_extends(class: *mut zend_class_entry, name: &str) -> bool {
    // SAFETY: a linked class; its parents are, too.
    unsafe { ancestry(class) }.any(|class| {
        // SAFETY: a class has a name that lives as long as it.
        let full = unsafe { string::bytes_of((*class).name) };
        let last = full.rsplit(|byte| *byte == b'\\').next().unwrap_or(full);
        full.eq_ignore_ascii_case(name.as_bytes()) || last.eq_ignore_ascii_case(name.as_bytes())
    })
}

/// A class and its parents.
///
/// # Safety
/// `class` is a linked class.
pub unsafe fn ancestry(class: *mut zend_class_entry) -> impl Iterator<Item = *mut zend_class_entry> {
    std::iter::successors(Some(class), |class| {
        // SAFETY: a linked class holds the class of its parent, not its name.
        let parent = unsafe { (**class).__bindgen_anon_1.parent };
        (!parent.is_null()).then_some(parent)
    })
}
