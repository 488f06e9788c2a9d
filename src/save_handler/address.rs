//! Under which id a session is kept, and where: ext/session brings the same id again and again.

use std::{cell::RefCell, rc::Rc};

use holdfast_core::key::Key;
use holdfast_core::secret::Secret;
use holdfast_core::session::{Id, Visit};

use crate::request::known_ids;

/// An id that was looked at, and the address that it leads to.
pub(super) struct Address {
    secret: Secret,
    cookie_name: String,
    /// One of ours, or one that the application chose.
    pub id: Id,
    pub key: Key,
}

thread_local! {
    /// The last one of this request.
    static LOOKED: RefCell<Option<Rc<Address>>> = const { RefCell::new(None) };
}

impl Address {
    /// Is it what these texts lead to?
    fn is_of(&self, visit: &Visit, id: &[u8]) -> bool {
        self.id.as_bytes() == id && self.hangs_on(visit)
    }

    fn hangs_on(&self, visit: &Visit) -> bool {
        self.cookie_name == visit.cookie_name && self.secret == *visit.store.secret()
    }
}

/// The id of a text, and its address.
pub(super) fn address_of(visit: &Visit, text: &[u8]) -> Rc<Address> {
    LOOKED.with_borrow_mut(|looked| {
        if let Some(address) = looked.as_ref().filter(|looked| looked.is_of(visit, text)) {
            return Rc::clone(address);
        }
        let (issued, key) = known_ids::look(&visit.store, &visit.cookie_name, text);
        // Nobody else has the last one by now, as a rule: its memory is used again.
        if let Some(address) = looked
            && let Some(last) = Rc::get_mut(address)
            && last.hangs_on(visit)
        {
            last.key = key;
            match (issued, &mut last.id) {
                (Some(issued), id) => *id = Id::Issued(issued),
                (None, Id::Chosen(last)) if last.len() == text.len() => last.copy_from_slice(text),
                (None, id) => *id = Id::Chosen(text.into()),
            }
            return Rc::clone(address);
        }
        let id = issued.map_or_else(|| Id::Chosen(text.into()), Id::Issued);
        let (secret, cookie_name) = (visit.store.secret().clone(), visit.cookie_name.clone());
        let address = Rc::new(Address { secret, cookie_name, id, key });
        *looked = Some(Rc::clone(&address));
        address
    })
}

/// Forgets the ids of a request that is over.
pub(super) fn forget() {
    LOOKED.take();
}
