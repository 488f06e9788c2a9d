//! `$session->name`, `$session['name']`, `foreach`, `count`, `json_encode`.

use ext_php_rs::flags::DataType;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::{name, name_of, unless_pending};
use super::direct;
use super::properties::Property;
use super::receiver::Receiver;
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
        method("__get", read_property, &["name"], &[]),
        method("__set", write_property, &["name", "value"], &[]),
        method("__isset", is_property_set, &["name"], &[]),
        method("__unset", unset_property, &["name"], &[]),
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
    run(frame, result, 1..=1, |call| Receiver::of(call)?.get(&name(call, 0)?));
}

extern "C" fn write(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        let new = call.argument(1).map_or_else(value::null, value::copy);
        match call.argument(0) {
            Some(offset) if value::kind(offset) != Kind::Null => {
                Receiver::of(call)?.set(&name_of(offset)?, new)?;
            }
            _ => this(call)?.append(new)?,
        }
        Ok(value::null())
    });
}

extern "C" fn is_set(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let found = Receiver::of(call)?.get(&name(call, 0)?)?;
        Ok(value::from_bool(value::kind(&found) != Kind::Null))
    });
}

extern "C" fn unset(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        Receiver::of(call)?.remove(&name(call, 0)?, None)?;
        Ok(value::null())
    });
}

extern "C" fn read_property(frame: &mut ExecuteData, result: &mut Zval) {
    match property(frame) {
        Some(property) => run(frame, result, 1..=1, |call| property.read(&Receiver::of(call)?)),
        None => read(frame, result),
    }
}

extern "C" fn write_property(frame: &mut ExecuteData, result: &mut Zval) {
    match property(frame) {
        Some(property) => run(frame, result, 2..=2, |call| {
            let new = call.argument(1).map_or_else(value::null, value::copy);
            property.write(&this(call)?, new)?;
            Ok(value::null())
        }),
        None => write(frame, result),
    }
}

extern "C" fn is_property_set(frame: &mut ExecuteData, result: &mut Zval) {
    match property(frame) {
        Some(_) => run(frame, result, 1..=1, |_| Ok(value::from_bool(true))),
        None => is_set(frame, result),
    }
}

extern "C" fn unset_property(frame: &mut ExecuteData, result: &mut Zval) {
    match property(frame) {
        Some(property) => run(frame, result, 1..=1, |call| {
            property.unset(&this(call)?)?;
            Ok(value::null())
        }),
        None => unset(frame, result),
    }
}

/// What the name in a call of `__get` and its kin means, if it is no variable's.
fn property(frame: &mut ExecuteData) -> Option<Property> {
    let call = Call::of(frame);
    let name = call.argument(0).filter(|name| value::kind(name) == Kind::String)?;
    Property::named(&value::string(name))
}

extern "C" fn count(frame: &mut ExecuteData, result: &mut Zval) {
    if let Some(count) = direct::count(&Call::of(frame)) {
        return value::answer(result, count);
    }
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
