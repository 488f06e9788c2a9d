use std::time::{Duration, Instant};

use super::EngineError;

/// How long a caller of [`Engine::lock`](super::Engine::lock) is willing to wait, by a clock that never steps.
pub(super) struct Patience<'a> {
    begun: Instant,
    wait: Duration,
    keep_waiting: &'a mut dyn FnMut() -> bool,
}

/// The longest that a waiter sleeps before it looks and asks again. The contract allows twice as much.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_millis(50);

impl<'a> Patience<'a> {
    pub(super) fn new(wait: Duration, keep_waiting: &'a mut dyn FnMut() -> bool) -> Self {
        Self { begun: Instant::now(), wait, keep_waiting }
    }

    /// How long to sleep at most before the next call; an error when the waiting is over. Calls back, so the caller
    /// holds no lock.
    pub(super) fn next_sleep(&mut self) -> Result<Duration, EngineError> {
        let waited = self.begun.elapsed();
        let left = self.wait.saturating_sub(waited);
        if left.is_zero() {
            return Err(EngineError::SessionLocked { waited });
        }
        if !(self.keep_waiting)() {
            return Err(EngineError::LockInterrupted { waited });
        }
        Ok(left.min(LONGEST_SLEEP))
    }
}
