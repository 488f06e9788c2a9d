use std::ops::Range;

use super::digest::{DigestKey, digest_of_value};
use super::encode::write_header;
use super::read::{Reader, WrittenKey};
use super::root::{Entry, Root};
use super::{DecodeError, Digest, EncodeError, KeyRef, skip, tag, write};

/// Where the entries of a root are, so that another version of it is compared entry by entry, and written by copying what
/// lies between two changes.
///
/// It does not hold the root's bytes: whoever has it passes them along. With other bytes nothing is unsafe, and everything
/// wrong.
#[derive(Clone, Debug)]
pub struct Outline {
    /// Where each entry begins, and where the last one ends.
    starts: Vec<Start>,
    /// What the root's digest is of: its body, with children as their tags and digests.
    own: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Start {
    /// In the root.
    at: u32,
    /// In [`Outline::own`].
    own: u32,
}

/// What another version of a root has in the place of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<V> {
    /// Another value at the same key.
    Set(usize, V),
    /// Nothing. The entries after it keep their order.
    Removed(usize),
}

/// How one root becomes another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes<'b> {
    /// By number of the entry in the old root, ascending.
    pub changed: Vec<Change<Entry<'b>>>,
    /// Behind all others.
    pub appended: Vec<Entry<'b>>,
}

/// A node's bytes up to its content: tag, length and digest; without the length in [`Outline::own`].
const LENGTH: usize = 4;

impl Outline {
    /// Of a root; `None` when a value in it is nothing that a copy of its bytes stands for: an object.
    pub fn of(root: &Root<'_>) -> Result<Option<Self>, DecodeError> {
        let mut outline = Self { starts: Vec::with_capacity(root.len() + 1), own: body_head(root.len()) };
        outline.push_start(root.first());
        for entry in root.entries() {
            if !outline.push(&entry?, root.bytes()) {
                return Ok(None);
            }
        }
        Ok(Some(outline))
    }

    /// The number of entries.
    pub const fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no entry.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory beside itself.
    pub const fn bytes(&self) -> usize {
        self.starts.capacity() * size_of::<Start>() + self.own.capacity()
    }

    fn push_start(&mut self, at: usize) {
        self.starts.push(Start { at: narrow(at), own: narrow(self.own.len()) });
    }

    /// Adds an entry of a root that stands in `bytes`; `false` when it can't have one.
    fn push(&mut self, entry: &Entry<'_>, bytes: &[u8]) -> bool {
        let Some(last) = self.starts.last() else { return false };
        let key = &bytes[last.at as usize..entry.range.start];
        if !push_own(&mut self.own, key, entry.value) {
            return false;
        }
        self.push_start(entry.range.end);
        true
    }

    /// The bytes of an entry by which it is compared, with its key.
    fn head<'o>(&self, old: &'o [u8], number: usize) -> &'o [u8] {
        let (start, end) = (self.starts[number], self.starts[number + 1]);
        let own = (end.own - start.own) as usize;
        let len = (end.at - start.at) as usize;
        let at = start.at as usize;
        &old[at..at + if own == len { len } else { own + LENGTH }]
    }

    /// How `old`, whose outline this is, becomes `new`. `None` when there is more to it than `most` changes, or an object.
    pub fn changes<'b>(&self, old: &[u8], new: &Root<'b>, most: usize) -> Option<Changes<'b>> {
        let bytes = new.bytes();
        if self.starts.last()?.at as usize != old.len() {
            return None;
        }
        let mut changes = Changes { changed: Vec::new(), appended: Vec::new() };
        let mut at = new.first();
        let mut removed = 0;
        for number in 0..self.len() {
            let head = self.head(old, number);
            if bytes.get(at..at + head.len()) != Some(head) {
                if changes.changed.len() == most {
                    return None;
                }
                let entry = if at < bytes.len() { Some(entry_at(bytes, at)?) } else { None };
                let start = self.starts[number].at as usize;
                let is_same_key = |entry: &Entry<'_>| {
                    let key = &bytes[at..entry.range.start];
                    old.get(start..start + key.len()) == Some(key)
                };
                if let Some(entry) = entry.filter(is_same_key) {
                    at = entry.range.end;
                    changes.changed.push(Change::Set(number, entry));
                } else {
                    removed += 1;
                    changes.changed.push(Change::Removed(number));
                }
                continue;
            }
            at += (self.starts[number + 1].at - self.starts[number].at) as usize;
        }
        while at < bytes.len() {
            if changes.appended.len() == most {
                return None;
            }
            let entry = entry_at(bytes, at)?;
            at = entry.range.end;
            changes.appended.push(entry);
        }
        let is_whole = at == bytes.len() && self.len() - removed + changes.appended.len() == new.len();
        is_whole.then_some(changes)
    }

    /// Goes on as the outline of `new`, to which [`Outline::changes`] have led. `false` when it can't be one: then it is
    /// none of anything any more.
    #[must_use]
    pub fn apply(&mut self, changes: &Changes<'_>, new: &Root<'_>) -> bool {
        if let ([Change::Set(number, entry)], []) = (&changes.changed[..], &changes.appended[..]) {
            return self.apply_one(*number, entry, new);
        }
        let mut next = Self {
            starts: Vec::with_capacity(new.len() + 1),
            own: Vec::with_capacity(self.own.len() + self.own.len() / 8),
        };
        next.own.extend_from_slice(&body_head(new.len()));
        next.push_start(new.first());
        let mut done = 0;
        for change in &changes.changed {
            let (number, entry) = match change {
                Change::Set(number, entry) => (*number, Some(entry)),
                Change::Removed(number) => (*number, None),
            };
            next.carry(self, done..number);
            done = number + 1;
            if entry.is_some_and(|entry| !next.push(entry, new.bytes())) {
                return false;
            }
        }
        next.carry(self, done..self.len());
        let is_whole = changes.appended.iter().all(|entry| next.push(entry, new.bytes()));
        *self = next;
        is_whole
    }

    fn carry(&mut self, from: &Self, numbers: Range<usize>) {
        let (Some(first), Some(last)) = (from.starts.get(numbers.start), from.starts.get(numbers.end)) else {
            return;
        };
        let Some(to) = self.starts.last().copied() else { return };
        self.own.extend_from_slice(&from.own[first.own as usize..last.own as usize]);
        self.starts.extend(
            from.starts[numbers.start + 1..=numbers.end]
                .iter()
                .map(|start| Start { at: start.at - first.at + to.at, own: start.own - first.own + to.own }),
        );
    }

    /// [`Outline::apply`] for the most frequent case, without a copy of it all.
    fn apply_one(&mut self, number: usize, entry: &Entry<'_>, new: &Root<'_>) -> bool {
        let (start, end) = (self.starts[number], self.starts[number + 1]);
        let mut own = Vec::with_capacity(entry.range.end - start.at as usize);
        if !push_own(&mut own, &new.bytes()[start.at as usize..entry.range.start], entry.value) {
            return false;
        }
        let (at, own_at) = (narrow(entry.range.end), start.own + narrow(own.len()));
        if own_at == end.own {
            self.own[start.own as usize..end.own as usize].copy_from_slice(&own);
        } else {
            self.own.splice(start.own as usize..end.own as usize, own);
        }
        if at != end.at || own_at != end.own {
            for start in &mut self.starts[number + 1..] {
                start.at = start.at.wrapping_sub(end.at).wrapping_add(at);
                start.own = start.own.wrapping_sub(end.own).wrapping_add(own_at);
            }
        }
        true
    }

    /// Appends a root to `out` that has other values in some places; `old` is the root whose outline this is. `changed` is
    /// ascending; no key of `appended` is there already. `write` appends a value as [`super::encode::encode_value`] writes
    /// it, without objects. Gives the root's digest. After an error `out` is as it was.
    pub fn write_changed<V, E: From<EncodeError>>(
        &self,
        digests: &DigestKey,
        old: &[u8],
        changed: &[Change<V>],
        appended: &[(KeyRef<'_>, V)],
        out: &mut Vec<u8>,
        write: impl FnMut(&V, &mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Digest, E> {
        let start = out.len();
        let written = self.write_body(digests, old, changed, appended, out, write);
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    fn write_body<V, E: From<EncodeError>>(
        &self,
        digests: &DigestKey,
        old: &[u8],
        changed: &[Change<V>],
        appended: &[(KeyRef<'_>, V)],
        out: &mut Vec<u8>,
        mut write: impl FnMut(&V, &mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Digest, E> {
        let removed = changed.iter().filter(|change| matches!(change, Change::Removed(_))).count();
        let head = body_head(self.len() - removed + appended.len());
        let mut own = Vec::with_capacity(self.own.len() + self.own.len() / 8 + 64);
        let start = out.len();
        out.push(tag::NODE);
        out.resize(start + tag::NODE_HEADER, 0);
        out.extend_from_slice(&head);
        own.extend_from_slice(&head);
        let mut add = |out: &mut Vec<u8>, own: &mut Vec<u8>, entry: usize, value: &V| {
            let at = out.len();
            write(value, out)?;
            push_own(own, &out[entry..at], &out[at..]);
            Ok::<_, E>(())
        };
        let mut done = 0;
        for change in changed {
            let (Change::Set(number, _) | Change::Removed(number)) = change;
            self.write_run(old, done..*number, out, &mut own);
            done = number + 1;
            if let Change::Set(_, value) = change {
                let entry = &old[self.starts[*number].at as usize..self.starts[done].at as usize];
                let at = out.len();
                out.extend_from_slice(&entry[..key_len(entry).unwrap_or_default()]);
                add(out, &mut own, at, value)?;
            }
        }
        self.write_run(old, done..self.len(), out, &mut own);
        for (key, value) in appended {
            let at = out.len();
            write::key(out, *key);
            add(out, &mut own, at, value)?;
        }
        let digest = digests.digest(&own);
        write_header(out, start, digest)?;
        Ok(digest)
    }

    /// Appends entries that are as they were.
    fn write_run(&self, old: &[u8], numbers: Range<usize>, out: &mut Vec<u8>, own: &mut Vec<u8>) {
        let (from, to) = (self.starts[numbers.start], self.starts[numbers.end]);
        out.extend_from_slice(&old[from.at as usize..to.at as usize]);
        own.extend_from_slice(&self.own[from.own as usize..to.own as usize]);
    }
}

/// A root is shorter than 4 GiB.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What the body of a root of `count` entries begins with.
fn body_head(count: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(11);
    write::container(&mut head, tag::MAP, count);
    head
}

/// Appends what of an entry its root's digest covers; `false` for a value that is no tree of its own.
fn push_own(own: &mut Vec<u8>, key: &[u8], value: &[u8]) -> bool {
    own.extend_from_slice(key);
    match (value.first(), digest_of_value(value)) {
        (Some(&tag::NODE), Some(digest)) => {
            own.push(tag::NODE);
            own.extend_from_slice(&digest.0);
            true
        }
        (Some(&(tag::OPAQUE | tag::GROUP_MEMBER)) | None, _) => false,
        _ => {
            own.extend_from_slice(value);
            true
        }
    }
}

fn key_len(entry: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(entry);
    reader.key().ok()?;
    Some(reader.pos())
}

/// The entry that begins at `at`; `None` when none does.
fn entry_at(bytes: &[u8], at: usize) -> Option<Entry<'_>> {
    let mut reader = Reader::new(bytes);
    reader.jump(at);
    let WrittenKey::Literal(key) = reader.key().ok()? else { return None };
    let start = reader.pos();
    skip::skip(&mut reader).ok()?;
    Some(Entry { key, value: reader.since(start), range: start..reader.pos() })
}
