//! A session by way of one of its objects: where a subclass written in PHP overrides `get`, `set`, `remove` or `CSRF`, its
//! method is called, also for calls that come from inside.

use std::rc::Rc;

use ext_php_rs::ffi::zend_object;
use ext_php_rs::types::Zval;

use super::arguments::unless_pending;
use super::{CLASS, session_of};
use crate::csrf;
use crate::exception::Failure;
use crate::request::Session;
use crate::zend::{
    ffi,
    method::Call,
    string::PhpString,
    value::{self, Kind},
};

/// The object that a method was called on, with its session.
pub(super) struct Receiver {
    object: *mut zend_object,
    pub session: Rc<Session>,
}

impl Receiver {
    /// Of a running call.
    pub fn of(call: &Call<'_>) -> Result<Self, Failure> {
        // SAFETY: PHP calls the methods of the class on objects of the class, which live as long as the call.
        Ok(Self { object: call.this(), session: unsafe { session_of(call.this()) }? })
    }

    /// A variable, or null.
    pub fn get(&self, name: &PhpString) -> Result<Zval, Failure> {
        if is_overridden(self.object, "get") {
            return self.call("get", Some(&value::from_string(name.clone())), None);
        }
        if name.as_bytes() == super::csrf::PROPERTY {
            return self.csrf();
        }
        Ok(self.session.get(name)?.unwrap_or_else(value::null))
    }

    /// Sets a variable.
    pub fn set(&self, name: &PhpString, new: Zval) -> Result<(), Failure> {
        if is_overridden(self.object, "set") {
            return self.call("set", Some(&value::from_string(name.clone())), Some(&new)).map(drop);
        }
        self.session.set(name, new)
    }

    /// Removes a variable; or what `inside` says of the namespace `name`: a name in it, or a boolean for all of it.
    pub fn remove(&self, name: &PhpString, inside: Option<&Zval>) -> Result<(), Failure> {
        if is_overridden(self.object, "remove") {
            return self.call("remove", Some(&value::from_string(name.clone())), inside).map(drop);
        }
        match inside {
            Some(inside) => self.remove_inside(name, inside),
            None => self.session.remove(name),
        }
    }

    /// What `remove($namespace, $inside)` does itself.
    pub fn remove_inside(&self, namespace: &PhpString, inside: &Zval) -> Result<(), Failure> {
        match value::kind(inside) {
            Kind::True | Kind::False | Kind::Null => self.session.remove(namespace),
            _ if self.session.has(namespace)? => {
                super::variables::remove_in_namespace(self, namespace, &super::arguments::name_of(inside)?)
            }
            _ => Ok(()),
        }
    }

    /// The tokens of the session's forms.
    pub fn csrf(&self) -> Result<Zval, Failure> {
        if is_overridden(self.object, "csrf") {
            return self.call("csrf", None, None);
        }
        Ok(csrf::object(Rc::clone(&self.session)))
    }

    /// Does a subclass written in PHP have a method of its own under this name, in lower case?
    pub fn overrides(&self, lower_name: &str) -> bool {
        is_overridden(self.object, lower_name)
    }

    /// Calls a method by its name in lower case.
    pub fn call(&self, method: &str, one: Option<&Zval>, two: Option<&Zval>) -> Result<Zval, Failure> {
        let mut result = value::undefined();
        let [one, two] = [one, two]
            .map(|value| value.map_or(std::ptr::null_mut(), |value| std::ptr::from_ref(value).cast_mut()));
        // SAFETY: the object is live and its class has the method; the arguments outlive the call, which copies them.
        unsafe {
            ffi::hf_call_method(self.object, method.as_ptr().cast(), method.len(), &raw mut result, one, two);
        }
        unless_pending(if value::kind(&result) == Kind::Undefined { value::null() } else { result })
    }
}

/// Does a subclass written in PHP have a method of its own under this name, in lower case?
pub(super) fn is_overridden(object: *mut zend_object, lower_name: &str) -> bool {
    // SAFETY: a live object of a linked class.
    unsafe {
        (*object).ce != CLASS.get()
            && ffi::hf_is_overridden((*object).ce, lower_name.as_ptr().cast(), lower_name.len())
    }
}
