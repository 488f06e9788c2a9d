//! All sessions of a user: `getSessions`, `endSession`, `endOtherSessions`, `endSessions`, `getForUser`; and the secondary
//! id and the lifetime that one session is given.

use std::time::Duration;

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;
use holdfast_core::record::Handle;

use super::arguments::{name, text_of};
use super::authentication::id_of_user;
use super::receiver::Receiver;
use super::session_info::{self, Device};
use super::this;
use crate::exception::Failure;
use crate::request::Session;
use crate::settings;
use crate::zend::{
    array::PhpArray,
    method::{Call, Method, method, run},
    value,
};

/// The most bytes that a secondary id may have.
const LONGEST_SECONDARY: usize = 255;

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("getForUser", get_for_user, &["user", "key"], &[]),
        method("getSessions", get_sessions, &[], &[("user", "null")]),
        method("endSession", end_session, &["handle"], &[("user", "null")]),
        method("endOtherSessions", end_other_sessions, &[], &[]),
        method("endSessions", end_sessions, &[], &[("user", "null")]),
        method("setSecondaryID", set_secondary_id, &["id"], &[]),
        method("getSecondaryID", get_secondary_id, &[], &[]),
        method("findBySecondaryID", find_by_secondary_id, &["id"], &[]),
        method("setLifetime", set_lifetime, &["seconds"], &[]),
        method("getLifetime", get_lifetime, &[], &[]),
    ]
}

/// The user in an argument, or who is logged in; `None`: nobody.
fn user(call: &Call<'_>, number: usize) -> Result<Option<Vec<u8>>, Failure> {
    match call.given(number) {
        Some(user) => id_of_user(user).map(Some),
        None => this(call)?.user_id(),
    }
}

extern "C" fn get_for_user(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        let (user, name) = (id_of_user(call.argument(0).unwrap_or(&value::null()))?, name(call, 1)?);
        let session = this(call)?;
        let Some(latest) = session.sessions_of(&user)?.into_iter().next() else { return Ok(value::null()) };
        if Some(latest.meta().handle) == session.handle()? {
            return Receiver::of(call)?.get(&name);
        }
        Ok(Session::value_of(latest.base(), &name)?.unwrap_or_else(value::null))
    });
}

extern "C" fn get_sessions(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let session = this(call)?;
        let Some(user) = user(call, 0)? else { return Ok(PhpArray::with_capacity(0).into_value()) };
        let (own, sessions) = (session.handle()?, session.sessions_of(&user)?);
        let remembered = session.remembered_of(&user)?;
        let mut list = PhpArray::with_capacity(sessions.len());
        for device in Device::all(&sessions, &remembered) {
            list.append(session_info::new(&device, own)?);
        }
        Ok(list.into_value())
    });
}

extern "C" fn end_session(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| {
        let session = this(call)?;
        let text = text_of(call.argument(0).unwrap_or(&value::null()))?;
        let Some(handle) = Handle::parse(text.as_bytes()) else {
            return Err(Failure::InvalidArgument(
                "endSession() wants the handle of a session, as getSessions() gives it: 32 hexadecimal digits".into(),
            ));
        };
        let Some(user) = user(call, 1)? else { return Ok(value::from_bool(false)) };
        if session.handle()? == Some(handle) && session.user_id()?.as_deref() == Some(&user) {
            session.log_out(true)?;
            // What is remembered of this device, also where the browser has lost the cookie for it.
            session.end_one(&user, &handle)?;
            return Ok(value::from_bool(true));
        }
        session.end_one(&user, &handle).map(value::from_bool)
    });
}

extern "C" fn end_other_sessions(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| this(call)?.end_others().map(count));
}

extern "C" fn end_sessions(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let session = this(call)?;
        let Some(user) = user(call, 0)? else { return Ok(count(0)) };
        let is_own = session.user_id()?.as_deref() == Some(&user);
        let ended = session.end_all(&user)?;
        if is_own {
            session.log_out(true)?;
        }
        Ok(count(ended))
    });
}

extern "C" fn set_secondary_id(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let id = text_of(call.argument(0).unwrap_or(&value::null()))?;
        if id.as_bytes().len() > LONGEST_SECONDARY {
            return Err(Failure::InvalidArgument(format!(
                "a secondary id has at most {LONGEST_SECONDARY} bytes; this one has {}",
                id.as_bytes().len()
            )));
        }
        this(call)?.set_secondary((!id.as_bytes().is_empty()).then_some(id.as_bytes()))?;
        Ok(call.this_value())
    });
}

extern "C" fn get_secondary_id(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let secondary = this(call)?.meta()?.and_then(|meta| meta.secondary);
        Ok(value::from_bytes(secondary.as_deref().unwrap_or_default()))
    });
}

extern "C" fn find_by_secondary_id(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let session = this(call)?;
        let id = text_of(call.argument(0).unwrap_or(&value::null()))?;
        if id.as_bytes().is_empty() {
            return Ok(value::null());
        }
        let Some(found) = session.find_secondary(id.as_bytes())? else { return Ok(value::null()) };
        let remembered = match &found.meta().user {
            Some(user) => session.remembered_of(user)?,
            None => Vec::new(),
        };
        let remembered = remembered.iter().find(|it| it.meta().handle == found.meta().handle);
        session_info::new(&Device { session: Some(&found), remembered }, session.handle()?)
    });
}

extern "C" fn set_lifetime(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let text = text_of(call.argument(0).unwrap_or(&value::null()))?.to_text();
        let seconds = if text.is_empty() {
            0
        } else {
            settings::parse_seconds(&text, 0).map_err(|reason| bad_lifetime(&reason))?
        };
        let lifetime = (seconds > 0).then(|| Duration::from_secs(seconds));
        this(call)?.set_lifetime(lifetime)?;
        Ok(call.this_value())
    });
}

fn bad_lifetime(reason: &str) -> Failure {
    Failure::InvalidArgument(format!("the lifetime of a session {reason}"))
}

extern "C" fn get_lifetime(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let lifetime = this(call)?.idle_lifetime()?;
        Ok(count(lifetime.as_secs()))
    });
}

fn count(count: u64) -> Zval {
    value::from_long(i64::try_from(count).unwrap_or(i64::MAX))
}
