//! Nodes that are read: found in the cache, or put there.

use ext_php_rs::types::Zval;
use holdfast_core::codec::{Digest, Written};

use super::{Fresh, Place, node::Node};
use crate::zend::array::PhpArray;
use crate::zend::value::{self, Kind};

/// The nodes of one value, or of all the values of a root, as they are read.
pub struct Decoding {
    place: Place,
    /// Where the nodes begin and end that were read and whose parents were not, by address, with their digests.
    ended: Vec<(usize, usize, Digest)>,
    /// The address of the last value that only PHP understands: what it stands in may have objects and references.
    opaque: usize,
}

fn range(node: &[u8]) -> (usize, usize) {
    let start = node.as_ptr() as usize;
    (start, start + node.len())
}

impl Decoding {
    /// Nothing was read yet.
    pub const fn new(place: Place) -> Self {
        Self { place, ended: Vec::new(), opaque: 0 }
    }

    /// See [`holdfast_core::codec::Sink::known`].
    pub fn known(&mut self, digest: Digest, node: &[u8]) -> Option<Zval> {
        let known = self.place.known(digest, node.len())?;
        let (start, end) = range(node);
        self.ended.push((start, end, digest));
        Some(known)
    }

    /// A value that only PHP understands was read.
    pub fn opaque(&mut self, bytes: &[u8]) {
        self.opaque = bytes.as_ptr() as usize;
    }

    /// See [`holdfast_core::codec::Sink::end_node`].
    pub fn end_node(&mut self, digest: Digest, node: &[u8], built: Zval) -> Zval {
        let sealed = self.seal(digest, node, &built);
        let (start, end) = range(node);
        self.ended.push((start, end, digest));
        match sealed {
            // The value that was built held nothing but what was copied: no code runs when it goes.
            Some(sealed) => sealed.value(),
            None => built,
        }
    }

    /// Copies the array that was built of a node, if it is one that can be.
    fn seal(&mut self, digest: Digest, node: &[u8], built: &Zval) -> Option<&'static Node> {
        let (start, _) = range(node);
        let inside = self.ended.partition_point(|(ended, ..)| *ended < start);
        let children: Vec<_> =
            self.ended.drain(inside..).map(|(from, to, _)| from - start..to - start).collect();
        if self.opaque >= start || value::kind(built) != Kind::Array || PhpArray::of(built).len() == 0 {
            return None;
        }
        let written = Written { out: node, start: 0, children: &children, digest };
        let sealed = self.place.seal(value::table(built), &written, &Fresh::default())?;
        // SAFETY: nothing is freed while a request runs.
        Some(unsafe { sealed.as_ref() })
    }
}
