use std::ops::ControlFlow;

use super::{Filter, Listed, generations::Generations};
use crate::{
    engine::{Engine, EngineError, Surveyed},
    key::Key,
    record::{Beginning, Handle},
    time::Timestamp,
};

/// What a record tells of its session is rarely longer.
const BYTES: usize = 512;

/// Shows the sessions that are alive and that `filter` has, in no order, until `each` breaks. One whose bytes are damaged
/// is not among them.
pub fn list(
    engine: &dyn Engine,
    filter: &Filter,
    now: Timestamp,
    each: &mut dyn FnMut(Listed) -> ControlFlow<()>,
) -> Result<(), EngineError> {
    let generations = Generations::of(engine, now)?;
    let mut outcome = Ok(());
    engine.survey(now, BYTES, &mut |surveyed| match listed(engine, &surveyed, now) {
        Ok(Some(session))
            if generations.has(surveyed.summary.owner, session.generation) && filter.has(&session, now) =>
        {
            each(session)
        }
        Ok(_) => ControlFlow::Continue(()),
        Err(error) => {
            outcome = Err(error);
            ControlFlow::Break(())
        }
    })?;
    outcome
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

/// The session that a record is; `None`: it is something else, or can't be read.
fn listed(
    engine: &dyn Engine,
    surveyed: &Surveyed<'_>,
    now: Timestamp,
) -> Result<Option<Listed>, EngineError> {
    let Some(record) = surveyed.record else { return Ok(None) };
    Ok(match Beginning::parse(record) {
        Ok(Some(beginning)) => Listed::of(&surveyed.summary, beginning),
        Ok(None) if (record.len() as u64) < surveyed.summary.bytes => at(engine, &surveyed.summary.key, now)?,
        Ok(None) | Err(_) => None,
    })
}

/// The session under an address, whatever its generation.
pub(super) fn at(engine: &dyn Engine, key: &Key, now: Timestamp) -> Result<Option<Listed>, EngineError> {
    let Some(stored) = engine.peek(key, now)? else { return Ok(None) };
    let beginning = Beginning::parse(&stored.record).ok().flatten();
    Ok(beginning.and_then(|beginning| Listed::of(&stored.summary(*key), beginning)))
}
