use std::rc::Rc;

use super::{
    MergeError, groups,
    keyed::keyed,
    lists,
    open::open,
    piece::{Array, Entries, Node, Piece},
    source::PieceSource,
};
use crate::codec::{Digest, DigestKey, EncodeError, digest_of_value, encode::encode_value};

/// A merge under way.
pub(super) struct Merge<'b, 'k> {
    digests: &'k DigestKey,
    /// The merged arrays; one that is still to do is empty.
    slots: Vec<Array<'b>>,
    todo: Vec<Task<'b>>,
}

/// An array that both sides changed.
struct Task<'b> {
    slot: usize,
    /// `None`: there was no array.
    base: Option<Piece<'b>>,
    ours: Piece<'b>,
    theirs: Piece<'b>,
}

/// A node that is longer than this has an estimated size that makes it a node wherever it stands: at most 11 bytes are
/// written for what counts 2, up to 128. What is shorter may have to be written inline, so it is opened.
const MAYBE_INLINE: usize = 21 + 2 + 128 / 2 * 11;

impl<'b, 'k> Merge<'b, 'k> {
    pub const fn new(digests: &'k DigestKey) -> Self {
        Self { digests, slots: Vec::new(), todo: Vec::new() }
    }

    /// The variables of the merged root, in which the arrays that both sides changed are still to do.
    pub fn variables(
        &mut self,
        base: &Array<'b>,
        ours: &Array<'b>,
        theirs: &Array<'b>,
    ) -> Result<Entries<'b>, MergeError> {
        let contested = groups::contested(self, base, ours, theirs)?;
        keyed(base, ours, theirs, |key, base, ours, theirs| match contested.get(&key) {
            Some(side) => Ok(groups::member(*side, base, ours, theirs)),
            None => self.path(base, ours, theirs),
        })
    }

    /// Does what is to do; gives the merged arrays.
    pub fn finish(mut self) -> Result<Vec<Array<'b>>, MergeError> {
        while let Some(Task { slot, base, ours, theirs }) = self.todo.pop() {
            let base = base.as_ref().map(opened).transpose()?;
            let (ours, theirs) = (opened(&ours)?, opened(&theirs)?);
            let mut merged = self.array(base.as_deref(), &ours, &theirs)?;
            match &mut merged {
                Array::List(items) => items.iter_mut().try_for_each(open_if_small)?,
                Array::Map(entries) => entries.iter_mut().try_for_each(|(_, piece)| open_if_small(piece))?,
            }
            if let Some(slot) = self.slots.get_mut(slot) {
                *slot = merged;
            }
        }
        Ok(self.slots)
    }

    /// What stands at one path; `None` where nothing does.
    pub fn path(
        &mut self,
        base: Option<&Piece<'b>>,
        ours: Option<&Piece<'b>>,
        theirs: Option<&Piece<'b>>,
    ) -> Result<Option<Piece<'b>>, MergeError> {
        if self.is_same(base, theirs)? || self.is_same(ours, theirs)? {
            return Ok(ours.cloned());
        }
        if self.is_same(base, ours)? {
            return Ok(theirs.cloned());
        }
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            // One side removed what the other changed.
            return Ok(None);
        };
        let base = base.filter(|base| base.is_array());
        Ok(Some(match (ours.is_array(), theirs.is_array()) {
            (true, true) => {
                let slot = self.slots.len();
                self.slots.push(Array::List(Vec::new()));
                self.todo.push(Task {
                    slot,
                    base: base.cloned(),
                    ours: ours.clone(),
                    theirs: theirs.clone(),
                });
                Piece::Merged(slot)
            }
            // A leaf in the place of an array removes everything that was below.
            (true, false) if base.is_some() => theirs.clone(),
            _ => ours.clone(),
        }))
    }

    /// An array that both sides changed.
    fn array(
        &mut self,
        base: Option<&Array<'b>>,
        ours: &Array<'b>,
        theirs: &Array<'b>,
    ) -> Result<Array<'b>, MergeError> {
        let nothing = Array::List(Vec::new());
        let base = base.unwrap_or(&nothing);
        match (base, ours, theirs) {
            (Array::List(base), Array::List(ours), Array::List(theirs)) => {
                lists::merge(self, base, ours, theirs).map(Array::List)
            }
            (Array::Map(base), Array::List(ours), Array::List(theirs)) if lists::has_numbers_only(base) => {
                let base: Vec<_> = base.iter().map(|(_, piece)| piece.clone()).collect();
                lists::merge(self, &base, ours, theirs).map(Array::List)
            }
            (Array::List(items), Array::List(list), Array::Map(map)) => {
                match lists::as_map(self, items, list, map)? {
                    Some(list) => self.map(base, &list, theirs),
                    None => Ok(ours.clone()),
                }
            }
            (Array::List(items), Array::Map(map), Array::List(list)) => {
                match lists::as_map(self, items, list, map)? {
                    Some(list) => self.map(base, ours, &list),
                    None => Ok(ours.clone()),
                }
            }
            _ => self.map(base, ours, theirs),
        }
    }

    fn map(
        &mut self,
        base: &Array<'b>,
        ours: &Array<'b>,
        theirs: &Array<'b>,
    ) -> Result<Array<'b>, MergeError> {
        let entries = keyed(base, ours, theirs, |_, base, ours, theirs| self.path(base, ours, theirs))?;
        Ok(Array::of_entries(entries))
    }

    /// Whether the same stands at two places, or nothing at both.
    pub fn is_same(&self, one: Option<&Piece<'b>>, two: Option<&Piece<'b>>) -> Result<bool, MergeError> {
        Ok(match (one, two) {
            (Some(Piece::Node(node)), Some(Piece::Inline(array)))
            | (Some(Piece::Inline(array)), Some(Piece::Node(node))) => {
                array.len() > 0 && self.digest(array)? == Some(node.digest)
            }
            (one, two) => one == two,
        })
    }

    /// The digest that an inline array has where it is a node.
    pub fn digest(&self, array: &Rc<Array<'b>>) -> Result<Option<Digest>, EncodeError> {
        let mut node = Vec::new();
        let array = Piece::Inline(Rc::clone(array));
        encode_value(&mut PieceSource::new(&[]), &array, self.digests, &mut node)?;
        Ok(digest_of_value(&node))
    }
}

fn opened<'b>(piece: &Piece<'b>) -> Result<Rc<Array<'b>>, MergeError> {
    Ok(match piece {
        Piece::Node(Node { bytes, .. }) => Rc::new(open(bytes)?),
        Piece::Inline(array) => Rc::clone(array),
        Piece::Leaf(_) | Piece::Merged(_) => Rc::new(Array::List(Vec::new())),
    })
}

fn open_if_small(piece: &mut Piece<'_>) -> Result<(), MergeError> {
    if let Piece::Node(node) = piece
        && node.bytes.len() <= MAYBE_INLINE
    {
        node.opened = Some(Rc::new(open(node.bytes)?));
    }
    Ok(())
}
