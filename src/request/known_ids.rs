//! The ids that this thread has looked at lately: to recognise one again is a look into a table.

use std::cell::RefCell;

use holdfast_core::id::{KnownIds, SessionId};
use holdfast_core::key::Key;
use holdfast_core::store::Store;

thread_local! {
    /// Of earlier requests, too.
    static KNOWN: RefCell<KnownIds> = RefCell::default();
}

/// See [`KnownIds::look`].
pub fn look(store: &Store, cookie_name: &str, text: &[u8]) -> (Option<SessionId>, Key) {
    KNOWN.with_borrow_mut(|known| known.look(store, cookie_name, text))
}

/// See [`KnownIds::recognise`].
pub(super) fn recognise(store: &Store, cookie_name: &str, text: &[u8]) -> Option<(SessionId, Key)> {
    KNOWN.with_borrow_mut(|known| known.recognise(store, cookie_name, text))
}
