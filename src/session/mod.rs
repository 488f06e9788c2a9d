//! The class `Holdfast\Session`. Its objects are handles to the sessions of the request; a file per group of methods.

use std::rc::Rc;

use ext_php_rs::builders::ClassBuilder;
use ext_php_rs::error::Result;
use ext_php_rs::ffi::{zend_class_entry, zend_object};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::{ClassEntry, ce};

use crate::exception::Failure;
use crate::request::{self, Options, Session};
use crate::settings;
use crate::zend::{
    class::ClassSlot,
    error, ffi,
    method::Call,
    object::{HandlersSlot, Object},
    value,
};

mod access;
mod arguments;
mod atomic;
mod changes;
mod csrf;
mod handlers;
mod history;
mod life;
mod notices;
mod receiver;
mod redirects;
mod variables;

static CLASS: ClassSlot = ClassSlot::new();
static HANDLERS: HandlersSlot = HandlersSlot::new();

/// The session that a handle stands for; `None` until the constructor or the first use binds it, so a subclass need not
/// call the parent's constructor.
type Handle = Option<Rc<Session>>;

/// The session of an object, bound to the settings' session if nothing bound it yet.
///
/// # Safety
/// `object` is a live object of our class or a subclass.
unsafe fn session_of(object: *mut zend_object) -> std::result::Result<Rc<Session>, Failure> {
    // SAFETY: all objects of the class are made by `create_object`.
    let handle = unsafe { Object::<Handle>::state(object) };
    if let Some(session) = &*handle.borrow() {
        return Ok(Rc::clone(session));
    }
    bind(object, Options::with_settings()?)
}

/// The session that a method was called on.
fn this(call: &Call<'_>) -> std::result::Result<Rc<Session>, Failure> {
    // SAFETY: PHP calls the methods of the class on objects of the class.
    unsafe { session_of(call.this()) }
}

/// Binds an object to the session that `options` name.
fn bind(object: *mut zend_object, options: Options) -> std::result::Result<Rc<Session>, Failure> {
    let session = request::session(options)?;
    // SAFETY: as in `session_of`.
    let handle = unsafe { Object::<Handle>::state(object) };
    let old = handle.replace(Some(Rc::clone(&session)));
    drop(old);
    request::set_current_if_none(|| {
        // SAFETY: a live object, held once more by the new value.
        let this = std::mem::ManuallyDrop::new(unsafe { value::from_object(object) });
        value::copy(&this)
    });
    Ok(session)
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
    HANDLERS.fill::<Handle>(handlers::change);
    let groups = [
        life::methods(),
        variables::methods(),
        atomic::methods(),
        changes::methods(),
        access::methods(),
        redirects::methods(),
        notices::methods(),
        history::methods(),
        csrf::methods(),
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
        let name = "Session";
        // SAFETY: at module startup, with a class that was just registered.
        if !unsafe { ffi::hf_class_alias(name.as_ptr().cast(), name.len(), CLASS.get()) } {
            error::warn_at_startup("the class name Session is taken: use Holdfast\\Session");
        }
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
