use std::time::Duration;

use super::{Base, SessionError};
use crate::{
    codec::root::Root,
    engine::{Commit, Expect, Owner, Stored, Write},
    key::Key,
    merge::merge_roots,
    record::{self, Meta},
    store::Store,
    time::Timestamp,
};

/// Each try fails only because another save succeeded, so this many mean thousands of saves of one session a second.
const TRIES: u32 = 1000;

/// What is stored after a save.
#[derive(Debug)]
pub struct Saved {
    /// The new base.
    pub base: Base,
    /// Somebody else had saved meanwhile: the root holds their changes too.
    pub merged: bool,
}

/// Saves `root`, which has our changes of `base`, under `key`; `None` as base creates the session. When others saved
/// meanwhile, our changes go on top of theirs.
///
/// `now` is the time at which the request began: a session that ends while a request is running is saved all the same.
/// `lifetime` is how long it lives from this save on without another request.
pub fn save(
    store: &Store,
    key: &Key,
    base: Option<&Base>,
    root: &[u8],
    lifetime: Duration,
    now: Timestamp,
) -> Result<Saved, SessionError> {
    let origin = match base {
        Some(base) => {
            Origin { expect: Expect::Version(base.version), meta: base.meta.clone(), owner: base.owner }
        }
        None => Origin { expect: Expect::Absent, meta: new_meta(now, lifetime), owner: Owner::GUEST },
    };
    save_from(store, key, origin, base, root, lifetime, now)
}

/// What a saved state continues.
pub(super) struct Origin {
    pub expect: Expect,
    pub meta: Meta,
    pub owner: Owner,
}

/// Saves `root` as a new session under `key`, with the metadata of another.
pub(super) fn save_as(
    store: &Store,
    key: &Key,
    origin: Origin,
    root: &[u8],
    lifetime: Duration,
    now: Timestamp,
) -> Result<Saved, SessionError> {
    save_from(store, key, origin, None, root, lifetime, now)
}

fn save_from(
    store: &Store,
    key: &Key,
    origin: Origin,
    base: Option<&Base>,
    root: &[u8],
    lifetime: Duration,
    now: Timestamp,
) -> Result<Saved, SessionError> {
    let Origin { mut expect, meta, owner } = origin;
    let expires = store.engine().now().after(lifetime);
    let mut record = record::write(&meta, &Root::parse(root)?)?;
    let mut merged = false;
    for _ in 0..TRIES {
        match store.engine().commit(key, expect, Write { record: &record, expires, owner }, now)? {
            Commit::Stored(version) => {
                let stored = Stored { version, expires, owner, record };
                return Ok(Saved { base: Base::of(stored)?, merged });
            }
            Commit::Gone => return Err(SessionError::Gone),
            Commit::Conflict(theirs) => {
                expect = Expect::Version(theirs.version);
                let theirs = Base::of(theirs)?;
                let root = merge_roots(store.digests(), base.map(Base::root), root, theirs.root())?;
                record = record::write(&theirs.meta, &Root::parse(&root)?)?;
                merged = true;
            }
        }
    }
    Err(SessionError::Contended(TRIES))
}

fn new_meta(now: Timestamp, lifetime: Duration) -> Meta {
    let lifetime_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
    Meta { created: now, renewed: now, lifetime_ms, ..Meta::default() }
}
