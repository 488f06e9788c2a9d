//! Which sessions a user has. The index of a user is told of a session before that is stored, and forgets it a day and
//! more after it must have ended: so what is there all the time is in it, and what is in it may be gone.

use std::ops::ControlFlow;

use ::redis::{Value, cmd};

use super::{
    RedisEngine,
    base::{DAY, day_of},
    deadline::Deadline,
    script,
    servers::{Again, To},
};
use crate::{
    engine::{Engine, EngineError, Owner, Summary},
    key::Key,
    time::Timestamp,
};

/// What the index is told of one session's end, as the scripts take it.
pub(super) struct Note {
    /// Until when the session may be there, in ms; a session whose end moves on within its day need not be noted again.
    pub(super) last: String,
    /// How long the index must live at least, in ms.
    pub(super) life: String,
}

impl Note {
    pub(super) fn of(expires: Timestamp, now: Timestamp) -> Self {
        // The day of the end and another, for clocks that differ.
        match (day_of(expires) + 2).checked_mul(DAY).filter(|last| *last < 1 << 53) {
            None => Self { last: "+inf".to_owned(), life: "-1".to_owned() },
            Some(last) => {
                Self { last: last.to_string(), life: last.saturating_sub(now.as_millis()).max(1).to_string() }
            }
        }
    }
}

impl RedisEngine {
    pub(super) fn note(
        &self,
        key: &Key,
        owner: Owner,
        note: &Note,
        now: Timestamp,
        deadline: Deadline,
    ) -> Result<(), EngineError> {
        let name = self.shared.names.index(owner);
        let time = now.as_millis().to_string();
        let args: [&[u8]; 4] = [key.as_bytes(), note.last.as_bytes(), note.life.as_bytes(), time.as_bytes()];
        let request =
            super::Request::Script { script: &script::INDEX, keys: &[&name], args: &args, beside: None };
        let answers = self.shared.servers.ask(To::KeeperOf(&name), &request, Again::May, deadline);
        answers.map_err(|trouble| self.error(&trouble, 0)).map(drop)
    }

    /// What the index knows, and is there.
    pub(super) fn indexed(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        let name = self.shared.names.index(owner);
        let mut range = cmd("ZRANGE");
        range.arg(&name).arg(0).arg(-1);
        let deadline = self.shared.deadline();
        let answer = self.shared.ask_one(To::KeeperOf(&name), range, Again::May, deadline)?;
        let Value::Array(members) = answer else { return Err(self.shared.unintelligible()) };
        let keys = members.into_iter().filter_map(|member| match member {
            Value::BulkString(bytes) => Some(Key::from_bytes(bytes.try_into().ok()?)),
            _ => None,
        });
        let keys: Vec<Key> = keys.collect();
        let mut summaries = self.shared.summaries(&keys)?;
        summaries.retain(|summary| summary.owner == owner && now < summary.expires);
        Ok(summaries)
    }

    /// Of those who have no index: looked for among all.
    pub(super) fn found(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        let mut found = Vec::new();
        self.visit(now, &mut |summary| {
            if summary.owner == owner {
                found.push(summary);
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }
}
