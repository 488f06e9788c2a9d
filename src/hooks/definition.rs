//! What `addHook()` and its kin are given, made into hooks.

use ext_php_rs::types::Zval;

use super::registry::{Hook, Hooks, Priority};
use super::target::{Adding, Scope, Target};
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    call,
    string::PhpString,
    value::{self, Kind},
};

/// ProcessWire's priority of a hook that names none.
const USUAL_LEVEL: i64 = 100;

/// A hook without the method that it is for.
pub struct Definition {
    scope: Scope,
    callable: Zval,
    given: (Zval, Zval),
    options: PhpArray,
    before: bool,
    after: bool,
    /// The level, and the place that it begins to look for.
    priority: (i64, u32),
}

impl Definition {
    /// Of the arguments behind the method. As in ProcessWire the options may stand in the place of `$to_method`.
    pub fn new(
        adding: Adding,
        to_object: Option<&Zval>,
        to_method: Option<&Zval>,
        options: Option<&Zval>,
    ) -> Result<Self, Failure> {
        let (to_object, to_method) = (given(to_object), given(to_method));
        let mut options = match given(options) {
            None => PhpArray::with_capacity(4),
            Some(options) if value::kind(options) == Kind::Array => PhpArray::owned(value::copy(options)),
            Some(_) => return Err(Failure::InvalidArgument("the options of a hook are an array".into())),
        };
        let (first, other) = match adding {
            Adding::After => ("after", "before"),
            _ => ("before", "after"),
        };
        if matches!(adding, Adding::Before | Adding::After) {
            put(&mut options, first, value::from_bool(true));
            if find(&options, other).is_none() {
                put(&mut options, other, value::from_bool(false));
            }
        }
        let (callable, given) = match (to_object, to_method) {
            (Some(object), Some(method)) if value::kind(method) != Kind::Array => {
                let mut pair = PhpArray::with_capacity(2);
                pair.append(value::copy(object));
                pair.append(value::copy(method));
                (call::closure(&pair.into_value())?, (value::copy(object), value::copy(method)))
            }
            (Some(target), given_options) => {
                if let Some(under) = given_options {
                    options = merged(under, &options);
                }
                (call::closure(target)?, (value::null(), value::copy(target)))
            }
            (None, Some(target)) => (call::closure(target)?, (value::null(), value::copy(target))),
            (None, None) => (None, (value::null(), value::null())),
        };
        let callable = callable.ok_or_else(|| {
            Failure::InvalidArgument(
                "a hook must be something that can be called here: a closure, the name of a function, \
                 [object, 'method'], or an object and the name of its method"
                    .into(),
            )
        })?;
        refuse_unsupported(&options)?;
        let flag = |name: &str, usual| find(&options, name).map_or(usual, |flag| value::is_true(&flag));
        let (before, after) = (flag("before", false), flag("after", true));
        if !before && !after {
            return Err(Failure::InvalidArgument("a hook runs before or after its method, or both".into()));
        }
        let class = find(&options, "fromClass").map(|class| text(&class)).filter(|class| !class.is_empty());
        let scope = Scope { adding, class, all_instances: flag("allInstances", false) };
        let priority = priority_of(&options)?;
        Ok(Self { scope, callable, given, options, before, after, priority })
    }

    /// Adds a hook for each of `methods`, as [`Scope::targets`] takes them; none when one of them can't be hooked. The
    /// ids.
    pub fn add(&self, hooks: &Hooks, object: &Zval, methods: &[String]) -> Result<Vec<String>, Failure> {
        let mut targets = Vec::with_capacity(methods.len());
        for method in methods {
            targets.extend(self.scope.targets(hooks, object, method)?);
        }
        targets.iter().map(|target| self.add_to(hooks, target)).collect()
    }

    fn add_to(&self, hooks: &Hooks, target: &Target) -> Result<String, Failure> {
        let (level, from) = self.priority;
        hooks.add(&target.method, level, from, |priority| {
            let class = target.class.as_deref().unwrap_or_default();
            Hook {
                id: format!("{class}:{priority}:{}", target.method),
                method: target.method.clone(),
                class: target.class.clone(),
                priority,
                before: self.before,
                after: self.after,
                callable: value::copy(&self.callable),
                given: (value::copy(&self.given.0), value::copy(&self.given.1)),
                options: self.complete_options(priority, class),
            }
        })
    }

    /// The options as hooks see them.
    fn complete_options(&self, priority: Priority, class: &str) -> Zval {
        let mut options = self.options.duplicate();
        put(&mut options, "type", value::from_bytes(b"method"));
        put(&mut options, "before", value::from_bool(self.before));
        put(&mut options, "after", value::from_bool(self.after));
        put(&mut options, "priority", value::from_bytes(priority.to_string().as_bytes()));
        put(&mut options, "allInstances", value::from_bool(!class.is_empty()));
        put(&mut options, "fromClass", value::from_bytes(class.as_bytes()));
        options.into_value()
    }
}

fn refuse_unsupported(options: &PhpArray) -> Result<(), Failure> {
    let kind = find(options, "type").map(|kind| text(&kind));
    if kind.is_some_and(|kind| kind != "method") {
        return Err(Failure::InvalidArgument(
            "hooks of properties are not supported: the properties of a session are its variables".into(),
        ));
    }
    match ["argMatch", "objMatch", "retMatch"].iter().find(|name| find(options, name).is_some()) {
        Some(name) => Err(Failure::InvalidArgument(format!("the option '{name}' of hooks is not supported"))),
        None => Ok(()),
    }
}

/// The priority: a number, and behind a point the place among hooks of the same number.
fn priority_of(options: &PhpArray) -> Result<(i64, u32), Failure> {
    let Some(priority) = find(options, "priority") else { return Ok((USUAL_LEVEL, 0)) };
    let parsed = match value::kind(&priority) {
        Kind::Long => Some((value::long(&priority), 0)),
        Kind::Double => parse_priority(&value::double(&priority).to_string()),
        Kind::String => parse_priority(text(&priority).trim()),
        _ => None,
    };
    parsed.ok_or_else(|| Failure::InvalidArgument("the option 'priority' of a hook is a number".into()))
}

fn parse_priority(text: &str) -> Option<(i64, u32)> {
    match text.split_once('.') {
        Some((level, place)) => Some((level.parse().ok()?, place.parse().ok()?)),
        None => Some((text.parse().ok()?, 0)),
    }
}

/// `under` with the entries of `over` on it.
fn merged(under: &Zval, over: &PhpArray) -> PhpArray {
    let mut all = PhpArray::owned(value::copy(under));
    for (name, entry) in over.entries() {
        drop(all.put(&name.to_string(), value::copy_deref(entry)));
    }
    all
}

fn given(argument: Option<&Zval>) -> Option<&Zval> {
    argument.map(value::deref).filter(|argument| value::kind(argument) != Kind::Null)
}

fn find(options: &PhpArray, name: &str) -> Option<Zval> {
    let found = options.find(&PhpString::key(name.as_bytes())).map(value::copy_deref);
    found.filter(|found| value::kind(found) != Kind::Null)
}

fn put(options: &mut PhpArray, name: &str, new: Zval) {
    drop(options.put(&PhpString::key(name.as_bytes()), new));
}

/// A text; '' for what is none.
fn text(value: &Zval) -> String {
    if value::kind(value) == Kind::String { value::string(value).to_text() } else { String::new() }
}
