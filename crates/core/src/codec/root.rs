use std::ops::Range;

use super::digest::{DigestKey, digest_of_value};
use super::encode::seal_node;
use super::read::{Reader, WrittenKey};
use super::{DecodeError, Digest, EncodeError, KeyRef, skip, tag, write};

/// Puts the root of a record together from values that are encoded already: new ones, and the unchanged ones of
/// another root.
pub struct RootWriter<'k> {
    digest_key: &'k DigestKey,
    out: Vec<u8>,
    /// Where the root begins in `out`.
    start: usize,
    count: usize,
    /// Bytes that were left free for the count.
    count_len: usize,
    /// Where in `out` the values with a digest of their own are.
    children: Vec<Range<usize>>,
}

/// Appends the beginning of a root with room for the count of about `expected` entries: where the root begins, and how many
/// bytes were left free for the count.
pub(super) fn begin_root(out: &mut Vec<u8>, expected: usize) -> (usize, usize) {
    let start = out.len();
    let count_len = write::leb128_len(expected as u64);
    out.push(tag::NODE);
    out.resize(start + tag::NODE_HEADER, 0);
    out.push(tag::MAP);
    out.resize(out.len() + count_len, 0);
    (start, count_len)
}

impl<'k> RootWriter<'k> {
    /// A root of about `expected` entries, appended to `out` (the record's header, say). Another number costs a move
    /// of the bytes when they are finished.
    pub fn new(digest_key: &'k DigestKey, expected: usize, mut out: Vec<u8>) -> Self {
        let (start, count_len) = begin_root(&mut out, expected);
        Self { digest_key, out, start, count: 0, count_len, children: Vec::with_capacity(expected) }
    }

    /// Adds an entry; `value` is as [`super::encode::encode_value`] wrote it, or [`Entry::value`] of another root of
    /// the same store. No key comes twice.
    pub fn entry(&mut self, key: KeyRef<'_>, value: &[u8]) {
        write::key(&mut self.out, key);
        let start = self.out.len();
        self.out.extend_from_slice(value);
        self.end_entry(start);
    }

    /// Adds an entry whose value `write` appends. After an error there is no such entry.
    pub fn entry_with<E>(
        &mut self,
        key: KeyRef<'_>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let before = self.out.len();
        write::key(&mut self.out, key);
        let start = self.out.len();
        if let Err(error) = write(&mut self.out) {
            self.out.truncate(before);
            return Err(error);
        }
        self.end_entry(start);
        Ok(())
    }

    fn end_entry(&mut self, start: usize) {
        let value = &self.out[start..];
        debug_assert_eq!(skip::skip_value(value), Ok(value.len()), "an entry's bytes are one value");
        if digest_of_value(value).is_some() {
            self.children.push(start..self.out.len());
        }
        self.count += 1;
    }

    /// What was appended to, with the root at its end, and the root's digest.
    pub fn finish(mut self) -> Result<(Vec<u8>, Digest), EncodeError> {
        let at = self.start + tag::NODE_HEADER + 1;
        let len = write::leb128_len(self.count as u64);
        let children = &mut self.children;
        if len != self.count_len {
            for child in children.iter_mut() {
                *child = child.start + len - self.count_len..child.end + len - self.count_len;
            }
            self.out.splice(at..at + self.count_len, std::iter::repeat_n(0, len));
        }
        write::leb128_at(&mut self.out[at..at + len], self.count as u64);
        let mut scratch = Vec::new();
        if !children.is_empty() {
            let carried: usize = children.iter().map(Range::len).sum();
            let body = self.out.len() - self.start - tag::NODE_HEADER;
            // Each value with a digest of its own is looked at as its tag and digest.
            scratch.reserve_exact(body - carried + children.len() * (1 + size_of::<Digest>()));
        }
        let digest = seal_node(self.digest_key, &mut self.out, self.start, children, &mut scratch)?;
        Ok((self.out, digest))
    }
}

/// A root, read entry by entry.
#[derive(Clone, Copy, Debug)]
pub struct Root<'b> {
    bytes: &'b [u8],
    digest: Digest,
    count: usize,
    /// Where the first entry begins.
    first: usize,
}

/// An entry of a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'b> {
    /// Its key.
    pub key: KeyRef<'b>,
    /// Its value, to be decoded, or carried over to another root.
    pub value: &'b [u8],
    /// Where the value stands in the root's bytes.
    pub range: Range<usize>,
}

impl Entry<'_> {
    /// The digest of the value, where it is a node or a group member. Two entries have equal values if their digests
    /// are equal, or else their bytes.
    pub fn digest(&self) -> Option<Digest> {
        digest_of_value(self.value)
    }
}

impl<'b> Root<'b> {
    /// The root that `bytes` are, wholly. Its entries are not looked at yet.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != tag::NODE {
            return Err(reader.damaged("a root is a node"));
        }
        let (len, digest) = reader.node_header()?;
        if len != reader.left() {
            return Err(reader.damaged("bytes follow the root"));
        }
        if reader.byte()? != tag::MAP {
            return Err(reader.damaged("a root is a map"));
        }
        let count = reader.length()?;
        if count > reader.left() / 2 {
            return Err(reader.damaged("more entries than bytes"));
        }
        Ok(Self { bytes, digest, count, first: reader.pos() })
    }

    /// Equal digests are equal roots, in one store.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The number of entries.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no entry.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Where the first entry begins.
    pub(super) const fn first(&self) -> usize {
        self.first
    }

    /// The bytes that were parsed.
    pub const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// The entries, in order. Ends after an error.
    pub fn entries(&self) -> Entries<'b> {
        let mut reader = Reader::new(self.bytes);
        reader.jump(self.first);
        Entries { reader, left: self.count, ended: false }
    }

    /// The entry of `key`, the first if damaged bytes have several.
    pub fn find(&self, key: KeyRef<'_>) -> Result<Option<Entry<'b>>, DecodeError> {
        for entry in self.entries() {
            let entry = entry?;
            if entry.key == key {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

/// See [`Root::entries`].
#[derive(Clone)]
pub struct Entries<'b> {
    reader: Reader<'b>,
    left: usize,
    ended: bool,
}

impl<'b> Entries<'b> {
    fn entry(&mut self) -> Result<Entry<'b>, DecodeError> {
        let WrittenKey::Literal(key) = self.reader.key()? else {
            return Err(self.reader.damaged("a key that the dictionary doesn't have"));
        };
        let start = self.reader.pos();
        skip::skip(&mut self.reader)?;
        Ok(Entry { key, value: self.reader.since(start), range: start..self.reader.pos() })
    }
}

impl<'b> Iterator for Entries<'b> {
    type Item = Result<Entry<'b>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let Some(left) = self.left.checked_sub(1) else {
            self.ended = true;
            return (self.reader.left() > 0)
                .then(|| Err(self.reader.damaged("the root is longer than its map")));
        };
        self.left = left;
        let entry = self.entry();
        self.ended = entry.is_err();
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.left + 1))
    }
}
