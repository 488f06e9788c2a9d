//! The queues' section of the file in memory, by a mapping of its own: a lease outlives the store that made it.

use std::{
    ffi::c_void,
    fs::File,
    io,
    num::NonZeroU32,
    os::fd::AsFd,
    ptr,
    sync::atomic::Ordering::{Acquire, Relaxed, SeqCst},
    time::Duration,
};

use rustix::{
    io::Errno,
    mm::{MapFlags, ProtFlags},
    thread::futex,
    time::{ClockId, Timespec, clock_gettime},
};

use super::bytes::Ticket;
use crate::engine::shared::{
    clock,
    layout::{Geometry, QUEUE_COUNT, Queue},
};

/// How long a waiter's word counts that it waits: it says so anew more often.
const WORD_COUNTS_MILLIS: u64 = 200;

/// The queues. Unmapped when it is dropped.
#[derive(Debug)]
pub(super) struct Queues {
    base: *mut c_void,
}

// SAFETY: everything that is shared through the mapping is an atomic.
unsafe impl Send for Queues {}
// SAFETY: as for Send.
unsafe impl Sync for Queues {}

/// From the file's begin, so that the offset is a whole number of pages of any size. Pages nobody touches cost nothing.
const LENGTH: usize = Geometry::queue(QUEUE_COUNT) as usize;

impl Queues {
    /// Maps the queues of `file`, which is a store. The mapping keeps its open file description alive, in forked
    /// children also, so `file` must not be one that holds a lock.
    pub(super) fn new(file: &File) -> io::Result<Self> {
        // SAFETY: a new mapping at a place of the kernel's choice touches no other memory.
        let base = unsafe {
            rustix::mm::mmap(
                ptr::null_mut(),
                LENGTH,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                file.as_fd(),
                0,
            )?
        };
        let queues = Self { base };
        // SAFETY: the range is the mapping just made; the advice changes no byte of it.
        unsafe { rustix::mm::madvise(base, LENGTH, rustix::mm::Advice::LinuxDontDump)? };
        Ok(queues)
    }

    /// The queue of this number, modulo their count.
    pub(super) fn queue(&self, number: u32) -> &Queue {
        let offset = Geometry::queue(number % QUEUE_COUNT) as usize;
        // SAFETY: in bounds, as the offset is one of LENGTH's queues; aligned, as sections begin at whole pages; a
        // Queue is atomics, which any bytes are, changing at any time.
        unsafe { &*self.base.byte_add(offset).cast::<Queue>() }
    }
}

impl Drop for Queues {
    fn drop(&mut self) {
        // SAFETY: the range is our mapping; references into it borrow from self, so none is left.
        let _ = unsafe { rustix::mm::munmap(self.base, LENGTH) };
    }
}

impl Queue {
    /// Whether somebody has said lately that he waits. False for a word of another boot, or one that was damaged.
    pub(super) fn is_awaited(&self) -> bool {
        // SeqCst: pairs with `say_awaited`. Who unlocks frees the kernel's lock, then looks here; who waits speaks,
        // then tries the kernel's lock: one of the two finds the other.
        let until = self.waited_until.load(SeqCst);
        (1..=2 * WORD_COUNTS_MILLIS).contains(&until.wrapping_sub(clock::coarse()))
    }

    pub(super) fn say_awaited(&self) {
        // SeqCst: pairs with `is_awaited`.
        self.waited_until.store(clock::coarse() + WORD_COUNTS_MILLIS, SeqCst);
    }

    pub(super) fn take_ticket(&self) -> Ticket {
        // Relaxed: a ticket says nothing about other memory.
        Ticket::of(self.next_ticket.fetch_add(1, Relaxed))
    }

    pub(super) fn next_ticket(&self) -> Ticket {
        Ticket::of(self.next_ticket.load(Relaxed))
    }

    /// What [`Self::sleep`] compares, read before the lock is tried.
    pub(super) fn turn(&self) -> u32 {
        // Acquire: pairs with `next_turn`, so that a lock that was freed before is found free.
        self.turn.load(Acquire)
    }

    /// Something changed in this queue: nobody falls asleep who has not seen it.
    pub(super) fn next_turn(&self) {
        // SeqCst: a Release for `turn`, and before the load in `is_awaited`.
        self.turn.fetch_add(1, SeqCst);
    }

    /// Sleeps until `ticket` is woken, the turn is another one than `turn`, a signal comes, or for `at_most`. True when
    /// the whole time passed and the turn is still the same.
    pub(super) fn sleep(&self, turn: u32, ticket: Ticket, at_most: Duration) -> bool {
        let Some(bit) = NonZeroU32::new(ticket.bit()) else { return false };
        let now = Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default();
        let end = now + at_most;
        let end = Timespec { tv_sec: end.as_secs().cast_signed(), tv_nsec: end.subsec_nanos().into() };
        // No PRIVATE flag: waiters are in other processes.
        let woken = futex::wait_bitset(&self.turn, futex::Flags::empty(), turn, Some(&end), bit);
        woken == Err(Errno::TIMEDOUT) && self.turn() == turn
    }

    /// Wakes the waiter with this ticket, and perhaps others, who find that it is not their turn.
    pub(super) fn wake(&self, ticket: Ticket) {
        if let Some(bit) = NonZeroU32::new(ticket.bit()) {
            let _ = futex::wake_bitset(&self.turn, futex::Flags::empty(), u32::MAX >> 1, bit);
        }
    }
}
