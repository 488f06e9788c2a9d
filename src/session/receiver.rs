//! A session by way of one of its objects: where a subclass written in PHP overrides `get`, `set`, `remove`, `CSRF` or a
//! hookable method, its method is called, also for calls that come from inside.

use std::{ops::RangeInclusive, rc::Rc};

use ext_php_rs::ffi::zend_object;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::{CLASS, session_of};
use crate::csrf;
use crate::exception::Failure;
use crate::hooks;
use crate::request::InUse;
use crate::zend::{
    call,
    method::{Arguments, Call, Handler, Method, method, run},
    string::{self, PhpString},
    value::{self, Kind},
};

/// The object that a method was called on, with its session.
pub(super) struct Receiver {
    object: *mut zend_object,
    pub session: InUse,
}

impl Receiver {
    /// Of a running call.
    #[inline]
    pub fn of(call: &Call<'_>) -> Result<Self, Failure> {
        // SAFETY: PHP calls the methods of the class on objects of the class, which live as long as the call.
        Ok(Self { object: call.this(), session: unsafe { session_of(call.this()) }? })
    }

    /// A variable, or null.
    pub fn get(&self, name: &PhpString) -> Result<Zval, Failure> {
        if is_overridden(self.object, "get") {
            return self.call("get", &[value::from_string(name.clone())]);
        }
        if name.as_bytes() == super::csrf::PROPERTY {
            return self.csrf();
        }
        Ok(self.session.get(name)?.unwrap_or_else(value::null))
    }

    /// A variable that is to be a namespace, or null. `CSRF` is one like any other here: in place of the tokens, which `get`
    /// gives, the names that it has already would be overwritten.
    pub fn get_namespace(&self, name: &PhpString) -> Result<Zval, Failure> {
        if name.as_bytes() == super::csrf::PROPERTY {
            return Ok(self.session.get(name)?.unwrap_or_else(value::null));
        }
        self.get(name)
    }

    /// Sets a variable.
    pub fn set(&self, name: &PhpString, new: Zval) -> Result<(), Failure> {
        if is_overridden(self.object, "set") {
            return self.call("set", &[value::from_string(name.clone()), new]).map(drop);
        }
        self.session.set(name, new)
    }

    /// Removes a variable; or what `inside` says of the namespace `name`: a name in it, or a boolean for all of it.
    pub fn remove(&self, name: &PhpString, inside: Option<&Zval>) -> Result<(), Failure> {
        if is_overridden(self.object, "remove") {
            let name = value::from_string(name.clone());
            return match inside {
                Some(inside) => self.call("remove", &[name, value::copy(inside)]),
                None => self.call("remove", &[name]),
            }
            .map(drop);
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
            return self.call("csrf", &[]);
        }
        Ok(csrf::object(Rc::clone(&self.session)))
    }

    /// A call of a hookable method from inside: where a subclass written in PHP overrides it, its method is called;
    /// else `body` with its hooks ([`hooks::call`]).
    pub fn hookable(
        &self,
        method: &'static str,
        arguments: &[Zval],
        body: impl FnOnce(&Self, Arguments<'_>) -> Result<Zval, Failure>,
    ) -> Result<Zval, Failure> {
        let (hooks, arguments) = (&self.session.hooks, Arguments::of(arguments));
        hooks::call_from_inside(hooks, &self.value(), method, arguments, |list| body(self, list))
    }

    /// The object, to be returned.
    pub fn value(&self) -> Zval {
        // SAFETY: the object lives as long as the call of its method.
        unsafe { value::hold_object(self.object) }
    }

    /// Does the object's class have this method, public or not?
    pub fn has_method(&self, method: &str) -> bool {
        // SAFETY: the object lives as long as the call of its method.
        unsafe { call::has_method(self.object, method) }
    }

    /// The name of the object's class.
    pub fn class_name(&self) -> String {
        // SAFETY: a live object has a class, and a class a name.
        let name = unsafe { string::bytes_of((*(*self.object).ce).name) };
        String::from_utf8_lossy(name).into_owned()
    }

    fn call(&self, method: &str, arguments: &[Zval]) -> Result<Zval, Failure> {
        // SAFETY: the object lives as long as the call of its method, and its class has these methods.
        unsafe { call::call_method(self.object, method, arguments) }
    }
}

/// Runs a hookable method that PHP code has called: `body` with its hooks ([`hooks::call`]). To be registered by
/// [`hookable`].
pub(super) fn run_hookable(
    frame: &mut ExecuteData,
    result: &mut Zval,
    arguments: RangeInclusive<u32>,
    method: &'static str,
    body: impl FnOnce(&Receiver, Arguments<'_>) -> Result<Zval, Failure>,
) {
    run(frame, result, arguments, |call| {
        let receiver = Receiver::of(call)?;
        let hooks = &receiver.session.hooks;
        hooks::call(hooks, call.object(), method, call.arguments(), |list| body(&receiver, list))
    });
}

/// As [`method`], of a method that can be hooked: its handler is to go by way of [`run_hookable`].
pub(super) fn hookable(
    name: &'static str,
    handler: Handler,
    required: &[&str],
    optional: &[(&str, &str)],
) -> Method {
    hooks::declare(name);
    method(name, handler, required, optional)
}

/// Does a subclass written in PHP have a method of its own under this name?
pub(super) fn is_overridden(object: *mut zend_object, name: &str) -> bool {
    // SAFETY: a live object of a linked class.
    unsafe { (*object).ce != CLASS.get() && call::is_overridden(object, name) }
}
