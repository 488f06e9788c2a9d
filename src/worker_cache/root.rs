//! The outermost array of a session, which goes from one version of the session to the next.

use std::ptr::NonNull;

use ext_php_rs::ffi::{zend_array, zend_string};
use ext_php_rs::types::Zval;
use holdfast_core::codec::outline::{Change, Changes, Outline};
use holdfast_core::codec::{Digest, KeyRef, root};
use holdfast_core::session::Base;

use super::{ffi, memory::Block, node, node::Node};
use crate::zend::array::{ArrayKey, PhpArray};
use crate::zend::fill::empty_array;
use crate::zend::string::PhpString;
use crate::zend::value::{self, Kind};

/// After so many changes that brought strings along the root is made anew, without those that nobody needs any more.
const MOST_BLOCKS: usize = 16;

/// So many entries, and one of eight, may be different in a version that is gone on to.
const MOST_CHANGES: usize = 16;

/// The variables of a session as the store has it, or had it last.
pub(super) struct Root {
    pub(super) base: Base,
    digest: Digest,
    outline: Outline,
    table: Table,
    /// What its keys and texts are in, also some that were replaced.
    strings: Vec<Block>,
}

/// An entry that is to be kept.
struct Entry<'e> {
    key: ArrayKey<'e>,
    value: &'e Zval,
}

impl Root {
    /// The variables of `base`, decoded; it does not hold their nodes yet. `None` when one of them is nothing that can be kept, or when there is not so much
    /// `space`.
    pub(super) fn of(
        base: &Base,
        variables: &PhpArray,
        store: u64,
        space: usize,
        in_pages: bool,
    ) -> Option<Self> {
        let root = root::Root::parse(base.root()?).ok()?;
        let outline = Outline::of(&root).ok()??;
        if outline.is_empty() || outline.len() != variables.len() {
            return None;
        }
        let entries: Vec<_> = variables.entries().map(|(key, value)| Entry { key, value }).collect();
        let mut table = Table::new(entries.len())?;
        let block = strings_of(&entries, store, space, in_pages)?;
        let mut strings = Strings::new(block.as_ref());
        for entry in &entries {
            let (index, key) = strings.key(entry.key);
            table.add(index, key, &strings.value(entry.value));
        }
        close(block.as_ref());
        let strings = block.into_iter().collect();
        Some(Self { base: base.clone(), digest: root.digest(), outline, table, strings })
    }

    /// The digest of the version that it has.
    pub(super) const fn digest(&self) -> Digest {
        self.digest
    }

    /// The array. It must not be shown, only copies of it.
    pub(super) const fn table(&self) -> *mut zend_array {
        self.table.0.as_ptr()
    }

    /// The bytes of the version that it has.
    pub(super) fn encoded(&self) -> &[u8] {
        self.base.root().unwrap_or_default()
    }

    /// Where its entries are in its bytes.
    pub(super) const fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Bytes of memory that it takes, without its record and its nodes.
    pub(super) fn bytes(&self) -> usize {
        let strings: usize = self.strings.iter().map(Block::size).sum();
        size_of::<Self>() + self.outline.bytes() + self.table.bytes() + strings
    }

    /// What is different in another version; `None` when it is too much.
    pub(super) fn changes<'b>(&self, new: &root::Root<'b>) -> Option<Changes<'b>> {
        if self.strings.len() >= MOST_BLOCKS {
            return None;
        }
        self.outline.changes(self.encoded(), new, MOST_CHANGES + self.outline.len() / 8)
    }

    /// Goes on to the version that `changes` have led to; `values` are those of what was set, and then of what was appended.
    /// The nodes that it has no more. `None` when one of the values is nothing that can be kept, or when there is no room:
    /// then it is to be given up.
    pub(super) fn go_on(
        &mut self,
        base: &Base,
        changes: &Changes<'_>,
        values: &[Zval],
        store: u64,
        space: usize,
        in_pages: bool,
    ) -> Option<Vec<NonNull<Node>>> {
        let new = root::Root::parse(base.root()?).ok()?;
        let keys: Vec<_> = changes.appended.iter().map(|entry| Key::of(entry.key)).collect();
        let (set, appended) = values.split_at(values.len().checked_sub(keys.len())?);
        let known = set.iter().map(|value| Entry { key: ArrayKey::Index(0), value });
        let added = keys.iter().zip(appended).map(|(key, value)| Entry { key: key.as_key(), value });
        let entries: Vec<_> = known.chain(added).collect();
        let block = strings_of(&entries, store, space, in_pages)?;
        let mut strings = Strings::new(block.as_ref());
        let (mut gone, mut held) = (Vec::new(), Vec::new());
        let is_same_size =
            keys.is_empty() && changes.changed.iter().all(|one| matches!(one, Change::Set(..)));
        if is_same_size {
            if !self.outline.apply(changes, &new) {
                return None;
            }
            for (change, entry) in changes.changed.iter().zip(&entries) {
                let (Change::Set(at, _) | Change::Removed(at)) = change;
                gone.extend(node_of(self.table.at(*at).2));
                let value = strings.value(entry.value);
                held.extend(node_of(&value));
                self.table.set(*at, &value);
            }
        } else {
            let mut table = Table::new(new.len())?;
            let mut differing = changes.changed.iter().peekable();
            let mut values = entries.iter();
            for at in 0..self.table.len() {
                let (index, key, value) = self.table.at(at);
                let is_here = |change: &&Change<_>| {
                    let (Change::Set(number, _) | Change::Removed(number)) = change;
                    *number == at
                };
                match differing.next_if(is_here) {
                    None => table.add(index, key, value),
                    Some(change) => {
                        gone.extend(node_of(value));
                        if let Change::Set(..) = change {
                            let value = strings.value(values.next()?.value);
                            held.extend(node_of(&value));
                            table.add(index, key, &value);
                        }
                    }
                }
            }
            for entry in values {
                let (index, key) = strings.key(entry.key);
                if table.has(index, key) {
                    return None;
                }
                let value = strings.value(entry.value);
                held.extend(node_of(&value));
                table.add(index, key, &value);
            }
            if !self.outline.apply(changes, &new) {
                return None;
            }
            self.table = table;
        }
        held.into_iter().for_each(hold);
        close(block.as_ref());
        self.strings.extend(block);
        self.digest = new.digest();
        self.base = base.clone();
        Some(gone)
    }

    /// From here on it holds the nodes among its variables.
    pub(super) fn hold_nodes(&self) {
        self.nodes().for_each(hold);
    }

    /// The nodes among its variables.
    pub(super) fn nodes(&self) -> impl Iterator<Item = NonNull<Node>> {
        (0..self.table.len()).filter_map(|at| node_of(self.table.at(at).2))
    }
}

fn is_empty(array: &Zval) -> bool {
    // SAFETY: a live array.
    unsafe { (*value::table(array)).nNumOfElements == 0 }
}

/// The node that a value is.
fn node_of(value: &Zval) -> Option<NonNull<Node>> {
    if value::kind(value) != Kind::Array {
        return None;
    }
    // SAFETY: a live array.
    unsafe { node::of_table(value::table(value)) }.map(NonNull::from)
}

fn hold(node: NonNull<Node>) {
    // SAFETY: a live array's node is live.
    let parents = unsafe { &node.as_ref().parents };
    parents.set(parents.get() + 1);
}

/// A block for the strings of entries, `Some(None)` when there are none; `None` when a value is nothing that can be kept,
/// or when there is not so much room.
#[expect(clippy::option_option, reason = "no block is needed, or none can be had")]
fn strings_of(entries: &[Entry<'_>], store: u64, space: usize, in_pages: bool) -> Option<Option<Block>> {
    let mut size = 0;
    for entry in entries {
        if let ArrayKey::Name(name) = entry.key {
            // SAFETY: live as long as the entry.
            size += unsafe { ffi::hf_kept_size(name) };
        }
        size += match value::kind(entry.value) {
            Kind::Null | Kind::False | Kind::True | Kind::Long | Kind::Double => 0,
            // SAFETY: the kind says that it is a string; live as long as the entry.
            Kind::String => unsafe { ffi::hf_kept_size(entry.value.value.str_) },
            Kind::Array if is_empty(entry.value) => 0,
            // SAFETY: live, as the node of a live array is.
            Kind::Array if unsafe { node_of(entry.value)?.as_ref() }.store == store => 0,
            _ => return None,
        };
    }
    if size == 0 {
        return Some(None);
    }
    if size > space {
        return None;
    }
    Block::new(size, in_pages).map(Some)
}

fn close(block: Option<&Block>) {
    if let Some(block) = block {
        block.close();
    }
}

/// Where the next string goes.
struct Strings {
    to: *mut u8,
}

impl Strings {
    /// `block` has room for all that is to come.
    fn new(block: Option<&Block>) -> Self {
        Self { to: block.map_or(std::ptr::null_mut(), |block| block.start().cast()) }
    }

    /// # Safety
    /// `string` is live, and was measured.
    unsafe fn keep(&mut self, string: *mut zend_string) -> *mut zend_string {
        // SAFETY: live, and there is room for it, by the caller's word.
        unsafe {
            let kept = ffi::hf_keep(string, self.to);
            self.to = self.to.wrapping_add(ffi::hf_kept_size(string));
            kept
        }
    }

    fn key(&mut self, key: ArrayKey<'_>) -> (u64, *mut zend_string) {
        match key {
            ArrayKey::Index(index) => (index.cast_unsigned(), std::ptr::null_mut()),
            // SAFETY: live as long as the entry, and measured with it.
            ArrayKey::Name(name) => (0, unsafe { self.keep(std::ptr::from_ref(name).cast_mut()) }),
        }
    }

    /// A value that holds nothing.
    fn value(&mut self, value: &Zval) -> Zval {
        match value::kind(value) {
            Kind::String => {
                // SAFETY: the kind says that it is a string, live as long as the entry, and measured with it. What is
                // kept is interned: nobody counts it.
                let kept = unsafe { self.keep(value.value.str_) };
                // SAFETY: as above.
                value::from_string(unsafe { PhpString::adopt(kept) })
            }
            Kind::Array if is_empty(value) => empty_array(),
            // SAFETY: a node's, which is immutable, and outlives the root.
            Kind::Array => unsafe { value::from_immutable(value::table(value)) },
            _ => value::copy(value),
        }
    }
}

/// A key that is to be added.
enum Key {
    Index(i64),
    Name(PhpString),
}

impl Key {
    fn of(key: KeyRef<'_>) -> Self {
        match key {
            KeyRef::Int(index) => Self::Index(index),
            KeyRef::Bytes(bytes) => Self::Name(PhpString::key(bytes)),
        }
    }

    fn as_key(&self) -> ArrayKey<'_> {
        match self {
            Self::Index(index) => ArrayKey::Index(*index),
            // SAFETY: held by `self`.
            Self::Name(name) => ArrayKey::Name(unsafe { &*name.as_ptr() }),
        }
    }
}

/// An array in memory of ours.
struct Table(NonNull<zend_array>);

impl Table {
    /// Empty, with room for so many entries.
    fn new(entries: usize) -> Option<Self> {
        // SAFETY: no pointers are passed; what comes back is ours.
        NonNull::new(unsafe { ffi::hf_root_new(u32::try_from(entries).ok()?) }).map(Self)
    }

    fn len(&self) -> usize {
        // SAFETY: ours, and live.
        unsafe { self.0.as_ref() }.nNumUsed as usize
    }

    fn bytes(&self) -> usize {
        // SAFETY: ours, and live.
        unsafe { ffi::hf_root_size(self.0.as_ptr()) }
    }

    /// Appends an entry for which there is room, and whose key is not there.
    fn add(&mut self, index: u64, key: *mut zend_string, value: &Zval) {
        // SAFETY: ours; a key and a value that nobody counts.
        unsafe { ffi::hf_root_add(self.0.as_ptr(), index, key, value) };
    }

    /// Sets the value of the entry number `at`.
    fn set(&mut self, at: usize, value: &Zval) {
        // SAFETY: ours; there is such an entry, and nobody counts the values.
        unsafe { ffi::hf_root_set(self.0.as_ptr(), u32::try_from(at).unwrap_or_default(), value) };
    }

    /// The entry number `at`, of which there is one.
    fn at(&self, at: usize) -> (u64, *mut zend_string, &Zval) {
        let (mut index, mut key) = (0, std::ptr::null_mut());
        // SAFETY: ours; there is such an entry, which stays as long as `self` is borrowed.
        let value = unsafe {
            &*ffi::hf_root_at(
                self.0.as_ptr(),
                u32::try_from(at).unwrap_or_default(),
                &raw mut index,
                &raw mut key,
            )
        };
        (index, key, value)
    }

    fn has(&self, index: u64, key: *mut zend_string) -> bool {
        // SAFETY: ours; the key is live, or NULL.
        unsafe { ffi::hf_root_has(self.0.as_ptr(), index, key) }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // SAFETY: ours alone. Nothing in it is counted.
        unsafe { ffi::hf_root_free(self.0.as_ptr()) };
    }
}
