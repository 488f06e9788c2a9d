use std::sync::Arc;

use super::{
    Engine, EngineError, StoreDsn,
    memory::{MemoryEngine, MemoryOptions},
    migrating::MigratingEngine,
    redis::RedisEngine,
    shared::{self, SharedEngine, SharedOptions},
};

impl StoreDsn {
    /// The store, opened, and made where it is a file that is not there.
    pub fn open(&self) -> Result<Arc<dyn Engine>, EngineError> {
        Ok(match self {
            Self::Memory { capacity } => Arc::new(MemoryEngine::new(MemoryOptions { capacity: *capacity })),
            Self::Shared { path, size, lock_timeout } => {
                let defaults = SharedOptions::default();
                Arc::new(SharedEngine::open(SharedOptions {
                    path: path.clone().unwrap_or_else(shared::default_path),
                    size: size.unwrap_or(defaults.size),
                    lock_timeout: lock_timeout.unwrap_or(defaults.lock_timeout),
                })?)
            }
            Self::Redis(options) => Arc::new(RedisEngine::open(options)?),
            Self::Migrating { from, to } => Arc::new(MigratingEngine::open(from.open()?, to.open()?)?),
        })
    }
}
