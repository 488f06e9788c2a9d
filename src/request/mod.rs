//! What one request has loaded and changed. PHP's `Session` objects are handles to it; it is saved when the request
//! ends.

use std::{cell::RefCell, rc::Rc};

use ext_php_rs::types::Zval;

use crate::audit;
use crate::exception::Failure;
use crate::zend::{error, ffi, method, value};

pub mod atomic;
pub mod bans;
pub mod cache;
pub mod changes;
pub mod control_panel;
pub mod cookie;
pub mod csrf;
pub mod direct;
pub mod flash;
pub mod history;
pub mod identity;
pub mod in_use;
pub mod init;
pub mod known_ids;
pub mod life;
pub mod login;
pub mod notices;
pub mod options;
pub mod redirect;
pub mod save;
pub mod sending;
pub mod session;
pub mod table;
pub mod tracker;
pub mod turns;
pub mod userdata;
pub mod variables;
pub mod visitor;

pub use in_use::{Bound, InUse};
pub use options::Options;
pub use session::Session;

#[derive(Default)]
struct Request {
    /// By cookie name there is one session at most.
    sessions: Vec<Rc<Session>>,
    /// The object that `Session::current()` gives.
    current: Option<Zval>,
    /// Between two requests. ext/session and the destructors of what it holds run after the end of ours: a session that
    /// they began would be nobody's to save, and its values would outlive PHP's memory.
    has_ended: bool,
}

thread_local! {
    /// A thread of PHP serves one request at a time.
    static REQUEST: RefCell<Request> = RefCell::default();
}

/// The session that these options name, shared by all handles to it.
pub fn session(options: Options) -> Result<Rc<Session>, Failure> {
    let known = REQUEST.with_borrow(|request| {
        if request.has_ended {
            return Err(Failure::InvalidState(
                "the request has ended: its sessions are saved already".into(),
            ));
        }
        Ok(request.sessions.iter().find(|session| session.is_named_by(&options)).cloned())
    });
    if let Some(session) = known? {
        session.accept_options(options)?;
        return Ok(session);
    }
    let session = Rc::new(Session::new(options));
    REQUEST.with_borrow_mut(|request| request.sessions.push(Rc::clone(&session)));
    Ok(session)
}

/// Is this cookie name another session's in this request?
pub fn is_taken(cookie_name: &str, by_other_than: &Session) -> bool {
    REQUEST.with_borrow(|request| {
        request.sessions.iter().any(|session| {
            session.has_cookie_name(cookie_name) && !std::ptr::eq(&raw const **session, by_other_than)
        })
    })
}

/// The object of `Session::current()`, once there is one.
pub fn current() -> Option<Zval> {
    REQUEST.with_borrow(|request| request.current.as_ref().map(value::copy))
}

/// The first object that is made becomes the current one.
pub fn set_current_if_none(object: impl FnOnce() -> Zval) {
    if REQUEST.with_borrow(|request| request.current.is_none()) {
        let object = object();
        REQUEST.with_borrow_mut(|request| request.current = Some(object));
    }
}

/// PHP begins a request.
pub fn begin() {
    REQUEST.with_borrow_mut(|request| request.has_ended = false);
}

/// An error where no request is running: a script that serves many does other things between two of them.
pub fn refuse_between() -> Result<(), Failure> {
    // SAFETY: reads a flag of this thread.
    if unsafe { ffi::hf_is_over() } {
        return Err(Failure::InvalidState(
            "no request is running, so there is no visitor: use the session while one is served".into(),
        ));
    }
    Ok(())
}

/// Saves what this request has changed until now, before the visitor is told to go on: what fails is tried again, and
/// told, when the request ends.
pub fn save_before_the_end() -> Result<(), Failure> {
    let sessions = REQUEST.with_borrow(|request| request.sessions.clone());
    for session in sessions {
        let end_flash = |session: &Session| session.end_flash().map(drop);
        for step in [end_flash, Session::maintain, Session::track, Session::save] {
            let _ = step(&session);
            if error::is_pending() {
                return Err(Failure::Pending);
            }
        }
    }
    Ok(())
}

/// Saves everything: called when shutdown functions and destructors have run. Warnings come last, because an error
/// handler that throws cuts off everything that follows.
pub fn finish() {
    let request = REQUEST.replace(Request { has_ended: true, ..Request::default() });
    let warnings = save_all(&request.sessions);
    for session in &request.sessions {
        session.forget();
    }
    drop(request);
    audit::removals();
    for warning in warnings {
        error::warn(&warning);
    }
    audit::warn();
}

/// Saves these sessions at the end of the request, and ends what is kept for it alone; what there is to be told.
fn save_all(sessions: &[Rc<Session>]) -> Vec<String> {
    let save = || sessions.iter().flat_map(|session| session.save_at_end()).collect::<Vec<Failure>>();
    let failures = method::in_frame(save).unwrap_or_else(|| vec![Failure::Fault(method::last_panic())]);
    let thrown = method::in_frame(|| sessions.iter().filter_map(|session| end_cache(session)).collect());
    for session in sessions {
        session.end_checks();
    }
    let failures = failures.into_iter().map(|failure| format!("session could not be saved: {failure}"));
    let thrown: Vec<String> = thrown.unwrap_or_else(|| vec![method::last_panic()]);
    let thrown =
        thrown.into_iter().map(|text| format!("a destructor of what was in the session cache {text}"));
    failures.chain(thrown).collect()
}

/// Gives up what a session has in its cache. Destructors have run before, but for objects that were made since; what one of
/// these threw is returned.
fn end_cache(session: &Session) -> Option<String> {
    session.end_cache();
    error::take_last()
}
