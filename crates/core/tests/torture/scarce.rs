//! An allocator that has no more memory, from a chosen allocation on.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    ptr,
    sync::atomic::{
        AtomicBool, AtomicU64,
        Ordering::{Relaxed, SeqCst},
    },
};

#[global_allocator]
static ALLOCATOR: Scarce = Scarce;

struct Scarce;

/// How many allocations succeed once it is armed; as many as are asked for when nobody has chosen.
static LEFT: AtomicU64 = AtomicU64::new(u64::MAX);
static ARMED: AtomicBool = AtomicBool::new(false);

/// In the children of this process that arm it, `count` allocations succeed and no more.
pub fn choose(count: u64) {
    LEFT.store(count, SeqCst);
}

/// In the children all allocations succeed.
pub fn choose_all() {
    choose(u64::MAX);
}

/// Whether a number was chosen.
pub fn is_chosen() -> bool {
    LEFT.load(SeqCst) != u64::MAX
}

/// From here on this process counts its allocations, if a number was chosen.
pub fn arm(on: bool) {
    ARMED.store(on && is_chosen(), SeqCst);
}

impl Scarce {
    #[inline]
    fn has_memory() -> bool {
        !ARMED.load(Relaxed) || LEFT.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

// SAFETY: the system's allocator, or no memory, which an allocator may say at any time.
unsafe impl GlobalAlloc for Scarce {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        if Self::has_memory() { unsafe { System.alloc(layout) } } else { ptr::null_mut() }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        if Self::has_memory() { unsafe { System.alloc_zeroed(layout) } } else { ptr::null_mut() }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises; without memory the old piece stays as it is.
        if Self::has_memory() { unsafe { System.realloc(old, layout, size) } } else { ptr::null_mut() }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(old, layout) }
    }
}
