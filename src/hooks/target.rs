//! What a hook is for, as `addHook()` and its kin name it.

use ext_php_rs::types::Zval;

use super::registry::{Hooks, hookable_methods};
use crate::exception::Failure;
use crate::zend::{call, string, value};

/// Which method of PHP's adds a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adding {
    /// `addHook`: after the method unless the options say otherwise; a method that there is not is added.
    Any,
    /// `addHookBefore`
    Before,
    /// `addHookAfter`
    After,
    /// `addHookMethod`: adds a method.
    Method,
}

/// A method, of objects of any class or of one.
pub(super) struct Target {
    pub class: Option<String>,
    pub method: String,
}

/// What is said of the methods to hook beside their names.
pub(super) struct Scope {
    pub adding: Adding,
    /// The class of the objects, where a method is named without one.
    pub class: Option<String>,
    /// Without a class, it is that of the object which is asked.
    pub all_instances: bool,
}

impl Scope {
    /// The methods that a name stands for: `method`, `method()`, `Class::method`, or with a `*` at the end.
    pub fn targets(&self, hooks: &Hooks, object: &Zval, named: &str) -> Result<Vec<Target>, Failure> {
        let named = named.trim();
        let (class, method) = match named.split_once("::") {
            Some((class, method)) => (Some(class.trim_start_matches('\\').to_owned()), method),
            None => (self.class.clone(), named),
        };
        let method = method.trim_end_matches(['(', ')', ' ']);
        let method = method.strip_prefix("___").unwrap_or(method);
        let class = match class {
            Some(class) => {
                check_class(object, &class)?;
                Some(class)
            }
            None => self.all_instances.then(|| class_name(object)),
        };
        let methods = match method.strip_suffix('*') {
            Some(start) => hookable_methods()
                .into_iter()
                .filter(|name| name.starts_with(start))
                .map(str::to_owned)
                .collect(),
            None => vec![self.method(hooks, object, method)?],
        };
        if methods.is_empty() {
            return Err(not_hookable(method));
        }
        Ok(methods.into_iter().map(|method| Target { class: class.clone(), method }).collect())
    }

    /// The method of this name as it is written where it is declared.
    fn method(&self, hooks: &Hooks, object: &Zval, method: &str) -> Result<String, Failure> {
        if !is_name(method) {
            return Err(Failure::InvalidArgument(format!(
                "'{}' is no name of a method: ProcessWire's conditions on arguments and results, and its hooks of \
                 paths, are not supported",
                short(method)
            )));
        }
        let known = hookable_methods().into_iter().find(|name| name.eq_ignore_ascii_case(method));
        match (known, self.adding) {
            (Some(known), Adding::Method) => Err(Failure::InvalidArgument(format!(
                "Session::{known}() is there already: use addHookBefore() or addHookAfter()"
            ))),
            (Some(known), _) => Ok(known.to_owned()),
            // SAFETY: a value holds its object.
            (None, _) if unsafe { call::has_method(value::object(object), method) } => {
                Err(not_hookable(method))
            }
            (None, Adding::Any | Adding::Method) => Ok(method.to_owned()),
            (None, Adding::Before | Adding::After) if hooks.has(method) => Ok(method.to_owned()),
            // A hook that never runs, because of a typing error, may be the one that keeps somebody out.
            (None, Adding::Before | Adding::After) => Err(not_hookable(method)),
        }
    }
}

fn not_hookable(method: &str) -> Failure {
    Failure::InvalidArgument(format!(
        "Session::{}() can't be hooked: {} can, and methods that addHookMethod() added",
        short(method),
        hookable_methods().join(", ")
    ))
}

/// Fails unless objects of a session may be of the class.
fn check_class(object: &Zval, class: &str) -> Result<(), Failure> {
    // SAFETY: a value holds its object, whose class is linked; so are those that are found.
    let is_possible = unsafe {
        let own = (*value::object(object)).ce;
        call::is_or_extends(own, class) || {
            let (found, root) = (call::find_class(class), call::ancestry(own).last());
            !found.is_null() && call::ancestry(found).last() == root
        }
    };
    if is_possible {
        return Ok(());
    }
    Err(Failure::InvalidArgument(format!(
        "hooks of a session are hooks of the class Session or a subclass: '{}' is none",
        short(class)
    )))
}

/// The name of the object's class, without its PHP namespace.
fn class_name(object: &Zval) -> String {
    // SAFETY: a value holds its object, an object has a class, and a class a name.
    let name = unsafe { string::bytes_of((*(*value::object(object)).ce).name) };
    let last = name.rsplit(|byte| *byte == b'\\').next().unwrap_or(name);
    String::from_utf8_lossy(last).into_owned()
}

/// A name for a message: on one line, and short.
pub(super) fn short(name: &str) -> String {
    name.chars().take(80).collect::<String>().escape_debug().to_string()
}

fn is_name(text: &str) -> bool {
    let is_start = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii();
    text.starts_with(is_start) && text.chars().all(|letter| is_start(letter) || letter.is_ascii_digit())
}
