//! Asking the application what `userdata()` tells of a member. Every call runs its code.

use ext_php_rs::types::Zval;

use super::MEMBER_PROVIDER;
use super::ask::{ask, is_a, wrong};
use crate::exception::Failure;
use crate::zend::value::{self, Kind};

/// Is it a `Holdfast\MemberProvider`?
pub fn is_member_provider(value: &Zval) -> bool {
    is_a(value, MEMBER_PROVIDER.get())
}

/// The member's data: an array.
pub fn member_data(provider: &Zval, user: &Zval) -> Result<Zval, Failure> {
    let data = ask(provider, "getMemberData", &[value::copy(user)])?;
    match value::kind(&data) {
        Kind::Array => Ok(data),
        _ => Err(wrong("MemberProvider::getMemberData()", "an array")),
    }
}

/// The version of the member's data: an integer or a string.
pub fn member_version(provider: &Zval, user: &Zval) -> Result<Zval, Failure> {
    let version = ask(provider, "getMemberVersion", &[value::copy(user)])?;
    match value::kind(&version) {
        Kind::Long | Kind::String => Ok(version),
        _ => Err(wrong("MemberProvider::getMemberVersion()", "an integer or a string")),
    }
}
