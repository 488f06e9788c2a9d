//! Logging in and out, with ProcessWire's methods, order of calls and reasons.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;
use holdfast_core::session::SessionError;

use super::arguments::text_of;
use super::receiver::{Receiver, hookable, run_hookable};
use super::userdata;
use crate::audit::What;
use crate::exception::Failure;
use crate::request::control_panel::Marks;
use crate::request::login::{
    attempt::{Attempt, Verdict},
    member::LogIn,
};
use crate::users;
use crate::zend::{
    array::PhpArray,
    method::{Arguments, Method, method, run},
    string::PhpString,
    value::{self, Kind},
};

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

/// Why a login fails: ProcessWire's words, where it has the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    Blocked,
    TooManyAttempts,
    UnknownUser,
    NotAllowed,
    InvalidPassword,
    TooManySessions,
    Overtaken,
}

impl Refusal {
    const fn reason(self) -> &'static str {
        match self {
            Self::Blocked => "Blocked login attempt",
            Self::TooManyAttempts => "Too many attempts",
            Self::UnknownUser => "Unknown user",
            Self::NotAllowed => "Login not allowed",
            Self::InvalidPassword => "Invalid password",
            Self::TooManySessions => "Too many sessions",
            Self::Overtaken => "All sessions of this user were ended meanwhile",
        }
    }

    /// The password was right: it was no guess.
    const fn had_the_password(self) -> bool {
        matches!(self, Self::TooManySessions | Self::Overtaken)
    }

    /// What the audit log calls it.
    const fn what(self) -> What {
        match self {
            Self::Blocked | Self::NotAllowed => What::LoginNotAllowed,
            Self::TooManyAttempts => What::Throttled,
            Self::UnknownUser => What::LoginUnknown,
            Self::InvalidPassword => What::LoginPassword,
            Self::TooManySessions => What::LimitRefused,
            Self::Overtaken => What::LoginOvertaken,
        }
    }
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

/// `login($name, $pass, $force = false)`: the user, or null.
fn log_in(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    let who = arguments.argument(0).map_or_else(value::null, value::copy);
    let pass = password(arguments.argument(1))?;
    let is_forced = arguments.argument(2).is_some_and(|force| value::kind(force) == Kind::True);
    let given = users::is_user(&who).then(|| value::copy(&who));
    let name = match &given {
        Some(user) => users::name_of(user)?,
        None => PhpString::new(text_of(&who)?.as_bytes().trim_ascii()),
    };
    if name.as_bytes().is_empty() {
        return Ok(value::null());
    }
    receiver.session.refuse_late("login()")?;
    let _running = receiver.session.begin_login();
    let attempt = receiver.session.attempt(name.as_bytes())?;
    let by = if is_forced { LogIn::Forced } else { LogIn::Password };
    let outcome = admit(receiver, &attempt, &name, given, &pass, is_forced)?;
    let entered = match outcome {
        Ok(candidate) => enter(receiver, candidate, by, |_| Marks::default())?,
        Err(refusal) => Err(refusal),
    };
    let told = tell(receiver, &attempt, name, entered, by)?;
    Ok(told.unwrap_or_else(|_| value::null()))
}

/// Tells everybody how a login ended: who counts attempts, the audit log, hooks and subclasses.
fn tell(
    receiver: &Receiver,
    attempt: &Attempt,
    name: PhpString,
    entered: Result<Zval, Refusal>,
    by: LogIn,
) -> Result<Result<Zval, Refusal>, Failure> {
    let shown = value::from_string(name);
    match &entered {
        Ok(user) => {
            attempt.succeeded()?;
            if by == LogIn::Forced {
                receiver.session.passwords_were_right()?;
            } else {
                receiver.session.remember_device(attempt)?;
            }
            let result = value::from_bool(true);
            receiver.hookable("loginSuccess", &[value::copy(user)], |_, _| Ok(value::null()))?;
            receiver.hookable("hookLogin", &[shown, result], |_, _| Ok(value::null()))?;
        }
        Err(refusal) => {
            if refusal.had_the_password() {
                attempt.succeeded()?;
            }
            attempt.refused(refusal.what());
            let reason = value::from_bytes(refusal.reason().as_bytes());
            receiver.hookable("loginFailure", &[value::copy(&shown), reason], |_, _| Ok(value::null()))?;
            receiver.hookable("hookLogin", &[shown, value::from_bool(false)], |_, _| Ok(value::null()))?;
        }
    }
    Ok(entered)
}

/// Logs in, without a password, the member with this identifier: the session's id. `marks` are those of the session, by what
/// the application says of whether the member may enter the control panel.
pub(super) fn log_in_member(
    receiver: &Receiver,
    member: &Zval,
    marks: impl FnOnce(Option<bool>) -> Marks,
) -> Result<Zval, Failure> {
    let what = "create_new_session()";
    let id = id_of_user(member)?;
    if matches!(id.as_slice(), b"" | b"0") {
        return Err(Failure::InvalidArgument(format!("{what} wants the id of a member, and 0 is nobody's")));
    }
    receiver.session.refuse_late(what)?;
    let user = match receiver.session.provider() {
        Some(provider) => users::find_by_id(&provider, &id)?,
        None => value::copy(member),
    };
    let is_known = users::is_user(&user);
    if !is_known && receiver.session.provider().is_some() {
        return Err(Failure::InvalidArgument(format!(
            "{what} has logged nobody in: the user provider knows no member with this id"
        )));
    }
    // A database may take another spelling for the id.
    let (id, name) = if is_known {
        (users::id_of(&user)?, users::name_of(&user)?)
    } else {
        (id.clone(), PhpString::new(&id))
    };
    let _running = receiver.session.begin_login();
    let attempt = receiver.session.attempt(name.as_bytes())?;
    let generation = receiver.session.generation_of(&id)?;
    let asked = [value::from_string(name.clone()), value::from_bytes(b"")];
    let entered = if value::is_true(&receiver.hookable("allowLogin", &asked, login_is_allowed)?) {
        let user = if is_known { user } else { users::id_value(&id) };
        enter(receiver, Candidate { user, id, generation }, LogIn::Forced, marks)?
    } else {
        Err(Refusal::NotAllowed)
    };
    match tell(receiver, &attempt, name, entered, LogIn::Forced)? {
        Ok(_) => {
            let id = receiver.session.id()?;
            Ok(value::from_bytes(id.as_ref().map_or("", |id| id.as_str()).as_bytes()))
        }
        Err(refusal) => {
            Err(Failure::InvalidState(format!("{what} has logged nobody in: {}", refusal.reason())))
        }
    }
}

/// A user whose password was right, or who needs none.
struct Candidate {
    user: Zval,
    id: Vec<u8>,
    /// The generation of the user's sessions before the password was looked at.
    generation: u64,
}

/// Is this the user's password, and may they log in? Whatever the answer, one password is verified, unless the attempt
/// is refused before: so the time tells nobody which names there are.
fn admit(
    receiver: &Receiver,
    attempt: &Attempt,
    name: &PhpString,
    given: Option<Zval>,
    pass: &Zval,
    is_forced: bool,
) -> Result<Result<Candidate, Refusal>, Failure> {
    let shown = || value::from_string(name.clone());
    let may_try = receiver.hookable("allowLoginAttempt", &[shown()], attempt_is_allowed)?;
    if !value::is_true(&may_try) {
        return Ok(Err(Refusal::Blocked));
    }
    if !is_forced && receiver.session.begin_attempt(attempt)? == Verdict::Refused {
        return Ok(Err(Refusal::TooManyAttempts));
    }
    let user = match given {
        Some(user) => user,
        None => users::find_by_name(&provider(receiver)?, name)?,
    };
    if value::kind(&user) == Kind::Null {
        if !is_forced {
            users::verify_password(&provider(receiver)?, &user, pass)?;
        }
        return Ok(Err(Refusal::UnknownUser));
    }
    let id = users::id_of(&user)?;
    let generation = receiver.session.generation_of(&id)?;
    let is_allowed =
        value::is_true(&receiver.hookable("allowLogin", &[shown(), value::copy(pass)], login_is_allowed)?);
    if !is_forced {
        let arguments = [value::copy(&user), value::copy(pass)];
        let is_right = value::is_true(&receiver.hookable("authenticate", &arguments, verify)?);
        if is_allowed && !is_right {
            return Ok(Err(Refusal::InvalidPassword));
        }
    }
    Ok(if is_allowed { Ok(Candidate { user, id, generation }) } else { Err(Refusal::NotAllowed) })
}

/// Makes the session the user's, with these marks. Where the application has no object for the user, its identifier stands
/// for it.
fn enter(
    receiver: &Receiver,
    candidate: Candidate,
    by: LogIn,
    marks: impl FnOnce(Option<bool>) -> Marks,
) -> Result<Result<Zval, Refusal>, Failure> {
    let Candidate { user, id, generation } = candidate;
    let before = receiver.session.known_user().unwrap_or_else(value::null);
    // Asked before anything is stored: where the application fails, nobody is logged in.
    let asks = receiver.session.provider().is_some_and(|provider| users::is_member_provider(&provider));
    let userdata = if asks { Some(userdata::ask(receiver, &user, &id)?) } else { None };
    let may_enter = userdata.as_ref().and_then(|asked| userdata::may_enter_control_panel(&asked.data));
    match receiver.session.log_in(&id, generation, by, marks(may_enter)) {
        Ok(_) => {}
        Err(Failure::Session(SessionError::LimitReached(_))) => return Ok(Err(Refusal::TooManySessions)),
        Err(Failure::Session(SessionError::Overtaken)) => return Ok(Err(Refusal::Overtaken)),
        Err(failure) => return Err(failure),
    }
    receiver.session.remember_user(users::is_user(&user).then(|| value::copy(&user)));
    receiver.session.remember_userdata(None);
    if let Some(userdata) = userdata {
        receiver.session.keep_userdata(userdata)?;
    }
    receiver.session.note_event(&PhpString::new(b"login"), &before, &user)?;
    Ok(Ok(user))
}

fn provider(receiver: &Receiver) -> Result<Zval, Failure> {
    receiver.session.provider().ok_or_else(|| {
        Failure::InvalidState(
            "who has this name is not known: give the session its users by setUserProvider() before login()"
                .into(),
        )
    })
}

/// A password as a string; it must be one, or what PHP makes a string of.
fn password(argument: Option<&Zval>) -> Result<Zval, Failure> {
    match argument {
        Some(pass) if value::kind(pass) == Kind::String => Ok(value::copy(pass)),
        Some(pass) if matches!(value::kind(pass), Kind::Array | Kind::Resource) => {
            Err(Failure::InvalidArgument("the password must be a string".into()))
        }
        Some(pass) => Ok(value::from_string(text_of(pass)?)),
        None => Ok(value::from_bytes(b"")),
    }
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
