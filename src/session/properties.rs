//! The properties of ExpressionEngine's session that are no variables: `$session->cache`, `$session->tracker`. A variable of
//! such a name is read and set by `get`, `set` and `$session['name']`.

use ext_php_rs::types::Zval;

use crate::exception::Failure;
use crate::request::InUse;
use crate::zend::{array::PhpArray, string::PhpString};

/// What such a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    /// The values of this request.
    Cache,
    /// The visitor's last pages.
    Tracker,
}

impl Property {
    /// The property of this name; `None`: it is a variable's.
    pub fn named(name: &PhpString) -> Option<Self> {
        match name.as_bytes() {
            b"cache" => Some(Self::Cache),
            b"tracker" => Some(Self::Tracker),
            _ => None,
        }
    }

    pub fn read(self, session: &InUse) -> Result<Zval, Failure> {
        match self {
            Self::Cache => Ok(session.cache()),
            Self::Tracker => session.tracker(),
        }
    }

    pub fn write(self, session: &InUse, new: Zval) -> Result<(), Failure> {
        match self {
            Self::Cache => session.replace_cache(new),
            Self::Tracker => Err(Failure::InvalidState(
                "$session->tracker can only be read: do_not_track() keeps a page out of it, and a session variable of that \
                 name is set by set('tracker', ...)"
                    .into(),
            )),
        }
    }

    /// `unset($session->name)`: the cache is empty then.
    pub fn unset(self, session: &InUse) -> Result<(), Failure> {
        self.write(session, PhpArray::with_capacity(0).into_value())
    }

    /// The place of the property for PHP code that changes it there; NULL for PHP to read it instead.
    pub fn place(self, session: &InUse) -> Result<*mut Zval, Failure> {
        match self {
            Self::Cache => session.cache_place(),
            Self::Tracker => Ok(std::ptr::null_mut()),
        }
    }
}
