//! Methods that PHP calls: their arguments, their result, and the guarantee that no panic leaves them.

use std::{cell::RefCell, ffi::c_void, ops::RangeInclusive, panic::AssertUnwindSafe};

use ext_php_rs::args::Arg;
use ext_php_rs::builders::FunctionBuilder;
use ext_php_rs::ffi::{zend_execute_data, zend_object, zend_wrong_parameters_count_error};
use ext_php_rs::flags::{DataType, MethodFlags};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::ffi;
use super::value::{self, Kind};
use crate::exception::{self, Failure};

/// What a class registers for one method.
pub type Method = (FunctionBuilder<'static>, MethodFlags);

/// How PHP calls a method.
pub type Handler = extern "C" fn(&mut ExecuteData, &mut Zval);

/// A public method with parameters of type `mixed`: names of the required ones, names and defaults (PHP source) of the
/// optional ones. It declares no return type, so that a subclass may override it with or without one.
pub fn method(name: &str, handler: Handler, required: &[&str], optional: &[(&str, &str)]) -> Method {
    let mut builder = FunctionBuilder::new(name, handler);
    for parameter in required {
        builder = builder.arg(Arg::new(*parameter, DataType::Mixed));
    }
    builder = builder.required_args(required.len());
    for (parameter, default) in optional {
        builder = builder.arg(Arg::new(*parameter, DataType::Mixed).default(*default));
    }
    (builder, MethodFlags::Public)
}

/// As [`method`], with the return type that an interface of PHP demands.
pub fn typed_method(name: &str, handler: Handler, required: &[&str], returns: DataType) -> Method {
    let (builder, flags) = method(name, handler, required, &[]);
    (builder.returns(returns, false, false), flags)
}

/// What a method is called with.
#[derive(Clone, Copy)]
pub struct Arguments<'a>(&'a [Zval]);

impl<'a> Arguments<'a> {
    /// These values, in order.
    pub const fn of(values: &'a [Zval]) -> Self {
        Self(values)
    }

    /// Argument `number`, counted from 0, without the reference around it; `None` when it was not passed.
    pub fn argument(self, number: usize) -> Option<&'a Zval> {
        self.0.get(number).map(value::deref)
    }

    /// Argument `number`, counted from 0; `None` when it was not passed or is null.
    pub fn given(self, number: usize) -> Option<&'a Zval> {
        self.argument(number).filter(|argument| value::kind(argument) != Kind::Null)
    }

    /// All of them, with the references around them.
    pub const fn values(self) -> &'a [Zval] {
        self.0
    }
}

/// One call of a method.
pub struct Call<'a> {
    frame: &'a mut ExecuteData,
}

impl<'a> Call<'a> {
    /// The call that a frame is of.
    pub const fn of(frame: &'a mut ExecuteData) -> Self {
        Self { frame }
    }
}

impl Call<'_> {
    /// What was passed.
    #[inline]
    pub fn arguments(&self) -> Arguments<'_> {
        // SAFETY: PHP puts the arguments behind the frame, in slots of a Zval's size (ZEND_CALL_ARG), and says how many
        // there are; they live as long as the call.
        unsafe {
            let frame: *const zend_execute_data = std::ptr::from_ref(&*self.frame).cast();
            let passed = (*frame).This.u2.num_args as usize;
            let slots = size_of::<zend_execute_data>().div_ceil(size_of::<Zval>());
            Arguments(std::slice::from_raw_parts(frame.cast::<Zval>().add(slots), passed))
        }
    }

    /// Argument `number`, counted from 0, without the reference around it; `None` when it was not passed.
    pub fn argument(&self, number: usize) -> Option<&Zval> {
        self.arguments().argument(number)
    }

    /// Argument `number`, counted from 0; `None` when it was not passed or is null.
    pub fn given(&self, number: usize) -> Option<&Zval> {
        self.arguments().given(number)
    }

    /// The object that the method was called on.
    #[inline]
    pub fn this(&self) -> *mut zend_object {
        // SAFETY: methods that are not static are called with an object in `This`.
        unsafe { self.frame.This.value.obj }
    }

    /// As [`Call::this`], as a value.
    pub fn object(&self) -> &Zval {
        &self.frame.This
    }

    /// `$this`, to be returned.
    #[inline]
    pub fn this_value(&self) -> Zval {
        // SAFETY: the object lives as long as the call. `This` itself has flags of the call among those of its type.
        unsafe { value::hold_object(self.this()) }
    }
}

/// Runs the body of a method: checks the number of arguments, stores the result, throws the failure.
pub fn run(
    frame: &mut ExecuteData,
    result: &mut Zval,
    arguments: RangeInclusive<u32>,
    body: impl FnOnce(&Call<'_>) -> Result<Zval, Failure>,
) {
    // SAFETY: the frame's count of arguments is set by the engine.
    let passed = unsafe { frame.This.u2.num_args };
    if !arguments.contains(&passed) {
        // SAFETY: called from within a method, as the function wants.
        unsafe { zend_wrong_parameters_count_error(*arguments.start(), *arguments.end()) };
        return;
    }
    let call = Call { frame };
    answer_with(result, || body(&call));
}

/// Runs the body of a method whose arguments were looked at already: stores the result, throws the failure.
pub fn answer_with(result: &mut Zval, body: impl FnOnce() -> Result<Zval, Failure>) {
    match guard(body) {
        Some(Ok(new)) => {
            drop(value::replace(result, new));
        }
        Some(Err(failure)) => exception::throw(&failure),
        None => exception::throw(&Failure::Fault(last_panic())),
    }
}

/// Runs `body` as if PHP code had called it, where PHP has no code running any more: exceptions of the application are
/// then exceptions, not fatal errors. `None` when it panicked.
pub fn in_frame<T>(body: impl FnOnce() -> T) -> Option<T> {
    struct Task<T, F> {
        body: Option<F>,
        result: Option<T>,
    }
    unsafe extern "C" fn perform<T, F: FnOnce() -> T>(task: *mut c_void) {
        // SAFETY: the address of `task` below, for the length of the call.
        let task = unsafe { &mut *task.cast::<Task<T, F>>() };
        task.result = task.body.take().and_then(guard);
    }
    fn start<T, F: FnOnce() -> T>(task: &mut Task<T, F>) {
        // SAFETY: the shim calls back once, before it returns, on this thread.
        unsafe { ffi::hf_in_frame(perform::<T, F>, std::ptr::from_mut(task).cast()) };
    }
    let mut task = Task { body: Some(body), result: None };
    start(&mut task);
    task.result
}

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `body`; `None` when it panicked. Everything that PHP calls goes through here: a panic that reached PHP's frames
/// would take the worker down.
pub fn guard<T>(body: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(AssertUnwindSafe(body)).ok()
}

/// Where the last panic of this thread was, and why.
pub fn last_panic() -> String {
    LAST_PANIC.with_borrow(Clone::clone)
}

/// Keeps panics off the standard error of the server; [`last_panic`] tells them.
pub fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        LAST_PANIC.with(|last| {
            if let Ok(mut last) = last.try_borrow_mut() {
                *last = text;
            }
        });
    }));
}
