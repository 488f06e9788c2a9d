//! Memory that checker and workers share, and that no worker's death can damage.

use std::{
    fs::File,
    io::Write,
    ops::Deref,
    os::fd::AsRawFd,
    path::Path,
    ptr::NonNull,
    sync::atomic::{
        AtomicU32, AtomicU64,
        Ordering::{Relaxed, SeqCst},
    },
};

use crate::store::{OWN, SHARED, WORKERS};

/// How many states back two winners of one state are found out.
const WINNERS: usize = 1 << 18;

/// All of it may be zero: that is how it begins. A killed process did everything before some instruction and nothing
/// after, so plain program order is all that the checker relies on; `SeqCst` keeps the compiler to it.
#[repr(C)]
pub struct Layout {
    /// 1 = the workers shall end.
    pub stop: AtomicU64,
    pub workers: [Worker; WORKERS],
    pub own: [Own; OWN],
    pub shared: [Shared; SHARED],
}

/// What a worker is doing.
#[repr(C)]
pub struct Worker {
    /// Operations that have ended.
    pub operations: AtomicU64,
    /// When the operation that is going on began, in nanoseconds of the monotonic clock; 0 = none.
    pub began: AtomicU64,
    /// The longest operation so far, in nanoseconds.
    pub worst: AtomicU64,
    /// Commits refused because the store was full.
    pub full: AtomicU64,
    /// Operations refused because somebody who is alive holds a lock.
    pub busy: AtomicU64,
}

/// A session of one writer: what it is about to store and what it knows to be stored.
#[repr(C)]
pub struct Own {
    pub intent: AtomicU64,
    pub acknowledged: AtomicU64,
}

/// A session of all writers: its state is a count, which each commit raises by one.
#[repr(C)]
pub struct Shared {
    pub acknowledged: AtomicU32,
    /// By count: the last count of which somebody was told that he stored it.
    winners: [AtomicU32; WINNERS],
}

impl Shared {
    /// Somebody was told that he stored `count`. False when somebody else was told the same.
    pub fn won(&self, count: u32) -> bool {
        let alone = self.winners[count as usize % WINNERS].swap(count, SeqCst) != count;
        self.acknowledged.fetch_max(count, SeqCst);
        alone
    }
}

impl Worker {
    /// Does `operation` and notes how long it took.
    pub fn timed<T>(&self, operation: impl FnOnce() -> T) -> T {
        let began = nanoseconds();
        self.began.store(began, SeqCst);
        let result = operation();
        self.began.store(0, SeqCst);
        self.worst.fetch_max(nanoseconds() - began, Relaxed);
        self.operations.fetch_add(1, SeqCst);
        result
    }
}

/// The monotonic clock, which is the same in all processes and PID namespaces.
pub fn nanoseconds() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    u64::try_from(time.tv_sec).unwrap() * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap()
}

/// A line on the real stderr: what libtest captures would be shown only after the end.
pub fn say(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// The mapped layout.
pub struct Board(NonNull<Layout>);

impl Board {
    /// Maps the board in `place`, which the checker creates with [`Board::create`].
    pub fn open(place: &Path) -> Self {
        let file = File::options().read(true).write(true).open(place.join("board")).unwrap();
        assert_eq!(file.metadata().unwrap().len(), size_of::<Layout>() as u64);
        // SAFETY: a new shared mapping of a file of the layout's size; no address is asked for.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size_of::<Layout>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        assert_ne!(address, libc::MAP_FAILED, "{}", std::io::Error::last_os_error());
        Self(NonNull::new(address.cast()).unwrap())
    }

    pub fn create(place: &Path) -> Self {
        let file = File::create(place.join("board")).unwrap();
        file.set_len(size_of::<Layout>() as u64).unwrap();
        Self::open(place)
    }
}

impl Deref for Board {
    type Target = Layout;

    fn deref(&self) -> &Layout {
        // SAFETY: mapped for as long as `self` lives, page-aligned, and all its fields are atomics, which are valid
        // with any bytes and may change at any time.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        // SAFETY: the mapping that `open` made, and no reference outlives `self`.
        unsafe { libc::munmap(self.0.as_ptr().cast(), size_of::<Layout>()) };
    }
}

// SAFETY: all access is through the atomics of a mapping that does not depend on the thread.
unsafe impl Send for Board {}
// SAFETY: as above.
unsafe impl Sync for Board {}
