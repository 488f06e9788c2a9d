use std::time::{Duration, Instant};

/// How much a part does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Seconds: for every run of the tests.
    Short,
    /// Minutes: the figures of docs/reliability.md.
    Long,
}

impl Form {
    pub fn pick<T>(self, short: T, long: T) -> T {
        match self {
            Self::Short => short,
            Self::Long => long,
        }
    }
}

/// Says now and then how far a part is.
pub struct Progress {
    what: String,
    all: u64,
    said: Instant,
}

impl Progress {
    pub fn of(what: impl Into<String>, all: u64) -> Self {
        Self { what: what.into(), all, said: Instant::now() }
    }

    pub fn done(&mut self, count: u64) {
        if self.said.elapsed() > Duration::from_secs(5) {
            self.said = Instant::now();
            println!("torture:   {}: {count} of {}", self.what, self.all);
        }
    }
}
