use super::{
    ELSEWHERE, FORMAT, HEADER, KIND_ALIAS, KIND_ENDED, KIND_MOVED, KIND_OPAQUE, KIND_REMEMBERED, KIND_TREE,
    KIND_USER, Meta, RecordError,
};

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A session's values.
    Tree,
    /// A session in one piece.
    Opaque,
    /// The memory of a session that was ended.
    Ended,
    /// The way to a session that has another id.
    Moved,
    /// What holds for all sessions of a user.
    User,
    /// The way from a secondary id to its session.
    Alias,
    /// A remembered login.
    Remembered,
}

/// What stands in a record in front of its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// What it is about.
    pub kind: Kind,
    /// What is known about it.
    pub meta: Meta,
}

impl Beginning {
    /// Reads a record of which there is a beginning only, or all; `None`: more of it is needed.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, RecordError> {
        let Some((&[format, kind, _, _, len0, len1, len2, len3], rest)) = bytes.split_first_chunk::<HEADER>()
        else {
            return Ok(None);
        };
        if format == ELSEWHERE {
            return Err(RecordError::Elsewhere);
        }
        if format != FORMAT {
            return Err(RecordError::Format { found: format });
        }
        let kind = match kind {
            KIND_TREE => Kind::Tree,
            KIND_OPAQUE => Kind::Opaque,
            KIND_ENDED => Kind::Ended,
            KIND_MOVED => Kind::Moved,
            KIND_USER => Kind::User,
            KIND_ALIAS => Kind::Alias,
            KIND_REMEMBERED => Kind::Remembered,
            found => return Err(RecordError::Kind { found }),
        };
        let len = usize::try_from(u32::from_le_bytes([len0, len1, len2, len3])).unwrap_or(usize::MAX);
        let Some(meta) = rest.get(..len) else { return Ok(None) };
        Ok(Some(Self { kind, meta: Meta::parse(meta)? }))
    }
}
