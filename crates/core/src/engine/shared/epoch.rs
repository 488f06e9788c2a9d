//! Which process this is, for the price of one load: a number that is another one in a forked child.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

use rustix::mm::{Advice, MapFlags, ProtFlags};

/// A whole number of pages of any size that Linux has.
const LENGTH: usize = 1 << 16;

/// The page that the kernel wipes in a child. Never unmapped.
static PAGE: OnceLock<&'static AtomicU64> = OnceLock::new();
/// The latest number given in this process or an ancestor.
static LATEST: AtomicU64 = AtomicU64::new(1);

/// The number of this process: constant until a fork, then greater in the child than it ever was in the parent.
#[inline]
pub(super) fn current() -> u64 {
    let page = page();
    // Relaxed: a child has one thread when it begins, and it inherits all of memory.
    match page.load(Ordering::Relaxed) {
        0 => next(page),
        epoch => epoch,
    }
}

#[cold]
fn next(page: &AtomicU64) -> u64 {
    let epoch = LATEST.fetch_add(1, Ordering::Relaxed) + 1;
    match page.compare_exchange(0, epoch, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => epoch,
        Err(other_thread) => other_thread,
    }
}

/// Called in a child by the handler of `pthread_atfork`, for kernels that wipe nothing.
pub(super) fn wipe() {
    if let Some(page) = PAGE.get() {
        page.store(0, Ordering::Relaxed);
    }
}

#[inline]
fn page() -> &'static AtomicU64 {
    PAGE.get_or_init(|| {
        // SAFETY: a new private mapping at a place of the kernel's choice; zero is a valid AtomicU64; never unmapped.
        unsafe {
            let page = rustix::mm::mmap_anonymous(
                std::ptr::null_mut(),
                LENGTH,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            );
            match page {
                Ok(page) => {
                    // Kernels before 4.14 refuse; the handler of pthread_atfork does it there.
                    let _ = rustix::mm::madvise(page, LENGTH, Advice::LinuxWipeOnFork);
                    &*page.cast::<AtomicU64>()
                }
                Err(_) => Box::leak(Box::new(AtomicU64::new(0))),
            }
        }
    })
}
