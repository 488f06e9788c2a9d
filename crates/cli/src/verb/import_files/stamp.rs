//! When a directory was taken over: what has not changed since is not taken again, because the site may have ended it.

use std::{path::Path, time::Duration};

use holdfast_core::{
    engine::{Commit, Engine, EngineError, Expect, Owner, Write},
    key::Key,
    secret::Secret,
    time::Timestamp,
};
use xxhash_rust::xxh3::xxh3_64;

const FORMAT: u8 = b'I';
const VERSION: u8 = 1;
const BYTES: usize = 24;

/// A whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it began, by the wall clock.
    pub begun: Timestamp,
    /// How old files could be, in seconds.
    pub lifetime: u32,
}

/// Where a store keeps that of a directory, for one name of a cookie.
pub struct Stamp(Key);

impl Stamp {
    pub fn of(secret: &Secret, cookie_name: &str, directory: &Path) -> Self {
        let directory = directory.as_os_str().as_encoded_bytes();
        Self(Key::from_bytes(
            secret.mac("holdfast imported directory 1", &[cookie_name.as_bytes(), directory]),
        ))
    }

    /// What sessions are known by that came from there.
    pub fn origin(&self) -> Vec<u8> {
        format!("holdfast import-files {}", self.0.beginning()).into_bytes()
    }

    /// The last whole run.
    pub fn read(&self, engine: &dyn Engine) -> Result<Option<Run>, EngineError> {
        let stored = engine.peek(&self.0, engine.now())?;
        Ok(stored.and_then(|stored| {
            let (body, checksum) = stored.record.split_at_checked(BYTES - 8)?;
            let is_good = body.starts_with(&[FORMAT, VERSION]) && checksum == xxh3_64(body).to_le_bytes();
            let lifetime = u32::from_le_bytes(*body[4..].first_chunk()?);
            let begun = Timestamp::from_millis(u64::from_le_bytes(*body[8..].first_chunk()?));
            is_good.then_some(Run { begun, lifetime })
        }))
    }

    /// Notes a whole run. Files that are older than a lifetime are not looked at, so it need not be kept for longer.
    pub fn write(&self, engine: &dyn Engine, run: Run) -> Result<(), EngineError> {
        let lifetime = Duration::from_secs(run.lifetime.into());
        let mut record = vec![0; BYTES - 8];
        record[..2].copy_from_slice(&[FORMAT, VERSION]);
        record[4..8].copy_from_slice(&run.lifetime.to_le_bytes());
        record[8..].copy_from_slice(&run.begun.as_millis().to_le_bytes());
        let checksum = xxh3_64(&record);
        record.extend_from_slice(&checksum.to_le_bytes());
        let mut expect = Expect::Absent;
        loop {
            let now = engine.now();
            let write = Write { record: &record, expires: now.after(lifetime), owner: Owner::SYSTEM };
            match engine.commit(&self.0, expect, write, now)? {
                Commit::Stored(_) => return Ok(()),
                Commit::Conflict(there) => expect = Expect::Version(there.version),
                Commit::Gone => expect = Expect::Absent,
            }
        }
    }
}
