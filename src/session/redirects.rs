//! `redirect`, `location`, `redirectUrl`.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::name_of;
use super::receiver::{Receiver, hookable, run_hookable};
use super::this;
use crate::exception::Failure;
use crate::zend::{
    method::{Arguments, Call, Method, method, run},
    string::PhpString,
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        hookable("redirect", redirect, &["url"], &[("status", "302")]),
        method("location", location, &["url"], &[("status", "302")]),
        method("redirectUrl", redirect_url, &[], &[("url", "''")]),
    ]
}

extern "C" fn redirect(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=2, "redirect", redirect_to);
}

/// The body of `redirect()`: never anything but a failure.
fn redirect_to(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    match receiver.session.redirect(&url_of(arguments.argument(0))?, status_of(arguments.argument(1)))? {}
}

extern "C" fn location(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| {
        Receiver::of(call)?.hookable("redirect", call.arguments().values(), redirect_to)
    });
}

extern "C" fn redirect_url(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let session = this(call)?;
        if call.argument(0).is_some_and(|url| value::kind(url) == Kind::Null) {
            session.set_redirect_url(None)?;
        } else if let Some(url) = new_url(call)? {
            session.set_redirect_url(Some(&url))?;
        }
        Ok(value::from_string(session.redirect_url()?.unwrap_or_else(|| PhpString::new(b""))))
    });
}

/// The URL to keep; `None` when the method only asks.
fn new_url(call: &Call<'_>) -> Result<Option<PhpString>, Failure> {
    let Some(url) = call.argument(0) else { return Ok(None) };
    let url = url_of(Some(url))?;
    Ok((!url.as_bytes().is_empty()).then_some(url))
}

/// A URL: a string, or an object that is one, such as a page.
fn url_of(url: Option<&Zval>) -> Result<PhpString, Failure> {
    match url.map(value::kind) {
        Some(Kind::Array | Kind::Resource) => {
            Err(Failure::InvalidArgument("the URL of a redirect must be a string".into()))
        }
        _ => url.map_or_else(|| Ok(PhpString::new(b"")), name_of),
    }
}

/// true: moved permanently; false: found elsewhere for now; or one of HTTP's redirects, as a number or its digits.
fn status_of(status: Option<&Zval>) -> u16 {
    const PERMANENT: u16 = 301;
    const TEMPORARY: u16 = 302;
    let number = match status.map(|status| (value::kind(status), status)) {
        Some((Kind::True, _)) => return PERMANENT,
        Some((Kind::Long, status)) => u16::try_from(value::long(status)).ok(),
        Some((Kind::String, status)) => {
            std::str::from_utf8(value::bytes(status)).ok().and_then(|digits| digits.parse().ok())
        }
        _ => None,
    };
    number.filter(|number| matches!(number, 301 | 302 | 303 | 307 | 308)).unwrap_or(TEMPORARY)
}
