//! The way to the tokens of the session's forms.

use std::rc::Rc;

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::this;
use crate::csrf;
use crate::zend::{
    method::{Method, method, run},
    value::{self, Kind},
};

/// The name that is not a variable's but the [`csrf`] object's, as in ProcessWire.
pub(super) const PROPERTY: &[u8] = b"CSRF";

/// Is it that name?
pub(super) fn is_property(name: &Zval) -> bool {
    value::kind(name) == Kind::String && value::bytes(name) == PROPERTY
}

pub(super) fn methods() -> Vec<Method> {
    vec![method("CSRF", object, &[], &[]), method("getCSRF", object, &[], &[])]
}

extern "C" fn object(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let session = this(call)?;
        Ok(csrf::object(Rc::clone(&session)))
    });
}
