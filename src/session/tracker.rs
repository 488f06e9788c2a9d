//! `do_not_track`. The pages themselves are a property.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::this;
use crate::zend::{
    method::{Method, method, run},
    value,
};

pub(super) fn methods() -> Vec<Method> {
    vec![method("do_not_track", do_not_track, &[], &[])]
}

extern "C" fn do_not_track(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.do_not_track();
        Ok(value::null())
    });
}
