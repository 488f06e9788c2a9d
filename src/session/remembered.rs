//! Browsers that stay logged in: `rememberMe`, `forgetMe`, `isRestored`, `rememberStolen`.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::receiver::{hookable, run_hookable};
use super::this;
use crate::zend::{
    method::{Method, method, run},
    value,
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("rememberMe", remember_me, &[], &[]),
        method("forgetMe", forget_me, &[], &[]),
        method("isRestored", is_restored, &[], &[]),
        hookable("rememberStolen", remember_stolen, &["userID"], &[]),
    ]
}

extern "C" fn remember_me(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.remember_me()?;
        Ok(call.this_value())
    });
}

extern "C" fn forget_me(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| this(call)?.forget_me().map(value::from_bool));
}

extern "C" fn is_restored(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| this(call)?.is_restored().map(value::from_bool));
}

extern "C" fn remember_stolen(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=1, "rememberStolen", |_, _| Ok(value::null()));
}
