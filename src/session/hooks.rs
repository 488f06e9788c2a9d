//! `addHook` and its kin, the methods that hooks add, and those that exist to be hooked.

use ext_php_rs::args::Arg;
use ext_php_rs::builders::FunctionBuilder;
use ext_php_rs::flags::{DataType, MethodFlags};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use super::arguments::{name_in, name_of};
use super::receiver::{Receiver, hookable, run_hookable};
use super::this;
use crate::exception::Failure;
use crate::hooks::{self, Adding, Definition};
use crate::zend::{
    array::{ArrayKey, PhpArray},
    error,
    method::{Arguments, Call, Method, method, run},
    string::PhpString,
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    let adding = [("toMethod", "null"), ("options", "[]")];
    hooks::declare("callUnknown");
    vec![
        method("addHook", add_hook, &["method", "toObject"], &adding),
        method("addHookBefore", add_hook_before, &["method", "toObject"], &adding),
        method("addHookAfter", add_hook_after, &["method", "toObject"], &adding),
        method("addHookMethod", add_hook_method, &["method", "toObject"], &adding),
        method("removeHook", remove_hook, &["hookId"], &[]),
        method("hasHook", has_hook, &["name"], &[]),
        method("getHooks", get_hooks, &[], &[("method", "''"), ("type", "0")]),
        hookable("changed", changed, &["what"], &[("old", "null"), ("new", "null")]),
        hookable("log", log, &[], &[("str", "''"), ("options", "[]")]),
        (
            FunctionBuilder::new("__call", call_any)
                .arg(Arg::new("method", DataType::String))
                .arg(Arg::new("arguments", DataType::Array)),
            MethodFlags::Public,
        ),
        (method("callUnknown", call_unknown, &["method", "arguments"], &[]).0, MethodFlags::Protected),
    ]
}

extern "C" fn add_hook(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=4, |call| add(call, Adding::Any));
}

extern "C" fn add_hook_before(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=4, |call| add(call, Adding::Before));
}

extern "C" fn add_hook_after(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=4, |call| add(call, Adding::After));
}

extern "C" fn add_hook_method(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=4, |call| add(call, Adding::Method));
}

/// The ids of the hooks that were added, with commas between them.
fn add(call: &Call<'_>, adding: Adding) -> Result<Zval, Failure> {
    let session = this(call)?;
    let definition = Definition::new(adding, call.argument(1), call.argument(2), call.argument(3))?;
    let methods = methods_of(call.argument(0))?;
    let ids = definition.add(&session.hooks, call.object(), &methods)?;
    Ok(value::from_bytes(ids.join(",").as_bytes()))
}

/// What hooks are to be added to: a text with commas, or an array of texts.
fn methods_of(given: Option<&Zval>) -> Result<Vec<String>, Failure> {
    let text_of = |item: &Zval| match value::kind(value::deref(item)) {
        Kind::String => Ok(value::string(value::deref(item)).to_text()),
        _ => Err(Failure::InvalidArgument("the method to hook must be a string, or an array of them".into())),
    };
    match given {
        Some(list) if value::kind(list) == Kind::Array => {
            PhpArray::of(list).entries().map(|(_, item)| text_of(item)).collect()
        }
        Some(text) => Ok(text_of(text)?.split(',').map(str::to_owned).collect()),
        None => Ok(Vec::new()),
    }
}

extern "C" fn remove_hook(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let session = this(call)?;
        let remove = |ids: &Zval| -> Result<(), Failure> {
            for id in name_of(value::deref(ids))?.to_text().split(',') {
                session.hooks.remove(id.trim());
            }
            Ok(())
        };
        match call.given(0) {
            None => {}
            Some(list) if value::kind(list) == Kind::Array => {
                for (_, id) in PhpArray::of(list).entries() {
                    remove(id)?;
                }
            }
            Some(ids) => remove(ids)?,
        }
        Ok(call.this_value())
    });
}

extern "C" fn has_hook(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let name = name_of(call.argument(0).unwrap_or(&value::null()))?.to_text();
        if name.contains("::") {
            return Err(Failure::InvalidArgument("hasHook() wants 'method()', without a class".into()));
        }
        let session = this(call)?;
        let has = |method: &str| !session.hooks.of(method, call.object()).is_empty();
        Ok(value::from_bool(name.strip_suffix("()").is_some_and(has)))
    });
}

extern "C" fn get_hooks(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=2, |call| {
        let session = this(call)?;
        let method = match call.given(0) {
            Some(method) => name_of(method)?.to_text(),
            None => String::new(),
        };
        let method = method.trim_end_matches("()");
        let with_class = match call.given(1).filter(|which| value::kind(which) == Kind::Long).map(value::long)
        {
            None | Some(0) => None,
            Some(1) => Some(false),
            Some(2) => Some(true),
            Some(_) => return Err(Failure::InvalidArgument("the type of hooks is 0, 1 or 2".into())),
        };
        let is_one_method = !matches!(method, "" | "*");
        let hooks = if is_one_method { session.hooks.of(method, call.object()) } else { session.hooks.all() };
        let mut list = PhpArray::with_capacity(hooks.len());
        for hook in hooks.iter().filter(|hook| with_class.is_none_or(|with| hook.class.is_some() == with)) {
            if is_one_method {
                list.insert(&PhpString::new(hook.priority.to_string().as_bytes()), hook.describe());
            } else {
                list.append(hook.describe());
            }
        }
        Ok(list.into_value())
    });
}

/// A method that the class does not have.
extern "C" fn call_any(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 2..=2, |call| {
        let receiver = Receiver::of(call)?;
        let method = name_of(call.argument(0).unwrap_or(&value::null()))?;
        let passed: Vec<Zval> = match call.argument(1) {
            Some(list) if value::kind(list) == Kind::Array => PhpArray::of(list)
                .entries()
                .filter(|(key, _)| matches!(key, ArrayKey::Index(_)))
                .map(|(_, argument)| value::copy(argument))
                .collect(),
            _ => Vec::new(),
        };
        let (hooks, arguments) = (&receiver.session.hooks, Arguments::of(&passed));
        let added = hooks::call_added(hooks, call.object(), &method.to_text(), arguments)?;
        if let Some(result) = added {
            return Ok(result);
        }
        let arguments = call.argument(1).map_or_else(value::null, value::copy);
        receiver.hookable("callUnknown", &[value::from_string(method), arguments], unknown)
    });
}

extern "C" fn call_unknown(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 2..=2, "callUnknown", unknown);
}

/// The body of `callUnknown()`: what PHP throws itself.
fn unknown(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    let method = name_in(arguments, 0)?.to_text();
    let what = if receiver.has_method(&method) { "protected or private" } else { "undefined" };
    Err(Failure::NoMethod(format!("Call to {what} method {}::{method}()", receiver.class_name())))
}

extern "C" fn changed(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 1..=3, "changed", |_, _| Ok(value::null()));
}

extern "C" fn log(frame: &mut ExecuteData, result: &mut Zval) {
    run_hookable(frame, result, 0..=2, "log", write_log);
}

/// The body of `log()`: a line in PHP's error log, unless the text is empty.
pub(super) fn write_log(receiver: &Receiver, arguments: Arguments<'_>) -> Result<Zval, Failure> {
    let text = name_in(arguments, 0)?.to_text();
    if !text.is_empty() {
        let name = option(arguments, b"name")?.unwrap_or_else(|| log_name(&receiver.class_name()));
        let mut line = format!("{name}: {text}");
        for label in ["user", "url"] {
            if let Some(said) = option(arguments, label.as_bytes())? {
                line.extend([" ", label, "=", said.as_str()]);
            }
        }
        error::log(&line);
    }
    Ok(receiver.value())
}

/// An option of `log()`, its second argument.
fn option(arguments: Arguments<'_>, name: &[u8]) -> Result<Option<String>, Failure> {
    let Some(options) = arguments.given(1) else { return Ok(None) };
    if value::kind(options) != Kind::Array {
        return Err(Failure::InvalidArgument("the options of log() are an array".into()));
    }
    let found = PhpArray::of(options).find(&PhpString::key(name)).map(value::copy_deref);
    match found.filter(|found| value::kind(found) != Kind::Null) {
        Some(found) => Ok(Some(name_of(&found)?.to_text())),
        None => Ok(None),
    }
}

/// ProcessWire's name of a class's log: that of `ShopSession` is `shop-session`.
fn log_name(class: &str) -> String {
    let mut name = String::with_capacity(class.len() + 2);
    for letter in class.rsplit('\\').next().unwrap_or(class).chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
