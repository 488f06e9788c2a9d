//! Passwords that the application checks itself, in ExpressionEngine's order: is there a lockout, the password, and a note
//! when it was wrong. The throttle is the one of [`super::attempt`].
//!
//! The question counts the attempt, as a failure, before the password is looked at: of a hundred requests at once no more
//! are let through than may be. The note leaves it counted; a login of this request makes it a success; with neither, no
//! password was looked at, and it is withdrawn when the request ends.

use holdfast_core::throttle;

use super::attempt::{Attempt, Verdict};
use crate::audit::What;
use crate::exception::Failure;
use crate::request::Session;
use crate::zend::ffi;

impl Session {
    /// Must the password that is shown for this name not be looked at? If it may, the attempt is counted.
    pub fn is_locked_out(&self, name: &[u8]) -> Result<bool, Failure> {
        let attempt = self.attempt(name)?;
        if self.checked.borrow().iter().any(|checked| checked.is_of(&attempt) && checked.is_open()) {
            return Ok(false);
        }
        let verdict = attempt.begin()?;
        if verdict == Verdict::Refused {
            attempt.refused(What::Throttled);
        }
        if attempt.is_counted() {
            drop(self.take_checked(&attempt));
            self.checked.borrow_mut().push(attempt);
        }
        Ok(verdict == Verdict::Refused)
    }

    /// The password for this name was wrong; false: nothing is counted.
    pub fn note_wrong_password(&self, name: &[u8]) -> Result<bool, Failure> {
        let attempt = self.attempt(name)?;
        if !attempt.is_counted() {
            return Ok(false);
        }
        match self.take_checked(&attempt) {
            // It was refused, and is counted as that; or by a login.
            Some(checked) if !checked.is_open() => return Ok(true),
            Some(_) => {}
            None => attempt.fail()?,
        }
        attempt.refused(What::LoginPassword);
        Ok(true)
    }

    /// Is the throttle on?
    pub fn counts_logins(&self) -> bool {
        self.state.borrow().options.logins.throttle
    }

    /// As [`Attempt::begin`], for a login: an attempt that [`Session::is_locked_out`] has counted goes on in it.
    pub fn begin_attempt(&self, attempt: &Attempt) -> Result<Verdict, Failure> {
        let checked = self.checked.borrow();
        match checked.iter().find(|checked| checked.is_of(attempt) && checked.is_open()) {
            Some(checked) => {
                attempt.go_on_from(checked);
                Ok(Verdict::LetThrough)
            }
            None => attempt.begin(),
        }
    }

    /// The application has logged somebody in: the passwords that it checked in this request were right. The browser is
    /// known from now on, as after a login by password.
    pub fn passwords_were_right(&self) -> Result<(), Failure> {
        let checked = self.checked.take();
        for attempt in checked.iter().filter(|attempt| attempt.is_open()) {
            attempt.succeeded()?;
            self.remember_device(attempt)?;
        }
        Ok(())
    }

    /// The request is over: what was neither wrong nor right was no attempt. Where PHP has ended the script before its
    /// end, nobody knows what the password was, and it stays a failure; so it does when the store fails.
    pub(in crate::request) fn end_checks(&self) {
        let checked = self.checked.take();
        // SAFETY: reads two numbers of PHP's; the request is not over yet.
        if checked.is_empty() || unsafe { ffi::hf_ended_early() } {
            return;
        }
        for attempt in &checked {
            let _: Result<(), throttle::ThrottleError> = attempt.withdraw();
        }
    }

    fn take_checked(&self, attempt: &Attempt) -> Option<Attempt> {
        let mut checked = self.checked.borrow_mut();
        let at = checked.iter().position(|checked| checked.is_of(attempt))?;
        Some(checked.swap_remove(at))
    }
}
