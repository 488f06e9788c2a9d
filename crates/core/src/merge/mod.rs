//! Two sets of changes of one session, put together: docs/merging.md says what comes out.
//!
//! ```text
//!   base, ours, theirs (encoded roots)
//!        │ open: one node at a time, only those that both sides changed
//!        v
//!      paths ──> keyed | lists      what stands at a path; the paths below an array
//!        │  └──> groups             variables that share objects
//!        v
//!      encode: what neither or one side changed is carried over as bytes
//! ```
//!
//! Nothing in here recurses with the depth of the values: an array that both sides changed is a task of its own, and
//! its place in the result is a number until it is done.

use crate::codec::{
    DecodeError, DigestKey, EncodeError,
    encode::Encoder,
    root::{Root, RootWriter},
};

mod groups;
mod keyed;
mod lists;
mod open;
mod paths;
mod piece;
mod source;
#[cfg(test)]
mod tests;

use paths::Merge;
use piece::{Array, Piece};
use source::PieceSource;

/// Why roots can't be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// One of them is no root.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// What they are together can't be stored.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// The root with the changes that `ours` has of `base` on top of those that `theirs` has. `None` as base: both sides
/// made the session anew. `ours` is the later commit, `theirs` is what is stored.
///
/// All are roots of the store that `digests` belongs to.
pub fn merge_roots(
    digests: &DigestKey,
    base: Option<&[u8]>,
    ours: &[u8],
    theirs: &[u8],
) -> Result<Vec<u8>, MergeError> {
    let base = base.map(Root::parse).transpose()?;
    let (ours, theirs) = (Root::parse(ours)?, Root::parse(theirs)?);
    let before = base.map(|base| base.digest());
    if before == Some(theirs.digest()) || ours.digest() == theirs.digest() {
        return Ok(ours.bytes().to_vec());
    }
    if before == Some(ours.digest()) {
        return Ok(theirs.bytes().to_vec());
    }
    let base = base.map(|base| open::open(base.bytes())).transpose()?;
    let base = base.unwrap_or_else(|| Array::List(Vec::new()));
    let size = ours.bytes().len().max(theirs.bytes().len());
    let (ours, theirs) = (open::open(ours.bytes())?, open::open(theirs.bytes())?);
    let mut merge = Merge::new(digests);
    let variables = merge.variables(&base, &ours, &theirs)?;
    let slots = merge.finish()?;

    let mut root = RootWriter::new(digests, variables.len(), Vec::with_capacity(size + size / 8));
    let mut source = PieceSource::new(&slots);
    let mut encoder = Encoder::new(digests);
    for (key, variable) in &variables {
        match variable {
            Piece::Node(node) => root.entry(*key, node.bytes),
            variable => root.entry_with(*key, |out| encoder.encode(&mut source, variable, out))?,
        }
    }
    Ok(root.finish()?.0)
}
