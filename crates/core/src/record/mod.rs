//! The bytes that an engine stores for one session: docs/format.md, "Records". Whoever stores them checksums them.

mod beginning;
mod error;
mod handle;
mod meta;

pub use beginning::{Beginning, Kind};
pub use error::RecordError;
pub use handle::Handle;
pub use meta::{Client, Meta};

use crate::buffer;
use crate::codec::EncodeError;
use crate::codec::root::Root;

/// The format that is written, and the only one that is read.
pub const FORMAT: u8 = 3;

/// Stands in the place of [`FORMAT`] where a session was that has moved to another store
/// ([`crate::engine::migrating`]). It is none of the formats that there ever will be.
pub const ELSEWHERE: u8 = 0xe5;

/// A tree of values.
const KIND_TREE: u8 = 0;

/// What another serializer wrote.
const KIND_OPAQUE: u8 = 1;

/// Nothing: the session was ended.
const KIND_ENDED: u8 = 2;

/// Nothing: the session has another id.
const KIND_MOVED: u8 = 3;

/// What holds for all sessions of a user.
const KIND_USER: u8 = 4;

/// The address of a session.
const KIND_ALIAS: u8 = 5;

/// A remembered login.
const KIND_REMEMBERED: u8 = 6;

/// Format, kind, two reserved bytes, length of the meta.
const HEADER: usize = 8;

/// A record, read: what is known about the session, and what is stored for it.
#[derive(Clone, Debug)]
pub struct Record<'b> {
    /// What is known about the session.
    pub meta: Meta,
    /// What is stored.
    pub body: Body<'b>,
}

/// What a record holds.
#[derive(Clone, Copy, Debug)]
pub enum Body<'b> {
    /// A session's values; none of them is decoded yet.
    Tree(Root<'b>),
    /// A session as one piece, which only the named serializer can read.
    Opaque {
        /// PHP's name of the serializer, at most 255 bytes.
        serializer: &'b str,
        /// What it wrote.
        data: &'b [u8],
    },
    /// The session was ended: who still has its id has no session, and can't begin one under it.
    Ended,
    /// The session has another id, masked so that only who has the old one can read it
    /// ([`crate::id::SessionId::unmask`]).
    Moved {
        /// The masked id.
        masked: &'b [u8; 32],
    },
    /// No session: the meta's generation is the one that a user's sessions must have.
    User {
        /// Goes up when what sessions remember of the user is out of date.
        data_version: u64,
    },
    /// No session: the address of the session that bears a secondary id.
    Alias {
        /// Its [`crate::key::Key`].
        key: &'b [u8; 32],
    },
    /// No session: by this a browser is known again that has none.
    Remembered {
        /// A keyed hash of what its cookie has to show.
        verifier: &'b [u8; 32],
        /// What the cookie had to show before; `None`: it was never changed.
        before: Option<Before<'b>>,
    },
}

/// What the cookie of a remembered login had to show until it was changed.
#[derive(Clone, Copy, Debug)]
pub struct Before<'b> {
    /// A keyed hash of it.
    pub verifier: &'b [u8; 32],
    /// What it was changed to and the session that it began, masked so that only who has the old cookie can read it
    /// ([`crate::session::RememberToken::unmask`]).
    pub masked: &'b [u8; MASKED],
}

/// The length of what an old cookie leads to: a session's id and a verifier.
pub const MASKED: usize = 48;

impl<'b> Record<'b> {
    /// The record that `bytes` are, wholly.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, RecordError> {
        let Some((&[format, rest @ ..], body)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(RecordError::Damaged("it is shorter than its header"));
        };
        if format == ELSEWHERE {
            return Err(RecordError::Elsewhere);
        }
        if format != FORMAT {
            return Err(RecordError::Format { found: format });
        }
        let [kind, reserved @ .., len0, len1, len2, len3] = rest;
        if kind > KIND_REMEMBERED {
            return Err(RecordError::Kind { found: kind });
        }
        if reserved != [0; 2] {
            return Err(RecordError::Damaged("reserved bytes are used"));
        }
        let len = usize::try_from(u32::from_le_bytes([len0, len1, len2, len3])).unwrap_or(usize::MAX);
        let Some((meta, body)) = body.split_at_checked(len) else {
            return Err(RecordError::Damaged("its meta reaches beyond the end"));
        };
        let meta = Meta::parse(meta)?;
        let body = match kind {
            KIND_TREE => Body::Tree(Root::parse(body)?),
            KIND_OPAQUE => opaque(body)?,
            KIND_ENDED if body.is_empty() => Body::Ended,
            KIND_MOVED => Body::Moved {
                masked: body.try_into().map_err(|_| RecordError::Damaged("its new id has another length"))?,
            },
            KIND_USER => Body::User {
                data_version: u64::from_le_bytes(
                    body.try_into().map_err(|_| RecordError::Damaged("its version has another length"))?,
                ),
            },
            KIND_ALIAS => Body::Alias {
                key: body.try_into().map_err(|_| RecordError::Damaged("its address has another length"))?,
            },
            KIND_REMEMBERED => remembered(body)?,
            _ => return Err(RecordError::Damaged("bytes follow its end")),
        };
        Ok(Self { meta, body })
    }
}

/// Do records that begin with these bytes hold a session of this format, and not the memory of one that ended or moved?
pub const fn is_session(head: [u8; 2]) -> bool {
    matches!(head, [FORMAT, KIND_TREE | KIND_OPAQUE])
}

fn opaque(body: &[u8]) -> Result<Body<'_>, RecordError> {
    body.split_first()
        .and_then(|(len, rest)| rest.split_at_checked(usize::from(*len)))
        .and_then(|(name, data)| Some(Body::Opaque { serializer: std::str::from_utf8(name).ok()?, data }))
        .ok_or(RecordError::Damaged("its serializer has no name"))
}

fn remembered(body: &[u8]) -> Result<Body<'_>, RecordError> {
    let damaged = || RecordError::Damaged("its verifiers have another length");
    let (verifier, rest) = body.split_first_chunk().ok_or_else(damaged)?;
    let before = if rest.is_empty() {
        None
    } else {
        let (verifier, masked) = rest.split_first_chunk().ok_or_else(damaged)?;
        Some(Before { verifier, masked: masked.try_into().map_err(|_| damaged())? })
    };
    Ok(Body::Remembered { verifier, before })
}

/// A whole record.
pub fn write(meta: &Meta, body: Body<'_>) -> Result<Vec<u8>, EncodeError> {
    match body {
        Body::Tree(root) => {
            let mut out = begin(meta, root.bytes().len())?;
            out.extend_from_slice(root.bytes());
            Ok(out)
        }
        Body::Opaque { serializer, data } => {
            let mut out = begin_kind(KIND_OPAQUE, meta, serializer.len() + data.len() + 1)?;
            out.push(u8::try_from(serializer.len()).map_err(|_| EncodeError::TooLarge)?);
            out.extend_from_slice(serializer.as_bytes());
            out.extend_from_slice(data);
            Ok(out)
        }
        Body::Ended => begin_kind(KIND_ENDED, meta, 0),
        Body::Moved { masked } => {
            let mut out = begin_kind(KIND_MOVED, meta, masked.len())?;
            out.extend_from_slice(masked);
            Ok(out)
        }
        Body::User { data_version } => {
            let mut out = begin_kind(KIND_USER, meta, size_of::<u64>())?;
            out.extend_from_slice(&data_version.to_le_bytes());
            Ok(out)
        }
        Body::Alias { key } => {
            let mut out = begin_kind(KIND_ALIAS, meta, key.len())?;
            out.extend_from_slice(key);
            Ok(out)
        }
        Body::Remembered { verifier, before } => {
            let mut out = begin_kind(KIND_REMEMBERED, meta, 2 * verifier.len() + MASKED)?;
            out.extend_from_slice(verifier);
            if let Some(Before { verifier, masked }) = before {
                out.extend_from_slice(verifier);
                out.extend_from_slice(masked);
            }
            Ok(out)
        }
    }
}

/// The beginning of a record of values, up to its root, which is appended by a [`crate::codec::root::RootWriter`].
/// `capacity`: bytes that the root is expected to take.
pub fn begin(meta: &Meta, capacity: usize) -> Result<Vec<u8>, EncodeError> {
    begin_kind(KIND_TREE, meta, capacity)
}

fn begin_kind(kind: u8, meta: &Meta, capacity: usize) -> Result<Vec<u8>, EncodeError> {
    let mut out = buffer::with_room(HEADER + 128 + capacity);
    out.extend_from_slice(&[FORMAT, kind, 0, 0, 0, 0, 0, 0]);
    meta.append_to(&mut out)?;
    let len = u32::try_from(out.len() - HEADER).map_err(|_| EncodeError::TooLarge)?;
    out[HEADER - 4..HEADER].copy_from_slice(&len.to_le_bytes());
    Ok(out)
}

#[cfg(test)]
mod tests;
