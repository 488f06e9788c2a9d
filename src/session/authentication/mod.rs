//! Logging in and out, with ProcessWire's methods, order of calls and reasons.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::text_of;
use super::receiver::{Receiver, hookable, run_hookable};
use crate::exception::Failure;
use crate::users;
use crate::zend::{
    array::PhpArray,
    method::{Arguments, Method, method, run},
    string::PhpString,
    value::{self, Kind},
};

mod login;

pub(super) use login::log_in_member;
use login::{log_in, password, provider};

pub(super) fn methods() -> Vec<Method> {
    vec![
        hookable("login", login, &["name", "pass"], &[("force", "false")]),
        method("forceLogin", force_login, &["user"], &[]),
        hookable("loginSuccess", login_success, &["user"], &[]),
        hookable("loginFailure", login_failure, &["name", "reason"], &[]),
        hookable("allowLogin", allow_login, &["name"], &[("pass", "null")]),
        hookable("allowLoginAttempt", allow_login_attempt, &["name"], &[]),
        hookable("authenticate", authenticate, &["user", "pass"], &[]),
        hookable("logout", logout, &[], &[("startNew", "true")]),
        hookable("logoutSuccess", logout_success, &["user"], &[]),
        hookable("hookLogin", hook_login, &["login", "result"], &[]),
        hookable("hookLogout", hook_logout, &["user"], &[]),
        hookable("isValidSession", is_valid_session, &["userID"], &[]),
        method("isLoggedin", is_loggedin, &[], &[]),
        method("getUser", get_user, &[], &[]),
        method("setUserProvider", set_user_provider, &["users"], &[]),
        method("getUserProvider", get_user_provider, &[], &[]),
        method("loginWait", login_wait, &["name"], &[]),
        method("loginAttempts", login_attempts, &["name"], &[]),
    ]
}

extern "C" fn login(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 2..=3, "login", log_in);
}

extern "C" fn force_login(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let user = call.argument(0).map_or_else(value::null, value::copy);
        Receiver::of(call)?.hookable("login", &[user, value::from_bytes(b""), value::from_bool(true)], log_in)
    });
}

extern "C" fn login_success(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=1, "loginSuccess", |_, _| Ok(value::null()));
}

extern "C" fn login_failure(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 2..=2, "loginFailure", |_, _| Ok(value::null()));
}

extern "C" fn hook_login(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 2..=2, "hookLogin", |_, _| Ok(value::null()));
}

extern "C" fn hook_logout(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=1, "hookLogout", |_, _| Ok(value::null()));
}

extern "C" fn logout_success(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=1, "logoutSuccess", |_, _| Ok(value::null()));
}

extern "C" fn allow_login(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=2, "allowLogin", login_is_allowed);
}

/// `allowLogin($name, $pass)`: a name that is no name may not; nor one whose next attempt is not due yet, unless a login
/// of it is running, which has asked already.
fn login_is_allowed(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    let name = text_of(arguments.argument(0).unwrap_or(&value::null()))?;
    if name.as_bytes().trim_ascii().is_empty() {
        return Ok(value::from_bool(false));
    }
    if receiver.session.is_logging_in() {
        return Ok(value::from_bool(true));
    }
    let attempt = receiver.session.attempt(name.as_bytes().trim_ascii())?;
    Ok(value::from_bool(attempt.wait()?.is_zero()))
}

extern "C" fn allow_login_attempt(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=1, "allowLoginAttempt", attempt_is_allowed);
}

fn attempt_is_allowed(_: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    let name = text_of(arguments.argument(0).unwrap_or(&value::null()))?;
    Ok(value::from_bool(!name.as_bytes().is_empty()))
}

extern "C" fn authenticate(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 2..=2, "authenticate", verify);
}

/// `authenticate(User $user, $pass)`: is it the user's password? It counts as no attempt.
fn verify(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    let user = arguments.argument(0).map_or_else(value::null, value::copy);
    if !users::is_user(&user) {
        return Err(Failure::InvalidArgument("authenticate() wants a Holdfast\\User".into()));
    }
    let pass = password(arguments.argument(1))?;
    users::verify_password(&provider(receiver)?, &user, &pass).map(value::from_bool)
}

extern "C" fn logout(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 0..=1, "logout", log_out);
}

/// `logout($startNew = true)`: `$this`.
fn log_out(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    let session = &receiver.session;
    let user = current_user(receiver)?;
    session.log_out(arguments.argument(0).is_none_or(value::is_true))?;
    session.note_event(&PhpString::new(b"logout"), &user, &value::null())?;
    if value::kind(&user) != Kind::Null {
        receiver.hookable("logoutSuccess", &[value::copy(&user)], |_, _| Ok(value::null()))?;
        receiver.hookable("hookLogout", &[user], |_, _| Ok(value::null()))?;
    }
    Ok(receiver.value())
}

extern "C" fn is_valid_session(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=1, "isValidSession", |receiver, arguments| {
        let asked = text_of(arguments.argument(0).unwrap_or(&value::null()))?;
        let is_theirs = receiver.session.user_id()?.is_some_and(|user| user == asked.as_bytes());
        Ok(value::from_bool(is_theirs))
    });
}

extern "C" fn is_loggedin(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| Ok(value::from_bool(Receiver::of(call)?.session.user_id()?.is_some())));
}

extern "C" fn get_user(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| current_user(&Receiver::of(call)?));
}

/// Who is logged in, or null. An account that is gone has no session: it ends.
pub(super) fn current_user(receiver: &Receiver) -> Result<Zval, Failure> {
    let session = &receiver.session;
    let Some(id) = session.user_id()? else { return Ok(value::null()) };
    if let Some(user) = session.known_user() {
        return Ok(user);
    }
    let Some(provider) = session.provider() else { return Ok(value::null()) };
    let user = users::find_by_id(&provider, &id)?;
    if value::kind(&user) == Kind::Null {
        session.log_out(true)?;
        return Ok(user);
    }
    session.remember_user(Some(value::copy(&user)));
    Ok(user)
}

extern "C" fn set_user_provider(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let provider = call.argument(0).map_or_else(value::null, value::copy);
        if !users::is_provider(&provider) {
            return Err(Failure::InvalidArgument(
                "setUserProvider() wants an object that implements Holdfast\\UserProvider".into(),
            ));
        }
        Receiver::of(call)?.session.set_provider(provider);
        Ok(call.this_value())
    });
}

extern "C" fn get_user_provider(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| Ok(Receiver::of(call)?.session.provider().unwrap_or_else(value::null)));
}

extern "C" fn login_wait(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let name = text_of(call.argument(0).unwrap_or(&value::null()))?;
        let wait = Receiver::of(call)?.session.attempt(name.as_bytes().trim_ascii())?.wait()?;
        let seconds = wait.as_millis().div_ceil(1000);
        Ok(value::from_long(i64::try_from(seconds).unwrap_or(i64::MAX)))
    });
}

extern "C" fn login_attempts(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let name = text_of(call.argument(0).unwrap_or(&value::null()))?;
        let counts = Receiver::of(call)?.session.attempt(name.as_bytes())?.counts()?;
        let mut array = PhpArray::with_capacity(2);
        array.insert(&PhpString::key(b"attempts"), value::from_long(counts.attempts.into()));
        array.insert(&PhpString::key(b"failures"), value::from_long(counts.failures.into()));
        Ok(array.into_value())
    });
}

/// The identifier of a user given as an object, or as the identifier itself.
pub(super) fn id_of_user(user: &Zval) -> Result<Vec<u8>, Failure> {
    match value::kind(user) {
        Kind::Object if users::is_user(user) => users::id_of(user),
        Kind::String | Kind::Long => Ok(text_of(user)?.as_bytes().to_vec()),
        _ => Err(Failure::InvalidArgument("a user must be a Holdfast\\User, or a user's id".into())),
    }
}
