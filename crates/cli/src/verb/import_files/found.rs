//! The session files in a directory of PHP's `files` handler.

use std::{
    fs::{File, OpenOptions, ReadDir, TryLockError},
    io::{self, Read},
    ops::ControlFlow,
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
    time::SystemTime,
};

use holdfast_core::engine::MAX_RECORD_BYTES;
use rustix::fs::OFlags;

/// `session.save_path = "N;/path"` makes directories so deep at most, each with a name of one character.
const LEVELS: usize = 8;

/// PHP takes no longer ids.
const LONGEST_ID: usize = 256;

/// A file that may be a session's.
pub struct Named {
    pub path: PathBuf,
    pub id: Vec<u8>,
}

/// Shows each, in no order, until `each` breaks. No symbolic link is followed.
pub fn walk(
    directory: ReadDir,
    each: &mut dyn FnMut(Named) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let mut open = vec![directory];
    while let Some(directory) = open.last_mut() {
        let Some(entry) = directory.next() else {
            open.pop();
            continue;
        };
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        let name = name.as_bytes();
        if kind.is_dir() && name.len() == 1 && is_id(name) && open.len() <= LEVELS {
            open.push(std::fs::read_dir(entry.path())?);
            continue;
        }
        let Some(id) = name.strip_prefix(b"sess_") else { continue };
        if kind.is_file() && is_id(id) && each(Named { path: entry.path(), id: id.to_vec() }).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// As PHP's `files` takes them, and nothing that could lead elsewhere.
fn is_id(id: &[u8]) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && id.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b','))
}

/// What was found in a file.
pub enum Content {
    /// A session, as it was when no request had it open.
    Session {
        /// When it was used last.
        used: SystemTime,
        data: Vec<u8>,
    },
    /// A request has it open.
    InUse,
    /// It is gone, a link, no file, or another user's.
    NotOurs,
}

/// Reads a session as PHP does, under its lock, which nobody waits for.
pub fn read(path: &Path, user: u32) -> io::Result<Content> {
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let mut file: File = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::NotOurs),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            return Ok(Content::NotOurs);
        }
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(Content::InUse),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let metadata = file.metadata()?;
    // Ended while it was opened.
    if !metadata.is_file() || metadata.uid() != user || metadata.nlink() == 0 {
        return Ok(Content::NotOurs);
    }
    let mut data = Vec::new();
    file.by_ref().take(MAX_RECORD_BYTES as u64 + 1).read_to_end(&mut data)?;
    Ok(Content::Session { used: metadata.modified()?, data })
}
