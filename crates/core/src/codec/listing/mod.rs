//! A root's entries, found without going through its bytes again, and another root made of most of them.

use std::ops::Range;

use super::read::{Reader, WrittenKey};
use super::{DecodeError, Digest, KeyRef, tag, write};

mod editor;
mod scan;
#[cfg(test)]
mod tests;

pub use editor::Editor;

/// Where the entries of a root are.
///
/// It holds none of the values: two roots of which one was made of the other need a listing each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    digest: Digest,
    /// Where each entry begins in the bytes of the root, and where the last ends. A body is shorter than 4 GiB.
    places: Vec<u32>,
    /// For each entry what tells its key from most others.
    marks: Vec<u32>,
    /// `None`: no entry brings a digest along.
    brief: Option<Brief>,
}

/// The body of a root as its digest is made of it: what brings a digest along is its tag and digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Brief {
    bytes: Vec<u8>,
    /// Where each entry begins in `bytes`, and where the last ends.
    places: Vec<u32>,
}

/// The marks of keys whose bytes are the same are: their length, and the last of them.
fn mark(written: &[u8]) -> u32 {
    let length = u32::try_from(written.len()).unwrap_or(u32::MAX).wrapping_mul(0x9E37_79B1);
    let end = match written.last_chunk() {
        Some(end) => u32::from_le_bytes(*end),
        None => written.iter().fold(0, |end, byte| end << 8 | u32::from(*byte)),
    };
    length ^ end
}

impl Listing {
    /// The digest of the root that it is of.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The number of entries.
    pub const fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there is no entry.
    pub const fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        let brief =
            self.brief.as_ref().map_or(0, |brief| brief.bytes.capacity() + 4 * brief.places.capacity());
        size_of::<Self>() + 4 * (self.places.capacity() + self.marks.capacity()) + brief
    }

    /// The number of the entry of `key`, the first if damaged bytes have several. `root` is what the listing is of.
    pub fn find(&self, key: KeyRef<'_>, root: &[u8]) -> Option<usize> {
        let mut written = Vec::with_capacity(most_bytes(key));
        write::key(&mut written, key);
        let wanted = mark(&written);
        let mut from = 0;
        for marks in self.marks.chunks(64) {
            // Without a branch for each entry, so that several are compared at once.
            if marks.iter().fold(0, |found, mark| found | u32::from(*mark == wanted)) != 0 {
                for number in from..from + marks.len() {
                    let is_it = || root.get(self.places[number] as usize..)?.strip_prefix(&written[..]);
                    if self.marks[number] == wanted && is_it().is_some() {
                        return Some(number);
                    }
                }
            }
            from += marks.len();
        }
        None
    }

    /// Where the value of an entry is in the bytes of its root. `root` is what the listing is of.
    pub fn value(&self, number: usize, root: &[u8]) -> Result<Range<usize>, DecodeError> {
        let mut reader = Reader::new(root);
        reader.jump(self.places[number] as usize);
        reader.key()?;
        Ok(reader.pos()..self.places[number + 1] as usize)
    }

    /// The key of an entry. `root` is what the listing is of.
    pub fn key<'b>(&self, number: usize, root: &'b [u8]) -> Result<KeyRef<'b>, DecodeError> {
        let mut reader = Reader::new(root);
        reader.jump(self.places[number] as usize);
        match reader.key()? {
            WrittenKey::Literal(key) => Ok(key),
            WrittenKey::Index(_) => Err(reader.damaged("a key that the dictionary doesn't have")),
        }
    }
}

/// Bytes that a key takes at most.
const fn most_bytes(key: KeyRef<'_>) -> usize {
    match key {
        KeyRef::Int(_) => 11,
        KeyRef::Bytes(bytes) => bytes.len() + 11,
    }
}

impl Brief {
    /// The brief of a body whose first entries, which begin at `places` of the root and end at its end, bring no digest
    /// along.
    fn begin(body: &[u8], places: &[u32], capacity: usize, entries: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity.max(body.len()));
        bytes.extend_from_slice(body);
        let mut own = Vec::with_capacity(entries + 1);
        own.extend(places.iter().map(|place| place - HEADER));
        Self { bytes, places: own }
    }

    /// Adds an entry whose value begins at `value` and has its digest at `digest`, if it brings one along.
    fn push(&mut self, entry: &[u8], value: usize, digest: Option<usize>) {
        self.places.push(narrow(self.bytes.len()));
        let Some(digest) = digest else {
            self.bytes.extend_from_slice(entry);
            return;
        };
        let len = self.bytes.len() + value + 1;
        match entry.first_chunk::<32>() {
            // A copy of a known length is a few instructions.
            Some(chunk) if value < chunk.len() => {
                self.bytes.extend_from_slice(chunk);
                self.bytes.truncate(len);
            }
            _ => self.bytes.extend_from_slice(&entry[..=value]),
        }
        match entry.get(digest..).and_then(|digest| digest.first_chunk::<16>()) {
            Some(digest) => self.bytes.extend_from_slice(digest),
            None => debug_assert!(false, "what has a digest was looked at"),
        }
    }
}

/// [`tag::NODE_HEADER`] as places are counted.
#[expect(clippy::cast_possible_truncation, reason = "it is 21")]
const HEADER: u32 = tag::NODE_HEADER as u32;

/// A place in a root, whose length was looked at: it is below 4 GiB, or an error follows.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
