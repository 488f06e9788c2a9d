//! The objects of a session, and the one by which PHP code is using it: hooks and overriding methods are called with it,
//! also where the call comes from inside.

use std::{
    cell::{Cell, RefCell},
    ops::Deref,
    ptr,
    rc::Rc,
};

use ext_php_rs::ffi::zend_object;
use ext_php_rs::types::Zval;

use super::Session;
use crate::zend::value;

/// The objects of one session.
#[derive(Default)]
pub(super) struct Users {
    /// Those that live.
    live: RefCell<Vec<*mut zend_object>>,
    /// The one in use. It may be dead: where PHP ends a script by a fatal error it jumps over those who would have put
    /// back the one before. So it counts only as long as it is among the live ones.
    current: Cell<*mut zend_object>,
}

impl Users {
    /// Nobody uses the session.
    pub(super) fn leave(&self) {
        self.current.set(ptr::null_mut());
    }

    /// The object in use, else any that lives; NULL when none does.
    fn object(&self) -> *mut zend_object {
        let (live, current) = (self.live.borrow(), self.current.get());
        if live.contains(&current) { current } else { live.first().copied().unwrap_or(ptr::null_mut()) }
    }
}

/// An object's hold on its session.
pub struct Bound {
    session: Rc<Session>,
    object: *mut zend_object,
    /// Whether the object's class has methods of its own in the place of ours; `None` until somebody asks.
    pub is_plain: Cell<Option<bool>>,
}

impl Bound {
    /// Binds `object`, which is to drop this when it dies.
    pub fn new(session: Rc<Session>, object: *mut zend_object) -> Self {
        session.users.live.borrow_mut().push(object);
        Self { session, object, is_plain: Cell::new(None) }
    }

    /// The session, for those who run no code of the application.
    #[inline]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session, in use by way of the object.
    pub fn begin_use(&self) -> InUse {
        let outer = self.session.users.current.replace(self.object);
        InUse { session: Rc::clone(&self.session), outer }
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let mut live = self.session.users.live.borrow_mut();
        if live.pop_if(|last| *last == self.object).is_none()
            && let Some(at) = live.iter().rposition(|object| *object == self.object)
        {
            live.remove(at);
        }
    }
}

/// A session that PHP code is using by way of an object, until this is dropped.
pub struct InUse {
    session: Rc<Session>,
    outer: *mut zend_object,
}

impl Deref for InUse {
    type Target = Rc<Session>;

    fn deref(&self) -> &Rc<Session> {
        &self.session
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.session.users.current.set(self.outer);
    }
}

impl Session {
    /// The object that hooks and overriding methods are called with; null when nobody holds one of this session.
    pub(super) fn user(&self) -> Zval {
        // SAFETY: live, or NULL.
        unsafe { value::hold_object(self.users.object()) }
    }

    /// As [`Session::user`], to be looked at before any code of the application runs.
    pub(super) fn user_object(&self) -> *mut zend_object {
        self.users.object()
    }
}
