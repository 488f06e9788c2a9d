//! ExpressionEngine's `userdata`: who the visitor is, and what they may.

use std::cell::OnceCell;

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use self::table::{Kind, Source, VARIABLES, Variable};
use super::arguments::name;
use super::authentication::{current_user, id_of_user};
use super::bans::visitor_is_banned;
use super::receiver::Receiver;
use super::this;
use crate::exception::Failure;
use crate::request::{control_panel::Marks, visitor};
use crate::users;
use crate::zend::{
    array::PhpArray,
    method::{Method, method, run},
    string::PhpString,
    value::{self, Kind as Type},
};

mod member;
mod table;

pub(super) use member::ask;

/// The name of the property.
pub(super) const PROPERTY: &[u8] = b"userdata";

// The groups that ExpressionEngine gives a meaning.
const SUPERADMIN: i64 = 1;
const BANNED: i64 = 2;
const GUESTS: i64 = 3;
const PENDING: i64 = 4;

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("userdata", userdata, &["which"], &[("default", "false")]),
        method("all_userdata", all_userdata, &[], &[]),
        method("refreshUserdata", refresh_userdata, &[], &[]),
        method("invalidateUserdata", invalidate_userdata, &["user"], &[]),
        method("getMember", get_member, &[], &[]),
        method("get_language", get_language, &[], &[]),
        method("session_id", session_id, &[], &[("which", "''")]),
    ]
}

extern "C" fn userdata(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| {
        let which = name(call, 0)?;
        let found = Visitor::of(&Receiver::of(call)?)?.value(&which)?;
        Ok(match found {
            Some(found) if value::kind(&found) != Type::Null => found,
            _ => call.argument(1).map_or_else(|| value::from_bool(false), value::copy),
        })
    });
}

extern "C" fn all_userdata(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| all(&Receiver::of(call)?));
}

/// All variables: those of the table, and what else the application tells of a member.
pub(super) fn all(receiver: &Receiver) -> Result<Zval, Failure> {
    let visitor = Visitor::of(receiver)?;
    let mut all = PhpArray::with_capacity(VARIABLES.len());
    for variable in VARIABLES {
        all.insert(&PhpString::key(variable.name.as_bytes()), visitor.variable(variable)?);
    }
    if let Some(data) = &visitor.data {
        for (key, _) in data.entries() {
            let name = key.to_string();
            if all.find(&name).is_none()
                && let Some(found) = visitor.value(&name)?
            {
                all.insert(&name, found);
            }
        }
    }
    Ok(all.into_value())
}

extern "C" fn refresh_userdata(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| member::refresh(&Receiver::of(call)?).map(value::from_bool));
}

extern "C" fn invalidate_userdata(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let user = id_of_user(call.argument(0).unwrap_or(&value::null()))?;
        this(call)?.invalidate_userdata(&user)?;
        Ok(call.this_value())
    });
}

extern "C" fn get_member(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| current_user(&Receiver::of(call)?));
}

/// The language names a directory in ExpressionEngine: what can be none is not given.
extern "C" fn get_language(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let found = Visitor::of(&Receiver::of(call)?)?.value(&PhpString::key(b"language"))?;
        Ok(match found {
            Some(language) if is_language(&language) => language,
            _ => value::from_bytes(b"english"),
        })
    });
}

fn is_language(language: &Zval) -> bool {
    value::kind(language) == Type::String
        && !value::bytes(language).is_empty()
        && value::bytes(language).iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
}

/// What ExpressionEngine puts into URLs where the session is not kept by a cookie; where it is, 0.
extern "C" fn session_id(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |_| Ok(value::from_long(0)));
}

/// May the member of whom the application says this enter the control panel? `None`: it does not say.
pub(super) fn may_enter_control_panel(data: &Zval) -> Option<bool> {
    may_enter(&PhpArray::of(data))
}

fn may_enter(data: &PhpArray) -> Option<bool> {
    let said = match decided_by_group(group_of(data), "n") {
        Some(decided) => decided,
        None => value::copy_deref(data.find(&PhpString::key(b"can_access_cp"))?),
    };
    Some(value::kind(&said) == Type::String && value::bytes(&said) == b"y")
}

/// A member's group; without one, a guest's.
fn group_of(data: &PhpArray) -> i64 {
    match data.find(&PhpString::key(b"group_id")).map(value::deref) {
        Some(group) if value::kind(group) == Type::Long => value::long(group),
        _ => GUESTS,
    }
}

/// A privilege of a member, whatever the data say: a superadmin has each, the banned have none, and who waits for approval
/// has a guest's. `None`: the data say.
fn decided_by_group(group: i64, guest: &str) -> Option<Zval> {
    let decided = match group {
        SUPERADMIN => "y",
        BANNED => "n",
        PENDING => guest,
        _ => return None,
    };
    Some(value::from_bytes(decided.as_bytes()))
}

/// Who asks.
struct Visitor<'a> {
    receiver: &'a Receiver,
    /// The member's identifier, and what the application says of the member; `None`: a guest.
    user: Option<Vec<u8>>,
    data: Option<PhpArray>,
    group: i64,
    /// The address is banned, once somebody wants to know.
    banned: OnceCell<bool>,
}

impl<'a> Visitor<'a> {
    fn of(receiver: &'a Receiver) -> Result<Self, Failure> {
        let data = member::data(receiver)?;
        // Asked last: an account that is gone has no session any more.
        let user = if data.is_some() { receiver.session.user_id()? } else { None };
        let data = data.map(|data| PhpArray::of(&data));
        let group = data.as_ref().map_or(GUESTS, group_of);
        Ok(Self { receiver, user, data, group, banned: OnceCell::new() })
    }

    /// A variable by its name; `None` when there is none.
    fn value(&self, name: &PhpString) -> Result<Option<Zval>, Failure> {
        let in_table = VARIABLES.iter().find(|variable| variable.name.as_bytes() == name.as_bytes());
        if let Some(variable) = in_table {
            return self.variable(variable).map(Some);
        }
        if name.as_bytes().starts_with(b"can_")
            && let Some(decided) = self.decided("n")?
        {
            return Ok(Some(decided));
        }
        Ok(self.data.as_ref().and_then(|data| data.find(name)).map(value::copy_deref))
    }

    fn variable(&self, variable: &Variable) -> Result<Zval, Failure> {
        Ok(match variable.source {
            Source::Session => self.of_session(variable)?,
            Source::Request => self.of_request(variable),
            Source::Group => value::from_long(self.is_banned()?.into()),
            Source::Privilege => self.decided(variable.guest)?.unwrap_or_else(|| self.told(variable)),
            Source::Member if variable.name == "assigned_modules" && self.group == SUPERADMIN => {
                default_of(variable)
            }
            Source::Member => self.told(variable),
        })
    }

    /// What the application says of a member; the guest's default without it.
    fn told(&self, variable: &Variable) -> Zval {
        let name = PhpString::key(variable.name.as_bytes());
        let told = self.data.as_ref().and_then(|data| data.find(&name));
        told.map_or_else(|| default_of(variable), value::copy_deref)
    }

    /// A privilege that the member's group or a ban decides; `None`: the data say.
    fn decided(&self, guest: &str) -> Result<Option<Zval>, Failure> {
        if self.is_banned()? {
            return Ok(decided_by_group(BANNED, guest));
        }
        Ok(self.data.as_ref().and_then(|_| decided_by_group(self.group, guest)))
    }

    fn is_superadmin(&self) -> bool {
        self.data.is_some() && self.group == SUPERADMIN
    }

    /// By group or by address. Superadmins never are: a list with their own address in it would keep out who could mend
    /// it.
    fn is_banned(&self) -> Result<bool, Failure> {
        if self.is_superadmin() {
            return Ok(false);
        }
        if self.data.is_some() && self.group == BANNED {
            return Ok(true);
        }
        if let Some(banned) = self.banned.get() {
            return Ok(*banned);
        }
        let banned = visitor_is_banned(self.receiver)?;
        Ok(*self.banned.get_or_init(|| banned))
    }

    fn of_session(&self, variable: &Variable) -> Result<Zval, Failure> {
        let session = &self.receiver.session;
        if variable.name == "member_id" {
            return Ok(self.user.as_deref().map_or_else(|| default_of(variable), users::id_value));
        }
        if variable.name == "session_id" {
            let id = session.id()?;
            return Ok(
                id.map_or_else(|| default_of(variable), |id| value::from_bytes(id.as_str().as_bytes()))
            );
        }
        let marks = if self.user.is_some() { session.marks()? } else { Marks::default() };
        if variable.name == "can_debug" {
            let marked = || value::from_bytes(if marks.can_debug { b"y" } else { b"n" });
            return Ok(self.decided(variable.guest)?.unwrap_or_else(marked));
        }
        // Whoever may not enter any more is out at once, whatever the session says.
        let may_enter = if self.is_banned()? { Some(false) } else { self.data.as_ref().and_then(may_enter) };
        Ok(value::from_long((marks.is_admin && may_enter != Some(false)).into()))
    }

    fn of_request(&self, variable: &Variable) -> Zval {
        if variable.name == "user_agent" {
            return value::from_bytes(&visitor::user_agent());
        }
        let address = self.receiver.session.address(true);
        value::from_bytes(address.map_or_else(String::new, |address| address.to_string()).as_bytes())
    }
}

fn default_of(variable: &Variable) -> Zval {
    match variable.kind {
        Kind::Text | Kind::Flag => value::from_bytes(variable.guest.as_bytes()),
        Kind::Int => value::from_long(variable.guest.parse().unwrap_or(0)),
        Kind::Array => PhpArray::with_capacity(0).into_value(),
    }
}
