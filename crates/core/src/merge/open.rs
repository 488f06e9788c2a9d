use std::{ops::Range, rc::Rc};

use super::piece::{Array, Entries, Leaf, Node, Piece};
use crate::codec::{DecodeError, Digest, KeyRef, Sink, decode::decode_value};

/// The array of a node. Nodes in it stay as they are.
pub(super) fn open(node: &[u8]) -> Result<Array<'_>, DecodeError> {
    let mut sink = Opening { node, begun: false, depth: 0, deepest: 0 };
    let opened = decode_value(node, &mut sink)?;
    if sink.deepest > INLINE_DEPTH {
        return Err(DecodeError { offset: 0, reason: "inline arrays are nested too deep" });
    }
    match opened {
        Piece::Inline(array) => Ok(Rc::unwrap_or_clone(array)),
        _ => Err(DecodeError { offset: 0, reason: "an array was expected" }),
    }
}

/// More levels than inline arrays can have: each counts 2 in the estimated size, which is below 128 in an inline array.
/// What compares them recurses so deep.
const INLINE_DEPTH: usize = 64;

struct Opening<'b> {
    node: &'b [u8],
    /// The outermost array is under way: every further node stays closed.
    begun: bool,
    depth: usize,
    deepest: usize,
}

impl<'b> Opening<'b> {
    /// `part` for as long as the node lives: what a sink is given is a part of what is decoded.
    fn held(&self, part: &[u8]) -> &'b [u8] {
        let start = part.as_ptr().addr().wrapping_sub(self.node.as_ptr().addr());
        let range: Range<usize> = start..start.saturating_add(part.len());
        let held = self.node.get(range);
        debug_assert_eq!(held, Some(part));
        held.unwrap_or_default()
    }

    fn begin(&mut self) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
    }

    fn end(&mut self, array: Array<'b>) -> Piece<'b> {
        self.depth -= 1;
        Piece::Inline(Rc::new(array))
    }
}

impl<'b> Sink for Opening<'b> {
    type Value = Piece<'b>;
    type Key = KeyRef<'b>;
    type List = Vec<Piece<'b>>;
    type Map = Entries<'b>;
    type Error = DecodeError;

    fn null(&mut self) -> Piece<'b> {
        Piece::Leaf(Leaf::Null)
    }

    fn bool(&mut self, value: bool) -> Piece<'b> {
        Piece::Leaf(Leaf::Bool(value))
    }

    fn int(&mut self, value: i64) -> Piece<'b> {
        Piece::Leaf(Leaf::Int(value))
    }

    fn float(&mut self, value: f64) -> Piece<'b> {
        Piece::Leaf(Leaf::Float(value.to_bits()))
    }

    fn bytes(&mut self, value: &[u8]) -> Piece<'b> {
        Piece::Leaf(Leaf::Bytes(self.held(value)))
    }

    fn key(&mut self, key: KeyRef<'_>) -> KeyRef<'b> {
        match key {
            KeyRef::Int(int) => KeyRef::Int(int),
            KeyRef::Bytes(bytes) => KeyRef::Bytes(self.held(bytes)),
        }
    }

    fn begin_list(&mut self, len: usize) -> Vec<Piece<'b>> {
        self.begin();
        Vec::with_capacity(len)
    }

    fn push(&mut self, list: &mut Vec<Piece<'b>>, value: Piece<'b>) {
        list.push(value);
    }

    fn end_list(&mut self, list: Vec<Piece<'b>>) -> Piece<'b> {
        self.end(Array::List(list))
    }

    fn begin_map(&mut self, len: usize) -> Entries<'b> {
        self.begin();
        Vec::with_capacity(len)
    }

    fn insert(&mut self, map: &mut Entries<'b>, key: KeyRef<'b>, value: Piece<'b>) {
        map.push((key, value));
    }

    fn end_map(&mut self, map: Entries<'b>) -> Piece<'b> {
        self.end(Array::Map(map))
    }

    fn opaque(&mut self, bytes: &[u8]) -> Result<Piece<'b>, DecodeError> {
        Ok(Piece::Leaf(Leaf::Opaque(self.held(bytes))))
    }

    fn group_member(&mut self, group: Digest, bytes: &[u8]) -> Result<Piece<'b>, DecodeError> {
        Ok(Piece::Leaf(Leaf::GroupMember { group, bytes: self.held(bytes) }))
    }

    fn known(&mut self, digest: Digest, node: &[u8]) -> Option<Piece<'b>> {
        if !std::mem::replace(&mut self.begun, true) {
            return None;
        }
        Some(Piece::Node(Node { digest, bytes: self.held(node), opened: None }))
    }
}
