//! Where the running request was sent from.

use holdfast_core::csrf::{Origin, Sending, Verdict, judge};

use crate::server;
use crate::zend::{error, ffi, string::PhpString};

/// Where the request was sent from (S36), if pages of the `listed` origins may send some; safe when there is no request of
/// HTTP at all.
pub(super) fn verdict(listed: &[Origin]) -> Verdict {
    // SAFETY: the text lives as long as the request, and is only read.
    let Some(method) = (unsafe { error::text_from(ffi::hf_request_method()) }) else { return Verdict::Safe };
    let [host, origin, site, referer] =
        ["HTTP_HOST", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "HTTP_REFERER"].map(server::variable);
    let request = Sending {
        method: method.as_bytes(),
        is_https: server::is_https(),
        host: host.as_ref().map(PhpString::as_bytes),
        origin: origin.as_ref().map(PhpString::as_bytes),
        sec_fetch_site: site.as_ref().map(PhpString::as_bytes),
        referer: referer.as_ref().map(PhpString::as_bytes),
    };
    judge(&request, listed)
}
