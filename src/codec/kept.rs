//! Arrays that are known to be as they were decoded, without the worker cache: they are held here too, and PHP copies an
//! array that is held twice before it writes to it.

use std::{
    cell::OnceCell,
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use ext_php_rs::ffi::zend_array;
use ext_php_rs::types::Zval;
use holdfast_core::codec::Digest;
use holdfast_core::session::Base;

use crate::zend::array::PhpArray;
use crate::zend::value::{self, Kind};

/// The array of a node that was decoded.
struct Node {
    array: *const zend_array,
    /// The address of its bytes, and how many there are.
    at: usize,
    len: usize,
    /// Levels of arrays in it.
    height: usize,
}

/// The nodes of what is being decoded.
#[derive(Default)]
pub struct Nodes {
    nodes: Vec<Node>,
    /// The address of the last value that only PHP understands: what it stands in may have objects and references.
    opaque: usize,
}

impl Nodes {
    /// A node was decoded.
    pub fn add(&mut self, bytes: &[u8], height: usize, built: &Zval) {
        let at = bytes.as_ptr() as usize;
        if self.opaque < at && value::kind(built) == Kind::Array {
            self.nodes.push(Node { array: value::table(built), at, len: bytes.len(), height });
        }
    }

    /// A value that only PHP understands was decoded.
    pub fn opaque(&mut self, bytes: &[u8]) {
        self.opaque = bytes.as_ptr() as usize;
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Forgets those after the first `len`: what they stand in can't be held.
    pub fn truncate(&mut self, len: usize) {
        self.nodes.truncate(len);
    }
}

/// Variables that were decoded, held so that nobody can change their arrays.
pub struct Kept {
    /// What the nodes were decoded from.
    base: Base,
    /// The digest of its root.
    digest: Digest,
    /// The variables, or those in which there is no object.
    held: PhpArray,
    /// They are all the variables of the session.
    is_whole: bool,
    nodes: Vec<Node>,
    /// Places in `nodes` by array; made when it is needed first.
    places: OnceCell<HashMap<usize, usize, BuildHasherDefault<AddressHasher>>>,
}

impl Kept {
    /// Holds `held`, in which all arrays of `nodes` are, which were decoded from the root of `base`. Nothing in it is an
    /// object or a reference.
    pub fn new(base: Base, digest: Digest, held: PhpArray, is_whole: bool, nodes: Nodes) -> Self {
        Self { base, digest, held, is_whole, nodes: nodes.nodes, places: OnceCell::new() }
    }

    /// The digest of the root that it was decoded from.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Do these variables hold the very things that were decoded? False also for some that are equal.
    pub fn is(&self, variables: &Zval) -> bool {
        self.is_whole && self.held.is_copied_by(variables)
    }

    fn node(&self, array: *const zend_array) -> Option<&Node> {
        let places = self.places.get_or_init(|| {
            self.nodes.iter().enumerate().map(|(place, node)| (node.array as usize, place)).collect()
        });
        self.nodes.get(*places.get(&(array as usize))?)
    }

    /// Is this the array of a node that can be carried over?
    pub fn has(&self, array: *const zend_array) -> bool {
        self.node(array).is_some()
    }

    /// Appends the node of an array; the levels of arrays in it.
    pub fn carry(&self, array: *const zend_array, out: &mut Vec<u8>) -> Option<usize> {
        let node = self.node(array)?;
        let root = self.base.root()?;
        let start = node.at.wrapping_sub(root.as_ptr() as usize);
        out.extend_from_slice(root.get(start..start.wrapping_add(node.len))?);
        Some(node.height)
    }
}

/// Spreads addresses.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        self.write_u64(address as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32);
    }
}
