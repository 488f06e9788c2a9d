//! Where everything stands in the file: arithmetic only. `docs/format-store.md` draws it.

use std::{
    ptr,
    sync::atomic::{AtomicU32, AtomicU64},
};

#[cfg(not(all(target_endian = "little", target_pointer_width = "64")))]
compile_error!("the shared engine's file holds little-endian 64-bit words that processes use in place");

/// The version of the file's layout, as a built library has it: tests change it there, to have another version's build.
#[repr(C)]
struct BuiltFormat {
    text: [u8; 28],
    number: u32,
}
static BUILT: BuiltFormat = BuiltFormat { text: *b"Holdfast's store has format ", number: FORMAT };

/// Whatever changes the meaning of a byte changes this number.
const FORMAT: u32 = 1;

/// The version of the file's layout.
pub(super) fn format() -> u32 {
    // SAFETY: a static that nobody writes. Volatile: the number is read from the library, not known to the code.
    unsafe { ptr::from_ref(&BUILT.number).read_volatile() }
}

pub(super) const PAGE: u64 = 4096;
/// Blocks and objects stand at multiples of this.
pub(super) const GRAIN: u64 = 64;
pub(super) const MIN_SIZE: u64 = 1 << 20;
/// Slots address blocks by a 32-bit number of grains.
pub(super) const MAX_SIZE: u64 = (1 << 32) * GRAIN;

/// The two copies of the header, one page each.
pub(super) const HEADERS: [u64; 2] = [0, PAGE];
const REGISTRY: u64 = 2 * PAGE;
/// Processes (times stores that each has open) that can use one file at once. A lock word has 12 bits for it.
pub(super) const REGISTRY_SLOTS: u32 = 2048;
const CONTROL: u64 = REGISTRY + REGISTRY_SLOTS as u64 * size_of::<RegistrySlot>() as u64;
const QUEUES: u64 = CONTROL + PAGE;
/// Queues for the locks of sessions; a session's hash chooses its queue.
pub(super) const QUEUE_COUNT: u32 = 1024;
const SHARDS: u64 = QUEUES + QUEUE_COUNT as u64 * size_of::<Queue>() as u64;

/// Sizes of slab objects. The first is for overflow lines only.
pub(super) const CLASSES: [u16; 14] =
    [64, 128, 192, 256, 320, 384, 448, 512, 576, 640, 768, 1024, 1344, 2048];
pub(super) const LINE_CLASS: u8 = 0;
pub(super) const CLASS_COUNT: usize = CLASSES.len();

/// How many objects of `class` a page holds.
pub(super) const fn objects_per_page(class: u8) -> u32 {
    PAGE as u32 / CLASSES[class as usize] as u32
}

/// The bitmap of a slab page of `class` whose objects are all in use.
pub(super) const fn full_bitmap(class: u8) -> u64 {
    match objects_per_page(class) {
        64 => u64::MAX,
        n => (1 << n) - 1,
    }
}

/// The smallest class of blocks that takes `bytes`; `None` above the largest.
pub(super) fn class_for(bytes: u64) -> Option<u8> {
    let class = CLASSES.iter().skip(1).position(|&size| bytes <= u64::from(size))?;
    u8::try_from(class + 1).ok()
}

/// Who lives at one place of the registry. Alive is who holds the write lock on byte `LIVENESS + place`.
#[repr(C)]
pub(super) struct RegistrySlot {
    /// Counts the registrations of this place and never goes back.
    pub(super) generation: AtomicU32,
    /// The process's id as it sees itself: for messages only.
    pub(super) pid: AtomicU32,
}
const _: () = assert!(size_of::<RegistrySlot>() == 8 && REGISTRY_SLOTS < (1 << 12) - 1);

/// State of the whole store that changes while it is in use.
#[repr(C)]
pub(super) struct Control {
    /// A lock word as in [`ShardHeader`]: who may take pages of the reserve and change its target.
    pub(super) reserve_lock: AtomicU64,
    /// Pages that the reserve shall have: no stored chain is longer. 0 while it is found out anew.
    pub(super) reserve_target: AtomicU32,
    /// Pages that the reserve has; counted anew after its lock's holder died.
    pub(super) reserve_pages: AtomicU32,
    /// 1 while the holder of `reserve_lock` changes the two figures above.
    pub(super) reserve_dirty: AtomicU64,
    /// The word of the hint bitmap at which the reserve looks for free pages.
    pub(super) reserve_rover: AtomicU32,
    /// The shard at which the next search for guests begins.
    pub(super) eviction_shard: AtomicU32,
    /// Sessions that were dropped because their bytes were damaged.
    pub(super) damaged: AtomicU32,
    /// 1 once anything was repaired since the last recovery: then the file is not sealed, so that it is recovered again.
    pub(super) mended: AtomicU32,
    /// When the reserve was last measured.
    pub(super) reserve_measured: AtomicU64,
}
const _: () = assert!(size_of::<Control>() <= PAGE as usize);

/// Where requests that wait for the lock of a session meet, those for other sessions of the same queue included. None
/// of it is true for longer than a moment: who holds a lock and who waits is known to the kernel alone.
#[repr(C)]
pub(super) struct Queue {
    /// The ticket of the next waiter.
    pub(super) next_ticket: AtomicU32,
    /// Changes whenever a lock becomes free or a waiter leaves: the futex that waiters sleep on.
    pub(super) turn: AtomicU32,
    /// Somebody may be waiting until then, in milliseconds of the clock that never steps.
    pub(super) waited_until: AtomicU64,
}
const _: () = assert!(size_of::<Queue>() == 16 && SHARDS.is_multiple_of(PAGE));

/// One shard: its lock, and what is derived from its part of the index.
#[repr(C, align(512))]
pub(super) struct ShardHeader {
    /// acquisitions:32 | waiters:1 | 0:1 | generation:18 | place+1:12. The low half is the futex; 0 there is free.
    pub(super) lock: AtomicU64,
    /// 1 while the holder of the lock changes anything: whoever gets the lock then repairs first.
    pub(super) dirty: AtomicU64,
    /// The version of the shard's latest commit.
    pub(super) version: AtomicU64,
    /// No session of this shard ends before this point in time.
    pub(super) first_expiry: AtomicU64,
    /// The same for the part of the shard that the current pass of the sweep has seen.
    pub(super) pass_expiry: AtomicU64,
    /// The index line at which the sweep goes on.
    pub(super) sweep_line: AtomicU32,
    /// The word of the hint bitmap at which the search for a free page begins.
    pub(super) rover: AtomicU32,
    /// Pages of the longest chain since the last count.
    pub(super) longest_chain: AtomicU32,
    /// Pages that were taken from the reserve and not yet given back.
    pub(super) reserve_debt: AtomicU32,
    /// Sessions in the index.
    pub(super) sessions: AtomicU64,
    /// Bytes of objects in use and of chained pages.
    pub(super) used_bytes: AtomicU64,
    /// Sessions in the index that are guests'.
    pub(super) guests: AtomicU64,
    /// Per class: page number + 1 of the first page with a free object, or 0.
    pub(super) partial: [AtomicU32; CLASS_COUNT],
    /// Per class: slab pages.
    pub(super) slab_pages: [AtomicU32; CLASS_COUNT],
    /// Per class: objects in use.
    pub(super) objects: [AtomicU32; CLASS_COUNT],
    pub(super) commits: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) expired: AtomicU64,
    pub(super) evicted: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) recovered_locks: AtomicU64,
    pub(super) repairs: AtomicU64,
    /// When a commit last went on with the sweep. A time that never was costs one sweep that is longer or shorter.
    pub(super) swept_at: AtomicU64,
    pub(super) merges: AtomicU64,
    pub(super) throttled: AtomicU64,
    /// How often a lock of this shard was not free at the first look.
    pub(super) waits: AtomicU64,
}
const _: () = assert!(size_of::<ShardHeader>() == 512 && align_of::<ShardHeader>() == 512);
const _: () = assert!(std::mem::offset_of!(ShardHeader, lock) == 0);
const _: () = assert!(std::mem::offset_of!(ShardHeader, partial) == 80);
const _: () = assert!(std::mem::offset_of!(ShardHeader, commits) == 248);

/// Slots of the index in one cache line: 7 sessions and a link to an overflow line.
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [AtomicU64; 8]);
pub(super) const SLOTS_PER_LINE: usize = 7;
/// The place of the link in a line.
pub(super) const LINK: usize = 7;
const _: () = assert!(size_of::<Line>() as u64 == GRAIN && CLASSES[LINE_CLASS as usize] as u64 == GRAIN);

/// What the owner of a page notes of it. Only the holder of the owner shard's lock reads or writes it.
#[repr(C)]
pub(super) struct PageMeta {
    /// Slab pages: a bit per object in use.
    pub(super) used: AtomicU64,
    /// Repair: a bit per object found in use, or 1 for a chained page.
    pub(super) mark: AtomicU64,
    /// Partial list: page number + 1, or 0.
    pub(super) next: AtomicU32,
    pub(super) previous: AtomicU32,
}
const _: () = assert!(size_of::<PageMeta>() == 24 && align_of::<PageMeta>() == 8);

/// Where each section begins, and how many things it has. It follows from the size of the file alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) size: u64,
    pub(super) shards: u32,
    pub(super) lines_per_shard: u32,
    pub(super) pages: u32,
    index: u64,
    words: u64,
    meta: u64,
    hints: u64,
    data: u64,
}

impl Geometry {
    /// The geometry of a file of `size` bytes, which is a whole number of pages within [`MIN_SIZE`] and [`MAX_SIZE`].
    pub(super) fn for_size(size: u64) -> Option<Self> {
        if !(MIN_SIZE..=MAX_SIZE).contains(&size) || !size.is_multiple_of(PAGE) {
            return None;
        }
        // Few shards in a small file: each keeps partly filled pages of its own.
        let shards = u32::try_from((size / (4 << 20)).next_power_of_two().clamp(2, 64)).ok()?;
        let lines_per_shard = u32::try_from(size / 32 / GRAIN / u64::from(shards)).ok()?;
        let index = SHARDS + whole_pages(u64::from(shards) * size_of::<ShardHeader>() as u64);
        let words = index + whole_pages(u64::from(shards) * u64::from(lines_per_shard) * GRAIN);
        let mut pages = (size - words) / PAGE;
        loop {
            let meta = words + whole_pages(pages * 8);
            let hints = meta + whole_pages(pages * size_of::<PageMeta>() as u64);
            let data = hints + whole_pages(pages.div_ceil(64) * 8);
            if data + pages * PAGE <= size {
                let pages = u32::try_from(pages).ok()?;
                return Some(Self { size, shards, lines_per_shard, pages, index, words, meta, hints, data });
            }
            pages -= 1;
        }
    }

    pub(super) fn registry_slot(place: u32) -> u64 {
        REGISTRY + u64::from(place) * size_of::<RegistrySlot>() as u64
    }

    pub(super) const fn control() -> u64 {
        CONTROL
    }

    pub(super) const fn queue(number: u32) -> u64 {
        QUEUES + number as u64 * size_of::<Queue>() as u64
    }

    pub(super) fn shard(shard: u32) -> u64 {
        SHARDS + u64::from(shard) * size_of::<ShardHeader>() as u64
    }

    pub(super) fn line(&self, shard: u32, line: u32) -> u64 {
        self.index + (u64::from(shard) * u64::from(self.lines_per_shard) + u64::from(line)) * GRAIN
    }

    pub(super) fn word(&self, page: u32) -> u64 {
        self.words + u64::from(page) * 8
    }

    pub(super) fn meta(&self, page: u32) -> u64 {
        self.meta + u64::from(page) * size_of::<PageMeta>() as u64
    }

    pub(super) fn hint_words(&self) -> u32 {
        self.pages.div_ceil(64)
    }

    pub(super) fn hint(&self, word: u32) -> u64 {
        self.hints + u64::from(word) * 8
    }

    pub(super) fn page(&self, page: u32) -> u64 {
        self.data + u64::from(page) * PAGE
    }

    /// The page that the byte at `offset` lies in; `None` outside of the pages.
    pub(super) fn page_of(&self, offset: u64) -> Option<u32> {
        let page = offset.checked_sub(self.data)? / PAGE;
        u32::try_from(page).ok().filter(|&page| page < self.pages)
    }
}

const fn whole_pages(bytes: u64) -> u64 {
    bytes.div_ceil(PAGE) * PAGE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_do_not_overlap_and_fill_the_file() {
        let mut size = MIN_SIZE;
        while size <= 4 << 30 {
            for size in [size, size + PAGE, size + 13 * PAGE] {
                let g = Geometry::for_size(size).unwrap();
                assert!(Geometry::shard(g.shards) <= g.index);
                assert!(g.line(g.shards, 0) <= g.words, "{g:?}");
                assert!(g.word(g.pages) <= g.meta);
                assert!(g.meta(g.pages) <= g.hints);
                assert!(g.hint(g.hint_words()) <= g.data);
                assert!(g.page(g.pages) <= size && g.page(g.pages) + 2 * PAGE > size, "{g:?}");
                assert_eq!(g.page_of(g.page(g.pages - 1) + 4095), Some(g.pages - 1));
                assert_eq!(g.page_of(g.page(g.pages)), None);
                assert_eq!(g.page_of(g.page(0) - 1), None);
            }
            size *= 2;
        }
        assert!(Geometry::for_size(MIN_SIZE - PAGE).is_none());
        assert!(Geometry::for_size(MIN_SIZE + 1).is_none());
    }

    #[test]
    fn a_class_is_the_smallest_that_fits() {
        assert_eq!(class_for(1), Some(1));
        assert_eq!(class_for(128), Some(1));
        assert_eq!(class_for(129), Some(2));
        assert_eq!(class_for(2048), Some(13));
        assert_eq!(class_for(2049), None);
    }
}
