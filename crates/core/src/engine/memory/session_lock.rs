//! The locks of sessions: who holds each, and who waits for it, in the order of asking. A lock that is released with
//! waiters goes to the first of them and is free at no time in between, so nobody can come before.

use std::{
    collections::{HashMap, VecDeque, hash_map},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use parking_lot::{Condvar, Mutex};

use crate::{
    engine::{EngineError, Lease, patience::Patience},
    key::Key,
};

/// The locks that are held. The mutex is held for a few assignments only, never over a callback.
#[derive(Debug, Default)]
pub(super) struct SessionLocks(Mutex<HashMap<Key, Held>>);

#[derive(Debug)]
struct Held {
    by: ThreadId,
    waiters: VecDeque<Arc<Waiter>>,
}

#[derive(Debug)]
struct Waiter {
    thread: ThreadId,
    turn: Condvar,
    /// The lock was handed to it, and it is out of the queue. Relaxed: it is set and read under the mutex.
    has_it: AtomicBool,
}

/// A lock that is held; dropping it hands it on.
struct Holding {
    locks: Arc<SessionLocks>,
    key: Key,
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.locks.hand_on(&self.key);
    }
}

/// A place in the queue; dropping it leaves the queue, and hands on a lock that came too late.
struct Waiting<'l> {
    locks: &'l Arc<SessionLocks>,
    key: Key,
    waiter: Arc<Waiter>,
    is_over: bool,
}

impl SessionLocks {
    pub(super) fn lock(
        self: &Arc<Self>,
        key: &Key,
        wait: Duration,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Lease, EngineError> {
        let thread = thread::current().id();
        let waiter = match self.0.lock().entry(*key) {
            hash_map::Entry::Vacant(free) => {
                free.insert(Held { by: thread, waiters: VecDeque::new() });
                return Ok(self.lease(key));
            }
            hash_map::Entry::Occupied(held) if held.get().by == thread => {
                return Err(EngineError::LockedTwice);
            }
            hash_map::Entry::Occupied(mut held) => {
                let waiter =
                    Arc::new(Waiter { thread, turn: Condvar::new(), has_it: AtomicBool::new(false) });
                held.get_mut().waiters.push_back(Arc::clone(&waiter));
                waiter
            }
        };
        let mut waiting = Waiting { locks: self, key: *key, waiter, is_over: false };
        let mut patience = Patience::new(wait, keep_waiting);
        loop {
            let sleep = patience.next_sleep()?;
            if waiting.sleep_until_turn(sleep) {
                return Ok(self.lease(key));
            }
        }
    }

    fn lease(self: &Arc<Self>, key: &Key) -> Lease {
        Lease::of(Holding { locks: Arc::clone(self), key: *key })
    }

    fn hand_on(&self, key: &Key) {
        let mut locks = self.0.lock();
        let Some(held) = locks.get_mut(key) else { return };
        match held.waiters.pop_front() {
            Some(next) => {
                held.by = next.thread;
                next.has_it.store(true, Relaxed);
                next.turn.notify_one();
            }
            None => {
                locks.remove(key);
            }
        }
    }
}

impl Waiting<'_> {
    /// Whether the lock was handed to us.
    fn sleep_until_turn(&mut self, at_most: Duration) -> bool {
        let mut locks = self.locks.0.lock();
        if !self.waiter.has_it.load(Relaxed) {
            self.waiter.turn.wait_for(&mut locks, at_most);
        }
        self.is_over = self.waiter.has_it.load(Relaxed);
        self.is_over
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut locks = self.locks.0.lock();
        if self.waiter.has_it.load(Relaxed) {
            drop(locks);
            self.locks.hand_on(&self.key);
        } else if let Some(held) = locks.get_mut(&self.key) {
            held.waiters.retain(|waiter| !Arc::ptr_eq(waiter, &self.waiter));
        }
    }
}
