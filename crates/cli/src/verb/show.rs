//! `holdfast show`: one session. Its values are private: they are shown where that is asked for, and never those that
//! have the name of a secret.

use std::io::Write;

use clap::Args;
use holdfast_core::{
    engine::Engine,
    record::{Body, Record},
    survey::{Listed, Masks},
    time::{Timestamp, utc},
};
use serde_json::json;

use crate::{
    failure::Failure,
    listing, named,
    shown::{escaped, size, span},
    store::StoreArgument,
    values,
};

/// Looking at a session is no use of it.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    /// The session's handle, or its first digits, 6 at least
    handle: String,

    /// Show the values too, but those whose names tell of secrets
    #[arg(long)]
    values: bool,

    /// Hide the values that have this in their names too; may be given several times
    #[arg(long, value_name = "NAME", requires = "values")]
    mask: Vec<String>,

    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Shows it to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let engine = arguments.store.open()?;
    let now = engine.now();
    let sessions = named::sessions(&*engine, std::slice::from_ref(&arguments.handle))?;
    let Some(session) = sessions.first() else { return Ok(()) };
    let masks = Masks::with(arguments.mask.iter().cloned());
    let record = if arguments.values { Some(record(&*engine, session, now)?) } else { None };
    let record = record.as_deref().map(|bytes| read(bytes, session)).transpose()?;
    if arguments.json {
        let mut object = listing::object(session, now);
        match record.map(|record| record.body) {
            Some(Body::Tree(root)) => object["values"] = values::object(&root, &masks)?,
            Some(Body::Opaque { serializer, data }) => {
                object["values"] = json!({ "serializer": serializer, "bytes": data.len() });
            }
            _ => {}
        }
        writeln!(out, "{object}")?;
        return Ok(());
    }
    facts(out, session, now)?;
    match record.map(|record| record.body) {
        Some(Body::Tree(root)) => {
            writeln!(out, "values         {}", root.len())?;
            values::lines(out, &root, &masks)?;
        }
        Some(Body::Opaque { serializer, data }) => writeln!(
            out,
            "values         in one piece of {} bytes, which the serializer {} wrote; they are not shown",
            data.len(),
            escaped(serializer.as_bytes())
        )?,
        _ => {}
    }
    Ok(())
}

fn facts(out: &mut dyn Write, session: &Listed, now: Timestamp) -> std::io::Result<()> {
    let mut line = |name: &str, value: &str| writeln!(out, "{name:14} {value}");
    let ago = |at| format!("{} ({} ago)", utc(at), span(now.since(at)));
    line("handle", &session.handle.to_string())?;
    match &session.user {
        Some(user) => {
            let how = if session.restored { ", known again by a remembered login" } else { "" };
            line("user", &escaped(user))?;
            line("logged in", &format!("{}{how}", ago(session.authenticated)))?;
        }
        None => line("user", "- (a guest)")?,
    }
    if !session.address.is_empty() {
        line("address", &escaped(session.address.as_bytes()))?;
    }
    if !session.agent.is_empty() {
        line("browser", &escaped(&session.agent))?;
    }
    line("created", &ago(session.created))?;
    line("last activity", &ago(session.last_activity))?;
    line("ends", &format!("{} (in {})", utc(session.expires), span(session.expires.since(now))))?;
    line("size", &size(session.bytes))
}

fn record(engine: &dyn Engine, session: &Listed, now: Timestamp) -> Result<Vec<u8>, Failure> {
    let stored = engine.peek(&session.key, now)?;
    stored
        .map(|stored| stored.record)
        .ok_or_else(|| Failure::NoSession(format!("the session {} has just ended", session.handle)))
}

fn read<'r>(bytes: &'r [u8], session: &Listed) -> Result<Record<'r>, Failure> {
    Record::parse(bytes)
        .map_err(|error| Failure::NoSession(format!("the session {}: {error}", session.handle)))
}
