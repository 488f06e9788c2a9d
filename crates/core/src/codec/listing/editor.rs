use std::ops::Range;

use super::{Brief, Listing, mark, narrow};
use crate::codec::digest::{DigestKey, digest_offset};
use crate::codec::encode::write_header;
use crate::codec::root::begin_root;
use crate::codec::{Digest, EncodeError, KeyRef, skip, tag, write};

/// The root that an editor makes another one of, with its listing; nothing where the session has none.
#[derive(Clone, Copy)]
struct Before<'b> {
    bytes: &'b [u8],
    listing: &'b Listing,
}

/// Makes a root of entries of another one, which are carried over in runs, and of others.
pub struct Editor<'k, 'b> {
    digest_key: &'k DigestKey,
    before: Option<Before<'b>>,
    out: Vec<u8>,
    /// Where the root begins in `out`.
    start: usize,
    /// Bytes that were left free for the count.
    count_len: usize,
    listing: Listing,
    /// Entries to be carried over, by their numbers in the root before.
    kept: Range<usize>,
}

impl<'k, 'b> Editor<'k, 'b> {
    /// A root of about `expected` entries, appended to `out`. Another number costs a move of the bytes when they are
    /// finished. `before`: the root that entries are carried over from, and its listing.
    pub fn new(
        digest_key: &'k DigestKey,
        before: Option<(&'b [u8], &'b Listing)>,
        expected: usize,
        mut out: Vec<u8>,
    ) -> Self {
        let (start, count_len) = begin_root(&mut out, expected);
        let mut listing = Listing {
            digest: Digest([0; 16]),
            places: Vec::with_capacity(expected + 1),
            marks: Vec::with_capacity(expected),
            brief: None,
        };
        if let Some(brief) = before.and_then(|(_, listing)| listing.brief.as_ref()) {
            let capacity = brief.bytes.len() + 64;
            listing.brief = Some(Brief::begin(&out[start + tag::NODE_HEADER..], &[], capacity, expected));
        }
        let before = before.map(|(bytes, listing)| Before { bytes, listing });
        Self { digest_key, before, out, start, count_len, listing, kept: 0..0 }
    }

    /// Where the next entry begins.
    fn place(&self) -> Result<usize, EncodeError> {
        let place = self.out.len() - self.start;
        if u32::try_from(place).is_ok() { Ok(place) } else { Err(EncodeError::TooLarge) }
    }

    /// The number of entries until here.
    pub const fn count(&self) -> usize {
        self.listing.marks.len() + self.kept.end - self.kept.start
    }

    /// Carries entries over, by their numbers in the root before.
    pub fn keep(&mut self, numbers: Range<usize>) -> Result<(), EncodeError> {
        if self.kept.end == numbers.start {
            self.kept.end = numbers.end;
            return Ok(());
        }
        let before = std::mem::replace(&mut self.kept, numbers);
        self.carry(before)
    }

    /// Carries over what is still to be.
    fn flush(&mut self) -> Result<(), EncodeError> {
        let kept = std::mem::take(&mut self.kept);
        self.carry(kept)
    }

    fn carry(&mut self, numbers: Range<usize>) -> Result<(), EncodeError> {
        let Some(Before { bytes, listing: before }) = self.before.filter(|_| !numbers.is_empty()) else {
            return Ok(());
        };
        let at = self.place()?;
        let ends = numbers.start..=numbers.end;
        let range = |places: &[u32]| places[numbers.start] as usize..places[numbers.end] as usize;
        let carried = &bytes[range(&before.places)];
        self.out.extend_from_slice(carried);
        let listing = &mut self.listing;
        listing.marks.extend_from_slice(&before.marks[numbers.clone()]);
        extend_moved(&mut listing.places, &before.places[ends.clone()], at);
        if let Some(brief) = &mut listing.brief {
            let at = brief.bytes.len();
            if let Some(before) = &before.brief {
                brief.bytes.extend_from_slice(&before.bytes[range(&before.places)]);
                extend_moved(&mut brief.places, &before.places[ends], at);
            } else {
                brief.bytes.extend_from_slice(carried);
                extend_moved(&mut brief.places, &before.places[ends], at);
            }
        }
        self.place().map(drop)
    }

    /// Adds an entry; `value` is as [`super::encode::encode_value`] wrote it. No key comes twice.
    pub fn entry(&mut self, key: KeyRef<'_>, value: &[u8]) -> Result<(), EncodeError> {
        self.entry_with(key, |out| {
            out.extend_from_slice(value);
            Ok(())
        })
        .map(drop)
    }

    /// Adds an entry whose value `write` appends. After an error of it this is of no use any more. The value.
    pub fn entry_with(
        &mut self,
        key: KeyRef<'_>,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
    ) -> Result<&[u8], EncodeError> {
        self.flush()?;
        let place = self.place()?;
        let start = self.out.len();
        write::key(&mut self.out, key);
        let at = self.out.len() - start;
        write(&mut self.out)?;
        let value = &self.out[start + at..];
        debug_assert_eq!(skip::skip_value(value), Ok(value.len()), "an entry's bytes are one value");
        let digest = value.first().filter(|first| matches!(**first, tag::NODE | tag::GROUP_MEMBER));
        let digest = digest.map(|first| at + digest_offset(*first));
        if digest.is_some() && self.listing.brief.is_none() {
            let body = &self.out[self.start + tag::NODE_HEADER..start];
            self.listing.brief =
                Some(Brief::begin(body, &self.listing.places, 0, self.listing.marks.capacity()));
        }
        self.listing.marks.push(mark(&self.out[start..start + at]));
        self.listing.places.push(narrow(place));
        if let Some(brief) = &mut self.listing.brief {
            brief.push(&self.out[start..], at, digest);
        }
        Ok(&self.out[start + at..])
    }

    /// What was appended to, with the root at its end, and the root's listing.
    pub fn finish(mut self) -> Result<(Vec<u8>, Listing), EncodeError> {
        self.flush()?;
        let end = self.place()?;
        self.listing.end(end);
        let mut count = Vec::with_capacity(11);
        write::container(&mut count, tag::MAP, self.listing.marks.len());
        let len = 1 + self.count_len;
        let by = narrow(count.len()).wrapping_sub(narrow(len));
        let body = self.start + tag::NODE_HEADER;
        replace_front(&mut self.out, body, len, &count);
        move_all(&mut self.listing.places, by);
        if let Some(brief) = &mut self.listing.brief {
            replace_front(&mut brief.bytes, 0, len, &count);
            move_all(&mut brief.places, by);
        }
        let brief = self.listing.brief.as_ref().map_or(&self.out[body..], |brief| &brief.bytes);
        self.listing.digest = self.digest_key.digest(brief);
        write_header(&mut self.out, self.start, self.listing.digest)?;
        Ok((self.out, self.listing))
    }
}

/// Adds places, of which the first is at `at` by now, without the last, which is where the others end.
fn extend_moved(places: &mut Vec<u32>, others: &[u32], at: usize) {
    let Some((_, others)) = others.split_last() else { return };
    let by = narrow(at).wrapping_sub(*others.first().unwrap_or(&0));
    places.extend(others.iter().map(|place| place.wrapping_add(by)));
}

fn move_all(places: &mut [u32], by: u32) {
    if by != 0 {
        for place in places {
            *place = place.wrapping_add(by);
        }
    }
}

/// Puts `new` in the place of the `len` bytes at `at`.
fn replace_front(out: &mut Vec<u8>, at: usize, len: usize, new: &[u8]) {
    if len == new.len() {
        out[at..at + len].copy_from_slice(new);
    } else {
        out.splice(at..at + len, new.iter().copied());
    }
}
