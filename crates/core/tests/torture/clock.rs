//! The clocks of this program: `clock_gettime` of the C library is replaced by one that a part can step.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

static WALL: AtomicI64 = AtomicI64::new(0);
static BOOT: AtomicI64 = AtomicI64::new(0);

/// Seconds that the wall clock is ahead of the true one: somebody, or NTP, has set it.
pub fn step_wall(seconds: i64) {
    WALL.store(seconds, SeqCst);
}

/// Seconds more since the boot: what the computer was suspended. The monotonic clock does not count them.
pub fn suspend(seconds: i64) {
    BOOT.fetch_add(seconds, SeqCst);
    WALL.fetch_add(seconds, SeqCst);
}

/// # Safety
/// As for the C library's: `time` points to a `timespec`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: libc::clockid_t, time: *mut libc::timespec) -> libc::c_int {
    // SAFETY: the kernel writes to `time`, or refuses.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    if result == 0 {
        let ahead = match clock {
            libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE => WALL.load(SeqCst),
            libc::CLOCK_BOOTTIME => BOOT.load(SeqCst),
            _ => 0,
        };
        // SAFETY: the kernel has just written it.
        unsafe { (*time).tv_sec += ahead };
    }
    result as libc::c_int
}
