use std::time::Duration;

use super::millis;
use crate::{record::Meta, time::Timestamp};

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// How long a guest's session may be idle.
    pub guest: Duration,
    /// How long the session of somebody who is logged in may be idle.
    pub member: Duration,
    /// How long any session lives after its beginning or its login, whatever is asked of it (S13); zero: no end.
    pub absolute: Duration,
    /// How long a login is remembered after each use, for a browser that asked for it; zero: not at all.
    pub remembered: Duration,
}

impl Lifetimes {
    /// Idle for so long at most, and no other end.
    pub const fn idle(idle: Duration) -> Self {
        Self { guest: idle, member: idle, absolute: Duration::ZERO, remembered: Duration::ZERO }
    }

    /// How long a session may be idle (S15).
    pub fn idle_of(&self, meta: &Meta) -> Duration {
        match meta {
            Meta { keeps_lifetime: true, lifetime_ms, .. } => Duration::from_millis(*lifetime_ms),
            Meta { user: Some(_), .. } => self.member,
            Meta { user: None, .. } => self.guest,
        }
    }

    /// The longest that anything of a user's lives untouched.
    pub(super) fn longest(&self) -> Duration {
        self.guest.max(self.member).max(self.remembered)
    }

    /// A session's meta with the lifetime that it has by these.
    pub(super) fn applied_to(&self, meta: Meta) -> Meta {
        Meta { lifetime_ms: millis(self.idle_of(&meta)), ..meta }
    }

    /// Has the session lived as long as any session may?
    pub(super) fn are_over(&self, meta: &Meta, now: Timestamp) -> bool {
        !self.absolute.is_zero() && now.since(meta.authenticated) >= self.absolute
    }
}
