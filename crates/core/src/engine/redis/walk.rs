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
    engine::{EngineError, Summary, Surveyed},
    key::Key,
};

/// Names that are asked for at a time.
const STRIDE: usize = 500;

/// Longer beginnings are asked for by the few.
const MOST_OF_MANY: usize = 4096;
const FEW: usize = 16;

/// How a session begins.
struct Beginning {
    summary: Summary,
    /// Its head, and the first bytes of its record.
    bytes: Vec<u8>,
    is_damaged: bool,
}

impl Beginning {
    fn surveyed(&self) -> Surveyed<'_> {
        let record = (!self.is_damaged).then(|| &self.bytes[HEAD_BYTES..]);
        Surveyed { summary: self.summary, record }
    }
}

impl Shared {
    /// Shows what is stored, expired or not, each once.
    pub(super) fn walk(&self, each: &mut dyn FnMut(Summary) -> ControlFlow<()>) -> Result<(), EngineError> {
        self.walk_records(0, &mut |surveyed| each(surveyed.summary))
    }

    /// The same, with the first `bytes` of each record.
    pub(super) fn walk_records(
        &self,
        bytes: usize,
        each: &mut dyn FnMut(Surveyed<'_>) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let stride = if bytes > MOST_OF_MANY { FEW } else { STRIDE };
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
                for keys in keys.chunks(stride) {
                    for beginning in self.beginnings_at(master, keys, bytes)? {
                        if each(beginning.surveyed()).is_break() {
                            return Ok(());
                        }
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
        Ok(self.beginnings(keys, 0)?.into_iter().map(|beginning| beginning.summary).collect())
    }

    fn beginnings(&self, keys: &[Key], bytes: usize) -> Result<Vec<Beginning>, EngineError> {
        // In a cluster neighbours of a list are seldom neighbours in a server.
        let stride = if self.is_cluster { 1 } else { STRIDE };
        let mut beginnings = Vec::new();
        for keys in keys.chunks(stride) {
            let Some(first) = keys.first() else { continue };
            let name = self.names.session(first);
            let part = self
                .ask_beginnings(To::KeeperOf(&name), keys, bytes)
                .map_err(|trouble| self.error(&trouble))?;
            beginnings.extend(part.ok_or_else(|| self.unintelligible())?);
        }
        Ok(beginnings)
    }

    /// The same of sessions that `master` had a moment ago.
    fn beginnings_at(
        &self,
        master: &Address,
        keys: &[Key],
        bytes: usize,
    ) -> Result<Vec<Beginning>, EngineError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        match self.ask_beginnings(To::Master(master), keys, bytes) {
            Ok(beginnings) => beginnings.ok_or_else(|| self.unintelligible()),
            // Some have moved meanwhile.
            Err(trouble) if matches!(trouble.code(), Some("MOVED" | "ASK" | "TRYAGAIN")) => {
                self.beginnings(keys, bytes)
            }
            Err(trouble) => Err(self.error(&trouble)),
        }
    }

    /// Asks one server for heads, the first `bytes` of records, and lengths; `None` when it does not answer as a Redis does.
    fn ask_beginnings(
        &self,
        to: To<'_>,
        keys: &[Key],
        bytes: usize,
    ) -> Result<Option<Vec<Beginning>>, Trouble> {
        let last = i64::try_from(bytes.saturating_add(HEAD_BYTES) - 1).unwrap_or(-1);
        let commands = keys.iter().flat_map(|key| {
            let name = self.names.session(key);
            let (mut head, mut length): (Cmd, Cmd) = (cmd("GETRANGE"), cmd("STRLEN"));
            head.arg(&name).arg(0).arg(last);
            length.arg(&name);
            [head, length]
        });
        let request = Request::Commands(commands.collect());
        let answers = self.servers.ask(to, &request, Again::May, self.deadline())?;
        let mut beginnings = Vec::with_capacity(keys.len());
        for (key, answers) in keys.iter().zip(answers.chunks(2)) {
            let [Value::BulkString(bytes), Value::Int(length)] = answers else { return Ok(None) };
            // One that ended meanwhile is empty.
            if let Some(head) = value::head(bytes) {
                let summary = value::summary(*key, head, u64::try_from(*length).unwrap_or(0));
                let bytes = bytes.clone();
                // Between the two questions it may have become another one, of another length.
                let is_whole = last == -1 || (bytes.len() - HEAD_BYTES) as u64 >= summary.bytes;
                let is_damaged = is_whole && value::decode(key, bytes.clone()).is_none();
                beginnings.push(Beginning { summary, bytes, is_damaged });
            }
        }
        Ok(Some(beginnings))
    }
}
