//! Values as PHP writes them, so that a case reads like the documentation: `['a' => 1, 'b' => ['x', null]]`.
//! `Cart(2)` stands for an object, `@Cart(2)` for a variable that shares it with others.

use crate::codec::{
    group::write_group_member,
    tests::{decode, digest_key},
};
use crate::value::{MapKey, Value};

pub(super) fn php(text: &str) -> Value {
    let mut text = Text(text);
    let value = text.value();
    assert_eq!(text.0.trim(), "", "left over");
    value
}

/// The variables of a session.
pub(super) fn variables(text: &str) -> Vec<(MapKey, Value)> {
    match php(text) {
        Value::Map(entries) => entries,
        Value::List(items) => (0..).map(MapKey::Int).zip(items).collect(),
        other => panic!("no array: {other:?}"),
    }
}

pub(super) fn to_php(value: &Value) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let list = |items: Vec<String>| format!("[{}]", items.join(", "));
    match value {
        Value::Null => "null".into(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => float.to_string(),
        Value::Bytes(bytes) => format!("'{}'", text(bytes)),
        Value::Opaque(bytes) => text(bytes),
        Value::GroupMember(member) => format!("@{}", text(&member.bytes)),
        Value::List(items) => list(items.iter().map(to_php).collect()),
        Value::Map(entries) => list(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = match key {
                        MapKey::Int(int) => int.to_string(),
                        MapKey::Bytes(bytes) => format!("'{}'", text(bytes)),
                    };
                    format!("{key} => {}", to_php(value))
                })
                .collect(),
        ),
    }
}

struct Text<'t>(&'t str);

impl Text<'_> {
    fn take(&mut self, wanted: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn until(&mut self, is_end: impl Fn(char) -> bool) -> &str {
        let (part, rest) = self.0.split_at(self.0.find(is_end).unwrap_or(self.0.len()));
        self.0 = rest;
        part
    }

    fn value(&mut self) -> Value {
        if self.take("[") {
            return self.array();
        }
        if self.take("'") {
            let value = Value::Bytes(self.until(|c| c == '\'').into());
            assert!(self.take("'"), "no end of a string");
            return value;
        }
        let shares = self.take("@");
        self.0 = self.0.trim_start();
        let word = self.until(|c| ",]= ".contains(c)).to_owned();
        if shares {
            let mut out = Vec::new();
            write_group_member(&digest_key(), word.as_bytes(), &mut out);
            return decode(&out).unwrap();
        }
        match word.as_str() {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            object if object.ends_with(')') => Value::Opaque(object.into()),
            number => Value::Int(number.parse().unwrap()),
        }
    }

    fn array(&mut self) -> Value {
        let (mut entries, mut next) = (Vec::new(), 0);
        while !self.take("]") {
            let mut value = self.value();
            let mut key = MapKey::Int(next);
            if self.take("=>") {
                key = match value {
                    Value::Int(int) => MapKey::Int(int),
                    Value::Bytes(bytes) => MapKey::Bytes(bytes.into()),
                    other => panic!("no key: {other:?}"),
                };
                value = self.value();
            }
            if let MapKey::Int(int) = key {
                next = next.max(int.saturating_add(1));
            }
            entries.push((key, value));
            assert!(self.take(",") || self.0.trim_start().starts_with(']'), "no comma before {}", self.0);
        }
        Value::map(entries)
    }
}
