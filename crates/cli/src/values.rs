//! The values of a session, with what is secret in them hidden.

use std::io::{self, Write};

use holdfast_core::{
    codec::{DecodeError, decode::decode_value, root::Root},
    survey::Masks,
    value::{MapKey, Value, ValueSink},
};
use serde_json::{Map, Value as Json, json};

use crate::{failure::Failure, listing::hex, shown::escaped};

const HIDDEN: &str = "***";

/// A line a value, and what is in an array below it.
pub fn lines(out: &mut dyn Write, root: &Root<'_>, masks: &Masks) -> Result<(), Failure> {
    each(root, |key, value| line(out, masks, &key, &value, 1))
}

/// The same as JSON. A value that is hidden or that only PHP can read is an object that tells what it is.
pub fn object(root: &Root<'_>, masks: &Masks) -> Result<Json, Failure> {
    let mut object = Map::new();
    each(root, |key, value| {
        object.insert(json_key(&key), json_of(masks, &key, &value));
        Ok(())
    })?;
    Ok(Json::Object(object))
}

fn each(root: &Root<'_>, mut show: impl FnMut(MapKey, Value) -> io::Result<()>) -> Result<(), Failure> {
    let damaged =
        |error: DecodeError| Failure::NoStore(format!("the session's values can't be read: {error}"));
    let mut sink = ValueSink::default();
    for entry in root.entries() {
        let entry = entry.map_err(damaged)?;
        let value = decode_value(entry.value, &mut sink).map_err(damaged)?;
        show(entry.key.into(), value)?;
    }
    Ok(())
}

fn is_hidden(masks: &Masks, key: &MapKey) -> bool {
    matches!(key, MapKey::Bytes(name) if masks.hide(name))
}

/// Recursion ends at the deepest nesting that is decoded.
fn line(out: &mut dyn Write, masks: &Masks, key: &MapKey, value: &Value, depth: usize) -> io::Result<()> {
    let name = match key {
        MapKey::Int(int) => int.to_string(),
        MapKey::Bytes(bytes) => escaped(bytes),
    };
    write!(out, "{:indent$}{name}: ", "", indent = depth * 2)?;
    if is_hidden(masks, key) {
        return writeln!(out, "{HIDDEN} ({})", kind(value));
    }
    match value {
        Value::Null => writeln!(out, "null"),
        Value::Bool(value) => writeln!(out, "{value}"),
        Value::Int(value) => writeln!(out, "{value}"),
        Value::Float(value) => writeln!(out, "{value:?}"),
        Value::Bytes(bytes) => writeln!(out, "\"{}\"", escaped(bytes).replace('"', "\\\"")),
        Value::List(items) => {
            writeln!(out, "{}", kind(value))?;
            for (index, item) in (0..).zip(items) {
                line(out, masks, &MapKey::Int(index), item, depth + 1)?;
            }
            Ok(())
        }
        Value::Map(entries) => {
            writeln!(out, "{}", kind(value))?;
            for (key, item) in entries {
                line(out, masks, key, item, depth + 1)?;
            }
            Ok(())
        }
        Value::Opaque(_) | Value::GroupMember(_) => writeln!(out, "{}", kind(value)),
    }
}

/// What a value is, and how much of it there is.
fn kind(value: &Value) -> String {
    let many = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Int(_) => "int".to_owned(),
        Value::Float(_) => "float".to_owned(),
        Value::Bytes(bytes) => format!("string, {}", many(bytes.len(), "byte")),
        Value::List(items) => format!("array, {}", many(items.len(), "value")),
        Value::Map(entries) => format!("array, {}", many(entries.len(), "value")),
        Value::Opaque(bytes) => format!("object, {}", many(bytes.len(), "byte")),
        Value::GroupMember(member) => format!("object, {} with others", many(member.bytes.len(), "byte")),
    }
}

fn json_key(key: &MapKey) -> String {
    match key {
        MapKey::Int(int) => int.to_string(),
        MapKey::Bytes(bytes) => std::str::from_utf8(bytes).map_or_else(|_| escaped(bytes), str::to_owned),
    }
}

fn json_of(masks: &Masks, key: &MapKey, value: &Value) -> Json {
    if is_hidden(masks, key) {
        return json!({ "hidden": HIDDEN, "is": kind(value) });
    }
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        // What is no number has none in JSON.
        Value::Float(value) if value.is_finite() => json!(value),
        Value::Float(value) => json!(value.to_string()),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => json!(text),
            Err(_) => json!({ "hex": hex(bytes) }),
        },
        Value::List(items) => {
            (0..).zip(items).map(|(index, item)| json_of(masks, &MapKey::Int(index), item)).collect()
        }
        Value::Map(entries) => {
            entries.iter().map(|(key, item)| (json_key(key), json_of(masks, key, item))).collect()
        }
        Value::Opaque(_) | Value::GroupMember(_) => json!({ "is": kind(value) }),
    }
}
