//! What measured sessions hold.

#![allow(dead_code, reason = "each benchmark is a crate of its own, and none needs all of it")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use std::fmt::{self, Display, Formatter};

use holdfast_core::{
    codec::{DigestKey, encode::Encoder, root::RootWriter},
    secret::Secret,
    value::{MapKey, Value, ValueSource},
};

/// A session's variables.
pub type Variables = Vec<(MapKey, Value)>;

/// Which variables, and how many. One number among them is changed.
#[derive(Clone, Copy, Debug)]
pub enum Layout {
    /// So many small arrays, each a variable.
    Arrays(i64),
    /// So many modules with 22 pages each, all under one variable, as ProcessWire has them.
    Wire(i64),
    /// So many strings of 98 bytes.
    Texts(i64),
}

/// As small, as usual and as large as they come.
pub const LAYOUTS: [Layout; 7] = [
    Layout::Arrays(5),
    Layout::Arrays(100),
    Layout::Arrays(1000),
    Layout::Wire(5),
    Layout::Wire(50),
    Layout::Texts(8),
    Layout::Texts(170),
];

impl Display for Layout {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arrays(count) => write!(out, "{count} arrays"),
            Self::Wire(modules) => write!(out, "{modules} modules"),
            Self::Texts(count) => write!(out, "{count} texts"),
        }
    }
}

impl Layout {
    /// The variables with `number` as the one that changes.
    pub fn variables(self, number: i64) -> Variables {
        match self {
            Self::Arrays(count) => with_number(number, (0..count).map(|n| (format!("item{n}"), item(n)))),
            Self::Texts(count) => {
                let text = |n| Value::Bytes(format!("{n:>98}").into_bytes());
                with_number(number, (0..count).map(|n| (format!("text{n}"), text(n))))
            }
            Self::Wire(modules) => {
                let all = with_number(number, (0..modules).map(|n| (format!("Module{n}"), module(n))));
                vec![(key("Session"), Value::map(all))]
            }
        }
    }

    /// The bytes of the root.
    pub fn root(self, number: i64) -> Vec<u8> {
        root(&digests(), &self.variables(number))
    }
}

/// The root of some variables, for a store's digests.
pub fn root(digests: &DigestKey, variables: &Variables) -> Vec<u8> {
    let mut root = RootWriter::new(digests, variables.len(), Vec::new());
    let mut encoder = Encoder::new(digests);
    for (key, value) in variables {
        root.entry_with(key.as_ref(), |out| encoder.encode(&mut ValueSource, value, out)).unwrap();
    }
    root.finish().unwrap().0
}

/// Of a store that nobody uses.
pub fn digests() -> DigestKey {
    DigestKey::derive(&Secret::from_bytes(*b"a secret of thirty-two bytes ..."))
}

/// A string key.
pub fn key(name: &str) -> MapKey {
    MapKey::Bytes(name.as_bytes().into())
}

fn with_number(number: i64, others: impl Iterator<Item = (String, Value)>) -> Variables {
    let number = (key("n"), Value::Int(number));
    std::iter::once(number).chain(others.map(|(name, value)| (key(&name), value))).collect()
}

fn text(text: &str) -> Value {
    Value::Bytes(text.into())
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::map(entries.into_iter().map(|(name, value)| (key(name), value)).collect())
}

fn item(n: i64) -> Value {
    map([
        ("id", Value::Int(n)),
        ("name", text(&format!("Product number {n}"))),
        ("price", Value::Float(9.5)),
        ("tags", Value::List(vec![text("green"), text(&format!("t{n}"))])),
        ("sold", Value::Bool(false)),
    ])
}

fn module(n: i64) -> Value {
    let page = |row| {
        map([
            ("id", Value::Int(1000 * n + row)),
            ("name", text(&format!("page-{n}-{row}"))),
            ("title", text(&format!("The title of page {row} of module {n}"))),
            ("mod", Value::Int(1_700_000_000 + row)),
            ("flags", map([("hidden", Value::Bool(false)), ("sort", Value::Int(row))])),
        ])
    };
    map([
        ("ts", Value::Int(1_700_000_000 + n)),
        ("sort", text("title")),
        ("limit", Value::Int(25)),
        ("rows", Value::List((0..22).map(page).collect())),
    ])
}
