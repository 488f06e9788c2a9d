//! `get`, `set`, `remove` and their kin, with ProcessWire's signatures and semantics. A namespace is a variable that
//! holds an array.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::{name, namespace};
use super::csrf;
use super::direct;
use super::receiver::Receiver;
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    method::{Call, Method, method, run},
    string::PhpString,
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("get", get, &["key"], &[("_key", "null")]),
        method("getVal", get_val, &["key"], &[("val", "null")]),
        method("getFor", get_for, &["ns", "key"], &[]),
        method("getValFor", get_val_for, &["ns", "key"], &[("val", "null")]),
        method("getAll", get_all, &[], &[("ns", "null")]),
        method("getAllFor", get_all_for, &["ns"], &[]),
        method("set", set, &["key", "value"], &[("_value", "null")]),
        method("setFor", set_for, &["ns", "key", "value"], &[]),
        method("remove", remove, &["key"], &[("_key", "null")]),
        method("removeFor", remove_for, &["ns", "key"], &[]),
        method("removeAllFor", remove_all_for, &["ns"], &[]),
    ]
}

extern "C" fn get(frame: &mut ExecuteData, result: &mut Zval) {
    if let Some(found) = direct::get(&Call::of(frame)) {
        return value::answer(result, found);
    }
    run(frame, result, 1..=2, |call| {
        let receiver = Receiver::of(call)?;
        if call.argument(0).is_some_and(csrf::is_property) {
            receiver.csrf()
        } else if call.given(1).is_some() {
            in_namespace(&receiver, call)
        } else {
            Ok(receiver.session.get(&name(call, 0)?)?.unwrap_or_else(value::null))
        }
    });
}

extern "C" fn get_val(frame: &mut ExecuteData, result: &mut Zval) {
    if let Some(found) = direct::get_val(&Call::of(frame)) {
        return value::answer(result, found);
    }
    run(frame, result, 1..=2, |call| {
        Ok(or_default(Receiver::of(call)?.get(&name(call, 0)?)?, call.argument(1)))
    });
}

extern "C" fn get_for(frame: &mut ExecuteData, result: &mut Zval) {
    if let Some(found) = direct::get_for(&Call::of(frame)) {
        return value::answer(result, found);
    }
    run(frame, result, 2..=2, |call| in_namespace(&Receiver::of(call)?, call));
}

extern "C" fn get_val_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=3, |call| {
        Ok(or_default(in_namespace(&Receiver::of(call)?, call)?, call.argument(2)))
    });
}

extern "C" fn get_all(frame: &mut ExecuteData, result: &mut Zval) {
    if let Some(all) = direct::get_all(&Call::of(frame)) {
        return value::answer(result, all);
    }
    run(frame, result, 0..=1, |call| {
        let receiver = Receiver::of(call)?;
        if call.given(0).is_some() {
            namespace_array(&receiver, &namespace(call, 0)?)
        } else {
            receiver.session.all().map(PhpArray::into_value)
        }
    });
}

extern "C" fn get_all_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| namespace_array(&Receiver::of(call)?, &namespace(call, 0)?));
}

extern "C" fn set(frame: &mut ExecuteData, result: &mut Zval) {
    if let Some((this, old)) = direct::set(&Call::of(frame)) {
        value::answer(result, this);
        return value::release(old);
    }
    run(frame, result, 2..=3, |call| {
        let receiver = Receiver::of(call)?;
        if let Some(value) = call.given(2) {
            set_in_namespace(&receiver, &namespace(call, 0)?, &name(call, 1)?, value)?;
        } else {
            receiver.session.set(&name(call, 0)?, call.argument(1).map_or_else(value::null, value::copy))?;
        }
        Ok(call.this_value())
    });
}

extern "C" fn set_for(frame: &mut ExecuteData, result: &mut Zval) {
    if let Some((this, old)) = direct::set_for(&Call::of(frame)) {
        value::answer(result, this);
        return value::release(old);
    }
    run(frame, result, 3..=3, |call| {
        let (receiver, namespace, name) = (Receiver::of(call)?, namespace(call, 0)?, name(call, 1)?);
        match call.given(2) {
            Some(value) => set_in_namespace(&receiver, &namespace, &name, value)?,
            None => remove_in_namespace(&receiver, &namespace, &name)?,
        }
        Ok(call.this_value())
    });
}

extern "C" fn remove(frame: &mut ExecuteData, result: &mut Zval) {
    if let Some((this, old)) = direct::remove(&Call::of(frame)) {
        value::answer(result, this);
        return value::release(old);
    }
    run(frame, result, 1..=2, |call| {
        let receiver = Receiver::of(call)?;
        match call.given(1) {
            None => receiver.session.remove(&name(call, 0)?)?,
            Some(inside) => receiver.remove_inside(&namespace(call, 0)?, inside)?,
        }
        Ok(call.this_value())
    });
}

extern "C" fn remove_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        Receiver::of(call)?.remove(&namespace(call, 0)?, Some(call.argument(1).unwrap_or(&value::null())))?;
        Ok(call.this_value())
    });
}

extern "C" fn remove_all_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        Receiver::of(call)?.remove(&namespace(call, 0)?, Some(&value::from_bool(true)))?;
        Ok(call.this_value())
    });
}

fn or_default(found: Zval, default: Option<&Zval>) -> Zval {
    if value::kind(&found) == Kind::Null { default.map_or_else(value::null, value::copy) } else { found }
}

/// The variable of the namespace in argument 0 whose name is argument 1, or null; the whole namespace for ''.
fn in_namespace(receiver: &Receiver, call: &Call<'_>) -> Result<Zval, Failure> {
    let whole = namespace_array(receiver, &namespace(call, 0)?)?;
    let name = name(call, 1)?;
    if name.as_bytes().is_empty() {
        return Ok(whole);
    }
    Ok(PhpArray::of(&whole).find(&name).map_or_else(value::null, value::copy_deref))
}

/// A namespace's array; an empty one when it is not there, or something else is.
fn namespace_array(receiver: &Receiver, namespace: &PhpString) -> Result<Zval, Failure> {
    let found = receiver.get_namespace(namespace)?;
    Ok(if value::kind(&found) == Kind::Array { found } else { PhpArray::with_capacity(0).into_value() })
}

fn set_in_namespace(
    receiver: &Receiver,
    namespace: &PhpString,
    name: &PhpString,
    new: &Zval,
) -> Result<(), Failure> {
    let mut array = PhpArray::owned(namespace_array(receiver, namespace)?);
    array.insert(name, value::copy(new));
    receiver.set(namespace, array.into_value())
}

pub(super) fn remove_in_namespace(
    receiver: &Receiver,
    namespace: &PhpString,
    name: &PhpString,
) -> Result<(), Failure> {
    let mut array = PhpArray::owned(namespace_array(receiver, namespace)?);
    let old = array.take(name);
    drop(old);
    receiver.set(namespace, array.into_value())
}
