//! A login as the throttle sees it.

use std::{cell::RefCell, time::Duration};

use holdfast_core::client::device;
use holdfast_core::store::Store;
use holdfast_core::throttle::{self, Pass, Subject, ThrottleError, Wait};

use super::cookies;
use crate::audit::{self, What};
use crate::exception::Failure;
use crate::request::{Session, visitor};

/// Somebody tries to log in to an account.
pub struct Attempt {
    store: Store,
    cookie_name: String,
    /// The throttle is not switched off.
    is_counted: bool,
    /// The name in the form in which it is counted: capitals and spaces around it make no other account. Empty: no
    /// account, so the network alone is counted.
    account: Vec<u8>,
    network: Option<Vec<u8>>,
    /// The browser has logged in to this account before.
    device: Option<[u8; 16]>,
    /// The attempt is counted, and was let through.
    pass: RefCell<Option<Pass>>,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password may be verified.
    LetThrough,
    /// It may not.
    Refused,
}

/// What was counted of an account.
pub use holdfast_core::throttle::Counts;

impl Session {
    /// An attempt of this visitor to log in with `name`.
    pub fn attempt(&self, name: &[u8]) -> Result<Attempt, Failure> {
        let account = String::from_utf8_lossy(name).trim().to_lowercase().into_bytes();
        let store = self.store()?;
        let state = self.state.borrow();
        let options = &state.options;
        let is_counted = options.logins.throttle;
        let (mut network, mut device) = (None, None);
        if is_counted {
            network = visitor::network(options);
            device = cookies::devices(options)
                .iter()
                .find_map(|token| device::recognise(store.secret(), &account, token));
        }
        let cookie_name = options.full_cookie_name();
        Ok(Attempt { store, cookie_name, is_counted, account, network, device, pass: RefCell::default() })
    }

    /// Gives the browser a token by which it is known at the next login to this account.
    pub fn remember_device(&self, attempt: &Attempt) -> Result<(), Failure> {
        if attempt.is_counted && attempt.device.is_none() && !attempt.account.is_empty() {
            let token = device::issue(attempt.store.secret(), &attempt.account)?;
            self.send_device(token.as_str());
        }
        Ok(())
    }
}

impl Attempt {
    /// Is the throttle on?
    pub const fn is_counted(&self) -> bool {
        self.is_counted
    }

    /// Is it for the same account?
    pub fn is_of(&self, other: &Self) -> bool {
        self.account == other.account
    }

    /// It was let through, and nobody has said yet whether the password was right.
    pub fn is_open(&self) -> bool {
        self.pass.borrow().is_some()
    }

    /// Takes over what `other`, which is of the same account, was counted as.
    pub fn go_on_from(&self, other: &Self) {
        let pass = other.pass.take();
        *self.pass.borrow_mut() = pass;
    }

    /// Counts a failure, whatever stands in its way.
    pub fn fail(&self) -> Result<(), Failure> {
        Ok(throttle::fail(&self.store, self.store.engine().now(), &self.as_counted())?)
    }

    /// It was none: no password was looked at.
    pub fn withdraw(&self) -> Result<(), ThrottleError> {
        match self.pass.take() {
            Some(pass) => pass.withdraw(&self.store, self.store.engine().now()),
            None => Ok(()),
        }
    }

    /// Counts the attempt, before its password is verified.
    pub fn begin(&self) -> Result<Verdict, Failure> {
        if !self.is_counted {
            return Ok(Verdict::LetThrough);
        }
        match throttle::begin(&self.store, self.store.engine().now(), &self.as_counted())? {
            throttle::Verdict::Go(pass) => {
                *self.pass.borrow_mut() = Some(pass);
                Ok(Verdict::LetThrough)
            }
            throttle::Verdict::Refused(_) => Ok(Verdict::Refused),
        }
    }

    /// It was the right password, or none was needed: the account begins anew.
    pub fn succeeded(&self) -> Result<(), Failure> {
        let now = self.store.engine().now();
        match self.pass.take() {
            Some(pass) => pass.succeeded(&self.store, now)?,
            None if self.is_counted => throttle::forgive(&self.store, now, Subject::Account(&self.account))?,
            None => {}
        }
        Ok(())
    }

    /// How long the next attempt has to wait; [`Duration::MAX`]: no time helps.
    pub fn wait(&self) -> Result<Duration, Failure> {
        if !self.is_counted {
            return Ok(Duration::ZERO);
        }
        Ok(match throttle::wait(&self.store, self.store.engine().now(), &self.as_counted())? {
            None => Duration::ZERO,
            Some(Wait::For(time)) => time,
            Some(Wait::Stopped) => Duration::MAX,
        })
    }

    /// What was counted of the account.
    pub fn counts(&self) -> Result<Counts, Failure> {
        Ok(throttle::counts(&self.store, self.store.engine().now(), Subject::Account(&self.account))?)
    }

    /// Tells the audit log why the login was refused.
    pub fn refused(&self, what: What) {
        audit::login_refused(what, &self.store, &self.cookie_name, &self.account);
    }

    fn as_counted(&self) -> throttle::Attempt<'_> {
        throttle::Attempt {
            account: Some(self.account.as_slice()).filter(|account| !account.is_empty()),
            network: self.network.as_deref(),
            device: self.device.as_ref().map(<[u8; 16]>::as_slice),
        }
    }
}
