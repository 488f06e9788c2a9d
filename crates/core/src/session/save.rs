use super::{Base, Content, Id, PATIENCE, SessionError, Understood, Visit, tries};
use crate::{
    codec::root::Root,
    engine::{Commit, Expect, Owner, Stored, Tally, Write},
    id::SessionId,
    merge::merge_roots,
    record::{self, Body, Meta},
};

/// What is stored after a save.
#[derive(Debug)]
pub struct Saved {
    /// The new base.
    pub base: Base,
    /// Somebody else had saved meanwhile: what is stored holds their changes too.
    pub merged: bool,
    /// The id that the session has now, if it was rotated meanwhile.
    pub moved_to: Option<SessionId>,
}

/// Saves `body`, which has our changes of `base`, under `id`; `None` as base creates the session. When others saved
/// meanwhile, our changes go on top of theirs; of a session in one piece the later save stays, whole.
pub fn save(visit: &Visit, id: &Id, base: Option<&Base>, body: Body<'_>) -> Result<Saved, SessionError> {
    save_from(visit, id, Origin::of(visit, id, base), base, body)
}

/// Saves `body` if the session is still as `base` has it (`None`: if there is none); `None` when it is not, and then
/// nothing was changed. For changes that hang on what is stored, as counting does.
pub fn replace(
    visit: &Visit,
    id: &Id,
    base: Option<&Base>,
    body: Body<'_>,
) -> Result<Option<Base>, SessionError> {
    replace_with(visit, id, Origin::of(visit, id, base), body)
}

/// As [`replace`], with what is known of the session changed by `change`. A changed lifetime counts from here on.
pub fn amend(
    visit: &Visit,
    id: &Id,
    base: Option<&Base>,
    body: Body<'_>,
    change: impl FnOnce(&mut Meta),
) -> Result<Option<Base>, SessionError> {
    let mut origin = Origin::of(visit, id, base);
    change(&mut origin.meta);
    replace_with(visit, id, origin, body)
}

fn replace_with(
    visit: &Visit,
    id: &Id,
    origin: Origin,
    body: Body<'_>,
) -> Result<Option<Base>, SessionError> {
    let engine = visit.store.engine();
    let Origin { expect, meta, owner } = origin;
    let meta = visit.lifetimes.applied_to(meta);
    let record = record::write(&meta, body)?;
    let expires = meta.expires_after(engine.now());
    let key = visit.key(id);
    match engine.commit(&key, expect, Write { record: &record, expires, owner }, visit.now)? {
        Commit::Stored(version) => match Understood::of(Stored { version, expires, owner, record }, &key)? {
            Understood::Session(base) => Ok(Some(base)),
            Understood::Ended { .. } | Understood::Moved { .. } => Err(SessionError::Gone),
        },
        Commit::Conflict(_) => Ok(None),
        Commit::Gone => Err(SessionError::Gone),
    }
}

/// What a saved state continues.
pub(super) struct Origin {
    pub expect: Expect,
    pub meta: Meta,
    pub owner: Owner,
}

impl Origin {
    /// The version that a save of our changes of `base` expects, and whose the session is.
    pub(super) fn expected(base: Option<&Base>) -> (Expect, Owner) {
        base.map_or((Expect::Absent, Owner::GUEST), |base| (Expect::Version(base.version), base.owner))
    }

    /// A base, or nothing.
    fn of(visit: &Visit, id: &Id, base: Option<&Base>) -> Self {
        match base {
            Some(base) => {
                Self { expect: Expect::Version(base.version), meta: base.meta().clone(), owner: base.owner }
            }
            None => Self { expect: Expect::Absent, meta: visit.new_meta(id), owner: Owner::GUEST },
        }
    }
}

/// As [`save`], with the metadata of another session.
pub(super) fn save_from(
    visit: &Visit,
    id: &Id,
    origin: Origin,
    base: Option<&Base>,
    body: Body<'_>,
) -> Result<Saved, SessionError> {
    let engine = visit.store.engine();
    let Origin { mut expect, meta, owner } = origin;
    let meta = visit.lifetimes.applied_to(meta);
    let mut expires = meta.expires_after(engine.now());
    let mut record = record::write(&meta, body)?;
    let (mut merged, mut moved_to) = (false, None);
    let mut key = visit.key(id);
    for () in tries() {
        let write = Write { record: &record, expires, owner };
        let mut theirs = match engine.commit(&key, expect, write, visit.now)? {
            Commit::Stored(version) => {
                if merged {
                    engine.count(&key, Tally::Merge);
                }
                let stored = Stored { version, expires, owner, record };
                let Understood::Session(base) = Understood::of(stored, &key)? else {
                    return Err(SessionError::Gone);
                };
                return Ok(Saved { base, merged, moved_to });
            }
            Commit::Gone => return Err(SessionError::Gone),
            Commit::Conflict(theirs) => theirs,
        };
        let theirs = loop {
            match Understood::of(theirs, &key)? {
                Understood::Session(base) => break base,
                Understood::Ended { .. } => return Err(SessionError::Gone),
                Understood::Moved { meta, masked } => {
                    let at = moved_to.take().map_or_else(|| id.clone(), Id::Issued);
                    let new = visit.moved_to(&at, &meta, &masked).ok_or(SessionError::Gone)?;
                    key = visit.key(&Id::Issued(new.clone()));
                    moved_to = Some(new);
                    theirs = engine.load(&key, visit.now)?.ok_or(SessionError::Gone)?;
                }
            }
        };
        if base.is_some_and(|base| base.meta.created != theirs.meta.created) {
            // Ours was ended, and another session has begun under an id that the application chooses.
            return Err(SessionError::Gone);
        }
        expect = Expect::Version(theirs.version);
        expires = visit.lifetimes.applied_to(theirs.meta().clone()).expires_after(engine.now());
        record = on_top(visit, base, body, &theirs)?;
        merged = true;
    }
    Err(SessionError::Contended(PATIENCE))
}

/// The record that has our changes on top of theirs.
pub(super) fn on_top(
    visit: &Visit,
    base: Option<&Base>,
    ours: Body<'_>,
    theirs: &Base,
) -> Result<Vec<u8>, SessionError> {
    let meta = visit.lifetimes.applied_to(theirs.meta().clone());
    let (Body::Tree(ours_root), Content::Tree(_), Some(theirs_root)) = (ours, &theirs.content, theirs.root())
    else {
        return Ok(record::write(&meta, ours)?);
    };
    let root = merge_roots(visit.store.digests(), base.and_then(Base::root), ours_root.bytes(), theirs_root)?;
    Ok(record::write(&meta, Body::Tree(Root::parse(&root)?))?)
}
