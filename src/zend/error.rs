//! PHP's exceptions and warnings. Any of these calls may run code of the application.

use std::ffi::{CStr, CString};

use ext_php_rs::ffi::zend_class_entry;

use super::{ffi, string::PhpString};

/// Is an exception (or `exit`) on its way?
pub fn is_pending() -> bool {
    // SAFETY: reads a global of the running request.
    unsafe { ffi::hf_exception_pending() }
}

/// Throws a new exception; one that is pending becomes its previous one.
pub fn throw(class: *mut zend_class_entry, message: &str) {
    // SAFETY: a registered class; the message is copied.
    unsafe { ffi::hf_throw(class, message.as_ptr().cast(), message.len()) }
}

/// What went wrong in code of the application that we called.
pub enum Thrown {
    /// An exception: its class and message. It is pending no more.
    Exception(String),
    /// `exit` was called: it stays pending, and everything must return.
    Exit,
}

/// Takes the pending exception; `None` when there is none.
pub fn take_pending() -> Option<Thrown> {
    // SAFETY: the taken exception is ours until it is released or thrown again.
    unsafe {
        let exception = ffi::hf_take_exception();
        if exception.is_null() {
            return None;
        }
        if ffi::hf_is_unwind_exit(exception) {
            ffi::hf_rethrow(exception);
            return Some(Thrown::Exit);
        }
        let text = PhpString::adopt(ffi::hf_exception_text(exception)).to_text();
        ffi::hf_object_release(exception);
        Some(Thrown::Exception(text))
    }
}

/// Takes what is pending when the script is over, so that there is nothing left for `exit` to end, and says what it was.
pub fn take_last() -> Option<String> {
    // SAFETY: the taken exception is ours until it is released.
    unsafe {
        let exception = ffi::hf_take_exception();
        if exception.is_null() {
            return None;
        }
        let text = if ffi::hf_is_unwind_exit(exception) {
            "called exit".to_owned()
        } else {
            format!("threw {}", PhpString::adopt(ffi::hf_exception_text(exception)).to_text())
        };
        ffi::hf_object_release(exception);
        Some(text)
    }
}

/// An E_WARNING at the running line. An error handler of the application may turn it into an exception.
pub fn warn(message: &str) {
    // SAFETY: the message is copied.
    unsafe { ffi::hf_warning(text(message).as_ptr()) }
}

/// A line in the log that PHP's setting `error_log` names. What would end the line, or steer a terminal, is escaped.
pub fn log(line: &str) {
    let mut escaped = String::with_capacity(line.len());
    for letter in line.chars() {
        if letter.is_control() { escaped.extend(letter.escape_default()) } else { escaped.push(letter) }
    }
    // SAFETY: the line is copied.
    unsafe { ffi::hf_log(text(&escaped).as_ptr()) }
}

/// An E_CORE_WARNING, for the time before any script runs.
pub fn warn_at_startup(message: &str) {
    // SAFETY: the message is copied.
    unsafe { ffi::hf_core_warning(text(message).as_ptr()) }
}

/// Text for C; what follows a NUL byte is cut off.
pub fn text(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// Text from C, which may be absent.
///
/// # Safety
/// `text` is NULL or a NUL-terminated string that is live for as long as the result is used.
pub unsafe fn text_from<'a>(text: *const std::ffi::c_char) -> Option<std::borrow::Cow<'a, str>> {
    // SAFETY: by the caller's word.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy())
}
