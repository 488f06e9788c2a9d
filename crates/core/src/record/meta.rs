use std::time::Duration;

use bincode::config;
use serde::{Deserialize, Serialize};

use super::{Handle, RecordError};
use crate::codec::EncodeError;
use crate::time::Timestamp;

/// No record is as long. Without a limit, a damaged length of a text would be reserved before it is seen that the bytes are
/// not there.
const MOST_BYTES: usize = 16 << 20;

/// What is known about a session beside its values. The record's format is the version of this: a field more, or in
/// another place, is another format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// When the session's first record was written; at a login a new session begins.
    pub created: Timestamp,
    /// When its id was issued last: at its creation, or by a rotation.
    pub renewed: Timestamp,
    /// When its visitor proved who they are, or was known again; of a guest's session, when it began. The absolute lifetime
    /// counts from here.
    pub authenticated: Timestamp,
    /// The visitor was known again by a remembered login: nobody has shown a password for this session.
    pub restored: bool,
    /// How long it may be idle, in milliseconds.
    pub lifetime_ms: u64,
    /// The lifetime was chosen for this session alone: the settings don't change it.
    pub keeps_lifetime: bool,
    /// What names the session to its owner and to operators.
    pub handle: Handle,
    /// Who is logged in, by the application's own identifier.
    pub user: Option<Vec<u8>>,
    /// The generation of the user's sessions that this one belongs to: one of an older generation is dead (S17).
    pub generation: u64,
    /// The browser that logged in.
    pub client: Option<Client>,
    /// The name that the application gave the session.
    pub secondary: Option<Vec<u8>>,
}

/// What is remembered of the browser that logged in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its address as text; empty when unknown.
    pub address: String,
    /// How it named itself, cut off; empty when it did not.
    pub agent: Vec<u8>,
    /// A keyed hash of what a later request must have in common with it (S39); `None`: nothing.
    pub fingerprint: Option<[u8; 32]>,
    /// A keyed hash of the challenge that it must show beside its id (S40); `None`: none.
    pub challenge: Option<[u8; 32]>,
}

impl Meta {
    /// When a session ends that nobody asks for after `now`.
    pub fn expires_after(&self, now: Timestamp) -> Timestamp {
        now.after(Duration::from_millis(self.lifetime_ms))
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        match bincode::serde::decode_from_slice(bytes, config::standard().with_limit::<MOST_BYTES>()) {
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
