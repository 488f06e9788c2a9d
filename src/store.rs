//! The stores that this process has open, by their DSN.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use holdfast_core::engine::{
    Engine, EngineError, StoreDsn,
    memory::{MemoryEngine, MemoryOptions},
    redis::RedisEngine,
    shared::{self, SharedEngine, SharedOptions},
};
use holdfast_core::store::Store;

use crate::audit;

/// Filled in workers, at the first use of a session; the engines see to it themselves that a fork does no harm.
static OPEN: Mutex<Option<HashMap<String, Store>>> = Mutex::new(None);

/// A store, and what its users should be told once.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// A damaged file was set aside, say.
    pub notice: Option<String>,
}

/// The store of a DSN, opened if it isn't yet. A failure is not remembered: the next request tries again.
pub fn open(dsn: &str) -> Result<Opened, EngineError> {
    let opened = find_or_open(dsn)?;
    audit::watch(&opened.store);
    Ok(opened)
}

/// The stores that are open.
pub fn all() -> Vec<Store> {
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    open.iter().flat_map(HashMap::values).cloned().collect()
}

fn find_or_open(dsn: &str) -> Result<Opened, EngineError> {
    if let Some(store) = with_open(|open| open.get(dsn).cloned()) {
        if store.engine().is_same()? {
            return Ok(Opened { store, notice: None });
        }
        // Ids hang on its secret: those of the store that others have begun there are none to this one.
        drop(with_open(|open| open.remove(dsn)));
    }
    // Outside the lock: a server may take its time, and other threads of the process have stores of their own.
    let (engine, notice) = engine(&StoreDsn::parse(dsn)?)?;
    let store = Store::new(engine)?;
    let notice = notice();
    let (store, is_ours) = with_open(|open| match open.entry(dsn.to_owned()) {
        Entry::Occupied(first) => (first.get().clone(), false),
        Entry::Vacant(free) => (free.insert(store).clone(), true),
    });
    Ok(Opened { store, notice: notice.filter(|_| is_ours) })
}

fn with_open<T>(act: impl FnOnce(&mut HashMap<String, Store>) -> T) -> T {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    act(open.get_or_insert_default())
}

/// What tells, once the store is open, what its users should be told.
type Notice = Box<dyn FnOnce() -> Option<String>>;

fn engine(dsn: &StoreDsn) -> Result<(Arc<dyn Engine>, Notice), EngineError> {
    Ok(match dsn {
        StoreDsn::Memory { capacity } => {
            (Arc::new(MemoryEngine::new(MemoryOptions { capacity: *capacity })), Box::new(|| None))
        }
        StoreDsn::Shared { path, size, lock_timeout } => {
            let defaults = SharedOptions::default();
            let engine = Arc::new(SharedEngine::open(SharedOptions {
                path: path.clone().unwrap_or_else(shared::default_path),
                size: size.unwrap_or(defaults.size),
                lock_timeout: lock_timeout.unwrap_or(defaults.lock_timeout),
            })?);
            (Arc::clone(&engine) as Arc<dyn Engine>, Box::new(move || engine.take_notice()))
        }
        StoreDsn::Redis(options) => {
            let engine = Arc::new(RedisEngine::open(options)?);
            (Arc::clone(&engine) as Arc<dyn Engine>, Box::new(move || engine.take_notice()))
        }
    })
}
