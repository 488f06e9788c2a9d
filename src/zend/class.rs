//! Classes and interfaces that the extension registers.

use std::{
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use ext_php_rs::args::ArgInfo;
use ext_php_rs::ffi::zend_class_entry;
use ext_php_rs::zend::ClassEntry;

use super::{error, ffi};

/// Where a registered class is remembered.
pub struct ClassSlot {
    class: AtomicPtr<zend_class_entry>,
    /// What describes its methods' arguments: PHP points into it as long as it runs.
    tables: AtomicPtr<ArgInfoTables>,
}

type ArgInfoTables = Box<[Box<[ArgInfo]>]>;

impl ClassSlot {
    /// Before registration.
    pub const fn new() -> Self {
        Self { class: AtomicPtr::new(ptr::null_mut()), tables: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Remembers the class and what describes its methods' arguments.
    pub fn set(&self, class: &'static mut ClassEntry, tables: ArgInfoTables) {
        // Relaxed: written at module startup, before PHP starts any other thread, whose creation synchronises.
        self.tables.store(Box::into_raw(Box::new(tables)), Ordering::Relaxed);
        self.class.store(class, Ordering::Relaxed);
    }

    /// The class; NULL before module startup.
    pub fn get(&self) -> *mut zend_class_entry {
        // Relaxed: see `set`.
        self.class.load(Ordering::Relaxed)
    }

    /// The class as ext-php-rs wants it.
    ///
    /// # Panics
    /// Before module startup.
    pub fn entry(&self) -> &'static ClassEntry {
        // SAFETY: a registered internal class lives as long as the process.
        #[allow(clippy::expect_used)]
        unsafe { self.get().as_ref() }.expect("classes are registered parents first")
    }
}

/// Gives a class another name, at module startup; a warning says when that is taken.
pub fn alias(name: &str, class: &ClassSlot) {
    // SAFETY: at module startup, with a class that was registered.
    if !unsafe { ffi::hf_class_alias(name.as_ptr().cast(), name.len(), class.get()) } {
        error::warn_at_startup(&format!("the class name {name} is taken: use Holdfast\\{name}"));
    }
}
