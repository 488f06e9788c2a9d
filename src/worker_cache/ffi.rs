//! Declarations of src/worker_cache/immutable.c and root.c. The meaning of each function stands there.

use std::ffi::c_void;

use ext_php_rs::ffi::{zend_array, zend_string};
use ext_php_rs::types::Zval;

unsafe extern "C" {
    pub fn hf_is_sealed(value: *mut Zval);
    pub fn hf_sealed_size(array: *const zend_array, context: *mut c_void, height: *mut u32) -> usize;
    pub fn hf_seal(array: *const zend_array, context: *mut c_void, to: *mut u8) -> *mut zend_array;

    pub fn hf_kept_size(string: *const zend_string) -> usize;
    pub fn hf_keep(string: *mut zend_string, to: *mut u8) -> *mut zend_string;
    pub fn hf_root_new(entries: u32) -> *mut zend_array;
    pub fn hf_root_free(root: *mut zend_array);
    pub fn hf_root_size(root: *const zend_array) -> usize;
    pub fn hf_root_add(root: *mut zend_array, index: u64, key: *mut zend_string, value: *const Zval);
    pub fn hf_root_set(root: *mut zend_array, at: u32, value: *const Zval);
    pub fn hf_root_at(
        root: *const zend_array,
        at: u32,
        index: *mut u64,
        key: *mut *mut zend_string,
    ) -> *const Zval;
    pub fn hf_root_has(root: *const zend_array, index: u64, key: *mut zend_string) -> bool;
    pub fn hf_root_differences(
        root: *const zend_array,
        array: *const zend_array,
        places: *mut u32,
        most: u32,
    ) -> i32;
    pub fn hf_entry_at(
        array: *const zend_array,
        at: u32,
        index: *mut u64,
        key: *mut *mut zend_string,
    ) -> *const Zval;

    pub fn hf_pages(size: usize) -> *mut c_void;
    pub fn hf_close_pages(pages: *mut c_void, size: usize);
    pub fn hf_free_pages(pages: *mut c_void, size: usize);
}
