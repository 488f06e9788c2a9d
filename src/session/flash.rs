//! `set_flashdata`, `flashdata`, `keep_flashdata`, and the property `flashdata`.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::name;
use super::this;
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    method::{Call, Method, method, run},
    string::PhpString,
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("set_flashdata", set, &["key"], &[("val", "''")]),
        method("flashdata", get, &[], &[("key", "''")]),
        method("keep_flashdata", keep, &[], &[("key", "''")]),
        method("benjaminButtonFlashdata", keep_all, &[], &[]),
    ]
}

extern "C" fn set(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| {
        let pairs = match call.argument(0) {
            Some(pairs) if value::kind(pairs) == Kind::Array => {
                let pairs = PhpArray::of(pairs);
                pairs.entries().map(|(key, new)| (key.to_string(), value::copy_deref(new))).collect()
            }
            _ => {
                let new = call.argument(1).map_or_else(|| value::from_bytes(b""), value::copy);
                vec![(name(call, 0)?, new)]
            }
        };
        this(call)?.set_flash(pairs)?;
        Ok(value::null())
    });
}

extern "C" fn get(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let (session, key) = (this(call)?, key(call)?);
        let shown = session.flash()?;
        let Some(key) = key else { return Ok(shown) };
        let found = PhpArray::of(&shown).find(&key).map(value::copy_deref);
        // ExpressionEngine asks isset().
        Ok(found.filter(|found| value::kind(found) != Kind::Null).unwrap_or_else(|| value::from_bool(false)))
    });
}

extern "C" fn keep(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let (session, key) = (this(call)?, key(call)?);
        session.keep_flash(key.as_ref())?;
        Ok(value::null())
    });
}

extern "C" fn keep_all(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.keep_flash(None)?;
        Ok(value::null())
    });
}

/// The key that is asked for; `None`: all of them.
fn key(call: &Call<'_>) -> Result<Option<PhpString>, Failure> {
    let key = name(call, 0)?;
    Ok((!key.as_bytes().is_empty()).then_some(key))
}
