use super::{MapKey, Value, has_list_keys};
use crate::codec::{EncodeError, KeyRef, Shape, Source};

/// Encodes [`Value`]s.
#[derive(Clone, Copy, Debug, Default)]
pub struct ValueSource;

/// The entries of a list or map.
#[derive(Clone, Copy, Debug)]
pub enum Items<'a> {
    /// Of a list.
    List(&'a [Value]),
    /// Of a map.
    Map(&'a [(MapKey, Value)]),
}

/// The entries of [`Items`], one after the other.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    items: Items<'a>,
    next: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (KeyRef<'a>, &'a Value);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let item = match self.items {
            Items::List(items) => (KeyRef::Int(0), items.get(self.next)?),
            Items::Map(items) => {
                let (key, value) = items.get(self.next)?;
                (key.as_ref(), value)
            }
        };
        self.next += 1;
        Some(item)
    }
}

impl<'a> Source<'a> for ValueSource {
    type Value = &'a Value;
    type Container = Items<'a>;
    type Opaque = &'a [u8];
    type Entries = Entries<'a>;
    type Serialized = &'a [u8];
    type Error = EncodeError;

    #[inline]
    fn shape(&self, value: &'a Value) -> Result<Shape<'a, Items<'a>, &'a [u8]>, EncodeError> {
        Ok(match value {
            Value::Null => Shape::Null,
            Value::Bool(bool) => Shape::Bool(*bool),
            Value::Int(int) => Shape::Int(*int),
            Value::Float(float) => Shape::Float(*float),
            Value::Bytes(bytes) => Shape::Bytes(bytes),
            Value::List(items) => Shape::List(Items::List(items)),
            Value::Map(items) if has_list_keys(items) => Shape::List(Items::Map(items)),
            Value::Map(items) => Shape::Map(Items::Map(items)),
            Value::Opaque(bytes) => Shape::Opaque(bytes),
            Value::GroupMember(member) => Shape::GroupMember { group: member.group, bytes: &member.bytes },
        })
    }

    #[inline]
    fn len(&self, items: Items<'a>) -> usize {
        match items {
            Items::List(items) => items.len(),
            Items::Map(items) => items.len(),
        }
    }

    #[inline]
    fn entries(&self, items: Items<'a>) -> Entries<'a> {
        Entries { items, next: 0 }
    }

    fn serialize(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], EncodeError> {
        Ok(bytes)
    }
}
