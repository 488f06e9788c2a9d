//! A decoded node: its array, which PHP may be shown, and its bytes, to be carried over.

use std::{cell::Cell, collections::HashMap, ffi::c_void, ptr, ptr::NonNull, slice};

use ext_php_rs::ffi::zend_array;
use ext_php_rs::types::Zval;
use holdfast_core::codec::{Digest, Written};

use super::{ffi, memory::Block, table::Spreading};

/// Words in front of a table: the address of its node, and one for alignment.
const HEAD: usize = 2;

/// Bytes that a node takes beside its memory: its place in the table of nodes.
const OVERHEAD: usize = 48;

/// A node that was decoded. Its array and all that is in it stay as they are until it is freed, between two requests.
///
/// It stands at the beginning of one piece of memory, before the nodes in it, its bytes, and its array.
pub(super) struct Node {
    memory: Block,
    /// Where the array is instead, if what PHP is shown has pages of its own.
    pages: Option<Block>,
    table: NonNull<zend_array>,
    pub(super) digest: Digest,
    /// Of which store it is: digests of another one are other digests.
    pub(super) store: u64,
    /// Its bytes from its tag on, without those of the nodes in it: so many.
    own: usize,
    /// The nodes directly in its array, in order: so many.
    kids: usize,
    /// Its bytes in all.
    pub(super) len: usize,
    /// Levels of arrays.
    pub(super) height: usize,
    /// Whether it is large enough to be a node wherever it stands.
    pub(super) is_large: bool,
    /// How many nodes hold it.
    pub(super) parents: Cell<u32>,
    /// When it was last asked for, on the cache's clock; 0: not since it was replaced.
    pub(super) used: Cell<u64>,
    /// It is among those that were replaced.
    pub(super) is_listed: Cell<bool>,
}

/// A node in another one's array.
#[derive(Clone, Copy)]
struct Kid {
    node: NonNull<Node>,
    /// Where its bytes belong among the parent's own; `None` where they stand inline.
    at: Option<usize>,
}

/// A node that was made for an array which does not hold it: arrays by their address.
pub(super) type Fresh = HashMap<usize, NonNull<Node>, Spreading>;

/// Where there is room for a node.
pub(super) struct Room {
    /// How much.
    pub(super) bytes: usize,
    /// See [`Block::new`].
    pub(super) in_pages: bool,
}

/// What [`holdfast_sealed`] looks in.
struct Look<'f> {
    store: u64,
    fresh: &'f Fresh,
    /// What it found, in order.
    found: Vec<NonNull<Node>>,
}

/// The node that an array is the array of.
///
/// # Safety
/// `array` is live.
#[inline]
pub(super) unsafe fn of_table<'n>(array: *const zend_array) -> Option<&'n Node> {
    // SAFETY: live by the caller's word. Only copies of ours have this function in the place of their destructor, and
    // in front of each stands the address of its node, which is live as long as the array is.
    unsafe {
        ((*array).pDestructor.map(|known| known as usize) == Some(ffi::hf_is_sealed as *const () as usize))
            .then(|| &*array.cast::<*const Node>().sub(HEAD).read())
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_sealed(array: *const zend_array, context: *mut c_void) -> *mut zend_array {
    // SAFETY: the `Look` of the call of hf_sealed_size or hf_seal that is running, and an array that it goes through.
    unsafe {
        let look = &mut *context.cast::<Look<'_>>();
        let fresh = look.fresh.get(&(array as usize)).copied();
        let known = || of_table(array).filter(|node| node.store == look.store).map(NonNull::from);
        let Some(node) = fresh.or_else(known) else { return ptr::null_mut() };
        look.found.push(node);
        node.as_ref().table()
    }
}

impl Node {
    /// A copy of `array`, which is what `written` says; `None` when it can't be one: it holds an object, or an array
    /// that is a node and was not copied; or when there is no room.
    ///
    /// # Safety
    /// `array` is live and not empty; the nodes of `fresh` and of arrays in it are live.
    pub(super) unsafe fn seal(
        array: *const zend_array,
        written: &Written<'_>,
        store: u64,
        fresh: &Fresh,
        room: &Room,
    ) -> Option<NonNull<Self>> {
        let mut look = Look { store, fresh, found: Vec::new() };
        let mut height = 0;
        // SAFETY: live by the caller's word; the context is what `holdfast_sealed` expects.
        let size = unsafe { ffi::hf_sealed_size(array, (&raw mut look).cast(), &raw mut height) };
        if size == 0 {
            return None;
        }
        let (start, end) = (written.start, written.out.len());
        let own = end - start - written.children.iter().map(ExactSizeIterator::len).sum::<usize>();
        let (kids, height_of_kids) = kids_of(&look.found, written)?;
        let head =
            (size_of::<Self>() + size_of_val(&*kids) + own).next_multiple_of(HEAD * size_of::<usize>());
        let shown = HEAD * size_of::<usize>() + size;
        if head + shown + OVERHEAD > room.bytes {
            return None;
        }
        let pages = if room.in_pages { Some(Block::new(shown, true)?) } else { None };
        let memory = Block::new(if pages.is_some() { head } else { head + shown }, false)?;
        let node = NonNull::new(memory.start().cast::<Self>())?;
        // SAFETY: the memory has room for the node, the nodes in it, its bytes, and what is shown, if that has no pages of
        // its own; for the array there is as much as was measured, and nothing has changed since.
        unsafe {
            let at = match &pages {
                Some(pages) => pages.start(),
                None => memory.start().byte_add(head),
            };
            at.cast::<*const Self>().write(node.as_ptr());
            look.found.clear();
            let table = ffi::hf_seal(array, (&raw mut look).cast(), at.add(HEAD).cast());
            if let Some(pages) = &pages {
                pages.close();
            }
            node.write(Self {
                memory,
                pages,
                table: NonNull::new(table)?,
                digest: written.digest,
                store,
                own,
                kids: kids.len(),
                len: end - start,
                height: (height as usize).max(height_of_kids + 1),
                is_large: false,
                parents: Cell::new(0),
                used: Cell::new(0),
                is_listed: Cell::new(false),
            });
            let first = node.add(1).cast::<Kid>().as_ptr();
            ptr::copy_nonoverlapping(kids.as_ptr(), first, kids.len());
            let mut to = first.add(kids.len()).cast::<u8>();
            let mut from = start;
            for range in written.children.iter().map(|child| (child.start, child.end)).chain([(end, end)]) {
                let piece = &written.out[from..range.0];
                ptr::copy_nonoverlapping(piece.as_ptr(), to, piece.len());
                to = to.add(piece.len());
                from = range.1;
            }
            for kid in &kids {
                let parents = &kid.node.as_ref().parents;
                parents.set(parents.get() + 1);
            }
            (*node.as_ptr()).is_large = crate::codec::source::is_large(&node.as_ref().value());
        }
        Some(node)
    }

    /// Frees a node. It does nothing with those that it holds.
    ///
    /// # Safety
    /// Nobody has it or its array any more.
    pub(super) unsafe fn free(node: NonNull<Self>) {
        // SAFETY: `seal` has put it there, and it is read no more. Its memory goes last.
        let node = unsafe { node.read() };
        drop(node.pages);
        drop(node.memory);
    }

    /// The array.
    pub(super) const fn table(&self) -> *mut zend_array {
        self.table.as_ptr()
    }

    /// What is in its memory behind it.
    fn behind(&self) -> *const Kid {
        self.memory.start().cast_const().wrapping_byte_add(size_of::<Self>()).cast()
    }

    fn kid_list(&self) -> &[Kid] {
        // SAFETY: `seal` has put so many there.
        unsafe { slice::from_raw_parts(self.behind(), self.kids) }
    }

    fn own(&self) -> &[u8] {
        // SAFETY: `seal` has put so many bytes there.
        unsafe { slice::from_raw_parts(self.behind().add(self.kids).cast(), self.own) }
    }

    /// The array as a value, which holds nothing.
    pub(super) fn value(&self) -> Zval {
        // SAFETY: live, and immutable.
        unsafe { crate::zend::value::from_immutable(self.table()) }
    }

    /// Appends all its bytes.
    pub(super) fn append_to(&self, out: &mut Vec<u8>) {
        out.reserve(self.len);
        self.append(out);
    }

    fn append(&self, out: &mut Vec<u8>) {
        let own = self.own();
        let mut from = 0;
        for kid in self.kid_list() {
            if let Some(at) = kid.at {
                out.extend_from_slice(&own[from..at]);
                // SAFETY: a node lives as long as one that holds it.
                unsafe { kid.node.as_ref() }.append(out);
                from = at;
            }
        }
        out.extend_from_slice(&own[from..]);
    }

    /// Bytes of memory that it takes, without the nodes in it.
    pub(super) fn bytes(&self) -> usize {
        OVERHEAD + self.memory.size() + self.pages.as_ref().map_or(0, Block::size)
    }

    /// The nodes that it holds.
    pub(super) fn kids(&self) -> impl Iterator<Item = NonNull<Self>> {
        self.kid_list().iter().map(|kid| kid.node)
    }
}

/// Where among a node's own bytes those of `found` belong, and their levels of arrays. `None` when one of the children
/// that were written is not among them.
fn kids_of(found: &[NonNull<Node>], written: &Written<'_>) -> Option<(Vec<Kid>, usize)> {
    let mut kids = Vec::with_capacity(found.len());
    let mut children = written.children.iter().peekable();
    let (mut height, mut removed) = (0, 0);
    for &node in found {
        // SAFETY: live, as `Node::seal` was promised.
        let kid = unsafe { node.as_ref() };
        height = height.max(kid.height);
        let at = children
            .next_if(|child| {
                holdfast_core::codec::digest_of_value(&written.out[(**child).clone()]) == Some(kid.digest)
            })
            .map(|child| {
                let at = child.start - written.start - removed;
                removed += child.len();
                at
            });
        kids.push(Kid { node, at });
    }
    children.next().is_none().then_some((kids, height))
}
