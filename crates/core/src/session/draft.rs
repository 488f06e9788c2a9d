use super::{
    Base, Id, Saved, SessionError, Understood, Visit,
    save::{Origin, save},
};
use crate::{
    codec::root::Root,
    engine::{Commit, Stored, Write},
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

/// As [`save`], of a draft that was begun for the same id and base.
pub fn save_draft(visit: &Visit, id: &Id, base: Option<&Base>, draft: Draft) -> Result<Saved, SessionError> {
    let meta = meta(visit, id, base);
    let is_begun_so =
        record::begin(&meta, 0)?.as_slice() == &draft.record[..draft.root.min(draft.record.len())];
    if is_begun_so {
        let engine = visit.store.engine();
        let (expect, owner) = Origin::expected(base);
        let (key, expires) = (visit.key(id), meta.expires_after(engine.now()));
        let write = Write { record: &draft.record, expires, owner };
        if let Commit::Stored(version) = engine.commit(&key, expect, write, visit.now)? {
            let stored = Stored { version, expires, owner, record: draft.record };
            let Understood::Session(base) = Understood::of(stored, &key)? else {
                return Err(SessionError::Gone);
            };
            return Ok(Saved { base, merged: false, moved_to: None });
        }
    }
    // Its beginning is another one by now, or others have saved meanwhile: nothing was stored.
    save(visit, id, base, Body::Tree(Root::parse(draft.root())?))
}
