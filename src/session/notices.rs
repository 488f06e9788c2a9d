//! `message`, `error`, `warning`, and what shows them: `messages`, `errors`, `warnings`, `clearNotices`.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::this;
use crate::exception::Failure;
use crate::notice::{self, Severity, flags, text};
use crate::request::Session;
use crate::zend::{
    array::PhpArray,
    method::{Call, Method, method, run},
    value,
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("message", message, &["text"], &[("flags", "0")]),
        method("error", error, &["text"], &[("flags", "0")]),
        method("warning", warning, &["text"], &[("flags", "0")]),
        method("messages", messages, &[], &[("clear", "true")]),
        method("errors", errors, &[], &[("clear", "true")]),
        method("warnings", warnings, &[], &[("clear", "true")]),
        method("clearNotices", clear, &[], &[]),
        method("removeNotices", clear, &[], &[]),
    ]
}

extern "C" fn message(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| queue(call, Severity::Message));
}

extern "C" fn error(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| queue(call, Severity::Error));
}

extern "C" fn warning(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=2, |call| queue(call, Severity::Warning));
}

extern "C" fn messages(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| shown(call, Severity::Message));
}

extern "C" fn errors(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| shown(call, Severity::Error));
}

extern "C" fn warnings(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| shown(call, Severity::Warning));
}

extern "C" fn clear(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.clear_notices()?;
        Ok(call.this_value())
    });
}

fn queue(call: &Call<'_>, severity: Severity) -> Result<Zval, Failure> {
    let null = value::null();
    let flags = flags::parse(call.argument(1).unwrap_or(&null))?;
    if let Some((text, flags)) = text::of(call.argument(0).unwrap_or(&null), flags)? {
        this(call)?.queue_notice(severity, text, flags)?;
    }
    Ok(call.this_value())
}

fn shown(call: &Call<'_>, severity: Severity) -> Result<Zval, Failure> {
    let session = this(call)?;
    let get =
        if call.argument(0).is_none_or(value::is_true) { Session::take_notices } else { Session::notices };
    let notices = get(&session, severity)?;
    let mut list = PhpArray::with_capacity(notices.len());
    for notice in notices {
        list.append(notice::object(notice, severity)?);
    }
    Ok(list.into_value())
}
