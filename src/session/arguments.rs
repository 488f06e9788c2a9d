//! What methods are called with.

use ext_php_rs::types::Zval;

use crate::exception::Failure;
use crate::zend::{
    error,
    method::{Arguments, Call},
    string::{self, PhpString},
    value::{self, Kind},
};

/// The name of a variable: a string or an integer, and what PHP makes a string of. null is the empty name.
pub(super) fn name(call: &Call<'_>, number: usize) -> Result<PhpString, Failure> {
    name_in(call.arguments(), number)
}

/// As [`name`], of what a hookable method is called with.
pub(super) fn name_in(arguments: Arguments<'_>, number: usize) -> Result<PhpString, Failure> {
    arguments.argument(number).map_or_else(|| Ok(PhpString::new(b"")), name_of)
}

/// As [`name`], of a value.
pub(super) fn name_of(argument: &Zval) -> Result<PhpString, Failure> {
    text_or(argument, "the name of a session variable must be a string")
}

/// A text: a string or an integer, and what PHP makes a string of. null is empty.
pub(super) fn text_of(argument: &Zval) -> Result<PhpString, Failure> {
    text_or(argument, "a string was expected, not an array or a resource")
}

fn text_or(argument: &Zval, refusal: &str) -> Result<PhpString, Failure> {
    match value::kind(argument) {
        Kind::String => Ok(value::string(argument)),
        Kind::Long => Ok(PhpString::new(value::long(argument).to_string().as_bytes())),
        Kind::Null => Ok(PhpString::new(b"")),
        Kind::Array | Kind::Resource => Err(Failure::InvalidArgument(refusal.into())),
        _ => value::to_string(argument).ok_or(Failure::Pending),
    }
}

/// A namespace: a name, or an object whose class gives it, without its PHP namespace.
pub(super) fn namespace(call: &Call<'_>, number: usize) -> Result<PhpString, Failure> {
    let Some(argument) = call.argument(number) else { return Ok(PhpString::new(b"")) };
    match value::kind(argument) {
        Kind::String => Ok(value::string(argument)),
        Kind::Object => {
            // SAFETY: a live object has a class, and a class a name.
            let class = unsafe { string::bytes_of((*(*value::object(argument)).ce).name) };
            let last = class.rsplit(|byte| *byte == b'\\').next().unwrap_or(class);
            Ok(PhpString::new(last))
        }
        _ => Err(Failure::InvalidArgument("a session namespace must be a string or an object".into())),
    }
}

/// Fails when code of the application that was called threw.
pub(super) fn unless_pending<T>(result: T) -> Result<T, Failure> {
    if error::is_pending() { Err(Failure::Pending) } else { Ok(result) }
}
