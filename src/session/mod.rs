//! The class `Holdfast\Session`. Its objects are handles to the sessions of the request; a file per group of methods.

use ext_php_rs::builders::ClassBuilder;
use ext_php_rs::error::Result;
use ext_php_rs::ffi::{zend_class_entry, zend_object};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::{ClassEntry, ce};

use crate::exception::Failure;
use crate::request::{self, Bound, InUse, Options};
use crate::settings;
use crate::zend::{
    class::{self, ClassSlot},
    error, ffi,
    method::Call,
    object::{HandlersSlot, Object},
    value,
};

mod access;
mod arguments;
mod atomic;
mod authentication;
mod bans;
mod cache;
mod changes;
mod control_panel;
mod csrf;
mod direct;
mod flash;
mod handlers;
mod history;
mod hooks;
mod life;
mod notices;
mod operators;
mod properties;
mod receiver;
mod redirects;
mod remembered;
mod session_info;
mod tracker;
mod user_sessions;
mod userdata;
mod variables;
mod visitor;

static CLASS: ClassSlot = ClassSlot::new();
static HANDLERS: HandlersSlot = HandlersSlot::new();

/// The session that a handle stands for; `None` until the constructor or the first use binds it, so a subclass need not
/// call the parent's constructor.
type Handle = Option<Bound>;

/// The session of an object, in use by way of it; bound to the settings' session if nothing bound it yet.
///
/// # Safety
/// `object` is a live object of our class or a subclass.
#[inline]
unsafe fn session_of(object: *mut zend_object) -> std::result::Result<InUse, Failure> {
    // SAFETY: all objects of the class are made by `create_object`.
    let handle = unsafe { Object::<Handle>::state(object) };
    if let Some(bound) = &*handle.borrow() {
        return Ok(bound.begin_use());
    }
    bind(object, Options::with_settings()?)
}

/// The session that a method was called on.
fn this(call: &Call<'_>) -> std::result::Result<InUse, Failure> {
    // SAFETY: PHP calls the methods of the class on objects of the class.
    unsafe { session_of(call.this()) }
}

/// Binds an object to the session that `options` name.
#[cold]
fn bind(object: *mut zend_object, options: Options) -> std::result::Result<InUse, Failure> {
    let bound = Bound::new(request::session(options)?, object);
    let in_use = bound.begin_use();
    // SAFETY: as in `session_of`.
    let handle = unsafe { Object::<Handle>::state(object) };
    let old = handle.replace(Some(bound));
    drop(old);
    // SAFETY: a live object.
    request::set_current_if_none(|| unsafe { value::hold_object(object) });
    Ok(in_use)
}

/// A new object of the class itself.
fn new_object() -> Zval {
    // SAFETY: the class is registered; the object's one reference moves into the value.
    unsafe { value::from_object(create_object(CLASS.get())) }
}

unsafe extern "C" fn create_object(class: *mut zend_class_entry) -> *mut zend_object {
    // SAFETY: PHP asks for objects of linked classes only, and the handlers were filled at startup.
    unsafe { Object::<Handle>::create(class, &HANDLERS) }
}

/// Registers the class, and its global name unless that is switched off.
pub fn register() -> Result<()> {
    session_info::register()?;
    HANDLERS.fill::<Handle>(handlers::change);
    let groups = [
        life::methods(),
        variables::methods(),
        atomic::methods(),
        changes::methods(),
        access::methods(),
        remembered::methods(),
        redirects::methods(),
        notices::methods(),
        flash::methods(),
        history::methods(),
        cache::methods(),
        tracker::methods(),
        control_panel::methods(),
        authentication::methods(),
        bans::methods(),
        user_sessions::methods(),
        userdata::methods(),
        visitor::methods(),
        csrf::methods(),
        hooks::methods(),
    ];
    let mut builder = ClassBuilder::new("Holdfast\\Session")
        .implements((ce::arrayaccess, "\\ArrayAccess"))
        .implements((ce::aggregate, "\\IteratorAggregate"))
        .implements((ce::countable, "\\Countable"))
        .implements((json_serializable, "\\JsonSerializable"));
    for (method, flags) in groups.into_iter().flatten() {
        builder = builder.method(method, flags);
    }
    builder
        .registration(|class, tables| {
            class.__bindgen_anon_2.create_object = Some(create_object);
            class.ce_flags |= ext_php_rs::ffi::ZEND_ACC_NOT_SERIALIZABLE;
            CLASS.set(class, tables);
        })
        .register()?;
    if settings::flag("global_class") {
        class::alias("Session", &CLASS);
        crate::hooks::alias();
    }
    Ok(())
}

/// `holdfast.auto_start`: gives every script a variable `$session`.
pub fn auto_start() {
    if !settings::flag("auto_start") {
        return;
    }
    let object = new_object();
    let bound = Options::with_settings().and_then(|options| bind(value::object(&object), options));
    if let Err(failure) = bound {
        error::warn(&failure.to_string());
        return;
    }
    let name = "session";
    let mut object = value::give(object);
    // SAFETY: at request startup the table of global variables is there; it takes the object over.
    unsafe { ffi::hf_set_global(name.as_ptr().cast(), name.len(), &raw mut *object) };
}

fn json_serializable() -> &'static ClassEntry {
    // SAFETY: ext/json is part of every PHP and registers its classes before any extension's module startup.
    unsafe { &*ffi::hf_ce_json_serializable() }
}
