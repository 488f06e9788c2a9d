//! Declarations of src/users/shim.c.

use ext_php_rs::zend::ClassEntry;

unsafe extern "C" {
    pub fn hf_register_user() -> *mut ClassEntry;
    pub fn hf_register_user_provider() -> *mut ClassEntry;
    pub fn hf_register_member_provider() -> *mut ClassEntry;
}
