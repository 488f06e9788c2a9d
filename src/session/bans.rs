//! ExpressionEngine's bans, and its lockout after wrong passwords.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::text_of;
use super::receiver::{Receiver, hookable, run_hookable};
use super::this;
use crate::exception::Failure;
use crate::request::bans::Kind;
use crate::zend::{
    method::{Arguments, Call, Method, method, run},
    string::PhpString,
    value,
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        hookable("ban_check", ban_check, &[], &[("type", "'ip'"), ("match", "''")]),
        hookable("nation_ban_check", nation_ban_check, &[], &[("show_error", "true")]),
        method("check_password_lockout", check_password_lockout, &[], &[("username", "''")]),
        method("save_password_lockout", save_password_lockout, &[], &[("username", "''")]),
        method("delete_password_lockout", delete_password_lockout, &[], &[]),
    ]
}

extern "C" fn ban_check(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 0..=2, "ban_check", is_banned);
}

/// `ban_check($type = 'ip', $match = '')`: a boolean.
fn is_banned(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    let kind = match arguments.argument(0).map(text_of).transpose()?.as_ref().map(PhpString::as_bytes) {
        None | Some(b"ip") => Kind::Address,
        Some(b"email") => Kind::Email,
        Some(b"username") => Kind::Username,
        Some(b"screen_name") => Kind::ScreenName,
        Some(other) => {
            return Err(Failure::InvalidArgument(format!(
                "ban_check() knows the types ip, email, username and screen_name; '{}' is none",
                other.escape_ascii()
            )));
        }
    };
    if kind == Kind::Address {
        return receiver.session.address_is_banned().map(value::from_bool);
    }
    let name = text_of(arguments.argument(1).unwrap_or(&value::null()))?;
    receiver.session.name_is_banned(kind, name.as_bytes()).map(value::from_bool)
}

/// Is this visitor's address banned, as hooks and subclasses see it?
pub(super) fn visitor_is_banned(receiver: &Receiver) -> Result<bool, Failure> {
    let banned = receiver.hookable("ban_check", &[value::from_bytes(b"ip")], is_banned)?;
    Ok(value::is_true(&banned))
}

/// `nation_ban_check($show_error = true)`: false, since nobody here knows an address's nation. ExpressionEngine without
/// its add-on for that says the same.
extern "C" fn nation_ban_check(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 0..=1, "nation_ban_check", |_, _| Ok(value::from_bool(false)));
}

extern "C" fn check_password_lockout(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        this(call)?.is_locked_out(username(call)?.as_bytes()).map(value::from_bool)
    });
}

extern "C" fn save_password_lockout(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        Ok(null_where(this(call)?.note_wrong_password(username(call)?.as_bytes())?))
    });
}

extern "C" fn delete_password_lockout(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| Ok(null_where(this(call)?.counts_logins())));
}

/// What ExpressionEngine's methods without a result give: false where the lockout is switched off.
fn null_where(is_on: bool) -> Zval {
    if is_on { value::null() } else { value::from_bool(false) }
}

fn username(call: &Call<'_>) -> Result<PhpString, Failure> {
    text_of(call.argument(0).unwrap_or(&value::null()))
}
