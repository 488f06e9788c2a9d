//! The class `Holdfast\CSRF`: the tokens of a session's forms, with the methods of ProcessWire's `SessionCSRF`. An object is
//! a handle to the session that it was asked of.

use std::rc::Rc;

use ext_php_rs::builders::{ClassBuilder, FunctionBuilder};
use ext_php_rs::error::Result;
use ext_php_rs::ffi::{zend_class_entry, zend_object};
use ext_php_rs::flags::{ClassFlags, DataType, MethodFlags};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;
use holdfast_core::csrf::TokenRing;

use crate::exception::Failure;
use crate::request::{
    Session,
    csrf::{AfterCheck, Check},
};
use crate::zend::{
    array::PhpArray,
    class::ClassSlot,
    method::{Call, Method, method, run, typed_method},
    object::{HandlersSlot, Object},
    string::PhpString,
    value::{self, Kind},
};

static CLASS: ClassSlot = ClassSlot::new();
static HANDLERS: HandlersSlot = HandlersSlot::new();

/// `None` only in an object that PHP made without asking us, which the class being final and its constructor being private
/// prevent.
type Handle = Option<Rc<Session>>;

fn methods() -> Vec<Method> {
    let id = ("id", "''");
    vec![
        (FunctionBuilder::new("__construct", construct), MethodFlags::Private),
        method("getTokenName", get_token_name, &[], &[id]),
        method("getTokenValue", get_token_value, &[], &[id]),
        method("getTokenTime", get_token_time, &[], &[id]),
        method("getToken", get_token, &[], &[id]),
        method("getSingleUseToken", get_single_use_token, &[], &[id]),
        method("hasValidToken", has_valid_token, &[], &[id, ("reset", "null")]),
        method("validate", validate, &[], &[id]),
        method("resetToken", reset_token, &[], &[id]),
        method("resetAll", reset_all, &[], &[]),
        method("renderInput", render_input, &[], &[id]),
        typed_method("__toString", to_string, &[], DataType::String),
    ]
}

/// Registers the class.
pub fn register() -> Result<()> {
    HANDLERS.fill::<Handle>(|_| {});
    let mut builder = ClassBuilder::new("Holdfast\\CSRF").flags(ClassFlags::Final);
    for (method, flags) in methods() {
        builder = builder.method(method, flags);
    }
    builder
        .registration(|class, tables| {
            class.__bindgen_anon_2.create_object = Some(create_object);
            class.ce_flags |= ext_php_rs::ffi::ZEND_ACC_NOT_SERIALIZABLE;
            CLASS.set(class, tables);
        })
        .register()
}

/// A new object for a session.
pub fn object(session: Rc<Session>) -> Zval {
    // SAFETY: the class is registered, and the object was just made; its one reference moves into the value.
    unsafe {
        let object = create_object(CLASS.get());
        Object::<Handle>::state(object).replace(Some(session));
        value::from_object(object)
    }
}

unsafe extern "C" fn create_object(class: *mut zend_class_entry) -> *mut zend_object {
    // SAFETY: PHP asks for objects of linked classes only, and the handlers were filled at startup.
    unsafe { Object::<Handle>::create(class, &HANDLERS) }
}

fn this(call: &Call<'_>) -> std::result::Result<Rc<Session>, Failure> {
    // SAFETY: PHP calls the methods of the class on objects of the class.
    let handle = unsafe { Object::<Handle>::state(call.this()) };
    handle.borrow().clone().ok_or_else(|| {
        Failure::InvalidState("a Holdfast\\CSRF belongs to a session: ask for it by $session->CSRF()".into())
    })
}

/// The id of a token: what PHP makes a string of, '' for null.
fn id(call: &Call<'_>) -> std::result::Result<PhpString, Failure> {
    match call.argument(0) {
        Some(id) if matches!(value::kind(id), Kind::Array | Kind::Resource) => {
            Err(Failure::InvalidArgument("the id of a CSRF token must be a string or an integer".into()))
        }
        Some(id) => value::to_string(id).ok_or(Failure::Pending),
        None => Ok(PhpString::new(b"")),
    }
}

fn name_of(ring: &TokenRing, id: &PhpString) -> Zval {
    value::from_bytes(ring.name(id.as_bytes()).as_bytes())
}

fn value_of(ring: &TokenRing, id: &PhpString) -> std::result::Result<Zval, Failure> {
    Ok(value::from_bytes(ring.token(id.as_bytes()).mask()?.as_bytes()))
}

fn time_of(ring: &TokenRing, id: &PhpString) -> Zval {
    value::from_long(i64::try_from(ring.since(id.as_bytes()).as_secs()).unwrap_or(i64::MAX))
}

/// Puts `name`, `value` and `time` into an array.
fn describe(ring: &TokenRing, id: &PhpString, token: &mut PhpArray) -> std::result::Result<(), Failure> {
    token.insert(&PhpString::key(b"name"), name_of(ring, id));
    token.insert(&PhpString::key(b"value"), value_of(ring, id)?);
    token.insert(&PhpString::key(b"time"), time_of(ring, id));
    Ok(())
}

/// Never called: it is private.
extern "C" fn construct(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |_| Ok(value::null()));
}

extern "C" fn get_token_name(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| Ok(name_of(&this(call)?.tokens()?, &id(call)?)));
}

extern "C" fn get_token_value(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| value_of(&this(call)?.tokens()?, &id(call)?));
}

extern "C" fn get_token_time(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| Ok(time_of(&this(call)?.tokens()?, &id(call)?)));
}

extern "C" fn get_token(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let mut token = PhpArray::with_capacity(3);
        describe(&this(call)?.tokens()?, &id(call)?, &mut token)?;
        Ok(token.into_value())
    });
}

extern "C" fn get_single_use_token(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let mut id = id(call)?;
        if id.as_bytes().is_empty() {
            id = PhpString::new(TokenRing::unused_id()?.as_bytes());
        }
        let ring = this(call)?.tokens_with_single_use(id.as_bytes())?;
        let mut token = PhpArray::with_capacity(4);
        token.insert(&PhpString::key(b"id"), value::from_string(id.clone()));
        describe(&ring, &id, &mut token)?;
        Ok(token.into_value())
    });
}

extern "C" fn has_valid_token(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=2, |call| {
        let after = match call.given(1) {
            None => AfterCheck::Auto,
            Some(reset) if value::is_true(reset) => AfterCheck::Spend,
            Some(_) => AfterCheck::Keep,
        };
        let check = this(call)?.check_token(id(call)?.as_bytes(), after)?;
        Ok(value::from_bool(check == Check::Valid))
    });
}

extern "C" fn validate(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        match this(call)?.check_token(id(call)?.as_bytes(), AfterCheck::Auto)? {
            Check::Valid => Ok(value::from_bool(true)),
            Check::NoToken => Err(Failure::InvalidToken(
                "its form has no valid token of this session, so it must be loaded and sent again",
            )),
            Check::Foreign => Err(Failure::InvalidToken(
                "another site sent it; a site that may send forms here must stand in holdfast.csrf_origins",
            )),
        }
    });
}

extern "C" fn reset_token(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        this(call)?.reset_token(id(call)?.as_bytes())?;
        Ok(value::null())
    });
}

extern "C" fn reset_all(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        this(call)?.reset_tokens()?;
        Ok(value::null())
    });
}

extern "C" fn render_input(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let (ring, id) = (this(call)?.tokens()?, id(call)?);
        // Letters, digits, '-' and '_' both: nothing in them would have to be escaped.
        let (name, token) = (ring.name(id.as_bytes()), ring.token(id.as_bytes()).mask()?);
        let input = format!("<input type='hidden' name='{name}' value='{token}' class='_post_token' />");
        Ok(value::from_bytes(input.as_bytes()))
    });
}

extern "C" fn to_string(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| value_of(&this(call)?.tokens()?, &PhpString::new(b"")));
}
