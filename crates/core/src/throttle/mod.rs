//! The login throttle (S37, S38): how many attempts were made on an account, from a network and with a browser, and
//! when the next one may be made. Shared by all workers of a store.
//!
//! ```text
//!   begin(attempt) ──> Go(pass) ──> the password is verified ──> right: pass.succeeded()
//!        │                    │                              └─> wrong: nothing, it is counted already
//!        │                    └─> no password was looked at: pass.withdraw()
//!        └──> Refused(wait): the password is not looked at
//!
//!   account ─┐
//!   network ─┼─ keyed hash ──> page (one record of the store) ──> entry: attempts, failures, last
//!   device  ─┘
//! ```
//!
//! - **An attempt is counted before the password is verified**, as a failure. So a hundred parallel attempts see each
//!   other, and a worker that is killed while it verifies has counted.
//! - **Attempts and failures are two numbers.** `attempts` counts all; the delay grows with `failures`, those that were
//!   let through, alone. So hammering on a closed door keeps nobody else out for longer.
//! - **The memory is bounded**: a fixed number of pages ([`rules`]) of [`ENTRIES`] entries and [`PAGE_BYTES`] bytes each,
//!   650 KB in all, however many names are tried. What a full page gives up is the least of what it knows.
//! - **A known device passes strangers' delays** and has an entry of its own, so nobody can lock out the owner.
//! - **Atomic** over [`crate::engine::Engine::load`] and [`crate::engine::Engine::commit`] alone: a page is replaced if
//!   nobody else replaced it meanwhile, else it is counted anew. So every engine will do. Two entries are never
//!   changed in one step, and where that matters the order errs to the side of waiting.
//!
//! `now` is [`crate::engine::Engine::now`] of the store, read when the attempt is made.

mod page;
mod place;
/// The figures.
pub mod rules;
#[cfg(test)]
mod tests;

pub use page::{ENTRIES, PAGE_BYTES};
pub use place::Subject;

use std::time::Duration;

use crate::{
    engine::{EngineError, Tally},
    key::Key,
    secret::Secret,
    store::Store,
    time::Timestamp,
};
use page::{Decision, LetThrough, Page};
use place::Place;

/// Is a record meant to be a page, by its first byte?
pub fn is_page(record: &[u8]) -> bool {
    record.first() == Some(&page::FORMAT)
}

/// Is it a whole page of the store with this secret, under its own address?
pub fn is_whole_page(secret: &Secret, key: &Key, record: &[u8]) -> bool {
    Page::address_of(record)
        .is_some_and(|address| Key::of_throttle(secret, address.table, address.page) == *key)
}

/// Somebody wants to log in.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// To which account, as in [`Subject::Account`]. `None`: without a name, which is an attempt of the network alone.
    pub account: Option<&'a [u8]>,
    /// From which network: [`crate::client::address::network`]. `None`: unknown, or from nowhere, as a script's.
    pub network: Option<&'a [u8]>,
    /// With a browser that has logged in to this account before: what [`crate::client::device::recognise`] made of its
    /// token. `None`: with any other. Means nothing without an account.
    pub device: Option<&'a [u8]>,
}

/// What becomes of an attempt.
#[derive(Debug)]
#[must_use]
pub enum Verdict {
    /// The password may be verified.
    Go(Pass),
    /// It may not.
    Refused(Wait),
}

/// What stands in the way of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// So much time, more than none.
    For(Duration),
    /// No time helps: too many attempts have failed ([`rules::Rule::stop`]).
    Stopped,
}

/// An attempt that was let through. It stays counted as a failure unless it succeeds.
#[derive(Clone, Debug)]
pub struct Pass {
    account: Option<(Place, LetThrough)>,
    network: Option<(Place, LetThrough)>,
    device: Option<(Place, LetThrough)>,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All attempts since the last success, refused ones included.
    pub attempts: u32,
    /// Those that were let through.
    pub failures: u32,
}

/// An attempt could not be counted; whoever lets it pass all the same is without a throttle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ThrottleError {
    /// The store failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Others counted faster, again and again.
    #[error("too many logins are counted at once: gave up after {0} tries")]
    Contended(u32),
}

/// Counts an attempt, before its password is verified.
pub fn begin(store: &Store, now: Timestamp, attempt: &Attempt<'_>) -> Result<Verdict, ThrottleError> {
    let places = Places::of(store, attempt);
    let verdict = match (places.account, places.device) {
        (Some(account), Some(device)) => begin_with_device(store, now, account, device),
        _ => begin_as_stranger(store, now, &places),
    }?;
    if matches!(verdict, Verdict::Refused(_)) {
        store.engine().count(&Key::of_throttle(store.secret(), 0, 0), Tally::Throttled);
    }
    Ok(verdict)
}

/// Counts an attempt that nobody has asked [`begin`] for, and whose password was wrong: a failure, whatever stands in
/// its way.
pub fn fail(store: &Store, now: Timestamp, attempt: &Attempt<'_>) -> Result<(), ThrottleError> {
    let Places { account, network, device } = Places::of(store, attempt);
    for place in [device.or(network), account].into_iter().flatten() {
        let _ = place.count(store, now, Decision::LetThrough)?;
    }
    Ok(())
}

/// The device's entry decides. What fails is a failure of the account as well: strangers get no more attempts than they
/// would without. The network has no part in it.
fn begin_with_device(
    store: &Store,
    now: Timestamp,
    account: Place,
    device: Place,
) -> Result<Verdict, ThrottleError> {
    let decided = device.count(store, now, Decision::ByRule)?;
    let decision = decided.map_or_else(Decision::Refuse, |_| Decision::LetThrough);
    let counted = account.count(store, now, decision)?;
    Ok(match decided {
        Ok(let_through) => Verdict::Go(Pass {
            account: counted.ok().map(|let_through| (account, let_through)),
            network: None,
            device: Some((device, let_through)),
        }),
        Err(wait) => Verdict::Refused(wait),
    })
}

/// Account and network must both agree.
///
/// The network goes first, so that an account's failures are not taken back for the network's sake: at the moment of its
/// last free attempt another one from elsewhere would be refused for nothing.
fn begin_as_stranger(store: &Store, now: Timestamp, places: &Places) -> Result<Verdict, ThrottleError> {
    let Places { account, network, .. } = *places;
    // Most of what is refused is refused here, without a failure of the network that has to be taken back.
    let closed = account.map(|account| account.wait(store, now)).transpose()?.flatten();
    let mut decision = closed.map_or(Decision::ByRule, Decision::Refuse);
    let mut let_through = None;
    if let Some(network) = network {
        match network.count(store, now, decision)? {
            Ok(counted) => let_through = Some((network, counted)),
            Err(wait) => decision = Decision::Refuse(wait),
        }
    }
    let Some(account) = account else {
        return Ok(match decision {
            Decision::Refuse(wait) => Verdict::Refused(wait),
            _ => Verdict::Go(Pass { account: None, network: let_through, device: None }),
        });
    };
    match account.count(store, now, decision)? {
        Ok(counted) => {
            Ok(Verdict::Go(Pass { account: Some((account, counted)), network: let_through, device: None }))
        }
        Err(wait) => {
            if let Some((network, let_through)) = let_through {
                network.take_back(store, now, let_through)?;
            }
            Ok(Verdict::Refused(wait))
        }
    }
}

/// What would stand in the way of an attempt that is made `now`. Counts nothing.
pub fn wait(store: &Store, now: Timestamp, attempt: &Attempt<'_>) -> Result<Option<Wait>, ThrottleError> {
    let Places { account, network, device } = Places::of(store, attempt);
    if let Some(device) = device {
        return device.wait(store, now);
    }
    let by_network = network.map(|network| network.wait(store, now)).transpose()?;
    let by_account = account.map(|account| account.wait(store, now)).transpose()?;
    Ok(by_account.flatten().max(by_network.flatten()))
}

impl Pass {
    /// The password was right: the account's count begins anew, and the device's; the network's goes down by this one
    /// attempt, so that nobody who has an account can wipe out what was guessed on others.
    pub fn succeeded(self, store: &Store, now: Timestamp) -> Result<(), ThrottleError> {
        for (place, _) in [self.account, self.device].into_iter().flatten() {
            place.forget(store, now)?;
        }
        if let Some((network, let_through)) = self.network {
            network.take_back(store, now, let_through)?;
        }
        Ok(())
    }

    /// No password was looked at: the attempt was none. What was counted before it stays.
    pub fn withdraw(self, store: &Store, now: Timestamp) -> Result<(), ThrottleError> {
        for (place, let_through) in [self.account, self.network, self.device].into_iter().flatten() {
            place.take_back(store, now, let_through)?;
        }
        Ok(())
    }
}

/// What was counted of a subject, for operators and tests. Zeros when nothing was, or it was long ago.
pub fn counts(store: &Store, now: Timestamp, subject: Subject<'_>) -> Result<Counts, ThrottleError> {
    let entry = Place::of(store.secret(), subject).look(store, now)?.unwrap_or_default();
    Ok(Counts { attempts: entry.attempts, failures: entry.failures })
}

/// Forgets what was counted of a subject: when a password was reset, a login was forced, or an operator decides so.
pub fn forgive(store: &Store, now: Timestamp, subject: Subject<'_>) -> Result<(), ThrottleError> {
    Place::of(store.secret(), subject).forget(store, now)
}

struct Places {
    account: Option<Place>,
    network: Option<Place>,
    device: Option<Place>,
}

impl Places {
    fn of(store: &Store, attempt: &Attempt<'_>) -> Self {
        let of = |subject| Place::of(store.secret(), subject);
        Self {
            account: attempt.account.map(|account| of(Subject::Account(account))),
            network: attempt.network.map(|network| of(Subject::Network(network))),
            device: attempt
                .account
                .zip(attempt.device)
                .map(|(account, device)| of(Subject::Device { account, device })),
        }
    }
}
