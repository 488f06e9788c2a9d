//! A call of a method with its hooks: ProcessWire's `WireHooks::runHooks`.

use ext_php_rs::types::Zval;

use super::event::{self, Event};
use super::registry::{Hook, Hooks, When, object_in};
use crate::exception::Failure;
use crate::zend::{array::PhpArray, call, method::Arguments, value};

/// Hooks that call each other deeper than this do so without end: an exception is better than a worker without stack.
const MOST_NESTED: u32 = 200;

/// Runs the before-hooks of `method`, then `body` with the arguments as they left them, then the after-hooks, and gives
/// what these want to be returned. Without hooks it is a look-up and `body`.
///
/// As in ProcessWire: a before-hook that sets `replace` has `body` not run, and its `return` is the result that the
/// hooks behind it see; one that sets `cancelHooks` ends the call, and the method does not run either. Hooks that are
/// added or removed meanwhile count from the next call on. `body` must not rely on the number or kind of the arguments:
/// hooks may set any.
///
/// `object` is what the method is called on; null where nobody holds an object of the session any more.
pub fn call(
    hooks: &Hooks,
    object: &Zval,
    method: &str,
    arguments: Arguments<'_>,
    body: impl FnOnce(Arguments<'_>) -> Result<Zval, Failure>,
) -> Result<Zval, Failure> {
    let list = hooks.of(method, object);
    if list.is_empty() {
        return body(arguments);
    }
    let _inside = Inside::enter(hooks, method)?;
    let mut run =
        Run { object, method, arguments: array_of(arguments), result: value::null(), is_replaced: false };
    for hook in list.iter().filter(|hook| hook.runs(When::Before)) {
        if run.tell(hook, When::Before)? == Then::Cancel {
            return Ok(run.result);
        }
    }
    if !run.is_replaced {
        let list = event::positional(&run.arguments);
        run.result = body(Arguments::of(&list))?;
    }
    for hook in list.iter().filter(|hook| hook.runs(When::After)) {
        if run.tell(hook, When::After)? == Then::Cancel {
            break;
        }
    }
    Ok(run.result)
}

/// As [`call`], of a call that PHP code did not make: where a subclass written in PHP overrides the method, its method
/// is called, which may call its parent's.
pub fn call_from_inside(
    hooks: &Hooks,
    object: &Zval,
    method: &str,
    arguments: Arguments<'_>,
    body: impl FnOnce(Arguments<'_>) -> Result<Zval, Failure>,
) -> Result<Zval, Failure> {
    match call_override(object, method, arguments) {
        Some(result) => result,
        None => call(hooks, object, method, arguments, body),
    }
}

/// Calls the method of a subclass written in PHP; `None` when there is none.
pub fn call_override(object: &Zval, method: &str, arguments: Arguments<'_>) -> Option<Result<Zval, Failure>> {
    let object = object_in(object)?;
    // SAFETY: a value holds its object.
    unsafe {
        call::is_overridden(object, method).then(|| call::call_method(object, method, arguments.values()))
    }
}

/// A method that hooks have added; `None` when no hook runs for it.
pub fn call_added(
    hooks: &Hooks,
    object: &Zval,
    method: &str,
    arguments: Arguments<'_>,
) -> Result<Option<Zval>, Failure> {
    if hooks.of(method, object).is_empty() {
        return Ok(None);
    }
    call(hooks, object, method, arguments, |_| Ok(value::null())).map(Some)
}

/// A call that has hooks.
struct Run<'a> {
    object: &'a Zval,
    method: &'a str,
    /// An array.
    arguments: Zval,
    result: Zval,
    is_replaced: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    Cancel,
}

impl Run<'_> {
    /// Calls a hook, and takes over what it wants.
    fn tell(&mut self, hook: &Hook, when: When) -> Result<Then, Failure> {
        let event = Event::new(hook, when, self.object, self.method, &self.arguments, &self.result)?;
        drop(call::call(&hook.callable, event.value())?);
        match when {
            When::Before => {
                self.arguments = event.arguments()?;
                self.is_replaced |= event.replaces();
                if self.is_replaced {
                    self.result = event.returned();
                }
            }
            When::After => self.result = event.returned(),
        }
        Ok(if event.cancels() { Then::Cancel } else { Then::GoOn })
    }
}

fn array_of(arguments: Arguments<'_>) -> Zval {
    let mut array = PhpArray::with_capacity(arguments.values().len());
    for argument in arguments.values() {
        array.append(value::copy_deref(argument));
    }
    array.into_value()
}

/// Counts how deep hooked calls run inside of each other.
struct Inside<'a>(&'a Hooks);

impl<'a> Inside<'a> {
    fn enter(hooks: &'a Hooks, method: &str) -> Result<Self, Failure> {
        let depth = hooks.depth.get();
        if depth >= MOST_NESTED {
            return Err(Failure::InvalidState(format!(
                "hooks of Session::{method}() call themselves: {MOST_NESTED} calls are running inside of each other"
            )));
        }
        hooks.depth.set(depth + 1);
        Ok(Self(hooks))
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get() - 1);
    }
}
