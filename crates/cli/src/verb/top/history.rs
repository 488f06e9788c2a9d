use std::{collections::VecDeque, time::Instant};

use crate::figures::{COUNTERS, Sample, rate};

/// As many as a wide terminal has columns.
const MOST: usize = 400;

/// What was counted, and how fast it went, the newest last.
pub struct History {
    last: Sample,
    at: Instant,
    /// For each of [`COUNTERS`]: so much of it happened per second.
    rates: Vec<VecDeque<f64>>,
}

impl History {
    /// Begins with what is known.
    pub fn begin(first: Sample) -> Self {
        Self { last: first, at: Instant::now(), rates: vec![VecDeque::new(); COUNTERS.len()] }
    }

    /// One more.
    pub fn add(&mut self, sample: Sample) {
        let now = Instant::now();
        let between = now - self.at;
        for (figure, rates) in COUNTERS.iter().zip(&mut self.rates) {
            if rates.len() == MOST {
                rates.pop_front();
            }
            rates.push_back(rate(figure, &self.last.whole, &sample.whole, between));
        }
        (self.last, self.at) = (sample, now);
    }

    /// The newest.
    pub fn last(&self) -> &Sample {
        &self.last
    }

    /// Of a counter, by its place in [`COUNTERS`].
    pub fn rates(&self, counter: usize) -> &VecDeque<f64> {
        &self.rates[counter]
    }
}
