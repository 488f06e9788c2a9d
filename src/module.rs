//! What PHP calls when it starts, begins a request, ends it, stops, and shows phpinfo.

use std::ffi::c_int;

use ext_php_rs::builders::ModuleBuilder;
use ext_php_rs::ffi::{ZEND_RESULT_CODE_FAILURE, ZEND_RESULT_CODE_SUCCESS};
use ext_php_rs::prelude::php_module;
use ext_php_rs::zend::ModuleEntry;

use crate::zend::{error, ffi, method};
use crate::{
    audit, csrf, exception, hooks, notice, operator, request, save_handler, session, store, users,
    worker_cache,
};

/// The module's entry point.
#[php_module]
pub fn module(module: ModuleBuilder) -> ModuleBuilder {
    module
        .name("holdfast")
        .startup_function(startup)
        .shutdown_function(shutdown)
        .request_startup_function(request_startup)
        .request_shutdown_function(request_shutdown)
        .post_deactivate_function(after_request)
        .info_function(info)
}

/// Nothing is opened here: in php-fpm this runs in the master, as root, before the workers are forked.
unsafe extern "C" fn startup(_type: c_int, module_number: c_int) -> c_int {
    method::keep_panics_quiet();
    // SAFETY: once per process, with the number that PHP gave the module.
    unsafe { ffi::hf_register_settings(module_number) };
    // SAFETY: once per process, while no request runs.
    unsafe { ffi::hf_watch_turns() };
    match method::guard(start_up) {
        Some(Ok(())) => ZEND_RESULT_CODE_SUCCESS,
        Some(Err(failure)) => {
            error::warn_at_startup(&format!("holdfast can't start: {failure}"));
            ZEND_RESULT_CODE_FAILURE
        }
        None => {
            error::warn_at_startup(&format!("holdfast can't start: {}", method::last_panic()));
            ZEND_RESULT_CODE_FAILURE
        }
    }
}

fn start_up() -> ext_php_rs::error::Result<()> {
    exception::register()?;
    notice::register()?;
    users::register();
    hooks::register()?;
    session::register()?;
    csrf::register()?;
    operator::register();
    if !save_handler::register() {
        error::warn_at_startup(
            "session.save_handler = holdfast can't be used: PHP's table of save handlers is full",
        );
    }
    Ok(())
}

unsafe extern "C" fn shutdown(_type: c_int, module_number: c_int) -> c_int {
    method::guard(worker_cache::clear);
    method::guard(save_handler::end);
    method::guard(store::close);
    // SAFETY: once per process, after the last request.
    unsafe {
        ffi::hf_unwatch_turns();
        ffi::hf_unregister_settings(module_number);
    }
    ZEND_RESULT_CODE_SUCCESS
}

unsafe extern "C" fn request_startup(_type: c_int, _module_number: c_int) -> c_int {
    request::begin();
    if method::guard(session::auto_start).is_none() {
        error::warn(&method::last_panic());
    }
    ZEND_RESULT_CODE_SUCCESS
}

/// PHP has run shutdown functions and destructors before.
unsafe extern "C" fn request_shutdown(_type: c_int, _module_number: c_int) -> c_int {
    if method::guard(request::finish).is_none() {
        error::warn(&method::last_panic());
    }
    ZEND_RESULT_CODE_SUCCESS
}

/// When everything of PHP's is gone but its memory: nothing in here runs code of the application.
unsafe extern "C" fn after_request() -> c_int {
    method::guard(save_handler::forget);
    method::guard(audit::forget);
    method::guard(worker_cache::tidy);
    ZEND_RESULT_CODE_SUCCESS
}

extern "C" fn info(module: *mut ModuleEntry) {
    let row = |name: &str, value: &str| {
        // SAFETY: both texts live for the length of the call.
        unsafe { ffi::hf_info_row(error::text(name).as_ptr(), error::text(value).as_ptr()) };
    };
    // SAFETY: phpinfo is being printed.
    unsafe { ffi::hf_info_begin() };
    row("Holdfast", env!("CARGO_PKG_VERSION"));
    row("Audit events of this process that could not be written", &audit::lost().to_string());
    let figures = method::guard(store_rows).unwrap_or_default();
    for (name, value) in figures.into_iter().chain(worker_cache::rows()) {
        row(&name, &value);
    }
    // SAFETY: as above; the module is ours.
    unsafe {
        ffi::hf_info_end();
        ffi::hf_info_settings(module);
    }
}

/// The store of the settings, with its figures.
fn store_rows() -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let dsn = crate::settings::text("store");
    let store = match store::open(&dsn) {
        Ok(opened) => opened.store,
        Err(failure) => return vec![("Store".into(), format!("not usable: {failure}"))],
    };
    rows.push(("Store".into(), store.engine().describe()));
    match store.engine().stats() {
        Ok(stats) => rows.extend(operator::figures::rows(&stats)),
        Err(failure) => rows.push(("Figures".into(), failure.to_string())),
    }
    rows
}
