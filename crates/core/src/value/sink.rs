use std::collections::HashMap;
use std::sync::Arc;

use super::{GroupMember, MapKey, Value};
use crate::codec::{DecodeError, Digest, KeyRef, Sink};

/// Decodes into [`Value`]s.
#[derive(Clone, Debug, Default)]
pub struct ValueSink {
    /// String keys that were made, each where its length and ends say, so that equal keys are mostly one: a node
    /// writes out the keys of its own array, and rows that are nodes have the same keys.
    keys: Vec<Option<Arc<[u8]>>>,
}

impl ValueSink {
    const KEYS: usize = 128;

    fn shared(&mut self, key: &[u8]) -> Arc<[u8]> {
        if self.keys.is_empty() {
            self.keys.resize(Self::KEYS, None);
        }
        let end = |at: Option<&u8>| usize::from(at.copied().unwrap_or_default());
        let place = key.len() + end(key.first()) * 5 + end(key.last()) * 11;
        let kept = &mut self.keys[place % Self::KEYS];
        match kept {
            Some(kept) if **kept == *key => Arc::clone(kept),
            _ => Arc::clone(kept.insert(key.into())),
        }
    }
}

impl Sink for ValueSink {
    type Value = Value;
    type Key = MapKey;
    type List = Vec<Value>;
    type Map = Vec<(MapKey, Value)>;
    type Error = DecodeError;

    fn null(&mut self) -> Value {
        Value::Null
    }

    fn bool(&mut self, value: bool) -> Value {
        Value::Bool(value)
    }

    fn int(&mut self, value: i64) -> Value {
        Value::Int(value)
    }

    fn float(&mut self, value: f64) -> Value {
        Value::Float(value)
    }

    fn bytes(&mut self, value: &[u8]) -> Value {
        Value::Bytes(value.into())
    }

    fn key(&mut self, key: KeyRef<'_>) -> MapKey {
        match key {
            KeyRef::Int(int) => MapKey::Int(int),
            KeyRef::Bytes(bytes) => MapKey::Bytes(self.shared(bytes)),
        }
    }

    fn begin_list(&mut self, len: usize) -> Vec<Value> {
        Vec::with_capacity(len)
    }

    fn push(&mut self, list: &mut Vec<Value>, value: Value) {
        list.push(value);
    }

    fn end_list(&mut self, list: Vec<Value>) -> Value {
        Value::List(list)
    }

    fn begin_map(&mut self, len: usize) -> Vec<(MapKey, Value)> {
        Vec::with_capacity(len)
    }

    fn insert(&mut self, map: &mut Vec<(MapKey, Value)>, key: MapKey, value: Value) {
        map.push((key, value));
    }

    fn end_map(&mut self, map: Vec<(MapKey, Value)>) -> Value {
        Value::map(if repeats_a_key(&map) { last_of_each_key(map) } else { map })
    }

    fn opaque(&mut self, bytes: &[u8]) -> Result<Value, DecodeError> {
        Ok(Value::Opaque(bytes.into()))
    }

    fn group_member(&mut self, group: Digest, bytes: &[u8]) -> Result<Value, DecodeError> {
        Ok(Value::GroupMember(GroupMember { group, bytes: bytes.into() }))
    }
}

fn repeats_a_key(map: &[(MapKey, Value)]) -> bool {
    /// Up to so many keys are compared pair by pair.
    const FEW: usize = 16;
    if map.len() <= FEW {
        return map.iter().enumerate().any(|(n, (key, _))| map[..n].iter().any(|(before, _)| before == key));
    }
    let mut keys: Vec<&MapKey> = map.iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

/// Each key once, in its first place, with its last value: what PHP makes of the same entries.
fn last_of_each_key(map: Vec<(MapKey, Value)>) -> Vec<(MapKey, Value)> {
    let mut places = HashMap::with_capacity(map.len());
    let mut unique: Vec<(MapKey, Value)> = Vec::with_capacity(map.len());
    for (key, value) in map {
        let place = *places.entry(key.clone()).or_insert(unique.len());
        match unique.get_mut(place) {
            Some(entry) => entry.1 = value,
            None => unique.push((key, value)),
        }
    }
    unique
}
