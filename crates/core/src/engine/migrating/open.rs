//! Putting two stores together: that they are two, and that ids of the one are good in the other.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use super::{
    Clocks, MigratingEngine,
    mark::{Mark, NOTICE},
};
use crate::{
    engine::{Commit, Engine, EngineError, Expect, Owner, Stored, Write},
    secret::fill_random,
    time::Timestamp,
};

/// How long after the last process that opened a store so its sessions are taken to be on the move.
const NOTICED: Duration = Duration::from_hours(24 * 7);

/// When that is said anew.
const SAY_AGAIN: Duration = Duration::from_hours(24);

impl MigratingEngine {
    /// Sees to it that the new store has the old one's secret, so that nobody is logged out, and notes in the old one that
    /// its sessions are moved.
    ///
    /// # Errors
    ///
    /// [`EngineError::Move`] when both are one store, or when the new one has sessions under another secret. Else those
    /// of either store.
    pub fn open(old: Arc<dyn Engine>, new: Arc<dyn Engine>) -> Result<Self, EngineError> {
        let refused =
            |why: &str| EngineError::Move { from: old.describe(), to: new.describe(), why: why.to_owned() };
        let secret = old.secret()?;
        if new.adopt_secret(&secret)? != secret && has_sessions(&*old)? {
            return Err(refused(
                "the new store has sessions of its own, under another secret: moved ids would not be known there; name an \
                 empty one (another prefix=, path or database), or remove what is in it",
            ));
        }
        let (lot, is_ours) = say_so(&*old)?;
        if new.load(&NOTICE, new.now())?.and_then(|stored| lot_of(&stored)) == Some(lot) {
            if is_ours {
                old.destroy(&NOTICE, old.now())?;
            }
            return Err(refused("both are the same store"));
        }
        let clocks = Clocks::read(&*old, &*new);
        Ok(Self { old, new, clocks })
    }
}

/// Whether processes use `store` as one that sessions are moved out of, or did so this week.
pub fn is_underway(store: &dyn Engine) -> Result<bool, EngineError> {
    let now = store.now();
    Ok(match store.load(&NOTICE, now)?.map(|stored| Mark::read(&stored)) {
        Some(Some(Mark::Underway { said, .. })) => now.since(said) < NOTICED,
        _ => false,
    })
}

fn lot_of(stored: &Stored) -> Option<u64> {
    match Mark::read(stored)? {
        Mark::Underway { lot, .. } => Some(lot),
        Mark::Reserved | Mark::Moved { .. } => None,
    }
}

/// Has the old store say so; the lot that it drew when that was said first, and whether that was now.
fn say_so(old: &dyn Engine) -> Result<(u64, bool), EngineError> {
    let now = old.now();
    loop {
        let (expect, lot) = match old.load(&NOTICE, now)? {
            None => {
                let mut random = [0; 8];
                fill_random(&mut random)?;
                (Expect::Absent, u64::from_be_bytes(random))
            }
            Some(stored) => match Mark::read(&stored) {
                Some(Mark::Underway { lot, said }) if now.since(said) < SAY_AGAIN => return Ok((lot, false)),
                _ => (Expect::Version(stored.version), lot_of(&stored).unwrap_or_default()),
            },
        };
        let bytes = Mark::Underway { lot, said: now }.bytes();
        let write = Write { record: &bytes, expires: Timestamp::NEVER, owner: Owner::SYSTEM };
        match old.commit(&NOTICE, expect, write, now)? {
            Commit::Stored(_) => return Ok((lot, expect == Expect::Absent)),
            Commit::Conflict(_) | Commit::Gone => {}
        }
    }
}

/// Whether anything is stored that hangs on the secret.
pub(in crate::engine) fn has_sessions(engine: &dyn Engine) -> Result<bool, EngineError> {
    let mut has = false;
    engine.visit(engine.now(), &mut |summary| {
        has = summary.owner != Owner::SYSTEM;
        if has { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(has)
}
