//! The life of a session over an engine: opened, saved beside others who save, moved to a new id, ended; and all sessions
//! of a user.

use std::{ops::Range, sync::Arc, time::Duration};

use crate::{
    buffer::Buffer,
    codec::{DecodeError, Digest, EncodeError, listing::Listing, root::Root},
    engine::{EngineError, Lease, Owner, Stored, Version},
    id::SessionId,
    key::Key,
    merge::MergeError,
    record::{Body, Handle, Meta, Record, RecordError},
    secret::RandomError,
    store::Store,
    time::Timestamp,
};

mod alias;
mod draft;
mod end;
mod lifetimes;
mod load;
mod login;
mod operator;
mod owned;
mod remember;
mod rotate;
mod save;
mod switch;
mod take_over;
#[cfg(test)]
mod tests;
mod user;

pub use crate::tries::{PATIENCE, tries};
pub use alias::{find_secondary, set_secondary};
pub use draft::{Draft, save_draft};
pub use end::{Ended, end, end_and_tell};
pub use lifetimes::Lifetimes;
pub use load::{Found, load, load_at, load_newer, touch, touch_at_end, touch_at_open};
pub use login::{Limit, LoggedIn, Login, WhenReached, login};
pub use operator::{end_by_handle, end_by_handles, end_of_user};
pub use owned::{OwnedSession, end_all, end_one, end_others, sessions_of};
pub use remember::{
    Keep, Known, Remembered, Restored, Restoring, Theft, Token as RememberToken, forget, keep_remembered,
    known, remember, remembered_of, restore,
};
pub use rotate::{lead, rotate};
pub use save::{Saved, amend, replace, save};
pub use switch::{SwitchedOff, switch_off};
pub use take_over::{TakenOver, is_untouched, take_over};

pub use user::{data_is_good_for, data_version, generation, raise_data_version};

/// How long an ended session is remembered, so that a request which began before can't begin it anew, and nobody else
/// under its id: longer than any request runs.
const REMEMBERED: Duration = Duration::from_hours(1);

/// How long requests with an id are on their way whose session was given another one without grace, by a login.
const LATE: Duration = Duration::from_secs(30);

/// What a request knows before it opens a session.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Where the sessions are.
    pub store: Store,
    /// The name of the cookie: an id is good for one name.
    pub cookie_name: String,
    /// How long sessions live.
    pub lifetimes: Lifetimes,
    /// When the request began: a session that ends while a request is running is saved all the same.
    pub now: Timestamp,
}

/// Under which id a session is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// One of ours.
    Issued(SessionId),
    /// One that the application chose itself.
    Chosen(Box<[u8]>),
}

impl Id {
    /// The id, if it is one of ours.
    pub fn issued(&self) -> Option<&SessionId> {
        match self {
            Self::Issued(id) => Some(id),
            Self::Chosen(_) => None,
        }
    }

    /// The id as text or bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Issued(id) => id.as_str().as_bytes(),
            Self::Chosen(id) => id,
        }
    }
}

impl Visit {
    /// Locks the session of an id for as long as the lease is held; see [`crate::engine::Engine::lock`].
    pub fn lock(
        &self,
        id: &Id,
        wait: Duration,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Lease, EngineError> {
        self.store.engine().lock(&self.key(id), wait, keep_waiting)
    }

    /// The address of the session of an id.
    pub fn key(&self, id: &Id) -> Key {
        match id {
            Id::Issued(id) => Key::of(&self.cookie_name, id),
            Id::Chosen(id) => Key::of_chosen(&self.cookie_name, id),
        }
    }

    /// A new id for a session of `owner`, at an address beside what is kept of that owner: so that opening it is one question
    /// to one server. An id of a cluster of n servers has log2 n random bits fewer for that, of 192.
    fn issue_for(&self, owner: Owner) -> Result<SessionId, RandomError> {
        // What a cluster of 1000 servers needs; where that is not enough, two questions do it.
        const MOST: usize = 4096;
        let engine = self.store.engine();
        let mut id = SessionId::issue(self.store.secret(), &self.cookie_name)?;
        for _ in 1..MOST {
            if owner.is_guest() || engine.is_beside(&Key::of(&self.cookie_name, &id), owner) {
                break;
            }
            id = SessionId::issue(self.store.secret(), &self.cookie_name)?;
        }
        Ok(id)
    }

    /// Where a moved session is now, as long as the old id still leads there. `meta` is the moved record's.
    fn moved_to(&self, old: &Id, meta: &Meta, masked: &[u8; 32]) -> Option<SessionId> {
        let until = meta.renewed.after(Duration::from_millis(meta.lifetime_ms));
        match old {
            Id::Issued(old) if self.now < until => old.unmask(self.store.secret(), &self.cookie_name, masked),
            _ => None,
        }
    }

    /// The meta of a new guest's session under `id`.
    fn new_meta(&self, id: &Id) -> Meta {
        Meta {
            created: self.now,
            renewed: self.now,
            authenticated: self.now,
            lifetime_ms: millis(self.lifetimes.guest),
            handle: self.handle_of(id),
            ..Meta::default()
        }
    }

    /// A name for the session that begins under `id`. It tells nothing of the id.
    fn handle_of(&self, id: &Id) -> Handle {
        let mac = self.store.secret().mac("holdfast handle 1", &[self.cookie_name.as_bytes(), id.as_bytes()]);
        let mut handle = [0; 16];
        handle.copy_from_slice(&mac[..16]);
        Handle::from_bytes(handle)
    }

    /// The owner of a user's sessions.
    fn owner_of(&self, user: &[u8]) -> Owner {
        Owner::of(self.store.secret(), &self.cookie_name, user)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What a request found in the store: what its changes are changes of.
#[derive(Clone, Debug)]
pub struct Base {
    key: Key,
    version: Version,
    expires: Timestamp,
    owner: Owner,
    meta: Arc<Meta>,
    record: Arc<Buffer>,
    content: Content,
    /// Of the root of its values, once somebody has asked for it.
    listing: Option<Arc<Listing>>,
}

#[derive(Clone, Debug)]
enum Content {
    Tree(Range<usize>),
    Opaque { serializer: Box<str>, data: Range<usize> },
}

/// What an engine holds for an id, understood.
enum Understood {
    Session(Base),
    /// Until then whoever brings the id is late: the browser is about to learn that its session has another one.
    Ended {
        superseded_until: Timestamp,
    },
    Moved {
        meta: Meta,
        masked: [u8; 32],
    },
}

/// What stands under an id and is about something else than a session.
const NO_SESSION: RecordError = RecordError::Damaged("it is no session's");

impl Understood {
    /// What was stored under `key`.
    fn of(stored: Stored, key: &Key) -> Result<Self, RecordError> {
        Self::after(stored, key, None)
    }

    /// As [`Understood::of`], for somebody who knows what was stored before: what is known beside the values is rarely
    /// another, and then it is not read again.
    fn after(stored: Stored, key: &Key, before: Option<&Base>) -> Result<Self, RecordError> {
        if let Some(before) = before
            && let Some(head) = before.head()
            && stored.record.starts_with(head)
        {
            let content = Content::Tree(head.len()..stored.record.len());
            Root::parse(&stored.record[head.len()..])?;
            let (version, expires, owner) = (stored.version, stored.expires, stored.owner);
            let (meta, record) = (Arc::clone(&before.meta), Arc::new(stored.record.into()));
            return Ok(Self::Session(Base {
                key: *key,
                version,
                expires,
                owner,
                meta,
                record,
                content,
                listing: None,
            }));
        }
        let record = Record::parse(&stored.record)?;
        let end = stored.record.len();
        let content = match record.body {
            Body::Tree(root) => Content::Tree(end - root.bytes().len()..end),
            Body::Opaque { serializer, data } => {
                Content::Opaque { serializer: serializer.into(), data: end - data.len()..end }
            }
            Body::Ended => {
                return Ok(Self::Ended { superseded_until: record.meta.expires_after(record.meta.renewed) });
            }
            Body::Moved { masked } => {
                return Ok(Self::Moved { masked: *masked, meta: record.meta });
            }
            Body::User { .. } | Body::Alias { .. } | Body::Remembered { .. } => return Err(NO_SESSION),
        };
        let (version, expires, owner) = (stored.version, stored.expires, stored.owner);
        let (meta, record) = (Arc::new(record.meta), Arc::new(stored.record.into()));
        Ok(Self::Session(Base { key: *key, version, expires, owner, meta, record, content, listing: None }))
    }
}

impl Base {
    /// The address that it was stored under.
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Are both the very same piece of memory? Then nobody has saved between them.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.record, &other.record)
    }

    /// What is known of the session beside its values.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// When it ended if nobody asked for it again, as of when it was loaded or saved.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// When it was asked for last, as of when it was loaded or saved.
    pub fn last_activity(&self) -> Timestamp {
        Timestamp::from_millis(self.expires.as_millis().saturating_sub(self.meta.lifetime_ms))
    }

    /// The bytes of the root of its values; `None` when another serializer wrote it.
    pub fn root(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Tree(root) => Some(&self.record[root.clone()]),
            Content::Opaque { .. } => None,
        }
    }

    /// The listing of the root of its values, if that is known.
    pub fn listing(&self) -> Option<&Arc<Listing>> {
        self.listing.as_ref()
    }

    /// Makes the listing of the root known, if there is a root. `before`: what was stored before, if that is known.
    pub fn make_listing(&mut self, before: Option<&Self>) -> Result<(), RecordError> {
        if self.listing.is_none()
            && let Some(root) = self.root()
        {
            let before = before.and_then(|before| before.listing.as_deref());
            self.listing = Some(Arc::new(Listing::of(&Root::parse(root)?, before)?));
        }
        Ok(())
    }

    /// Takes a listing over; false when it is another root's.
    pub fn take_listing(&mut self, listing: &Arc<Listing>) -> bool {
        let is_its = self.root_digest() == Some(listing.digest());
        if is_its {
            self.listing = Some(Arc::clone(listing));
        }
        is_its
    }

    /// The digest of the root of its values; `None` when another serializer wrote it.
    pub fn root_digest(&self) -> Option<Digest> {
        Some(Root::parse(self.root()?).ok()?.digest())
    }

    /// What is stored, to be stored again.
    pub fn body(&self) -> Result<Body<'_>, RecordError> {
        Ok(Record::parse(&self.record)?.body)
    }

    /// Whose it is; `None`: a guest's.
    pub fn user(&self) -> Option<&[u8]> {
        self.meta.user.as_deref()
    }

    /// Is it so long since the session got its id that it should get another one (S14)? Zero: never.
    pub fn is_renewal_due(&self, interval: Duration, now: Timestamp) -> bool {
        !interval.is_zero() && now.since(self.meta.renewed) >= interval
    }

    /// The serializer that wrote it, and what it wrote; `None` when it is a tree of values.
    pub fn opaque(&self) -> Option<(&str, &[u8])> {
        match &self.content {
            Content::Tree(_) => None,
            Content::Opaque { serializer, data } => Some((serializer, &self.record[data.clone()])),
        }
    }

    /// What the record has in front of the root of its values: with the same bytes there, a record has the same meta.
    /// `None` when another serializer wrote it.
    fn head(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Tree(root) => Some(&self.record[..root.start]),
            Content::Opaque { .. } => None,
        }
    }

    /// Is its lifetime the one that it has by these?
    fn has_lifetime_of(&self, lifetimes: &Lifetimes) -> bool {
        millis(lifetimes.idle_of(&self.meta)) == self.meta.lifetime_ms
    }

    /// The whole record, shared.
    pub fn record(&self) -> Arc<Buffer> {
        Arc::clone(&self.record)
    }

    /// Where the root is in the record; empty when another serializer wrote it.
    pub fn root_range(&self) -> Range<usize> {
        match &self.content {
            Content::Tree(root) => root.clone(),
            Content::Opaque { .. } => 0..0,
        }
    }
}

/// Why a session could not be opened or saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The store failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What the store holds is no record of this version.
    #[error("the stored session can't be read: {0}")]
    Record(#[from] RecordError),
    /// The session can't be put together.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// No random bytes for a new id.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// It was destroyed, or it ended, after this request had loaded it.
    #[error("the session was ended by another request")]
    Gone,
    /// All sessions of the user were ended while the login was on its way (S17).
    #[error("all sessions of this user were ended while this login was on its way")]
    Overtaken,
    /// The user has as many sessions as the limit allows (S18).
    #[error("this user has {0} sessions, and more are not allowed: one of them must be ended first")]
    LimitReached(u32),
    /// Others saved the same session faster, again and again.
    #[error("the session is saved by too many requests at once: gave up after {0:?}")]
    Contended(Duration),
}

impl From<MergeError> for SessionError {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Decode(error) => error.into(),
            MergeError::Encode(error) => error.into(),
        }
    }
}

impl From<DecodeError> for SessionError {
    fn from(error: DecodeError) -> Self {
        Self::Record(error.into())
    }
}
