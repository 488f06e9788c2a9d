//! ProcessWire's change tracking.

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::name;
use super::this;
use crate::request::{
    Session,
    changes::{ChangesForm, TrackChanges},
};
use crate::zend::{
    array::PhpArray,
    method::{Method, method, run},
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("setTrackChanges", set_track_changes, &[], &[("trackChanges", "true")]),
        method("isChanged", is_changed, &[], &[("what", "''")]),
        method("getChanges", get_changes, &[], &[("getValues", "false")]),
        method("resetTrackChanges", reset_track_changes, &[], &[("trackChanges", "true")]),
    ]
}

extern "C" fn set_track_changes(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        track(&*this(call)?, call.argument(0));
        Ok(call.this_value())
    });
}

extern "C" fn is_changed(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let name = name(call, 0)?;
        let which = (!name.as_bytes().is_empty()).then_some(&name);
        this(call)?.is_changed(which).map(value::from_bool)
    });
}

extern "C" fn get_changes(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let form = match call.argument(0) {
            Some(form) if value::kind(form) == Kind::Long && value::long(form) == 2 => {
                ChangesForm::NamesByName
            }
            Some(form) if value::is_true(form) => ChangesForm::PreviousValues,
            Some(_) | None => ChangesForm::Names,
        };
        this(call)?.changes(form).map(PhpArray::into_value)
    });
}

extern "C" fn reset_track_changes(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let session = this(call)?;
        session.reset_changes();
        track(&session, call.argument(0));
        Ok(call.this_value())
    });
}

/// As ProcessWire: a boolean or a false value switches, the integers 2, 4 and 6 are its bits, anything else is ignored.
fn track(session: &Session, how: Option<&Zval>) {
    let Some(how) = how else { return session.track_changes(TrackChanges::On) };
    match value::kind(how) {
        Kind::True => session.track_changes(TrackChanges::On),
        Kind::Long => match value::long(how) {
            0 => session.track_changes(TrackChanges::Off),
            2 => session.track_changes(TrackChanges::Bits(2)),
            4 => session.track_changes(TrackChanges::Bits(4)),
            6 => session.track_changes(TrackChanges::Bits(6)),
            _ => {}
        },
        _ if !value::is_true(how) => session.track_changes(TrackChanges::Off),
        _ => {}
    }
}
