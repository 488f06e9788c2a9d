//! Asking the application about its users. Every call runs its code.

use ext_php_rs::ffi::zend_class_entry;
use ext_php_rs::types::Zval;

use super::{PROVIDER, USER};
use crate::exception::Failure;
use crate::zend::{
    call, ffi,
    string::PhpString,
    value::{self, Kind},
};

/// Is it a `Holdfast\User`?
pub fn is_user(value: &Zval) -> bool {
    is_a(value, USER.get())
}

/// Is it a `Holdfast\UserProvider`?
pub fn is_provider(value: &Zval) -> bool {
    is_a(value, PROVIDER.get())
}

pub(super) fn is_a(value: &Zval, class: *mut zend_class_entry) -> bool {
    // SAFETY: a live object has a linked class; the other is registered.
    value::kind(value) == Kind::Object && unsafe { ffi::hf_instanceof((*value::object(value)).ce, class) }
}

/// A user's name.
pub fn name_of(user: &Zval) -> Result<PhpString, Failure> {
    let name = ask(user, "getName", &[])?;
    match value::kind(&name) {
        Kind::String => Ok(value::string(&name)),
        _ => Err(wrong("User::getName()", "a string")),
    }
}

/// A user's identifier as bytes, of an integer its digits.
pub fn id_of(user: &Zval) -> Result<Vec<u8>, Failure> {
    let id = ask(user, "getId", &[])?;
    match value::kind(&id) {
        Kind::String => Ok(value::bytes(&id).to_vec()),
        Kind::Long => Ok(value::long(&id).to_string().into_bytes()),
        _ => Err(wrong("User::getId()", "an integer or a string")),
    }
}

/// The user of a name, or null.
pub fn find_by_name(provider: &Zval, name: &PhpString) -> Result<Zval, Failure> {
    found(ask(provider, "findByName", &[value::from_string(name.clone())])?, "UserProvider::findByName()")
}

/// The user of an identifier, or null. Digits of an integer are asked for as an integer.
pub fn find_by_id(provider: &Zval, id: &[u8]) -> Result<Zval, Failure> {
    found(ask(provider, "findById", &[id_value(id)])?, "UserProvider::findById()")
}

/// An identifier as PHP code gets it: digits of an integer as an integer.
pub fn id_value(id: &[u8]) -> Zval {
    let number = std::str::from_utf8(id).ok().and_then(|text| text.parse::<i64>().ok());
    match number {
        Some(number) if number.to_string().as_bytes() == id => value::from_long(number),
        _ => value::from_bytes(id),
    }
}

/// Is it the user's password? Of nobody's, null, never.
pub fn verify_password(provider: &Zval, user: &Zval, password: &Zval) -> Result<bool, Failure> {
    let right = ask(provider, "verifyPassword", &[value::copy(user), value::copy(password)])?;
    Ok(value::kind(&right) == Kind::True && value::kind(user) == Kind::Object)
}

fn found(user: Zval, of: &str) -> Result<Zval, Failure> {
    match value::kind(&user) {
        Kind::Null => Ok(user),
        _ if is_user(&user) => Ok(user),
        _ => Err(wrong(of, "a Holdfast\\User or null")),
    }
}

pub(super) fn ask(object: &Zval, method: &str, arguments: &[Zval]) -> Result<Zval, Failure> {
    // SAFETY: the object is held by the value, and its class implements the interface that has the method.
    unsafe { call::call_method(value::object(object), method, arguments) }
}

pub(super) fn wrong(method: &str, wanted: &str) -> Failure {
    Failure::InvalidState(format!("{method} of this application must return {wanted}"))
}
