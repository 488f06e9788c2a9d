//! A few threads over one queue, and what became of what they did: for stores whose answers are waited for.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use holdfast_core::engine::EngineError;

/// Items that are worked on at the same time: what a server answers one of them takes is not waited for by the others.
const AT_ONCE: usize = 4;

/// After so many errors one after the other the rest would fail as well.
const HOPELESS: u64 = 8;

/// Has `work` done by threads on each item that `find` sends; over once all of it is.
pub fn share<Item: Send, Found>(
    waiting: usize,
    work: impl Fn(Item) + Sync,
    find: impl FnOnce(&SyncSender<Item>) -> Found,
) -> Found {
    let (found, queue) = sync_channel(waiting);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| work_off(&queue, &work));
        }
        // Dropped at the end, which ends the threads.
        let found = found;
        find(&found)
    })
}

fn work_off<Item>(queue: &Mutex<Receiver<Item>>, work: &impl Fn(Item)) {
    loop {
        // The mutex is held while waiting: only one of those who have nothing to do waits for the channel.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(item) = next else { return };
        work(item);
    }
}

/// The errors of what several threads do.
#[derive(Debug, Default)]
pub struct Errors {
    count: AtomicU64,
    /// Since the last success.
    in_a_row: AtomicU64,
    first: Mutex<Option<EngineError>>,
}

impl Errors {
    /// Takes note of an error, and gives what is none.
    pub fn sift<Done>(&self, outcome: Result<Done, EngineError>) -> Option<Done> {
        match outcome {
            Ok(done) => {
                self.in_a_row.store(0, Relaxed);
                Some(done)
            }
            Err(error) => {
                self.in_a_row.fetch_add(1, Relaxed);
                self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                self.count.fetch_add(1, Relaxed);
                None
            }
        }
    }

    pub fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    pub fn are_hopeless(&self) -> bool {
        self.in_a_row.load(Relaxed) >= HOPELESS
    }

    pub fn take_first(&self) -> Option<EngineError> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
