//! Which open store the operations of this process go to: another one after a fork, and when the path comes to name
//! another file.

use std::{
    ops::{ControlFlow, Deref},
    ptr,
    sync::{
        Arc, Mutex,
        atomic::{
            AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    SharedOptions, attach, clock, epoch,
    layout::{MAX_SIZE, MIN_SIZE, PAGE},
    place,
    session_lock::SessionLocks,
    store::Store,
};
use crate::{
    engine::{
        Commit, Engine, EngineError, Expect, Lease, Newer, Owner, Removals, Stats, Stored, Summary, Surveyed,
        Tally, Version, Write, migrating, patience::Patience, removals::RemovalQueue,
    },
    key::Key,
    secret::Secret,
    time::Timestamp,
};

/// How often the path is looked at: whether it still names the file that is open.
const LOOK_EVERY_MILLIS: u64 = 1000;

/// How often the path may come to name another file while a session is locked.
const LOCK_ATTEMPTS: u32 = 100;

/// The store file as an [`Engine`]. It may be opened before a fork and used on both sides of it.
#[derive(Debug)]
pub struct SharedEngine {
    options: SharedOptions,
    /// The newest one. Older ones stay listed behind it, and allocated, until the engine is dropped.
    current: AtomicPtr<Attachment>,
    /// The epoch of the process that attaches at the moment, or 0: a lock that a fork cannot leave locked.
    attaching: AtomicU64,
    notice: Mutex<Option<String>>,
    /// What a store that is made at the path gets for its secret.
    adopted: parking_lot::Mutex<Option<attach::Adopted>>,
    /// Whether removals are noted, in the store that is open and in later ones.
    watches_removals: AtomicBool,
}

/// How many counters count the users of a store: as many threads as that don't wait for each other's cache line.
const COUNTERS: usize = 16;

/// Operations that are working in a store, counted by their threads.
#[derive(Debug, Default)]
struct Users([Counter; COUNTERS]);

/// On cache lines of its own, and of the one that the processor fetches along with it.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Counter(AtomicU32);

thread_local! {
    /// The counter of this thread.
    static COUNTER: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Relaxed) % COUNTERS
    };
}

impl Users {
    /// This thread's. One that is ending has no number any more.
    #[inline]
    fn counter(&self) -> &AtomicU32 {
        &self.0[COUNTER.try_with(|&counter| counter).unwrap_or(0)].0
    }

    /// Whether nobody is there.
    fn is_none(&self) -> bool {
        self.0.iter().all(|counter| counter.0.load(SeqCst) == 0)
    }
}

/// A store as one process opened it.
#[derive(Debug)]
struct Attachment {
    store: Store,
    epoch: u64,
    older: *mut Attachment,
    /// Operations of this process that are working in it.
    users: Users,
    /// No operation begins in it any more.
    retired: AtomicBool,
    closed: AtomicBool,
    /// When to look at the path again, by the coarse clock.
    look_at: AtomicU64,
    /// Made by the first that locks a session.
    session_locks: parking_lot::Mutex<Option<Arc<SessionLocks>>>,
}

// SAFETY: the list of attachments is only added to, by the holder of `attaching`, and freed in drop.
unsafe impl Send for SharedEngine {}
// SAFETY: as for Send.
unsafe impl Sync for SharedEngine {}

/// An operation that is working in the open store, and the counter that counts it.
struct Entered<'e>(&'e Attachment, &'e AtomicU32);

impl Deref for Entered<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0.store
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        // SeqCst: pairs with `retire`, which sets the flag and then reads the users; one of the two sees the other. Of the
        // last users of two counters, who is later in the one order of all such operations sees both at 0.
        self.1.fetch_sub(1, SeqCst);
        if self.0.retired.load(SeqCst) && self.0.users.is_none() {
            self.0.close();
        }
    }
}

impl Attachment {
    fn retire(&self) {
        self.retired.store(true, SeqCst);
        if self.users.is_none() {
            self.close();
        }
    }

    fn close(&self) {
        if !self.closed.swap(true, SeqCst) {
            self.store.close();
            // A try: a thread of the parent may have held the mutex at the fork. Then the engine's end drops them.
            if let Some(mut locks) = self.session_locks.try_lock() {
                locks.take();
            }
        }
    }

    /// `None` when the path has come to name another file.
    fn session_locks(&self) -> Result<Option<Arc<SessionLocks>>, EngineError> {
        let mut locks = self.session_locks.lock();
        if locks.is_none() {
            *locks = SessionLocks::open(&self.store.path, self.store.identity)?;
        }
        Ok(locks.clone())
    }

    /// Whether the path still names this file, and the file is whole and the same store; looks at most once a second.
    #[inline]
    fn is_current(&self) -> bool {
        let now = clock::coarse();
        now < self.look_at.load(SeqCst) || self.look(now)
    }

    #[cold]
    fn look(&self, now: u64) -> bool {
        self.look_at.store(now + LOOK_EVERY_MILLIS, SeqCst);
        std::fs::symlink_metadata(&self.store.path).is_ok_and(|metadata| {
            place::Identity::of(&metadata) == self.store.identity
                && metadata.len() >= self.store.map.geometry.size
                && self.store.has_its_header(metadata.len())
        })
    }
}

impl SharedEngine {
    /// Opens the store, and makes it when it is not there.
    pub fn open(options: SharedOptions) -> Result<Self, EngineError> {
        let size = options.size.max(MIN_SIZE).div_ceil(PAGE).saturating_mul(PAGE);
        if size > MAX_SIZE {
            let reason = format!("a store has at most {} GiB; lower size=", MAX_SIZE >> 30);
            return Err(place::refused(&options.path, &reason));
        }
        let engine = Self {
            options: SharedOptions { size, ..options },
            current: AtomicPtr::new(ptr::null_mut()),
            attaching: AtomicU64::new(0),
            notice: Mutex::new(None),
            adopted: parking_lot::Mutex::new(None),
            watches_removals: AtomicBool::new(false),
        };
        drop(engine.enter()?);
        Ok(engine)
    }

    /// Sessions that were dropped because their bytes were damaged, since the store was made.
    pub fn damaged_sessions(&self) -> Result<u64, EngineError> {
        Ok(self.enter()?.map.control().damaged.load(SeqCst).into())
    }

    /// Every invariant of the format that does not hold; in a store in which nothing is going on. For tests: it reads
    /// everything.
    #[cfg(feature = "verify")]
    pub fn problems(&self) -> Result<Vec<String>, EngineError> {
        Ok(super::verify::problems(&*self.enter()?))
    }

    /// This process's place in the registry.
    #[cfg(test)]
    pub(super) fn place(&self) -> u32 {
        self.enter().unwrap().liveness.place
    }

    /// Ends as a process does that is killed: it leaves no seal.
    #[cfg(test)]
    pub(super) fn die(self) {
        self.enter().unwrap().0.retire();
    }

    /// The store that is open.
    #[cfg(test)]
    pub(super) fn with_store<T>(&self, look: impl FnOnce(&Store) -> T) -> T {
        look(&self.enter().unwrap())
    }

    /// Looks at the path again with the next operation.
    #[cfg(test)]
    pub(super) fn look_now(&self) {
        self.enter().unwrap().0.look_at.store(0, SeqCst);
    }

    /// What this process opened, if the path still names it. Who gets `None` attaches: the path is not looked at again for
    /// a second.
    #[inline]
    fn attached(&self) -> Option<&Attachment> {
        // SAFETY: attachments are freed in drop only, which nobody shares the engine with.
        let attachment = unsafe { self.current.load(SeqCst).as_ref() };
        attachment.filter(|attachment| attachment.epoch == epoch::current() && attachment.is_current())
    }

    /// Begins an operation. The fast way is two loads to see that this is the process that attached and the file is
    /// the one at the path, and a counter.
    #[inline]
    fn enter(&self) -> Result<Entered<'_>, EngineError> {
        loop {
            if let Some(attachment) = self.attached() {
                let counter = attachment.users.counter();
                counter.fetch_add(1, SeqCst);
                let entered = Entered(attachment, counter);
                if !attachment.retired.load(SeqCst) {
                    return Ok(entered);
                }
            }
            self.attach()?;
        }
    }

    /// Attaches once more, though the path still names the file that is open.
    fn make_anew(&self) -> Result<(), EngineError> {
        // SAFETY: as in `attached`.
        if let Some(attachment) = unsafe { self.current.load(SeqCst).as_ref() } {
            attachment.retire();
        }
        self.attach()
    }

    #[cold]
    fn attach(&self) -> Result<(), EngineError> {
        let epoch = epoch::current();
        self.lock_attaching(epoch)?;
        let _unlock = Unlock(&self.attaching);
        let older = self.current.load(SeqCst);
        // SAFETY: as in `attached`.
        if let Some(older) = unsafe { older.as_ref() } {
            let usable = older.epoch == epoch && !older.retired.load(SeqCst);
            if usable && older.look(clock::coarse()) {
                return Ok(());
            }
            if older.epoch == epoch {
                older.retire();
            } else {
                // Its users were threads of the parent. In this process nobody entered it: the epoch differs.
                older.close();
            }
        }
        // A try: a thread of the parent may have held the mutex at the fork.
        let adopted = self.adopted.try_lock().and_then(|adopted| adopted.clone());
        // SAFETY: as in `attached`.
        let before = unsafe { older.as_ref() }.map(|older| &older.store);
        let mut opened = attach::attach_after(&self.options, before, adopted.as_ref())?;
        // SAFETY: as in `attached`.
        opened.store.removals = match unsafe { older.as_ref() } {
            Some(older) if older.epoch == epoch => Arc::clone(&older.store.removals),
            // A forked child does not tell again what its parent has noted.
            _ => Arc::new(RemovalQueue::new(self.watches_removals.load(SeqCst))),
        };
        let attachment = Box::new(Attachment {
            store: opened.store,
            epoch,
            older,
            users: Users::default(),
            retired: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            look_at: AtomicU64::new(clock::coarse() + LOOK_EVERY_MILLIS),
            session_locks: parking_lot::Mutex::default(),
        });
        if let (Some(new), Ok(mut notice)) = (opened.notice, self.notice.try_lock()) {
            *notice = Some(new);
        }
        self.current.store(Box::into_raw(attachment), SeqCst);
        Ok(())
    }

    /// A lock among threads. Held at a fork, it names the parent's epoch, and the child takes it over.
    fn lock_attaching(&self, epoch: u64) -> Result<(), EngineError> {
        let begun = Instant::now();
        loop {
            let holder = self.attaching.load(SeqCst);
            if holder != epoch && self.attaching.compare_exchange(holder, epoch, SeqCst, SeqCst).is_ok() {
                return Ok(());
            }
            if begun.elapsed() > self.options.lock_timeout * 2 {
                return Err(EngineError::Busy { holder: std::process::id(), waited: begun.elapsed() });
            }
            thread::sleep(Duration::from_micros(200));
        }
    }
}

/// Frees the lock of [`SharedEngine::lock_attaching`].
struct Unlock<'e>(&'e AtomicU64);

impl Drop for Unlock<'_> {
    fn drop(&mut self) {
        self.0.store(0, SeqCst);
    }
}

impl Drop for SharedEngine {
    fn drop(&mut self) {
        let mut next = *self.current.get_mut();
        // SAFETY: as in `attached`.
        if let Some(attachment) = unsafe { next.as_ref() }
            && attachment.epoch == epoch::current()
            && !attachment.retired.load(SeqCst)
        {
            attachment.store.seal_as_last();
        }
        while !next.is_null() {
            // SAFETY: each pointer came from `Box::into_raw`, and is freed here only.
            let attachment = unsafe { Box::from_raw(next) };
            attachment.close();
            next = attachment.older;
        }
    }
}

impl Engine for SharedEngine {
    fn describe(&self) -> String {
        let size = match self.enter() {
            Ok(store) => store.map.geometry.size,
            Err(_) => self.options.size,
        };
        let path = place::resolve(self.options.path.clone());
        format!("shared://{}?size={}M", path.display(), size.div_ceil(1 << 20))
    }

    fn now(&self) -> Timestamp {
        loop {
            // Nothing of the file is read, so nobody needs to be kept from closing it.
            if let Some(attachment) = self.attached() {
                return clock::now(attachment.store.clock_offset);
            }
            if self.attach().is_err() {
                return Timestamp::wall();
            }
        }
    }

    fn secret(&self) -> Result<Secret, EngineError> {
        Ok(self.enter()?.secret.clone())
    }

    /// A file without sessions gives way to one that is made with the secret.
    fn adopt_secret(&self, secret: &Secret) -> Result<Secret, EngineError> {
        let ours = self.secret()?;
        if ours == *secret || migrating::has_sessions(self)? {
            return Ok(ours);
        }
        *self.adopted.lock() = Some(attach::Adopted { secret: secret.clone(), instead_of: ours });
        self.make_anew()?;
        self.secret()
    }

    fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        self.enter()?.load(key, now)
    }

    fn load_newer(&self, key: &Key, known: Version, now: Timestamp) -> Result<Newer, EngineError> {
        self.enter()?.load_newer(key, known, now)
    }

    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        self.enter()?.commit(key, expect, write, now)
    }

    fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError> {
        self.enter()?.touch(key, expires, now)
    }

    fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        self.enter()?.destroy(key, now)
    }

    fn collect(&self, now: Timestamp) -> Result<u64, EngineError> {
        self.enter()?.collect(now)
    }

    fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.enter()?.visit(now, each)
    }

    fn survey(
        &self,
        now: Timestamp,
        bytes: usize,
        each: &mut dyn FnMut(Surveyed<'_>) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.enter()?.survey(now, bytes, each)
    }

    fn peek(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        self.enter()?.peek(key, now)
    }

    fn owned(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        self.enter()?.owned(owner, now)
    }

    fn lock(
        &self,
        key: &Key,
        wait: Duration,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Lease, EngineError> {
        let mut patience = Patience::new(wait, keep_waiting);
        for _ in 0..LOCK_ATTEMPTS {
            let (locks, hash) = {
                let entered = self.enter()?;
                (entered.0.session_locks()?, entered.session_hash(key))
            };
            if let Some(locks) = &locks
                && let Some(held) = locks.lock(hash, &mut patience)?
            {
                // Who locks in the file that is at the path by now would not meet us in another one.
                let now = self.enter()?.0.session_locks()?;
                if now.is_some_and(|now| Arc::ptr_eq(&now, locks)) {
                    return Ok(Lease::of(held));
                }
            }
            self.enter()?.0.look_at.store(0, SeqCst);
        }
        let path = self.options.path.clone();
        let source = std::io::ErrorKind::TimedOut.into();
        Err(place::io_error(&path, "locking a session (the file is replaced again and again)", source))
    }

    fn watch_removals(&self, on: bool) {
        self.watches_removals.store(on, SeqCst);
        // Where nothing can be opened now, what is opened later finds the flag.
        if let Ok(store) = self.enter() {
            store.removals.watch(on);
        }
    }

    fn take_removals(&self) -> Removals {
        self.enter().map_or_else(|_| Removals::default(), |store| store.removals.take())
    }

    /// That a damaged file was set aside, or damaged sessions dropped.
    fn take_notice(&self) -> Option<String> {
        self.notice.try_lock().ok()?.take()
    }

    fn count(&self, key: &Key, what: Tally) {
        // Where it can't be opened nothing could be saved either.
        if let Ok(store) = self.enter() {
            store.count(key, what);
        }
    }

    fn stats(&self) -> Result<Stats, EngineError> {
        Ok(self.enter()?.stats())
    }

    fn parts(&self) -> Result<Vec<Stats>, EngineError> {
        Ok(self.enter()?.parts().collect())
    }
}
