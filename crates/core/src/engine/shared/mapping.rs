//! The file in memory, and the only casts from its bytes to what stands in them.

use std::{
    fs::File,
    io,
    ops::Range,
    os::fd::AsFd,
    ptr,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

use rustix::mm::{Advice, MapFlags, ProtFlags};

use super::layout::{Control, GRAIN, Geometry, Line, PAGE, PageMeta, RegistrySlot, ShardHeader};

/// A shared mapping of the whole file. It holds offsets, never pointers, so it may lie anywhere.
#[derive(Debug)]
pub(super) struct Mapping {
    base: *mut u8,
    pub(super) geometry: Geometry,
    unmapped: AtomicBool,
}

// SAFETY: everything that is shared through the mapping is an atomic, or is copied under the lock of its shard.
unsafe impl Send for Mapping {}
// SAFETY: as for Send.
unsafe impl Sync for Mapping {}

/// What may stand at any place of the file, whatever bytes are there.
///
/// # Safety
/// Every bit pattern is a value, and all fields are atomics, so that another process may write at any time.
unsafe trait InFile {}
// SAFETY: integers as atomics.
unsafe impl InFile for AtomicU64 {}
// SAFETY: integers as atomics.
unsafe impl InFile for RegistrySlot {}
// SAFETY: integers as atomics.
unsafe impl InFile for Control {}
// SAFETY: integers as atomics.
unsafe impl InFile for ShardHeader {}
// SAFETY: integers as atomics.
unsafe impl InFile for Line {}
// SAFETY: integers as atomics.
unsafe impl InFile for PageMeta {}
// SAFETY: integers as atomics.
unsafe impl InFile for super::block::BlockHeader {}

impl Mapping {
    /// Maps `file`, which has at least the bytes of `geometry`, and keeps it out of core dumps.
    ///
    /// The mapping keeps the open file description of `file` alive, in forked children also. So `file` must not be
    /// one that holds a lock whose end matters.
    pub(super) fn new(file: &File, geometry: Geometry) -> io::Result<Self> {
        let length = Self::length(geometry)?;
        // SAFETY: a new mapping at a place of the kernel's choice touches no other memory.
        let base = unsafe {
            rustix::mm::mmap(
                ptr::null_mut(),
                length,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                file.as_fd(),
                0,
            )?
        };
        let mapping = Self { base: base.cast(), geometry, unmapped: AtomicBool::new(false) };
        // SAFETY: the range is the mapping just made; the advice changes no byte of it.
        unsafe { rustix::mm::madvise(base, length, Advice::LinuxDontDump)? };
        Ok(mapping)
    }

    /// Gives the address range back; at most once, later calls do nothing.
    ///
    /// # Safety
    /// No reference into the mapping is alive, and none is made any more.
    pub(super) unsafe fn unmap(&self) {
        if self.unmapped.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Ok(length) = Self::length(self.geometry) {
            // SAFETY: the range is the whole of our mapping, mapped until now; the caller has no references into it.
            let _ = unsafe { rustix::mm::munmap(self.base.cast(), length) };
        }
    }

    fn length(geometry: Geometry) -> io::Result<usize> {
        usize::try_from(geometry.size).map_err(|_| io::ErrorKind::OutOfMemory.into())
    }

    /// The address of `bytes` bytes at `offset`.
    ///
    /// # Panics
    /// When they do not lie within the mapping: offsets from the file are checked by whoever reads them.
    #[inline]
    fn address(&self, offset: u64, bytes: u64) -> *mut u8 {
        assert!(
            bytes <= self.geometry.size && offset <= self.geometry.size - bytes,
            "byte {offset} is not in the store"
        );
        // SAFETY: offset is within the mapping, and the mapping is smaller than the address space.
        unsafe { self.base.add(offset as usize) }
    }

    #[inline]
    fn at<T: InFile>(&self, offset: u64) -> &T {
        let address = self.address(offset, size_of::<T>() as u64).cast::<T>();
        assert!(address.is_aligned(), "byte {offset} of the store is not aligned");
        // SAFETY: in bounds, aligned, and InFile promises that any bytes, changing at any time, are a T.
        unsafe { &*address }
    }

    pub(super) fn control(&self) -> &Control {
        self.at(Geometry::control())
    }

    pub(super) fn registry_slot(&self, place: u32) -> &RegistrySlot {
        self.at(Geometry::registry_slot(place))
    }

    #[inline]
    pub(super) fn shard(&self, shard: u32) -> &ShardHeader {
        self.at(Geometry::shard(shard))
    }

    #[inline]
    pub(super) fn line(&self, shard: u32, line: u32) -> &Line {
        self.at(self.geometry.line(shard, line))
    }

    /// The line that an object holds.
    pub(super) fn overflow_line(&self, offset: u64) -> &Line {
        self.at(offset)
    }

    #[inline]
    pub(super) fn word(&self, page: u32) -> &AtomicU64 {
        self.at(self.geometry.word(page))
    }

    #[inline]
    pub(super) fn meta(&self, page: u32) -> &PageMeta {
        self.at(self.geometry.meta(page))
    }

    #[inline]
    pub(super) fn hint(&self, word: u32) -> &AtomicU64 {
        self.at(self.geometry.hint(word))
    }

    #[inline]
    pub(super) fn block(&self, offset: u64) -> &super::block::BlockHeader {
        self.at(offset)
    }

    /// Appends the `count` bytes at `offset` to `to`, which has the room.
    ///
    /// The bytes belong to a shard whose lock the caller holds, or to nobody but the caller.
    #[inline]
    pub(super) fn copy_out(&self, offset: u64, count: usize, to: &mut Vec<u8>) {
        let from = self.address(offset, count as u64);
        to.reserve(count);
        // SAFETY: the source is in bounds; the destination has room for count bytes, and they are initialised then.
        unsafe {
            ptr::copy_nonoverlapping(from, to.as_mut_ptr().add(to.len()), count);
            to.set_len(to.len() + count);
        }
    }

    /// Has the kernel map all pages of `range`, which is of whole pages, for who reads all of them next: at once it costs a
    /// third of what it does when they are met. Kernels before 5.14 don't know the wish, and nothing depends on it.
    pub(super) fn populate(&self, range: &Range<u64>) {
        let count = range.end.saturating_sub(range.start);
        let at = self.address(range.start, count);
        // SAFETY: the range is within the mapping, and the advice changes no byte of it.
        let _ = unsafe { rustix::mm::madvise(at.cast(), count as usize, Advice::LinuxPopulateRead) };
    }

    /// Asks the processor for bytes that are copied soon: its own guesses end at the end of a page.
    pub(super) fn fetch(&self, offset: u64, count: u64) {
        let from = self.address(offset, count);
        #[cfg(target_arch = "x86_64")]
        for line in (0..count as usize).step_by(GRAIN as usize) {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

            // SAFETY: in bounds; nothing is read.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(from.add(line).cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = from;
    }

    /// The byte at `offset`, which belongs to a shard whose lock the caller holds.
    pub(super) fn byte(&self, offset: u64) -> u8 {
        // SAFETY: in bounds, and initialised: the file has all of its bytes.
        unsafe { self.address(offset, 1).read() }
    }

    /// Writes `bytes` at `offset`, to a block that nobody refers to yet.
    #[inline]
    pub(super) fn copy_in(&self, offset: u64, bytes: &[u8]) {
        let to = self.address(offset, bytes.len() as u64);
        // SAFETY: in bounds; Rust memory and the mapping do not overlap.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
    }

    /// Zeroes the page or object at `offset`, which nobody refers to yet.
    pub(super) fn zero(&self, offset: u64, count: u64) {
        let to = self.address(offset, count.min(PAGE));
        // SAFETY: in bounds, and of at most a page.
        unsafe { ptr::write_bytes(to, 0, count.min(PAGE) as usize) };
    }

    /// Copies an object within the file; source and destination are different objects.
    pub(super) fn copy_within(&self, from: u64, to: u64, count: u64) {
        let source = self.address(from, count);
        let target = self.address(to, count);
        // SAFETY: both are in bounds; objects never overlap, and `copy` would allow it.
        unsafe { ptr::copy(source, target, count as usize) };
    }
}

/// The half of a lock word that the kernel compares: its low 32 bits.
pub(super) fn low_half(word: &AtomicU64) -> &AtomicU32 {
    // SAFETY: the address is aligned to 8 and, little-endian, that of the low half; atomics of both widths may be
    // used on it because the kernel is the only one that looks at the half.
    unsafe { &*ptr::from_ref(word).cast::<AtomicU32>() }
}
