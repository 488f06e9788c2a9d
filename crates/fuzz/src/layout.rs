//! The store's file as docs/format-store.md has it, read from the outside: a second opinion of where things stand.

use std::ops::Range;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The file that all of this is about.
pub const SIZE: usize = 1 << 20;
pub const HEADERS: [usize; 2] = [0, 4096];
pub const HEADER_BYTES: usize = 192;
const SEALED: usize = 184;
/// "a fixed seed": what the first 8 letters of the name are.
const HEADER_SEED: u64 = u64::from_be_bytes(*b"\0\0holdfa") << 16 | 0x7374;
pub const REGISTRY: usize = 8192;
pub const CONTROL: usize = 24576;
pub const SHARDS: Range<usize> = 45056..45056 + 2 * 512;
pub const INDEX: Range<usize> = 49152..49152 + SIZE / 32;
pub const PAGE: usize = 4096;
pub const CLASSES: [u16; 14] = [64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 768, 1024, 1344, 2048];
const BLOCK_HEADER: usize = 88;

/// Page map, notes, hint bitmap, pages: the sections behind the index.
pub struct Sections {
    pub count: usize,
    pub words: usize,
    pub notes: usize,
    pub hints: usize,
    pub pages: usize,
}

/// "As many pages as the rest holds."
pub fn sections() -> Sections {
    let whole = |bytes: usize| bytes.div_ceil(PAGE) * PAGE;
    let words = INDEX.end;
    let mut count = (SIZE - words) / PAGE;
    loop {
        let notes = words + whole(count * 8);
        let hints = notes + whole(count * 24);
        let pages = hints + whole(count.div_ceil(64) * 8);
        if pages + count * PAGE <= SIZE {
            return Sections { count, words, notes, hints, pages };
        }
        count -= 1;
    }
}

/// The line of its shard that a key belongs to.
pub fn line_of(key: &[u8], seed: u64) -> u64 {
    ((xxh3_64_with_seed(key, seed) >> 16 & 0xffff_ffff) * (INDEX.len() as u64 / 64 / 2)) >> 32
}

pub fn word(image: &[u8], at: usize) -> u64 {
    image.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

pub fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = image.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

/// Puts the checksum of a header's copy in order.
pub fn seal_header(image: &mut [u8], copy: usize) {
    if let Some(bytes) = image.get(copy..copy + SEALED) {
        let checksum = xxh3_64_with_seed(bytes, HEADER_SEED);
        put(image, copy + SEALED, &checksum.to_le_bytes());
    }
}

/// Whether a header's copy has its checksum.
pub fn is_sealed(image: &[u8], copy: usize) -> bool {
    let mut bytes = image[copy..copy + HEADER_BYTES].to_vec();
    seal_header(&mut bytes, 0);
    bytes == image[copy..copy + HEADER_BYTES]
}

/// The place in the file that the word of a slot or link names.
pub fn place_of(word: u64) -> usize {
    usize::try_from(word & 0xffff_ffff).unwrap_or_default() * 64
}

/// The record of the block at `at`, as far as its chain can be followed.
pub fn record_of(image: &[u8], at: usize) -> Vec<u8> {
    let Sections { count, words, pages, .. } = sections();
    let length = (word(image, at) >> 32) as usize;
    let [first, chained] =
        [word(image, at + 72) as u32 as usize, (word(image, at + 72) >> 32) as usize & 0xffff];
    let mut record = Vec::new();
    let mut page = first;
    for _ in 0..chained {
        if page >= count || record.len() >= length {
            break;
        }
        let left = (length - record.len()).min(PAGE);
        record.extend_from_slice(
            image.get(pages + page * PAGE..pages + page * PAGE + left).unwrap_or_default(),
        );
        page = ((word(image, words + page * 8) >> 32) as usize).wrapping_sub(1);
    }
    let left = length.saturating_sub(record.len()).min(2048);
    record.extend_from_slice(image.get(at + BLOCK_HEADER..at + BLOCK_HEADER + left).unwrap_or_default());
    record
}

/// Puts the checksum of the block at `at` in order: whatever it says is then what was written.
pub fn seal_block(image: &mut [u8], at: usize) {
    let Some(checksum) = block_checksum(image, at) else { return };
    put(image, at + 80, &checksum.to_le_bytes());
}

/// What the checksum of the block at `at` has to be: over key, version, owner, length, pages of the chain and class,
/// seeded with that of the record.
pub fn block_checksum(image: &[u8], at: usize) -> Option<u64> {
    let head = image.get(at..at + BLOCK_HEADER)?;
    let record = xxh3_64(&record_of(image, at));
    let mixed =
        [&head[16..48], &head[8..16], &head[48..56], &head[4..8], &[head[76], head[77], 0], &head[78..79]]
            .concat();
    Some(xxh3_64_with_seed(&mixed, record))
}
