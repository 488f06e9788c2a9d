use std::rc::Rc;

use crate::codec::{Digest, KeyRef};

/// A value of one of the roots, or of the merged one. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'b> {
    Leaf(Leaf<'b>),
    /// An array that is a node where it stands.
    Node(Node<'b>),
    /// An array that is inline where it stands.
    Inline(Rc<Array<'b>>),
    /// An array that is merged; the number of its slot.
    Merged(usize),
}

/// What is changed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Leaf<'b> {
    Null,
    Bool(bool),
    Int(i64),
    /// By its bits.
    Float(u64),
    Bytes(&'b [u8]),
    Opaque(&'b [u8]),
    /// Under a root only.
    GroupMember {
        group: Digest,
        bytes: &'b [u8],
    },
}

#[derive(Clone, Debug)]
pub(super) struct Node<'b> {
    pub digest: Digest,
    /// From its tag on.
    pub bytes: &'b [u8],
    /// Its array, if it may have to be written inline: see [`super::paths`].
    pub opened: Option<Rc<Array<'b>>>,
}

/// Equal digests are equal arrays.
impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Node<'_> {}

/// An array, one node deep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Array<'b> {
    /// The keys are 0 .. n-1 in this order; also the empty array.
    List(Vec<Piece<'b>>),
    /// Any other.
    Map(Entries<'b>),
}

pub(super) type Entries<'b> = Vec<(KeyRef<'b>, Piece<'b>)>;

impl Piece<'_> {
    /// Whether it is an array; else it is a leaf.
    pub fn is_array(&self) -> bool {
        !matches!(self, Self::Leaf(_))
    }
}

impl<'b> Array<'b> {
    /// The array with these entries, no key twice.
    pub fn of_entries(entries: Entries<'b>) -> Self {
        if (0i64..).zip(&entries).all(|(index, (key, _))| *key == KeyRef::Int(index)) {
            Self::List(entries.into_iter().map(|(_, piece)| piece).collect())
        } else {
            Self::Map(entries)
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Self::List(items) => items.len(),
            Self::Map(entries) => entries.len(),
        }
    }

    /// The entry at a position.
    #[inline]
    pub fn entry(&self, position: usize) -> Option<(KeyRef<'b>, &Piece<'b>)> {
        match self {
            Self::List(items) => {
                let index = i64::try_from(position).ok()?;
                items.get(position).map(|piece| (KeyRef::Int(index), piece))
            }
            Self::Map(entries) => entries.get(position).map(|(key, piece)| (*key, piece)),
        }
    }

    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = (KeyRef<'b>, &Piece<'b>)> {
        (0..self.len()).filter_map(|position| self.entry(position))
    }
}
