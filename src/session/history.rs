//! `getHistory`, `maintenance`, `sessionHandler`: what ProcessWire does with a session beside its variables.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::this;
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    method::{Method, method, run},
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("getHistory", get_history, &[], &[]),
        method("maintenance", maintenance, &[], &[]),
        method("sessionHandler", session_handler, &[], &[("sessionHandler", "null")]),
    ]
}

extern "C" fn get_history(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let history = this(call)?.history()?;
        Ok(history.unwrap_or_else(|| PhpArray::with_capacity(0).into_value()))
    });
}

extern "C" fn maintenance(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.maintain()?;
        Ok(value::null())
    });
}

extern "C" fn session_handler(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let session = this(call)?;
        if let Some(handler) = call.given(0) {
            if value::kind(handler) != Kind::Object {
                return Err(Failure::InvalidArgument("a session handler must be an object".into()));
            }
            session.set_handler(value::copy(handler));
        }
        Ok(session.handler())
    });
}
