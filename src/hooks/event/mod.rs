//! The class `Holdfast\HookEvent`: what a hook is given. A plain PHP object; its state is its properties.

use ext_php_rs::builders::{ClassBuilder, ClassProperty};
use ext_php_rs::error::Result;
use ext_php_rs::ffi::zend_object;
use ext_php_rs::flags::PropertyFlags;
use ext_php_rs::types::Zval;

use super::registry::{Hook, When, object_in};
use crate::exception::Failure;
use crate::zend::{
    array::{ArrayKey, PhpArray},
    class::{self, ClassSlot},
    ffi,
    value::{self, Kind},
};

mod methods;

static CLASS: ClassSlot = ClassSlot::new();

/// The properties, in the order in which they are declared, which is that of their slots in an object.
const PROPERTIES: [&str; 9] =
    ["object", "method", "arguments", "return", "replace", "options", "id", "when", "cancelHooks"];

/// The slots of `PROPERTIES`.
#[derive(Clone, Copy)]
enum Slot {
    Object,
    Method,
    Arguments,
    Return,
    Replace,
    Options,
    Id,
    When,
    CancelHooks,
}

/// Registers the class.
pub fn register() -> Result<()> {
    let mut builder = ClassBuilder::new("Holdfast\\HookEvent");
    for (method, flags) in methods::methods() {
        builder = builder.method(method, flags);
    }
    for name in PROPERTIES {
        builder = builder.property(ClassProperty {
            name: name.to_owned(),
            flags: PropertyFlags::Public,
            default: None,
            docs: &[],
            ty: None,
            nullable: true,
            readonly: false,
            default_stub: None,
        });
    }
    builder
        .registration(|class, tables| {
            class.ce_flags |= ext_php_rs::ffi::ZEND_ACC_NOT_SERIALIZABLE;
            CLASS.set(class, tables);
        })
        .register()
}

/// Gives the class its global name, `HookEvent`.
pub fn alias() {
    class::alias("HookEvent", &CLASS);
}

/// An event on its way to a hook and back.
pub(super) struct Event(Zval);

impl Event {
    /// For one hook, at one time.
    pub fn new(
        hook: &Hook,
        when: When,
        object: &Zval,
        method: &str,
        arguments: &Zval,
        returned: &Zval,
    ) -> std::result::Result<Self, Failure> {
        let mut event = value::undefined();
        // SAFETY: the class is registered, and has no constructor that must run; the object is ours.
        if !unsafe { ffi::hf_new_object(&raw mut event, CLASS.get()) } {
            return Err(Failure::Pending);
        }
        let values = [
            // SAFETY: a value holds its object; not copied, for PHP marks the `$this` of a call with bits of its own.
            object_in(object).map_or_else(value::null, |object| unsafe { value::hold_object(object) }),
            value::from_bytes(method.as_bytes()),
            value::copy(arguments),
            value::copy(returned),
            value::from_bool(false),
            value::copy(&hook.options),
            value::from_bytes(hook.id.as_bytes()),
            value::from_bytes(when.name().as_bytes()),
            value::from_bool(false),
        ];
        for (number, new) in (0..).zip(values) {
            // SAFETY: an object of the class, which nobody else knows yet: its slots hold null and are no references.
            let slot = unsafe { &mut *place(value::object(&event), number) };
            drop(value::replace(slot, new));
        }
        Ok(Self(event))
    }

    /// The event for PHP.
    pub const fn value(&self) -> &Zval {
        &self.0
    }

    /// The arguments as the hook left them.
    pub fn arguments(&self) -> std::result::Result<Zval, Failure> {
        arguments_of(value::object(&self.0))
    }

    /// What the hook wants to be returned.
    pub fn returned(&self) -> Zval {
        get(value::object(&self.0), Slot::Return)
    }

    /// Does the hook want to run in the place of the method?
    pub fn replaces(&self) -> bool {
        value::kind(&get(value::object(&self.0), Slot::Replace)) == Kind::True
    }

    /// Does the hook want nothing to run after it?
    pub fn cancels(&self) -> bool {
        value::kind(&get(value::object(&self.0), Slot::CancelHooks)) == Kind::True
    }
}

/// The place of a property.
///
/// # Safety
/// `event` is a live object of the class or a subclass, and `number` is below the number of `PROPERTIES`.
unsafe fn place(event: *mut zend_object, number: u32) -> *mut Zval {
    // SAFETY: the slots of a class stand first in the objects of its subclasses, too.
    unsafe { ffi::hf_declared_property(event, number) }
}

/// A property; null when it was unset.
fn get(event: *mut zend_object, slot: Slot) -> Zval {
    // SAFETY: only called with objects of the class.
    let found = value::copy_deref(unsafe { &*place(event, slot as u32) });
    if value::kind(&found) == Kind::Undefined { value::null() } else { found }
}

/// Sets a property as PHP code would: a reference to it sees that.
fn set(event: *mut zend_object, slot: Slot, new: &Zval) {
    let name = PROPERTIES[slot as usize];
    let mut new = value::copy_deref(new);
    // SAFETY: a live object that declares the property; the value is copied.
    unsafe { ffi::hf_set_property(event, name.as_ptr().cast(), name.len(), &raw mut new) };
}

/// The property of this name, or that it is another name for.
fn slot_of(name: &[u8]) -> Option<Slot> {
    Some(match name {
        b"object" => Slot::Object,
        b"method" => Slot::Method,
        b"arguments" => Slot::Arguments,
        b"return" => Slot::Return,
        b"replace" => Slot::Replace,
        b"options" | b"data" => Slot::Options,
        b"id" => Slot::Id,
        b"when" => Slot::When,
        b"cancelHooks" | b"cancel" => Slot::CancelHooks,
        _ => return None,
    })
}

fn arguments_of(event: *mut zend_object) -> std::result::Result<Zval, Failure> {
    let arguments = get(event, Slot::Arguments);
    if value::kind(&arguments) != Kind::Array {
        return Err(Failure::InvalidArgument(
            "the arguments of a hook event are an array: $event->arguments was set to something else".into(),
        ));
    }
    Ok(arguments)
}

/// The arguments by position; what stands between them is null. What has no position is no argument of a method.
pub(super) fn positional(arguments: &Zval) -> Vec<Zval> {
    let mut list = Vec::new();
    for (key, found) in PhpArray::of(arguments).entries() {
        let ArrayKey::Index(index) = key else { continue };
        let Some(position) = usize::try_from(index).ok().filter(|&position| position < MOST_ARGUMENTS) else {
            continue;
        };
        if position >= list.len() {
            list.resize_with(position + 1, value::null);
        }
        list[position] = value::copy_deref(found);
    }
    list
}

/// More than any method takes; a hook can't make us allocate without bound.
const MOST_ARGUMENTS: usize = 64;
