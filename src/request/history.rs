//! The last pages that a visitor has asked for, with `holdfast.history`: `_user.history`, as ProcessWire keeps it.

use ext_php_rs::types::Zval;
use holdfast_core::time::Timestamp;

use super::session::{Phase, Reach, Session};
use crate::exception::Failure;
use crate::server;
use crate::zend::{
    array::{ArrayKey, PhpArray},
    ffi,
    string::PhpString,
    value::{self, Kind},
};

/// What is longer is cut: with the most pages that may be kept, the session still has room.
const MAX_URL_BYTES: usize = 2048;

fn variable() -> PhpString {
    PhpString::key(b"_user")
}

fn history_name() -> PhpString {
    PhpString::key(b"history")
}

impl Session {
    /// The recorded pages under rising numbers; `None` when there are none.
    pub fn history(&self) -> Result<Option<Zval>, Failure> {
        Ok(self.get(&variable())?.and_then(|user| recorded(&user)))
    }

    /// Records the page of this request, once, in a session that there is: a visitor without one gets none (S25).
    /// Parallel requests lose none of each other's pages.
    pub fn maintain(&self) -> Result<(), Failure> {
        let keep = if self.is_maintained.get() { 0 } else { self.state.borrow().options.history };
        // SAFETY: reads globals of the running request.
        if keep == 0 || !unsafe { ffi::hf_is_http() } {
            return Ok(());
        }
        self.load()?;
        if !self.is_kept() {
            return Ok(());
        }
        let (url, time) = (url(), Timestamp::wall().as_secs());
        self.change_atomically_if(&variable(), |user| match user {
            None => Ok(Some(with_page(PhpArray::with_capacity(1), &url, time, keep))),
            Some(user) if value::kind(user) == Kind::Array => {
                Ok(Some(with_page(PhpArray::owned(value::copy(user)), &url, time, keep)))
            }
            // The application has a variable of this name that is no namespace.
            Some(_) => Ok(None),
        })?;
        self.is_maintained.set(true);
        Ok(())
    }

    /// Will the session be there after this request?
    pub(super) fn is_kept(&self) -> bool {
        let state = self.state.borrow();
        state.phase == Phase::Open
            && state.reach == Reach::Cookie
            && (state.base.is_some() || state.values.len() > 0)
    }
}

fn recorded(user: &Zval) -> Option<Zval> {
    if value::kind(user) != Kind::Array {
        return None;
    }
    let user = PhpArray::of(user);
    let history = user.find(&history_name()).map(value::copy_deref)?;
    (value::kind(&history) == Kind::Array).then_some(history)
}

/// The namespace with one page more: the last `keep` pages, under the keys that they have.
fn with_page(mut user: PhpArray, url: &str, time: u64, keep: usize) -> Zval {
    let old = user.take(&history_name()).filter(|old| value::kind(old) == Kind::Array);
    let old = PhpArray::owned(old.unwrap_or_else(|| PhpArray::with_capacity(0).into_value()));
    let next = old.entries().last().map_or(Some(0), |(key, _)| match key {
        ArrayKey::Index(last) => last.checked_add(1),
        ArrayKey::Name(_) => None,
    });
    let mut history = PhpArray::with_capacity(keep.min(old.len() + 1));
    // After a key that is none of ours the history begins anew.
    if next.is_some() {
        for (key, page) in old.entries().skip((old.len() + 1).saturating_sub(keep)) {
            history.insert_entry(key.as_ref(), value::copy_deref(page));
        }
    }
    history.insert_index(next.unwrap_or(0), page(url, time));
    user.insert(&history_name(), history.into_value());
    user.into_value()
}

fn page(url: &str, time: u64) -> Zval {
    let mut page = PhpArray::with_capacity(3);
    page.insert_name(&PhpString::key(b"time"), value::from_long(i64::try_from(time).unwrap_or(i64::MAX)));
    page.insert_name(&PhpString::key(b"url"), value::from_bytes(url.as_bytes()));
    page.insert_name(&PhpString::key(b"page"), value::null());
    page.into_value()
}

/// The URL of this request without its query, which may hold secrets, ready to stand in HTML.
fn url() -> String {
    let scheme = if server::is_https() { "https" } else { "http" };
    let uri = server::text("REQUEST_URI").unwrap_or_default();
    escaped(&format!("{scheme}://{}{}", host(), path(&uri)))
}

/// The host that the visitor asked for, if it can be one.
fn host() -> String {
    let is_host = |host: &String| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:[]".contains(&byte))
    };
    server::text("HTTP_HOST")
        .filter(is_host)
        .or_else(|| server::text("SERVER_NAME"))
        .filter(is_host)
        .unwrap_or_else(|| "localhost".to_owned())
}

/// The path of a request line, which may have a whole URL.
pub(super) fn path(uri: &str) -> &str {
    let uri = uri.split(['?', '#']).next().unwrap_or_default();
    if uri.starts_with('/') {
        return uri;
    }
    let after_host = uri.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    after_host.unwrap_or("/")
}

/// As PHP's `htmlspecialchars()`, and not longer than [`MAX_URL_BYTES`].
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        let mut bytes = [0; 4];
        let piece = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#039;",
            other => other.encode_utf8(&mut bytes),
        };
        if escaped.len() + piece.len() > MAX_URL_BYTES {
            break;
        }
        escaped.push_str(piece);
    }
    escaped
}
