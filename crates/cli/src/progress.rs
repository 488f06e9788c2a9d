use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// How often the line changes: readable, and of no weight beside the work.
const EVERY: Duration = Duration::from_millis(200);

/// One line on stderr that tells how far the work is, where stderr is a terminal; else nothing.
pub struct Progress {
    shown: bool,
    total: u64,
    begun: Instant,
    last: Instant,
}

impl Progress {
    /// Whether anybody would see it.
    pub fn is_seen() -> bool {
        io::stderr().is_terminal()
    }

    /// For about `total` pieces of work; 0 = nobody knows.
    pub fn new(total: u64) -> Self {
        let now = Instant::now();
        Self { shown: false, total, begun: now, last: now.checked_sub(EVERY).unwrap_or(now) }
    }

    /// So much is done.
    pub fn at(&mut self, done: u64) {
        if self.last.elapsed() < EVERY || !Self::is_seen() {
            return;
        }
        self.last = Instant::now();
        self.shown = true;
        let line = line(done, self.total, self.begun.elapsed());
        let _ = write!(io::stderr(), "\r{line}\x1b[K");
    }
}

impl Drop for Progress {
    /// Leaves an empty line for the verdict.
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(done: u64, total: u64, spent: Duration) -> String {
    let millis = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = done.saturating_mul(1000) / millis;
    let total = total.max(done);
    let left = (total - done) / rate.max(1);
    format!("{done} of about {total} records, {rate} a second, {left} s left")
}

#[cfg(test)]
mod tests {
    use super::{Duration, line};

    #[test]
    fn the_line_tells_how_much_how_fast_and_how_long() {
        let at = |done, total| line(done, total, Duration::from_secs(10));
        assert_eq!(at(50_000, 200_000), "50000 of about 200000 records, 5000 a second, 30 s left");
        assert_eq!(at(10, 0), "10 of about 10 records, 1 a second, 0 s left");
        assert_eq!(line(0, 7, Duration::ZERO), "0 of about 7 records, 0 a second, 7 s left");
    }
}
