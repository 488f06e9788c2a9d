//! Who is alive: every user of a file holds the write lock on one byte of it, far behind its end. The kernel frees the
//! byte at the holder's death, whatever the cause, and across PID namespaces.
//!
//! The lock belongs to an open file description (OFD). Nothing else may keep that description alive after its process
//! died: it is never mapped, closes on exec, and a forked child closes its copy at once.

use std::{
    fs::File,
    io,
    mem::ManuallyDrop,
    ops::Deref,
    os::fd::{AsRawFd, RawFd},
    ptr,
    sync::{
        Once,
        atomic::{AtomicI32, AtomicPtr, Ordering},
    },
};

use super::{epoch, layout::REGISTRY_SLOTS, mapping::Mapping};

const LIVENESS: i64 = 1 << 40;
/// Held, for a moment, by who opens, builds or recovers the file.
const OPENING: i64 = LIVENESS - 1;

/// An open file description that locks may belong to: a forked child closes its copy before it runs anything.
#[derive(Debug)]
pub(super) struct Description {
    file: ManuallyDrop<File>,
    listed: &'static Listed,
}

impl Description {
    pub(super) fn new(file: File) -> Self {
        close_in_children();
        let listed = Listed::add(file.as_raw_fd());
        Self { file: ManuallyDrop::new(file), listed }
    }
}

impl Deref for Description {
    type Target = File;

    fn deref(&self) -> &File {
        &self.file
    }
}

impl Drop for Description {
    fn drop(&mut self) {
        self.listed.close();
    }
}

/// A place in the registry, held until [`Liveness::end`].
#[derive(Debug)]
pub(super) struct Liveness {
    pub(super) description: Description,
    pub(super) place: u32,
    /// The low 18 bits of the place's generation, as lock words have them.
    pub(super) generation: u32,
}

/// How many bits of a generation a lock word has.
pub(super) const GENERATION_BITS: u32 = 18;

/// Takes the opening lock of `file`, if it is free; closing the description frees it.
pub(super) fn try_lock_opening(file: &File) -> io::Result<bool> {
    try_lock(file.as_raw_fd(), OPENING)
}

/// Frees the opening lock.
pub(super) fn unlock_opening(liveness: &Liveness) -> io::Result<()> {
    let descriptor = liveness.description.as_raw_fd();
    request(descriptor, libc::F_OFD_SETLK, libc::F_UNLCK, OPENING, 1).map(|_| ())
}

/// Whether anybody uses `file`. The answer holds as long as the caller has the opening lock.
pub(super) fn is_anybody_alive(file: &File) -> io::Result<bool> {
    let places = i64::from(REGISTRY_SLOTS);
    request(file.as_raw_fd(), libc::F_OFD_GETLK, libc::F_WRLCK, LIVENESS, places)
        .map(|found| i32::from(found.l_type) != libc::F_UNLCK)
}

impl Liveness {
    /// Takes a free place; the caller holds the opening lock. `None` when there is none.
    pub(super) fn begin(description: Description, mapping: &Mapping) -> io::Result<Option<Self>> {
        let first = std::process::id().wrapping_mul(0x9e37_79b1) % REGISTRY_SLOTS;
        for step in 0..REGISTRY_SLOTS {
            let place = (first + step) % REGISTRY_SLOTS;
            if try_lock(description.as_raw_fd(), LIVENESS + i64::from(place))? {
                let slot = mapping.registry_slot(place);
                slot.pid.store(std::process::id(), Ordering::Relaxed);
                // Release: pairs with the Acquire in `is_dead`, which must not see a lock word of this life with the
                // generation of an earlier one.
                let generation = slot.generation.fetch_add(1, Ordering::AcqRel) + 1;
                let generation = generation & ((1 << GENERATION_BITS) - 1);
                return Ok(Some(Self { description, place, generation }));
            }
        }
        Ok(None)
    }

    /// Whether the user that registered as `generation` at `place` has died.
    pub(super) fn is_dead(&self, mapping: &Mapping, place: u32, generation: u32) -> bool {
        if place >= REGISTRY_SLOTS {
            return true;
        }
        let now = mapping.registry_slot(place).generation.load(Ordering::Acquire);
        if now & ((1 << GENERATION_BITS) - 1) != generation {
            return true;
        }
        // The kernel does not count our own description's locks against us.
        if place == self.place {
            return false;
        }
        request(
            self.description.as_raw_fd(),
            libc::F_OFD_GETLK,
            libc::F_WRLCK,
            LIVENESS + i64::from(place),
            1,
        )
        .is_ok_and(|found| i32::from(found.l_type) == libc::F_UNLCK)
    }

    /// Frees the liveness byte, before [`Self::end`] closes the description: the caller holds no lock of the file any more.
    pub(super) fn resign(&self) -> io::Result<()> {
        let byte = LIVENESS + i64::from(self.place);
        request(self.description.as_raw_fd(), libc::F_OFD_SETLK, libc::F_UNLCK, byte, 1).map(|_| ())
    }

    /// Gives the place back; at most once, later calls do nothing.
    pub(super) fn end(&self) {
        self.description.listed.close();
    }
}

/// A file descriptor in the list of those that a forked child closes; -1 once it is closed. Never freed.
#[derive(Debug)]
struct Listed {
    descriptor: AtomicI32,
    next: AtomicPtr<Listed>,
}

static LIST: AtomicPtr<Listed> = AtomicPtr::new(ptr::null_mut());

impl Listed {
    fn add(descriptor: RawFd) -> &'static Self {
        let new = Box::leak(Box::new(Self {
            descriptor: AtomicI32::new(descriptor),
            next: AtomicPtr::new(ptr::null_mut()),
        }));
        let mut head = LIST.load(Ordering::Relaxed);
        loop {
            new.next.store(head, Ordering::Relaxed);
            // Release: pairs with the Acquire in `close_all_in_child`, which walks the list.
            match LIST.compare_exchange_weak(head, new, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return new,
                Err(other) => head = other,
            }
        }
    }

    fn close(&self) {
        let descriptor = self.descriptor.swap(-1, Ordering::AcqRel);
        if descriptor >= 0 {
            // SAFETY: a `Description` keeps its file from closing the descriptor, and the swap lets one caller have it.
            unsafe { libc::close(descriptor) };
        }
    }
}

extern "C" fn close_all_in_child() {
    epoch::wipe();
    let mut next = LIST.load(Ordering::Acquire);
    // SAFETY: the list holds leaked boxes only, so every pointer in it stays valid.
    while let Some(listed) = unsafe { next.as_ref() } {
        listed.close();
        next = listed.next.load(Ordering::Acquire);
    }
}

fn close_in_children() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the handler is async-signal-safe: atomics and close(2) only.
        unsafe { libc::pthread_atfork(None, None, Some(close_all_in_child)) };
    });
}

/// Takes the write lock on one byte, if it is free, for the description.
pub(super) fn try_lock(descriptor: RawFd, byte: i64) -> io::Result<bool> {
    match request(descriptor, libc::F_OFD_SETLK, libc::F_WRLCK, byte, 1) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn request(
    descriptor: RawFd,
    command: i32,
    kind: i32,
    start: i64,
    bytes: i64,
) -> io::Result<libc::flock> {
    // SAFETY: flock is plain integers; zero is a value, and OFD locks need l_pid = 0.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock.l_start = start;
    lock.l_len = bytes;
    loop {
        // SAFETY: the command takes a pointer to a flock, which lives over the call.
        if unsafe { libc::fcntl(descriptor, command, &raw mut lock) } == 0 {
            return Ok(lock);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
