use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::time::Timestamp;

/// The wall clock as it stood at the start, moved on by the time since boot: a step of the wall clock does not
/// reach it, and the time for which the computer is suspended counts (R22).
#[derive(Debug)]
pub(super) struct SteadyClock {
    started: Timestamp,
    up_at_start: Duration,
}

impl SteadyClock {
    pub(super) fn start() -> Self {
        Self { started: Timestamp::wall(), up_at_start: uptime() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.started.after(uptime().saturating_sub(self.up_at_start))
    }
}

fn uptime() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::try_from(time).unwrap_or_default()
}
