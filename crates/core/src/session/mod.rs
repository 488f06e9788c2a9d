//! The life of a session over an engine: opened, saved beside others who save, moved to a new id.

use std::{ops::Range, sync::Arc};

use crate::{
    codec::EncodeError,
    engine::{EngineError, Owner, Stored, Version},
    id::SessionId,
    key::Key,
    merge::MergeError,
    record::{Meta, Record, RecordError},
    secret::RandomError,
    store::Store,
    time::Timestamp,
};

mod rotate;
mod save;
#[cfg(test)]
mod tests;

pub use rotate::rotate;
pub use save::{Saved, save};

/// What a request found in the store: what its changes are changes of.
#[derive(Clone, Debug)]
pub struct Base {
    version: Version,
    owner: Owner,
    meta: Meta,
    record: Arc<[u8]>,
    root: Range<usize>,
}

impl Base {
    fn of(stored: Stored) -> Result<Self, RecordError> {
        let Record { meta, root } = Record::parse(&stored.record)?;
        let root = stored.record.len() - root.bytes().len()..stored.record.len();
        Ok(Self { version: stored.version, owner: stored.owner, meta, record: stored.record.into(), root })
    }

    /// What is known of the session beside its values.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The bytes of the record's root.
    pub fn root(&self) -> &[u8] {
        &self.record[self.root.clone()]
    }

    /// The whole record, shared.
    pub fn record(&self) -> Arc<[u8]> {
        Arc::clone(&self.record)
    }

    /// Where the root is in the record.
    pub fn root_range(&self) -> Range<usize> {
        self.root.clone()
    }
}

/// Why a session could not be opened or saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The store failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What the store holds is no record of this version.
    #[error("the stored session can't be read: {0}")]
    Record(#[from] RecordError),
    /// The session can't be put together.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// No random bytes for a new id.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// It was destroyed, or it ended, after this request had loaded it.
    #[error("the session was ended by another request")]
    Gone,
    /// Others saved the same session faster, again and again.
    #[error("the session is saved by too many requests at once: gave up after {0} tries")]
    Contended(u32),
}

impl From<MergeError> for SessionError {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Decode(error) => error.into(),
            MergeError::Encode(error) => error.into(),
        }
    }
}

impl From<crate::codec::DecodeError> for SessionError {
    fn from(error: crate::codec::DecodeError) -> Self {
        Self::Record(error.into())
    }
}

/// Loads the session of an id; `None` when nothing is stored for it.
pub fn load(
    store: &Store,
    cookie_name: &str,
    id: &SessionId,
    now: Timestamp,
) -> Result<Option<Base>, SessionError> {
    match store.engine().load(&Key::of(cookie_name, id), now)? {
        Some(stored) => Ok(Some(Base::of(stored)?)),
        None => Ok(None),
    }
}
