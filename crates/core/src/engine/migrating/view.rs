//! Both stores as one list.

use std::{collections::HashSet, ops::ControlFlow};

use super::{MigratingEngine, There, mark::Mark, turned};
use crate::{
    engine::{Engine, EngineError, Owner, Summary},
    key::Key,
    time::Timestamp,
};

impl MigratingEngine {
    /// Shows the sessions of the old store, as they stand there.
    pub fn visit_old(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        visit_sessions(&*self.old, self.clocks.to_old(now), each)
    }

    pub(super) fn show_both(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let mut shown: HashSet<Key> = HashSet::new();
        let mut flow = ControlFlow::Continue(());
        self.visit_old(now, &mut |summary| {
            shown.insert(summary.key);
            flow = each(self.summary_from_old(summary));
            flow
        })?;
        if flow.is_break() {
            return Ok(());
        }
        let mut outcome = Ok(());
        visit_sessions(&*self.new, now, &mut |summary| {
            if shown.contains(&summary.key) {
                return ControlFlow::Continue(());
            }
            match self.summary_from_new(summary, now) {
                Ok(summary) => each(summary),
                Err(error) => {
                    outcome = Err(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        outcome
    }

    pub(super) fn owned_in_both(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        let then = self.clocks.to_old(now);
        let old = self.old.owned(owner, then)?;
        let mut new = self.new.owned(owner, now)?;
        if owner == Owner::SYSTEM {
            retain_sessions(&*self.new, &mut new, now)?;
        }
        let in_new: HashSet<Key> = new.iter().map(|summary| summary.key).collect();
        let mut left: Vec<Summary> =
            old.into_iter().filter(|summary| !in_new.contains(&summary.key)).collect();
        if owner == Owner::SYSTEM {
            retain_sessions(&*self.old, &mut left, then)?;
        }
        for summary in &mut new {
            *summary = self.summary_from_new(*summary, now)?;
        }
        new.extend(left.into_iter().map(|summary| self.summary_from_old(summary)));
        Ok(new)
    }

    /// How many records of the old store are marks.
    pub(super) fn marks_in_old(&self) -> Result<u64, EngineError> {
        let now = self.old.now();
        let mut owned = self.old.owned(Owner::SYSTEM, now)?;
        let all = owned.len();
        retain_sessions(&*self.old, &mut owned, now)?;
        Ok((all - owned.len()) as u64)
    }

    /// With the version that it had in the old store, if it is what it was there. Not where that would be a message for each.
    fn summary_from_new(&self, summary: Summary, now: Timestamp) -> Result<Summary, EngineError> {
        if self.old.is_far() {
            return Ok(summary);
        }
        let version = match self.there_in_old(&summary.key, now)? {
            There::Mark(Mark::Moved { old, new }) if new == summary.version => turned(old),
            _ => summary.version,
        };
        Ok(Summary { version, ..summary })
    }

    fn summary_from_old(&self, summary: Summary) -> Summary {
        Summary { version: turned(summary.version), expires: self.clocks.to_new(summary.expires), ..summary }
    }
}

/// Shows what is no mark.
fn visit_sessions(
    engine: &dyn Engine,
    now: Timestamp,
    each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
) -> Result<(), EngineError> {
    let mut outcome = Ok(());
    engine.visit(now, &mut |summary| match is_mark(engine, &summary, now) {
        Ok(true) => ControlFlow::Continue(()),
        Ok(false) => each(summary),
        Err(error) => {
            outcome = Err(error);
            ControlFlow::Break(())
        }
    })?;
    outcome
}

fn retain_sessions(
    engine: &dyn Engine,
    summaries: &mut Vec<Summary>,
    now: Timestamp,
) -> Result<(), EngineError> {
    let mut kept = Vec::with_capacity(summaries.len());
    for summary in summaries.drain(..) {
        if !is_mark(engine, &summary, now)? {
            kept.push(summary);
        }
    }
    *summaries = kept;
    Ok(())
}

fn is_mark(engine: &dyn Engine, summary: &Summary, now: Timestamp) -> Result<bool, EngineError> {
    Ok(Mark::may_be(summary)
        && engine.load(&summary.key, now)?.is_some_and(|stored| Mark::read(&stored).is_some()))
}
