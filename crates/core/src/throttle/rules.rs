//! Every figure of the throttle, with its reason.

use std::time::Duration;

use super::Wait;
use crate::time::Timestamp;

/// The first delay after the free attempts. Each further failure doubles it.
pub const FIRST_DELAY: Duration = Duration::from_secs(1);

/// No delay is longer: who makes an attempt in each gap still gets no more than 96 a day, and whoever mistyped is not
/// sent away for an evening.
pub const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// How far a request's `now` may lie behind another one's that was counted before it, as it took its time to come
/// here. An entry of a later time than that was written before the clock stepped back.
pub(super) const LATE: Duration = Duration::from_mins(1);

/// Each try of a commit fails only because somebody else's succeeded: so many others that log in through one page at
/// once are no load but a fault.
pub(super) const TRIES: u32 = 10_000;

/// Attempts on one account, from wherever they come. Who guesses the password of one account from a thousand networks
/// runs into this.
pub const ACCOUNT: Rule = Rule {
    // People mistype, and try the password before the last one.
    free: 5,
    // NIST SP 800-63B, 3.2.2: no more than 100 consecutive failures on one account.
    stop: Some(100),
    decay: Duration::from_hours(30 * 24),
    pages: 256,
};

/// Attempts from one network, on whichever accounts. Who tries one password with a thousand names runs into this. It
/// forgets fast, because a network is shared by people who have nothing to do with each other.
pub const NETWORK: Rule = Rule { free: 20, stop: None, decay: Duration::from_hours(1), pages: 128 };

/// Attempts from a browser that has logged in to the account before, whose owner a stranger must not be able to lock
/// out (S38): it is never stopped. Who stole it is slowed down like everybody.
pub const DEVICE: Rule = Rule { free: 10, stop: None, decay: Duration::from_hours(30 * 24), pages: 32 };

/// What applies to one kind of who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// So many failures cost no delay.
    pub free: u32,
    /// So many failures, and no further attempt is let through until somebody with the password, by another way, or
    /// an operator resets the count. `None`: never.
    pub stop: Option<u32>,
    /// So long without a failure, and all is forgotten; but not what is stopped.
    pub decay: Duration,
    /// So many pages at most.
    pub pages: u32,
}

impl Rule {
    /// How long after its last failure somebody with so many of them has to wait.
    pub fn delay(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(self.free) else { return Duration::ZERO };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        FIRST_DELAY.saturating_mul(factor).min(LONGEST_DELAY)
    }

    pub(super) fn is_stopped(&self, failures: u32) -> bool {
        self.stop.is_some_and(|stop| failures >= stop)
    }

    /// What stands in the way of an attempt at `now` after so many failures, the last at `last`.
    pub(super) fn wait(&self, failures: u32, last: Timestamp, now: Timestamp) -> Option<Wait> {
        if self.is_stopped(failures) {
            return Some(Wait::Stopped);
        }
        let left = self.delay(failures).saturating_sub(now.since(last));
        (!left.is_zero()).then_some(Wait::For(left))
    }

    pub(super) fn has_decayed(&self, failures: u32, last: Timestamp, now: Timestamp) -> bool {
        now.since(last) >= self.decay && !self.is_stopped(failures)
    }
}
