//! Declarations of src/save_handler/shim.c. The meaning of each function stands there.

use std::ffi::{c_char, c_int};

use ext_php_rs::ffi::zend_string;

unsafe extern "C" {
    pub fn hf_session_register() -> bool;
    pub fn hf_session_serializer() -> *const c_char;
    pub fn hf_session_only_reads() -> bool;
    pub fn hf_session_call() -> c_int;
    pub fn hf_session_is_direct() -> bool;
    pub fn hf_session_is_shown() -> bool;
    pub fn hf_session_id() -> *mut zend_string;
    pub fn hf_session_set_id(id: *mut zend_string);
    pub fn hf_session_set_unsent_id(id: *mut zend_string);
    pub fn hf_session_is_brought(session_name: *const c_char, id: *mut zend_string) -> bool;
}
