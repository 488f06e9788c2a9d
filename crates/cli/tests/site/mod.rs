//! Stores with sessions as a site leaves them, and the command as somebody at a shell runs it.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test that finds something else shall stop; not every test program uses all"
)]

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use holdfast_core::{
    codec::{
        DigestKey, KeyRef,
        encode::encode_value,
        root::{Root, RootWriter},
    },
    engine::{Commit, Engine, Expect, Owner, StoreDsn, Write},
    key::Key,
    record::{self, Body, Client, Handle, Meta},
    time::Timestamp,
    value::{MapKey, Value, ValueSource},
};

pub const HOUR: Duration = Duration::from_hours(1);

/// Runs it without a terminal; what the environment of the tests has of it is taken away.
pub fn holdfast(arguments: &[&str]) -> Output {
    command().args(arguments).stdin(Stdio::null()).output().unwrap()
}

pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.env_remove("HOLDFAST_STORE").env_remove("NO_COLOR");
    command
}

/// What it says where all is well.
pub fn says(arguments: &[&str]) -> String {
    let output = holdfast(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// One line on stderr that says `what`, this exit code, and nothing else.
pub fn refuses(arguments: &[&str], code: i32, what: &str) {
    refused(&holdfast(arguments), code, what);
}

pub fn refused(output: &Output, code: i32, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{what}: {said}");
    assert_eq!(said.lines().count(), 1, "{what}: {said}");
    assert!(said.starts_with("holdfast: ") && said.contains(what), "{what}: {said}");
    assert!(!said.contains("hunter2"), "{said}");
    assert!(output.stdout.is_empty(), "{what}: {:?}", output.stdout);
}

/// A store with sessions of our making.
pub struct Sessions {
    pub dsn: String,
    pub engine: Arc<dyn Engine>,
    pub now: Timestamp,
}

/// One of them.
pub struct Session<'s> {
    pub user: Option<&'s [u8]>,
    pub address: &'s str,
    pub agent: &'s [u8],
    pub idle: Duration,
    pub values: Vec<(&'s str, Value)>,
}

impl Default for Session<'_> {
    fn default() -> Self {
        Self { user: None, address: "", agent: b"", idle: Duration::ZERO, values: Vec::new() }
    }
}

pub fn text(text: &str) -> Value {
    Value::Bytes(text.into())
}

pub fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::map(
        entries.into_iter().map(|(key, value)| (MapKey::Bytes(key.as_bytes().into()), value)).collect(),
    )
}

impl Sessions {
    pub fn shared(path: &Path) -> Self {
        Self::at(format!("shared://{}?size=16M", path.display()))
    }

    pub fn at(dsn: String) -> Self {
        let engine = StoreDsn::parse(&dsn).unwrap().open().unwrap();
        let now = engine.now();
        Self { dsn, engine, now }
    }

    pub fn key(number: u128) -> Key {
        let mut bytes = [7; 32];
        bytes[..16].copy_from_slice(&number.to_be_bytes());
        // Places in a store come from all of it.
        bytes[16..]
            .copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes());
        Key::from_bytes(bytes)
    }

    /// Stores one with the handle `number`.
    pub fn add(&self, number: u128, session: Session<'_>) -> Key {
        let secret = self.engine.secret().unwrap();
        let Session { user, address, agent, idle, values } = session;
        let began = Timestamp::from_millis(self.now.as_millis() - u64::try_from(idle.as_millis()).unwrap());
        let lifetime = idle + HOUR;
        let meta = Meta {
            created: began,
            renewed: began,
            authenticated: began,
            lifetime_ms: u64::try_from(lifetime.as_millis()).unwrap(),
            handle: Handle::from_bytes(number.to_be_bytes()),
            user: user.map(<[u8]>::to_vec),
            client: user.map(|_| Client {
                address: address.into(),
                agent: agent.into(),
                ..Client::default()
            }),
            ..Meta::default()
        };
        let digests = DigestKey::derive(&secret);
        let mut root = RootWriter::new(&digests, values.len(), Vec::new());
        for (key, value) in &values {
            root.entry_with(KeyRef::Bytes(key.as_bytes()), |out| {
                encode_value(&mut ValueSource, value, &digests, out)
            })
            .unwrap();
        }
        let (root, _) = root.finish().unwrap();
        let record = record::write(&meta, Body::Tree(Root::parse(&root).unwrap())).unwrap();
        let owner = user.map_or(Owner::GUEST, |user| Owner::of(&secret, "shop", user));
        self.commit(Self::key(number), &record, self.now.after(HOUR), owner)
    }

    pub fn commit(&self, key: Key, record: &[u8], expires: Timestamp, owner: Owner) -> Key {
        let write = Write { record, expires, owner };
        assert!(matches!(self.engine.commit(&key, Expect::Absent, write, self.now), Ok(Commit::Stored(_))));
        key
    }

    /// Whether what was stored there is still the session.
    pub fn has(&self, key: &Key) -> bool {
        let stored = self.engine.peek(key, self.engine.now()).unwrap();
        stored.is_some_and(|stored| record::is_session([stored.record[0], stored.record[1]]))
    }
}

/// The handle that [`Sessions::add`] gives for a number.
pub fn handle(number: u128) -> String {
    format!("{number:032x}")
}
