//! A block: one session as it stands in the file. Its root is a slab object: a header, and the record or the record's
//! tail; what does not fit there stands in chained pages.

use std::{
    hash::Hasher,
    sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed},
};

use twox_hash::XxHash3_64;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    index::Address,
    layout::{CLASSES, GRAIN, PAGE, class_for},
    lock::{Change, ShardGuard},
    pages::{Kind, PageWord},
    store::Store,
};
use crate::{
    engine::{MAX_RECORD_BYTES, Owner, Summary, Version, Write},
    key::Key,
    time::Timestamp,
};

const MAGIC: u32 = 0x4b4c_4248;
pub(super) const HEADER_BYTES: u64 = size_of::<BlockHeader>() as u64;
const MAX_CHAIN: u64 = (MAX_RECORD_BYTES as u64).div_ceil(PAGE);

#[repr(C)]
pub(super) struct BlockHeader {
    magic: AtomicU32,
    length: AtomicU32,
    version: AtomicU64,
    key: [AtomicU64; 4],
    owner: AtomicU64,
    /// Outside of the checksum, as the next one, so that one store changes it.
    pub(super) expires: AtomicU64,
    /// When the session was last loaded, committed or touched.
    pub(super) used: AtomicU64,
    first_page: AtomicU32,
    chain_pages: AtomicU16,
    class: AtomicU8,
    zero: AtomicU8,
    checksum: AtomicU64,
}
const _: () = assert!(size_of::<BlockHeader>() == 88 && align_of::<BlockHeader>() == 8);
const _: () = assert!(std::mem::offset_of!(BlockHeader, expires) == 56);
const _: () = assert!(std::mem::offset_of!(BlockHeader, checksum) == 80);
const _: () = assert!(HEADER_BYTES <= CLASSES[1] as u64 && MAX_CHAIN < u16::MAX as u64);

/// What is stored is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damage;

/// How the bytes of a record are spread: pages of a chain first, the rest in the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) chain_pages: u32,
    pub(super) class: u8,
}

impl Shape {
    /// The shape that wastes least for a record of `length` bytes.
    pub(super) fn of(length: u64) -> Self {
        let whole = (length / PAGE) as u32;
        let tail = length % PAGE;
        match class_for(HEADER_BYTES + length) {
            Some(class) => Self { chain_pages: 0, class },
            None => match class_for(HEADER_BYTES + tail) {
                Some(class) => Self { chain_pages: whole, class },
                None => Self { chain_pages: whole + 1, class: 1 },
            },
        }
    }

    /// The shape for `length` bytes in what a block of this shape, and of no fewer bytes, occupies.
    pub(super) fn shrunk_to(self, length: u64) -> Self {
        let chain_pages = self.chain_pages.min(length.div_ceil(PAGE) as u32);
        Self { chain_pages, class: self.class }
    }

    pub(super) fn bytes(self) -> u64 {
        u64::from(self.chain_pages) * PAGE + u64::from(CLASSES[usize::from(self.class)])
    }

    fn tail(self, length: u64) -> u64 {
        length.saturating_sub(u64::from(self.chain_pages) * PAGE)
    }
}

/// The header of a block, as it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    /// The block's offset in the file / 64.
    pub(super) grain: u32,
    pub(super) length: u32,
    pub(super) version: u64,
    pub(super) key: Key,
    pub(super) owner: Owner,
    pub(super) expires: Timestamp,
    pub(super) used: Timestamp,
    pub(super) first_page: u32,
    pub(super) shape: Shape,
    checksum: u64,
}

impl Head {
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires
    }

    pub(super) fn offset(&self) -> u64 {
        u64::from(self.grain) * GRAIN
    }

    /// The bytes of the record that stand in the root.
    pub(super) fn tail(&self) -> u64 {
        self.shape.tail(u64::from(self.length))
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            key: self.key,
            version: Version(self.version),
            expires: self.expires,
            owner: self.owner,
            bytes: self.length.into(),
        }
    }

    /// Whether `record` is what was written with this header.
    pub(super) fn is_intact(&self, record: &[u8]) -> bool {
        self.checksum == self.checksum_over(data_hash(record))
    }

    fn checksum_over(&self, data_hash: u64) -> u64 {
        let mut mixed = [0; 56];
        mixed[..32].copy_from_slice(self.key.as_bytes());
        mixed[32..40].copy_from_slice(&self.version.to_le_bytes());
        mixed[40..48].copy_from_slice(&self.owner.0.to_le_bytes());
        mixed[48..52].copy_from_slice(&self.length.to_le_bytes());
        mixed[52..55].copy_from_slice(&self.shape.chain_pages.to_le_bytes()[..3]);
        mixed[55] = self.shape.class;
        xxh3_64_with_seed(&mixed, data_hash)
    }
}

/// The hash of a record's bytes: costs what the record is long, so it is made outside of any lock.
pub(super) fn data_hash(record: &[u8]) -> u64 {
    XxHash3_64::oneshot(record)
}

impl Store {
    /// The block at `grain`, unchecked; `None` where none can be.
    #[inline]
    fn unchecked(&self, grain: u32) -> Option<&BlockHeader> {
        let offset = u64::from(grain) * GRAIN;
        self.map.geometry.page_of(offset + HEADER_BYTES - 1)?;
        self.map.geometry.page_of(offset)?;
        Some(self.map.block(offset))
    }

    /// The owner that stands in the block at `grain`, unchecked; 0 where no block can be.
    #[inline]
    pub(super) fn block_owner(&self, grain: u32) -> u64 {
        self.unchecked(grain).map_or(0, |block| block.owner.load(Relaxed))
    }

    /// Asks the processor for the header of the block at `grain`, where one can be; reads nothing.
    #[inline]
    pub(super) fn fetch_header(&self, grain: u32) {
        if self.unchecked(grain).is_some() {
            self.map.fetch(u64::from(grain) * GRAIN, HEADER_BYTES);
        }
    }

    /// Reads the header of the block at `grain`. What it says stays within its page and within the store's bounds.
    #[inline]
    pub(super) fn head(&self, grain: u32) -> Result<Head, Damage> {
        let offset = u64::from(grain) * GRAIN;
        let page = self.map.geometry.page_of(offset).ok_or(Damage)?;
        let within = offset - self.map.geometry.page(page);
        if within + HEADER_BYTES > PAGE {
            return Err(Damage);
        }
        let block = self.map.block(offset);
        if block.magic.load(Relaxed) != MAGIC {
            return Err(Damage);
        }
        let mut key = [0; 32];
        for (to, from) in key.chunks_exact_mut(8).zip(&block.key) {
            to.copy_from_slice(&from.load(Relaxed).to_le_bytes());
        }
        let head = Head {
            grain,
            length: block.length.load(Relaxed),
            version: block.version.load(Relaxed),
            key: Key::from_bytes(key),
            owner: Owner(block.owner.load(Relaxed)),
            expires: Timestamp::from_millis(block.expires.load(Relaxed)),
            used: Timestamp::from_millis(block.used.load(Relaxed)),
            first_page: block.first_page.load(Relaxed),
            shape: Shape {
                chain_pages: block.chain_pages.load(Relaxed).into(),
                class: block.class.load(Relaxed),
            },
            checksum: block.checksum.load(Relaxed),
        };
        let size = CLASSES.get(usize::from(head.shape.class)).copied().map_or(0, u64::from);
        let fits = HEADER_BYTES + head.tail() <= size
            && within.is_multiple_of(size)
            && within + size <= PAGE
            && u64::from(head.length) <= MAX_RECORD_BYTES as u64
            && u64::from(head.shape.chain_pages) <= MAX_CHAIN;
        if fits { Ok(head) } else { Err(Damage) }
    }

    /// Walks the chain of a block, whoever owns its pages; `each` may end the walk with an error.
    pub(super) fn walk_chain(
        &self,
        head: &Head,
        mut each: impl FnMut(u32, PageWord) -> Result<(), Damage>,
    ) -> Result<(), Damage> {
        let mut page = head.first_page;
        for left in (0..head.shape.chain_pages).rev() {
            if page >= self.map.geometry.pages {
                return Err(Damage);
            }
            let word = self.page_word(page);
            each(page, word)?;
            match word.next {
                Some(next) if left > 0 => page = next,
                None if left == 0 => {}
                _ => return Err(Damage),
            }
        }
        Ok(())
    }

    /// Whether the block's bytes are what was written; the caller is alone, or holds the lock of the block's shard.
    pub(super) fn is_block_intact(&self, head: &Head) -> bool {
        let mut hash = XxHash3_64::new();
        let mut piece = Vec::with_capacity(PAGE as usize);
        let mut left = u64::from(head.length);
        let walked = self.walk_chain(head, |page, _| {
            let count = left.min(PAGE);
            piece.clear();
            self.map.copy_out(self.map.geometry.page(page), count as usize, &mut piece);
            hash.write(&piece);
            left -= count;
            Ok(())
        });
        if walked.is_err() {
            return false;
        }
        piece.clear();
        self.map.copy_out(head.offset() + HEADER_BYTES, left as usize, &mut piece);
        hash.write(&piece);
        head.checksum == head.checksum_over(hash.finish())
    }
}

impl ShardGuard<'_> {
    /// Appends the record of a block of this shard to `to`. It may still fail its checksum.
    pub(super) fn copy_record(&self, head: &Head, to: &mut Vec<u8>) -> Result<(), Damage> {
        self.copy_beginning(head, head.length as usize, to)
    }

    /// As [`ShardGuard::copy_record`], the first `bytes` of it, which are not more than it has.
    pub(super) fn copy_beginning(&self, head: &Head, bytes: usize, to: &mut Vec<u8>) -> Result<(), Damage> {
        let map = &self.store.map;
        let mut left = bytes as u64;
        self.store.walk_chain(head, |page, word| {
            if word.owner != Some(self.shard) || word.kind != Kind::Chain {
                return Err(Damage);
            }
            let count = left.min(PAGE);
            map.copy_out(map.geometry.page(page), count as usize, to);
            left -= count;
            Ok(())
        })?;
        map.copy_out(head.offset() + HEADER_BYTES, left as usize, to);
        Ok(())
    }

    /// The first two bytes of a record, with 0 for each that it does not have. They may be damaged.
    pub(super) fn first_bytes(&self, head: &Head) -> [u8; 2] {
        let geometry = &self.store.map.geometry;
        let at = match head.shape.chain_pages {
            0 => head.offset() + HEADER_BYTES,
            _ if head.first_page < geometry.pages => geometry.page(head.first_page),
            _ => return [0; 2],
        };
        match head.length {
            0 => [0; 2],
            1 => [self.store.map.byte(at), 0],
            _ => [self.store.map.byte(at), self.store.map.byte(at + 1)],
        }
    }

    /// Fills a block that nobody refers to yet: `grain` is an object of the shape's class, `first_page` a chain of the
    /// shape's length.
    #[expect(clippy::too_many_arguments, reason = "they are the block's fields")]
    pub(super) fn write_block(
        &self,
        _: &Change<'_>,
        grain: u32,
        shape: Shape,
        first_page: u32,
        address: &Address,
        version: u64,
        write: &Write<'_>,
        data_hash: u64,
        now: Timestamp,
    ) -> Result<(), Damage> {
        let map = &self.store.map;
        let head = Head {
            grain,
            length: write.record.len() as u32,
            version,
            key: address.key,
            owner: write.owner,
            expires: write.expires,
            used: now,
            first_page,
            shape,
            checksum: 0,
        };
        let mut left = write.record;
        self.store.walk_chain(&head, |page, _| {
            let (piece, rest) = left.split_at(left.len().min(PAGE as usize));
            map.copy_in(map.geometry.page(page), piece);
            left = rest;
            Ok(())
        })?;
        map.copy_in(head.offset() + HEADER_BYTES, left);
        let block = map.block(head.offset());
        block.magic.store(MAGIC, Relaxed);
        block.length.store(head.length, Relaxed);
        block.version.store(version, Relaxed);
        for (to, from) in block.key.iter().zip(address.key.as_bytes().as_chunks().0) {
            to.store(u64::from_le_bytes(*from), Relaxed);
        }
        block.owner.store(head.owner.0, Relaxed);
        block.expires.store(head.expires.as_millis(), Relaxed);
        block.used.store(now.as_millis(), Relaxed);
        block.first_page.store(first_page, Relaxed);
        block.chain_pages.store(shape.chain_pages as u16, Relaxed);
        block.class.store(shape.class, Relaxed);
        block.zero.store(0, Relaxed);
        block.checksum.store(head.checksum_over(data_hash), Relaxed);
        Ok(())
    }

    /// Notes that a session is in use.
    #[inline]
    pub(super) fn note_use(&self, head: &Head, now: Timestamp) {
        if head.used < now {
            self.store.map.block(head.offset()).used.store(now.as_millis(), Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_holds_its_record_and_so_does_what_it_shrinks_to() {
        let mut lengths: Vec<u64> = (0..20_000).collect();
        lengths.extend([65_535, 65_536, 65_537, 1 << 20, MAX_RECORD_BYTES as u64]);
        for &length in &lengths {
            let shape = Shape::of(length);
            let size = u64::from(CLASSES[usize::from(shape.class)]);
            assert!(HEADER_BYTES + shape.tail(length) <= size, "{length}");
            for smaller in [0, 1, length / 2, length.saturating_sub(1), length.saturating_sub(4096), length] {
                let smaller = smaller.min(length);
                let shrunk = shape.shrunk_to(smaller);
                assert!(shrunk.chain_pages <= shape.chain_pages);
                assert!(HEADER_BYTES + shrunk.tail(smaller) <= size, "{length} {smaller}");
            }
        }
    }
}
