use std::collections::HashMap;

use super::{
    MergeError,
    piece::{Array, Entries, Piece},
};
use crate::codec::KeyRef;

/// The entries that `merge` gives for what stands under each key in `base`, `ours` and `theirs`: in their order, then
/// what is new in ours.
pub(super) fn keyed<'b>(
    base: &Array<'b>,
    ours: &Array<'b>,
    theirs: &Array<'b>,
    mut merge: impl FnMut(
        KeyRef<'b>,
        Option<&Piece<'b>>,
        Option<&Piece<'b>>,
        Option<&Piece<'b>>,
    ) -> Result<Option<Piece<'b>>, MergeError>,
) -> Result<Entries<'b>, MergeError> {
    let mut merged = Vec::with_capacity(ours.len().max(theirs.len()));
    let (mut in_base, mut in_ours, mut in_theirs) =
        (Lookup::new(base), Lookup::new(ours), Lookup::new(theirs));
    for (key, piece) in theirs.entries() {
        if let Some(piece) = merge(key, in_base.find(key), in_ours.find(key), Some(piece))? {
            merged.push((key, piece));
        }
    }
    for (key, piece) in ours.entries() {
        if in_theirs.find(key).is_none()
            && let Some(piece) = merge(key, in_base.find(key), Some(piece), None)?
        {
            merged.push((key, piece));
        }
    }
    Ok(merged)
}

/// Finds entries by key. The entry after the last hit is looked at first: versions of one array mostly have the same
/// keys in the same order.
pub(super) struct Lookup<'a, 'b> {
    array: &'a Array<'b>,
    next: usize,
    positions: Option<HashMap<KeyRef<'b>, usize>>,
}

impl<'a, 'b> Lookup<'a, 'b> {
    pub const fn new(array: &'a Array<'b>) -> Self {
        Self { array, next: 0, positions: None }
    }

    pub fn find(&mut self, key: KeyRef<'b>) -> Option<&'a Piece<'b>> {
        if let Some((found, piece)) = self.array.entry(self.next)
            && found == key
        {
            self.next += 1;
            return Some(piece);
        }
        let positions = self.positions.get_or_insert_with(|| {
            self.array.entries().enumerate().map(|(position, (key, _))| (key, position)).collect()
        });
        let position = *positions.get(&key)?;
        self.next = position + 1;
        self.array.entry(position).map(|(_, piece)| piece)
    }
}
