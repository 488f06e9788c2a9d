//! The properties of ExpressionEngine's session that are no variables: `$session->cache`, `$session->flashdata`,
//! `$session->tracker`, `$session->userdata`. A variable of such a name is read and set by `get`, `set` and
//! `$session['name']`.

use ext_php_rs::types::Zval;

use super::{receiver::Receiver, userdata};
use crate::exception::Failure;
use crate::request::InUse;
use crate::zend::{array::PhpArray, string::PhpString};

/// What such a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    /// The values of this request.
    Cache,
    /// What earlier requests have set for this page.
    Flashdata,
    /// The visitor's last pages.
    Tracker,
    /// What is known of the member.
    Userdata,
}

impl Property {
    /// The property of this name; `None`: it is a variable's.
    pub fn named(name: &PhpString) -> Option<Self> {
        match name.as_bytes() {
            b"cache" => Some(Self::Cache),
            b"flashdata" => Some(Self::Flashdata),
            b"tracker" => Some(Self::Tracker),
            userdata::PROPERTY => Some(Self::Userdata),
            _ => None,
        }
    }

    pub fn read(self, receiver: &Receiver) -> Result<Zval, Failure> {
        match self {
            Self::Cache => Ok(receiver.session.cache()),
            Self::Flashdata => receiver.session.flash(),
            Self::Tracker => receiver.session.tracker(),
            Self::Userdata => userdata::all(receiver),
        }
    }

    pub fn write(self, session: &InUse, new: Zval) -> Result<(), Failure> {
        match self {
            Self::Cache => session.replace_cache(new),
            Self::Flashdata => session.show_flash(&new),
            Self::Tracker => Err(Failure::InvalidState(
                "$session->tracker can only be read: do_not_track() keeps a page out of it, and a session variable of that \
                 name is set by set('tracker', ...)"
                    .into(),
            )),
            Self::Userdata => Err(Failure::InvalidState(
                "the property userdata can't be changed: the member provider gives it; a variable of this name is \
                 set('userdata', ...)"
                    .into(),
            )),
        }
    }

    /// `unset($session->name)`: the cache is empty then, and no flash data is shown.
    pub fn unset(self, session: &InUse) -> Result<(), Failure> {
        self.write(session, PhpArray::with_capacity(0).into_value())
    }

    /// The place of the property for PHP code that changes it there; NULL for PHP to read it instead.
    pub fn place(self, session: &InUse) -> Result<*mut Zval, Failure> {
        match self {
            Self::Cache => session.cache_place(),
            Self::Flashdata | Self::Tracker | Self::Userdata => Ok(std::ptr::null_mut()),
        }
    }
}
