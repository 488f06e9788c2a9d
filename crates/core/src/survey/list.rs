use std::ops::ControlFlow;

use super::{
    Filter, Listed,
    beginnings::{beginning_at, beginnings},
    generations::Generations,
};
use crate::{
    engine::{Engine, EngineError},
    key::Key,
    record::Handle,
    time::Timestamp,
};

/// Shows the sessions that are alive and that `filter` has, in no order, until `each` breaks. One whose bytes are damaged
/// is not among them.
pub fn list(
    engine: &dyn Engine,
    filter: &Filter,
    now: Timestamp,
    each: &mut dyn FnMut(Listed) -> ControlFlow<()>,
) -> Result<(), EngineError> {
    let generations = Generations::of(engine, now)?;
    beginnings(engine, now, &mut |summary, beginning| match Listed::of(summary, beginning) {
        Some(session) if generations.has(summary.owner, session.generation) && filter.has(&session, now) => {
            each(session)
        }
        _ => ControlFlow::Continue(()),
    })
}

/// The session that has this handle, if one has that is alive. A rotation stores a session under its new address before the old
/// one ends: of two the one that was asked for last.
pub fn find(engine: &dyn Engine, handle: Handle, now: Timestamp) -> Result<Option<Listed>, EngineError> {
    let mut found: Option<Listed> = None;
    // A session that is being rotated can be under its new address where the first look has passed already.
    for _ in 0..2 {
        list(engine, &Filter::default(), now, &mut |session| {
            if session.handle == handle
                && found.as_ref().is_none_or(|found| found.last_activity <= session.last_activity)
            {
                found = Some(session);
            }
            ControlFlow::Continue(())
        })?;
        if found.is_some() {
            break;
        }
    }
    Ok(found)
}

/// The session under an address, whatever its generation.
pub(super) fn at(engine: &dyn Engine, key: &Key, now: Timestamp) -> Result<Option<Listed>, EngineError> {
    let found = beginning_at(engine, key, now)?;
    Ok(found.and_then(|(summary, beginning)| Listed::of(&summary, beginning)))
}
