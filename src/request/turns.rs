//! Requests that a server runs one after another in one script, where PHP ends none of them: FrankenPHP's worker mode.
//!
//! Objects of the script outlive the requests, and so do the sessions that they are handles to: at the end of a request each
//! is saved and emptied, and in the next one it is that visitor's, read when it is used. What the application has set up for a
//! session (its options, its hooks, its provider) stays as long as it holds an object of it.
//!
//! src/zend/turns.c knows when.

use std::{mem, rc::Rc};

use super::{REQUEST, Session, save_all};
use crate::audit;
use crate::save_handler;
use crate::zend::{error, ffi, method, value};

/// Saves everything. The script's destructors have not run, but nobody is left who needs the current object.
#[unsafe(no_mangle)]
extern "C" fn holdfast_end_request() {
    if method::guard(end).is_none() {
        error::warn(&method::last_panic());
    }
    log_pending();
}

/// Makes everything anew that the request had, whether it could be saved or not.
#[unsafe(no_mangle)]
extern "C" fn holdfast_forget_request() {
    if method::guard(forget).is_none() {
        error::log(&method::last_panic());
    }
    log_pending();
}

/// The next request begins. `is_late`: nobody has said that the one before has ended.
#[unsafe(no_mangle)]
extern "C" fn holdfast_begin_request(is_late: bool) {
    if method::guard(|| begin(is_late)).is_none() {
        error::log(&method::last_panic());
    }
}

fn end() {
    let sessions = REQUEST.with_borrow(|request| request.sessions.clone());
    if sessions.is_empty() {
        return;
    }
    if let Some(current) = super::current().map(|current| value::object(&current)) {
        // SAFETY: held by the request.
        unsafe {
            if ffi::hf_is_last(current) {
                ffi::hf_destruct(current);
            }
        }
        log_pending();
    }
    REQUEST.with_borrow_mut(|request| request.has_ended = true);
    let warnings = save_all(&sessions);
    audit::removals();
    for warning in warnings {
        error::warn(&warning);
        log_pending();
    }
    audit::warn();
}

fn forget() {
    let (sessions, current) = REQUEST.with_borrow_mut(|request| {
        request.has_ended = true;
        (request.sessions.clone(), request.current.take())
    });
    // Destructors run when nothing leads to any of it any more.
    let left: Vec<_> = sessions.iter().map(|session| session.turn()).collect();
    save_handler::forget();
    audit::forget();
    drop(left);
    // SAFETY: held until here.
    let kept = current.filter(|current| !unsafe { ffi::hf_is_last(value::object(current)) });
    drop(sessions);
    let unused = REQUEST.with_borrow_mut(|request| {
        request.current = kept;
        let (used, unused) =
            mem::take(&mut request.sessions).into_iter().partition(|session| Rc::strong_count(session) > 1);
        request.sessions = used;
        let unused: Vec<Rc<Session>> = unused;
        unused
    });
    drop(unused);
}

fn begin(is_late: bool) {
    let is_lost = is_late && REQUEST.with_borrow(|request| !request.sessions.is_empty());
    if is_late {
        forget();
    }
    let sessions = REQUEST.with_borrow_mut(|request| {
        request.has_ended = false;
        request.sessions.clone()
    });
    let left: Vec<_> = sessions.iter().filter_map(|session| session.begin_anew()).collect();
    drop((left, sessions));
    log_pending();
    if is_lost {
        error::warn(
            "this server does not say when a request ends: what the one before had changed in its sessions and \
             not saved is lost; call save() or close() at the end of each request",
        );
        log_pending();
    }
}

/// No exception may reach the script out of the server's own work: it would end it.
fn log_pending() {
    if let Some(text) = error::take_last() {
        error::log(&format!("at the end of a request, code of the application {text}"));
    }
}
