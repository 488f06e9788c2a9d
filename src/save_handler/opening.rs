//! How ext/session opens its session: which store, and whether the id that it has is to be used.

use std::{
    borrow::Cow,
    ffi::{CStr, CString},
    time::Duration,
};

use holdfast_core::session::Visit;

use super::ffi;
use super::open::{self, Open};
use crate::exception::Failure;
use crate::request::{self, Options};
use crate::settings;
use crate::store;
use crate::zend::{error, string::PhpString};

/// What leads to a store and a cookie name.
#[derive(PartialEq, Eq)]
pub(super) struct OpenedWith {
    save_path: CString,
    /// How often the settings had changed.
    settings: u64,
}

/// Opens the store for the session name, and decides on the id that ext/session has got: one that the visitor brings and
/// that is dead, or that nobody here issued, is replaced by a new one (S02), whatever `session.use_strict_mode` says.
pub(super) fn open(save_path: &CStr, session_name: &CStr) -> Result<(), Failure> {
    request::refuse_between()?;
    let (mut open, notice) = match opened_again(save_path, session_name)? {
        Some(again) => again,
        None => opened(save_path, session_name)?,
    };
    // SAFETY: ext/session's id, held while it is looked at.
    let brought = unsafe {
        let id = ffi::hf_session_id();
        (!id.is_null() && ffi::hf_session_is_brought(session_name.as_ptr(), id)).then(|| PhpString::hold(id))
    };
    if let Some(brought) = brought {
        open.replacement(brought.as_bytes())?.take_place();
    }
    open::begin(open);
    if let Some(notice) = notice {
        error::warn(&notice);
    }
    Ok(())
}

/// What leads to a session, and what is to be told of the store.
type Opened = (Box<Open>, Option<String>);

/// What was closed last, if it is opened with the same and the store is still the one that it was.
fn opened_again(save_path: &CStr, session_name: &CStr) -> Result<Option<Opened>, Failure> {
    let Some(mut open) = open::closed() else { return Ok(None) };
    let is_same = open.with.settings == settings::changes()
        && *open.with.save_path == *save_path
        && open.visit.cookie_name.as_bytes() == session_name.to_bytes();
    if !is_same || !store::is_current(&open.visit.store)? {
        return Ok(None);
    }
    let engine = open.visit.store.engine();
    let (now, notice) = (engine.now(), engine.take_notice());
    open.visit.now = now;
    Ok(Some((open, notice)))
}

/// The store of the settings, opened; and what is to be told of it.
fn opened(save_path: &CStr, session_name: &CStr) -> Result<Opened, Failure> {
    let with = OpenedWith { save_path: save_path.to_owned(), settings: settings::changes() };
    let opened = store::open(&dsn(&save_path.to_string_lossy()))?;
    let now = opened.store.engine().now();
    let cookie_name = session_name.to_string_lossy().into_owned();
    let visit =
        Visit { store: opened.store, cookie_name, lifetimes: open::lifetimes(Duration::from_mins(24)), now };
    Ok((Box::new(Open::new(visit, with)), opened.notice))
}

/// `session.save_path`, when it holds a DSN, comes before `holdfast.store`. A directory, PHP's own kind of value, does not
/// concern us.
fn dsn(save_path: &str) -> Cow<'_, str> {
    let has_scheme = save_path.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'+')
    });
    if has_scheme { save_path.into() } else { Options::of_settings().store.clone().into() }
}
