//! The session's cookie: read from the request, sent at most once.

use holdfast_core::cookie::{self, Attributes};
use holdfast_core::id::SessionId;
use holdfast_core::store::Store;

use super::{Options, Session};
use crate::audit;
use crate::exception::Failure;
use crate::settings::Secure;
use crate::zend::{error, ffi, string};

/// The id that the visitor or the application brings, if this store issued it. Of several cookies of the name the first
/// one with an id of ours counts, whatever stands before it.
pub(super) fn id_of_visitor(options: &Options, store: &Store) -> Result<Option<SessionId>, Failure> {
    let name = options.full_cookie_name();
    if let Some(id) = &options.id {
        return match SessionId::recognise(store.secret(), &name, id.as_bytes()) {
            Some(id) => Ok(Some(id)),
            None => Err(Failure::InvalidArgument(format!(
                "session option 'id' is no id that this store issued for the cookie '{name}'"
            ))),
        };
    }
    // SAFETY: the header lives as long as the request, and is only read.
    let header = unsafe { error::text_from(ffi::hf_cookie_header()) };
    let id = header.and_then(|header| {
        cookie::values(header.as_bytes(), &name)
            .find_map(|text| SessionId::recognise(store.secret(), &name, text))
    });
    audit::cookies(&name, id.as_ref());
    Ok(id)
}

/// Did the visitor bring the cookie, whatever is in it?
pub(super) fn is_brought(options: &Options) -> bool {
    // SAFETY: the header lives as long as the request, and is only read.
    let header = unsafe { error::text_from(ffi::hf_cookie_header()) };
    header
        .is_some_and(|header| cookie::values(header.as_bytes(), &options.full_cookie_name()).next().is_some())
}

/// Did the request come by HTTPS, by what the server says?
fn is_https() -> bool {
    let name = "HTTPS";
    // SAFETY: the variable lives as long as the request, and is only looked at.
    unsafe {
        let value = ffi::hf_server_variable(name.as_ptr().cast(), name.len());
        !value.is_null() && {
            let value = string::bytes_of(value);
            !value.is_empty() && !value.eq_ignore_ascii_case(b"off")
        }
    }
}

fn attributes(options: &Options) -> Attributes {
    Attributes {
        path: options.cookie_path.clone(),
        domain: options.cookie_domain.clone(),
        secure: options.cookie_host_prefix
            || match options.cookie_secure {
                Secure::Auto => is_https(),
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
fn send(options: &Options, line: &str) {
    // SAFETY: reads globals of the running request.
    if !unsafe { ffi::hf_is_http() } {
        return;
    }
    let prefix = format!("Set-Cookie: {}=", options.full_cookie_name());
    let private = "Cache-Control: private, no-cache";
    // SAFETY: the texts are copied.
    unsafe {
        ffi::hf_remove_headers(prefix.as_ptr().cast(), prefix.len());
        ffi::hf_add_header(line.as_ptr().cast(), line.len());
        if !ffi::hf_has_header(CACHE_CONTROL.as_ptr().cast(), CACHE_CONTROL.len()) {
            ffi::hf_add_header(private.as_ptr().cast(), private.len());
        }
    }
}

const CACHE_CONTROL: &str = "Cache-Control:";

impl Session {
    /// Gives a visitor without an id one, in a cookie.
    pub(super) fn ensure_id(&self) -> Result<(), Failure> {
        if self.state.borrow().id.is_some() {
            return Ok(());
        }
        let (store, options) = (self.store()?, self.state.borrow().options.clone());
        let id = SessionId::issue(store.secret(), &options.full_cookie_name())?;
        self.state.borrow_mut().id = Some(id.clone());
        match headers_sent() {
            None => self.send_cookie(&id),
            Some(reason) => {
                self.state.borrow_mut().is_unreachable = true;
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
        let line = attributes(options).set(
            &options.full_cookie_name(),
            id.as_str(),
            options.cookie_lifetime,
            state.now,
        );
        send(options, &line);
    }

    /// Removes the cookie from the visitor's browser, with a warning when it is too late; a cookie that was not sent yet
    /// is not sent at all.
    pub(super) fn remove_cookie(&self) {
        if !self.state.borrow().has_cookie {
            let prefix = format!("Set-Cookie: {}=", self.state.borrow().options.full_cookie_name());
            // SAFETY: the text is copied.
            unsafe { ffi::hf_remove_headers(prefix.as_ptr().cast(), prefix.len()) };
            return;
        }
        if let Some(reason) = headers_sent() {
            error::warn(&format!("Session cookie cannot be removed: {reason}"));
            return;
        }
        let state = self.state.borrow();
        send(&state.options, &attributes(&state.options).remove(&state.options.full_cookie_name()));
    }
}
