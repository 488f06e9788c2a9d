//! The lock of a session: a lease in the server, given in the order of asking.
//!
//! Who wants it draws a token of 128 random bits and queues. Who gives it up hands it to the first in the queue and wakes
//! that one; it is free at no time in between. A waiter that does not come for what it was handed within a second
//! was killed or stopped, and the next one gets it. The holder's lease is renewed by its commits, and a commit of a
//! thread that holds the lock passes only while it does (S43).

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
    thread::{self, ThreadId},
    time::Duration,
};

use ::redis::{Value, cmd};
use parking_lot::Mutex;

use super::{
    Request, Shared, script,
    servers::{Again, To},
};
use crate::{
    engine::{EngineError, Lease, patience::Patience},
    key::Key,
    secret::fill_random,
};

type Token = [u8; 16];

/// The locks that threads of this process hold, by store, session and thread. A thread whose lease has ended is here
/// until it drops its lock, beside the one that has it now.
static HELD: LazyLock<Mutex<HashMap<Place, Held>>> = LazyLock::new(Mutex::default);

type Place = (String, Key, ThreadId);

struct Held {
    token: Token,
    /// A forked child inherits this table, and holds nothing of it.
    process: u32,
}

/// The token of the lock that the calling thread holds.
pub(super) fn token_of_this_thread(store: &str, key: &Key) -> Option<Token> {
    let held = HELD.lock();
    if held.is_empty() {
        return None;
    }
    let held = held.get(&(store.to_owned(), *key, thread::current().id()))?;
    (held.process == std::process::id()).then_some(held.token)
}

pub(super) fn lock(
    shared: &Arc<Shared>,
    key: &Key,
    wait: Duration,
    keep_waiting: &mut dyn FnMut() -> bool,
) -> Result<Lease, EngineError> {
    if token_of_this_thread(&shared.name, key).is_some() {
        return Err(EngineError::LockedTwice);
    }
    let mut token = Token::default();
    fill_random(&mut token)?;
    // Gives up the lock as well, in case that it came too late.
    let mut asker =
        Asker { shared: Arc::clone(shared), key: *key, token, process: std::process::id(), may_queue: false };
    let mut patience = Patience::new(wait, keep_waiting);
    loop {
        asker.may_queue = true;
        if asker.ask(!wait.is_zero())? {
            let place = (shared.name.clone(), *key, thread::current().id());
            HELD.lock().insert(place.clone(), Held { token, process: asker.process });
            return Ok(Lease::of(Holding { asker, place }));
        }
        if wait.is_zero() {
            asker.may_queue = false;
            return Err(EngineError::SessionLocked { waited: wait });
        }
        asker.sleep(&mut patience)?;
    }
}

/// Somebody with a token. Dropping it leaves the queue and gives up the lock.
struct Asker {
    shared: Arc<Shared>,
    key: Key,
    token: Token,
    process: u32,
    /// It may stand in the queue, or hold the lock.
    may_queue: bool,
}

impl Asker {
    /// Whether the lock is ours.
    fn ask(&self, queue_up: bool) -> Result<bool, EngineError> {
        let names = &self.shared.names;
        let (lock, queue, seen) = (names.lock(&self.key), names.queue(&self.key), names.seen(&self.key));
        let lease = self.shared.lock_lease.as_millis().to_string();
        let args: [&[u8]; 3] = [&self.token, lease.as_bytes(), if queue_up { b"1" } else { b"0" }];
        let answer = self.run(&script::LOCK, &[&lock, &queue, &seen], &args)?;
        match answer {
            Value::Array(parts) => match parts.first() {
                Some(Value::Int(1)) => Ok(true),
                Some(Value::Int(0)) => Ok(false),
                _ => Err(self.shared.unintelligible()),
            },
            _ => Err(self.shared.unintelligible()),
        }
    }

    /// Until the lock is handed over, or it is time to ask again: who waits is to be heard of.
    fn sleep(&self, patience: &mut Patience<'_>) -> Result<(), EngineError> {
        const ASK_AGAIN: &str = "0.2";
        let turn = self.shared.names.turn(&self.key, &self.token);
        let mut pop = cmd("BLPOP");
        pop.arg(&turn).arg(ASK_AGAIN);
        let deadline = self.shared.deadline();
        let mut next_sleep = || patience.next_sleep();
        let slept = self.shared.servers.wait(&turn, &Request::one(pop), deadline, &mut next_sleep)?;
        if slept.is_err() {
            // The next question says what is wrong, if it still is.
            thread::sleep(patience.next_sleep()?);
        }
        Ok(())
    }

    fn leave(&self) -> Result<(), EngineError> {
        let names = &self.shared.names;
        let (lock, queue, seen) = (names.lock(&self.key), names.queue(&self.key), names.seen(&self.key));
        let (turn, turns) = (names.turn(&self.key, &self.token), names.turn(&self.key, b""));
        self.run(&script::UNLOCK, &[&lock, &queue, &seen, &turn], &[&self.token, &turns]).map(drop)
    }

    fn run(&self, script: &script::Script, keys: &[&[u8]], args: &[&[u8]]) -> Result<Value, EngineError> {
        let request = Request::Script { script, keys, args, beside: None };
        let answers =
            self.shared.servers.ask(To::KeeperOf(keys[0]), &request, Again::May, self.shared.deadline());
        let answer = answers.map_err(|trouble| self.shared.error(&trouble))?.pop();
        answer.ok_or_else(|| self.shared.unintelligible())
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        // A forked child has only the look of it. When the server can't be told, the lease ends with its time.
        if self.may_queue && self.process == std::process::id() {
            let _ = self.leave();
        }
    }
}

/// The lock, held.
struct Holding {
    asker: Asker,
    place: Place,
}

impl Drop for Holding {
    fn drop(&mut self) {
        let mut held = HELD.lock();
        if held.get(&self.place).is_some_and(|held| held.token == self.asker.token) {
            held.remove(&self.place);
        }
    }
}
