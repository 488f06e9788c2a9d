//! The interfaces through which a site shows its users: `Holdfast\User`, `Holdfast\UserProvider`, and
//! `Holdfast\MemberProvider` of a site that tells more of them than a name.

use ext_php_rs::zend::ClassEntry;

use crate::zend::class::ClassSlot;

mod ask;
mod ffi;
mod member;

pub use ask::{find_by_id, find_by_name, id_of, id_value, is_provider, is_user, name_of, verify_password};
pub use member::{is_member_provider, member_data, member_version};

/// `Holdfast\User`.
pub static USER: ClassSlot = ClassSlot::new();
/// `Holdfast\UserProvider`.
pub static PROVIDER: ClassSlot = ClassSlot::new();

/// `Holdfast\MemberProvider`.
pub static MEMBER_PROVIDER: ClassSlot = ClassSlot::new();

/// Registers them.
pub fn register() {
    for (slot, register) in [
        (&USER, ffi::hf_register_user as unsafe extern "C" fn() -> *mut ClassEntry),
        (&PROVIDER, ffi::hf_register_user_provider),
        (&MEMBER_PROVIDER, ffi::hf_register_member_provider),
    ] {
        // SAFETY: at module startup; an internal class lives as long as the process.
        if let Some(class) = unsafe { register().as_mut() } {
            slot.set(class, Box::default());
        }
    }
}
