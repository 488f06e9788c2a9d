use std::{
    ops::Deref,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use holdfast_core::engine::{
    Engine,
    memory::{MemoryEngine, MemoryOptions},
    migrating::MigratingEngine,
    redis::{self, Address, RedisEngine, RedisOptions},
    shared::{SharedEngine, SharedOptions},
};

use crate::{
    half::Half,
    redis_servers::{Cluster, Sentinels, Server},
    store::Store,
};

/// Makes each named function, `fn(Make)`, a test for each engine: `topic::name::engine`. What is said before the names
/// leaves out engines of which the contract does not say it:
///
/// - `by one handle`: what handles of a server count, each counts by itself.
/// - `in own memory`: who gives way to whom, what is removed when, and what of it is told, is the engine's own only where
///   the memory is. A server removes by its own clock, tells nobody, and refuses when it is full.
macro_rules! contract {
    (by one handle: $($body:ident),+ $(,)?) => {
        $(mod $body {
            contract!(@ $body: memory, shared, shared_by_two, redis, redis_cluster, redis_sentinels);
        })+
    };
    (in own memory: $($body:ident),+ $(,)?) => {
        $(mod $body {
            contract!(@ $body: memory, shared, shared_by_two);
        })+
    };
    ($($body:ident),+ $(,)?) => {
        $(mod $body {
            contract!(@ $body: memory, shared, shared_by_two, redis, redis_by_two, redis_cluster, redis_sentinels,
                migrating, migrating_half, migrating_half_to_redis);
        })+
    };
    (@ $body:ident: $($engine:ident),+) => {
        $(
            #[test]
            fn $engine() {
                super::$body(crate::engines::$engine);
            }
        )+
    };
}

/// Makes an empty store with room for about so many bytes.
pub type Make = fn(bytes: u64) -> Store;

pub fn memory(capacity: u64) -> Store {
    Store::new(vec![Box::new(MemoryEngine::new(MemoryOptions { capacity }))], None)
}

pub fn shared(size: u64) -> Store {
    let place = tempfile::tempdir().unwrap();
    Store::new(vec![open(place.path(), size)], Some(Box::new(place)))
}

/// One file that was opened twice: whatever one of the two knows, the other must find in the file.
pub fn shared_by_two(size: u64) -> Store {
    let place = tempfile::tempdir().unwrap();
    Store::new(vec![open(place.path(), size), open(place.path(), size)], Some(Box::new(place)))
}

fn open(place: &Path, size: u64) -> Box<dyn Engine> {
    let path = place.join("store");
    Box::new(SharedEngine::open(SharedOptions { path, size, ..SharedOptions::default() }).unwrap())
}

/// One server, by its unix socket.
pub fn redis(capacity: u64) -> Store {
    on_servers(&SERVERS, capacity, 1)
}

/// One server with two handles, which know nothing of each other.
pub fn redis_by_two(capacity: u64) -> Store {
    on_servers(&SERVERS, capacity, 2)
}

/// Three masters that share the sessions.
pub fn redis_cluster(capacity: u64) -> Store {
    on_servers(&CLUSTERS, capacity, 1)
}

/// The master of a master and its replica, as sentinels name it.
pub fn redis_sentinels(capacity: u64) -> Store {
    on_servers(&SENTINELS, capacity, 1)
}

/// On the way from one store to another, as seen by two processes; nothing is in the old one.
pub fn migrating(capacity: u64) -> Store {
    let (old, new) = (memory_engine(capacity), memory_engine(capacity));
    let open = |_| -> Box<dyn Engine> {
        Box::new(MigratingEngine::open(Arc::clone(&old), Arc::clone(&new)).unwrap())
    };
    Store::new((0..2).map(open).collect(), None)
}

/// Half of the sessions begin in the old store, from where they move.
pub fn migrating_half(size: u64) -> Store {
    let place = tempfile::tempdir().unwrap();
    let old: Arc<dyn Engine> = Arc::from(open(place.path(), size));
    let new = memory_engine(size);
    Store::new(half(&old, &new), Some(Box::new(place)))
}

/// The same, to a server.
pub fn migrating_half_to_redis(size: u64) -> Store {
    let Store { engines, place: servers, .. } = redis(size);
    let new: Arc<dyn Engine> = Arc::from(engines.into_iter().next().unwrap());
    let place = tempfile::tempdir().unwrap();
    let old: Arc<dyn Engine> = Arc::from(open(place.path(), size));
    Store::new(half(&old, &new), Some(Box::new((place, servers))))
}

fn memory_engine(capacity: u64) -> Arc<dyn Engine> {
    Arc::new(MemoryEngine::new(MemoryOptions { capacity }))
}

fn half(old: &Arc<dyn Engine>, new: &Arc<dyn Engine>) -> Vec<Box<dyn Engine>> {
    let open = |_| -> Box<dyn Engine> { Box::new(Half::open(Arc::clone(old), Arc::clone(new))) };
    (0..2).map(open).collect()
}

/// Servers that one test after the other has for itself.
struct Pool<S>(Mutex<Vec<S>>);

static SERVERS: Pool<Server> = Pool(Mutex::new(Vec::new()));
static CLUSTERS: Pool<Cluster> = Pool(Mutex::new(Vec::new()));
static SENTINELS: Pool<Sentinels> = Pool(Mutex::new(Vec::new()));

trait Servers: Sized + Send + Sync + 'static {
    fn start() -> Self;
    fn place(&self) -> redis::Place;
    fn masters(&self) -> &[Server];
}

impl Servers for Server {
    fn start() -> Self {
        Self::on_socket()
    }

    fn place(&self) -> redis::Place {
        redis::Place::Server(Address::Unix(self.socket()))
    }

    fn masters(&self) -> &[Server] {
        std::slice::from_ref(self)
    }
}

impl Servers for Cluster {
    fn start() -> Self {
        Self::start(0)
    }

    fn place(&self) -> redis::Place {
        redis::Place::Cluster(self.nodes.iter().map(at).collect())
    }

    fn masters(&self) -> &[Server] {
        &self.nodes
    }
}

impl Servers for Sentinels {
    fn start() -> Self {
        Self::start()
    }

    fn place(&self) -> redis::Place {
        let sentinels = self.sentinels.iter().map(at).collect();
        redis::Place::Sentinels { sentinels, service: "sessions".to_owned(), login: None }
    }

    fn masters(&self) -> &[Server] {
        &self.servers[..1]
    }
}

fn at(server: &Server) -> Address {
    Address::Tcp { host: "127.0.0.1".to_owned(), port: server.port }
}

/// Goes back to the pool.
struct Borrowed<S: Servers> {
    servers: Option<S>,
    pool: &'static Pool<S>,
}

impl<S: Servers> Deref for Borrowed<S> {
    type Target = S;

    fn deref(&self) -> &S {
        self.servers.as_ref().unwrap()
    }
}

impl<S: Servers> Drop for Borrowed<S> {
    fn drop(&mut self) {
        // What a test that failed leaves behind is of no use to others.
        if !std::thread::panicking() {
            self.pool.0.lock().unwrap_or_else(PoisonError::into_inner).extend(self.servers.take());
        }
    }
}

fn on_servers<S: Servers>(pool: &'static Pool<S>, capacity: u64, handles: usize) -> Store {
    let idle = pool.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let servers = Borrowed { servers: Some(idle.unwrap_or_else(S::start)), pool };
    let masters = servers.masters();
    for master in masters {
        assert!(master.command(&["FLUSHALL"]).contains("OK"));
        // The largest record is there several times while it is on its way, and all may be in one server.
        let share = (2 * capacity + (64 << 20)).to_string();
        assert!(master.command(&["CONFIG", "SET", "maxmemory", &share]).contains("OK"));
    }
    let options = RedisOptions::at(servers.place());
    let open = |_| -> Box<dyn Engine> { Box::new(RedisEngine::open(&options).unwrap()) };
    Store::new((0..handles).map(open).collect(), Some(Box::new(servers)))
}
