//! Memory that forked children share with their parent.

use std::{
    ops::Deref,
    sync::atomic::{AtomicU64, Ordering::SeqCst},
};

const COUNTERS: usize = 512;

/// Counters that all processes see, zero at first.
pub struct Counters(*const [AtomicU64; COUNTERS]);

impl Counters {
    pub fn new() -> Self {
        // SAFETY: a new shared mapping at a place of the kernel's choice; zeros are counters.
        let memory = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<[AtomicU64; COUNTERS]>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        assert_ne!(memory, libc::MAP_FAILED);
        Self(memory.cast())
    }

    pub fn add(&self, counter: usize, count: u64) {
        self[counter].fetch_add(count, SeqCst);
    }

    pub fn sum(&self) -> u64 {
        self.iter().map(|counter| counter.load(SeqCst)).sum()
    }
}

impl Deref for Counters {
    type Target = [AtomicU64; COUNTERS];

    fn deref(&self) -> &Self::Target {
        // SAFETY: mapped as long as `self` lives.
        unsafe { &*self.0 }
    }
}

impl Drop for Counters {
    fn drop(&mut self) {
        // SAFETY: the mapping that `new` made; no reference outlives `self`.
        unsafe { libc::munmap(self.0.cast_mut().cast(), size_of::<[AtomicU64; COUNTERS]>()) };
    }
}
