//! `set_cache`, `cache`: ExpressionEngine's values for one request.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::text_of;
use super::this;
use crate::exception::Failure;
use crate::zend::{
    method::{Call, Method, method, run},
    string::PhpString,
    value,
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("set_cache", set_cache, &["class", "key", "val"], &[]),
        method("cache", cache, &["class", "key"], &[("default", "false")]),
    ]
}

extern "C" fn set_cache(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 3..=3, |call| {
        let (class, key) = names(call)?;
        let new = call.argument(2).map_or_else(value::null, value::copy);
        this(call)?.set_cached(&class, &key, new)?;
        Ok(call.this_value())
    });
}

extern "C" fn cache(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=3, |call| {
        let (class, key) = names(call)?;
        let default = || call.argument(2).map_or_else(|| value::from_bool(false), value::copy);
        Ok(this(call)?.cached(&class, &key).unwrap_or_else(default))
    });
}

fn names(call: &Call<'_>) -> Result<(PhpString, PhpString), Failure> {
    let null = value::null();
    Ok((text_of(call.argument(0).unwrap_or(&null))?, text_of(call.argument(1).unwrap_or(&null))?))
}
