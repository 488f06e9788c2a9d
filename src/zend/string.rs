//! PHP strings: bytes with a reference count.

use ext_php_rs::ffi::zend_string;

use super::ffi;

/// A PHP string that is held.
#[repr(transparent)]
pub struct PhpString(*mut zend_string);

impl PhpString {
    /// A new string of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        // SAFETY: the bytes are copied before the call returns.
        Self(unsafe { ffi::hf_string(bytes.as_ptr().cast(), bytes.len()) })
    }

    /// A string of these bytes to be an array key: the engine's interned one where there is one.
    pub fn key(bytes: &[u8]) -> Self {
        // SAFETY: the bytes are copied before the call returns.
        Self(unsafe { ffi::hf_key(bytes.as_ptr().cast(), bytes.len()) })
    }

    /// One more hold on a string of PHP's.
    ///
    /// # Safety
    /// `string` is a live string.
    pub unsafe fn hold(string: *mut zend_string) -> Self {
        // SAFETY: live by the caller's word.
        Self(unsafe { ffi::hf_string_addref(string) })
    }

    /// Takes over a hold that the caller has.
    ///
    /// # Safety
    /// `string` is a live string and the caller gives up one reference count.
    pub const unsafe fn adopt(string: *mut zend_string) -> Self {
        Self(string)
    }

    /// A string of PHP's, held by somebody else.
    ///
    /// # Safety
    /// `string` points to a live string for as long as the result is used.
    pub const unsafe fn borrow(string: &*mut zend_string) -> &Self {
        // SAFETY: a `PhpString` is nothing but the pointer, and by the caller's word it is good. What is borrowed is never
        // dropped.
        unsafe { &*std::ptr::from_ref(string).cast() }
    }

    /// The string for the engine, which does not take the hold over.
    pub const fn as_ptr(&self) -> *mut zend_string {
        self.0
    }

    /// The string for the engine, which takes the hold over.
    pub fn into_ptr(self) -> *mut zend_string {
        std::mem::ManuallyDrop::new(self).0
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: held, so live, and a string that is shared is never written to.
        unsafe { bytes_of(self.0) }
    }

    /// The bytes as text for a message; what is not UTF-8 is replaced.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(self.as_bytes()).into_owned()
    }
}

impl PhpString {
    /// Whether nobody counts who holds it.
    #[inline]
    pub fn is_interned(&self) -> bool {
        // SAFETY: held, so live.
        unsafe { (*self.0).gc.u.type_info & INTERNED != 0 }
    }
}

/// IS_STR_INTERNED and GC_IMMUTABLE, which are one, in the `gc.type_info` of a string or array: Zend/zend_types.h, unchanged from 8.1 to 8.5.
pub(super) const INTERNED: u32 = 1 << 6;

// Both are in a decoder's innermost loop: a call of the engine's would take longer than what it does.
impl Clone for PhpString {
    #[inline]
    fn clone(&self) -> Self {
        if !self.is_interned() {
            // SAFETY: held, so live; counted by one thread.
            unsafe { (*self.0).gc.refcount += 1 };
        }
        Self(self.0)
    }
}

impl Drop for PhpString {
    #[inline]
    fn drop(&mut self) {
        if self.is_interned() {
            return;
        }
        // SAFETY: gives up exactly the hold that `self` has; where it is the last one, the engine frees the string.
        unsafe {
            if (*self.0).gc.refcount > 1 {
                (*self.0).gc.refcount -= 1;
            } else {
                ffi::hf_string_release(self.0);
            }
        }
    }
}

/// The bytes of a string of PHP's.
///
/// # Safety
/// `string` is live, and is not written to, for as long as the bytes are used.
#[inline]
pub unsafe fn bytes_of<'a>(string: *const zend_string) -> &'a [u8] {
    // SAFETY: a zend_string has `len` initialised bytes from `val` on.
    unsafe { std::slice::from_raw_parts((&raw const (*string).val).cast(), (*string).len) }
}
