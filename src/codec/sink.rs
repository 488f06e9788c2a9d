//! Stored bytes into PHP values.

use ext_php_rs::types::Zval;
use holdfast_core::codec::{Digest, KeyRef, Sink};

use super::{kept::Nodes, keys::Keys};
use crate::exception::ValueFailure;
use crate::worker_cache::Decoding;
use crate::zend::{
    array::PhpArray,
    error::{self, Thrown},
    fill::{List, Map},
    serialize,
    string::PhpString,
    value::{self, Kind},
};

/// Builds the PHP value of one session variable.
pub struct ZvalSink<'k> {
    key: &'k PhpString,
    /// Something in the value is an object or a reference, so it can change without being set.
    pub has_objects: bool,
    /// The variable shares objects with others: all of them, by name.
    pub group: Option<(Digest, Zval)>,
    /// The cache that knows some of the nodes, and gets the others.
    cache: Option<&'k mut Decoding>,
    /// The keys of all that is decoded with it.
    keys: Option<&'k mut Keys>,
    /// Gets the nodes.
    nodes: Option<&'k mut Nodes>,
    /// What only PHP understands is refused.
    is_plain: bool,
}

impl<'k> ZvalSink<'k> {
    /// For the variable `key`.
    pub const fn new(key: &'k PhpString) -> Self {
        Self::with_cache(key, None)
    }

    /// As [`ZvalSink::new`], with a cache that knows some of the nodes and gets the others.
    pub const fn with_cache(key: &'k PhpString, cache: Option<&'k mut Decoding>) -> Self {
        Self { key, has_objects: false, group: None, cache, keys: None, nodes: None, is_plain: false }
    }

    /// As it was, with the keys of what is decoded before and after it.
    pub fn and_keys(self, keys: &'k mut Keys) -> Self {
        Self { keys: Some(keys), ..self }
    }

    /// As it was, and `nodes` gets the nodes.
    pub fn and_nodes(self, nodes: Option<&'k mut Nodes>) -> Self {
        Self { nodes, ..self }
    }

    /// As [`ZvalSink::with_cache`], for a value that is to be without objects: no code of the application runs.
    pub fn of_plain(key: &'k PhpString, cache: &'k mut Decoding) -> Self {
        Self { is_plain: true, ..Self::with_cache(key, Some(cache)) }
    }

    fn unserialize(&mut self, bytes: &[u8]) -> Result<Zval, ValueFailure> {
        self.has_objects = true;
        if self.is_plain {
            return Err(ValueFailure::Unbuildable("it has objects".into()));
        }
        if let Some(cache) = &mut self.cache {
            cache.opaque(bytes);
        }
        if let Some(nodes) = &mut self.nodes {
            nodes.opaque(bytes);
        }
        serialize::unserialize(bytes).ok_or_else(|| match error::take_pending() {
            Some(Thrown::Exit) => ValueFailure::Exit,
            Some(Thrown::Exception(text)) => ValueFailure::Unbuildable(text),
            None => ValueFailure::Unbuildable("PHP can't unserialize it".into()),
        })
    }
}

/// A key that was made once for all entries that have it.
#[derive(Clone)]
pub enum BuiltKey {
    /// An integer key.
    Index(i64),
    /// A string key.
    Name(PhpString),
}

impl Sink for ZvalSink<'_> {
    type Value = Zval;
    type Key = BuiltKey;
    type List = List;
    type Map = Map;
    type Error = ValueFailure;

    fn null(&mut self) -> Zval {
        value::null()
    }

    fn bool(&mut self, truth: bool) -> Zval {
        value::from_bool(truth)
    }

    fn int(&mut self, number: i64) -> Zval {
        value::from_long(number)
    }

    fn float(&mut self, number: f64) -> Zval {
        value::from_double(number)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Zval {
        value::from_bytes(bytes)
    }

    #[inline]
    fn key(&mut self, key: KeyRef<'_>) -> BuiltKey {
        match (key, &mut self.keys) {
            (KeyRef::Int(index), _) => BuiltKey::Index(index),
            (KeyRef::Bytes(bytes), Some(keys)) => BuiltKey::Name(keys.key(bytes)),
            (KeyRef::Bytes(bytes), None) => BuiltKey::Name(PhpString::key(bytes)),
        }
    }

    #[inline]
    fn begin_list(&mut self, len: usize) -> List {
        List::new(len)
    }

    #[inline]
    fn push(&mut self, list: &mut List, value: Zval) {
        list.push(value);
    }

    #[inline]
    fn end_list(&mut self, list: List) -> Zval {
        list.into_value()
    }

    #[inline]
    fn begin_map(&mut self, len: usize) -> Map {
        Map::new(len)
    }

    #[inline]
    fn insert(&mut self, map: &mut Map, key: BuiltKey, value: Zval) {
        match key {
            BuiltKey::Index(index) => map.put_index(index, value),
            BuiltKey::Name(name) => map.put_name(name, value),
        }
    }

    #[inline]
    fn end_map(&mut self, map: Map) -> Zval {
        map.into_value()
    }

    fn known(&mut self, digest: Digest, node: &[u8]) -> Option<Zval> {
        self.cache.as_mut()?.known(digest, node)
    }

    fn end_node(&mut self, digest: Digest, node: &[u8], height: usize, built: Zval) -> Zval {
        if let Some(nodes) = &mut self.nodes {
            nodes.add(node, height, &built);
        }
        match &mut self.cache {
            Some(cache) => cache.end_node(digest, node, built),
            None => built,
        }
    }

    fn opaque(&mut self, bytes: &[u8]) -> Result<Zval, ValueFailure> {
        self.unserialize(bytes)
    }

    fn group_member(&mut self, group: Digest, bytes: &[u8]) -> Result<Zval, ValueFailure> {
        let members = self.unserialize(bytes)?;
        if value::kind(&members) != Kind::Array {
            return Err(ValueFailure::Unbuildable("a group of variables is no array".into()));
        }
        let member = PhpArray::of(&members)
            .find(self.key)
            .map(value::copy)
            .ok_or_else(|| ValueFailure::Unbuildable("the group of variables does not have it".into()))?;
        self.group = Some((group, members));
        Ok(member)
    }
}
