//! The hooks of one session, in the order in which they run.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{Mutex, PoisonError},
};

use ext_php_rs::ffi::zend_object;
use ext_php_rs::types::Zval;

use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    call,
    string::PhpString,
    value::{self, Kind},
};

/// The methods that hooks can be added to. Written at module startup only.
static HOOKABLE: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// Says, when classes are registered, that a method can be hooked.
pub fn declare(method: &'static str) {
    let mut methods = HOOKABLE.lock().unwrap_or_else(PoisonError::into_inner);
    methods.push(method);
    methods.sort_unstable();
}

/// The methods that hooks can be added to, by the alphabet.
pub fn hookable_methods() -> Vec<&'static str> {
    HOOKABLE.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// When a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before the method.
    Before,
    /// After it.
    After,
}

impl When {
    /// As `$event->when` and the options say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// Hooks with a lower priority run first; those that were added with the same one are told apart by a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority {
    pub level: i64,
    pub place: u32,
}

impl std::fmt::Display for Priority {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}.{}", self.level, self.place)
    }
}

/// One hook. Nothing in it changes once it was added.
pub struct Hook {
    /// ProcessWire's: `class:priority:method`, the class empty when the hook is for objects of any class.
    pub id: String,
    pub method: String,
    /// Only for objects of this class.
    pub class: Option<String>,
    pub priority: Priority,
    pub before: bool,
    pub after: bool,
    /// A `Closure`.
    pub callable: Zval,
    /// What `addHook()` was given to be called: an object or null, and a method or what is callable.
    pub given: (Zval, Zval),
    /// The array of options, complete.
    pub options: Zval,
}

impl Hook {
    /// Does it run then?
    pub const fn runs(&self, when: When) -> bool {
        match when {
            When::Before => self.before,
            When::After => self.after,
        }
    }

    /// As `getHooks()` shows it.
    pub fn describe(&self) -> Zval {
        let mut shown = PhpArray::with_capacity(5);
        let mut put = |name: &str, shown_value| {
            shown.insert_name(&PhpString::key(name.as_bytes()), shown_value);
        };
        put("id", value::from_bytes(self.id.as_bytes()));
        put("method", value::from_bytes(self.method.as_bytes()));
        put("toObject", value::copy(&self.given.0));
        put("toMethod", value::copy(&self.given.1));
        put("options", value::copy(&self.options));
        shown.into_value()
    }

    /// Is it about this object? Null stands for one that nobody holds any more.
    fn concerns(&self, object: &Zval) -> bool {
        match (&self.class, object_in(object)) {
            // SAFETY: a value holds its object, and an object has a class.
            (Some(class), Some(object)) => unsafe { call::is_or_extends((*object).ce, class) },
            _ => true,
        }
    }
}

/// The hooks of one session. They hold code of the application, so they are never dropped while anything is borrowed.
#[derive(Default)]
pub struct Hooks {
    state: RefCell<State>,
    /// How many hooked calls are running inside of each other.
    pub(super) depth: Cell<u32>,
}

#[derive(Default)]
struct State {
    /// By priority.
    hooks: Vec<Rc<Hook>>,
    /// The request has: what is added would outlive PHP's memory.
    has_ended: bool,
}

impl Hooks {
    /// No hook at all?
    pub fn is_empty(&self) -> bool {
        self.state.borrow().hooks.is_empty()
    }

    /// Adds the hook that `make` makes of its priority: this level, at `from` or the next place that is free among the
    /// hooks of `method`.
    pub fn add(
        &self,
        method: &str,
        level: i64,
        from: u32,
        make: impl FnOnce(Priority) -> Hook,
    ) -> Result<String, Failure> {
        let mut priority = Priority { level, place: from };
        {
            let state = self.state.borrow();
            if state.has_ended {
                return Err(Failure::InvalidState("the request has ended: no hook can run any more".into()));
            }
            while state.hooks.iter().any(|hook| hook.priority == priority && is_of(hook, method)) {
                priority.place += 1;
            }
        }
        let hook = Rc::new(make(priority));
        let id = hook.id.clone();
        let mut state = self.state.borrow_mut();
        let at = state.hooks.partition_point(|other| other.priority <= priority);
        state.hooks.insert(at, hook);
        Ok(id)
    }

    /// Removes a hook; nothing happens when there is none of this id. Where it is running it runs to its end.
    pub fn remove(&self, id: &str) {
        let removed = {
            let mut state = self.state.borrow_mut();
            let at = state.hooks.iter().position(|hook| hook.id == id);
            at.map(|at| state.hooks.remove(at))
        };
        drop(removed);
    }

    /// Is there a hook of this method, for an object of any class?
    pub fn has(&self, method: &str) -> bool {
        self.state.borrow().hooks.iter().any(|hook| is_of(hook, method))
    }

    /// The hooks of a method that are about this object, in the order in which they run. Nothing is allocated where
    /// there is none.
    pub fn of(&self, method: &str, object: &Zval) -> Vec<Rc<Hook>> {
        let state = self.state.borrow();
        state.hooks.iter().filter(|hook| is_of(hook, method) && hook.concerns(object)).cloned().collect()
    }

    /// All hooks, in the order in which they run.
    pub fn all(&self) -> Vec<Rc<Hook>> {
        self.state.borrow().hooks.clone()
    }

    /// Gives up all hooks and takes no more, at the end of the request.
    pub fn end(&self) {
        let ended = self.state.replace(State { hooks: Vec::new(), has_ended: true });
        drop(ended);
    }
}

/// PHP's names of methods know no case.
fn is_of(hook: &Hook, method: &str) -> bool {
    hook.method.eq_ignore_ascii_case(method)
}

/// The object of a value.
pub(super) fn object_in(value: &Zval) -> Option<*mut zend_object> {
    (value::kind(value) == Kind::Object).then(|| value::object(value))
}
