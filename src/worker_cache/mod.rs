//! What a worker has decoded stays decoded: docs/worker-cache.md.
//!
//! A node of the codec, once decoded, is kept as an array that PHP may be shown as it is: immutable, with interned
//! strings, outside of PHP's memory, under its digest. Who loads a session puts it together from such arrays; who saves one
//! knows by their address that they are unchanged, and carries their bytes over. Beside the nodes, what the store had last
//! of a session: while its version is the same, its record is not even copied.
//!
//! Each thread has its own, so nothing is locked. Nothing is freed while a request runs ([`tidy`]), because PHP counts no
//! references in it: whoever got an array has it until the request ends.

use std::{
    cell::{Cell, RefCell},
    ptr::NonNull,
};

use ext_php_rs::ffi::zend_array;
use ext_php_rs::types::Zval;
use holdfast_core::codec::{Digest, Written};
use holdfast_core::key::Key;
use holdfast_core::session::Base;
use holdfast_core::store::Store;

mod decoding;
mod ffi;
mod memory;
mod node;
mod root;
mod shown;
mod table;

use crate::settings;
use node::{Fresh, Node, Room};
use table::Table;

pub use decoding::Decoding;
pub use shown::{Differences, RootArray};
pub use table::Figures;

/// Within one request nothing is freed; what it may add is so many times what may stay.
const MOST_IN_A_REQUEST: usize = 2;

thread_local! {
    static TABLE: RefCell<Table> = RefCell::default();
    /// Bytes that may stay; `None` until the setting was read, which can't change while PHP runs.
    static LIMIT: Cell<Option<usize>> = const { Cell::new(None) };
    /// Nodes have pages of their own, which are closed for writing: a test of PHP and of all its extensions.
    static IN_PAGES: Cell<bool> = const { Cell::new(false) };
}

fn limit() -> usize {
    LIMIT.get().unwrap_or_else(|| {
        let bytes = settings::bytes("worker_cache");
        LIMIT.set(Some(bytes));
        IN_PAGES.set(std::env::var_os("HOLDFAST_WORKER_CACHE_CLOSED").is_some());
        bytes
    })
}

/// Bytes that may be there while a request runs.
fn most() -> usize {
    limit().saturating_mul(MOST_IN_A_REQUEST)
}

/// The cache of this thread, for the sessions of one store.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    store: u64,
}

/// What the cache knows of a session.
#[derive(Debug)]
pub struct Seen {
    /// What the store had last, as far as this thread knows.
    pub base: Option<Base>,
}

impl Place {
    /// The cache for a store; `None` when it is switched off.
    pub fn of(store: &Store) -> Option<Self> {
        (limit() > 0).then(|| Self { store: store.name() })
    }

    /// What is known of the session of an address; `None` the first time that this thread sees it: what comes once leaves
    /// nothing behind.
    pub fn seen(self, key: &Key) -> Option<Seen> {
        TABLE.with_borrow_mut(|table| {
            let base = table.base(self.store, key);
            (base.is_some() || table.is_known(self.store, key)).then_some(Seen { base })
        })
    }

    /// Remembers what the store has of a session by now.
    pub fn remember(self, base: &Base) {
        TABLE.with_borrow_mut(|table| {
            if table.has_base(self.store, base) {
                table.figures.unchanged += 1;
            } else if table.bytes() + table::bytes_of(base) <= most() {
                table.put_base(self.store, base);
            } else {
                table.forget(self.store, base.key());
            }
        });
    }

    /// Forgets a session that was ended.
    pub fn forget(self, key: &Key) {
        TABLE.with_borrow_mut(|table| table.forget(self.store, key));
    }

    /// The array that a node is known to be, as a value that holds nothing.
    fn known(self, digest: Digest, len: usize) -> Option<Zval> {
        let node = TABLE.with_borrow_mut(|table| table.node(digest, self.store, len))?;
        // SAFETY: nothing is freed while a request runs.
        Some(unsafe { node.as_ref() }.value())
    }

    /// Copies the array of a node that was read or written, and of which every node is in the cache or in `fresh`.
    fn seal(self, array: *const zend_array, written: &Written<'_>, fresh: &Fresh) -> Option<NonNull<Node>> {
        let (known, bytes) =
            TABLE.with_borrow(|table| (table.has_node(written.digest), most().saturating_sub(table.bytes())));
        if known.is_some() {
            // SAFETY: nothing is freed while a request runs.
            return known.filter(|node| unsafe { node.as_ref() }.store == self.store);
        }
        let room = Room { bytes, in_pages: IN_PAGES.get() };
        // SAFETY: PHP's array, live as long as the caller holds it; nothing is freed while a request runs.
        let node = unsafe { Node::seal(array, written, self.store, fresh, &room) }?;
        Some(TABLE.with_borrow_mut(|table| table.add_node(node)))
    }
}

/// What becomes known while variables are encoded.
pub struct Encoding {
    place: Place,
    fresh: Fresh,
    /// What was written may go into the cache.
    keeps: bool,
}

impl Encoding {
    /// `keeps`: what is written is copied into the cache, for whoever loads it.
    pub fn new(place: Place, keeps: bool) -> Self {
        Self { place, fresh: Fresh::default(), keeps }
    }

    /// Is this the array of a node that can be carried over?
    pub fn has(&self, array: *const zend_array) -> bool {
        // SAFETY: a live array of PHP's.
        unsafe { node::of_table(array) }.is_some_and(|node| node.store == self.place.store)
    }

    /// An array was written as a node.
    pub fn written(&mut self, array: *const zend_array, node: &Written<'_>) {
        if self.keeps
            && let Some(sealed) = self.place.seal(array, node, &self.fresh)
        {
            self.fresh.insert(array as usize, sealed);
        }
    }

    /// Appends the node of an array that is in the cache; the levels of arrays in it.
    pub fn carry(&self, array: *const zend_array, out: &mut Vec<u8>) -> Option<usize> {
        // SAFETY: a live array of PHP's.
        let node = unsafe { node::of_table(array) }.filter(|node| node.store == self.place.store)?;
        node.append_to(out);
        Some(node.height)
    }
}

/// Is this the array of a node in the cache? Then there is no object and no reference in it.
pub fn is_node(array: *const zend_array) -> bool {
    // SAFETY: a live array of PHP's.
    unsafe { node::of_table(array) }.is_some()
}

/// Is this the array of a node that is large enough to be one wherever it stands?
pub fn is_large_node(array: *const zend_array) -> bool {
    // SAFETY: a live array of PHP's.
    unsafe { node::of_table(array) }.is_some_and(|node| node.is_large)
}

/// Makes room, when the request is over and PHP has forgotten all that it was shown.
pub fn tidy() {
    TABLE.with_borrow_mut(|table| table.tidy(limit()));
}

/// Frees all that this thread has, at the end of PHP.
pub fn clear() {
    TABLE.with_borrow_mut(Table::clear);
}

/// What phpinfo shows of this thread's cache.
pub fn rows() -> Vec<(String, String)> {
    let (figures, bytes, (nodes, sessions)) =
        TABLE.with_borrow(|table| (table.figures, table.bytes(), table.entries()));
    let Figures { hits, misses, unchanged, evicted } = figures;
    [
        ("Worker cache: bytes", bytes as u64),
        ("Worker cache: nodes", nodes as u64),
        ("Worker cache: sessions", sessions as u64),
        ("Worker cache: nodes found", hits),
        ("Worker cache: nodes decoded", misses),
        ("Worker cache: sessions that nobody had changed", unchanged),
        ("Worker cache: evicted", evicted),
    ]
    .map(|(name, figure)| (name.to_owned(), figure.to_string()))
    .into()
}
