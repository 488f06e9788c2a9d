//! One session of this request: where it is kept, what was loaded, what is changed.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use ext_php_rs::types::Zval;
use holdfast_core::engine::Lease;
use holdfast_core::id::SessionId;
use holdfast_core::key::Key;
use holdfast_core::session::{self, Base, Found, Id, RememberToken, Visit};
use holdfast_core::store::Store;
use holdfast_core::time::Timestamp;

use super::cache::Cache;
use super::changes::Changes;
use super::control_panel;
use super::direct::Sharing;
use super::flash::Flash;
use super::in_use::Users;
use super::init::Init;
use super::login::attempt::Attempt;
use super::login::browser::{self, Admitted};
use super::table::{Known, known_of};
use super::tracker::Tracking;
use super::userdata::Userdata;
use super::{Options, cookie, known_ids};
use crate::audit::{self, What};
use crate::exception::Failure;
use crate::hooks::Hooks;
use crate::settings::Locking;
use crate::store;
use crate::worker_cache;
use crate::zend::{array::PhpArray, ffi, string::PhpString, value};

/// How far a session of this request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nobody has asked for anything yet.
    Unread,
    /// Loaded; changes are saved.
    Open,
    /// Saved and closed: values can be read.
    Closed,
}

/// Whether the visitor can come back to what is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reach {
    /// By the session's cookie.
    #[default]
    Cookie,
    /// Headers were already sent, so the visitor was not given the id.
    HeadersSent,
    /// The browser has another id, or is about to get it from another request, which logged the visitor in: a cookie of
    /// this one would take the login away.
    Superseded,
}

impl Reach {
    /// Why nothing can be saved; `None`: it can.
    pub(super) const fn obstacle(self) -> Option<&'static str> {
        match self {
            Self::Cookie => None,
            Self::HeadersSent => Some("its cookie could not be sent, so nobody could come back to it"),
            Self::Superseded => {
                Some("another request of this visitor has logged in or changed the id, and its cookie stays")
            }
        }
    }
}

/// A session of this request. Handles share it by `Rc`.
///
/// Whatever may run code of the application (building and serializing objects, dropping values, warnings) happens
/// while `state` is not borrowed: that code may use this very session.
pub struct Session {
    pub(super) state: RefCell<State>,
    /// Goes up whenever `State::stored` is made anew, so that who ran application's code meanwhile can tell.
    pub(super) generation: Cell<u64>,
    /// The page of this request is in the history.
    pub(super) is_maintained: Cell<bool>,
    /// What is for this page alone.
    pub(super) flash: RefCell<Flash>,
    /// What becomes of the page of this request in the tracker.
    pub(super) tracking: Cell<Tracking>,
    /// What the application keeps for this request.
    pub(super) cache: Cache,
    /// The passwords that the application has checked itself, or is about to.
    pub(super) checked: RefCell<Vec<Attempt>>,
    /// Logins that are running.
    pub(super) logins: Cell<u32>,
    /// What the application has hooked.
    pub hooks: Hooks,
    pub(super) users: Users,
    pub(super) init: Cell<Init>,
}

pub(super) struct State {
    pub options: Options,
    pub phase: Phase,
    pub store: Option<Store>,
    pub now: Timestamp,
    /// The visitor's id: from the cookie, or issued in this request.
    pub id: Option<SessionId>,
    pub base: Option<Base>,
    /// Variables of `base`: all of them in its order, or those that somebody has asked for, in the order of that. See
    /// [`super::table`].
    pub stored: Vec<StoredVariable>,
    /// Variables by name, those of `stored` in the same order; what was not decoded yet is a marker with its index there. PHP
    /// code may hold the table too, once all are there and none is a marker.
    pub values: PhpArray,
    /// Every variable of `base` is in `stored`.
    pub is_whole: bool,
    /// How often `base` was asked for a variable.
    pub asked: u32,
    pub sharing: Sharing,
    pub changes: Changes,
    /// The object that knows the application's users.
    pub provider: Option<Zval>,
    /// The object of who is logged in, once it was asked for.
    pub user: Option<Zval>,
    /// What `userdata()` tells of who is logged in, once it was asked for.
    pub userdata: Option<Userdata>,
    /// The challenge of the login, as the browser showed it or was given it.
    pub challenge: Option<String>,
    /// By what the browser is known again, as it was given in this request.
    pub token: Option<RememberToken>,
    /// The worker's cache, when this session takes part in it.
    pub cached: Option<worker_cache::Place>,
    /// Others who lock wait until it is dropped.
    pub lease: Option<Lease>,
    /// The id is another one than the visitor brought: the session was rotated a moment ago.
    pub was_rotated: bool,
    /// The visitor brought the cookie.
    pub has_cookie: bool,
    /// Whether the visitor can come back to the session.
    pub reach: Reach,
    /// What the application calls the session's handler: null until it says so. Ours is no object of PHP's.
    pub handler: Zval,
}

/// A variable as the base has it.
pub(super) struct StoredVariable {
    pub name: PhpString,
    /// Its number in the root.
    pub number: usize,
    /// What was built from the bytes; undefined until then. Holding it makes PHP copy an array before it changes one,
    /// so a value that still holds the same thing is unchanged.
    pub original: Zval,
    /// The value has objects or references, which change where they are.
    pub has_objects: bool,
}

impl Session {
    pub(super) fn new(options: Options) -> Self {
        Self {
            state: RefCell::new(State {
                options,
                phase: Phase::Unread,
                store: None,
                now: Timestamp::default(),
                id: None,
                base: None,
                stored: Vec::new(),
                values: PhpArray::with_capacity(0),
                is_whole: true,
                asked: 0,
                sharing: Sharing { is_built: true, may_refer: false },
                changes: Changes::default(),
                provider: None,
                user: None,
                userdata: None,
                challenge: None,
                token: None,
                cached: None,
                lease: None,
                was_rotated: false,
                has_cookie: false,
                reach: Reach::default(),
                handler: value::null(),
            }),
            generation: Cell::new(0),
            is_maintained: Cell::new(false),
            flash: RefCell::default(),
            tracking: Cell::default(),
            cache: Cache::default(),
            checked: RefCell::default(),
            logins: Cell::new(0),
            hooks: Hooks::default(),
            users: Users::default(),
            init: Cell::default(),
        }
    }

    pub(super) fn has_cookie_name(&self, name: &str) -> bool {
        self.state.borrow().options.cookie_name == name
    }

    /// Do these options name the cookie of this session?
    pub(super) fn is_named_by(&self, options: &Options) -> bool {
        let state = self.state.borrow();
        state.options.are(options) || state.options.cookie_name == options.cookie_name
    }

    /// Another handle was made with `options`: as long as nothing was read they count, later they must be the same.
    pub(super) fn accept_options(&self, options: Options) -> Result<(), Failure> {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Unread {
            state.options = options;
        } else if state.options != options {
            return Err(Failure::InvalidState(format!(
                "the session of the cookie '{}' is in use with other options already",
                state.options.cookie_name
            )));
        }
        Ok(())
    }

    /// What the application has set as the session's handler, or null.
    pub fn handler(&self) -> Zval {
        value::copy(&self.state.borrow().handler)
    }

    /// Keeps an object for those who ask for the session's handler. Nothing is done with it.
    pub fn set_handler(&self, handler: Zval) {
        let old = std::mem::replace(&mut self.state.borrow_mut().handler, handler);
        drop(old);
    }

    /// Reads the session from the store.
    pub(super) fn read(&self) -> Result<(), Failure> {
        super::refuse_between()?;
        let (options, known_id) = {
            let state = self.state.borrow();
            (state.options.clone(), state.id.clone())
        };
        let has_cookie = cookie::is_brought(&options);
        if known_id.is_none() && options.id.is_none() && !has_cookie {
            // A visitor without a session costs nothing: the store is opened when there is something to keep.
            self.state.borrow_mut().phase = Phase::Open;
            return Ok(());
        }
        let store = self.store()?;
        let is_from_cookie = known_id.is_none() && options.id.is_none();
        let id = match known_id {
            Some(id) => Some(id),
            None => cookie::id_of_visitor(&options, &store)?,
        };
        let visit = options.visit(store, self.state.borrow().now);
        if let (Locking::On, Some(id)) = (options.locking, &id) {
            let lease = lock(&visit, &Id::Issued(id.clone()), options.lock_wait)?;
            self.state.borrow_mut().lease = Some(lease);
        }
        let Loaded { id, mut base, moved_to, challenge, is_late, cached, before } = match id {
            None => Loaded::default(),
            Some(id) => loaded(&visit, &options, id, is_from_cookie)?,
        };
        if let (Some(base), Some(before)) = (&mut base, before) {
            base.make_listing(Some(&before)).map_err(session::SessionError::from)?;
        }
        if let (Some(base), Some(id)) = (&base, &id) {
            session::touch_at_open(&visit, &Id::Issued(id.clone()), base)?;
        }
        {
            let mut state = self.state.borrow_mut();
            state.has_cookie = has_cookie;
            state.was_rotated = moved_to.is_some();
            state.id = id;
            state.challenge = challenge;
            state.cached = cached;
            state.reach = if is_late { Reach::Superseded } else { Reach::Cookie };
            state.phase = Phase::Open;
        }
        self.adopt(base, Vec::new())?;
        match moved_to {
            Some(new) if cookie::headers_sent().is_none() => {
                self.send_cookie(&new);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The store, opened if it isn't yet; a notice of its is told as a warning.
    pub(super) fn store(&self) -> Result<Store, Failure> {
        if let Some(store) = &self.state.borrow().store {
            return Ok(store.clone());
        }
        let dsn = self.state.borrow().options.store.clone();
        let opened = store::open(&dsn)?;
        {
            let mut state = self.state.borrow_mut();
            state.now = opened.store.engine().now();
            state.store = Some(opened.store.clone());
        }
        opened.tell()
    }

    /// Takes `base` for what is stored. Those variables stay built whose bytes in it are known; every other one is decoded
    /// when it is asked for.
    pub(super) fn adopt(&self, mut base: Option<Base>, known: Vec<Known>) -> Result<(), Failure> {
        if let Some(base) = &mut base {
            let before = self.state.borrow();
            base.make_listing(before.base.as_ref()).map_err(session::SessionError::from)?;
            if base.listing().is_none() {
                return Err(Failure::OtherSerializer(serializer_of(base)));
            }
        }
        let (stored, values, unused) = match &base {
            Some(base) => known_of(base, known),
            None => (Vec::new(), PhpArray::with_capacity(0), known),
        };
        self.generation.set(self.generation.get() + 1);
        let replaced = {
            let mut state = self.state.borrow_mut();
            if let (Some(cached), Some(base)) = (state.cached, &base) {
                cached.remember(base);
            }
            state.is_whole = base.is_none();
            state.asked = 0;
            state.base = base;
            state.sharing.is_built = state.is_whole;
            (std::mem::replace(&mut state.stored, stored), std::mem::replace(&mut state.values, values))
        };
        drop((replaced, unused));
        Ok(())
    }

    /// Gives up every value, at the end of the request: PHP's memory goes away then, handles may stay a little longer.
    pub(super) fn forget(&self) {
        self.hooks.end();
        self.forget_flash();
        self.generation.set(self.generation.get() + 1);
        let fresh = Self::new(self.state.borrow().options.clone());
        let old = self.state.replace(State { phase: Phase::Closed, ..fresh.state.into_inner() });
        drop(old);
    }
}

/// What a request has left of a session. Dropping it runs code of the application.
pub(super) struct Left {
    _state: State,
    _flash: Flash,
    _cached: Zval,
}

impl Session {
    /// Gives up every value, at the end of a request of a script that goes on. What the application has set up stays; and
    /// until [`Session::begin_anew`] there is nothing to read or to change.
    pub(super) fn turn(&self) -> Left {
        self.generation.set(self.generation.get() + 1);
        self.is_maintained.set(false);
        self.tracking.take();
        self.init.take();
        self.users.leave();
        let old = {
            let mut state = self.state.borrow_mut();
            let fresh = Self::new(state.options.clone()).state.into_inner();
            let mut old = std::mem::replace(&mut *state, State { phase: Phase::Closed, ..fresh });
            state.provider = old.provider.take();
            state.handler = std::mem::replace(&mut old.handler, value::null());
            old.lease = None;
            old
        };
        drop(self.checked.take());
        Left { _state: old, _flash: self.flash.take(), _cached: self.cache.take() }
    }

    /// Another request begins, to which the session belongs from here on; what code between the two has left.
    pub(super) fn begin_anew(&self) -> Option<Left> {
        let was_used = self.state.borrow().phase != Phase::Closed;
        let left = was_used.then(|| self.turn());
        self.reopen();
        self.cache.begin_anew();
        left
    }
}

/// What a visitor has.
#[derive(Default)]
struct Loaded {
    id: Option<SessionId>,
    base: Option<Base>,
    /// The id is another one than the visitor brought.
    moved_to: Option<SessionId>,
    /// The challenge of the login, as the browser showed it.
    challenge: Option<String>,
    /// The browser has another id, or is about to get it.
    is_late: bool,
    /// The worker's cache, when it has seen the session before.
    cached: Option<worker_cache::Place>,
    /// What the worker knew of the session.
    before: Option<Base>,
}

/// What the visitor has who brings `id`.
fn loaded(visit: &Visit, options: &Options, id: SessionId, is_from_cookie: bool) -> Result<Loaded, Failure> {
    let place = worker_cache::Place::of(&visit.store);
    let (_, key) = known_ids::look(&visit.store, &visit.cookie_name, id.as_str().as_bytes());
    let seen = place.and_then(|place| place.seen(&key));
    let cached = place.filter(|_| seen.is_some());
    let known = seen.and_then(|seen| seen.base);
    match found(visit, &Id::Issued(id.clone()), &key, is_from_cookie, known.as_ref())? {
        Found::Session { base, moved_to } => {
            // An application that names a session itself answers for who uses it.
            let admitted = if options.id.is_some() {
                Some(Admitted { challenge: None })
            } else {
                browser::admit(options, visit.store.secret(), base.meta())
            };
            // Another browser's session stays as it is: not touched, not renewed, and not ended.
            let Some(Admitted { challenge }) = admitted else {
                audit::refused_browser(visit, &Id::Issued(id), &base);
                return Ok(Loaded::default());
            };
            let at = Id::Issued(moved_to.clone().unwrap_or_else(|| id.clone()));
            let Some((base, moved_on)) = control_panel::unless_idle(visit, options, &at, base)? else {
                return Ok(Loaded::default());
            };
            let moved_to = moved_on.or(moved_to);
            let renewed = if moved_to.is_some() || options.id.is_some() {
                None
            } else {
                let (interval, grace) = (options.renewal_interval, options.rotation_grace);
                renew(visit, &Id::Issued(id.clone()), &base, interval, grace)?
            };
            let (base, moved_to) = match renewed {
                Some((new, base)) => (base, Some(new)),
                None => (base, moved_to),
            };
            let id = Some(moved_to.clone().unwrap_or(id));
            Ok(Loaded { id, base: Some(base), moved_to, challenge, is_late: false, cached, before: known })
        }
        // An id without a session is dead: what is written now gets a new one. An id that the application brings is its
        // own affair, unless its session was ended.
        Found::Nothing => Ok(Loaded { id: options.id.is_some().then_some(id), ..Loaded::default() }),
        Found::Ended => Ok(Loaded::default()),
        Found::Superseded => Ok(Loaded { is_late: true, ..Loaded::default() }),
    }
}

/// What is stored for an id; a refusal of one from the cookie is told.
fn found(
    visit: &Visit,
    id: &Id,
    key: &Key,
    is_from_cookie: bool,
    known: Option<&Base>,
) -> Result<Found, Failure> {
    let found = match known {
        Some(base) => session::load_newer(visit, id, key, base)?,
        None => session::load_at(visit, id, key)?,
    };
    Ok(if is_from_cookie { audit::brought(visit, id, found) } else { found })
}

/// Gives the session a new id where a renewal is due (S14) and its cookie can be sent; `None` where not.
pub fn renew(
    visit: &Visit,
    id: &Id,
    base: &Base,
    interval: Duration,
    grace: Duration,
) -> Result<Option<(SessionId, Base)>, Failure> {
    if !base.is_renewal_due(interval, visit.now) || cookie::headers_sent().is_some() {
        return Ok(None);
    }
    let body = base.body().map_err(session::SessionError::from)?;
    let (new, saved) = session::rotate(visit, id, base, body, grace)?;
    audit::rotated(What::Renewed, visit, id, &new, &saved);
    Ok(Some((new, saved.base)))
}

/// Waits for the session's lock, as long as the script may run.
pub fn lock(visit: &Visit, id: &Id, wait: Duration) -> Result<Lease, Failure> {
    // SAFETY: reads a flag of the running request.
    Ok(visit.lock(id, wait, &mut || !unsafe { ffi::hf_timed_out() })?)
}

fn serializer_of(base: &Base) -> String {
    base.opaque().map_or_else(String::new, |(serializer, _)| serializer.to_owned())
}

/// What a request needs in hand to save: cheap copies, so that nothing stays borrowed.
pub(super) struct Place {
    pub visit: Visit,
    pub base: Option<Base>,
}

impl Session {
    pub(super) fn place(&self) -> Option<Place> {
        let state = self.state.borrow();
        Some(Place { visit: state.options.visit(state.store.clone()?, state.now), base: state.base.clone() })
    }
}
