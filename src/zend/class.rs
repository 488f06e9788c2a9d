//! Classes and interfaces that the extension registers.

use std::sync::atomic::{AtomicPtr, Ordering};

use ext_php_rs::args::ArgInfo;
use ext_php_rs::ffi::zend_class_entry;
use ext_php_rs::zend::ClassEntry;

/// Where a registered class is remembered.
pub struct ClassSlot(AtomicPtr<zend_class_entry>);

impl ClassSlot {
    /// Before registration.
    pub const fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Remembers the class. The tables describe its methods' arguments; PHP points into them as long as it runs.
    pub fn set(&self, class: &'static mut ClassEntry, tables: Box<[Box<[ArgInfo]>]>) {
        std::mem::forget(tables);
        // Relaxed: written at module startup, before PHP starts any other thread, whose creation synchronises.
        self.0.store(class, Ordering::Relaxed);
    }

    /// The class; NULL before module startup.
    pub fn get(&self) -> *mut zend_class_entry {
        // Relaxed: see `set`.
        self.0.load(Ordering::Relaxed)
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
