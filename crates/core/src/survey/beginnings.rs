use std::ops::ControlFlow;

use crate::{
    engine::{Engine, EngineError, Stored, Summary, Surveyed},
    key::Key,
    record::Beginning,
    time::Timestamp,
};

/// What a record tells of its session is rarely longer.
const BYTES: usize = 512;

/// Shows what stands in front of the body of every record that has not expired, until `each` breaks. What can't be read, or is no
/// record of a session or beside one, is passed over.
pub(crate) fn beginnings(
    engine: &dyn Engine,
    now: Timestamp,
    each: &mut dyn FnMut(&Summary, Beginning) -> ControlFlow<()>,
) -> Result<(), EngineError> {
    let mut outcome = Ok(());
    engine.survey(now, BYTES, &mut |surveyed| match beginning(engine, &surveyed, now) {
        Ok(Some((summary, beginning))) => each(&summary, beginning),
        Ok(None) => ControlFlow::Continue(()),
        Err(error) => {
            outcome = Err(error);
            ControlFlow::Break(())
        }
    })?;
    outcome
}

/// The same of one record.
pub(super) fn beginning_at(
    engine: &dyn Engine,
    key: &Key,
    now: Timestamp,
) -> Result<Option<(Summary, Beginning)>, EngineError> {
    let Some(stored) = engine.peek(key, now)? else { return Ok(None) };
    Ok(beginning_of(&stored).map(|beginning| (stored.summary(*key), beginning)))
}

/// Of a record that is there as a whole.
pub(crate) fn beginning_of(stored: &Stored) -> Option<Beginning> {
    Beginning::parse(&stored.record).ok().flatten()
}

fn beginning(
    engine: &dyn Engine,
    surveyed: &Surveyed<'_>,
    now: Timestamp,
) -> Result<Option<(Summary, Beginning)>, EngineError> {
    let Some(record) = surveyed.record else { return Ok(None) };
    match Beginning::parse(record) {
        Ok(Some(beginning)) => Ok(Some((surveyed.summary, beginning))),
        Ok(None) if (record.len() as u64) < surveyed.summary.bytes => {
            beginning_at(engine, &surveyed.summary.key, now)
        }
        Ok(None) | Err(_) => Ok(None),
    }
}
