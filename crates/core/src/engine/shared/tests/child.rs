//! Forked children that run a part of a test.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

/// Held for writing while a child exists that has not closed what it inherited: for that moment it keeps its parent's places in
/// all stores alive, and an opener is not alone.
static FORKING: RwLock<()> = RwLock::new(());

/// Until it is dropped, no test forks.
pub(super) fn no_forks() -> RwLockReadGuard<'static, ()> {
    FORKING.read().unwrap_or_else(PoisonError::into_inner)
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Panicked,
    Killed,
}

/// A child of this process; killed when the test ends before it.
pub(super) struct Child(libc::pid_t);

impl Child {
    /// Runs `work` in a forked child.
    pub(super) fn run(work: impl FnOnce()) -> Self {
        let forking = FORKING.write().unwrap_or_else(PoisonError::into_inner);
        let forked = Signal::new();
        // SAFETY: the child has this one thread; it runs `work` and ends without running this process's destructors.
        match unsafe { libc::fork() } {
            0 => {
                drop(forking);
                forked.give();
                let done = catch_unwind(AssertUnwindSafe(work)).is_ok();
                // SAFETY: ends the child at once.
                unsafe { libc::_exit(i32::from(!done)) }
            }
            child => {
                assert!(child > 0, "fork failed");
                forked.wait();
                drop(forking);
                Self(child)
            }
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.0.cast_unsigned()
    }

    pub(super) fn signal(&self, signal: i32) {
        // SAFETY: a child that was not waited for, so its id is its own.
        assert_eq!(unsafe { libc::kill(self.0, signal) }, 0);
    }

    /// Waits for its end.
    pub(super) fn end(mut self) -> End {
        self.wait()
    }

    /// Waits until it is stopped by a signal.
    pub(super) fn wait_until_stopped(&self) {
        let mut status = 0;
        // SAFETY: waits for our own child.
        assert_eq!(unsafe { libc::waitpid(self.0, &raw mut status, libc::WUNTRACED) }, self.0);
        assert!(libc::WIFSTOPPED(status));
    }

    fn wait(&mut self) -> End {
        let mut status = 0;
        // SAFETY: waits for our own child.
        assert_eq!(unsafe { libc::waitpid(self.0, &raw mut status, 0) }, self.0);
        self.0 = 0;
        match (libc::WIFSIGNALED(status), libc::WEXITSTATUS(status)) {
            (true, _) => End::Killed,
            (false, 0) => End::Done,
            (false, _) => End::Panicked,
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.0 > 0 {
            self.signal(libc::SIGKILL);
            self.wait();
        }
    }
}

/// A pipe for one byte: a condition in another process that can be waited for.
pub(super) struct Signal([i32; 2]);

impl Signal {
    pub(super) fn new() -> Self {
        let mut ends = [0; 2];
        // SAFETY: two descriptors are written to an array of two.
        assert_eq!(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
        Self(ends)
    }

    pub(super) fn give(&self) {
        // SAFETY: one byte from a live buffer.
        assert_eq!(unsafe { libc::write(self.0[1], b"!".as_ptr().cast(), 1) }, 1);
    }

    pub(super) fn wait(&self) {
        let mut byte = 0_u8;
        // SAFETY: one byte to a live buffer.
        assert_eq!(unsafe { libc::read(self.0[0], (&raw mut byte).cast(), 1) }, 1);
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        for end in self.0 {
            // SAFETY: our own descriptors, closed once.
            unsafe { libc::close(end) };
        }
    }
}
