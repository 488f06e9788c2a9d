//! R29: the lock's algorithm in every interleaving of a few threads (loom), deaths included. What is run is the code of
//! `lock`, over a word of loom's instead of one in the mapped file.
//!
//! The kernel is modelled: a futex by a mutex and a condition, or by sleeps that always time out; the death of a process by
//! a thread that does nothing any more and whose place is noted as dead afterwards, as the kernel does with the liveness byte.
//! `HOLDFAST_LOOM_PREEMPTIONS` bounds how often a thread is interrupted in models of three, 2 when unset.

use std::time::Duration;

use loom::{
    cell::UnsafeCell,
    model::Builder,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    thread,
};

use crate::engine::shared::lock::{Acquired, Word, holder, release, try_acquire, wait_for};

const LOW: u64 = 0xffff_ffff;
const PLACES: usize = 4;

/// What a sleeping waiter can hope for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sleep {
    /// Every sleep ends by itself, woken or not.
    TimesOut,
    /// Only a wake-up ends it: a lost one is a deadlock, which loom reports.
    UntilWoken,
}

struct Lock {
    word: AtomicU64,
    sleep: Sleep,
    queue: Mutex<()>,
    woken: Condvar,
    /// Users of these places have died.
    dead: [AtomicBool; PLACES],
    /// What the lock guards: loom reports when two have it at once, or when one does not see what the last one wrote.
    guarded: UnsafeCell<u64>,
    dirty: AtomicU64,
}

// SAFETY: `guarded` is used under the lock only, which is what loom checks here.
unsafe impl Sync for Lock {}
// SAFETY: as above.
unsafe impl Send for Lock {}

impl Word for Lock {
    const SPINS: u32 = 0;

    fn seen(&self) -> u64 {
        self.word.load(Relaxed)
    }

    fn take(&self, seen: u64, new: u64) -> bool {
        self.word.compare_exchange(seen, new, Acquire, Relaxed).is_ok()
    }

    fn note(&self, seen: u64, new: u64) -> bool {
        self.word.compare_exchange(seen, new, Relaxed, Relaxed).is_ok()
    }

    fn free(&self) -> u64 {
        self.word.fetch_and(!LOW, Release)
    }

    fn sleep(&self, value: u64, _: Duration) -> bool {
        if self.sleep == Sleep::TimesOut {
            thread::yield_now();
            return true;
        }
        let queue = self.queue.lock().unwrap();
        if self.word.load(Relaxed) & LOW == value & LOW {
            drop(self.woken.wait(queue).unwrap());
        }
        false
    }

    fn wake_one(&self) {
        if self.sleep == Sleep::UntilWoken {
            let _queue = self.queue.lock().unwrap();
            self.woken.notify_one();
        }
    }
}

impl Lock {
    fn new(sleep: Sleep) -> Arc<Self> {
        Arc::new(Self {
            word: AtomicU64::new(0),
            sleep,
            queue: Mutex::new(()),
            woken: Condvar::new(),
            dead: std::array::from_fn(|_| AtomicBool::new(false)),
            guarded: UnsafeCell::new(0),
            dirty: AtomicU64::new(0),
        })
    }

    fn acquire(&self, place: u32) -> Acquired {
        let me = holder(place, 1);
        if try_acquire(self, me) {
            return Acquired::Free;
        }
        // Acquire: whoever learns from the kernel of a death sees all that the dead one did.
        let is_dead = |place: u32, _| self.dead[place as usize].load(Acquire);
        wait_for(self, me, is_dead, || Duration::MAX).expect("the time never ends")
    }

    fn add(&self, one: u64) {
        // SAFETY: loom checks that nobody else has it.
        self.guarded.with_mut(|guarded| unsafe { *guarded += one });
    }

    fn value(&self) -> u64 {
        // SAFETY: as above.
        self.guarded.with(|guarded| unsafe { *guarded })
    }
}

fn preemptions() -> usize {
    std::env::var("HOLDFAST_LOOM_PREEMPTIONS").map_or(2, |text| text.parse().expect("a number"))
}

fn explore(threads: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = (threads > 2).then(preemptions);
    builder.check(model);
}

/// Threads that each lock, add one and free the lock; the sum is right and nobody sleeps for ever.
fn counts(threads: u32, sleep: Sleep) {
    explore(threads as usize, move || {
        let lock = Lock::new(sleep);
        let others: Vec<_> = (1..threads)
            .map(|place| {
                let lock = Arc::clone(&lock);
                thread::spawn(move || {
                    assert_eq!(lock.acquire(place), Acquired::Free);
                    lock.add(1);
                    release(&*lock);
                })
            })
            .collect();
        lock.acquire(0);
        lock.add(1);
        release(&*lock);
        for other in others {
            other.join().unwrap();
        }
        lock.acquire(0);
        assert_eq!(lock.value(), u64::from(threads));
    });
}

#[test]
fn r29_two_at_once_are_one_after_the_other() {
    counts(2, Sleep::TimesOut);
}

#[test]
fn r29_no_wake_up_is_lost_between_two() {
    counts(2, Sleep::UntilWoken);
}

#[test]
fn r29_no_wake_up_is_lost_between_three() {
    counts(3, Sleep::UntilWoken);
}

/// One dies in the middle of a change, after the heirs came or, if `is_dead`, before. Of the heirs exactly one takes the
/// lock from it, and sees the change.
fn takes_over(heirs: u32, is_dead: bool) {
    explore(2, move || {
        let lock = Lock::new(Sleep::TimesOut);
        let dying = Arc::clone(&lock);
        let die = move || {
            dying.acquire(0);
            dying.dirty.store(1, Relaxed);
            dying.add(100);
            // Here it is killed; what follows is the kernel's doing.
            dying.dead[0].store(true, Release);
        };
        let dying = if is_dead {
            die();
            None
        } else {
            Some(thread::spawn(die))
        };
        let heir = |place: u32| {
            let lock = Arc::clone(&lock);
            move || {
                let acquired = lock.acquire(place);
                if lock.dirty.load(Relaxed) == 1 {
                    assert_eq!(acquired, Acquired::FromTheDead, "a change that is going on was found");
                    assert!(lock.value() >= 100);
                    lock.dirty.store(0, Relaxed);
                }
                lock.add(1);
                release(&*lock);
                u32::from(acquired == Acquired::FromTheDead)
            }
        };
        let others: Vec<_> = (2..=heirs).map(|place| thread::spawn(heir(place))).collect();
        let mut taken_over = heir(1)();
        for other in others {
            taken_over += other.join().unwrap();
        }
        if let Some(dying) = dying {
            dying.join().unwrap();
            // Who came before it left the lock to it: then it is still there to be taken.
            taken_over += u32::from(lock.acquire(3) == Acquired::FromTheDead);
        }
        assert_eq!((taken_over, lock.dead[0].load(Relaxed)), (1, true));
    });
}

#[test]
fn r29_the_lock_of_who_dies_is_taken_over() {
    takes_over(1, false);
}

#[test]
fn r29_the_lock_of_a_dead_holder_is_taken_over_once() {
    takes_over(2, true);
}

/// The publish step: whoever dies after any step of a commit leaves the old record whole or the new one.
#[test]
fn r29_a_commit_that_dies_anywhere_leaves_one_whole_record() {
    for steps in 0..=6 {
        explore(2, move || {
            let lock = Lock::new(Sleep::TimesOut);
            // Two blocks of two words each, and the slot that names one of them.
            let blocks: Arc<[[AtomicU64; 2]; 2]> =
                Arc::new([[AtomicU64::new(1), AtomicU64::new(1)], [AtomicU64::new(0), AtomicU64::new(0)]]);
            let slot = Arc::new(AtomicU64::new(0));
            let writer = {
                let (lock, blocks, slot) = (Arc::clone(&lock), Arc::clone(&blocks), Arc::clone(&slot));
                thread::spawn(move || {
                    lock.acquire(0);
                    let commit: [&dyn Fn(); 6] = [
                        &|| lock.dirty.store(1, Relaxed),
                        &|| blocks[1][0].store(2, Relaxed),
                        &|| blocks[1][1].store(2, Relaxed),
                        &|| slot.store(1, Release),
                        // The old block is used for something else.
                        &|| blocks[0][0].store(9, Relaxed),
                        &|| lock.dirty.store(0, Release),
                    ];
                    commit[..steps].iter().for_each(|step| step());
                    lock.dead[0].store(true, Release);
                })
            };
            lock.acquire(1);
            let block = &blocks[slot.load(Relaxed) as usize];
            let (first, last) = (block[0].load(Relaxed), block[1].load(Relaxed));
            assert!(first == last && (first == 1 || first == 2), "half a record: {first} {last}");
            release(&*lock);
            writer.join().unwrap();
        });
    }
}
