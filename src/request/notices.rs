//! Notices: queued in the session until a page shows them, and shown once.
//!
//! They are the variable `_notices`, a list under each of `messages`, `errors` and `warnings`. To queue one appends to a
//! list, which the merge keeps beside everything else; to take them is a compare-and-set on what is stored, so of
//! several requests one gets each. A list that was taken stays, empty: with its removal, what a request appends at the
//! same time would be removed too.

use ext_php_rs::types::Zval;
use holdfast_core::session::SessionError;
use holdfast_core::time::Timestamp;

use super::session::{Phase, Session};
use crate::exception::Failure;
use crate::notice::{Notice, Severity, flags};
use crate::zend::{
    array::PhpArray,
    string::PhpString,
    value::{self, Kind},
};

fn variable() -> PhpString {
    PhpString::key(b"_notices")
}

/// The name of the list in the variable.
fn list_name(severity: Severity) -> PhpString {
    PhpString::key(match severity {
        Severity::Message => b"messages",
        Severity::Error => b"errors",
        Severity::Warning => b"warnings",
    })
}

impl Session {
    /// Queues a notice, for this request or a later one.
    pub fn queue_notice(&self, severity: Severity, text: PhpString, flags: i64) -> Result<(), Failure> {
        let found = self.get(&variable())?.filter(|found| value::kind(found) == Kind::Array);
        let mut lists = PhpArray::owned(found.unwrap_or_else(|| PhpArray::with_capacity(1).into_value()));
        let name = list_name(severity);
        let list = lists.take(&name).filter(|list| value::kind(list) == Kind::Array);
        let mut list = PhpArray::owned(list.unwrap_or_else(|| PhpArray::with_capacity(1).into_value()));
        let time = i64::try_from(Timestamp::wall().as_secs()).unwrap_or(i64::MAX);
        if list.append(item(Notice { text, flags, time })).is_none() {
            return Err(Failure::InvalidState("there is no room for another notice in the list".into()));
        }
        lists.insert(&name, list.into_value());
        self.set(&variable(), lists.into_value())
    }

    /// The queued notices in the order in which they are shown. They stay.
    pub fn notices(&self, severity: Severity) -> Result<Vec<Notice>, Failure> {
        Ok(self.get(&variable())?.map(|lists| queued(&lists, severity)).unwrap_or_default())
    }

    /// As [`Session::notices`], and nobody gets them again. Where there are none, nothing is stored.
    pub fn take_notices(&self, severity: Severity) -> Result<Vec<Notice>, Failure> {
        let mut taken = Vec::new();
        self.empty_lists(&[severity], |lists| taken = queued(lists, severity))?;
        Ok(taken)
    }

    /// Removes all queued notices.
    pub fn clear_notices(&self) -> Result<(), Failure> {
        self.empty_lists(&Severity::ALL, |_| {})
    }

    /// Empties lists, and shows them as they were to `look`: the last time that it is called counts.
    fn empty_lists(&self, of: &[Severity], mut look: impl FnMut(&Zval)) -> Result<(), Failure> {
        self.load()?;
        let (is_closed, is_stored) = {
            let state = self.state.borrow();
            (state.phase == Phase::Closed, state.base.is_some())
        };
        if is_closed {
            return Err(Failure::InvalidState(
                "the session is closed, so its notices can't be taken out: call start() before, or close() later".into(),
            ));
        }
        let Some(here) = self.get(&variable())?.filter(|lists| holds_any(lists, of)) else { return Ok(()) };
        if !is_stored {
            look(&here);
            // Nobody else knows of this variable, so it may go with its last notice.
            let emptied = emptied(here, of);
            return if holds_any(&emptied, &Severity::ALL) {
                self.set(&variable(), emptied)
            } else {
                self.remove(&variable())
            };
        }
        drop(here);
        let result = self.change_atomically_if(&variable(), |stored| {
            let stored = stored.filter(|lists| holds_any(lists, of));
            look(stored.unwrap_or(&value::null()));
            Ok(stored.map(|lists| emptied(value::copy(lists), of)))
        });
        match result {
            // Another request ended the session, with what it had to tell.
            Err(Failure::Session(SessionError::Gone)) => {
                look(&value::null());
                Ok(())
            }
            result => result,
        }
    }
}

fn item(notice: Notice) -> Zval {
    let mut item = PhpArray::with_capacity(3);
    item.insert_name(&PhpString::key(b"text"), value::from_string(notice.text));
    item.insert_name(&PhpString::key(b"flags"), value::from_long(notice.flags));
    item.insert_name(&PhpString::key(b"time"), value::from_long(notice.time));
    item.into_value()
}

/// Is one of the lists there, and not empty?
fn holds_any(lists: &Zval, of: &[Severity]) -> bool {
    of.iter().any(|severity| list(lists, *severity).is_some_and(|list| list.len() > 0))
}

fn list(lists: &Zval, severity: Severity) -> Option<PhpArray> {
    if value::kind(lists) != Kind::Array {
        return None;
    }
    let lists = PhpArray::of(lists);
    let list = value::deref(lists.find(&list_name(severity))?);
    (value::kind(list) == Kind::Array).then(|| PhpArray::of(list))
}

fn emptied(lists: Zval, of: &[Severity]) -> Zval {
    let mut lists = PhpArray::owned(lists);
    for severity in of {
        if let Some(list) = lists.find_mut(&list_name(*severity)) {
            drop(value::replace(value::deref_mut(list), PhpArray::with_capacity(0).into_value()));
        }
    }
    lists.into_value()
}

/// The notices of a list. What the application put there and is none is passed over.
fn queued(lists: &Zval, severity: Severity) -> Vec<Notice> {
    let mut notices = Vec::new();
    let Some(list) = list(lists, severity) else { return notices };
    for (_, item) in list.entries() {
        let Some(notice) = notice_of(value::deref(item)) else { continue };
        if notice.flags & flags::PREPEND == 0 {
            notices.push(notice);
        } else {
            notices.insert(0, notice);
        }
    }
    notices
}

fn notice_of(item: &Zval) -> Option<Notice> {
    if value::kind(item) != Kind::Array {
        return None;
    }
    let item = PhpArray::of(item);
    let field = |name: &[u8]| item.find(&PhpString::key(name)).map(value::deref);
    let number = |name| field(name).filter(|found| value::kind(found) == Kind::Long).map(value::long);
    let text = field(b"text").filter(|text| value::kind(text) == Kind::String).map(value::string)?;
    Some(Notice { text, flags: number(b"flags").unwrap_or(0), time: number(b"time").unwrap_or(0) })
}
