//! The way to the server that keeps a key: one server, the master that sentinels name, or a node of a cluster.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use ::redis::{Value, cmd};
use parking_lot::Mutex;

use super::{
    Address, Login, Place, RedisOptions,
    connection::{Connection, Entrance},
    deadline::Deadline,
    pool::Pool,
    request::Request,
    slots::{Map, redirection, slot_of},
    tls,
    trouble::Trouble,
};

/// Whom a request is for.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    /// The server that keeps this key.
    KeeperOf(&'a [u8]),
    /// This server, as [`Servers::masters`] named it.
    Master(&'a Address),
}

/// May the same request be sent again when it is not known whether it was carried out?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// Twice is as good as once.
    May,
    /// Only when it was surely not carried out.
    MustNot,
}

pub(super) struct Servers {
    place: Place,
    entrance: Entrance,
    to_sentinels: Entrance,
    connect_timeout: Duration,
    pool: Pool,
    /// What sentinels or the cluster said last. The mutex is held for assignments only.
    known: Mutex<Known>,
    /// Connections that were made so far. Relaxed: no other memory hangs on it.
    connections: AtomicU64,
    /// Who kept us waiting, and until when they are left alone. A request that does several things must not wait for
    /// each of them.
    resting: Mutex<HashMap<Address, Instant>>,
}

#[derive(Default)]
struct Known {
    master: Option<Address>,
    map: Option<Map>,
    /// Masters of the last map: asked beside those that the settings name.
    nodes: Vec<Address>,
}

/// Redirections and other reasons to ask again that one operation follows, while its time lasts.
const MOST_ATTEMPTS: usize = 8;

/// How long a server that kept us waiting is left alone.
const REST: Duration = Duration::from_secs(1);

/// How long to wait for a slot that is on its way, or a cluster that is just voting.
const A_MOMENT: Duration = Duration::from_millis(25);

impl Servers {
    /// Connects to nobody yet.
    ///
    /// # Errors
    ///
    /// The file for TLS that is missing or bad, and why.
    pub(super) fn new(options: &RedisOptions) -> Result<Self, (std::path::PathBuf, String)> {
        let tls = options.tls.as_ref().map(tls::config).transpose()?;
        let entrance = |login: &Option<Login>, db| Entrance { tls: tls.clone(), login: login.clone(), db };
        let to_sentinels = match &options.place {
            Place::Sentinels { login, .. } => entrance(login, 0),
            _ => Entrance::default(),
        };
        Ok(Self {
            place: options.place.clone(),
            entrance: entrance(&options.login, options.db),
            to_sentinels,
            connect_timeout: options.connect_timeout,
            pool: Pool::default(),
            known: Mutex::default(),
            connections: AtomicU64::new(0),
            resting: Mutex::default(),
        })
    }

    /// The answers of one server, to each command one. A refusal of any of them is [`Trouble::Refused`].
    pub(super) fn ask(
        &self,
        to: To<'_>,
        request: &Request<'_>,
        again: Again,
        deadline: Deadline,
    ) -> Result<Vec<Value>, Trouble> {
        let mut ask_at: Option<Address> = None;
        let mut text = false;
        let mut last = None;
        let mut gone: Option<Address> = None;
        for _ in 0..MOST_ATTEMPTS {
            if deadline.is_over() {
                break;
            }
            let (address, asking) = match ask_at.take() {
                Some(address) => (address, true),
                None => (self.address_of(to, deadline)?, false),
            };
            // Sentinels and nodes still name the one that is gone: they have not voted yet.
            if let Some(trouble) = last.take_if(|_| gone.as_ref() == Some(&address)) {
                return Err(trouble);
            }
            let trouble = match self.ask_at(&address, request, text, asking, deadline) {
                Ok(answers) => return Ok(answers),
                Err(trouble) => trouble,
            };
            let detail = match &trouble {
                Trouble::Refused { answer, .. } => answer.details().unwrap_or_default().to_owned(),
                _ => String::new(),
            };
            let may_repeat = match (&trouble, trouble.code()) {
                (_, Some("NOSCRIPT")) => {
                    text = true;
                    true
                }
                // Who asks this server means it, and finds out the rest.
                (_, Some("MOVED" | "ASK")) if matches!(to, To::Master(_)) => false,
                (_, Some("MOVED")) => self.moved(&detail, &address),
                (_, Some("ASK")) => {
                    ask_at = redirection(&detail, &address).map(|(_, node)| node);
                    ask_at.is_some()
                }
                (_, Some("TRYAGAIN" | "CLUSTERDOWN")) => {
                    thread::sleep(A_MOMENT.min(deadline.left()));
                    true
                }
                // A connection from before, which the server has closed meanwhile.
                (Trouble::Cut { stale: true, .. }, _) => again == Again::May,
                // A master that is gone, or was made a replica.
                (Trouble::Unreachable { .. } | Trouble::Resting { .. }, _)
                | (_, Some("READONLY" | "MASTERDOWN")) => {
                    gone = Some(address.clone());
                    self.left(&address)
                }
                (Trouble::Cut { .. } | Trouble::Garbled { .. }, _) => {
                    self.left(&address);
                    false
                }
                _ => false,
            };
            if !may_repeat {
                return Err(trouble);
            }
            last = Some(trouble);
        }
        Err(last.unwrap_or(Trouble::NobodyKnows { who: self.who(), last: None }))
    }

    /// Asks for what the server answers when something happens there, or after a moment if nothing does. Before each
    /// sleep `next_sleep` is asked how long it may last; its error ends the waiting.
    ///
    /// # Errors
    ///
    /// Those of `next_sleep`. What goes wrong with the server is the inner one.
    pub(super) fn wait<E>(
        &self,
        key: &[u8],
        request: &Request<'_>,
        deadline: Deadline,
        next_sleep: &mut dyn FnMut() -> Result<Duration, E>,
    ) -> Result<Result<(), Trouble>, E> {
        let (bytes, count) = request.pack(false, false);
        let begun = self.address_of(To::KeeperOf(key), deadline).and_then(|address| {
            let mut connection = self.connection(&address, deadline)?;
            connection.begin(bytes, deadline)?;
            Ok(connection)
        });
        let mut connection = match begun {
            Ok(connection) => connection,
            Err(trouble) => return Ok(Err(trouble)),
        };
        while !connection.hears_within(next_sleep()?) && !deadline.is_over() {}
        let answers = match connection.end(count, deadline) {
            Ok(answers) => answers,
            Err(trouble) => return Ok(Err(trouble)),
        };
        let by = connection.address().clone();
        self.pool.give(connection);
        Ok(match answers.into_iter().next() {
            Some(Value::ServerError(answer)) => Err(Trouble::Refused { by, answer }),
            _ => Ok(()),
        })
    }

    /// Whether one server keeps both keys, as far as is known without asking.
    pub(super) fn are_together(&self, one: &[u8], other: &[u8]) -> bool {
        let known = self.known.lock();
        known.map.as_ref().is_none_or(|map| map.master_of(slot_of(one)) == map.master_of(slot_of(other)))
    }

    /// Every server that keeps sessions.
    pub(super) fn masters(&self, deadline: Deadline) -> Result<Vec<Address>, Trouble> {
        match &self.place {
            Place::Cluster(seeds) => self.of_map(seeds, deadline, Map::masters),
            _ => Ok(vec![self.address_of(To::KeeperOf(b""), deadline)?]),
        }
    }

    fn ask_at(
        &self,
        address: &Address,
        request: &Request<'_>,
        text: bool,
        asking: bool,
        deadline: Deadline,
    ) -> Result<Vec<Value>, Trouble> {
        let mut connection = self.connection(address, deadline)?;
        let (bytes, count) = request.pack(text, asking);
        let mut answers = self.rested(address, || connection.exchange(bytes, count, deadline))?;
        self.pool.give(connection);
        if asking {
            answers = answers.into_iter().skip(1).step_by(2).collect();
        }
        for answer in &answers {
            if let Value::ServerError(answer) = answer {
                return Err(Trouble::Refused { by: address.clone(), answer: answer.clone() });
            }
        }
        Ok(answers)
    }

    fn connection(&self, address: &Address, deadline: Deadline) -> Result<Connection, Trouble> {
        if let Some(connection) = self.pool.take(address) {
            return Ok(connection);
        }
        let connection = self.connect(address, &self.entrance, deadline)?;
        self.connections.fetch_add(1, Relaxed);
        Ok(connection)
    }

    /// How many connections were made so far, one that has to be made anew included. As long as it stays, no server has
    /// been restarted or replaced.
    pub(super) fn connections(&self) -> u64 {
        if self.pool.prune() {
            self.connections.fetch_add(1, Relaxed);
        }
        self.connections.load(Relaxed)
    }

    fn connect(
        &self,
        address: &Address,
        entrance: &Entrance,
        deadline: Deadline,
    ) -> Result<Connection, Trouble> {
        self.rested(address, || Connection::open(address, entrance, deadline.within(self.connect_timeout)))
    }

    /// Does it, unless the server rests; one that keeps us waiting rests from then on.
    fn rested<T>(&self, address: &Address, act: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
        let until = self.resting.lock().get(address).copied();
        if until.is_some_and(|until| Instant::now() < until) {
            return Err(Trouble::Resting { at: address.clone() });
        }
        let done = act();
        match &done {
            Err(trouble) if trouble.is_slow() => {
                self.resting.lock().insert(address.clone(), Instant::now() + REST);
            }
            _ if until.is_some() => {
                self.resting.lock().remove(address);
            }
            _ => {}
        }
        done
    }

    fn address_of(&self, to: To<'_>, deadline: Deadline) -> Result<Address, Trouble> {
        match (to, &self.place) {
            (To::Master(address), _) | (_, Place::Server(address)) => Ok(address.clone()),
            (_, Place::Sentinels { sentinels, service, .. }) => self.master(sentinels, service, deadline),
            (To::KeeperOf(key), Place::Cluster(seeds)) => {
                let slot = slot_of(key);
                let master = self.of_map(seeds, deadline, |map| map.master_of(slot).cloned())?;
                master.ok_or_else(|| {
                    self.known.lock().map = None;
                    Trouble::NobodyKnows { who: self.who(), last: None }
                })
            }
        }
    }

    /// The master that a sentinel names, and that is one.
    fn master(&self, sentinels: &[Address], service: &str, deadline: Deadline) -> Result<Address, Trouble> {
        if let Some(master) = self.known.lock().master.clone() {
            return Ok(master);
        }
        let mut last = None;
        for (tried, sentinel) in sentinels.iter().enumerate() {
            let part = deadline.part(sentinels.len() - tried);
            match self.ask_sentinel(sentinel, service, part) {
                Ok(Some(master)) => {
                    self.known.lock().master = Some(master.clone());
                    return Ok(master);
                }
                Ok(None) => {}
                Err(trouble) => last = Some(Box::new(trouble)),
            }
        }
        Err(Trouble::NobodyKnows { who: self.who(), last })
    }

    fn ask_sentinel(
        &self,
        sentinel: &Address,
        service: &str,
        deadline: Deadline,
    ) -> Result<Option<Address>, Trouble> {
        let mut connection = self.connect(sentinel, &self.to_sentinels, deadline)?;
        let mut ask = cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(service);
        let (bytes, count) = Request::one(ask).pack(false, false);
        let Some(answer) = connection.exchange(bytes, count, deadline)?.pop() else { return Ok(None) };
        let Value::Array(parts) = answer else { return Ok(None) };
        let text = |part: &Value| match part {
            Value::BulkString(text) => String::from_utf8(text.clone()).ok(),
            _ => None,
        };
        let [host, port] = &parts[..] else { return Ok(None) };
        let place = text(host).zip(text(port).and_then(|port| port.parse().ok()));
        let Some((host, port)) = place else { return Ok(None) };
        let master = Address::Tcp { host, port };
        // A sentinel that was cut off may still name the master of yesterday.
        let mut role = self.connect(&master, &self.entrance, deadline)?;
        let (bytes, count) = Request::one(cmd("ROLE")).pack(false, false);
        let answer = role.exchange(bytes, count, deadline)?.pop();
        let is_master = matches!(
            &answer,
            Some(Value::Array(parts)) if matches!(parts.first(), Some(Value::BulkString(role)) if role == b"master")
        );
        if is_master {
            self.pool.give(role);
        }
        Ok(is_master.then_some(master))
    }

    /// Something of the masters and their slots, which are asked for if they are not known.
    fn of_map<T>(
        &self,
        seeds: &[Address],
        deadline: Deadline,
        look: impl Fn(&Map) -> T,
    ) -> Result<T, Trouble> {
        let mut nodes = {
            let known = self.known.lock();
            if let Some(map) = &known.map {
                return Ok(look(map));
            }
            known.nodes.clone()
        };
        nodes.extend(seeds.iter().filter(|seed| !nodes.contains(seed)).cloned().collect::<Vec<_>>());
        let mut last = None;
        for (tried, node) in nodes.iter().enumerate() {
            let part = deadline.part(nodes.len() - tried);
            let mut slots = cmd("CLUSTER");
            slots.arg("SLOTS");
            match self.ask_at(node, &Request::one(slots), false, false, part) {
                Ok(mut answers) => {
                    if let Some(map) = answers.pop().and_then(|answer| Map::read(answer, node)) {
                        let looked = look(&map);
                        let mut known = self.known.lock();
                        known.nodes = map.masters();
                        known.map = Some(map);
                        return Ok(looked);
                    }
                }
                Err(trouble) => last = Some(Box::new(trouble)),
            }
        }
        Err(Trouble::NobodyKnows { who: self.who(), last })
    }

    /// A node said where a slot is. False when it can't be understood.
    fn moved(&self, detail: &str, asked: &Address) -> bool {
        let Some((slot, to)) = redirection(detail, asked) else { return false };
        let mut known = self.known.lock();
        if known.map.as_mut().is_some_and(|map| !map.moved(slot, to)) {
            known.map = None;
        }
        known.map.is_some() || matches!(self.place, Place::Cluster(_))
    }

    /// A server is no longer what it was, or not there. True when another may have taken its place, which is then found
    /// out by the next attempt: sentinels or other nodes are asked again.
    fn left(&self, address: &Address) -> bool {
        self.pool.forget(address);
        let mut known = self.known.lock();
        let was_known = known.master.take().is_some() | known.map.take().is_some();
        was_known && !matches!(self.place, Place::Server(_))
    }

    fn who(&self) -> &'static str {
        if matches!(self.place, Place::Cluster(_)) { "node of the cluster" } else { "sentinel" }
    }
}
