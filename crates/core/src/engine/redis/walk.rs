//! Going through all sessions of all servers.

use std::{collections::HashSet, ops::ControlFlow};

use ::redis::{Cmd, Value, cmd};

use super::{
    Address, Request, Shared,
    servers::{Again, To},
    trouble::Trouble,
    value::{self, HEAD_BYTES},
};
use crate::{
    engine::{EngineError, Summary},
    key::Key,
};

/// Names that are asked for at a time.
const STRIDE: usize = 500;

impl Shared {
    /// Shows what is stored, expired or not, each once.
    pub(super) fn walk(&self, each: &mut dyn FnMut(Summary) -> ControlFlow<()>) -> Result<(), EngineError> {
        // Addresses are hashes: their first 8 bytes tell them apart.
        let mut shown: HashSet<[u8; 8]> = HashSet::new();
        let masters = self.servers.masters(self.deadline()).map_err(|trouble| self.error(&trouble))?;
        for master in &masters {
            let mut cursor = b"0".to_vec();
            loop {
                let (next, mut keys) = self.scan(master, &cursor)?;
                keys.retain(|key| {
                    let first = key.as_bytes().first_chunk::<8>();
                    first.is_some_and(|first| shown.insert(*first))
                });
                for summary in self.summaries_at(master, &keys)? {
                    if each(summary).is_break() {
                        return Ok(());
                    }
                }
                if next == b"0" {
                    break;
                }
                cursor = next;
            }
        }
        Ok(())
    }

    /// Some names of sessions that `master` keeps, and where to go on.
    fn scan(&self, master: &Address, cursor: &[u8]) -> Result<(Vec<u8>, Vec<Key>), EngineError> {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(self.names.any_session()).arg("COUNT").arg(STRIDE);
        let answer = self.ask_one(To::Master(master), scan, Again::May, self.deadline())?;
        let Value::Array(parts) = answer else { return Err(self.unintelligible()) };
        let [Value::BulkString(next), Value::Array(names)] = &parts[..] else {
            return Err(self.unintelligible());
        };
        let keys = names.iter().filter_map(|name| match name {
            Value::BulkString(name) => self.names.key_of(name),
            _ => None,
        });
        Ok((next.clone(), keys.collect()))
    }

    /// Those of the sessions that are stored, expired or not.
    pub(super) fn summaries(&self, keys: &[Key]) -> Result<Vec<Summary>, EngineError> {
        // In a cluster neighbours of a list are seldom neighbours in a server.
        let stride = if self.is_cluster { 1 } else { STRIDE };
        let mut summaries = Vec::new();
        for keys in keys.chunks(stride) {
            let Some(first) = keys.first() else { continue };
            let name = self.names.session(first);
            let part = self.heads(To::KeeperOf(&name), keys).map_err(|trouble| self.error(&trouble))?;
            summaries.extend(part.ok_or_else(|| self.unintelligible())?);
        }
        Ok(summaries)
    }

    /// The same of sessions that `master` had a moment ago.
    fn summaries_at(&self, master: &Address, keys: &[Key]) -> Result<Vec<Summary>, EngineError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        match self.heads(To::Master(master), keys) {
            Ok(summaries) => summaries.ok_or_else(|| self.unintelligible()),
            // Some have moved meanwhile.
            Err(trouble) if matches!(trouble.code(), Some("MOVED" | "ASK" | "TRYAGAIN")) => {
                self.summaries(keys)
            }
            Err(trouble) => Err(self.error(&trouble)),
        }
    }

    /// Asks one server for heads and lengths; `None` when it does not answer as a Redis does.
    fn heads(&self, to: To<'_>, keys: &[Key]) -> Result<Option<Vec<Summary>>, Trouble> {
        let commands = keys.iter().flat_map(|key| {
            let name = self.names.session(key);
            let (mut head, mut length): (Cmd, Cmd) = (cmd("GETRANGE"), cmd("STRLEN"));
            head.arg(&name).arg(0).arg(HEAD_BYTES - 1);
            length.arg(&name);
            [head, length]
        });
        let request = Request::Commands(commands.collect());
        let answers = self.servers.ask(to, &request, Again::May, self.deadline())?;
        let mut summaries = Vec::with_capacity(keys.len());
        for (key, answers) in keys.iter().zip(answers.chunks(2)) {
            let [Value::BulkString(head), Value::Int(length)] = answers else { return Ok(None) };
            // One that ended meanwhile is empty.
            if let Some(head) = value::head(head) {
                summaries.push(value::summary(*key, head, u64::try_from(*length).unwrap_or(0)));
            }
        }
        Ok(Some(summaries))
    }
}
