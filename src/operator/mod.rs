//! The class `Holdfast\Store`: what whoever runs the site sees of its sessions, and how they are ended, without ids.
//!
//! ```text
//!   shim.c   the class, and PHP's types of its arguments
//!     └──> here          its methods
//!           ├── query    an array that says which sessions
//!           ├── listed   a session as an array
//!           └── figures  the store's, also for phpinfo
//! ```

use ext_php_rs::ffi::zend_string;
use ext_php_rs::types::Zval;
use holdfast_core::record::Handle;
use holdfast_core::session::{end_by_handle, end_of_user};
use holdfast_core::store::Store;
use holdfast_core::survey;

use crate::audit;
use crate::exception::Failure;
use crate::settings;
use crate::store;
use crate::zend::{array::PhpArray, fill::List, method::answer_with, string::PhpString, value};

pub mod figures;
mod listed;
mod query;

unsafe extern "C" {
    fn hf_register_store();
}

/// Registers the class.
pub fn register() {
    // SAFETY: once, at module startup.
    unsafe { hf_register_store() };
}

/// The store that the settings of this request name. What its engine has to tell is told: no borrow may be held.
fn store() -> Result<Store, Failure> {
    store::open(&settings::text("store"))?.tell()
}

/// `Store::stats()`.
#[unsafe(no_mangle)]
extern "C" fn holdfast_store_stats(result: &mut Zval) {
    answer_with(result, || {
        let store = store()?;
        let engine = store.engine();
        let mut shown = figures::array(&engine.stats()?);
        let parts = engine.parts()?;
        let mut list = List::new(parts.len());
        for part in &parts {
            list.push(figures::array(part).into_value());
        }
        shown.insert_name(&PhpString::key(b"parts"), list.into_value());
        shown.insert_name(&PhpString::key(b"store"), value::from_bytes(engine.describe().as_bytes()));
        shown.insert_name(&PhpString::key(b"now"), listed::seconds(engine.now()));
        Ok(shown.into_value())
    });
}

/// `Store::sessions()`.
#[unsafe(no_mangle)]
extern "C" fn holdfast_store_sessions(query: Option<&Zval>, result: &mut Zval) {
    answer_with(result, || {
        let query = query::parse(query)?;
        let store = store()?;
        let page = survey::page(store.engine(), &query, store.engine().now())?;
        let mut list = List::new(page.sessions.len());
        for session in &page.sessions {
            list.push(listed::array(session));
        }
        let mut shown = PhpArray::with_capacity(2);
        shown.insert_name(&PhpString::key(b"sessions"), list.into_value());
        shown.insert_name(&PhpString::key(b"matching"), value::from_u64(page.matching));
        Ok(shown.into_value())
    });
}

/// `Store::end()`.
///
/// # Safety
/// The strings are live for the length of the call; `by` may be NULL.
#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_store_end(handle: *mut zend_string, by: *mut zend_string, result: &mut Zval) {
    answer_with(result, || {
        // SAFETY: by the caller's word.
        let (handle, by) = unsafe { (PhpString::hold(handle), by_whom(by)) };
        let Some(handle) = Handle::parse(handle.as_bytes()) else {
            return Err(Failure::InvalidArgument(
                "Store::end() wants the handle of a session, as Store::sessions() gives it: 32 hexadecimal digits".into(),
            ));
        };
        let store = store()?;
        // Whom the log names; without a session it is a remembered login.
        let session = survey::find(store.engine(), handle, store.engine().now())?;
        let ended = end_by_handle(&store, handle)?;
        if ended > 0 {
            audit::ended_by_operator(&store, session.as_ref(), by.as_ref().map(PhpString::as_bytes));
        }
        Ok(value::from_bool(ended > 0))
    });
}

/// `Store::endUser()`.
///
/// # Safety
/// As [`holdfast_store_end`].
#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_store_end_user(
    user: *mut zend_string,
    by: *mut zend_string,
    result: &mut Zval,
) {
    answer_with(result, || {
        // SAFETY: by the caller's word.
        let (user, by) = unsafe { (PhpString::hold(user), by_whom(by)) };
        if user.as_bytes().is_empty() {
            return Err(Failure::InvalidArgument(
                "Store::endUser() wants the id of a user, which is never empty".into(),
            ));
        }
        let store = store()?;
        let ended = end_of_user(&store, user.as_bytes())?;
        if ended > 0 {
            let by = by.as_ref().map(PhpString::as_bytes);
            audit::all_ended_by_operator(&store, user.as_bytes(), ended, by);
        }
        Ok(value::from_u64(ended))
    });
}

/// The operator, if the caller names one.
///
/// # Safety
/// A live string, or NULL.
unsafe fn by_whom(by: *mut zend_string) -> Option<PhpString> {
    // SAFETY: live by the caller's word.
    let by = (!by.is_null()).then(|| unsafe { PhpString::hold(by) })?;
    (!by.as_bytes().is_empty()).then_some(by)
}
