//! The session's cookie: read from the request, sent at most once.

use std::time::Duration;

use holdfast_core::cookie::{self, Attributes};
use holdfast_core::id::SessionId;
use holdfast_core::store::Store;
use holdfast_core::time::Timestamp;

use super::{Options, Session, known_ids, session::Reach};
use crate::audit;
use crate::exception::Failure;
use crate::server;
use crate::settings::Secure;
use crate::zend::{error, ffi};

/// The id that the visitor or the application brings, if this store issued it. Of several cookies of the name the first
/// one with an id of ours counts, whatever stands before it.
pub(super) fn id_of_visitor(options: &Options, store: &Store) -> Result<Option<SessionId>, Failure> {
    let name = options.full_cookie_name();
    if let Some(id) = &options.id {
        return match known_ids::recognise(store, &name, id.as_bytes()) {
            Some((id, _)) => Ok(Some(id)),
            None => Err(Failure::InvalidArgument(format!(
                "session option 'id' is no id that this store issued for the cookie '{name}'"
            ))),
        };
    }
    // SAFETY: the header lives as long as the request, and is only read.
    let header = unsafe { error::text_from(ffi::hf_cookie_header()) };
    let id = header.and_then(|header| {
        cookie::values(header.as_bytes(), &name)
            .find_map(|text| known_ids::recognise(store, &name, text))
            .map(|(id, _)| id)
    });
    audit::cookies(&name, id.as_ref());
    Ok(id)
}

/// The values of a cookie that the visitor has brought, in the header's order.
pub(super) fn brought(name: &str) -> Vec<Vec<u8>> {
    // SAFETY: the header lives as long as the request, and is only read.
    let header = unsafe { error::text_from(ffi::hf_cookie_header()) };
    header
        .map_or_else(Vec::new, |header| cookie::values(header.as_bytes(), name).map(<[u8]>::to_vec).collect())
}

/// Did the visitor bring the cookie, whatever is in it?
pub(super) fn is_brought(options: &Options) -> bool {
    // SAFETY: the header lives as long as the request, and is only read.
    let header = unsafe { error::text_from(ffi::hf_cookie_header()) };
    header
        .is_some_and(|header| cookie::values(header.as_bytes(), &options.full_cookie_name()).next().is_some())
}

pub(super) fn attributes(options: &Options) -> Attributes {
    Attributes {
        path: options.cookie_path.clone(),
        domain: options.cookie_domain.clone(),
        secure: options.cookie_host_prefix
            || match options.cookie_secure {
                Secure::Auto => server::is_https(),
                Secure::On => true,
                Secure::Off => false,
            },
        http_only: options.cookie_httponly,
        same_site: options.cookie_samesite,
    }
}

/// Where the output began, when it is too late for a header. On a command line there are no headers to send.
pub(super) fn headers_sent() -> Option<String> {
    // SAFETY: reads globals of the running request.
    if !unsafe { ffi::hf_is_http() } {
        return None;
    }
    let mut file = std::ptr::null();
    let mut line = 0;
    // SAFETY: both are set by the call; the name lives as long as the output.
    unsafe {
        if !ffi::hf_headers_sent(&raw mut file, &raw mut line) {
            return None;
        }
        Some(match error::text_from(file) {
            Some(file) => format!("headers already sent by (output started at {file}:{line})"),
            None => "headers already sent".to_owned(),
        })
    }
}

/// Replaces what this response says of the cookie, so that it is said once (S21).
pub(super) fn send(name: &str, line: &str) {
    // SAFETY: reads globals of the running request.
    if !unsafe { ffi::hf_is_http() } {
        return;
    }
    unsend(name);
    // SAFETY: the text is copied.
    unsafe { ffi::hf_add_header(line.as_ptr().cast(), line.len()) };
    keep_private();
}

/// Gives the browser a cookie beside the session's, for so long; `None`: takes it away, or back. Nothing happens when it is
/// too late for a header.
pub(super) fn give(options: &Options, name: &str, cookie: Option<(&str, Duration)>, now: Timestamp) {
    if headers_sent().is_some() {
        return;
    }
    match cookie {
        Some((value, lifetime)) => send(name, &attributes(options).set(name, value, lifetime, now)),
        None if brought(name).is_empty() => unsend(name),
        None => send(name, &attributes(options).remove(name)),
    }
}

/// Takes back what this response says of a cookie, as long as it was not sent.
pub(super) fn unsend(name: &str) {
    let prefix = format!("Set-Cookie: {name}=");
    // SAFETY: the text is copied.
    unsafe { ffi::hf_remove_headers(prefix.as_ptr().cast(), prefix.len()) };
}

/// Keeps the response out of shared caches, unless the application says what caches may do, or it is too late (S44).
pub(super) fn keep_private() {
    let (name, private) = ("Cache-Control:", "Cache-Control: private, no-cache");
    // SAFETY: reads globals of the running request; the texts are copied.
    unsafe {
        let is_possible = ffi::hf_is_http() && headers_sent().is_none();
        if is_possible && !ffi::hf_has_header(name.as_ptr().cast(), name.len()) {
            ffi::hf_add_header(private.as_ptr().cast(), private.len());
        }
    }
}

/// Keeps the page that ends a session out of every cache, also the browser's (S11).
pub(super) fn forbid_storing() {
    let (name, line) = ("Cache-Control:", "Cache-Control: no-store");
    // SAFETY: reads globals of the running request; the texts are copied.
    unsafe {
        if ffi::hf_is_http() && headers_sent().is_none() {
            ffi::hf_remove_headers(name.as_ptr().cast(), name.len());
            ffi::hf_add_header(line.as_ptr().cast(), line.len());
        }
    }
}

impl Session {
    /// Gives a visitor without an id one, in a cookie.
    pub(super) fn ensure_id(&self) -> Result<(), Failure> {
        if self.state.borrow().id.is_some() {
            return Ok(());
        }
        let (store, options) = (self.store()?, self.state.borrow().options.clone());
        let id = SessionId::issue(store.secret(), &options.full_cookie_name())?;
        let reach = {
            let mut state = self.state.borrow_mut();
            state.id = Some(id.clone());
            state.reach
        };
        match headers_sent() {
            _ if reach == Reach::Superseded => {}
            None => self.send_cookie(&id),
            Some(reason) => {
                self.state.borrow_mut().reach = Reach::HeadersSent;
                error::warn(&format!(
                    "Session cookie cannot be sent: {reason}; this session ends with the request"
                ));
            }
        }
        if error::is_pending() { Err(Failure::Pending) } else { Ok(()) }
    }

    /// Puts the id into the visitor's cookie. Headers are not sent yet.
    pub(super) fn send_cookie(&self, id: &SessionId) {
        let state = self.state.borrow();
        let options = &state.options;
        let name = options.full_cookie_name();
        let line = attributes(options).set(&name, id.as_str(), options.cookie_lifetime, state.now);
        send(&name, &line);
        drop(state);
        self.send_challenge_again();
    }

    /// Removes the cookie from the visitor's browser, with a warning when it is too late; a cookie that was not sent yet
    /// is not sent at all.
    pub(super) fn remove_cookie(&self) {
        let (has_cookie, name) = {
            let state = self.state.borrow();
            (state.has_cookie, state.options.full_cookie_name())
        };
        match headers_sent() {
            _ if !has_cookie => unsend(&name),
            Some(reason) => {
                error::warn(&format!("Session cookie cannot be removed: {reason}"));
                return;
            }
            None => {
                let line = attributes(&self.state.borrow().options).remove(&name);
                send(&name, &line);
            }
        }
        self.send_challenge(None);
    }
}
