//! What a notice says, of the values that ProcessWire takes for it.

use ext_php_rs::types::Zval;

use super::flags::ALLOW_MARKUP;
use crate::exception::Failure;
use crate::zend::{
    array::{ArrayKey, PhpArray},
    error, ffi,
    string::PhpString,
    value::{self, Kind},
};

/// The text, and the flags that it keeps; `None` for null, which says nothing.
///
/// An array of one text under a string key is a text with a label; every other array is shown as `print_r()` does, as
/// plain text.
pub fn of(said: &Zval, flags: i64) -> Result<Option<(PhpString, i64)>, Failure> {
    match value::kind(said) {
        Kind::Null => Ok(None),
        Kind::Array => of_array(&PhpArray::of(said), said, flags).map(Some),
        _ => Ok(Some((plain(said)?, flags))),
    }
}

fn of_array(array: &PhpArray, said: &Zval, flags: i64) -> Result<(PhpString, i64), Failure> {
    let Some((label, inside)) = labelled(array) else {
        return Ok((dumped(said)?, flags & !ALLOW_MARKUP));
    };
    let (text, flags) = match value::kind(&inside) {
        Kind::Array => (dumped(&inside)?, flags & !ALLOW_MARKUP),
        Kind::Null => (PhpString::new(b""), flags),
        _ => (plain(&inside)?, flags),
    };
    let whole = if flags & ALLOW_MARKUP == 0 {
        [label.as_bytes(), b": ", text.as_bytes()].concat()
    } else {
        [b"<strong>", escaped(&label).as_bytes(), b":</strong> ", text.as_bytes()].concat()
    };
    Ok((PhpString::new(&whole), flags))
}

fn labelled(array: &PhpArray) -> Option<(PhpString, Zval)> {
    match array.entries().next() {
        Some((key @ ArrayKey::Name(_), inside)) if array.len() == 1 => {
            Some((key.to_string(), value::copy_deref(inside)))
        }
        _ => None,
    }
}

/// A scalar, or an object that can be a string; PHP's own `Error` for one that can't.
fn plain(said: &Zval) -> Result<PhpString, Failure> {
    if value::kind(said) == Kind::Resource {
        return Err(Failure::InvalidArgument("the text of a notice can't be a resource".into()));
    }
    let mut copy = value::copy(said);
    // SAFETY: a valid value; the string is ours, or NULL with an exception pending.
    let text = unsafe { ffi::hf_to_string(&raw mut copy) };
    if text.is_null() {
        return Err(Failure::Pending);
    }
    // SAFETY: see above.
    Ok(unsafe { PhpString::adopt(text) })
}

fn dumped(said: &Zval) -> Result<PhpString, Failure> {
    let mut copy = value::copy(said);
    // SAFETY: a valid value; the string is ours.
    let text = unsafe { PhpString::adopt(ffi::hf_print_r(&raw mut copy)) };
    if error::is_pending() { Err(Failure::Pending) } else { Ok(text) }
}

/// The text for HTML.
pub fn escaped(text: &PhpString) -> PhpString {
    // SAFETY: a live string; the result is ours.
    unsafe { PhpString::adopt(ffi::hf_escape_html(text.as_ptr())) }
}
