//! What takes the place of the id that a visitor brought.

use ext_php_rs::ffi::zend_string;
use holdfast_core::id::SessionId;
use holdfast_core::session::{Base, Id, Visit};

use super::ffi;
use crate::exception::Failure;
use crate::request::{Options, session::renew};
use crate::zend::string::PhpString;

pub(super) enum Replacement {
    /// Nothing does.
    None,
    /// An id that the browser is to get.
    Sent(SessionId),
    /// An id for this request alone.
    Unsent(SessionId),
    /// One that is to be made, for a new session.
    New,
}

impl Replacement {
    /// The id that a session gets where a renewal is due.
    pub fn renewed(visit: &Visit, id: &Id, base: &Base) -> Result<Self, Failure> {
        let options = Options::of_settings();
        let renewed = renew(visit, id, base, options.renewal_interval, options.rotation_grace)?;
        Ok(renewed.map_or(Self::None, |(new, _)| Self::Sent(new)))
    }

    /// Makes ext/session use it.
    pub fn take_place(self) {
        match self {
            Self::None => {}
            // SAFETY: ext/session is opening its session; it takes the string over.
            Self::Sent(id) => unsafe { ffi::hf_session_set_id(text_of(&id)) },
            // SAFETY: as above.
            Self::Unsent(id) => unsafe { ffi::hf_session_set_unsent_id(text_of(&id)) },
            // SAFETY: as above; NULL is no string.
            Self::New => unsafe { ffi::hf_session_set_id(std::ptr::null_mut()) },
        }
    }
}

fn text_of(id: &SessionId) -> *mut zend_string {
    PhpString::new(id.as_str().as_bytes()).into_ptr()
}
