//! `increment`, `push` and `update`: changes that are saved at once and safe in parallel.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::name;
use super::this;
use crate::zend::{
    method::{Method, method, run},
    value,
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("increment", increment, &["key"], &[("by", "1")]),
        method("push", push, &["key", "value"], &[]),
        method("update", update, &["key", "fn"], &[]),
    ]
}

extern "C" fn increment(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| {
        let by = call.argument(1).map_or_else(|| value::from_long(1), value::copy);
        this(call)?.increment(&name(call, 0)?, &by)
    });
}

extern "C" fn update(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        let callable = call.argument(1).map_or_else(value::null, value::copy);
        this(call)?.update(&name(call, 0)?, &callable)
    });
}

extern "C" fn push(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        let item = call.argument(1).map_or_else(value::null, value::copy);
        let count = this(call)?.push(&name(call, 0)?, &item)?;
        Ok(value::from_long(i64::try_from(count).unwrap_or(i64::MAX)))
    });
}
