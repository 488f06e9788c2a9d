//! The only place that names Zend: PHP's values, strings and arrays as Rust types that own what they hold.

// SAFETY of this module as a whole: PHP calls an extension on one thread per request, and hands out pointers that are
// valid while the call lasts. Types here own a reference count or borrow for no longer than a call.

pub mod array;
pub mod call;
pub mod class;
pub mod error;
pub mod ffi;
pub mod fill;
pub mod method;
pub mod object;
pub mod plain;
pub mod serialize;
pub mod string;
pub mod value;
