//! The lock of a shard: a 64-bit word that names its holder, and a futex.
//!
//! Not a robust pthread mutex: the kernel finds the owner of one by thread id, and ids of different PID namespaces
//! are equal. Here a waiter asks the kernel for the holder's liveness byte. A holder that lives, stopped or not, is
//! never robbed.

use std::{
    hint,
    sync::atomic::{
        AtomicU64,
        Ordering::{Acquire, Relaxed, Release},
    },
    time::{Duration, Instant},
};

use rustix::{io::Errno, thread::futex, time::Timespec};

use super::{layout::ShardHeader, liveness::GENERATION_BITS, mapping::low_half, order::step, store::Store};
use crate::engine::EngineError;

const LOW: u64 = 0xffff_ffff;
const PLACE_BITS: u32 = 12;
const WAITERS: u64 = 1 << 31;
const ONE_ACQUISITION: u64 = 1 << 32;
const FIRST_WAIT: Duration = Duration::from_millis(2);
/// A lost wake-up, or a holder that died, costs a waiter at most this.
const LONGEST_WAIT: Duration = Duration::from_millis(50);

/// How a lock came into our hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acquired {
    /// It was free.
    Free,
    /// Its holder had died.
    FromTheDead,
}

/// The holder of a shard's lock. Whatever needs the lock is a method of it, or takes it.
pub(super) struct ShardGuard<'s> {
    pub(super) store: &'s Store,
    pub(super) shard: u32,
    pub(super) header: &'s ShardHeader,
}

impl Drop for ShardGuard<'_> {
    fn drop(&mut self) {
        release(&self.header.lock);
    }
}

/// A change of a shard that is going on: whoever finds it unended, repairs. Whatever writes takes it.
pub(super) struct Change<'g>(&'g ShardHeader);

impl Change<'_> {
    /// Everything is consistent again.
    pub(super) fn end(self) {
        step();
        self.0.dirty.store(0, Release);
        step();
    }
}

/// Counts one more in a figure that only the holder of its shard's lock changes: no other one can come between.
#[inline]
pub(super) fn count(figure: &AtomicU64) {
    figure.store(figure.load(Relaxed).wrapping_add(1), Relaxed);
}

impl ShardGuard<'_> {
    /// Before the first write. Dropped without [`Change::end`], it leaves the shard to be repaired.
    pub(super) fn begin_change(&self) -> Change<'_> {
        self.header.dirty.store(1, Relaxed);
        step();
        Change(self.header)
    }
}

/// A lock word, and what its holders and waiters ask of the machine. The algorithm is written over this, so that its
/// interleavings can be tried one by one (`tests/interleavings.rs`), over words of the checker's own.
pub(super) trait Word {
    /// How often a waiter looks again before it sleeps.
    const SPINS: u32;
    /// What the word is.
    fn seen(&self) -> u64;
    /// Makes it `new` if it is `seen`; what the last holder wrote is seen then.
    fn take(&self, seen: u64, new: u64) -> bool;
    /// Makes it `new` if it is `seen`.
    fn note(&self, seen: u64, new: u64) -> bool;
    /// Clears the low half, so that the next holder sees what this one wrote; gives what it was.
    fn free(&self) -> u64;
    /// Sleeps while the low half is that of `value`; true when it was not woken for `at_most`.
    fn sleep(&self, value: u64, at_most: Duration) -> bool;
    /// Wakes one of those who sleep.
    fn wake_one(&self);
}

/// In the mapped file.
impl Word for AtomicU64 {
    const SPINS: u32 = 40;

    #[inline]
    fn seen(&self) -> u64 {
        self.load(Relaxed)
    }

    #[inline]
    fn take(&self, seen: u64, new: u64) -> bool {
        // Acquire: pairs with the Release in `free`.
        self.compare_exchange(seen, new, Acquire, Relaxed).is_ok()
    }

    fn note(&self, seen: u64, new: u64) -> bool {
        self.compare_exchange(seen, new, Relaxed, Relaxed).is_ok()
    }

    #[inline]
    fn free(&self) -> u64 {
        self.fetch_and(!LOW, Release)
    }

    fn sleep(&self, value: u64, at_most: Duration) -> bool {
        // Where turns are given, a sleep would be everybody's.
        #[cfg(test)]
        if super::order::turns::give() {
            return true;
        }
        let timeout =
            Timespec { tv_sec: at_most.as_secs().cast_signed(), tv_nsec: at_most.subsec_nanos().into() };
        // No PRIVATE flag: waiters are in other processes.
        futex::wait(low_half(self), futex::Flags::empty(), (value & LOW) as u32, Some(&timeout))
            == Err(Errno::TIMEDOUT)
    }

    fn wake_one(&self) {
        let _ = futex::wake(low_half(self), futex::Flags::empty(), 1);
    }
}

/// The low half of the word of a lock that this user of the store holds.
pub(super) fn holder(place: u32, generation: u32) -> u64 {
    u64::from(generation) << PLACE_BITS | u64::from(place + 1)
}

/// Place and generation of the holder; `None` for bits that no holder ever wrote.
fn holder_in(word: u64) -> Option<(u32, u32)> {
    let place = (word & ((1 << PLACE_BITS) - 1)) as u32;
    let generation = (word >> PLACE_BITS) as u32 & ((1 << GENERATION_BITS) - 1);
    place.checked_sub(1).map(|place| (place, generation))
}

/// Whether nobody holds the lock that this is the word of, nor sleeps for it.
pub(super) fn is_free(word: u64) -> bool {
    word & LOW == 0
}

/// Takes the lock if it is free.
#[inline]
pub(super) fn try_acquire(word: &impl Word, me: u64) -> bool {
    let seen = word.seen();
    seen & LOW == 0 && word.take(seen, taken(seen, me))
}

/// Waits for a lock. `is_dead` tells of a place and generation whether its user has died; `left` gives the time that is
/// left to wait. When none is, the word that is still waited for comes back.
pub(super) fn wait_for<W: Word>(
    word: &W,
    me: u64,
    is_dead: impl Fn(u32, u32) -> bool,
    left: impl Fn() -> Duration,
) -> Result<Acquired, u64> {
    for _ in 0..W::SPINS {
        hint::spin_loop();
        if try_acquire(word, me) {
            return Ok(Acquired::Free);
        }
    }
    let mut wait = FIRST_WAIT;
    loop {
        let seen = word.seen();
        if seen & LOW == 0 {
            // With the waiters' bit, because others may sleep on: the wake-up went to us alone.
            if word.take(seen, taken(seen, me) | WAITERS) {
                return Ok(Acquired::Free);
            }
            continue;
        }
        let awaited = seen | WAITERS;
        if seen != awaited && !word.note(seen, awaited) {
            continue;
        }
        let left = left();
        if left.is_zero() {
            return Err(awaited);
        }
        let timed_out = word.sleep(awaited, wait.min(left));
        if timed_out && word.seen() == awaited {
            wait = (wait * 2).min(LONGEST_WAIT);
            // The whole word is compared, acquisitions included: nobody can have freed and taken it meanwhile.
            if holder_in(awaited).is_none_or(|(place, generation)| is_dead(place, generation))
                && word.take(awaited, taken(awaited, me) | WAITERS)
            {
                return Ok(Acquired::FromTheDead);
            }
        }
    }
}

impl Store {
    /// Waits for the lock of `shard`, at most as long as the store's options say, and repairs what a dead holder left.
    pub(super) fn lock_shard(&self, shard: u32) -> Result<ShardGuard<'_>, EngineError> {
        let header = self.map.shard(shard);
        let acquired = self.acquire(&header.lock, Some(&header.waits))?;
        let guard = ShardGuard { store: self, shard, header };
        if acquired == Acquired::FromTheDead {
            header.recovered_locks.fetch_add(1, Relaxed);
        }
        if header.dirty.load(Relaxed) != 0 {
            guard.repair();
        }
        Ok(guard)
    }

    /// Acquires a lock word; `waits` counts where it was not free.
    #[inline]
    pub(super) fn acquire(
        &self,
        word: &AtomicU64,
        waits: Option<&AtomicU64>,
    ) -> Result<Acquired, EngineError> {
        let me = holder(self.liveness.place, self.liveness.generation);
        if try_acquire(word, me) {
            step();
            return Ok(Acquired::Free);
        }
        let acquired = self.wait_with_patience(word, waits, me);
        step();
        acquired
    }

    #[cold]
    fn wait_with_patience(
        &self,
        word: &AtomicU64,
        waits: Option<&AtomicU64>,
        me: u64,
    ) -> Result<Acquired, EngineError> {
        // Relaxed: a figure, on which nothing hangs.
        if let Some(waits) = waits {
            waits.fetch_add(1, Relaxed);
        }
        let begun = Instant::now();
        let is_dead = |place, generation| self.liveness.is_dead(&self.map, place, generation);
        let left = || self.lock_timeout.saturating_sub(begun.elapsed());
        wait_for(word, me, is_dead, left).map_err(|awaited| self.busy(awaited, begun.elapsed()))
    }

    fn busy(&self, word: u64, waited: Duration) -> EngineError {
        let holder = match holder_in(word) {
            Some((place, _)) if place < super::layout::REGISTRY_SLOTS => {
                self.map.registry_slot(place).pid.load(Relaxed)
            }
            _ => 0,
        };
        EngineError::Busy { holder, waited }
    }
}

/// The word once `me` has it: one more acquisition, no waiters.
fn taken(seen: u64, me: u64) -> u64 {
    (seen & !LOW).wrapping_add(ONE_ACQUISITION) | me
}

/// Frees a lock word that the caller holds.
#[inline]
pub(super) fn release(word: &impl Word) {
    step();
    if word.free() & WAITERS != 0 {
        word.wake_one();
    }
}
