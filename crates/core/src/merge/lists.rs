//! Lists: their items have no names, so what became of an item is told by where it stands.

use std::collections::HashSet;

use super::{
    MergeError,
    paths::Merge,
    piece::{Array, Entries, Leaf, Piece},
};
use crate::codec::{Digest, KeyRef};

/// What a side did to a list.
enum Edit {
    /// Items stand where they stood, changed or not; some were removed from the end, or appended.
    InPlace,
    /// Anything else: items were moved, inserted, or replaced by another number of items.
    Other,
}

/// A list that both sides changed.
pub(super) fn merge<'b>(
    merge: &mut Merge<'b, '_>,
    base: &[Piece<'b>],
    ours: &[Piece<'b>],
    theirs: &[Piece<'b>],
) -> Result<Vec<Piece<'b>>, MergeError> {
    let appended = |side| <[Piece<'b>]>::get(side, base.len()..).unwrap_or_default();
    match (edit(merge, base, ours)?, edit(merge, base, theirs)?) {
        (Edit::InPlace, Edit::InPlace) => {
            let mut merged = Vec::with_capacity(ours.len().max(theirs.len()));
            // Ends with the shortest: what a side removed from the end is gone.
            for ((base, ours), theirs) in base.iter().zip(ours).zip(theirs) {
                merged.extend(merge.path(Some(base), Some(ours), Some(theirs))?);
            }
            merged.extend_from_slice(appended(theirs));
            merged.extend_from_slice(appended(ours));
            Ok(merged)
        }
        (Edit::Other, Edit::InPlace) => {
            let (left, new) = ours.split_at(end_of_known(merge, base, ours)?);
            Ok([left, appended(theirs), new].concat())
        }
        (Edit::InPlace, Edit::Other) if begins_with(merge, ours, base)? => {
            Ok([theirs, appended(ours)].concat())
        }
        (_, Edit::Other) => Ok(ours.to_vec()),
    }
}

fn edit<'b>(merge: &Merge<'b, '_>, base: &[Piece<'b>], side: &[Piece<'b>]) -> Result<Edit, MergeError> {
    if side.len() < base.len() {
        let is_cut = begins_with(merge, base, side)?;
        return Ok(if is_cut { Edit::InPlace } else { Edit::Other });
    }
    let (kept, appended) = side.split_at(base.len());
    let Some(last) = base.last() else { return Ok(Edit::InPlace) };
    if appended.is_empty() {
        return Ok(Edit::InPlace);
    }
    // An insertion moves the last item to behind its place; a list that was made anew has nothing in its place.
    let is_last_in_place = merge.is_same(Some(last), kept.last())?;
    let has_moved = !is_last_in_place && contains(merge, appended, last)?;
    let mut in_place = base.iter().zip(kept).map(|(base, kept)| merge.is_same(Some(base), Some(kept)));
    let is_made_anew =
        !is_last_in_place && !in_place.try_fold(false, |any, same| Ok::<_, MergeError>(any | same?))?;
    Ok(if has_moved || is_made_anew { Edit::Other } else { Edit::InPlace })
}

fn contains<'b>(merge: &Merge<'b, '_>, items: &[Piece<'b>], wanted: &Piece<'b>) -> Result<bool, MergeError> {
    for item in items {
        if merge.is_same(Some(item), Some(wanted))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn begins_with<'b>(
    merge: &Merge<'b, '_>,
    list: &[Piece<'b>],
    beginning: &[Piece<'b>],
) -> Result<bool, MergeError> {
    for (one, two) in list.iter().zip(beginning) {
        if !merge.is_same(Some(one), Some(two))? {
            return Ok(false);
        }
    }
    Ok(list.len() >= beginning.len())
}

/// What an item is known by, whether its array is inline or a node.
#[derive(PartialEq, Eq, Hash)]
enum Mark<'b> {
    Leaf(Leaf<'b>),
    Array(Option<Digest>),
}

fn mark<'b>(merge: &Merge<'b, '_>, piece: &Piece<'b>) -> Result<Mark<'b>, MergeError> {
    Ok(match piece {
        Piece::Leaf(leaf) => Mark::Leaf(*leaf),
        Piece::Node(node) => Mark::Array(Some(node.digest)),
        Piece::Inline(array) => Mark::Array(merge.digest(array)?),
        Piece::Merged(_) => Mark::Array(None),
    })
}

/// Where in `side` its last item ends that was in `base`: what follows is new.
fn end_of_known<'b>(
    merge: &Merge<'b, '_>,
    base: &[Piece<'b>],
    side: &[Piece<'b>],
) -> Result<usize, MergeError> {
    let known: HashSet<Mark<'b>> = base.iter().map(|piece| mark(merge, piece)).collect::<Result<_, _>>()?;
    for (position, piece) in side.iter().enumerate().rev() {
        if known.contains(&mark(merge, piece)?) {
            return Ok(position + 1);
        }
    }
    Ok(0)
}

/// Whether a map can have been a list: its keys came by themselves.
pub(super) fn has_numbers_only(map: &Entries<'_>) -> bool {
    map.iter().all(|(key, _)| matches!(key, KeyRef::Int(_)))
}

/// `list`, which one side made of `base`, with its positions as keys, for a merge with the `map` that the other side
/// made of it. Where both have something new under one number, what `list` has goes to the next free one, as `[]=`
/// does. `None`: its positions say nothing.
pub(super) fn as_map<'b>(
    merge: &Merge<'b, '_>,
    base: &[Piece<'b>],
    list: &[Piece<'b>],
    map: &Entries<'b>,
) -> Result<Option<Array<'b>>, MergeError> {
    if matches!(edit(merge, base, list)?, Edit::Other) {
        return Ok(None);
    }
    let numbers: HashSet<i64> = map
        .iter()
        .filter_map(|(key, _)| match key {
            KeyRef::Int(number) => Some(*number),
            KeyRef::Bytes(_) => None,
        })
        .collect();
    let mut highest = numbers.iter().copied().max().unwrap_or(-1);
    let mut has_moved = false;
    let mut entries = Vec::with_capacity(list.len());
    for ((number, position), piece) in (0i64..).zip(0..).zip(list) {
        has_moved |= position >= base.len() && numbers.contains(&number);
        // Where there is no next number, PHP refuses `[]=`: then the later of the two stays.
        let number = if has_moved { highest.checked_add(1).unwrap_or(number) } else { number };
        highest = highest.max(number);
        entries.push((KeyRef::Int(number), piece.clone()));
    }
    Ok(Some(Array::Map(entries)))
}
