//! What the servers say of themselves.

use std::{ops::ControlFlow, sync::atomic::Ordering::Relaxed};

use ::redis::{Value, cmd};

use super::{
    Address, RedisEngine, Request, Shared, script,
    servers::{Again, To},
};
use crate::{
    engine::{EngineError, Stats},
    time::Timestamp,
};

/// Up to so many keys a store is looked through to count its sessions, or to remove those that are over; beyond it the
/// servers' own count is taken, and their own clock. A tenth of a second's work.
const MOST_LOOKED_THROUGH: u64 = 20_000;

/// What one or all servers say of their memory.
#[derive(Default)]
struct Memory {
    used: u64,
    /// 0 = unbounded.
    most: u64,
    /// What is done when it is full.
    policy: String,
}

impl RedisEngine {
    pub(super) fn figures(&self) -> Result<Stats, EngineError> {
        let masters = self.shared.masters()?;
        let mut stats = Stats {
            commits: self.counters.commits.load(Relaxed),
            conflicts: self.counters.conflicts.load(Relaxed),
            expired: self.counters.expired.load(Relaxed),
            refused: self.counters.refused.load(Relaxed),
            merges: self.counters.merges.load(Relaxed),
            throttled: self.counters.throttled.load(Relaxed),
            sessions: self.shared.keys(&masters)?,
            ..Stats::default()
        };
        let mut bounded = true;
        for master in &masters {
            let memory = self.shared.memory(master)?;
            stats.used_bytes += memory.used;
            stats.capacity_bytes += memory.most;
            bounded &= memory.most > 0;
        }
        if !bounded {
            stats.capacity_bytes = 0;
        }
        if stats.sessions <= MOST_LOOKED_THROUGH {
            stats.sessions = 0;
            self.shared.walk(&mut |_| {
                stats.sessions += 1;
                ControlFlow::Continue(())
            })?;
        }
        Ok(stats)
    }

    /// Of each server: its keys and its memory.
    pub(super) fn figures_of_each(&self) -> Result<Vec<Stats>, EngineError> {
        let of = |master: &Address| {
            let Memory { used, most, .. } = self.shared.memory(master)?;
            let sessions = self.shared.keys(std::slice::from_ref(master))?;
            Ok(Stats { sessions, used_bytes: used, capacity_bytes: most, ..Stats::default() })
        };
        self.shared.masters()?.iter().map(of).collect()
    }

    /// Bytes that all servers may fill; 0 = no bound, or not known.
    pub(super) fn capacity(&self) -> Result<u64, EngineError> {
        self.shared.masters()?.iter().map(|master| Ok(self.shared.memory(master)?.most)).sum()
    }

    /// What the server's settings make of sessions when its memory is full, if they are not safe there.
    pub fn eviction_notice(&self) -> Option<String> {
        let masters = self.shared.masters().ok()?;
        let policies = masters.iter().filter_map(|master| Some(self.shared.memory(master).ok()?.policy));
        let policy = policies.into_iter().find(|policy| !policy.is_empty() && policy != "noeviction")?;
        // Its name goes into a message, so it must be one.
        let policy =
            policy.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-').then_some(policy)?;
        Some(format!(
            "{}: maxmemory-policy is {policy}, so a server that is full drops sessions of people who are logged in; \
             set it to noeviction, and maxmemory to what the machine has",
            self.shared.name
        ))
    }

    pub(super) fn remove_expired(&self, now: Timestamp) -> Result<u64, EngineError> {
        let masters = self.shared.masters()?;
        if self.shared.keys(&masters)? > MOST_LOOKED_THROUGH {
            return Ok(0);
        }
        let mut expired = Vec::new();
        self.shared.walk(&mut |summary| {
            if now >= summary.expires {
                expired.push(summary.key);
            }
            ControlFlow::Continue(())
        })?;
        let time = now.as_millis().to_string();
        let mut removed = 0;
        for key in expired {
            let name = self.shared.names.session(&key);
            let args: [&[u8]; 2] = [time.as_bytes(), b"expired"];
            let deadline = self.shared.deadline();
            let request =
                Request::Script { script: &script::DESTROY, keys: &[&name], args: &args, beside: None };
            let outcome = self.script(&name, &request, Again::May, deadline, 0)?;
            removed += u64::from(outcome.removed_expired);
        }
        Ok(removed)
    }
}

impl Shared {
    fn masters(&self) -> Result<Vec<Address>, EngineError> {
        self.servers.masters(self.deadline()).map_err(|trouble| self.error(&trouble))
    }

    /// All keys of the database, whosever they are.
    fn keys(&self, masters: &[Address]) -> Result<u64, EngineError> {
        let mut keys = 0;
        for master in masters {
            match self.ask_one(To::Master(master), cmd("DBSIZE"), Again::May, self.deadline())? {
                Value::Int(count) => keys += u64::try_from(count).unwrap_or(0),
                _ => return Err(self.unintelligible()),
            }
        }
        Ok(keys)
    }

    fn memory(&self, master: &Address) -> Result<Memory, EngineError> {
        let mut info = cmd("INFO");
        info.arg("memory");
        let text = match self.ask_one(To::Master(master), info, Again::May, self.deadline())? {
            Value::BulkString(text) => String::from_utf8_lossy(&text).into_owned(),
            Value::VerbatimString { text, .. } => text,
            _ => return Err(self.unintelligible()),
        };
        let field = |name: &str| {
            let of = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().to_owned());
            text.lines().find_map(of).unwrap_or_default()
        };
        let number = |name: &str| field(name).parse::<u64>().unwrap_or(0);
        Ok(Memory {
            used: number("used_memory_dataset"),
            most: number("maxmemory"),
            policy: field("maxmemory_policy"),
        })
    }
}
