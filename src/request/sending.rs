//! What the running request says of itself: its method, its headers, and the form that it posts.

use ext_php_rs::ffi::zend_string;
use holdfast_core::csrf::{Origin, Sending, Verdict, judge};

use super::cookie::is_https;
use crate::zend::{error, ffi, string::PhpString};

/// A header, by the name that it has in `$_SERVER`.
pub(super) fn header(name: &str) -> Option<PhpString> {
    // SAFETY: the name is read only.
    held(unsafe { ffi::hf_server_variable(name.as_ptr().cast(), name.len()) })
}

/// A field of the posted form that holds a text.
pub(super) fn field(name: &str) -> Option<PhpString> {
    // SAFETY: as above.
    held(unsafe { ffi::hf_post_field(name.as_ptr().cast(), name.len()) })
}

fn held(text: *mut zend_string) -> Option<PhpString> {
    // SAFETY: NULL, or a string that lives as long as the request.
    (!text.is_null()).then(|| unsafe { PhpString::hold(text) })
}

/// Where the request was sent from (S36), if pages of the `listed` origins may send some; safe when there is no request of
/// HTTP at all.
pub(super) fn verdict(listed: &[Origin]) -> Verdict {
    // SAFETY: the text lives as long as the request, and is only read.
    let Some(method) = (unsafe { error::text_from(ffi::hf_request_method()) }) else { return Verdict::Safe };
    let [host, origin, site, referer] =
        ["HTTP_HOST", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "HTTP_REFERER"].map(header);
    let request = Sending {
        method: method.as_bytes(),
        is_https: is_https(),
        host: host.as_ref().map(PhpString::as_bytes),
        origin: origin.as_ref().map(PhpString::as_bytes),
        sec_fetch_site: site.as_ref().map(PhpString::as_bytes),
        referer: referer.as_ref().map(PhpString::as_bytes),
    };
    judge(&request, listed)
}
