//! The stores that this process has open, by their DSN.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use holdfast_core::engine::{EngineError, StoreDsn};
use holdfast_core::store::Store;

use crate::audit;
use crate::exception::Failure;
use crate::zend::error;

/// Filled in workers, at the first use of a session; the engines see to it themselves that a fork does no harm.
static OPEN: Mutex<Option<HashMap<String, Store>>> = Mutex::new(None);

/// A store, and what its users should be told once.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// A damaged file was set aside, say.
    pub notice: Option<String>,
}

impl Opened {
    /// The store, once its users are told, by a warning: code of the application may run, so no borrow may be held.
    pub fn tell(self) -> Result<Store, Failure> {
        if let Some(notice) = self.notice {
            error::warn(&notice);
            if error::is_pending() {
                return Err(Failure::Pending);
            }
        }
        Ok(self.store)
    }
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

/// Closes all stores, once there are no more requests: the last process that does so leaves a shared store in a state that the
/// next one need not look through.
pub fn close() {
    // Dropped outside of the lock: an engine that closes may have work to do.
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner).take();
    drop(open);
}

/// Is a store that [`open`] gave still the one that it would give? Then nothing is to be told of it.
pub fn is_current(store: &Store) -> Result<bool, EngineError> {
    if !store.is_current()? {
        return Ok(false);
    }
    audit::watch(store);
    Ok(true)
}

fn find_or_open(dsn: &str) -> Result<Opened, EngineError> {
    if let Some(store) = with_open(|open| open.get(dsn).cloned()) {
        if store.engine().is_same()? {
            let store = followed(dsn, store)?;
            return Ok(Opened { notice: store.engine().take_notice(), store });
        }
        // Ids hang on its secret: those of the store that others have begun there are none to this one.
        drop(with_open(|open| open.remove(dsn)));
    }
    // Outside the lock: a server may take its time, and other threads of the process have stores of their own.
    let store = Store::new(StoreDsn::parse(dsn)?.open()?)?;
    let store = with_open(|open| open.entry(dsn.to_owned()).or_insert(store).clone());
    let notice = store.engine().take_notice();
    Ok(Opened { store, notice })
}

fn with_open<T>(act: impl FnOnce(&mut HashMap<String, Store>) -> T) -> T {
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    act(open.get_or_insert_default())
}

/// The store with the secret that its engine has by now.
fn followed(dsn: &str, store: Store) -> Result<Store, EngineError> {
    let Some(renewed) = store.renewed()? else { return Ok(store) };
    with_open(|open| open.insert(dsn.to_owned(), renewed.clone()));
    Ok(renewed)
}
