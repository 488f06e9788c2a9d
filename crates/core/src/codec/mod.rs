//! Values as bytes.
//!
//! `encode` drives any tree that implements [`Source`] into bytes and
//! `decode` drives bytes into any tree that implements [`Sink`], so that the extension goes
//! straight from and to PHP's values and the core to its own (`crate::value`): one reader, one writer.
//!
//! The format, byte by byte, and why it is so: docs/format.md, "Values".

use std::ops::Range;

/// Trees into bytes.
pub mod encode;

/// Bytes into trees.
pub mod decode;

/// The root of a record, entry by entry, without decoding values.
pub mod root;

/// Where the entries of a root are, and roots that are made of most of another one's.
pub mod listing;

/// Versions of a root, by what is different in them.
pub mod outline;

/// Values that share objects.
pub mod group;

/// PHP's own serialize format: which opaque values refer to others, and how one is taken out of its context.
pub mod php_serialize;

/// Whole sessions in the formats of PHP's own serializers.
pub mod php_session;

mod dictionary;
mod digest;
mod estimate;
mod read;
mod skip;
mod tag;
mod write;

pub use digest::{DigestKey, digest_of_value};
pub use estimate::is_large;
pub use skip::{node_is_list, skip_value};

/// The 128 bits by which equal subtrees are known: keyed, so that no visitor can construct two values with one digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Digest(pub [u8; 16]);

/// The key of an entry of a PHP array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyRef<'a> {
    /// An integer key.
    Int(i64),
    /// A string key: bytes, not UTF-8. Never a decimal integer in PHP's canonical form (PHP makes those integers),
    /// which the codec relies on nowhere.
    Bytes(&'a [u8]),
}

/// What a value is, one level deep. `C` is the source's handle of an array, `O` of an opaque value.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'a, C, O> {
    /// PHP's null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float; every bit is kept.
    Float(f64),
    /// A string.
    Bytes(&'a [u8]),
    /// An array with the keys 0 .. n-1 in this order.
    List(C),
    /// Any other array. The empty array is a list.
    Map(C),
    /// A value that only PHP can serialize: an object, or an array with PHP references.
    Opaque(O),
    /// What [`Sink::group_member`] was given, carried along. Under a record's root only.
    GroupMember {
        /// The digest of `bytes`, by the same [`DigestKey`].
        group: Digest,
        /// All members of the group.
        bytes: &'a [u8],
    },
}

/// A node that was just written.
#[derive(Clone, Copy, Debug)]
pub struct Written<'o> {
    /// What was written: the node is its end.
    pub out: &'o [u8],
    /// Where the node begins, with its tag.
    pub start: usize,
    /// Where in `out` the values directly in it are that bring a digest along, in order.
    pub children: &'o [Range<usize>],
    /// Its digest.
    pub digest: Digest,
}

/// A tree that can be encoded. Two sources with equal trees give equal bytes.
pub trait Source<'a> {
    /// A value; cheap to copy.
    type Value: Copy;
    /// A list or map; cheap to copy.
    type Container: Copy;
    /// An opaque value; cheap to copy.
    type Opaque: Copy;
    /// The entries of a container, in order. For a list the keys are not looked at.
    type Entries: Iterator<Item = (KeyRef<'a>, Self::Value)>;
    /// What a serialized opaque value is held by.
    type Serialized: AsRef<[u8]>;
    /// Why a value can't be encoded.
    type Error: From<EncodeError>;

    /// What `value` is. Cheap, and the same each time it is asked during one encoding.
    fn shape(&self, value: Self::Value) -> Result<Shape<'a, Self::Container, Self::Opaque>, Self::Error>;
    /// The number of entries.
    fn len(&self, container: Self::Container) -> usize;
    /// The entries.
    fn entries(&self, container: Self::Container) -> Self::Entries;
    /// Serializes an opaque value. Called exactly once for each, in the order of the tree. May run code of the
    /// application.
    fn serialize(&mut self, opaque: Self::Opaque) -> Result<Self::Serialized, Self::Error>;
    /// Whether `container` is known to be a node wherever it stands; then its entries are not asked for to find out.
    fn is_large(&self, _container: Self::Container) -> bool {
        false
    }
    /// Appends the node of an unchanged container, from its tag on, by the same [`DigestKey`]: it is carried over
    /// instead of written. Gives the levels of arrays in it, without empty ones: 1 where it holds no other array. Asked
    /// only where `container` is a node, so what stood in another place fits here too.
    fn carry(&self, _container: Self::Container, _out: &mut Vec<u8>) -> Option<usize> {
        None
    }
    /// `container` was written as a node. Not called for what was carried over.
    fn written(&mut self, _container: Self::Container, _node: Written<'_>) {}
}

/// What builds a tree out of decoded bytes. Values that were built and are not used, because an error follows, are
/// dropped.
pub trait Sink {
    /// A built value.
    type Value;
    /// A key, made once for each entry of a node's dictionary.
    type Key: Clone;
    /// A list under construction.
    type List;
    /// A map under construction.
    type Map;
    /// Why building failed.
    type Error: From<DecodeError>;

    /// PHP's null.
    fn null(&mut self) -> Self::Value;
    /// A boolean.
    fn bool(&mut self, value: bool) -> Self::Value;
    /// An integer.
    fn int(&mut self, value: i64) -> Self::Value;
    /// A float.
    fn float(&mut self, value: f64) -> Self::Value;
    /// A string.
    fn bytes(&mut self, value: &[u8]) -> Self::Value;
    /// A key.
    fn key(&mut self, key: KeyRef<'_>) -> Self::Key;
    /// Begins a list of `len` items; `len` is at most the number of bytes that are left.
    fn begin_list(&mut self, len: usize) -> Self::List;
    /// Appends an item.
    fn push(&mut self, list: &mut Self::List, value: Self::Value);
    /// Ends a list.
    fn end_list(&mut self, list: Self::List) -> Self::Value;
    /// Begins a map of `len` entries; `len` is at most the number of bytes that are left.
    fn begin_map(&mut self, len: usize) -> Self::Map;
    /// Adds an entry; a key that is there already (damaged bytes) replaces its value.
    fn insert(&mut self, map: &mut Self::Map, key: Self::Key, value: Self::Value);
    /// Ends a map.
    fn end_map(&mut self, map: Self::Map) -> Self::Value;
    /// An opaque value, as [`Source::serialize`] wrote it. May run code of the application.
    fn opaque(&mut self, bytes: &[u8]) -> Result<Self::Value, Self::Error>;
    /// One of several values of a record's root that share objects: `bytes` holds all of them, the same bytes with
    /// the same `group` stand under each of their keys.
    fn group_member(&mut self, group: Digest, bytes: &[u8]) -> Result<Self::Value, Self::Error>;
    /// Asked before a node is decoded: the value that it is known to be, or `None` to decode it. `node` is the whole
    /// node, from its tag on.
    fn known(&mut self, _digest: Digest, _node: &[u8]) -> Option<Self::Value> {
        None
    }
    /// `value` was decoded from `node`; what is given back is used in its place. `height`: the levels of arrays in it,
    /// without empty ones and without those below a node that was [`Sink::known`].
    fn end_node(&mut self, _digest: Digest, _node: &[u8], _height: usize, value: Self::Value) -> Self::Value {
        value
    }
}

/// The deepest nesting of arrays below a root that is encoded and decoded. An empty array is no level.
pub const MAX_DEPTH: usize = 512;

/// Why a tree can't be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Arrays nested deeper than [`MAX_DEPTH`].
    #[error("arrays are nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// More than 4 GiB in one value.
    #[error("the value is larger than 4 GiB")]
    TooLarge,
    /// A container had another number of entries than it said.
    #[error("an array changed while it was encoded")]
    Changed,
}

/// Why bytes are no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored value is damaged at byte {offset}: {reason}")]
pub struct DecodeError {
    /// Where, counted from the beginning of what was decoded.
    pub offset: usize,
    /// What was found there.
    pub reason: &'static str,
}

#[cfg(test)]
pub(crate) mod tests;
