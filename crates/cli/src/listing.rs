//! A session as a row of a table, and as JSON.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use holdfast_core::{
    survey::Listed,
    time::{Timestamp, utc},
};
use serde_json::{Map, Value, json};

use crate::{colour::bold, shown};

/// So many digits of a handle are in a table: enough to name one of millions.
const DIGITS: usize = 12;
/// So much of a browser's name for itself is.
const AGENT: usize = 60;

/// The names of the columns.
pub fn head(out: &mut impl Write, is_terminal: bool) -> io::Result<()> {
    let line = format!(
        "{:DIGITS$}  {:16}  {:15}  {:>8}  {:>8}  {:>8}  {:>9}  BROWSER",
        "HANDLE", "USER", "ADDRESS", "AGE", "IDLE", "ENDS IN", "SIZE"
    );
    writeln!(out, "{}", bold(&line, is_terminal))
}

/// One session. A guest's user is a dash.
pub fn row(out: &mut impl Write, session: &Listed, now: Timestamp) -> io::Result<()> {
    let handle = session.handle.to_string();
    let user = session.user.as_deref().map_or_else(|| "-".to_owned(), shown::escaped);
    let address =
        if session.address.is_empty() { "-".to_owned() } else { shown::escaped(session.address.as_bytes()) };
    let line = format!(
        "{:DIGITS$}  {user:16}  {address:15}  {:>8}  {:>8}  {:>8}  {:>9}  {}",
        &handle[..DIGITS],
        shown::span(now.since(session.created)),
        shown::span(now.since(session.last_activity)),
        shown::span(session.expires.since(now)),
        shown::size(session.bytes),
        shown::cut(&shown::escaped(&session.agent), AGENT),
    );
    writeln!(out, "{}", line.trim_end())
}

/// The same with whole numbers, times in UTC, and all of the handle. Text that is no UTF-8 stands in hexadecimal digits under a
/// name that ends in `_hex`.
pub fn object(session: &Listed, now: Timestamp) -> Value {
    let mut object = Map::new();
    object.insert("handle".into(), session.handle.to_string().into());
    text(&mut object, "user", session.user.as_deref());
    text(&mut object, "address", Some(session.address.as_bytes()).filter(|address| !address.is_empty()));
    text(&mut object, "browser", Some(&*session.agent).filter(|agent| !agent.is_empty()));
    object.insert("created".into(), utc(session.created).into());
    object.insert("authenticated".into(), utc(session.authenticated).into());
    object.insert("restored".into(), session.restored.into());
    object.insert("last_activity".into(), utc(session.last_activity).into());
    object.insert("idle_seconds".into(), now.since(session.last_activity).as_secs().into());
    object.insert("expires".into(), utc(session.expires).into());
    object.insert("bytes".into(), session.bytes.into());
    object.insert("one_piece".into(), session.is_opaque.into());
    Value::Object(object)
}

fn text(object: &mut Map<String, Value>, name: &str, bytes: Option<&[u8]>) {
    match bytes.map(std::str::from_utf8) {
        None => object.insert(name.into(), Value::Null),
        Some(Ok(text)) => object.insert(name.into(), text.into()),
        Some(Err(_)) => object.insert(format!("{name}_hex"), json!(hex(bytes.unwrap_or_default()))),
    };
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Into a String nothing fails.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
