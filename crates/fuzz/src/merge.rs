//! The merge of three roots: no panic for any bytes, and the laws of docs/merging.md for what somebody wrote.

use std::collections::HashSet;

use holdfast_core::{
    codec::{group::write_group_member, root::RootWriter},
    merge::merge_roots,
    value::{MapKey, Value},
};

use crate::{
    choices::Choices,
    codec::{decode, digest_key, encode},
};

type Variables = Vec<(MapKey, Value)>;

/// The first byte chooses between bytes that nobody wrote and three states that requests made of each other.
pub fn merge(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    let mut choices = Choices::new(rest);
    if kind & 1 == 0 {
        survives(&mut choices, kind & 2 != 0);
    } else {
        let base = variables(&mut choices);
        let (mut ours, mut theirs) = (base.clone(), base.clone());
        for side in [&mut ours, &mut theirs] {
            for _ in 0..choices.below(4) {
                change(side, &mut choices, 0);
            }
        }
        laws(&base, &ours, &theirs);
    }
}

/// Three roots with a digest of their own each, so that they are opened, and anything in them.
fn survives(choices: &mut Choices<'_>, as_it_is: bool) {
    let root = |number: u8, body: &[u8]| {
        let len = u32::try_from(body.len()).unwrap_or_default().to_le_bytes();
        [&[8][..], &len, &[number; 16], body].concat()
    };
    let bodies = [choices.bytes(400), choices.bytes(400), choices.rest()];
    let [base, ours, theirs] = [0, 1, 2].map(|number: u8| {
        let body = bodies[usize::from(number)];
        if as_it_is { body.to_vec() } else { root(number, &[b"\x07", body].concat()) }
    });
    for base in [None, Some(&base[..])] {
        for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
            let _ = merge_roots(&digest_key(), base, ours, theirs);
        }
    }
}

fn root(variables: &Variables) -> Option<Vec<u8>> {
    let key = digest_key();
    let mut writer = RootWriter::new(&key, variables.len(), Vec::new());
    for (name, value) in variables {
        writer.entry(name.as_ref(), &encode(value).ok()?);
    }
    writer.finish().ok().map(|(bytes, _)| bytes)
}

/// The merged variables, whose bytes are as if they had been written anew.
fn merged(base: Option<&Variables>, ours: &Variables, theirs: &Variables) -> Option<Variables> {
    let base = match base {
        Some(base) => Some(root(base)?),
        None => None,
    };
    let Ok(bytes) = merge_roots(&digest_key(), base.as_deref(), &root(ours)?, &root(theirs)?) else {
        panic!("roots that were written can't be merged");
    };
    let variables = match decode(&bytes) {
        Ok(Value::Map(entries)) => entries,
        Ok(Value::List(items)) => (0..).map(MapKey::Int).zip(items).collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(root(&variables).as_ref(), Some(&bytes), "merged bytes are written in another way");
    Some(variables)
}

fn laws(base: &Variables, ours: &Variables, theirs: &Variables) {
    let Some(result) = merged(Some(base), ours, theirs) else { return };
    let one_sided = [
        (Some(base), ours, base, ours),
        (Some(base), base, theirs, theirs),
        (Some(base), ours, ours, ours),
        (None, theirs, &Vec::new(), theirs),
    ];
    for (base, ours, theirs, expected) in one_sided {
        assert_eq!(merged(base, ours, theirs).as_ref(), Some(expected), "one side's change is not all");
    }
    let mut written = Vec::new();
    for (_, value) in ours.iter().chain(theirs) {
        leaves(value, &mut written);
    }
    let mut stored = Vec::new();
    for (_, value) in &result {
        leaves(value, &mut stored);
    }
    assert!(stored.iter().all(|leaf| written.contains(leaf)), "a leaf that nobody wrote");
    for (key, _) in base {
        if at(ours, key).is_none() || at(theirs, key).is_none() {
            assert!(at(&result, key).is_none(), "{key:?} was removed and is back");
        }
    }
    for (one, other) in [(ours, theirs), (theirs, ours)] {
        for (key, value) in one {
            if at(base, key).is_none() && at(other, key).is_none() {
                assert_eq!(at(&result, key), Some(value), "{key:?} is new on one side alone");
            }
        }
    }
    if let Some(anew) = merged(None, ours, theirs) {
        let all = ours.iter().chain(theirs).all(|(key, _)| at(&anew, key).is_some());
        assert!(all, "a name is lost although nobody removed anything");
    }
}

fn at<'v>(entries: &'v Variables, key: &MapKey) -> Option<&'v Value> {
    entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

fn entries_of(value: &Value) -> Option<Variables> {
    match value {
        Value::List(items) => Some((0..).map(MapKey::Int).zip(items.iter().cloned()).collect()),
        Value::Map(entries) => Some(entries.clone()),
        _ => None,
    }
}

fn leaves(value: &Value, found: &mut Vec<Value>) {
    match entries_of(value) {
        Some(entries) => entries.iter().for_each(|(_, value)| leaves(value, found)),
        None => found.push(value.clone()),
    }
}

fn key(choices: &mut Choices<'_>) -> MapKey {
    match choices.below(8) {
        number @ 0..=3 => MapKey::Int(number.into()),
        letter => MapKey::Bytes([b'a' + u8::try_from(letter - 4).unwrap_or_default()].as_slice().into()),
    }
}

fn value(choices: &mut Choices<'_>, depth: u32) -> Value {
    let kinds = if depth < 4 { 10 } else { 8 };
    match choices.below(kinds) {
        0 => Value::Null,
        1..=3 => Value::Int(choices.below(4).into()),
        4 => Value::Float(f64::from(choices.byte())),
        5 => Value::Bytes(choices.bytes(3).to_vec()),
        // Long enough to make nodes of what holds it.
        6 => Value::Bytes(vec![choices.byte() & 3; 130]),
        7 => Value::Opaque(vec![choices.byte() & 3]),
        8 => Value::List((0..choices.below(5)).map(|_| value(choices, depth + 1)).collect()),
        _ => Value::map(unique((0..choices.below(5)).map(|_| (key(choices), value(choices, depth + 1))))),
    }
}

fn unique(entries: impl Iterator<Item = (MapKey, Value)>) -> Variables {
    let mut seen = HashSet::new();
    entries.filter(|(key, _)| seen.insert(key.clone())).collect()
}

/// Variables, some of which share objects.
fn variables(choices: &mut Choices<'_>) -> Variables {
    let count = choices.below(5);
    unique((0..count).map(|_| {
        let name = key(choices);
        (name, if choices.below(8) == 7 { member(choices) } else { value(choices, 0) })
    }))
}

fn member(choices: &mut Choices<'_>) -> Value {
    let mut bytes = Vec::new();
    let all = [b"a:1:{i:0;i:".as_slice(), &[b'0' + (choices.byte() & 3)], b";}"].concat();
    write_group_member(&digest_key(), &all, &mut bytes);
    decode(&bytes).unwrap_or(Value::Null)
}

/// Something a request does, at a place that is found by going down.
fn change(entries: &mut Variables, choices: &mut Choices<'_>, depth: u32) {
    let place = choices.byte();
    if place & 1 != 0 && depth < 4 && !entries.is_empty() {
        let chosen = usize::from(place >> 1) % entries.len();
        if let Some(mut inner) = entries_of(&entries[chosen].1) {
            change(&mut inner, choices, depth + 1);
            entries[chosen].1 = Value::map(inner);
            return;
        }
    }
    let chosen = usize::from(place >> 1) % entries.len().max(1);
    match choices.below(8) {
        0 | 1 => {
            let (name, new) = (key(choices), value(choices, depth));
            match entries.iter_mut().find(|(known, _)| *known == name) {
                Some(entry) => entry.1 = new,
                None => entries.push((name, new)),
            }
        }
        2 if !entries.is_empty() => drop(entries.remove(chosen)),
        3 => {
            let ints = entries.iter().filter_map(|(key, _)| match key {
                MapKey::Int(int) => Some(*int + 1),
                MapKey::Bytes(_) => None,
            });
            let next = ints.max().unwrap_or(0).max(0);
            entries.push((MapKey::Int(next), value(choices, depth)));
        }
        4 => drop(entries.pop()),
        5 if !entries.is_empty() => {
            entries.remove(0);
            renumber(entries);
        }
        6 => {
            entries.insert(0, (MapKey::Int(-1), value(choices, depth)));
            renumber(entries);
        }
        7 => entries.clear(),
        _ => {}
    }
}

/// As `array_shift` and `array_unshift` do.
fn renumber(entries: &mut Variables) {
    let ints = entries.iter_mut().filter(|(key, _)| matches!(key, MapKey::Int(_)));
    for (number, (key, _)) in (0..).zip(ints) {
        *key = MapKey::Int(number);
    }
}
