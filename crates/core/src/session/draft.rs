use std::time::Duration;

use super::{
    Base, Id, Saved, SessionError, Understood, Visit,
    save::{Origin, save},
};
use crate::{
    buffer,
    codec::root::Root,
    engine::{Commit, Stored, Write},
    key::Key,
    record::{self, Body, Meta},
};

/// A record on its way: its root is written behind the beginning that it is to have, so that it needs no copy when it is
/// saved.
#[derive(Debug)]
pub struct Draft {
    record: Vec<u8>,
    /// Where its root begins.
    root: usize,
}

impl Draft {
    /// The beginning of a record that has our changes of `base`; `None` as base creates the session. A root is appended to
    /// it. `capacity`: bytes that the root is expected to take.
    pub fn begin(
        visit: &Visit,
        id: &Id,
        base: Option<&Base>,
        capacity: usize,
    ) -> Result<Vec<u8>, SessionError> {
        if let Some(head) = kept_head(visit, base) {
            let mut record = buffer::with_room(head.len() + capacity);
            record.extend_from_slice(head);
            return Ok(record);
        }
        Ok(record::begin(&meta(visit, id, base), capacity)?)
    }

    /// What was begun, with a root from `root` on.
    pub const fn new(record: Vec<u8>, root: usize) -> Self {
        Self { record, root }
    }

    /// The bytes of its root.
    pub fn root(&self) -> &[u8] {
        self.record.get(self.root..).unwrap_or_default()
    }
}

/// What is known of the session once it is saved.
fn meta(visit: &Visit, id: &Id, base: Option<&Base>) -> Meta {
    visit.lifetimes.applied_to(base.map_or_else(|| visit.new_meta(id), |base| base.meta().clone()))
}

/// The beginning of the base's record, where the session that is saved has the same: nothing is known of it that was not
/// known before.
fn kept_head<'b>(visit: &Visit, base: Option<&'b Base>) -> Option<&'b [u8]> {
    base.filter(|base| base.has_lifetime_of(&visit.lifetimes))?.head()
}

/// As [`save`], of a draft that was begun for the same id and base. `key`: the address of `id`.
pub fn save_draft(
    visit: &Visit,
    id: &Id,
    key: &Key,
    base: Option<&Base>,
    draft: Draft,
) -> Result<Saved, SessionError> {
    let begun = draft.record.get(..draft.root);
    let lifetime = if kept_head(visit, base).is_some_and(|head| begun == Some(head)) {
        base.map(|base| base.meta.lifetime_ms)
    } else {
        let meta = meta(visit, id, base);
        (begun == Some(record::begin(&meta, 0)?.as_slice())).then_some(meta.lifetime_ms)
    };
    if let Some(lifetime) = lifetime {
        let engine = visit.store.engine();
        let (expect, owner) = Origin::expected(base);
        let expires = engine.now().after(Duration::from_millis(lifetime));
        let write = Write { record: &draft.record, expires, owner };
        if let Commit::Stored(version) = engine.commit(key, expect, write, visit.now)? {
            let stored = Stored { version, expires, owner, record: draft.record };
            let Understood::Session(base) = Understood::after(stored, key, base)? else {
                return Err(SessionError::Gone);
            };
            return Ok(Saved { base, merged: false, moved_to: None });
        }
    }
    // Its beginning is another one by now, or others have saved meanwhile: nothing was stored.
    save(visit, id, base, Body::Tree(Root::parse(draft.root())?))
}
