//! `Value`'s sink and source, watched.

use std::cell::Cell;

use crate::codec::{DecodeError, Digest, EncodeError, KeyRef, Shape, Sink, Source, Written};
use crate::value::{MapKey, Value, ValueSink, ValueSource};

#[derive(Default)]
pub(super) struct WatchedSink {
    /// The nodes, in the order in which they ended, by digest and bytes.
    pub nodes: Vec<(Digest, Vec<u8>)>,
    /// The entries that were announced.
    pub announced: usize,
    /// A node that is taken for the string of its bytes, without being decoded.
    pub known: Option<Digest>,
    pub values: ValueSink,
}

impl Sink for WatchedSink {
    type Value = Value;
    type Key = MapKey;
    type List = Vec<Value>;
    type Map = Vec<(MapKey, Value)>;
    type Error = DecodeError;

    fn null(&mut self) -> Value {
        self.values.null()
    }

    fn bool(&mut self, value: bool) -> Value {
        self.values.bool(value)
    }

    fn int(&mut self, value: i64) -> Value {
        self.values.int(value)
    }

    fn float(&mut self, value: f64) -> Value {
        self.values.float(value)
    }

    fn bytes(&mut self, value: &[u8]) -> Value {
        self.values.bytes(value)
    }

    fn key(&mut self, key: KeyRef<'_>) -> MapKey {
        self.values.key(key)
    }

    fn begin_list(&mut self, len: usize) -> Vec<Value> {
        self.announced += len;
        Vec::new()
    }

    fn push(&mut self, list: &mut Vec<Value>, value: Value) {
        self.values.push(list, value);
    }

    fn end_list(&mut self, list: Vec<Value>) -> Value {
        self.values.end_list(list)
    }

    fn begin_map(&mut self, len: usize) -> Vec<(MapKey, Value)> {
        self.announced += len;
        Vec::new()
    }

    fn insert(&mut self, map: &mut Vec<(MapKey, Value)>, key: MapKey, value: Value) {
        self.values.insert(map, key, value);
    }

    fn end_map(&mut self, map: Vec<(MapKey, Value)>) -> Value {
        self.values.end_map(map)
    }

    fn opaque(&mut self, bytes: &[u8]) -> Result<Value, DecodeError> {
        self.values.opaque(bytes)
    }

    fn group_member(&mut self, group: Digest, bytes: &[u8]) -> Result<Value, DecodeError> {
        self.values.group_member(group, bytes)
    }

    fn known(&mut self, digest: Digest, node: &[u8]) -> Option<Value> {
        (self.known == Some(digest)).then(|| Value::Bytes(node.into()))
    }

    fn end_node(&mut self, digest: Digest, node: &[u8], _height: usize, value: Value) -> Value {
        self.nodes.push((digest, node.into()));
        value
    }
}

/// The node of a container that is there already, and the levels of arrays in it.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub bytes: &'a [u8],
    pub height: usize,
}

/// A container that was written as a node: its digest, its bytes, and those of the nodes directly in it.
pub(super) type WrittenNode<'a> = (&'a Value, Digest, Vec<u8>, Vec<Vec<u8>>);

#[derive(Default)]
pub(super) struct WatchedSource<'a> {
    /// The nodes that were written, in the order in which they ended.
    pub written: Vec<WrittenNode<'a>>,
    /// How often a shape was asked for.
    pub asked: Cell<usize>,
    /// A container whose node is there already.
    pub known: Option<(&'a Value, Known<'a>)>,
    /// Says one entry more than there are.
    pub miscounts: bool,
}

impl<'a> Source<'a> for WatchedSource<'a> {
    type Value = &'a Value;
    /// With the value that it is.
    type Container = (<ValueSource as Source<'a>>::Container, &'a Value);
    type Opaque = &'a [u8];
    type Entries = <ValueSource as Source<'a>>::Entries;
    type Serialized = &'a [u8];
    type Error = EncodeError;

    fn shape(&self, value: &'a Value) -> Result<Shape<'a, Self::Container, &'a [u8]>, EncodeError> {
        self.asked.set(self.asked.get() + 1);
        Ok(match ValueSource.shape(value)? {
            Shape::List(items) => Shape::List((items, value)),
            Shape::Map(items) => Shape::Map((items, value)),
            Shape::Null => Shape::Null,
            Shape::Bool(bool) => Shape::Bool(bool),
            Shape::Int(int) => Shape::Int(int),
            Shape::Float(float) => Shape::Float(float),
            Shape::Bytes(bytes) => Shape::Bytes(bytes),
            Shape::Opaque(bytes) => Shape::Opaque(bytes),
            Shape::GroupMember { group, bytes } => Shape::GroupMember { group, bytes },
        })
    }

    fn len(&self, (items, _): Self::Container) -> usize {
        ValueSource.len(items) + usize::from(self.miscounts)
    }

    fn entries(&self, (items, _): Self::Container) -> Self::Entries {
        ValueSource.entries(items)
    }

    fn serialize(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], EncodeError> {
        Ok(bytes)
    }

    fn carry(&self, (_, value): Self::Container, out: &mut Vec<u8>) -> Option<usize> {
        let (_, node) = self.known.filter(|(known, _)| std::ptr::eq(*known, value))?;
        out.extend_from_slice(node.bytes);
        Some(node.height)
    }

    fn written(&mut self, (_, value): Self::Container, node: Written<'_>) {
        let children = node.children.iter().map(|child| node.out[child.clone()].to_vec()).collect();
        self.written.push((value, node.digest, node.out[node.start..].to_vec(), children));
    }
}
