//! What `userdata()` tells of a member: kept in the session, so that no later request asks the application for it.
//!
//! It is the variable `_userdata`: for which user, as of which version in the store, when the application was asked, its own
//! version, and the data. It is only ever replaced as a whole, by a compare-and-set: merged from two requests it would be
//! one's version over the other's data, and a privilege that was taken away could stay.

use ext_php_rs::types::Zval;
use holdfast_core::session::{self, SessionError};
use holdfast_core::time::Timestamp;

use super::session::{Phase, Session};
use super::variables::{quoted, unstorable};
use crate::codec::encode::{self, Variable};
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    string::PhpString,
    value::{self, Kind},
};

fn variable() -> PhpString {
    PhpString::key(b"_userdata")
}

/// Which data an application that is asked next will give at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The version in the store.
    pub version: u64,
    /// When the request began.
    pub time: Timestamp,
}

/// A member's data.
pub struct Userdata {
    /// Whose.
    pub user: Vec<u8>,
    /// From when they are.
    pub as_of: AsOf,
    /// The application's own version of them; null when it has none.
    pub own_version: Zval,
    /// By name.
    pub data: Zval,
}

impl Clone for Userdata {
    fn clone(&self) -> Self {
        Self {
            user: self.user.clone(),
            as_of: self.as_of,
            own_version: value::copy(&self.own_version),
            data: value::copy(&self.data),
        }
    }
}

impl Userdata {
    fn to_value(&self) -> Zval {
        let number = |number: u64| value::from_long(i64::try_from(number).unwrap_or(i64::MAX));
        let mut array = PhpArray::with_capacity(5);
        for (name, value) in [
            ("user", value::from_bytes(&self.user)),
            ("version", number(self.as_of.version)),
            ("time", number(self.as_of.time.as_millis())),
            ("own_version", value::copy(&self.own_version)),
            ("data", value::copy(&self.data)),
        ] {
            array.insert_name(&PhpString::key(name.as_bytes()), value);
        }
        array.into_value()
    }

    /// `None` for what is no such array.
    fn of_value(stored: &Zval) -> Option<Self> {
        if value::kind(stored) != Kind::Array {
            return None;
        }
        let array = PhpArray::of(stored);
        let entry = |name: &str, kind: Option<Kind>| {
            let entry = value::copy_deref(array.find(&PhpString::key(name.as_bytes()))?);
            kind.is_none_or(|kind| value::kind(&entry) == kind).then_some(entry)
        };
        let number = |name| u64::try_from(value::long(&entry(name, Some(Kind::Long))?)).ok();
        Some(Self {
            user: value::bytes(&entry("user", Some(Kind::String))?).to_vec(),
            as_of: AsOf { version: number("version")?, time: Timestamp::from_millis(number("time")?) },
            own_version: entry("own_version", None)?,
            data: entry("data", Some(Kind::Array))?,
        })
    }
}

impl Session {
    /// The data of a member as this request has used them already.
    pub fn userdata_at_hand(&self, user: &[u8]) -> Option<Userdata> {
        self.state.borrow().userdata.as_ref().filter(|data| data.user == user).cloned()
    }

    /// The data of a member in the session, whatever their age.
    pub fn stored_userdata(&self, user: &[u8]) -> Result<Option<Userdata>, Failure> {
        let stored = self.get(&variable())?.and_then(|stored| Userdata::of_value(&stored));
        Ok(stored.filter(|data| data.user == user))
    }

    /// Are they as the application would give them, as far as the store knows?
    pub fn is_young(&self, data: &Userdata, as_of: AsOf) -> Result<bool, Failure> {
        let good_for = session::data_is_good_for(&self.visit()?);
        Ok(data.as_of.version >= as_of.version && as_of.time.since(data.as_of.time) < good_for)
    }

    /// To be asked before the application is.
    pub fn userdata_as_of(&self, user: &[u8]) -> Result<AsOf, Failure> {
        let visit = self.visit()?;
        Ok(AsOf { version: session::data_version(&visit, user)?, time: visit.now })
    }

    /// Uses the data for the rest of this request, unless [`Session::remember_userdata`] is called again.
    pub fn remember_userdata(&self, data: Option<Userdata>) {
        let old = std::mem::replace(&mut self.state.borrow_mut().userdata, data);
        drop(old);
    }

    /// Fails when the session can't store the data.
    pub fn refuse_unstorable_userdata(&self, data: &Zval) -> Result<(), Failure> {
        let visit = self.visit()?;
        let variables = [Variable { name: variable(), value: value::copy(data) }];
        match encode::encode(&variables, visit.store.digests(), None, None).into_iter().next() {
            Some(Err(failure)) => Err(unstorable(&variable(), &failure)),
            _ => Ok(()),
        }
    }

    /// Keeps the data of who is logged in for later requests, unless another request has kept some of a later version, and
    /// uses them in this one. Of a session that is closed, or that another request has ended, nothing can be kept.
    pub fn keep_userdata(&self, data: Userdata) -> Result<(), Failure> {
        let new = data.to_value();
        let (user, version) = (data.user.clone(), data.as_of.version);
        self.remember_userdata(Some(data));
        if self.state.borrow().phase == Phase::Closed {
            return Ok(());
        }
        let kept = self.change_atomically_if(&variable(), |stored| {
            let stays = stored
                .and_then(Userdata::of_value)
                .is_some_and(|stored| stored.user == user && stored.as_of.version > version);
            Ok((!stays).then(|| value::copy(&new)))
        });
        match kept {
            Err(Failure::Session(SessionError::Gone)) => Ok(()),
            // Another variable, which is told at the end of the request; a later one asks for the data anew.
            Err(Failure::Unstorable { key, .. }) if key != quoted(&variable()) => Ok(()),
            kept => kept,
        }
    }

    /// Says that what sessions remember of a user is out of date: each asks the application anew, at its next request, or
    /// in this one.
    pub fn invalidate_userdata(&self, user: &[u8]) -> Result<(), Failure> {
        session::raise_data_version(&self.visit()?, user)?;
        if self.userdata_at_hand(user).is_some() {
            self.remember_userdata(None);
        }
        Ok(())
    }
}
