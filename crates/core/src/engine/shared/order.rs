//! Points between two steps of a protocol. Death may come at each of them, so what the steps before it wrote must be
//! in the file, in the order of the program, when the steps after it begin.

use std::sync::atomic::{Ordering, compiler_fence};

/// Keeps the compiler from moving a store across. The processor needs nothing more: it completes what it has retired,
/// and whoever takes over synchronises with the dead process through the kernel.
#[inline]
pub(super) fn step() {
    compiler_fence(Ordering::SeqCst);
    #[cfg(test)]
    {
        death::step();
        turns::give();
    }
}

/// Lets a test choose who goes on, wherever a process may be interrupted.
#[cfg(test)]
pub(super) mod turns {
    use std::cell::Cell;

    thread_local! {
        /// How this thread gives its turn to others; `None` where they run by themselves.
        static GIVE: Cell<Option<fn()>> = const { Cell::new(None) };
    }

    /// From here on, this thread gives its turn away by `give` at every step.
    pub(in super::super) fn are_given_by(give: Option<fn()>) {
        GIVE.set(give);
    }

    /// Gives the turn away, if it is given; whether it was.
    pub(in super::super) fn give() -> bool {
        let give = GIVE.get();
        if let Some(give) = give {
            give();
        }
        give.is_some()
    }
}

/// Kills this process at a chosen step.
#[cfg(test)]
pub(super) mod death {
    use std::sync::atomic::{AtomicU64, Ordering};

    static STEPS_TO_LIVE: AtomicU64 = AtomicU64::new(u64::MAX);

    /// The process dies by SIGKILL at its `steps`th step from now, counted from 1.
    pub(in super::super) fn after(steps: u64) {
        STEPS_TO_LIVE.store(steps, Ordering::Relaxed);
    }

    pub(super) fn step() {
        if STEPS_TO_LIVE.load(Ordering::Relaxed) == u64::MAX {
            return;
        }
        if STEPS_TO_LIVE.fetch_sub(1, Ordering::Relaxed) == 1 {
            let me = rustix::process::getpid();
            let _ = rustix::process::kill_process(me, rustix::process::Signal::KILL);
        }
    }
}
