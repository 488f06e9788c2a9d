//! The lock of a session: the write lock on a byte of the file that the session's hash chooses. The kernel frees it at
//! the holder's death, whatever the cause, and nothing has to be repaired.
//!
//! ```text
//!   lock ─── nobody waits ──> try the byte ────────────────────────────> Held
//!     └──── somebody does ──> Waiting: a ticket, a byte for it, sleep ──────┘│
//!             queues (futex)  bytes (the kernel)                             v
//!                 ^──────────────── wakes the first ticket ──────────── release
//! ```
//!
//! A waiter holds the write lock on the byte of its ticket. So the kernel also knows who waits, in which order, and
//! forgets those that die; the file itself has hints only.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use parking_lot::Mutex;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    epoch,
    liveness::Description,
    place::{self, Identity},
    store::Store,
};
use crate::{
    engine::{EngineError, patience::Patience},
    key::Key,
};

mod bytes;
mod held;
mod queues;

use bytes::{SessionBytes, Ticket};
use queues::Queues;

/// How often the first waiter looks whether the holder has died. All others sleep longer, and take a free lock only when
/// it was nobody's turn all that time: then whose turn it is was stopped, or has died.
const FIRST_WAITER_LOOKS: Duration = Duration::from_millis(5);

/// What a process needs for the session locks of one file. It depends on nothing else of the engine: a lease keeps it.
#[derive(Debug)]
pub(super) struct SessionLocks {
    path: PathBuf,
    identity: Identity,
    /// Has the bytes of the locks that this process holds.
    description: Description,
    /// Each has the byte of one waiting thread, or is ready to.
    for_waiters: Mutex<Vec<Description>>,
    queues: Queues,
    epoch: u64,
}

/// A locked session; dropping it unlocks.
pub(super) struct Held {
    locks: Arc<SessionLocks>,
    bytes: SessionBytes,
}

/// A thread in the queue; dropping it leaves the queue.
struct Waiting<'l> {
    locks: &'l Arc<SessionLocks>,
    bytes: SessionBytes,
    ticket: Ticket,
    /// Always there until the drop.
    description: Option<Description>,
}

impl Store {
    /// What chooses a session's bytes. Keyed, so that nobody can choose sessions that meet.
    pub(super) fn session_hash(&self, key: &Key) -> u64 {
        xxh3_64_with_seed(key.as_bytes(), self.hash_seed)
    }
}

impl SessionLocks {
    /// For the file at `path`; `None` when the path no longer names the expected file.
    pub(super) fn open(path: &Path, identity: Identity) -> Result<Option<Arc<Self>>, EngineError> {
        let Some(mappable) = place::open_again(path, identity)? else { return Ok(None) };
        let Some(lockable) = place::open_again(path, identity)? else { return Ok(None) };
        let queues = Queues::new(&mappable)
            .map_err(|source| place::io_error(path, "mapping the queues of session locks", source))?;
        Ok(Some(Arc::new(Self {
            path: path.to_owned(),
            identity,
            description: Description::new(lockable),
            for_waiters: Mutex::default(),
            queues,
            epoch: epoch::current(),
        })))
    }

    /// Waits for the lock of the session with this hash. `None` when the path has come to name another file.
    pub(super) fn lock(
        self: &Arc<Self>,
        hash: u64,
        patience: &mut Patience<'_>,
    ) -> Result<Option<Held>, EngineError> {
        let bytes = SessionBytes::of(hash);
        let is_awaited = self.queues.queue(bytes.queue).is_awaited()
            && bytes.is_awaited(&self.description).map_err(|source| self.failed(source))?;
        if let Some(held) = self.try_lock(bytes, !is_awaited)? {
            return Ok(Some(held));
        }
        let Some(waiting) = Waiting::begin(self, bytes)? else { return Ok(None) };
        waiting.wait(patience).map(Some)
    }

    /// The lock, if it is free and `may_take`; an error when this thread holds it.
    fn try_lock(self: &Arc<Self>, bytes: SessionBytes, may_take: bool) -> Result<Option<Held>, EngineError> {
        let me = thread::current().id();
        let byte = held::locked_byte(self.identity, bytes.lock_byte());
        let mut table = held::of_this_process().lock();
        match table.get(&byte) {
            Some(holder) if *holder == me => return Err(EngineError::LockedTwice),
            Some(_) => return Ok(None),
            None if !may_take => return Ok(None),
            None => {}
        }
        if !bytes.try_lock(&self.description).map_err(|source| self.failed(source))? {
            return Ok(None);
        }
        table.insert(byte, me);
        Ok(Some(Held { locks: Arc::clone(self), bytes }))
    }

    /// Wakes who has waited longest, as its turn has come or something else has changed for it. Where the kernel fails,
    /// waiters look by themselves.
    fn wake_first(&self, bytes: &SessionBytes, asker: &Description) {
        let queue = self.queues.queue(bytes.queue);
        queue.next_turn();
        if queue.is_awaited()
            && let Ok(Some(first)) = bytes.first(asker, queue.next_ticket())
        {
            queue.wake(first);
        }
    }

    fn failed(&self, source: io::Error) -> EngineError {
        place::io_error(&self.path, "locking the session", source)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // In a forked child this is a copy: the parent holds the lock.
        if self.locks.epoch != epoch::current() {
            return;
        }
        let locks = &self.locks;
        {
            let mut table = held::of_this_process().lock();
            // Fails for no descriptor that is open; what could still be done is done by the end of the process.
            let _ = self.bytes.unlock(&locks.description);
            table.remove(&held::locked_byte(locks.identity, self.bytes.lock_byte()));
        }
        locks.wake_first(&self.bytes, &locks.description);
    }
}

impl<'l> Waiting<'l> {
    fn begin(locks: &'l Arc<SessionLocks>, bytes: SessionBytes) -> Result<Option<Self>, EngineError> {
        let ready = locks.for_waiters.lock().pop();
        let description = match ready {
            Some(description) => description,
            None => match place::open_again(&locks.path, locks.identity)? {
                Some(file) => Description::new(file),
                None => return Ok(None),
            },
        };
        let queue = locks.queues.queue(bytes.queue);
        queue.say_awaited();
        let ticket = queue.take_ticket();
        // A ticket that somebody has had for a whole round of tickets is in use: then we wait without a place.
        bytes.queue_up(&description, ticket).map_err(|source| locks.failed(source))?;
        Ok(Some(Self { locks, bytes, ticket, description: Some(description) }))
    }

    fn wait(&self, patience: &mut Patience<'_>) -> Result<Held, EngineError> {
        let queue = self.locks.queues.queue(self.bytes.queue);
        let mut is_first = false;
        let mut nobody_came = false;
        loop {
            let turn = queue.turn();
            // Who is first stays first: only tickets behind ours are given out.
            is_first = is_first || !self.is_awaited_before()?;
            if (is_first || nobody_came)
                && let Some(held) = self.locks.try_lock(self.bytes, true)?
            {
                return Ok(held);
            }
            let mut sleep = patience.next_sleep()?;
            if is_first {
                sleep = sleep.min(FIRST_WAITER_LOOKS);
            }
            queue.say_awaited();
            nobody_came = queue.sleep(turn, self.ticket, sleep);
        }
    }

    fn is_awaited_before(&self) -> Result<bool, EngineError> {
        let Some(description) = &self.description else { return Ok(false) };
        self.bytes.is_awaited_before(description, self.ticket).map_err(|source| self.locks.failed(source))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(description) = self.description.take() else { return };
        if self.bytes.leave(&description, self.ticket).is_ok() {
            // Whoever is first now shall know it: to look after us when we hold the lock, else to take it if it is free.
            self.locks.wake_first(&self.bytes, &description);
            self.locks.for_waiters.lock().push(description);
        }
    }
}
