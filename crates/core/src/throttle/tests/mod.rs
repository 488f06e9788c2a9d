use std::sync::Arc;

use super::*;
use crate::engine::{
    Engine,
    memory::{MemoryEngine, MemoryOptions},
};

mod model;
mod pages;
mod rules_of_the_game;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);

/// A store of its own, with the time that its users see.
struct House {
    store: Store,
    engine: Arc<MemoryEngine>,
    now: Timestamp,
}

impl House {
    fn new() -> Self {
        let engine = Arc::new(MemoryEngine::new(MemoryOptions { capacity: 16 << 20 }));
        let store = Store::new(Arc::clone(&engine) as Arc<dyn Engine>).unwrap();
        Self { store, now: engine.now(), engine }
    }

    fn pass_time(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    fn begin(&self, attempt: Attempt<'_>) -> Verdict {
        begin(&self.store, self.now, &attempt).unwrap()
    }

    /// An attempt that must be let through.
    fn pass(&self, attempt: Attempt<'_>) -> Pass {
        match self.begin(attempt) {
            Verdict::Go(pass) => pass,
            Verdict::Refused(wait) => panic!("refused: {wait:?}"),
        }
    }

    /// An attempt that must be refused.
    fn refused(&self, attempt: Attempt<'_>) -> Wait {
        match self.begin(attempt) {
            Verdict::Go(_) => panic!("let through"),
            Verdict::Refused(wait) => wait,
        }
    }

    fn wait(&self, attempt: Attempt<'_>) -> Option<Wait> {
        wait(&self.store, self.now, &attempt).unwrap()
    }

    /// So many attempts with a wrong password, each as soon as it may be made.
    fn fail(&mut self, times: u32, attempt: Attempt<'_>) {
        for _ in 0..times {
            if let Some(Wait::For(time)) = self.wait(attempt) {
                self.pass_time(time);
            }
            let _ = self.pass(attempt);
        }
    }

    fn counts(&self, subject: Subject<'_>) -> (u32, u32) {
        let counts = counts(&self.store, self.now, subject).unwrap();
        (counts.attempts, counts.failures)
    }

    fn account(&self, account: &str) -> (u32, u32) {
        self.counts(Subject::Account(account.as_bytes()))
    }

    fn network(&self, network: &str) -> (u32, u32) {
        self.counts(Subject::Network(network.as_bytes()))
    }
}

/// A stranger's attempt from nowhere.
const fn on(account: &str) -> Attempt<'_> {
    Attempt { account: Some(account.as_bytes()), network: None, device: None }
}

trait With<'a> {
    fn from(self, network: &'a str) -> Attempt<'a>;
    fn with(self, device: &'a str) -> Attempt<'a>;
}

impl<'a> With<'a> for Attempt<'a> {
    fn from(self, network: &'a str) -> Attempt<'a> {
        Attempt { network: Some(network.as_bytes()), ..self }
    }

    fn with(self, device: &'a str) -> Attempt<'a> {
        Attempt { device: Some(device.as_bytes()), ..self }
    }
}

const fn seconds(seconds: u64) -> Wait {
    Wait::For(Duration::from_secs(seconds))
}
