//! The life of a session: construction, `start`, `save`, `close`, `destroy`, `regenerate`, its id and its cookie.

use ext_php_rs::args::Arg;
use ext_php_rs::builders::FunctionBuilder;
use ext_php_rs::flags::{DataType, MethodFlags};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::name;
use super::receiver::hookable;
use super::{bind, new_object, this};
use crate::exception::Failure;
use crate::request::{self, Options};
use crate::zend::{
    method::{Method, method, run},
    value,
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        (
            FunctionBuilder::new("__construct", construct)
                .required_args(0)
                .arg(Arg::new("options", DataType::Array).default("[]")),
            MethodFlags::Public,
        ),
        (
            FunctionBuilder::new("current", current).returns(
                DataType::object("Holdfast\\Session"),
                false,
                false,
            ),
            MethodFlags::Public | MethodFlags::Static,
        ),
        hookable("init", init, &[], &[]),
        method("start", start, &[], &[]),
        method("save", save, &[], &[]),
        method("close", close, &[], &[]),
        method("destroy", destroy, &[], &[]),
        method("regenerate", regenerate, &[], &[("deleteOldSession", "false")]),
        method("getId", get_id, &[], &[]),
        method("getCookieName", get_cookie_name, &[], &[]),
        method("setCookieName", set_cookie_name, &["cookieName"], &[]),
    ]
}

extern "C" fn construct(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let options = match call.argument(0) {
            Some(options) => Options::with_overrides(options)?,
            None => Options::with_settings()?,
        };
        bind(call.this(), options)?;
        Ok(value::null())
    });
}

extern "C" fn current(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |_| {
        if let Some(current) = request::current() {
            return Ok(current);
        }
        let object = new_object();
        bind(value::object(&object), Options::with_settings()?)?;
        Ok(object)
    });
}

/// Its hooks run when the session is loaded, whoever caused that: so they are called there.
extern "C" fn init(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let session = this(call)?;
        session.reopen();
        session.init()
    });
}

extern "C" fn start(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.start()?;
        Ok(value::from_bool(true))
    });
}

extern "C" fn save(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.save()?;
        Ok(value::from_bool(true))
    });
}

extern "C" fn close(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.close()?;
        Ok(value::from_bool(true))
    });
}

extern "C" fn destroy(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.destroy()?;
        Ok(value::from_bool(true))
    });
}

extern "C" fn regenerate(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let ends_old = call.argument(0).is_some_and(value::is_true);
        this(call)?.regenerate(ends_old).map(value::from_bool)
    });
}

extern "C" fn get_id(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let id = this(call)?.id()?;
        Ok(value::from_bytes(id.as_ref().map_or("", |id| id.as_str()).as_bytes()))
    });
}

extern "C" fn get_cookie_name(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let session = this(call)?;
        Ok(value::from_bytes(session.cookie_name().as_bytes()))
    });
}

extern "C" fn set_cookie_name(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let name = name(call, 0)?;
        let text = std::str::from_utf8(name.as_bytes())
            .map_err(|_| Failure::InvalidArgument("the name of the session cookie must be ASCII".into()))?;
        this(call)?.set_cookie_name(text)?;
        Ok(call.this_value())
    });
}
