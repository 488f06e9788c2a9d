//! The store's file as a place that is safe to keep sessions in (R23).

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::{fs::OFlags, process::geteuid};

use crate::engine::EngineError;

const NAME_IN_DIRECTORY: &str = "sessions.holdfast";
const MODE: u32 = 0o600;
const STICKY: u32 = 0o1000;
const OTHERS_MAY_WRITE: u32 = 0o002;
const GROUP_AND_OTHERS: u32 = 0o077;

/// Where the store is when nobody says otherwise: a file of the running user in the system's temporary directory.
pub fn default_path() -> PathBuf {
    std::env::temp_dir().join(format!("holdfast-{}.store", geteuid().as_raw()))
}

/// The file that `path` means: within it, when it is a directory.
pub(super) fn resolve(path: PathBuf) -> PathBuf {
    if path.is_dir() { path.join(NAME_IN_DIRECTORY) } else { path }
}

/// Device and inode: what a file is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
}

impl Identity {
    pub(super) fn of(metadata: &fs::Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// Opens the file at `path`, and makes it, empty, when it is not there. What is opened belongs to the running user
/// alone and has this one name.
pub(super) fn open_or_create(path: &Path) -> Result<File, EngineError> {
    check_directory(path)?;
    // Who deletes the file between the two attempts again and again gets the error of the last one.
    let mut attempts = 0;
    loop {
        attempts += 1;
        match flags().create_new(true).mode(MODE).open(path) {
            Ok(file) => {
                // The umask may have taken bits that we need; it can add none.
                file.set_permissions(Permissions::from_mode(MODE))
                    .map_err(|source| io_error(path, "setting the mode of the file", source))?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(io_error(path, "creating the file", source)),
        }
        match flags().open(path) {
            Ok(file) => {
                check_file(path, &file)?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && attempts < 100 => {}
            Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
                return Err(refused(path, "it is a symbolic link; name the file itself"));
            }
            Err(source) => {
                return match fs::symlink_metadata(path) {
                    Ok(metadata) if metadata.uid() != geteuid().as_raw() => {
                        Err(foreign_owner(path, &metadata))
                    }
                    _ => Err(io_error(path, "opening the file", source)),
                };
            }
        }
    }
}

/// Whether `path` names this file and no other.
pub(super) fn names(path: &Path, identity: Identity) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| Identity::of(&metadata) == identity)
}

/// Opens the file at `path` once more, as an open file description of its own.
pub(super) fn open_again(path: &Path, expected: Identity) -> Result<Option<File>, EngineError> {
    match flags().open(path) {
        Ok(file) => {
            let metadata = file.metadata().map_err(|source| io_error(path, "looking at the file", source))?;
            Ok((Identity::of(&metadata) == expected).then_some(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io_error(path, "opening the file", source)),
    }
}

fn flags() -> OpenOptions {
    // O_NONBLOCK: opening a FIFO that somebody put there must not wait.
    let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(flags.bits().cast_signed());
    options
}

/// Refuses what is not a plain file of the running user, closed to all others, with one name.
pub(super) fn check_file(path: &Path, file: &File) -> Result<fs::Metadata, EngineError> {
    let metadata = file.metadata().map_err(|source| io_error(path, "looking at the file", source))?;
    if !metadata.is_file() {
        return Err(refused(path, "it is not a regular file; name another path"));
    }
    if metadata.uid() != geteuid().as_raw() {
        return Err(foreign_owner(path, &metadata));
    }
    if metadata.nlink() > 1 {
        return Err(refused(path, "it has more than one hard link; remove the other names or move it away"));
    }
    if metadata.mode() & GROUP_AND_OTHERS != 0 {
        let reason =
            format!("mode {:04o} opens it to others; chmod 600, or move it away", metadata.mode() & 0o7777);
        return Err(refused(path, &reason));
    }
    Ok(metadata)
}

fn check_directory(path: &Path) -> Result<(), EngineError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let metadata =
        fs::metadata(directory).map_err(|source| io_error(path, "looking at the directory", source))?;
    if metadata.mode() & OTHERS_MAY_WRITE != 0 && metadata.mode() & STICKY == 0 {
        let reason =
            "everybody may write to its directory, which is not sticky; chmod o-w (or +t) the directory";
        return Err(refused(path, reason));
    }
    Ok(())
}

fn foreign_owner(path: &Path, metadata: &fs::Metadata) -> EngineError {
    let reason = format!(
        "it belongs to user {}, and this process runs as {}; give each user a path of its own",
        metadata.uid(),
        geteuid().as_raw()
    );
    refused(path, &reason)
}

pub(super) fn refused(path: &Path, reason: &str) -> EngineError {
    EngineError::Refused { path: path.into(), reason: reason.into() }
}

pub(super) fn io_error(path: &Path, action: &'static str, source: io::Error) -> EngineError {
    EngineError::Io { action, path: path.into(), source }
}
