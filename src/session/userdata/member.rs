//! A member's data: out of the session, or from the application.

use ext_php_rs::types::Zval;

use super::table::{Kind, VARIABLES, Variable};
use crate::exception::Failure;
use crate::request::userdata::Userdata;
use crate::session::authentication::current_user;
use crate::session::receiver::Receiver;
use crate::users;
use crate::zend::{
    array::PhpArray,
    string::PhpString,
    value::{self, Kind as Type},
};

/// What the application says of who is logged in, by name; `None`: nobody is. The application is asked when it was not yet,
/// or when it said that the data have changed.
pub(super) fn data(receiver: &Receiver) -> Result<Option<Zval>, Failure> {
    let session = &receiver.session;
    let Some(user) = session.user_id()? else { return Ok(None) };
    if let Some(known) = session.userdata_at_hand(&user) {
        return Ok(Some(known.data));
    }
    let stored = session.stored_userdata(&user)?;
    let as_of = session.userdata_as_of(&user)?;
    if let Some(stored) = stored {
        if session.is_young(&stored, as_of)? {
            session.remember_userdata(Some(stored.clone()));
            return Ok(Some(stored.data));
        }
        if session.provider().is_none() {
            return Err(Failure::InvalidState(
                "this member's data have changed, and there is nobody to ask for them: call setUserProvider() before \
                 userdata()"
                    .into(),
            ));
        }
    } else if session.provider().is_none() {
        // Not kept: another request may know whom to ask.
        return Ok(Some(PhpArray::with_capacity(0).into_value()));
    }
    let member = current_user(receiver)?;
    if value::kind(&member) == Type::Null {
        return Ok(None);
    }
    let asked = ask(receiver, &member, &user)?;
    let data = value::copy(&asked.data);
    session.keep_userdata(asked)?;
    Ok(Some(data))
}

/// Asks the application for a member's data. A provider that is no `Holdfast\MemberProvider` knows the name alone.
pub(in crate::session) fn ask(receiver: &Receiver, member: &Zval, user: &[u8]) -> Result<Userdata, Failure> {
    let session = &receiver.session;
    let as_of = session.userdata_as_of(user)?;
    let provider = session.provider().filter(users::is_member_provider);
    let (own_version, data) = match provider {
        // The version first: data that change in between are then younger than they say.
        Some(provider) => {
            let version = users::member_version(&provider, member)?;
            (version, checked(&users::member_data(&provider, member)?)?)
        }
        None => (value::null(), PhpArray::with_capacity(1)),
    };
    let mut data = data;
    let name = PhpString::key(b"username");
    if data.find(&name).is_none() {
        let username = users::name_of(member)?;
        data.insert_name(&name, value::from_string(username));
    }
    let data = data.into_value();
    session.refuse_unstorable_userdata(&data)?;
    Ok(Userdata { user: user.to_vec(), as_of, own_version, data })
}

/// Asks the application for another version of the data than the session has; true when there was one.
pub(super) fn refresh(receiver: &Receiver) -> Result<bool, Failure> {
    let session = &receiver.session;
    let Some(user) = session.user_id()? else { return Ok(false) };
    let stored = session.stored_userdata(&user)?;
    if session.provider().is_none() {
        return Err(Failure::InvalidState(
            "there is nobody to ask for this member's data: call setUserProvider() before refreshUserdata()"
                .into(),
        ));
    }
    let member = current_user(receiver)?;
    if value::kind(&member) == Type::Null {
        return Ok(true);
    }
    let asked = ask(receiver, &member, &user)?;
    let is_same = stored.is_some_and(|stored| {
        value::identical(&stored.data, &asked.data)
            && value::identical(&stored.own_version, &asked.own_version)
    });
    session.keep_userdata(asked)?;
    Ok(!is_same)
}

/// The data with the types of the table; what is no variable of the table is as it was given.
fn checked(given: &Zval) -> Result<PhpArray, Failure> {
    let given = PhpArray::of(given);
    let mut data = PhpArray::with_capacity(given.len());
    for (key, value) in given.entries() {
        let (name, value) = (key.to_string(), value::deref(value));
        let variable = VARIABLES.iter().find(|variable| variable.name.as_bytes() == name.as_bytes());
        let typed = match variable {
            None => value::copy(value),
            Some(_) if value::kind(value) == Type::Null => continue,
            Some(variable) => typed(variable, value).ok_or_else(|| wrong(variable))?,
        };
        data.insert(&name, typed);
    }
    Ok(data)
}

/// A value as the table says; `None` when it can't be one. Databases give numbers as strings.
fn typed(variable: &Variable, given: &Zval) -> Option<Zval> {
    let kind = value::kind(given);
    match (variable.kind, kind) {
        (Kind::Int, Type::Long) | (Kind::Text, Type::String) | (Kind::Array, Type::Array) => {
            Some(value::copy(given))
        }
        (Kind::Int, Type::True | Type::False) => Some(value::from_long((kind == Type::True).into())),
        (Kind::Int, Type::String) => {
            let number = std::str::from_utf8(value::bytes(given)).ok()?.parse::<i64>().ok()?;
            Some(value::from_long(number))
        }
        (Kind::Text, Type::Long) => Some(value::from_bytes(value::long(given).to_string().as_bytes())),
        (Kind::Flag, Type::True) => Some(value::from_bytes(b"y")),
        (Kind::Flag, Type::False) => Some(value::from_bytes(b"n")),
        (Kind::Flag, Type::String) if matches!(value::bytes(given), b"y" | b"n") => Some(value::copy(given)),
        _ => None,
    }
}

fn wrong(variable: &Variable) -> Failure {
    let wanted = match variable.kind {
        Kind::Text => "a string",
        Kind::Int => "an integer, or its digits",
        Kind::Flag => "'y', 'n' or a boolean",
        Kind::Array => "an array",
    };
    Failure::InvalidState(format!(
        "MemberProvider::getMemberData() of this application must give {wanted} for '{}'",
        variable.name
    ))
}
