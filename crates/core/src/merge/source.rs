use super::piece::{Array, Leaf, Node, Piece};
use crate::codec::{EncodeError, KeyRef, Shape, Source, node_is_list};

/// Encodes pieces.
#[derive(Clone, Copy)]
pub(super) struct PieceSource<'a, 'b> {
    slots: &'a [Array<'b>],
}

impl<'a, 'b> PieceSource<'a, 'b> {
    /// `slots`: the merged arrays by their numbers.
    pub const fn new(slots: &'a [Array<'b>]) -> Self {
        Self { slots }
    }
}

/// An array, opened or as its node or both.
#[derive(Clone, Copy)]
pub(super) struct Held<'a, 'b> {
    array: Option<&'a Array<'b>>,
    node: Option<&'b [u8]>,
}

#[derive(Clone)]
pub(super) struct HeldEntries<'a, 'b> {
    array: Option<&'a Array<'b>>,
    next: usize,
}

impl<'a, 'b> Iterator for HeldEntries<'a, 'b> {
    type Item = (KeyRef<'a>, &'a Piece<'b>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.array?.entry(self.next)?;
        self.next += 1;
        Some(entry)
    }
}

fn opened<'a, 'b>(array: &'a Array<'b>, node: Option<&'b [u8]>) -> Shape<'a, Held<'a, 'b>, &'b [u8]> {
    let held = Held { array: Some(array), node };
    match array {
        Array::List(_) => Shape::List(held),
        Array::Map(_) => Shape::Map(held),
    }
}

impl<'a, 'b: 'a> Source<'a> for PieceSource<'a, 'b> {
    type Value = &'a Piece<'b>;
    type Container = Held<'a, 'b>;
    type Opaque = &'b [u8];
    type Entries = HeldEntries<'a, 'b>;
    type Serialized = &'b [u8];
    type Error = EncodeError;

    fn shape(&self, piece: &'a Piece<'b>) -> Result<Shape<'a, Held<'a, 'b>, &'b [u8]>, EncodeError> {
        Ok(match piece {
            Piece::Leaf(leaf) => match *leaf {
                Leaf::Null => Shape::Null,
                Leaf::Bool(bool) => Shape::Bool(bool),
                Leaf::Int(int) => Shape::Int(int),
                Leaf::Float(bits) => Shape::Float(f64::from_bits(bits)),
                Leaf::Bytes(bytes) => Shape::Bytes(bytes),
                Leaf::Opaque(bytes) => Shape::Opaque(bytes),
                Leaf::GroupMember { group, bytes } => Shape::GroupMember { group, bytes },
            },
            Piece::Node(Node { bytes, opened: Some(array), .. }) => opened(array, Some(bytes)),
            Piece::Node(Node { bytes, .. }) => {
                let held = Held { array: None, node: Some(bytes) };
                if node_is_list(bytes) { Shape::List(held) } else { Shape::Map(held) }
            }
            Piece::Inline(array) => opened(array, None),
            Piece::Merged(slot) => opened(self.slots.get(*slot).ok_or(EncodeError::Changed)?, None),
        })
    }

    fn len(&self, held: Held<'a, 'b>) -> usize {
        // A closed node is not empty; how many entries it has is asked nowhere.
        held.array.map_or(1, Array::len)
    }

    fn entries(&self, held: Held<'a, 'b>) -> HeldEntries<'a, 'b> {
        HeldEntries { array: held.array, next: 0 }
    }

    fn serialize(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], EncodeError> {
        Ok(bytes)
    }

    fn is_large(&self, held: Held<'a, 'b>) -> bool {
        held.array.is_none()
    }

    fn carry(&self, held: Held<'a, 'b>, out: &mut Vec<u8>) -> Option<usize> {
        out.extend_from_slice(held.node?);
        // It stands as deep as it stood, so its height is in order where it was before.
        Some(1)
    }
}
