//! The bytes of a store's file, as docs/format-store.md has them: seen from outside, kept, and put back.

use std::{
    fs::File,
    os::{fd::AsRawFd, unix::fs::FileExt},
    path::Path,
};

/// Counts lives, and must never go back: where it stands is not put back.
const REGISTRY: std::ops::Range<usize> = 8192..24_576;
const SHARDS: usize = 45_056;
const SHARD_BYTES: usize = 512;
const SHARD_DIRTY: usize = 8;
const SHARD_VERSION: usize = 16;
const HEADER_SEED: u64 = 0x686f_6c64_6661_7374;

/// A file as it was, and as it is.
pub struct Image {
    file: File,
    kept: Vec<u8>,
    seen: *const u8,
}

impl Image {
    /// Keeps what `path` has.
    pub fn of(path: &Path) -> Self {
        let file = File::options().read(true).write(true).open(path).unwrap();
        let kept = std::fs::read(path).unwrap();
        // SAFETY: a new mapping of the whole file, which nobody shortens.
        let seen = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                kept.len(),
                libc::PROT_READ,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        assert_ne!(seen, libc::MAP_FAILED);
        Self { file, kept, seen: seen.cast() }
    }

    /// Makes the file what it was. Nobody is working in it.
    pub fn put_back(&self) {
        self.file.write_all_at(&self.kept[..REGISTRY.start], 0).unwrap();
        self.file.write_all_at(&self.kept[REGISTRY.end..], REGISTRY.end as u64).unwrap();
    }

    /// The file as it is; whoever writes to it stands still.
    pub fn seen(&self) -> &[u8] {
        // SAFETY: mapped until `self` is dropped; the only process that writes is stopped by its tracer.
        unsafe { std::slice::from_raw_parts(self.seen, self.kept.len()) }
    }

    /// Whether a change is going on in a shard.
    pub fn is_dirty(&self) -> bool {
        shards(self.kept.len()).any(|shard| self.seen()[shard + SHARD_DIRTY] != 0)
    }

    /// How often the locks of shards were taken.
    pub fn acquisitions(&self) -> u64 {
        let count = |shard| u32::from_le_bytes(self.seen()[shard + 4..shard + 8].try_into().unwrap());
        shards(self.kept.len()).map(|shard| u64::from(count(shard))).sum()
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // SAFETY: the mapping that `of` made; no reference outlives `self`.
        unsafe { libc::munmap(self.seen.cast_mut().cast(), self.kept.len()) };
    }
}

/// Makes the header of a file in memory one of another boot, whose clock was somewhere else.
pub fn reboot(bytes: &mut [u8]) {
    for copy in [0, 4096] {
        bytes[copy + 88..copy + 128].copy_from_slice(&[b'x'; 40]);
        bytes[copy + 128..copy + 136].copy_from_slice(&17_u64.to_le_bytes());
        let checksum = xxhash_rust::xxh3::xxh3_64_with_seed(&bytes[copy..copy + 184], HEADER_SEED);
        bytes[copy + 184..copy + 192].copy_from_slice(&checksum.to_le_bytes());
    }
}

/// Where the headers of the shards stand in a file of so many bytes.
pub fn shards(length: usize) -> impl Iterator<Item = usize> {
    let shards = length.div_ceil(4 << 20).next_power_of_two().clamp(2, 64);
    (0..shards).map(|shard| SHARDS + shard * SHARD_BYTES)
}

/// The version of the latest commit to the shard at `shard`.
pub fn version(bytes: &[u8], shard: usize) -> u64 {
    let at = shard + SHARD_VERSION;
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// How often a place of the registry was given to somebody.
pub fn generation(bytes: &[u8], place: u64) -> u32 {
    let at = REGISTRY.start + place as usize * 8;
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// The place that a process was given last.
pub fn place_of(bytes: &[u8], process: u32) -> Option<u64> {
    bytes[REGISTRY].chunks(8).position(|place| place[4..] == process.to_le_bytes()).map(|place| place as u64)
}
