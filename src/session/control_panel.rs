//! What ExpressionEngine has around the life of a session: `create_new_session`, `update_session`, `delete_old_sessions`,
//! `lock_cp`. Its `destroy` is ProcessWire's, too.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::authentication::log_in_member;
use super::receiver::Receiver;
use super::this;
use crate::request::control_panel::Marks;
use crate::zend::{
    method::{Method, method, run},
    value,
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method(
            "create_new_session",
            create_new_session,
            &["member_id"],
            &[("admin_session", "false"), ("can_debug", "false")],
        ),
        method("update_session", update_session, &[], &[]),
        method("delete_old_sessions", delete_old_sessions, &[], &[]),
        method("lock_cp", lock_cp, &[], &[]),
    ]
}

extern "C" fn create_new_session(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=3, |call| {
        let member = call.argument(0).map_or_else(value::null, value::copy);
        let is_asked_for = |number| call.argument(number).is_some_and(value::is_true);
        let (is_admin, can_debug) = (is_asked_for(1), is_asked_for(2));
        log_in_member(&Receiver::of(call)?, &member, |may_enter| Marks {
            is_admin: is_admin || may_enter == Some(true),
            can_debug,
        })
    });
}

extern "C" fn update_session(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.prolong()?;
        Ok(value::null())
    });
}

extern "C" fn delete_old_sessions(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.collect()?;
        Ok(value::null())
    });
}

extern "C" fn lock_cp(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.lock_control_panel()?;
        Ok(value::null())
    });
}
