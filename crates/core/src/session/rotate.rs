use std::time::Duration;

use super::{
    Base, Saved, SessionError,
    save::{Origin, save_as},
};
use crate::{
    engine::{Commit, Expect, Write},
    id::SessionId,
    key::Key,
    merge::merge_roots,
    record::Meta,
    store::Store,
    time::Timestamp,
};

/// Each try fails only because another save of the old session succeeded.
const TRIES: u32 = 1000;

/// Stands in the place of a session that ends in the very moment in which it is stored, so that nobody reads it: a
/// destroy that happens to one version only.
const ENDED: &[u8] = b"\0";

/// Moves a session, with our changes of `base` in `root`, to a new id. The old id is dead when this returns: what other
/// requests saved until then has moved too, and what they save later is refused.
///
/// The new session is stored before the old one ends, so a death in between loses nothing: it leaves a copy that
/// nobody has the id of, which expires.
pub fn rotate(
    store: &Store,
    cookie_name: &str,
    old_id: &SessionId,
    base: &Base,
    root: &[u8],
    lifetime: Duration,
    now: Timestamp,
) -> Result<(SessionId, Saved), SessionError> {
    let (engine, old_key) = (store.engine(), Key::of(cookie_name, old_id));
    let new_id = SessionId::issue(store.secret(), cookie_name)?;
    let new_key = Key::of(cookie_name, &new_id);
    let meta = Meta { renewed: now, ..base.meta.clone() };
    let mut saved = save_as(
        store,
        &new_key,
        Origin { expect: Expect::Absent, meta, owner: base.owner },
        root,
        lifetime,
        now,
    )?;
    let mut old = base.version;
    for _ in 0..TRIES {
        let end = Write { record: ENDED, expires: now, owner: base.owner };
        match engine.commit(&old_key, Expect::Version(old), end, now)? {
            Commit::Stored(_) => {
                engine.destroy(&old_key, now)?;
                return Ok((new_id, saved));
            }
            Commit::Gone => {
                engine.destroy(&new_key, now)?;
                return Err(SessionError::Gone);
            }
            Commit::Conflict(theirs) => {
                old = theirs.version;
                let theirs = Base::of(theirs)?;
                let root = merge_roots(store.digests(), Some(base.root()), root, theirs.root())?;
                saved = super::save(store, &new_key, Some(&saved.base), &root, lifetime, now)?;
                saved.merged = true;
            }
        }
    }
    engine.destroy(&new_key, now)?;
    Err(SessionError::Contended(TRIES))
}
