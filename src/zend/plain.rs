//! Classes whose objects are nothing but public readonly properties, set when the extension makes them.

use ext_php_rs::ffi::{_IS_BOOL, IS_LONG, IS_STRING, zend_object};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ClassEntry;

use super::{
    class::ClassSlot,
    ffi,
    value::{self, Kind},
};
use crate::exception::Failure;

/// The declared type of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `string`
    String,
}

/// Declares properties of a class without a parent, at module startup.
pub fn declare(class: &mut ClassEntry, properties: &[(&str, Type)]) {
    for (name, kind) in properties {
        let code = match kind {
            Type::Bool => _IS_BOOL,
            Type::Int => IS_LONG,
            Type::String => IS_STRING,
        };
        // SAFETY: the class was just registered; the name is copied.
        unsafe { ffi::hf_declare_readonly(class, name.as_ptr().cast(), name.len(), code.to_le_bytes()[0]) };
    }
}

/// A new object with these values, in the order of declaration.
pub fn object<const N: usize>(class: &ClassSlot, values: [Zval; N]) -> Result<Zval, Failure> {
    let mut object = value::undefined();
    // SAFETY: a registered class that can be instantiated.
    if !unsafe { ffi::hf_new_object(&raw mut object, class.get()) } {
        return Err(Failure::Pending);
    }
    for (number, new) in (0_u32..).zip(values) {
        // SAFETY: a live object of the class, which declares as many properties; the place is undefined until now.
        let place = unsafe { &mut *ffi::hf_declared_property(value::object(&object), number) };
        drop(value::replace(place, new));
    }
    Ok(object)
}

/// A declared property; undefined in an object that PHP code built in a strange way.
///
/// # Safety
/// `object` is a live object of a class that declares so many properties.
pub unsafe fn property(object: *mut zend_object, number: u32) -> Zval {
    // SAFETY: by the caller's word.
    value::copy_deref(unsafe { &*ffi::hf_declared_property(object, number) })
}

/// A property that holds a text; empty when it doesn't.
///
/// # Safety
/// As [`property`].
pub unsafe fn text(object: *mut zend_object, number: u32) -> super::string::PhpString {
    // SAFETY: by the caller's word.
    let text = unsafe { property(object, number) };
    if value::kind(&text) == Kind::String { value::string(&text) } else { super::string::PhpString::new(b"") }
}
