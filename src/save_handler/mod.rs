//! `session.save_handler = holdfast` and `session.serialize_handler = holdfast`: PHP's own `$_SESSION`.
//!
//! With the serializer `holdfast` a session is a tree of variables, and parallel requests are merged when they are
//! written. With any other serializer it is one piece, which the session lock guards.

mod address;
mod callbacks;
mod ffi;
mod open;
mod opening;
mod replacement;
mod serializer;
mod stand_in;
mod told;

/// Gives up what a request that was cut off has left behind: its lock, above all.
pub fn forget() {
    open::forget();
    told::forget();
}

/// Lets go of the store, once there are no more requests.
pub fn end() {
    forget();
    open::end();
}

/// Registers both with ext/session; false when its tables are full.
pub fn register() -> bool {
    // SAFETY: at module startup.
    unsafe { ffi::hf_session_register() }
}
