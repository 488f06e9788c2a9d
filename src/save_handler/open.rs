//! The session that ext/session has open in this request.

use std::{cell::RefCell, rc::Rc, time::Duration};

use ext_php_rs::types::Zval;
use holdfast_core::codec::{Digest, root::Root};
use holdfast_core::engine::Lease;
use holdfast_core::id::SessionId;
use holdfast_core::key::Key;
use holdfast_core::record::Body;
use holdfast_core::session::{self, Base, Draft, Found, Id, Lifetimes, SessionError, Visit};

use super::address::{self, Address, address_of};
use super::opening::OpenedWith;
use super::replacement::Replacement;
use super::stand_in::StandIn;
use super::{ffi, told};
use crate::audit;
use crate::codec::kept::Kept;
use crate::exception::Failure;
use crate::request::{
    Options,
    login::{browser, remembered::forget_brought},
    session::lock,
};
use crate::settings::{self, Locking};
use crate::worker_cache::{Differences, Encoding, Place, RootArray};
use crate::zend::string::PhpString;

/// PHP's name of our serializer.
pub(super) const SERIALIZER: &str = "holdfast";

/// An open session of `$_SESSION`.
pub(super) struct Open {
    pub visit: Visit,
    /// What it was opened with.
    pub with: OpenedWith,
    /// What the store had for the id that the visitor brought.
    found: Option<Brought>,
    /// The session that was read, and what the store had then.
    read: Option<(Rc<Address>, Option<Base>)>,
    /// Ids that were issued and not used yet: asked whether they exist, the answer is no, once.
    pub fresh: Vec<SessionId>,
    /// The sessions that others who lock wait for until this is dropped.
    leases: Vec<(Id, Lease)>,
    /// What is to be told when the session is closed: an error handler that throws must not keep it from being saved.
    pub warnings: Vec<Failure>,
    /// The data could not be decoded: what ext/session destroys then stays in the store.
    pub is_unreadable: bool,
    /// What ext/session was given in the place of the data.
    pub stand_in: Option<StandIn>,
    /// What the serializer has put together, and ext/session has a stand-in for.
    pub encoded: Option<Draft>,
    /// The worker's cache, when the session that was read takes part in it.
    pub cached: Option<Place>,
    /// The browser has another id, or is about to get it from a request that gave the session one: nothing is sent to it,
    /// and nothing is saved that nobody could come back to.
    is_late: bool,
    /// The array in the cache that `$_SESSION` was given a copy of.
    pub shown: Option<RootArray>,
    /// The variables as they were decoded, where the cache does not have them.
    pub kept: Option<Rc<Kept>>,
}

/// What was found when the session was opened, for whoever reads it next: nothing of the application's runs before that.
struct Brought {
    address: Rc<Address>,
    found: Found,
    known: Known,
}

/// What this worker knows of a session.
#[derive(Default)]
struct Known {
    /// The worker's cache, when the session takes part in it.
    cached: Option<Place>,
    base: Option<Base>,
}

thread_local! {
    /// A thread of PHP serves one request at a time, which has one `$_SESSION`.
    static OPEN: RefCell<Option<Box<Open>>> = const { RefCell::new(None) };
    /// The last one that was closed, with nothing of its session: the next is mostly opened with the same.
    static CLOSED: RefCell<Option<Box<Open>>> = const { RefCell::new(None) };
}

thread_local! {
    /// The cookie name and id of the session that this request has ended last, until it asks for a new id.
    static JUST_ENDED: RefCell<Option<(String, Id)>> = const { RefCell::new(None) };
    /// The ids that this request has left: who brings one of them is late, but not this request itself.
    static LEFT: RefCell<Vec<Id>> = const { RefCell::new(Vec::new()) };
}

/// Forgets everything, between two requests.
pub(super) fn forget() {
    address::forget();
    drop((close(), JUST_ENDED.take(), LEFT.take()));
}

/// From here on this session is the open one.
pub(super) fn begin(open: Box<Open>) {
    let old = OPEN.with(|slot| slot.borrow_mut().replace(open));
    drop(old);
}

/// The session that was closed last, to be opened again.
pub(super) fn closed() -> Option<Box<Open>> {
    CLOSED.take()
}

/// Lets go of the store, once there are no more requests.
pub(super) fn end() {
    forget();
    drop(CLOSED.take());
}

/// Uses the open session; nothing in `body` may run code of the application.
pub(super) fn with<T>(body: impl FnOnce(&mut Open) -> T) -> Option<T> {
    OPEN.with(|open| open.try_borrow_mut().ok()?.as_mut().map(|open| body(open)))
}

/// Forgets the open session; what is still to be told.
pub(super) fn close() -> Vec<Failure> {
    let open = OPEN.with(|open| open.try_borrow_mut().ok().and_then(|mut open| open.take()));
    open.map_or_else(Vec::new, |mut open| {
        let warnings = open.leave();
        CLOSED.set(Some(open));
        warnings
    })
}

/// How long a session of `$_SESSION` lives: idle as ext/session says, and never longer than any session.
pub(super) fn lifetimes(idle: Duration) -> Lifetimes {
    let options = Options::of_settings();
    Lifetimes {
        absolute: options.absolute_lifetime,
        remembered: options.remember_lifetime,
        ..Lifetimes::idle(idle)
    }
}

/// What is stored for an id. The session of somebody who has logged in by the class `Session` is there for the browser
/// that did, and for any other is as good as ended (S39, S40).
fn found(visit: &Visit, address: &Address, known: Option<&Base>) -> Result<Found, Failure> {
    let Address { id, key, .. } = address;
    let found = match known {
        Some(base) => session::load_newer(visit, id, key, base)?,
        None => session::load_at(visit, id, key)?,
    };
    match &found {
        Found::Session { base, .. } if base.user().is_some() => {
            let options = Options::of_cookie(&visit.cookie_name);
            let is_admitted = browser::admit(&options, visit.store.secret(), base.meta()).is_some();
            if is_admitted {
                return Ok(found);
            }
            audit::refused_browser(visit, id, base);
            Ok(Found::Ended)
        }
        _ => Ok(found),
    }
}

/// What this worker knows of the session of an address. Once a request: the first time that it sees one, it knows nothing.
fn known(visit: &Visit, key: &Key) -> Known {
    // SAFETY: looks at ext/session's globals.
    let is_direct = unsafe { ffi::hf_session_is_direct() };
    let place = is_direct.then(|| Place::of(&visit.store)).flatten();
    match place.and_then(|place| Some((place, place.seen(key)?))) {
        Some((place, seen)) => Known { cached: Some(place), base: seen.base },
        None => Known::default(),
    }
}

/// Is this what the serializer writes for a session without variables? Such a session is not begun (S25).
fn is_empty(serializer: &str, data: &[u8]) -> bool {
    match serializer {
        SERIALIZER => Root::parse(data).is_ok_and(|root| root.is_empty()),
        "php_serialize" => data == b"a:0:{}",
        "igbinary" => data == b"\0\0\0\x02\x14\0",
        _ => data.is_empty(),
    }
}

impl Open {
    pub const fn new(visit: Visit, with: OpenedWith) -> Self {
        Self {
            visit,
            with,
            found: None,
            read: None,
            fresh: Vec::new(),
            leases: Vec::new(),
            warnings: Vec::new(),
            is_unreadable: false,
            is_late: false,
            stand_in: None,
            encoded: None,
            cached: None,
            shown: None,
            kept: None,
        }
    }

    /// Gives up the session, but not the store; what is still to be told.
    fn leave(&mut self) -> Vec<Failure> {
        self.found = None;
        self.read = None;
        self.fresh.clear();
        self.leases.clear();
        self.is_unreadable = false;
        self.is_late = false;
        self.stand_in = None;
        self.encoded = None;
        self.cached = None;
        self.shown = None;
        self.kept = None;
        std::mem::take(&mut self.warnings)
    }

    /// What takes the place of the id that the visitor brought.
    pub fn replacement(&mut self, brought: &[u8]) -> Result<Replacement, Failure> {
        self.visit.lifetimes = lifetimes(Duration::from_mins(24));
        let visit = &self.visit;
        let address = address_of(visit, brought);
        let id = &address.id;
        audit::duplicates(&visit.cookie_name, id.issued());
        let known = known(visit, &address.key);
        let found = found(visit, &address, known.base.as_ref())?;
        let replacement = match &found {
            Found::Session { moved_to: None, base } => Replacement::renewed(visit, id, base)?,
            Found::Session { moved_to: Some(new), .. } => Replacement::Sent(new.clone()),
            // ext/session sends an id before anything is stored under it.
            Found::Nothing if id.issued().is_some() => Replacement::None,
            Found::Superseded if !LEFT.with_borrow(|left| left.contains(id)) => {
                audit::brought(visit, id, found);
                self.is_late = true;
                let own = SessionId::issue(visit.store.secret(), &visit.cookie_name)?;
                return Ok(Replacement::Unsent(own));
            }
            Found::Nothing | Found::Ended | Found::Superseded => {
                audit::brought(visit, id, found);
                return Ok(Replacement::New);
            }
        };
        // SAFETY: looks at ext/session's globals.
        if matches!(replacement, Replacement::None) && unsafe { ffi::hf_session_is_direct() } {
            self.found = Some(Brought { address, found, known });
        }
        Ok(replacement)
    }

    /// Loads the session of an id as its serializer wrote it; empty when there is none. Where changes can't be merged,
    /// waits until no other request has the session open, unless it is closed at once (R10).
    pub fn read(&mut self, id: &[u8], serializer: &str) -> Result<PhpString, Failure> {
        let address = address_of(&self.visit, id);
        let options = Options::of_settings();
        let locks = match options.locking {
            Locking::Auto => serializer != SERIALIZER,
            Locking::On => true,
            Locking::Off => false,
        };
        // SAFETY: looks at the call that ext/session is serving.
        let waits = locks && !unsafe { ffi::hf_session_only_reads() };
        if waits && !self.leases.iter().any(|(locked, _)| *locked == address.id) {
            let lease = lock(&self.visit, &address.id, options.lock_wait)?;
            self.leases.push((address.id.clone(), lease));
        }
        let brought = self.found.take().filter(|brought| Rc::ptr_eq(&brought.address, &address));
        let (known, brought) = match brought {
            // What was found before the others let go may be old.
            Some(brought) => (brought.known, Some(brought.found).filter(|_| !waits)),
            None => (known(&self.visit, &address.key), None),
        };
        self.cached = known.cached;
        let base = stored(match brought {
            Some(brought) => brought,
            None => found(&self.visit, &address, known.base.as_ref())?,
        });
        if let (Some(cached), Some(base)) = (self.cached, &base) {
            cached.remember(base);
        }
        let data = match &base {
            None => PhpString::new(&[]),
            Some(base) => match (base.root(), base.opaque()) {
                // SAFETY: looks at ext/session's globals.
                (Some(root), _) if serializer == SERIALIZER && unsafe { ffi::hf_session_is_direct() } => {
                    let digest = Root::parse(root).map_err(SessionError::from)?.digest();
                    self.stand_in.insert(StandIn::of(digest)).string()
                }
                (Some(root), _) if serializer == SERIALIZER => PhpString::new(root),
                (_, Some((written_by, data))) if written_by == serializer => PhpString::new(data),
                (_, written_by) => {
                    return Err(Failure::InvalidState(format!(
                        "the session was written with session.serialize_handler = {}, and is not read with \
                         {serializer}",
                        written_by.map_or(SERIALIZER, |(name, _)| name)
                    )));
                }
            },
        };
        self.read = Some((address, base));
        Ok(data)
    }

    /// The session that `data` stands for, and the cache that it is in; `None` when `data` is nothing that stands for
    /// another thing.
    pub fn brought_back(&self, data: &[u8]) -> Option<(Base, Option<Place>)> {
        let base = self.stand_in.as_ref().filter(|stand_in| stand_in.is(data)).and(self.base())?;
        Some((base.clone(), self.cached))
    }

    /// The root that `$_SESSION` was given a copy of, and what is different in these variables; `None` when there is no
    /// such root, or too much is different.
    pub fn differences<'a>(&self, variables: &'a Zval) -> Option<(RootArray, Differences<'a>)> {
        let shown = self.shown?;
        Some((shown, shown.differences(variables)?))
    }

    /// What stands for the session as it was read, if the root that `$_SESSION` was given a copy of is still what is stored.
    pub fn unchanged(&mut self, shown: RootArray) -> Option<PhpString> {
        self.stand_for_stored(shown.digest())
    }

    /// The same, if the variables are the very things that were decoded.
    pub fn unchanged_without_cache(&mut self, variables: &Zval) -> Option<PhpString> {
        let digest = self.kept.as_ref().filter(|kept| kept.is(variables))?.digest();
        self.stand_for_stored(digest)
    }

    /// What stands for the root of a digest, if that is what is stored.
    fn stand_for_stored(&mut self, digest: Digest) -> Option<PhpString> {
        let is_stored = self.base()?.root_digest() == Some(digest);
        is_stored.then(|| self.stand_in.insert(StandIn::of(digest)).string())
    }

    /// The beginning of the record that the session is to have, with room for a root.
    pub fn begin_draft(&self) -> Option<Vec<u8>> {
        let (address, base) = self.read.as_ref()?;
        let before = base.as_ref().and_then(Base::root).map_or(0, <[u8]>::len);
        Draft::begin(&self.visit, &address.id, base.as_ref(), before + before / 16 + 128).ok()
    }

    /// Keeps a draft for when it is to be written, and gives what stands for its root.
    pub fn stand_for(&mut self, draft: Draft, digest: Digest) -> PhpString {
        self.encoded = Some(draft);
        self.stand_in.insert(StandIn::of(digest)).string()
    }

    /// The cache for what is encoded; a session that this worker sees for the first time takes from it and gives nothing.
    pub fn encoding(&self) -> Option<Encoding> {
        Some(Encoding::new(Place::of(&self.visit.store)?, self.cached.is_some()))
    }

    /// The state of the session that was read; `None` when there was none, or nothing was read.
    pub fn base(&self) -> Option<&Base> {
        self.read.as_ref().and_then(|(_, base)| base.as_ref())
    }

    /// Saves what a serializer wrote. A session that was not read before is replaced, as a file would be.
    pub fn write(&mut self, id: &[u8], serializer: &str, data: &[u8]) -> Result<(), Failure> {
        let address = address_of(&self.visit, id);
        let encoded = self.encoded.take();
        if self.is_late {
            return Ok(());
        }
        let is_read = self.is_read(&address.id);
        let replaced;
        let base = match &self.read {
            Some((_, base)) if is_read => base.as_ref(),
            _ => {
                replaced = stored(found(&self.visit, &address, None)?);
                replaced.as_ref()
            }
        };
        let stands = self.stand_in.as_ref().is_some_and(|stand_in| stand_in.is(data));
        let encoded = encoded.filter(|_| stands);
        let data = match (&encoded, base) {
            (Some(encoded), _) => encoded.root(),
            (None, Some(base)) if stands => base.root().unwrap_or_default(),
            _ => data,
        };
        if base.is_none() && is_empty(serializer, data) {
            return Ok(());
        }
        let Address { id, key, .. } = &*address;
        let saved = if let Some(draft) = encoded {
            session::save_draft(&self.visit, id, key, base, draft)
        } else {
            let body = if serializer == SERIALIZER {
                Body::Tree(Root::parse(data).map_err(SessionError::from)?)
            } else {
                Body::Opaque { serializer, data }
            };
            session::save(&self.visit, id, base, body)
        };
        match saved {
            Ok(saved) => {
                told::saved(&self.visit, id, base, &saved);
                if let Some(cached) = self.cached {
                    cached.remember(&saved.base);
                    cached.follow(&saved.base);
                }
                if let Some((_, base)) = self.read.as_mut().filter(|_| is_read) {
                    *base = Some(saved.base);
                }
                Ok(())
            }
            // Another request ended the session: what this one has changed is not wanted any more.
            Err(SessionError::Gone) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Is this the id of the session that was read?
    fn is_read(&self, id: &Id) -> bool {
        self.read.as_ref().is_some_and(|(read, _)| read.id == *id)
    }

    /// Lets the session live on. Where that is a message to another process, only if it then ends later by a second or more.
    pub fn touch(&mut self, id: &[u8]) -> Result<(), Failure> {
        if let Some(base) = self.base() {
            let address = address_of(&self.visit, id);
            if self.visit.store.engine().is_far() {
                session::touch_at_end(&self.visit, &address.id, base)?;
            } else {
                session::touch(&self.visit, &address.id, base)?;
            }
        }
        Ok(())
    }

    /// Ends the session.
    pub fn end(&mut self, id: &[u8]) -> Result<(), Failure> {
        if self.is_unreadable {
            return Ok(());
        }
        let visit = Visit { now: self.visit.store.engine().now(), ..self.visit.clone() };
        let address = address_of(&visit, id);
        let id = address.id.clone();
        told::ended(&visit, session::end_and_tell(&visit, &id)?);
        if let Some(place) = Place::of(&visit.store) {
            place.forget(&address.key);
        }
        // An application that logs out by session_destroy() must not find the visitor logged in at the next page.
        forget_brought(&visit)?;
        self.found = None;
        if let Some((read, base)) = &mut self.read
            && read.id == id
        {
            *base = None;
        }
        JUST_ENDED.set(Some((visit.cookie_name, id)));
        Ok(())
    }

    /// A new id.
    pub fn issue(&mut self) -> Result<SessionId, Failure> {
        let id = SessionId::issue(self.visit.store.secret(), &self.visit.cookie_name)?;
        self.fresh.push(id.clone());
        told::issued(&self.visit, &id);
        // session_regenerate_id(true) destroys and asks for a new id, as a logout and a new start do.
        let grace = settings::seconds("regenerate_grace");
        if let Some((name, ended)) = JUST_ENDED.take()
            && name == self.visit.cookie_name
            && (!grace.is_zero() || told::is_regenerating())
        {
            // Without grace it leads nowhere, and who brings it is known to be late.
            let visit = Visit { now: self.visit.store.engine().now(), ..self.visit.clone() };
            session::lead(&visit, &ended, &id, grace)?;
            LEFT.with_borrow_mut(|left| left.push(ended));
        }
        Ok(id)
    }

    /// Whether a session of this id exists or may begin. ext/session also asks this of ids that it has just been given,
    /// to find collisions; such an id is not taken.
    pub fn is_valid(&mut self, id: &[u8]) -> Result<bool, Failure> {
        let address = address_of(&self.visit, id);
        if let Id::Issued(issued) = &address.id
            && let Some(at) = self.fresh.iter().position(|fresh| fresh == issued)
        {
            self.fresh.swap_remove(at);
            return Ok(false);
        }
        let is_valid = |found: &Found| match found {
            Found::Session { .. } => true,
            Found::Nothing => matches!(address.id, Id::Issued(_)),
            Found::Ended | Found::Superseded => false,
        };
        match &self.found {
            Some(brought) if Rc::ptr_eq(&brought.address, &address) => Ok(is_valid(&brought.found)),
            _ => Ok(is_valid(&found(&self.visit, &address, None)?)),
        }
    }
}

/// What the store has for an id.
fn stored(found: Found) -> Option<Base> {
    match found {
        Found::Session { base, .. } => Some(base),
        Found::Nothing | Found::Ended | Found::Superseded => None,
    }
}
