use std::{collections::HashMap, ops::ControlFlow};

use crate::{
    engine::{Engine, EngineError, Owner},
    key::Key,
    record::{Beginning, Kind},
    time::Timestamp,
};

/// Enough for what is stored of a user.
const BYTES: usize = 128;

/// Which generation sessions must have at least to be alive, of the users of whom that is known.
pub(super) struct Generations(HashMap<Key, u64>);

impl Generations {
    pub(super) fn of(engine: &dyn Engine, now: Timestamp) -> Result<Self, EngineError> {
        let mut found = HashMap::new();
        engine.survey(now, BYTES, &mut |surveyed| {
            if surveyed.summary.owner == Owner::SYSTEM
                && let Some(record) = surveyed.record
                && let Ok(Some(Beginning { kind: Kind::User, meta })) = Beginning::parse(record)
                && meta.generation > 0
            {
                found.insert(surveyed.summary.key, meta.generation);
            }
            ControlFlow::Continue(())
        })?;
        Ok(Self(found))
    }

    /// Whether a session of this owner and generation is alive.
    pub(super) fn has(&self, owner: Owner, generation: u64) -> bool {
        self.0.is_empty() || self.0.get(&Key::of_owner(owner)).is_none_or(|least| generation >= *least)
    }
}
