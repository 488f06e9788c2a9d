//! The audit log (S45): what happened to sessions, a line each, where `holdfast.audit` says. docs/audit.md lists the
//! events.
//!
//! [`event`] writes one; `life`, `refusals` and `removals` know when there is one.
//!
//! Nothing here calls PHP code, and no failure reaches a request: lines that can't be written are counted, and told by
//! one warning of the process, when everything else is done. Off, an event costs one look at a flag.

use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

pub use holdfast_core::audit::{Event, SessionName, What, Who};
use holdfast_core::audit::{Sink, SinkError, Target};
use holdfast_core::session::{Id, Visit};
use holdfast_core::time::Timestamp;

use crate::server;
use crate::settings;
use crate::zend::error;

mod life;
mod logins;
mod operator;
mod refusals;
mod removals;

pub use life::{arrived, ended, locked, replaced, rotated, saved};
pub use logins::{ended_by_user, logged_in, login_refused, remembered};
pub use operator::{all_ended_by_operator, ended_by_operator};
pub use refusals::{brought, cookies, duplicates, refused_browser};
pub use removals::{removals, watch};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Switch {
    /// The setting was not read in this request.
    Unread,
    On,
    Off,
}

/// What this request has to remember for its lines.
#[derive(Default)]
struct Request {
    /// Where it came from; `None` on a command line.
    address: Option<IpAddr>,
    /// What it was refused: a session that is opened twice is not refused twice.
    refused: Vec<(What, Option<SessionName>)>,
    /// Sessions that it ended or gave another id itself: that their ids are refused afterwards is no news.
    left: Vec<SessionName>,
    /// Ids that it rotated to and under which nothing is stored yet: what is stored there begins no session.
    arrived: Vec<SessionName>,
}

/// A script on a command line may go on for ever.
const MOST_REMEMBERED: usize = 64;

thread_local! {
    static SWITCH: Cell<Switch> = const { Cell::new(Switch::Unread) };
    static REQUEST: RefCell<Request> = RefCell::default();
    static SINK: RefCell<Option<Sink>> = const { RefCell::new(None) };
    /// The first failure, until it is told.
    static UNTOLD: RefCell<Option<SinkError>> = const { RefCell::new(None) };
}

/// Lines of this process that could not be written.
static LOST: AtomicU64 = AtomicU64::new(0);
/// This process has warned of a failure.
static HAS_WARNED: AtomicBool = AtomicBool::new(false);

/// Does this request write events?
pub fn is_on() -> bool {
    match SWITCH.get() {
        Switch::On => true,
        Switch::Off => false,
        Switch::Unread => begin(),
    }
}

/// Reads the setting, once a request, and where the request comes from: what PHP is asked then may ask for memory, which
/// at the end of a request may be used up.
#[cold]
fn begin() -> bool {
    let Ok(Some(target)) = Target::parse(&settings::text("audit")) else {
        SWITCH.set(Switch::Off);
        return false;
    };
    let address = address();
    REQUEST.with_borrow_mut(|request| request.address = address);
    SINK.with_borrow_mut(|sink| {
        if sink.as_ref().is_none_or(|sink| *sink.target() != target) {
            *sink = Some(Sink::new(target));
        }
    });
    SWITCH.set(Switch::On);
    true
}

/// The address that the web server names, and no proxy.
fn address() -> Option<IpAddr> {
    std::str::from_utf8(server::variable("REMOTE_ADDR")?.as_bytes()).ok()?.parse().ok()
}

/// Forgets the request, when it is over.
pub fn forget() {
    SWITCH.set(Switch::Unread);
    drop(REQUEST.take());
}

/// Events of this process that could not be written.
pub fn lost() -> u64 {
    LOST.load(Relaxed)
}

/// Writes an event that the request did or suffered; `event` is asked for when the log is on.
pub fn event<'a>(event: impl FnOnce() -> Event<'a>) {
    if is_on() {
        let address = REQUEST.with_borrow(|request| request.address);
        write(&Event { address, ..event() });
    }
}

fn write(event: &Event<'_>) {
    let now = Timestamp::wall();
    let line = event.to_json(now);
    let written = SINK.with_borrow_mut(|sink| sink.as_mut().map(|sink| sink.write(&line, now)));
    if let Some(Err(failure)) = written {
        LOST.fetch_add(1, Relaxed);
        if let SinkError::Failed { .. } = failure
            && !HAS_WARNED.swap(true, Relaxed)
        {
            UNTOLD.set(Some(failure));
        }
    }
}

/// Tells of the first failure, by a warning. An error handler that throws cuts off what follows.
pub fn warn() {
    if let Some(failure) = UNTOLD.take() {
        error::warn(&failure.to_string());
    }
}

/// An event of the session of an id, to be filled with what else is known.
pub fn about<'v>(what: What, visit: &'v Visit, id: &Id) -> Event<'v> {
    let session = Some(SessionName::of(&visit.key(id)));
    Event { session, cookie: Some(visit.cookie_name.as_bytes()), ..Event::new(what) }
}

/// Who is logged in, as the log names them.
pub fn user(visit: &Visit, id: Option<&[u8]>) -> Option<Who> {
    id.map(|id| Who::user(visit.store.secret(), id))
}

/// Adds to a list of [`Request`].
fn remember<T>(list: &mut Vec<T>, item: T) {
    if list.len() == MOST_REMEMBERED {
        list.remove(0);
    }
    list.push(item);
}
