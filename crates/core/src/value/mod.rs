//! The tree that a record's root holds, as the core sees it: what is merged, shown and exported.

mod sink;
mod source;

use std::sync::Arc;

pub use sink::ValueSink;
pub use source::ValueSource;

use crate::codec::{Digest, KeyRef};

/// A PHP value.
#[derive(Clone, Debug)]
pub enum Value {
    /// PHP's null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float. Equal to another with the same bits only, so that 0.0 becoming -0.0 is a change and NaN is not.
    Float(f64),
    /// A string.
    Bytes(Vec<u8>),
    /// An array with the keys 0 .. n-1 in this order; also the empty array.
    List(Vec<Value>),
    /// Any other array, in order, no key twice: [`Value::map`].
    Map(Vec<(MapKey, Value)>),
    /// A value that only PHP can read.
    Opaque(Vec<u8>),
    /// One of several values of a record's root that share objects.
    GroupMember(GroupMember),
}

/// The key of an entry of a [`Value::Map`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MapKey {
    /// An integer key.
    Int(i64),
    /// A string key. Shared: the maps of a list tend to have the same keys.
    Bytes(Arc<[u8]>),
}

/// All the values of a record's root that share objects, as they stand under each of their keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// The digest of `bytes`.
    pub group: Digest,
    /// All members of the group.
    pub bytes: Arc<[u8]>,
}

impl Value {
    /// The array with these entries, no key twice: a list where the keys are 0 .. n-1 in this order.
    pub fn map(entries: Vec<(MapKey, Self)>) -> Self {
        if has_list_keys(&entries) {
            Self::List(entries.into_iter().map(|(_, value)| value).collect())
        } else {
            Self::Map(entries)
        }
    }
}

fn has_list_keys(entries: &[(MapKey, Value)]) -> bool {
    (0i64..).zip(entries).all(|(index, (key, _))| *key == MapKey::Int(index))
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(two)) => one == two,
            (Self::Int(one), Self::Int(two)) => one == two,
            (Self::Float(one), Self::Float(two)) => one.to_bits() == two.to_bits(),
            (Self::Bytes(one), Self::Bytes(two)) | (Self::Opaque(one), Self::Opaque(two)) => one == two,
            (Self::List(one), Self::List(two)) => one == two,
            (Self::Map(one), Self::Map(two)) => one == two,
            (Self::GroupMember(one), Self::GroupMember(two)) => one == two,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl MapKey {
    /// The key, borrowed.
    pub fn as_ref(&self) -> KeyRef<'_> {
        match self {
            Self::Int(int) => KeyRef::Int(*int),
            Self::Bytes(bytes) => KeyRef::Bytes(bytes),
        }
    }
}

impl From<KeyRef<'_>> for MapKey {
    fn from(key: KeyRef<'_>) -> Self {
        match key {
            KeyRef::Int(int) => Self::Int(int),
            KeyRef::Bytes(bytes) => Self::Bytes(bytes.into()),
        }
    }
}
