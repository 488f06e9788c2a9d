//! What visitors bring and are refused.

use holdfast_core::cookie;
use holdfast_core::id::SessionId;
use holdfast_core::key::Key;
use holdfast_core::session::{Base, Found, Id, Visit};

use super::{Event, REQUEST, SessionName, What, about, event, is_on, remember, user};
use crate::zend::{error, ffi};

/// Looks at what is stored for the id that the visitor brought, and gives it back: an id without a session is refused.
pub fn brought(visit: &Visit, id: &Id, found: Found) -> Found {
    let what = match (&found, id) {
        (Found::Ended | Found::Superseded, _) => What::RejectedEnded,
        (Found::Nothing, Id::Issued(_)) => What::RejectedUnknown,
        (Found::Nothing, Id::Chosen(text)) => {
            foreign(&visit.cookie_name, text);
            return found;
        }
        (Found::Session { .. }, _) => return found,
    };
    if is_on() {
        refuse(about(what, visit, id));
    }
    found
}

/// A browser that did not log in brought the id of somebody who is logged in (S39, S40).
pub fn refused_browser(visit: &Visit, id: &Id, base: &Base) {
    if is_on() {
        refuse(Event { user: user(visit, base.user()), ..about(What::RejectedBrowser, visit, id) });
    }
}

/// Looks at the request's cookies of this name, of which `used` is taken: several different ones are an event (S22), and
/// one that is no id of ours, where there is none of ours.
pub fn cookies(cookie_name: &str, used: Option<&SessionId>) {
    duplicates(cookie_name, used);
    if let (None, Some(header)) = (used, is_on().then(header).flatten())
        && let Some(text) = texts(&header, cookie_name).next()
    {
        foreign(cookie_name, text);
    }
}

/// Several cookies of this name with different values are an event (S22). `used`: the one of ours that is taken.
pub fn duplicates(cookie_name: &str, used: Option<&SessionId>) {
    let Some(header) = is_on().then(header).flatten() else { return };
    let mut texts = texts(&header, cookie_name);
    let first = texts.next();
    if texts.any(|other| Some(other) != first) {
        let session = used.map(|id| SessionName::of(&Key::of(cookie_name, id)));
        refuse(Event { session, cookie: Some(cookie_name.as_bytes()), ..Event::new(What::Duplicate) });
    }
}

/// A cookie that was not issued for its name. One that has not the form of an id may be anything, a password also: of
/// that not even a hash is written.
fn foreign(cookie_name: &str, text: &[u8]) {
    if !is_on() || text.is_empty() {
        return;
    }
    let cookie = Some(cookie_name.as_bytes());
    refuse(if SessionId::has_form(text) {
        let session = Some(SessionName::of_foreign(cookie_name, text));
        Event { session, cookie, ..Event::new(What::Foreign) }
    } else {
        Event { cookie, ..Event::new(What::Malformed) }
    });
}

/// The values that the request has for a cookie, but for empty ones.
fn texts<'a>(header: &'a str, name: &str) -> impl Iterator<Item = &'a [u8]> {
    cookie::values(header.as_bytes(), name).filter(|text| !text.is_empty())
}

fn header() -> Option<String> {
    // SAFETY: the header lives as long as the request, and is copied.
    unsafe { error::text_from(ffi::hf_cookie_header()) }.map(std::borrow::Cow::into_owned)
}

/// Something that the visitor brought was not accepted: told once a request.
fn refuse(refused: Event<'_>) {
    let is_new = REQUEST.with_borrow_mut(|request| {
        let told = (refused.what, refused.session);
        let known = request.refused.contains(&told)
            || refused.session.is_some_and(|session| request.left.contains(&session));
        if !known {
            remember(&mut request.refused, told);
        }
        !known
    });
    if is_new {
        event(|| refused);
    }
}
