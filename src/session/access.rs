//! `$session->name`, `$session['name']`, `foreach`, `count`, `json_encode`.

use ext_php_rs::flags::DataType;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::{name, name_of, unless_pending};
use super::this;
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    ffi,
    method::{Call, Method, method, run, typed_method},
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("__get", read, &["name"], &[]),
        method("__set", write, &["name", "value"], &[]),
        method("__isset", is_set, &["name"], &[]),
        method("__unset", unset, &["name"], &[]),
        typed_method("offsetExists", is_set, &["offset"], DataType::Bool),
        typed_method("offsetGet", read, &["offset"], DataType::Mixed),
        typed_method("offsetSet", write, &["offset", "value"], DataType::Void),
        typed_method("offsetUnset", unset, &["offset"], DataType::Void),
        typed_method("count", count, &[], DataType::Long),
        typed_method("getIterator", get_iterator, &[], DataType::object("Traversable")),
        typed_method("jsonSerialize", all, &[], DataType::Mixed),
    ]
}

extern "C" fn read(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| Ok(this(call)?.get(&name(call, 0)?)?.unwrap_or_else(value::null)));
}

extern "C" fn write(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        let new = call.argument(1).map_or_else(value::null, value::copy);
        match call.argument(0) {
            Some(offset) if value::kind(offset) != Kind::Null => this(call)?.set(&name_of(offset)?, new)?,
            _ => this(call)?.append(new)?,
        }
        Ok(value::null())
    });
}

extern "C" fn is_set(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let found = this(call)?.get(&name(call, 0)?)?;
        Ok(value::from_bool(found.is_some_and(|found| value::kind(&found) != Kind::Null)))
    });
}

extern "C" fn unset(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        this(call)?.remove(&name(call, 0)?)?;
        Ok(value::null())
    });
}

extern "C" fn count(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        Ok(value::from_long(i64::try_from(this(call)?.len()?).unwrap_or(i64::MAX)))
    });
}

extern "C" fn get_iterator(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let mut array = value::give(everything(call)?);
        let mut iterator = value::undefined();
        // SAFETY: takes the array over, also when it fails with an exception pending.
        let made = unsafe { ffi::hf_array_iterator(&raw mut iterator, &raw mut *array) };
        if made { unless_pending(iterator) } else { Err(Failure::Pending) }
    });
}

extern "C" fn all(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, everything);
}

fn everything(call: &Call<'_>) -> Result<Zval, Failure> {
    this(call)?.all().map(PhpArray::into_value)
}
