use super::{Brief, Listing, mark, narrow};
use crate::codec::digest::digest_offset;
use crate::codec::read::{Reader, WrittenKey};
use crate::codec::root::Root;
use crate::codec::{DecodeError, skip, tag};

/// An entry that was looked at.
struct Entry {
    /// Where its value begins.
    value: usize,
    /// Where it ends.
    end: usize,
}

impl Listing {
    /// The listing of a root, whose entries are all looked at.
    ///
    /// With the listing of another root that has mostly the same entries it is faster: where the next entry begins does not
    /// have to be read before it can be looked at.
    pub fn of(root: &Root<'_>, before: Option<&Self>) -> Result<Self, DecodeError> {
        let bytes = root.bytes();
        let mut reader = Reader::new(bytes);
        if u32::try_from(bytes.len()).is_err() {
            return Err(reader.damaged("the root is larger than 4 GiB"));
        }
        let count = root.len();
        let mut listing = Self {
            digest: root.digest(),
            places: Vec::with_capacity(count + 1),
            marks: Vec::with_capacity(count),
            brief: None,
        };
        let places = before.map_or(&[][..], |before| &before.places);
        let mut shift = Shift { moved: narrow(root.first()).wrapping_sub(*places.first().unwrap_or(&0)) };
        let mut at = root.first();
        for number in 0..count {
            let entry = match plain(bytes, at) {
                Some(entry) => entry,
                None => any(&mut reader, at)?,
            };
            listing.push(bytes, at, &entry, count);
            at = match places.get(number + 1) {
                Some(place) => shift.next(*place, entry.end),
                None => entry.end,
            };
        }
        reader.jump(at);
        if reader.left() > 0 {
            return Err(reader.damaged("the root is longer than its map"));
        }
        listing.end(at);
        Ok(listing)
    }

    fn push(&mut self, bytes: &[u8], at: usize, entry: &Entry, count: usize) {
        let tag = bytes[entry.value];
        let digest =
            matches!(tag, tag::NODE | tag::GROUP_MEMBER).then(|| entry.value + digest_offset(tag) - at);
        if digest.is_some() && self.brief.is_none() {
            let capacity = tag::NODE_HEADER + count * 40;
            self.brief = Some(Brief::begin(&bytes[tag::NODE_HEADER..at], &self.places, capacity, count));
        }
        self.places.push(narrow(at));
        self.marks.push(mark(&bytes[at..entry.value]));
        if let Some(brief) = &mut self.brief {
            brief.push(&bytes[at..entry.end], entry.value - at, digest);
        }
    }

    /// The last entry ends at `at`.
    pub(super) fn end(&mut self, at: usize) {
        self.places.push(narrow(at));
        if let Some(brief) = &mut self.brief {
            brief.places.push(narrow(brief.bytes.len()));
        }
    }
}

/// By how much entries stand elsewhere than they did before.
struct Shift {
    moved: u32,
}

impl Shift {
    /// Where the next entry begins, whose place before was `guess`: at `end`, which the processor need not wait for.
    #[inline]
    fn next(&mut self, guess: u32, end: usize) -> usize {
        if guess.wrapping_add(self.moved) as usize != end {
            self.correct(guess, end);
        }
        guess.wrapping_add(self.moved) as usize
    }

    #[cold]
    #[inline(never)]
    fn correct(&mut self, guess: u32, end: usize) {
        self.moved = narrow(end).wrapping_sub(guess);
    }
}

/// The entry at `at`, if it is what most are: a node under a short name.
#[inline]
fn plain(bytes: &[u8], at: usize) -> Option<Entry> {
    let name = bytes.get(at)?.checked_sub(tag::KEY_SHORT_BYTES)?;
    let value = at + 1 + usize::from(name);
    let [tag::NODE, len @ ..] = bytes.get(value..)?.first_chunk::<5>()? else { return None };
    let end = usize::try_from(u32::from_le_bytes(*len)).ok()?.checked_add(value + tag::NODE_HEADER)?;
    (end <= bytes.len()).then_some(Entry { value, end })
}

fn any(reader: &mut Reader<'_>, at: usize) -> Result<Entry, DecodeError> {
    reader.jump(at);
    let WrittenKey::Literal(_) = reader.key()? else {
        return Err(reader.damaged("a key that the dictionary doesn't have"));
    };
    let value = reader.pos();
    skip::skip(reader)?;
    Ok(Entry { value, end: reader.pos() })
}
