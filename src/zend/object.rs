//! Objects whose state lives on the Rust side, in front of the object that PHP knows.

use std::{cell::RefCell, mem::offset_of, ptr, sync::OnceLock};

use ext_php_rs::ffi::{
    object_properties_init, std_object_handlers, zend_class_entry, zend_object, zend_object_handlers,
    zend_object_std_dtor, zend_object_std_init,
};

use super::ffi;
use super::method::guard;

/// A PHP object with a `T` that belongs to it. PHP allocates it, and knows the address of `std` only.
#[repr(C)]
pub struct Object<T> {
    state: RefCell<T>,
    /// PHP puts declared properties behind it, so it is last.
    std: zend_object,
}

/// The handlers of one class, made at module startup.
pub struct HandlersSlot(OnceLock<Handlers>);

struct Handlers(zend_object_handlers);

// SAFETY: a table of function pointers that is never written to after it was made.
unsafe impl Sync for Handlers {}
// SAFETY: as above.
unsafe impl Send for Handlers {}

impl HandlersSlot {
    /// Before module startup.
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// PHP's standard handlers with what an `Object<T>` needs, changed by `change`.
    pub fn fill<T>(&self, change: impl FnOnce(&mut zend_object_handlers)) {
        self.0.get_or_init(|| {
            // SAFETY: a static of the engine that is initialised when extensions start.
            let mut handlers = unsafe { std_object_handlers };
            handlers.offset = i32::try_from(offset_of!(Object<T>, std)).unwrap_or(0);
            handlers.free_obj = Some(free::<T>);
            handlers.clone_obj = None;
            change(&mut handlers);
            Handlers(handlers)
        });
    }

    fn get(&self) -> *const zend_object_handlers {
        self.0.get().map_or(ptr::null(), |handlers| &raw const handlers.0)
    }
}

impl<T: Default> Object<T> {
    /// Makes an object of `class`, which may be a subclass written in PHP.
    ///
    /// # Safety
    /// Called as the `create_object` of a class that is linked; `handlers` was filled for the same `T`.
    pub unsafe fn create(class: *mut zend_class_entry, handlers: &HandlersSlot) -> *mut zend_object {
        // SAFETY: the engine gives memory for the object and the class's declared properties; everything that is read
        // later is initialised here.
        unsafe {
            let object: *mut Self = ffi::hf_object_alloc(size_of::<Self>(), class).cast();
            ptr::write(&raw mut (*object).state, RefCell::default());
            let std = &raw mut (*object).std;
            zend_object_std_init(std, class);
            object_properties_init(std, class);
            (*std).handlers = handlers.get();
            std
        }
    }
}

impl<T> Object<T> {
    /// The state of an object.
    ///
    /// # Safety
    /// `object` was made by [`Object::create`] for the same `T`, and is live for as long as the result is used.
    pub unsafe fn state<'a>(object: *mut zend_object) -> &'a RefCell<T> {
        // SAFETY: `std` is a field of an `Object<T>`.
        unsafe { &(*object.byte_sub(offset_of!(Self, std)).cast::<Self>()).state }
    }
}

unsafe extern "C" fn free<T>(object: *mut zend_object) {
    guard(|| {
        // SAFETY: PHP frees an object once; its memory is PHP's to give back.
        unsafe {
            ptr::drop_in_place(ptr::from_ref(Object::<T>::state(object)).cast_mut());
            zend_object_std_dtor(object);
        }
    });
}
