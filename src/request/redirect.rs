//! Sending the visitor to another page.

use std::convert::Infallible;

use holdfast_core::destination::Destination;

use super::{cookie, session::Session};
use crate::exception::Failure;
use crate::server;
use crate::zend::{
    error, ffi,
    string::PhpString,
    value::{self, Kind},
};

/// The variable that keeps where to go after a login.
fn variable() -> PhpString {
    PhpString::key(b"_redirectUrl")
}

impl Session {
    /// Answers with a redirect and ends the script as `exit` does: it never comes back with anything but a failure,
    /// [`Failure::Pending`] when the script is ending. What the sessions of this request have changed is saved before,
    /// so that the next page sees it however fast the browser asks for it.
    pub fn redirect(&self, url: &PhpString, status: u16) -> Result<Infallible, Failure> {
        self.check_destination(url)?;
        if let Some(reason) = cookie::headers_sent() {
            return Err(Failure::InvalidState(format!("the visitor can't be redirected: {reason}")));
        }
        super::save_before_the_end()?;
        // SAFETY: reads globals of the running request.
        if unsafe { ffi::hf_is_http() } {
            let line = [b"Location: ", url.as_bytes()].concat();
            // SAFETY: the line is copied.
            let is_set =
                unsafe { ffi::hf_replace_header(line.as_ptr().cast(), line.len(), i32::from(status)) };
            if error::is_pending() {
                return Err(Failure::Pending);
            }
            if !is_set {
                return Err(Failure::InvalidState("PHP has refused the header of the redirect".into()));
            }
        }
        // SAFETY: in a method that PHP code has called, and no exception is pending.
        unsafe { ffi::hf_exit() };
        Err(Failure::Pending)
    }

    /// May a redirect go there (S41)?
    fn check_destination(&self, url: &PhpString) -> Result<(), Failure> {
        let host = server::text("HTTP_HOST");
        let own: Vec<&str> = host.as_deref().into_iter().collect();
        let allowed = self.state.borrow().options.redirect_hosts.clone();
        Destination::check(url.as_bytes(), &own, &allowed)
            .map(drop)
            .map_err(|refusal| Failure::InvalidArgument(refusal.to_string()))
    }

    /// Where to go after a login; `None` when nobody said.
    pub fn redirect_url(&self) -> Result<Option<PhpString>, Failure> {
        let found = self.get(&variable())?;
        Ok(found.filter(|url| value::kind(url) == Kind::String).map(|url| value::string(&url)))
    }

    /// Keeps where to go after a login; `None` forgets it.
    pub fn set_redirect_url(&self, url: Option<&PhpString>) -> Result<(), Failure> {
        match url {
            None => self.remove(&variable()),
            Some(url) => {
                self.check_destination(url)?;
                self.set(&variable(), value::from_string(url.clone()))
            }
        }
    }
}
