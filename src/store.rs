//! The stores that this process has open, by their DSN.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use holdfast_core::engine::{
    Engine, EngineError, StoreDsn,
    memory::{MemoryEngine, MemoryOptions},
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
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let open = open.get_or_insert_default();
    if let Some(store) = open.get_mut(dsn) {
        if let Some(renewed) = store.renewed()? {
            *store = renewed;
        }
        return Ok(Opened { store: store.clone(), notice: store.engine().take_notice() });
    }
    let engine: Arc<dyn Engine> = match StoreDsn::parse(dsn)? {
        StoreDsn::Memory { capacity } => Arc::new(MemoryEngine::new(MemoryOptions { capacity })),
        StoreDsn::Shared { path, size, lock_timeout } => {
            let defaults = SharedOptions::default();
            Arc::new(SharedEngine::open(SharedOptions {
                path: path.unwrap_or_else(shared::default_path),
                size: size.unwrap_or(defaults.size),
                lock_timeout: lock_timeout.unwrap_or(defaults.lock_timeout),
            })?)
        }
    };
    let store = Store::new(engine)?;
    open.insert(dsn.to_owned(), store.clone());
    let notice = store.engine().take_notice();
    Ok(Opened { store, notice })
}
