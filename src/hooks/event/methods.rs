//! The methods of `Holdfast\HookEvent`, with ProcessWire's signatures and semantics.

use ext_php_rs::args::Arg;
use ext_php_rs::builders::FunctionBuilder;
use ext_php_rs::ffi::zend_object;
use ext_php_rs::flags::{DataType, MethodFlags};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::super::target::short;
use super::{PROPERTIES, Slot, arguments_of, get, set, slot_of};
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    call,
    method::{Call, Method, method, run, typed_method},
    string::{self, PhpString},
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        (
            FunctionBuilder::new("__construct", construct)
                .required_args(0)
                .arg(Arg::new("eventData", DataType::Array).default("[]")),
            MethodFlags::Public,
        ),
        method("arguments", arguments, &[], &[("n", "null"), ("value", "null")]),
        method("argumentsByName", arguments_by_name, &[], &[("n", "''")]),
        method("setArgument", set_argument, &["n", "value"], &[]),
        method("removeHook", remove_hook, &["hookId"], &[]),
        method("__get", read, &["name"], &[]),
        method("__set", write, &["name", "value"], &[]),
        method("__isset", is_set, &["name"], &[]),
        typed_method("__toString", to_string, &[], DataType::String),
    ]
}

/// The name of a property or an argument; `None` for what can't be one.
fn key(argument: &Zval) -> Option<PhpString> {
    match value::kind(argument) {
        Kind::String => Some(value::string(argument)),
        Kind::Long => Some(PhpString::new(value::long(argument).to_string().as_bytes())),
        _ => None,
    }
}

/// The position of the argument that the hooked method's parameter of this name gets.
fn position_of(event: *mut zend_object, name: &PhpString) -> Option<usize> {
    parameter_names(event).iter().position(|known| known.as_bytes() == name.as_bytes())
}

/// The names of the hooked method's parameters; none for a method that hooks added.
fn parameter_names(event: *mut zend_object) -> Vec<PhpString> {
    let (object, method) = (get(event, Slot::Object), get(event, Slot::Method));
    match (value::kind(&object), value::kind(&method)) {
        (Kind::Object, Kind::String) => {
            // SAFETY: a live object.
            unsafe { call::parameter_names(value::object(&object), &value::string(&method).to_text()) }
        }
        _ => Vec::new(),
    }
}

fn is_null(value: &Zval) -> bool {
    value::kind(value::deref(value)) == Kind::Null
}

/// An entry that is there and not null.
fn find_set(array: &Zval, name: &PhpString) -> Option<Zval> {
    let array = PhpArray::of(array);
    array.find(name).filter(|found| !is_null(found)).map(value::copy_deref)
}

extern "C" fn construct(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let event = call.this();
        for (slot, default) in [
            (Slot::Object, value::null()),
            (Slot::Method, value::from_bytes(b"")),
            (Slot::Arguments, PhpArray::with_capacity(0).into_value()),
            (Slot::Return, value::null()),
            (Slot::Replace, value::from_bool(false)),
            (Slot::Options, PhpArray::with_capacity(0).into_value()),
            (Slot::Id, value::from_bytes(b"")),
            (Slot::When, value::from_bytes(b"")),
            (Slot::CancelHooks, value::from_bool(false)),
        ] {
            set(event, slot, &default);
        }
        let Some(given) = call.argument(0) else { return Ok(value::null()) };
        if value::kind(given) != Kind::Array {
            return Err(Failure::InvalidArgument("the data of a hook event must be an array".into()));
        }
        for (name, new) in PhpArray::of(given).entries() {
            set_named(event, &name.to_string(), new)?;
        }
        Ok(value::null())
    });
}

extern "C" fn arguments(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=2, |call| {
        let Some(which) = call.given(0) else { return arguments_of(call.this()) };
        if let Some(new) = call.given(1) {
            put_argument(call.this(), which, new)?;
            return Ok(value::copy(new));
        }
        let Some(name) = key(which) else { return Ok(value::null()) };
        match find_set(&arguments_of(call.this())?, &name) {
            Some(found) => Ok(found),
            None if value::kind(which) == Kind::String => by_name(call.this(), &name),
            None => Ok(value::null()),
        }
    });
}

extern "C" fn arguments_by_name(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| match call.given(0).and_then(key) {
        Some(name) if !name.as_bytes().is_empty() => by_name(call.this(), &name),
        _ => {
            let arguments = PhpArray::of(&arguments_of(call.this())?);
            let parameters = parameter_names(call.this());
            let mut by_name = PhpArray::with_capacity(parameters.len());
            for (position, parameter) in parameters.iter().enumerate() {
                let found = arguments.find(&PhpString::new(position.to_string().as_bytes()));
                by_name.insert(parameter, found.map_or_else(value::null, value::copy_deref));
            }
            Ok(by_name.into_value())
        }
    });
}

/// The argument of this name; null when there is none.
fn by_name(event: *mut zend_object, name: &PhpString) -> Result<Zval, Failure> {
    let arguments = arguments_of(event)?;
    if let Some(found) = find_set(&arguments, name) {
        return Ok(found);
    }
    let position = position_of(event, name).map(|position| PhpString::new(position.to_string().as_bytes()));
    Ok(position.and_then(|position| find_set(&arguments, &position)).unwrap_or_else(value::null))
}

extern "C" fn set_argument(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        let (which, new) = (call.argument(0), call.argument(1));
        put_argument(call.this(), which.unwrap_or(&value::null()), new.unwrap_or(&value::null()))?;
        Ok(call.this_value())
    });
}

fn put_argument(event: *mut zend_object, which: &Zval, new: &Zval) -> Result<(), Failure> {
    let unknown =
        |name: &str| Failure::InvalidArgument(format!("the hooked method has no argument '{}'", short(name)));
    let position = match value::kind(which) {
        Kind::Long => value::long(which),
        Kind::String => {
            let name = value::string(which);
            let text = name.to_text();
            let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
            let named = || position_of(event, &name).and_then(|position| i64::try_from(position).ok());
            number.or_else(named).ok_or_else(|| unknown(&text))?
        }
        _ => {
            return Err(Failure::InvalidArgument(
                "an argument of a hooked method is named by its number or its name".into(),
            ));
        }
    };
    let mut arguments = PhpArray::owned(arguments_of(event)?);
    let position = PhpString::new(position.to_string().as_bytes());
    let old = arguments.put(&position, value::copy_deref(new));
    set(event, Slot::Arguments, &arguments.into_value());
    drop(old);
    Ok(())
}

extern "C" fn remove_hook(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let event = call.this();
        let own = get(event, Slot::Id);
        let id = match call.given(0) {
            Some(id) if value::kind(id) == Kind::Object && value::object(id) == event => own,
            Some(id) if value::kind(id) == Kind::String && value::string(id).as_bytes().is_empty() => own,
            Some(id) => value::copy(id),
            None => own,
        };
        let object = get(event, Slot::Object);
        if value::kind(&object) == Kind::Object {
            let object = value::object(&object);
            // SAFETY: live, held by `object`'s value for the length of the call, and the class has the method.
            unsafe {
                if call::has_method(object, "removeHook") {
                    drop(call::call_method(object, "removeHook", &[id])?);
                }
            }
        }
        Ok(call.this_value())
    });
}

/// `$event->data`, `$event->cancel`, and an argument that has a name for its key.
extern "C" fn read(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| Ok(named(call).unwrap_or_else(value::null)));
}

extern "C" fn is_set(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| Ok(value::from_bool(named(call).is_some_and(|found| !is_null(&found)))));
}

fn named(call: &Call<'_>) -> Option<Zval> {
    let name = key(call.argument(0)?)?;
    match slot_of(name.as_bytes()) {
        Some(slot) => Some(get(call.this(), slot)),
        None => find_set(&arguments_of(call.this()).ok()?, &name),
    }
}

extern "C" fn write(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        let name = call.argument(0).and_then(key).unwrap_or_else(|| PhpString::new(b""));
        set_named(call.this(), &name, call.argument(1).unwrap_or(&value::null()))?;
        Ok(value::null())
    });
}

fn set_named(event: *mut zend_object, name: &PhpString, new: &Zval) -> Result<(), Failure> {
    let slot = slot_of(name.as_bytes()).ok_or_else(|| {
        Failure::InvalidArgument(format!(
            "a hook event has no property '{}': it has {} and cancel",
            short(&name.to_text()),
            PROPERTIES.join(", "),
        ))
    })?;
    set(event, slot, new);
    Ok(())
}

/// Class and method, without the arguments: passwords are among them.
extern "C" fn to_string(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let (object, method) = (get(call.this(), Slot::Object), get(call.this(), Slot::Method));
        let class = match value::kind(&object) {
            // SAFETY: a live object has a class, and a class a name.
            Kind::Object => unsafe { string::bytes_of((*(*value::object(&object)).ce).name) }.to_vec(),
            _ => Vec::new(),
        };
        let method =
            if value::kind(&method) == Kind::String { value::string(&method) } else { PhpString::new(b"") };
        Ok(value::from_bytes(&[&class, b"::".as_slice(), method.as_bytes(), b"()"].concat()))
    });
}
