//! Opening the file: checked, built when it is not there, recovered when nobody uses it, and registered in.
//!
//! All of it happens under the opening lock, which dies with its holder. So of any number of racing openers one builds,
//! and when that one dies the next does; nobody sees a half-built file.

use std::{
    fs::{self, File},
    io,
    os::{fd::AsRawFd, unix::fs::MetadataExt},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{
    SharedOptions,
    allowance::{self, Allowance},
    clock,
    header::{self, Header},
    layout::{self, Geometry, HEADERS},
    liveness::{self, Description, Liveness},
    mapping::Mapping,
    place::{self, Identity, io_error},
    recovery::Blocks,
    store::Store,
};
use crate::{
    engine::EngineError,
    secret::{Secret, fill_random},
    time::Timestamp,
};

const FIRST_WAIT: Duration = Duration::from_micros(200);
const LONGEST_WAIT: Duration = Duration::from_millis(5);
/// How often the path may come to name another file while it is opened.
const ATTEMPTS: u32 = 100;

/// An open store, and what its user should hear once.
pub(super) struct Opened {
    pub(super) store: Store,
    pub(super) notice: Option<String>,
}

/// The secret of a store that is made, where it is not drawn by lot.
#[derive(Clone, Debug)]
pub(super) struct Adopted {
    pub(super) secret: Secret,
    /// A store with this secret is removed, and one with the other made in its place.
    pub(super) instead_of: Secret,
}

#[cfg(test)]
pub(super) fn attach(options: &SharedOptions) -> Result<Opened, EngineError> {
    attach_after(options, None, None)
}

/// Opens the store, for a process that may have had one open at this path before.
pub(super) fn attach_after(
    options: &SharedOptions,
    before: Option<&Store>,
    adopted: Option<&Adopted>,
) -> Result<Opened, EngineError> {
    let path = place::resolve(options.path.clone());
    let mut notice = None;
    for _ in 0..ATTEMPTS {
        let file = Description::new(place::open_or_create(&path)?);
        lock_opening(&path, &file, options.lock_timeout)?;
        let metadata = place::check_file(&path, &file)?;
        let identity = Identity::of(&metadata);
        if !place::names(&path, identity) {
            continue;
        }
        let found = header::inspect(&file, metadata.len())
            .map_err(|source| io_error(&path, "reading the header", source))?;
        if let Some(reason) = spoiled(&path, &file, identity, &found, before)? {
            notice = Some(set_aside(&path, reason)?);
            continue;
        }
        let (header, both) = match found {
            header::Found::Store { header, .. }
                if adopted.is_some_and(|adopted| adopted.instead_of == header.secret) =>
            {
                fs::remove_file(&path)
                    .map_err(|source| io_error(&path, "removing the unused file", source))?;
                continue;
            }
            header::Found::Store { header, both } => (header, both),
            header::Found::Nothing => {
                let secret = adopted.map_or_else(Secret::generate, |adopted| Ok(adopted.secret.clone()))?;
                (build(&path, &file, options.size, identity, secret)?, true)
            }
            header::Found::Damaged(reason) => {
                notice = Some(set_aside(&path, &reason)?);
                continue;
            }
            header::Found::OtherFormat(format) => {
                return Err(damaged(
                    &path,
                    8,
                    &format!(
                        "it has format {format} and this version of Holdfast reads format {}; it was left untouched: use \
                         the matching version, or another path",
                        layout::format()
                    ),
                ));
            }
            header::Found::Foreign => {
                return Err(damaged(
                    &path,
                    0,
                    "it is not a session store and was left untouched; name another path",
                ));
            }
        };
        let Some(mappable) = place::open_again(&path, identity)? else { continue };
        let geometry = Geometry::for_size(header.size)
            .ok_or_else(|| damaged(&path, HEADERS[0], "its size is not one of a store"))?;
        let map = Mapping::new(&mappable, geometry)
            .map_err(|source| io_error(&path, "mapping the file", source))?;
        return register(options, path, file, map, header, both, identity, notice);
    }
    Err(io_error(&path, "opening the file (it is replaced again and again)", io::ErrorKind::TimedOut.into()))
}

#[expect(clippy::too_many_arguments, reason = "they are what opening has found out")]
fn register(
    options: &SharedOptions,
    path: PathBuf,
    file: Description,
    map: Mapping,
    mut header: Header,
    both: bool,
    identity: Identity,
    mut notice: Option<String>,
) -> Result<Opened, EngineError> {
    let alone = !liveness::is_anybody_alive(&file)
        .map_err(|source| io_error(&path, "asking who uses the file", source))?;
    // A copy may have holes. Never while others use the file: where the file system can't reserve, the C library
    // rewrites a byte of every block.
    if alone && has_holes(&path, &file, header.size)? {
        reserve_space(&path, &file, header.size)?;
    }
    let boot_id = clock::boot_id();
    let same_boot = header.boot_id == boot_id;
    let same_file = header.device == identity.device && header.inode == identity.inode;
    if !both || alone && !(same_boot && same_file) {
        if alone {
            header.device = identity.device;
            header.inode = identity.inode;
            header.seal = None;
            if !same_boot {
                header.boot_id = boot_id;
                header.clock_offset = clock::offset_to_wall();
            }
        }
        header.generation += 1;
        header::write(&file, &header).map_err(|source| io_error(&path, "writing the header", source))?;
    }
    let liveness = match Liveness::begin(file, &map) {
        Ok(Some(liveness)) => liveness,
        Ok(None) => {
            return Err(place::refused(
                &path,
                "as many processes use it as it has places for; use several stores",
            ));
        }
        Err(source) => return Err(io_error(&path, "registering in the file", source)),
    };
    let store = Store {
        map,
        path,
        identity,
        liveness,
        lock_timeout: options.lock_timeout,
        hash_seed: header.hash_seed,
        secret: header.secret,
        clock_offset: header.clock_offset,
        removals: Arc::default(),
    };
    // What processes of this boot wrote to this file is in it, in whatever order they wrote it.
    let coherent = same_file && same_boot && boot_id != [0; 40];
    if alone && !(coherent && store.is_as_sealed(header.seal)) {
        match store.recover(if coherent { Blocks::Trusted } else { Blocks::Compared }) {
            Ok(0) => {}
            Ok(dropped) => {
                let text = format!(
                    "session store {}: {dropped} damaged entries were found and dropped",
                    store.path.display()
                );
                notice = Some(notice.map_or(text.clone(), |first| format!("{first}; {text}")));
            }
            Err(error) => {
                store.close();
                return Err(error);
            }
        }
    }
    if let Err(source) = liveness::unlock_opening(&store.liveness) {
        let error = io_error(&store.path, "unlocking the file", source);
        store.close();
        return Err(error);
    }
    Ok(Opened { store, notice })
}

/// What was done to a file that is in use, and that therefore nobody may build or use in place: those who have it
/// mapped go by what it was. Set aside, it is another file than the one at the path, which they notice.
fn spoiled(
    path: &Path,
    file: &File,
    identity: Identity,
    found: &header::Found,
    before: Option<&Store>,
) -> Result<Option<&'static str>, EngineError> {
    match found {
        // A dead initialiser's file has no users: they register after the header is there.
        header::Found::Nothing => Ok(liveness::is_anybody_alive(file)
            .map_err(|source| io_error(path, "asking who uses the file", source))?
            .then_some("it was emptied while it was in use")),
        found
            if before.is_some_and(|before| before.identity == identity && !before.is_described_by(found)) =>
        {
            Ok(Some("it was overwritten while it was in use"))
        }
        _ => Ok(None),
    }
}

impl Store {
    /// Whether a header that was found is the one of this store.
    pub(super) fn is_described_by(&self, found: &header::Found) -> bool {
        matches!(found, header::Found::Store { header, .. } if header.hash_seed == self.hash_seed
            && header.secret == self.secret
            && header.size == self.map.geometry.size)
    }

    /// Whether the file still has this store's header.
    pub(super) fn has_its_header(&self, length: u64) -> bool {
        header::inspect(&self.liveness.description, length).is_ok_and(|found| self.is_described_by(&found))
    }

    /// Gives back what the process holds of the file.
    pub(super) fn close(&self) {
        // SAFETY: the caller drops the store, or has seen to it that nobody works in it; no reference is left.
        unsafe { self.map.unmap() };
        self.liveness.end();
    }
}

fn lock_opening(path: &Path, file: &File, timeout: Duration) -> Result<(), EngineError> {
    let begun = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        match liveness::try_lock_opening(file) {
            Ok(true) => return Ok(()),
            Ok(false) if begun.elapsed() < timeout => thread::sleep(wait),
            Ok(false) => return Err(EngineError::Busy { holder: 0, waited: begun.elapsed() }),
            Err(source) => return Err(io_error(path, "locking the file", source)),
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Builds a store in the empty file. The header comes last, and with it the store is there.
fn build(
    path: &Path,
    file: &File,
    size: u64,
    identity: Identity,
    secret: Secret,
) -> Result<Header, EngineError> {
    let write_failed = |source| io_error(path, "building the store", source);
    // What a dead initialiser left goes first, so that everything is zero. Nobody uses the file: it has no header.
    file.set_len(0).map_err(write_failed)?;
    header::write_building(file).map_err(write_failed)?;
    if let Err(error) = reserve_space(path, file, size) {
        let _ = file.set_len(0);
        return Err(error);
    }
    let mut hash_seed = [0; 8];
    fill_random(&mut hash_seed)?;
    let header = Header {
        generation: 1,
        size,
        hash_seed: u64::from_le_bytes(hash_seed),
        secret,
        boot_id: clock::boot_id(),
        clock_offset: clock::offset_to_wall(),
        device: identity.device,
        inode: identity.inode,
        seal: None,
    };
    first_versions(file, size).map_err(write_failed)?;
    header::write(file, &header).map_err(write_failed)?;
    Ok(header)
}

/// Each shard counts its versions from a random number, so that a version of a store that was here before is none of
/// this one.
fn first_versions(file: &File, size: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt;

    let shards = Geometry::for_size(size).map_or(0, |geometry| geometry.shards);
    for shard in 0..shards {
        let mut version = [0; 8];
        fill_random(&mut version).map_err(io::Error::other)?;
        let at = Geometry::shard(shard) + std::mem::offset_of!(layout::ShardHeader, version) as u64;
        // The upper quarter stays zero: nobody counts that far.
        version[6..].fill(0);
        file.write_all_at(&version, at)?;
    }
    Ok(())
}

/// Has the file system keep all of the file's bytes: what is mapped can always be written, and a full file system is
/// an error here instead of a SIGBUS later (R15).
fn reserve_space(path: &Path, file: &File, size: u64) -> Result<(), EngineError> {
    let length = libc::off_t::try_from(size)
        .map_err(|_| io_error(path, "reserving its space", io::ErrorKind::FileTooLarge.into()))?;
    // Asked first, because an attempt that fails fills the file system for a moment, for everybody.
    let has = file.metadata().map_err(|source| io_error(path, "looking at the file", source))?.blocks() * 512;
    let system = rustix::fs::fstatvfs(file)
        .map_err(|error| io_error(path, "asking for the free space", error.into()))?;
    let needs = size.saturating_sub(has);
    if needs > system.f_bavail.saturating_mul(system.f_frsize) {
        return Err(no_space(path, size));
    }
    if is_in_memory(file)
        && let Some(allowance) = allowance::least().filter(|allowance| needs > allowance.left)
    {
        return Err(no_memory(path, size, &allowance));
    }
    loop {
        // SAFETY: plain integers, and a descriptor that lives over the call.
        let error = unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, length) };
        match error {
            0 => return Ok(()),
            libc::EINTR => {}
            libc::ENOSPC => return Err(no_space(path, size)),
            other => {
                return Err(io_error(path, "reserving its space", io::Error::from_raw_os_error(other)));
            }
        }
    }
}

fn has_holes(path: &Path, file: &File, size: u64) -> Result<bool, EngineError> {
    let metadata = file.metadata().map_err(|source| io_error(path, "looking at the file", source))?;
    Ok(metadata.blocks() * 512 < size)
}

fn no_space(path: &Path, size: u64) -> EngineError {
    let directory = path.parent().unwrap_or(path);
    let reason = format!(
        "{} has no room for the {size} bytes ({} MiB) of the store; free some, lower size=, or name another place",
        directory.display(),
        size >> 20
    );
    place::refused(path, &reason)
}

/// Whether what the file keeps is memory that can't be had back by writing it to a disk.
fn is_in_memory(file: &File) -> bool {
    rustix::fs::fstatfs(file).is_ok_and(|system| system.f_type == libc::TMPFS_MAGIC)
}

fn no_memory(path: &Path, size: u64, allowance: &Allowance) -> EngineError {
    let reason = format!(
        "it would be in memory, and the limit of this process ({} MiB, of which {} are left, by {}) has no room for the {size} \
         bytes ({} MiB) of the store; raise the limit, lower size=, or name a place on a disk",
        allowance.limit >> 20,
        allowance.left >> 20,
        allowance.said_by.display(),
        size >> 20
    );
    place::refused(path, &reason)
}

/// Renames a damaged store, so that nothing of it is lost and a new one can take its place.
fn set_aside(path: &Path, reason: &str) -> Result<String, EngineError> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".corrupt-{}", Timestamp::wall().as_secs()));
    let mut aside = PathBuf::from(aside);
    while fs::symlink_metadata(&aside).is_ok() {
        aside.as_mut_os_string().push("x");
    }
    fs::rename(path, &aside).map_err(|source| io_error(path, "setting the damaged file aside", source))?;
    Ok(format!(
        "session store {} was damaged ({reason}): it was set aside as {}, and a new, empty store was made",
        path.display(),
        aside.display()
    ))
}

fn damaged(path: &Path, offset: u64, reason: &str) -> EngineError {
    EngineError::Damaged { path: path.into(), offset, reason: reason.into() }
}
