//! The bytes that an engine stores for one session: docs/format.md, "Records". Whoever stores them checksums them.

mod error;
mod meta;

pub use error::RecordError;
pub use meta::Meta;

use crate::codec::EncodeError;
use crate::codec::root::Root;

/// The format that is written, and the only one that is read.
pub const FORMAT: u8 = 1;

/// What a record holds: a tree of values, the only kind there is.
const KIND_TREE: u8 = 0;

/// Format, kind, two reserved bytes, length of the meta.
const HEADER: usize = 8;

/// A record, read: what is known about the session, and its values as they are stored.
#[derive(Clone, Debug)]
pub struct Record<'b> {
    /// What is known about the session.
    pub meta: Meta,
    /// Its values; none of them is decoded yet.
    pub root: Root<'b>,
}

impl<'b> Record<'b> {
    /// The record that `bytes` are, wholly.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, RecordError> {
        let Some((&[format, rest @ ..], body)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(RecordError::Damaged("it is shorter than its header"));
        };
        if format != FORMAT {
            return Err(RecordError::Format { found: format });
        }
        let [kind, reserved @ .., len0, len1, len2, len3] = rest;
        if kind != KIND_TREE {
            return Err(RecordError::Kind { found: kind });
        }
        if reserved != [0; 2] {
            return Err(RecordError::Damaged("reserved bytes are used"));
        }
        let len = usize::try_from(u32::from_le_bytes([len0, len1, len2, len3])).unwrap_or(usize::MAX);
        let Some((meta, root)) = body.split_at_checked(len) else {
            return Err(RecordError::Damaged("its meta reaches beyond the end"));
        };
        Ok(Self { meta: Meta::parse(meta)?, root: Root::parse(root)? })
    }
}

/// The beginning of a record, up to its root, which is appended by a [`crate::codec::root::RootWriter`]. `capacity`:
/// bytes that the root is expected to take.
pub fn begin(meta: &Meta, capacity: usize) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(HEADER + 128 + capacity);
    out.extend_from_slice(&[FORMAT, KIND_TREE, 0, 0, 0, 0, 0, 0]);
    meta.append_to(&mut out)?;
    let len = u32::try_from(out.len() - HEADER).map_err(|_| EncodeError::TooLarge)?;
    out[HEADER - 4..HEADER].copy_from_slice(&len.to_le_bytes());
    Ok(out)
}

/// A record with a root that is there already.
pub fn write(meta: &Meta, root: &Root<'_>) -> Result<Vec<u8>, EncodeError> {
    let mut out = begin(meta, root.bytes().len())?;
    out.extend_from_slice(root.bytes());
    Ok(out)
}

#[cfg(test)]
mod tests;
