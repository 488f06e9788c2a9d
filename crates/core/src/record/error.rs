use super::FORMAT;
use crate::codec::DecodeError;

/// Why bytes are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Its session has moved to another store, which this process does not know.
    #[error(
        "the session has moved to another store, and this process still has the setting from before; restart it with \
         holdfast.store as it is now"
    )]
    Elsewhere,
    /// Written by a version of Holdfast with another format.
    #[error("the record has format {found}, and this version of Holdfast reads format {FORMAT} only")]
    Format {
        /// The record's format.
        found: u8,
    },
    /// A kind of record that this version doesn't know.
    #[error("the record is of kind {found}, which this version of Holdfast doesn't know")]
    Kind {
        /// The record's kind.
        found: u8,
    },
    /// Header or meta make no sense.
    #[error("the record is damaged: {0}")]
    Damaged(&'static str),
    /// The root makes no sense.
    #[error(transparent)]
    Root(#[from] DecodeError),
}
