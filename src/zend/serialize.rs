//! PHP's own serialize format, for objects and references.

use std::ffi::c_void;

use ext_php_rs::types::Zval;

use super::{ffi, string::PhpString, value};

/// Serializes values one after the other in one numbering, so that an object that occurs twice is one object.
/// Runs `__serialize`, `__sleep` and the like of the application.
pub struct SerializeContext(*mut c_void);

impl SerializeContext {
    /// A context in which nothing was serialized.
    pub fn new() -> Self {
        // SAFETY: pairs with the call in `drop`.
        Self(unsafe { ffi::hf_serialize_begin() })
    }

    /// The bytes of one value; `None` with a PHP exception pending.
    pub fn serialize(&mut self, value: &Zval) -> Option<PhpString> {
        // One more hold: the engine treats an object that it believes to be held by nobody else as never repeated.
        let mut held = value::copy(value);
        // SAFETY: a live context and value; the returned string is ours.
        unsafe {
            let bytes = ffi::hf_serialize(self.0, &raw mut held);
            (!bytes.is_null()).then(|| PhpString::adopt(bytes))
        }
    }
}

impl Drop for SerializeContext {
    fn drop(&mut self) {
        // SAFETY: pairs with the call in `new`.
        unsafe { ffi::hf_serialize_end(self.0) }
    }
}

/// Builds the value that `bytes` describe; `None` when they describe none, or with a PHP exception pending.
/// Runs `__unserialize`, `__wakeup` and autoloading of the application.
pub fn unserialize(bytes: &[u8]) -> Option<Zval> {
    let mut built = value::undefined();
    // SAFETY: the bytes are only read; the built value is ours.
    unsafe { ffi::hf_unserialize(&raw mut built, bytes.as_ptr().cast(), bytes.len()) }.then_some(built)
}
