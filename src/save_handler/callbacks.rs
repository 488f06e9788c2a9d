//! What ext/session calls. Each callback turns a failure into a warning and PHP's FAILURE, and lets no panic out.

use std::{
    borrow::Cow,
    ffi::{CStr, c_char},
    time::Duration,
};

use ext_php_rs::ffi::zend_string;
use holdfast_core::session::Lifetimes;

use super::{ffi, open, opening};
use crate::audit;
use crate::exception::Failure;
use crate::zend::{error, method, string::PhpString};

/// Runs the body of a callback; `None` after a failure, which was told.
fn callback<T>(body: impl FnOnce() -> Result<T, Failure>) -> Option<T> {
    let failure = match method::guard(body) {
        Some(Ok(value)) => return Some(value),
        Some(Err(failure)) => failure,
        None => Failure::Fault(method::last_panic()),
    };
    if !matches!(failure, Failure::Pending) {
        error::warn(&failure.to_string());
    }
    None
}

/// Uses the session that is open; an error when none is.
fn with_open<T>(body: impl FnOnce(&mut open::Open) -> Result<T, Failure>) -> Result<T, Failure> {
    open::with(body).unwrap_or_else(|| Err(Failure::InvalidState("no session is open".into())))
}

/// The bytes of an argument.
///
/// # Safety
/// `bytes` are `len` live bytes for as long as they are used.
unsafe fn slice<'a>(bytes: *const c_char, len: usize) -> &'a [u8] {
    // SAFETY: by the caller's word.
    unsafe { std::slice::from_raw_parts(bytes.cast(), len) }
}

/// The name of the serializer in use.
fn serializer() -> Cow<'static, str> {
    // SAFETY: the name stands in the serializer's module.
    let name = unsafe { CStr::from_ptr(ffi::hf_session_serializer()) };
    if name.to_bytes() == open::SERIALIZER.as_bytes() {
        open::SERIALIZER.into()
    } else {
        name.to_string_lossy()
    }
}

fn lifetimes(seconds: i64) -> Lifetimes {
    open::lifetimes(Duration::from_secs(u64::try_from(seconds).unwrap_or(0).max(1)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_open(save_path: *const c_char, session_name: *const c_char) -> bool {
    callback(|| {
        // SAFETY: ext/session passes two texts.
        let (save_path, session_name) = unsafe { (CStr::from_ptr(save_path), CStr::from_ptr(session_name)) };
        opening::open(save_path, session_name)
    })
    .is_some()
}

#[unsafe(no_mangle)]
extern "C" fn holdfast_close() {
    let failures = method::guard(open::close).unwrap_or_default();
    method::guard(audit::removals);
    for failure in failures {
        error::warn(&failure.to_string());
    }
    audit::warn();
}

#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_read(id: *const c_char, len: usize, seconds: i64) -> *mut zend_string {
    callback(|| {
        let serializer = serializer();
        with_open(|open| {
            open.visit.lifetimes = lifetimes(seconds);
            // SAFETY: ext/session's id, live as long as the call.
            open.read(unsafe { slice(id, len) }, &serializer)
        })
    })
    .map_or(std::ptr::null_mut(), PhpString::into_ptr)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_write(
    id: *const c_char,
    len: usize,
    data: *const c_char,
    data_len: usize,
    seconds: i64,
) -> bool {
    callback(|| {
        let serializer = serializer();
        with_open(|open| {
            open.visit.lifetimes = lifetimes(seconds);
            // SAFETY: ext/session's id and data, live as long as the call.
            unsafe { open.write(slice(id, len), &serializer, slice(data, data_len)) }
        })
    })
    .is_some()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_destroy(id: *const c_char, len: usize) -> bool {
    // SAFETY: ext/session's id, live as long as the call.
    callback(|| with_open(|open| open.end(unsafe { slice(id, len) }))).is_some()
}

#[unsafe(no_mangle)]
extern "C" fn holdfast_gc() -> i64 {
    callback(|| {
        with_open(|open| {
            let engine = open.visit.store.engine();
            let removed = engine.collect(engine.now())?;
            audit::removals();
            Ok(removed)
        })
    })
    .map_or(-1, |removed| i64::try_from(removed).unwrap_or(i64::MAX))
}

#[unsafe(no_mangle)]
extern "C" fn holdfast_is_open() -> bool {
    open::with(|_| ()).is_some()
}

#[unsafe(no_mangle)]
extern "C" fn holdfast_create_sid() -> *mut zend_string {
    callback(|| with_open(|open| Ok(PhpString::new(open.issue()?.as_str().as_bytes()))))
        .map_or(std::ptr::null_mut(), PhpString::into_ptr)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_validate_sid(id: *const c_char, len: usize) -> bool {
    // SAFETY: ext/session's id, live as long as the call.
    callback(|| with_open(|open| open.is_valid(unsafe { slice(id, len) }))).unwrap_or(false)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_update_timestamp(id: *const c_char, len: usize, seconds: i64) -> bool {
    callback(|| {
        with_open(|open| {
            open.visit.lifetimes = lifetimes(seconds);
            // SAFETY: ext/session's id, live as long as the call.
            open.touch(unsafe { slice(id, len) })
        })
    })
    .is_some()
}
