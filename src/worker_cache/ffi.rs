//! Declarations of src/worker_cache/immutable.c. The meaning of each function stands there.

use std::ffi::c_void;

use ext_php_rs::ffi::zend_array;
use ext_php_rs::types::Zval;

unsafe extern "C" {
    pub fn hf_is_sealed(value: *mut Zval);
    pub fn hf_sealed_size(array: *const zend_array, context: *mut c_void, height: *mut u32) -> usize;
    pub fn hf_seal(array: *const zend_array, context: *mut c_void, to: *mut u8) -> *mut zend_array;
    pub fn hf_is_copy(sealed: *const zend_array, array: *const zend_array) -> bool;

    pub fn hf_pages(size: usize) -> *mut c_void;
    pub fn hf_close_pages(pages: *mut c_void, size: usize);
    pub fn hf_free_pages(pages: *mut c_void, size: usize);
}
