//! Sessions in Redis or Valkey: one server, the master that sentinels name, or a cluster. All machines of a site see
//! the same sessions.
//!
//! ```text
//!   engine ──> request ──> servers ───────────> pool ──> connection ──> socket (deadline), tls
//!   (value,    (commands   (who keeps the key:           (one question, its whole
//!    scripts)   or script)  sentinels, slots)             answer, a mark; else dropped)
//!     └── index of owners, session lock
//! ```
//!
//! A commit is one script in the server. What it compares, the version, is drawn by lot: 64 random bits do not come
//! back, also not after a destroy, of which nothing needs to be kept. One that is sent again after its answer got lost
//! finds its own version there.
//!
//! Time: the end of a session stands in its head and is enforced at read, by the reader's clock. The server is told how
//! long a value lives rather than when it ends, so that its own clock is of no consequence.
//!
//! What differs from engines that keep their own memory:
//! - The server removes what has expired, and tells nobody.
//! - Full memory is [`EngineError::Full`] for everybody: nobody gives way. See [`RedisEngine::take_notice`].
//! - The lock of a session is a lease. It ends with its time when its holder dies, unless the holder commits meanwhile;
//!   who commits without having it any more gets [`EngineError::LockLost`].
//! - Counters of [`Stats`] are those of this engine, not of the store.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use ::redis::{Value, cmd};

use super::{
    Commit, Engine, EngineError, Expect, Lease, Newer, OfOwner, Owner, Stats, Stored, Summary, Surveyed,
    Tally, Version, Write,
};
use crate::{
    key::Key,
    secret::{Secret, fill_random},
    time::Timestamp,
};

mod base;
mod connection;
mod deadline;
mod figures;
mod index;
mod load;
mod names;
mod options;
mod pool;
mod request;
mod script;
mod secret;
mod servers;
mod session_lock;
mod slots;
mod socket;
mod tls;
mod trouble;
mod value;
mod walk;

pub use options::{Address, Login, Place, RedisOptions, TlsOptions};

use base::Bases;
use deadline::Deadline;
use names::Names;
use request::Request;
use script::Outcome;
use servers::{Again, Servers, To};
use trouble::Trouble;

/// Sessions in Redis or Valkey.
pub struct RedisEngine {
    shared: Arc<Shared>,
    secret: OnceLock<Secret>,
    /// How many connections there were when the secret was last seen to be the store's. Relaxed: asking once too often
    /// does no harm.
    verified: AtomicU64,
    bases: Bases,
    counters: Counters,
    /// The server was asked what it does when its memory is full. Relaxed: whoever is first asks.
    has_noticed: AtomicBool,
}

/// What a held lock needs as well, which may outlive the engine.
struct Shared {
    servers: Servers,
    names: Names,
    /// What the store is called in messages and phpinfo.
    name: String,
    is_cluster: bool,
    timeout: Duration,
    lock_lease: Duration,
}

/// What only [`Stats`] reads.
#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    conflicts: AtomicU64,
    expired: AtomicU64,
    refused: AtomicU64,
    merges: AtomicU64,
    throttled: AtomicU64,
}

impl RedisEngine {
    /// Reads the files for TLS. Connects to nobody: that is left to the first operation.
    pub fn open(options: &RedisOptions) -> Result<Self, EngineError> {
        let name = name_of(options);
        let servers = Servers::new(options).map_err(|(path, why)| EngineError::Server {
            store: name.clone(),
            what: format!("{} can't be used: {why}", path.display()),
        })?;
        let shared = Shared {
            servers,
            names: Names::new(&options.prefix),
            name,
            is_cluster: matches!(options.place, Place::Cluster(_)),
            timeout: options.timeout,
            lock_lease: options.lock_lease,
        };
        Ok(Self {
            shared: Arc::new(shared),
            secret: OnceLock::new(),
            verified: AtomicU64::new(0),
            bases: Bases::default(),
            counters: Counters::default(),
            has_noticed: AtomicBool::new(false),
        })
    }

    /// Runs a script where `key` is kept; `bytes` is what a full memory could not take.
    fn script(
        &self,
        key: &[u8],
        request: &Request<'_>,
        again: Again,
        deadline: Deadline,
        bytes: u64,
    ) -> Result<Outcome, EngineError> {
        let answers = self.shared.servers.ask(To::KeeperOf(key), request, again, deadline);
        let answers = answers.map_err(|trouble| self.error(&trouble, bytes))?;
        let outcome = answers.into_iter().next().and_then(Outcome::read);
        let outcome = outcome.ok_or_else(|| self.shared.unintelligible())?;
        if outcome.removed_expired {
            self.counters.expired.fetch_add(1, Relaxed);
        }
        Ok(outcome)
    }

    fn error(&self, trouble: &Trouble, bytes: u64) -> EngineError {
        if trouble.code() == Some("OOM") {
            self.counters.refused.fetch_add(1, Relaxed);
            let capacity = self.capacity().unwrap_or(0);
            return EngineError::Full { needed: bytes, capacity };
        }
        self.shared.error(trouble)
    }

    fn decode(&self, key: &Key, bytes: Vec<u8>) -> Result<Stored, EngineError> {
        let stored = value::decode(key, bytes).ok_or_else(|| self.damaged())?;
        self.bases.saw(key, stored.version, stored.owner, stored.expires);
        Ok(stored)
    }

    fn damaged(&self) -> EngineError {
        EngineError::Server {
            store: self.shared.name.clone(),
            what:
                "the stored bytes of a session are damaged, or were written by something else under the same \
                   prefix; that session can't be used"
                    .to_owned(),
        }
    }
}

impl Shared {
    fn deadline(&self) -> Deadline {
        Deadline::after(self.timeout)
    }

    fn error(&self, trouble: &Trouble) -> EngineError {
        EngineError::Server { store: self.name.clone(), what: trouble.describe() }
    }

    fn unintelligible(&self) -> EngineError {
        EngineError::Server {
            store: self.name.clone(),
            what: "the server answered what no Redis answers; is something else between it and us?"
                .to_owned(),
        }
    }

    /// The one answer to one command.
    fn ask_one(
        &self,
        to: To<'_>,
        command: ::redis::Cmd,
        again: Again,
        deadline: Deadline,
    ) -> Result<Value, EngineError> {
        let answers = self.servers.ask(to, &Request::one(command), again, deadline);
        let answer = answers.map_err(|trouble| self.error(&trouble))?.pop();
        answer.ok_or_else(|| self.unintelligible())
    }
}

impl Engine for RedisEngine {
    fn describe(&self) -> String {
        self.shared.name.clone()
    }

    fn take_notice(&self) -> Option<String> {
        if self.has_noticed.swap(true, Relaxed) { None } else { self.eviction_notice() }
    }

    fn is_far(&self) -> bool {
        true
    }

    fn secret(&self) -> Result<Secret, EngineError> {
        if let Some(secret) = self.secret.get() {
            return Ok(secret.clone());
        }
        let connections = self.shared.servers.connections();
        let stored = self.stored_secret(&Secret::generate()?)?;
        self.verified.store(connections.max(1), Relaxed);
        Ok(self.secret.get_or_init(|| stored).clone())
    }

    fn adopt_secret(&self, secret: &Secret) -> Result<Secret, EngineError> {
        if let Some(ours) = self.secret.get() {
            return Ok(ours.clone());
        }
        let connections = self.shared.servers.connections();
        let mut stored = self.stored_secret(secret)?;
        if stored != *secret && !super::migrating::has_sessions(self)? {
            stored = self.replaced_secret(&stored, secret)?;
        }
        self.verified.store(connections.max(1), Relaxed);
        Ok(self.secret.get_or_init(|| stored).clone())
    }

    /// A server that lost everything gets the secret back from the first that finds out, so that all agree.
    fn is_same(&self) -> Result<bool, EngineError> {
        let connections = self.shared.servers.connections();
        let Some(ours) = self.secret.get().filter(|_| self.verified.load(Relaxed) != connections) else {
            return Ok(true);
        };
        let is_same = self.stored_secret(ours)? == *ours;
        if is_same {
            self.verified.store(connections, Relaxed);
        }
        Ok(is_same)
    }

    fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        let name = self.shared.names.session(key);
        let mut get = cmd("GET");
        get.arg(&name);
        match self.shared.ask_one(To::KeeperOf(&name), get, Again::May, self.shared.deadline())? {
            Value::Nil => Ok(None),
            Value::BulkString(bytes) => {
                let stored = self.decode(key, bytes)?;
                Ok((now < stored.expires).then_some(stored))
            }
            _ => Err(self.shared.unintelligible()),
        }
    }

    fn load_newer(&self, key: &Key, known: Version, now: Timestamp) -> Result<Newer, EngineError> {
        Ok(self.read(key, Some(known), false, now)?.0)
    }

    fn load_with_owner(&self, key: &Key, now: Timestamp) -> Result<Option<(Stored, OfOwner)>, EngineError> {
        Ok(match self.read(key, None, true, now)? {
            (Newer::Other(stored), of_owner) => Some((stored, of_owner)),
            _ => None,
        })
    }

    fn load_newer_with_owner(
        &self,
        key: &Key,
        known: Version,
        now: Timestamp,
    ) -> Result<(Newer, OfOwner), EngineError> {
        self.read(key, Some(known), true, now)
    }

    /// In a cluster both have slots of their own, which one master may have.
    fn is_beside(&self, key: &Key, owner: Owner) -> bool {
        let names = &self.shared.names;
        self.shared.servers.are_together(&names.session(key), &names.index(owner))
    }

    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        write.check_size()?;
        let deadline = self.shared.deadline();
        let mut random = [0; 8];
        fill_random(&mut random)?;
        let version = Version(u64::from_be_bytes(random));
        let value = value::encode(key, version, &write);
        let names = &self.shared.names;
        let (session, lock, index) = (names.session(key), names.lock(key), names.index(write.owner));
        let token = session_lock::token_of_this_thread(&self.shared.name, key);
        let expected = match expect {
            Expect::Absent => Vec::new(),
            Expect::Version(version) => version.0.to_be_bytes().to_vec(),
        };
        let life = life(write.expires, now);
        let lease = self.shared.lock_lease.as_millis().to_string();
        let time = now.as_millis().to_string();
        let mut keys: Vec<&[u8]> = vec![&session];
        if token.is_some() {
            keys.push(&lock);
        }
        let token = token.map(|token| token.to_vec()).unwrap_or_default();
        let mut args: Vec<&[u8]> =
            vec![&expected, &value, life.as_bytes(), time.as_bytes(), &token, lease.as_bytes()];
        let without_index = args.len();
        let note = index::Note::of(write.expires, now);
        // Before the record, and so for nothing if that is refused: what is stored is always in the index.
        let mut is_noted = !base::is_indexed(write.owner)
            || matches!(expect, Expect::Version(version) if self.bases.covers(key, version, write.owner, write.expires));
        if !is_noted && !self.is_beside(key, write.owner) {
            self.note(key, write.owner, &note, now, deadline)?;
            is_noted = true;
        }
        if !is_noted {
            args.extend([key.as_bytes().as_slice(), note.last.as_bytes(), note.life.as_bytes(), &index]);
        }
        let bytes = write.record.len() as u64;
        let outcome = loop {
            let beside = (!is_noted).then_some(args.len() - 1);
            let request = Request::Script { script: &script::COMMIT, keys: &keys, args: &args, beside };
            let outcome = self.script(&session, &request, Again::May, deadline, bytes)?;
            if outcome.what != 5 || is_noted {
                break outcome;
            }
            self.note(key, write.owner, &note, now, deadline)?;
            is_noted = true;
            args.truncate(without_index);
        };
        match (outcome.what, outcome.bytes) {
            (1, _) => {
                self.counters.commits.fetch_add(1, Relaxed);
                self.bases.saw(key, version, write.owner, write.expires);
                Ok(Commit::Stored(version))
            }
            (2, Some(theirs)) => {
                self.counters.conflicts.fetch_add(1, Relaxed);
                Ok(Commit::Conflict(self.decode(key, theirs)?))
            }
            (3, _) => Ok(Commit::Gone),
            (4, _) => Err(EngineError::LockLost),
            _ => Err(self.shared.unintelligible()),
        }
    }

    fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError> {
        let deadline = self.shared.deadline();
        let name = self.shared.names.session(key);
        let (time, life) = (now.as_millis().to_string(), life(expires, now));
        let end = expires.as_millis().to_be_bytes();
        let mut day = base::day_of(expires).to_string();
        let note = index::Note::of(expires, now);
        let (begin, record_end) = &self.shared.names.owner_record;
        let index_end = [record_end.as_slice(), names::INDEX.as_bytes()].concat();
        loop {
            let args: [&[u8]; 9] = [
                time.as_bytes(),
                &end,
                life.as_bytes(),
                day.as_bytes(),
                begin,
                &index_end,
                key.as_bytes(),
                note.last.as_bytes(),
                note.life.as_bytes(),
            ];
            let request =
                Request::Script { script: &script::TOUCH, keys: &[&name], args: &args, beside: Some(4) };
            let outcome = self.script(&name, &request, Again::May, deadline, 0)?;
            match (outcome.what, outcome.bytes.as_deref().and_then(|bytes| bytes.try_into().ok())) {
                (0, _) => return Ok(false),
                (1, _) => return Ok(true),
                (2, Some(owner)) if !day.is_empty() => {
                    let owner = Owner(u64::from_be_bytes(owner));
                    self.note(key, owner, &note, now, deadline)?;
                    day.clear();
                }
                _ => return Err(self.shared.unintelligible()),
            }
        }
    }

    fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        let name = self.shared.names.session(key);
        let time = now.as_millis().to_string();
        let args: [&[u8]; 2] = [time.as_bytes(), b"any"];
        let deadline = self.shared.deadline();
        let request = Request::Script { script: &script::DESTROY, keys: &[&name], args: &args, beside: None };
        // Sent twice, it would say of what it removed that it was not there.
        let outcome = self.script(&name, &request, Again::MustNot, deadline, 0)?;
        Ok(outcome.what == 1)
    }

    /// The server removes what has expired. A small store is looked through all the same, for sessions that are over by
    /// our clock and not yet by the server's.
    fn collect(&self, now: Timestamp) -> Result<u64, EngineError> {
        self.remove_expired(now)
    }

    /// Asks for the sessions of each server in turn, some hundreds at a time. Remembers 8 bytes and a little for each
    /// that was shown: the server may name one twice.
    fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.shared.walk(&mut |summary| {
            if now < summary.expires { each(summary) } else { ControlFlow::Continue(()) }
        })
    }

    fn survey(
        &self,
        now: Timestamp,
        bytes: usize,
        each: &mut dyn FnMut(Surveyed<'_>) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.shared.walk_records(bytes, &mut |surveyed| {
            if now < surveyed.summary.expires { each(surveyed) } else { ControlFlow::Continue(()) }
        })
    }

    fn owned(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        if base::is_indexed(owner) { self.indexed(owner, now) } else { self.found(owner, now) }
    }

    fn lock(
        &self,
        key: &Key,
        wait: Duration,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Lease, EngineError> {
        session_lock::lock(&self.shared, key, wait, keep_waiting)
    }

    fn count(&self, _: &Key, what: Tally) {
        let counter = match what {
            Tally::Merge => &self.counters.merges,
            Tally::Throttled => &self.counters.throttled,
        };
        counter.fetch_add(1, Relaxed);
    }

    fn stats(&self) -> Result<Stats, EngineError> {
        self.figures()
    }

    fn parts(&self) -> Result<Vec<Stats>, EngineError> {
        self.figures_of_each()
    }
}

impl std::fmt::Debug for RedisEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RedisEngine").field(&self.shared.name).finish()
    }
}

/// How long the server shall keep a session, in ms: 0 = not at all, -1 = for ever.
fn life(expires: Timestamp, now: Timestamp) -> String {
    const LONGEST: Duration = Duration::from_hours(24 * 365 * 1000);
    let life = expires.since(now);
    if life > LONGEST { "-1".to_owned() } else { life.as_millis().to_string() }
}

/// Scheme and place, without user and password.
fn name_of(options: &RedisOptions) -> String {
    let scheme = if options.tls.is_some() { "rediss" } else { "redis" };
    let list = |addresses: &[Address]| addresses.iter().map(Address::to_string).collect::<Vec<_>>().join(",");
    let name = match &options.place {
        Place::Server(address) => format!("{scheme}://{address}"),
        Place::Sentinels { sentinels, service, .. } => {
            format!("{scheme}+sentinel://{}/{service}", list(sentinels))
        }
        Place::Cluster(nodes) => format!("{scheme}+cluster://{}", list(nodes)),
    };
    let database = if options.db == 0 { String::new() } else { format!(" database {}", options.db) };
    format!("{name}{database} (keys {}*)", options.prefix)
}
