//! Time that no step of the wall clock touches: the clock that runs from boot, also in suspend, and an offset that is
//! chosen once in a boot.

use rustix::time::{ClockId, clock_gettime};

use crate::time::Timestamp;

/// Milliseconds since the computer was started, those in suspend included.
fn since_boot() -> u64 {
    millis(ClockId::Boottime)
}

/// Milliseconds of a clock that never steps, to the kernel's tick: for deadlines of seconds, at the price of a load.
pub(super) fn coarse() -> u64 {
    millis(ClockId::MonotonicCoarse)
}

fn millis(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    u64::try_from(time.tv_sec)
        .unwrap_or_default()
        .saturating_mul(1000)
        .saturating_add(u64::try_from(time.tv_nsec).unwrap_or_default() / 1_000_000)
}

/// What to add to the time since boot to get the wall clock's time, as both are now.
pub(super) fn offset_to_wall() -> u64 {
    Timestamp::wall().as_millis().saturating_sub(since_boot())
}

/// The time of a store whose offset this is.
pub(super) fn now(offset: u64) -> Timestamp {
    Timestamp::from_millis(since_boot().saturating_add(offset))
}

/// What names this boot of the computer; zeros where the system does not tell.
pub(super) fn boot_id() -> [u8; 40] {
    let mut id = [0; 40];
    if let Ok(text) = std::fs::read("/proc/sys/kernel/random/boot_id") {
        for (to, from) in id.iter_mut().zip(text.trim_ascii()) {
            *to = *from;
        }
    }
    id
}
