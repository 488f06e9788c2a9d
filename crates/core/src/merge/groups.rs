//! Variables that share objects are one leaf under several names: the bytes of a group hold all its members, and
//! members of two groups in one root would share nothing any more.

use std::collections::HashMap;

use super::{
    MergeError,
    keyed::Lookup,
    paths::Merge,
    piece::{Array, Leaf, Piece},
};
use crate::codec::{Digest, KeyRef};

/// Whose values the variables of a contested group have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Theirs,
}

/// The variables that one side joined in a group while both sides changed one of them, so that the changes don't fit
/// together, and the side that all of them take.
pub(super) fn contested<'b>(
    merge: &Merge<'b, '_>,
    base: &Array<'b>,
    ours: &Array<'b>,
    theirs: &Array<'b>,
) -> Result<HashMap<KeyRef<'b>, Side>, MergeError> {
    let mut sets = Sets::default();
    for array in [ours, theirs] {
        let mut before = Lookup::new(base);
        let mut groups: HashMap<Digest, usize> = HashMap::new();
        for (key, piece) in array.entries() {
            if let Piece::Leaf(Leaf::GroupMember { group, .. }) = piece
                && !merge.is_same(before.find(key), Some(piece))?
            {
                let number = sets.number(key);
                let first = *groups.entry(*group).or_insert(number);
                sets.join(first, number);
            }
        }
    }
    let mut claims = vec![Claims::default(); sets.heads.len()];
    let (mut in_base, mut in_ours, mut in_theirs) =
        (Lookup::new(base), Lookup::new(ours), Lookup::new(theirs));
    for (key, number) in &sets.numbers {
        let (base, ours, theirs) = (in_base.find(*key), in_ours.find(*key), in_theirs.find(*key));
        let claims = &mut claims[sets.head(*number)];
        claims.ours.changes |= !merge.is_same(base, ours)?;
        claims.theirs.changes |= !merge.is_same(base, theirs)?;
        match leaf_for_array(base, ours, theirs) {
            Some(Side::Ours) => claims.ours.removes = true,
            Some(Side::Theirs) => claims.theirs.removes = true,
            None => {}
        }
    }
    let contested = sets.numbers.iter().filter_map(|(key, number)| {
        let claims = claims[sets.head(*number)];
        let theirs = claims.theirs.removes && !claims.ours.removes;
        (claims.ours.changes && claims.theirs.changes)
            .then_some((*key, if theirs { Side::Theirs } else { Side::Ours }))
    });
    Ok(contested.collect())
}

/// What stands under the name of a contested variable. A removal wins here too, and what is new stays: it has all of
/// its group in itself.
pub(super) fn member<'b>(
    side: Side,
    base: Option<&Piece<'b>>,
    ours: Option<&Piece<'b>>,
    theirs: Option<&Piece<'b>>,
) -> Option<Piece<'b>> {
    let side = leaf_for_array(base, ours, theirs).unwrap_or(side);
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => Some(if side == Side::Ours { ours } else { theirs }.clone()),
        (one, other) if base.is_none() => one.or(other).cloned(),
        _ => None,
    }
}

/// Who put a leaf in the place of an array, which removes what was below, where the other side still has an array.
fn leaf_for_array(
    base: Option<&Piece<'_>>,
    ours: Option<&Piece<'_>>,
    theirs: Option<&Piece<'_>>,
) -> Option<Side> {
    match (base?.is_array(), ours?.is_array(), theirs?.is_array()) {
        (true, false, true) => Some(Side::Ours),
        (true, true, false) => Some(Side::Theirs),
        _ => None,
    }
}

#[derive(Clone, Copy, Default)]
struct Claims {
    ours: Claim,
    theirs: Claim,
}

/// What one side did to the variables of a set.
#[derive(Clone, Copy, Default)]
struct Claim {
    changes: bool,
    /// It put a leaf in the place of an array.
    removes: bool,
}

/// Disjoint sets of variables.
#[derive(Default)]
struct Sets<'b> {
    numbers: HashMap<KeyRef<'b>, usize>,
    /// For each variable another one of its set, or itself.
    heads: Vec<usize>,
}

impl<'b> Sets<'b> {
    fn number(&mut self, key: KeyRef<'b>) -> usize {
        let number = *self.numbers.entry(key).or_insert(self.heads.len());
        if number == self.heads.len() {
            self.heads.push(number);
        }
        number
    }

    fn head(&self, mut number: usize) -> usize {
        while self.heads[number] != number {
            number = self.heads[number];
        }
        number
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.head(one), self.head(other));
        self.heads[one.max(other)] = one.min(other);
    }
}
