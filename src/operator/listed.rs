//! A session of the list, as an array of PHP's.

use ext_php_rs::types::Zval;
use holdfast_core::survey::Listed;
use holdfast_core::time::Timestamp;

use crate::zend::{array::PhpArray, string::PhpString, value};

/// The array: the names that `Holdfast\SessionInfo` has where it has them.
pub(super) fn array(session: &Listed) -> Zval {
    let entries = [
        ("handle", value::from_bytes(session.handle.to_string().as_bytes())),
        ("user", value::from_bytes(session.user.as_deref().unwrap_or_default())),
        ("address", value::from_bytes(session.address.as_bytes())),
        ("userAgent", value::from_bytes(&session.agent)),
        ("created", seconds(session.created)),
        ("authenticated", seconds(session.authenticated)),
        ("lastActivity", seconds(session.last_activity)),
        ("expires", seconds(session.expires)),
        ("bytes", value::from_u64(session.bytes)),
        ("isRestored", value::from_bool(session.restored)),
    ];
    let mut array = PhpArray::with_capacity(entries.len());
    for (name, entry) in entries {
        array.insert_name(&PhpString::key(name.as_bytes()), entry);
    }
    array.into_value()
}

/// A point in time in Unix seconds.
pub(super) fn seconds(time: Timestamp) -> Zval {
    value::from_u64(time.as_secs())
}
