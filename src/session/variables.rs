//! `get`, `set`, `remove` and their kin, with ProcessWire's signatures and semantics. A namespace is a variable that
//! holds an array.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::{name, namespace};
use super::this;
use crate::exception::Failure;
use crate::request::Session;
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
    run(frame, result, 1..=2, |call| {
        let session = this(call)?;
        if call.given(1).is_some() {
            in_namespace(&session, call, 1)
        } else {
            variable(&session, &name(call, 0)?)
        }
    });
}

extern "C" fn get_val(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| {
        Ok(or_default(variable(&*this(call)?, &name(call, 0)?)?, call.argument(1)))
    });
}

extern "C" fn get_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| in_namespace(&*this(call)?, call, 1));
}

extern "C" fn get_val_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=3, |call| Ok(or_default(in_namespace(&*this(call)?, call, 1)?, call.argument(2))));
}

extern "C" fn get_all(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let session = this(call)?;
        if call.given(0).is_some() {
            namespace_array(&session, &namespace(call, 0)?)
        } else {
            session.all().map(PhpArray::into_value)
        }
    });
}

extern "C" fn get_all_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| namespace_array(&*this(call)?, &namespace(call, 0)?));
}

extern "C" fn set(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=3, |call| {
        let session = this(call)?;
        if let Some(value) = call.given(2) {
            set_in_namespace(&session, &namespace(call, 0)?, &name(call, 1)?, value)?;
        } else {
            session.set(&name(call, 0)?, call.argument(1).map_or_else(value::null, value::copy))?;
        }
        Ok(call.this_value())
    });
}

extern "C" fn set_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 3..=3, |call| {
        let (session, namespace, name) = (this(call)?, namespace(call, 0)?, name(call, 1)?);
        match call.given(2) {
            Some(value) => set_in_namespace(&session, &namespace, &name, value)?,
            None => remove_in_namespace(&session, &namespace, &name)?,
        }
        Ok(call.this_value())
    });
}

extern "C" fn remove(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| {
        let session = this(call)?;
        match call.given(1) {
            None => session.remove(&name(call, 0)?)?,
            Some(_) => remove_from_namespace(&session, call)?,
        }
        Ok(call.this_value())
    });
}

extern "C" fn remove_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        remove_from_namespace(&*this(call)?, call)?;
        Ok(call.this_value())
    });
}

extern "C" fn remove_all_for(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        this(call)?.remove(&namespace(call, 0)?)?;
        Ok(call.this_value())
    });
}

/// A variable, or null.
fn variable(session: &Session, name: &PhpString) -> Result<Zval, Failure> {
    Ok(session.get(name)?.unwrap_or_else(value::null))
}

fn or_default(found: Zval, default: Option<&Zval>) -> Zval {
    if value::kind(&found) == Kind::Null { default.map_or_else(value::null, value::copy) } else { found }
}

/// The variable of the namespace in argument 0 whose name is argument `number`, or null; the whole namespace for ''.
fn in_namespace(session: &Session, call: &Call<'_>, number: usize) -> Result<Zval, Failure> {
    let whole = namespace_array(session, &namespace(call, 0)?)?;
    let name = name(call, number)?;
    if name.as_bytes().is_empty() {
        return Ok(whole);
    }
    Ok(PhpArray::of(&whole).find(&name).map_or_else(value::null, value::copy_deref))
}

/// A namespace's array; an empty one when it is not there, or something else is.
fn namespace_array(session: &Session, namespace: &PhpString) -> Result<Zval, Failure> {
    let found = session.get(namespace)?;
    Ok(found
        .filter(|found| value::kind(found) == Kind::Array)
        .unwrap_or_else(|| PhpArray::with_capacity(0).into_value()))
}

fn set_in_namespace(
    session: &Session,
    namespace: &PhpString,
    name: &PhpString,
    new: &Zval,
) -> Result<(), Failure> {
    let mut array = PhpArray::owned(namespace_array(session, namespace)?);
    array.insert(name, value::copy(new));
    session.set(namespace, array.into_value())
}

fn remove_in_namespace(session: &Session, namespace: &PhpString, name: &PhpString) -> Result<(), Failure> {
    let mut array = PhpArray::owned(namespace_array(session, namespace)?);
    let old = array.take(name);
    drop(old);
    session.set(namespace, array.into_value())
}

/// Argument 0 is the namespace; argument 1 a name in it, or a boolean for all of it.
fn remove_from_namespace(session: &Session, call: &Call<'_>) -> Result<(), Failure> {
    let namespace = namespace(call, 0)?;
    match call.argument(1).map(value::kind) {
        Some(Kind::True | Kind::False | Kind::Null) | None => session.remove(&namespace),
        Some(_) => {
            if session.has(&namespace)? {
                remove_in_namespace(session, &namespace, &name(call, 1)?)?;
            }
            Ok(())
        }
    }
}
