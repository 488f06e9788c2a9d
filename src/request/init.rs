//! Loading a session, as the method `init()` that hooks and subclasses have a say in.

use std::cell::Cell;

use ext_php_rs::types::Zval;

use super::session::{Phase, Session};
use crate::exception::Failure;
use crate::hooks;
use crate::zend::{method::Arguments, value};

/// How far `init()` has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Init {
    /// It is not running.
    #[default]
    Idle,
    /// The method of a subclass is running, which has not called its parent's yet.
    Override,
    /// Hooks are running: what they read is read without more of them.
    Hooks,
}

impl Session {
    /// Reads the session from the store unless that was done. The first time in a request, and after each close, this
    /// is a call of `init()`.
    pub fn load(&self) -> Result<(), Failure> {
        if self.phase() != Phase::Unread {
            return Ok(());
        }
        match self.init.get() {
            Init::Override | Init::Hooks => self.init().map(drop),
            Init::Idle => {
                let user = self.user();
                let overriding = {
                    let _running = Running::enter(&self.init, Init::Override);
                    hooks::call_override(&user, "init", Arguments::of(&[]))
                };
                match overriding {
                    Some(result) => result.map(|_| self.do_without()),
                    None => self.init().map(drop),
                }
            }
        }
    }

    /// The method itself: hooks, and reading. Nothing happens when the session is read already.
    pub fn init(&self) -> Result<Zval, Failure> {
        if self.phase() != Phase::Unread {
            return Ok(value::from_bool(true));
        }
        let read = |_: Arguments<'_>| {
            if self.phase() == Phase::Unread {
                self.read()?;
                self.know_again()?;
                self.ask_for_the_member()?;
                self.note_flash()?;
            }
            Ok(value::from_bool(true))
        };
        if self.init.get() == Init::Hooks {
            return read(Arguments::of(&[]));
        }
        let _running = Running::enter(&self.init, Init::Hooks);
        let result = hooks::call(&self.hooks, &self.user(), "init", Arguments::of(&[]), read)?;
        self.do_without();
        Ok(result)
    }

    /// Where a hook or a subclass replaced `init()`, this request does without the session: it is empty and can't be
    /// changed. Changing it would begin another one, and lose the visitor's.
    fn do_without(&self) {
        let mut state = self.state.borrow_mut();
        if state.phase == Phase::Unread {
            state.phase = Phase::Closed;
        }
    }

    fn phase(&self) -> Phase {
        self.state.borrow().phase
    }
}

/// Sets how far `init()` has come, and back.
struct Running<'a> {
    init: &'a Cell<Init>,
    outer: Init,
}

impl<'a> Running<'a> {
    fn enter(init: &'a Cell<Init>, now: Init) -> Self {
        Self { init, outer: init.replace(now) }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.init.set(self.outer);
    }
}
