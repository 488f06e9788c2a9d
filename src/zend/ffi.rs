//! Declarations of the C files beside this one. The meaning of each function stands there.

use std::ffi::{c_char, c_int, c_void};

use ext_php_rs::ffi::{zend_array, zend_class_entry, zend_long, zend_module_entry, zend_object, zend_string};
use ext_php_rs::types::Zval;

unsafe extern "C" {
    pub fn hf_watch_turns();
    pub fn hf_unwatch_turns();
    pub fn hf_is_over() -> bool;
    pub fn hf_is_last(object: *mut zend_object) -> bool;
    pub fn hf_destruct(object: *mut zend_object);

    pub fn hf_string(bytes: *const c_char, len: usize) -> *mut zend_string;
    pub fn hf_key(bytes: *const c_char, len: usize) -> *mut zend_string;
    pub fn hf_string_addref(string: *mut zend_string) -> *mut zend_string;
    pub fn hf_string_release(string: *mut zend_string);
    pub fn hf_to_string(value: *mut Zval) -> *mut zend_string;
    pub fn hf_escape_html(text: *mut zend_string) -> *mut zend_string;
    pub fn hf_print_r(value: *mut Zval) -> *mut zend_string;

    pub fn hf_list(size: u32) -> *mut zend_array;
    pub fn hf_list_push(list: *mut zend_array, payload: zend_long, kind: u32);
    pub fn hf_map(size: u32) -> *mut zend_array;
    pub fn hf_map_name(map: *mut zend_array, key: *mut zend_string, payload: zend_long, kind: u32);
    pub fn hf_map_index(map: *mut zend_array, index: u64, payload: zend_long, kind: u32);
    pub fn hf_empty_array() -> *const zend_array;

    pub fn hf_array(size: u32) -> *mut zend_array;
    pub fn hf_array_addref(array: *mut zend_array);
    pub fn hf_array_release(array: *mut zend_array);
    pub fn hf_array_is_list(array: *const zend_array) -> bool;
    pub fn hf_array_next(
        array: *const zend_array,
        position: *mut u32,
        index: *mut u64,
        key: *mut *mut zend_string,
        value: *mut *mut Zval,
    ) -> bool;
    pub fn hf_array_items(array: *const zend_array, at: *mut *const Zval, end: *mut *const Zval) -> bool;
    pub fn hf_array_is_plain(array: *const zend_array, levels: u32) -> bool;
    pub fn hf_array_is_same(array: *const zend_array, other: *const zend_array) -> bool;
    pub fn hf_array_append(array: *mut zend_array, value: *mut Zval) -> *mut Zval;
    pub fn hf_array_dup(array: *mut zend_array) -> *mut zend_array;
    pub fn hf_symtable_find(array: *mut zend_array, key: *mut zend_string) -> *mut Zval;
    pub fn hf_symtable_update(array: *mut zend_array, key: *mut zend_string, value: *mut Zval) -> *mut Zval;
    pub fn hf_symtable_take(array: *mut zend_array, key: *mut zend_string, value: *mut Zval) -> bool;
    pub fn hf_separate_array(value: *mut Zval) -> *mut zend_array;

    pub fn hf_make_ref(slot: *mut Zval);
    pub fn hf_is_true(value: *mut Zval) -> bool;

    pub fn hf_serialize_begin() -> *mut c_void;
    pub fn hf_serialize(context: *mut c_void, value: *mut Zval) -> *mut zend_string;
    pub fn hf_serialize_end(context: *mut c_void);
    pub fn hf_unserialize(value: *mut Zval, bytes: *const c_char, len: usize) -> bool;

    pub fn hf_object_alloc(size: usize, class: *mut zend_class_entry) -> *mut c_void;
    pub fn hf_new_object(result: *mut Zval, class: *mut zend_class_entry) -> bool;
    pub fn hf_declare_readonly(class: *mut zend_class_entry, name: *const c_char, len: usize, kind: u8);
    pub fn hf_declared_property(object: *mut zend_object, number: u32) -> *mut Zval;
    pub fn hf_ce_json_serializable() -> *mut zend_class_entry;
    pub fn hf_ce_invalid_argument() -> *mut zend_class_entry;
    pub fn hf_ce_logic() -> *mut zend_class_entry;
    pub fn hf_ce_runtime() -> *mut zend_class_entry;
    pub fn hf_ce_closure() -> *mut zend_class_entry;
    pub fn hf_class_alias(name: *const c_char, len: usize, class: *mut zend_class_entry) -> bool;
    pub fn hf_instanceof(class: *mut zend_class_entry, wanted: *mut zend_class_entry) -> bool;
    pub fn hf_has_declared_property(class: *mut zend_class_entry, name: *mut zend_string) -> bool;
    pub fn hf_std_read_dimension(
        object: *mut zend_object,
        offset: *mut Zval,
        access: c_int,
        result: *mut Zval,
    ) -> *mut Zval;
    pub fn hf_array_iterator(result: *mut Zval, array: *mut Zval) -> bool;
    pub fn hf_compare(one: *mut Zval, other: *mut Zval) -> c_int;

    pub fn hf_cookie_header() -> *const c_char;
    pub fn hf_is_http() -> bool;
    pub fn hf_headers_sent(file: *mut *const c_char, line: *mut c_int) -> bool;
    pub fn hf_add_header(line: *const c_char, len: usize) -> bool;
    pub fn hf_replace_header(line: *const c_char, len: usize, status: c_int) -> bool;
    pub fn hf_has_header(prefix: *const c_char, len: usize) -> bool;
    pub fn hf_remove_headers(prefix: *const c_char, len: usize);
    pub fn hf_server_variable(name: *const c_char, len: usize) -> *mut zend_string;
    pub fn hf_post_field(name: *const c_char, len: usize) -> *mut zend_string;
    pub fn hf_has_query_field(name: *const c_char, len: usize) -> bool;
    pub fn hf_request_method() -> *const c_char;
    pub fn hf_set_global(name: *const c_char, len: usize, value: *mut Zval);

    pub fn hf_exception_pending() -> bool;
    pub fn hf_take_exception() -> *mut zend_object;
    pub fn hf_exception_text(exception: *mut zend_object) -> *mut zend_string;
    pub fn hf_object_release(object: *mut zend_object);
    pub fn hf_is_unwind_exit(exception: *mut zend_object) -> bool;
    pub fn hf_rethrow(exception: *mut zend_object);
    pub fn hf_throw(class: *mut zend_class_entry, message: *const c_char, len: usize);
    pub fn hf_warning(message: *const c_char);
    pub fn hf_core_warning(message: *const c_char);

    pub fn hf_in_frame(body: unsafe extern "C" fn(*mut c_void), data: *mut c_void);
    pub fn hf_exit();
    pub fn hf_timed_out() -> bool;
    pub fn hf_ended_early() -> bool;

    pub fn hf_register_settings(module_number: c_int);
    pub fn hf_unregister_settings(module_number: c_int);
    pub fn hf_setting(name: *const c_char, len: usize, value_len: *mut usize) -> *const c_char;

    pub fn hf_info_begin();
    pub fn hf_info_row(name: *const c_char, value: *const c_char);
    pub fn hf_info_end();
    pub fn hf_info_settings(module: *mut zend_module_entry);

    pub fn hf_is_callable(value: *mut Zval) -> bool;
    pub fn hf_call(callable: *mut Zval, argument: *mut Zval, result: *mut Zval);
    pub fn hf_closure(callable: *mut Zval, result: *mut Zval) -> bool;
    pub fn hf_is_overridden(class: *mut zend_class_entry, name: *const c_char, len: usize) -> bool;
    pub fn hf_has_method(class: *mut zend_class_entry, name: *const c_char, len: usize) -> bool;
    pub fn hf_call_method(
        object: *mut zend_object,
        name: *const c_char,
        len: usize,
        result: *mut Zval,
        count: u32,
        arguments: *mut Zval,
    );
    pub fn hf_parameter_name(
        class: *mut zend_class_entry,
        name: *const c_char,
        len: usize,
        number: u32,
    ) -> *const c_char;
    pub fn hf_find_class(name: *const c_char, len: usize) -> *mut zend_class_entry;
    pub fn hf_set_property(object: *mut zend_object, name: *const c_char, len: usize, value: *mut Zval);
    pub fn hf_log(line: *const c_char);
}
