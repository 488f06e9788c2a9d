//! What the web server says of the request: `$_SERVER` and `$_POST`.

use ext_php_rs::ffi::zend_string;

use crate::zend::{ffi, string::PhpString};

/// A variable of `$_SERVER` that is a text; headers are `HTTP_…`.
pub fn variable(name: &str) -> Option<PhpString> {
    // SAFETY: the name is read only.
    held(unsafe { ffi::hf_server_variable(name.as_ptr().cast(), name.len()) })
}

/// The same as text; what is not UTF-8 is replaced.
pub fn text(name: &str) -> Option<String> {
    variable(name).map(|value| value.to_text())
}

/// Did the request come by HTTPS, by what the server says?
pub fn is_https() -> bool {
    variable("HTTPS").is_some_and(|value| {
        let value = value.as_bytes();
        !value.is_empty() && !value.eq_ignore_ascii_case(b"off")
    })
}

/// Does a script of a page ask, by what it says itself?
pub fn is_ajax() -> bool {
    variable("HTTP_X_REQUESTED_WITH").is_some_and(|by| by.as_bytes().eq_ignore_ascii_case(b"XMLHttpRequest"))
}

/// Does the browser ask for a page to show, and not on behalf of a page that it shows? Browsers say what they want a
/// response for by Fetch Metadata (https://www.w3.org/TR/fetch-metadata/), where the site is served by HTTPS; scripts
/// of older ones by `X-Requested-With`. A request that says nothing is for a page.
pub fn asks_for_a_page() -> bool {
    let is = |name: &str, values: &[&str]| {
        variable(name)
            .map(|said| values.iter().any(|value| said.as_bytes().eq_ignore_ascii_case(value.as_bytes())))
    };
    if is_ajax() {
        return false;
    }
    // A service worker that passes a navigation on has no destination, but keeps the mode.
    is("HTTP_SEC_FETCH_MODE", &["navigate"]) == Some(true)
        || is("HTTP_SEC_FETCH_DEST", &["document", "iframe", "frame"]).unwrap_or(true)
}

/// A field of the posted form that holds a text.
pub fn field(name: &str) -> Option<PhpString> {
    // SAFETY: as above.
    held(unsafe { ffi::hf_post_field(name.as_ptr().cast(), name.len()) })
}

/// Has the URL's query a field of this name?
pub fn has_query_field(name: &str) -> bool {
    // SAFETY: as above.
    unsafe { ffi::hf_has_query_field(name.as_ptr().cast(), name.len()) }
}

fn held(text: *mut zend_string) -> Option<PhpString> {
    // SAFETY: NULL, or a string that lives as long as the request.
    (!text.is_null()).then(|| unsafe { PhpString::hold(text) })
}
