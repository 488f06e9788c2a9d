use std::time::{Duration, SystemTime, UNIX_EPOCH};

mod calendar;

pub(crate) use calendar::Calendar;
pub use calendar::utc;

/// A point in time: milliseconds since 1970-01-01 00:00 UTC, by the clock of an engine
/// ([`crate::engine::Engine::now`]).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Later than every other point in time: what expires then never expires.
    pub const NEVER: Self = Self(u64::MAX);

    /// `millis` milliseconds after 1970-01-01 00:00 UTC.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01 00:00 UTC.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since 1970-01-01 00:00 UTC, as PHP's `time()` counts.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// The computer's wall clock. A clock before 1970 reads as 1970.
    pub fn wall() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// This point and `later`; [`Timestamp::NEVER`] when that is out of range.
    #[must_use]
    pub fn after(self, later: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(later.as_millis()).unwrap_or(u64::MAX)))
    }

    /// The time from `earlier` to this point; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}
