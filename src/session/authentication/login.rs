//! What a login asks, in ProcessWire's order and with its reasons.

use ext_php_rs::types::Zval;
use holdfast_core::session::SessionError;

use super::{attempt_is_allowed, id_of_user, login_is_allowed, verify};
use crate::audit::What;
use crate::exception::Failure;
use crate::request::control_panel::Marks;
use crate::request::login::{
    attempt::{Attempt, Verdict},
    member::LogIn,
};
use crate::session::{arguments::text_of, receiver::Receiver, userdata};
use crate::users;
use crate::zend::{
    method::Arguments,
    string::PhpString,
    value::{self, Kind},
};

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
/// `login($name, $pass, $force = false)`: the user, or null.
pub(super) fn log_in(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
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
pub(in crate::session) fn log_in_member(
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

pub(super) fn provider(receiver: &Receiver) -> Result<Zval, Failure> {
    receiver.session.provider().ok_or_else(|| {
        Failure::InvalidState(
            "who has this name is not known: give the session its users by setUserProvider() before login()"
                .into(),
        )
    })
}

/// A password as a string; it must be one, or what PHP makes a string of.
pub(super) fn password(argument: Option<&Zval>) -> Result<Zval, Failure> {
    match argument {
        Some(pass) if value::kind(pass) == Kind::String => Ok(value::copy(pass)),
        Some(pass) if matches!(value::kind(pass), Kind::Array | Kind::Resource) => {
            Err(Failure::InvalidArgument("the password must be a string".into()))
        }
        Some(pass) => Ok(value::from_string(text_of(pass)?)),
        None => Ok(value::from_bytes(b"")),
    }
}
