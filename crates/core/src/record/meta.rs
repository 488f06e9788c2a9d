use bincode::config;
use serde::{Deserialize, Serialize};

use super::RecordError;
use crate::codec::EncodeError;
use crate::time::Timestamp;

/// What is known about a session beside its values. The record's format is the version of this: a field more, or in
/// another place, is another format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// When the session's first record was written.
    pub created: Timestamp,
    /// When its id was issued last: at its creation, or by a rotation.
    pub renewed: Timestamp,
    /// How long it may be idle, in milliseconds.
    pub lifetime_ms: u64,
    /// Who is logged in, by the application's own identifier.
    pub user: Option<Vec<u8>>,
    /// Bits without a meaning in this format: 0.
    pub flags: u32,
    /// A keyed hash of what was remembered of the visitor's browser.
    pub client: Option<Vec<u8>>,
}

impl Meta {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        match bincode::serde::decode_from_slice(bytes, config::standard()) {
            Ok((meta, len)) if len == bytes.len() => Ok(meta),
            Ok(_) => Err(RecordError::Damaged("bytes follow its meta")),
            Err(_) => Err(RecordError::Damaged("its meta can't be read")),
        }
    }

    /// Appends what [`Meta::parse`] reads. Into memory nothing but a size can fail.
    pub(super) fn append_to(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        bincode::serde::encode_into_std_write(self, out, config::standard())
            .map(drop)
            .map_err(|_| EncodeError::TooLarge)
    }
}
