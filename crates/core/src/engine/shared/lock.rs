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
const SPINS: u32 = 40;
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

impl ShardGuard<'_> {
    /// Before the first write. Dropped without [`Change::end`], it leaves the shard to be repaired.
    pub(super) fn begin_change(&self) -> Change<'_> {
        self.header.dirty.store(1, Relaxed);
        step();
        Change(self.header)
    }
}

impl Store {
    /// Waits for the lock of `shard`, at most as long as the store's options say, and repairs what a dead holder left.
    pub(super) fn lock_shard(&self, shard: u32) -> Result<ShardGuard<'_>, EngineError> {
        let header = self.map.shard(shard);
        let acquired = self.acquire(&header.lock)?;
        let guard = ShardGuard { store: self, shard, header };
        if acquired == Acquired::FromTheDead {
            header.recovered_locks.fetch_add(1, Relaxed);
        }
        if header.dirty.load(Relaxed) != 0 {
            guard.repair();
        }
        Ok(guard)
    }

    /// Acquires a lock word.
    #[inline]
    pub(super) fn acquire(&self, word: &AtomicU64) -> Result<Acquired, EngineError> {
        let me = u64::from(self.liveness.generation) << PLACE_BITS | u64::from(self.liveness.place + 1);
        let seen = word.load(Relaxed);
        // Acquire: pairs with the Release in `release`, so that we see what the last holder wrote.
        if seen & LOW == 0 && word.compare_exchange(seen, taken(seen, me), Acquire, Relaxed).is_ok() {
            step();
            return Ok(Acquired::Free);
        }
        let acquired = self.wait_for(word, me);
        step();
        acquired
    }

    #[cold]
    fn wait_for(&self, word: &AtomicU64, me: u64) -> Result<Acquired, EngineError> {
        for _ in 0..SPINS {
            hint::spin_loop();
            let seen = word.load(Relaxed);
            if seen & LOW == 0 && word.compare_exchange(seen, taken(seen, me), Acquire, Relaxed).is_ok() {
                return Ok(Acquired::Free);
            }
        }
        let begun = Instant::now();
        let mut wait = FIRST_WAIT;
        loop {
            let seen = word.load(Relaxed);
            if seen & LOW == 0 {
                // With the waiters' bit, because others may sleep on: the wake-up went to us alone.
                let mine = taken(seen, me) | WAITERS;
                if word.compare_exchange(seen, mine, Acquire, Relaxed).is_ok() {
                    return Ok(Acquired::Free);
                }
                continue;
            }
            let awaited = seen | WAITERS;
            if seen != awaited && word.compare_exchange(seen, awaited, Relaxed, Relaxed).is_err() {
                continue;
            }
            let left = self.lock_timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(self.busy(awaited, begun.elapsed()));
            }
            let timed_out = sleep_on(word, awaited, wait.min(left)) == Err(Errno::TIMEDOUT);
            if timed_out && word.load(Relaxed) == awaited {
                wait = (wait * 2).min(LONGEST_WAIT);
                // The whole word is compared, acquisitions included: nobody can have freed and taken it meanwhile.
                if self.is_holder_dead(awaited)
                    && word.compare_exchange(awaited, taken(awaited, me) | WAITERS, Acquire, Relaxed).is_ok()
                {
                    return Ok(Acquired::FromTheDead);
                }
            }
        }
    }

    fn is_holder_dead(&self, word: u64) -> bool {
        let place = (word & ((1 << PLACE_BITS) - 1)) as u32;
        let generation = (word >> PLACE_BITS) as u32 & ((1 << GENERATION_BITS) - 1);
        // A place of 0 with other bits set was never written by a holder.
        place == 0 || self.liveness.is_dead(&self.map, place - 1, generation)
    }

    fn busy(&self, word: u64, waited: Duration) -> EngineError {
        let place = (word & ((1 << PLACE_BITS) - 1)) as u32;
        let holder = match place.checked_sub(1) {
            Some(place) if place < super::layout::REGISTRY_SLOTS => {
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
pub(super) fn release(word: &AtomicU64) {
    step();
    // Release: pairs with the Acquire of whoever takes the lock next.
    if word.fetch_and(!LOW, Release) & WAITERS != 0 {
        let _ = futex::wake(low_half(word), futex::Flags::empty(), 1);
    }
}

fn sleep_on(word: &AtomicU64, value: u64, at_most: Duration) -> Result<(), Errno> {
    let timeout =
        Timespec { tv_sec: at_most.as_secs().cast_signed(), tv_nsec: at_most.subsec_nanos().into() };
    // No PRIVATE flag: waiters are in other processes.
    futex::wait(low_half(word), futex::Flags::empty(), (value & LOW) as u32, Some(&timeout))
}
