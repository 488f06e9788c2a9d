use super::KeyRef;
use super::tag::{DICTIONARY_KEY_MIN, enters_dictionary};

/// The keys that the open nodes have entered, the innermost node's last: a node's keys are on top until it ends.
///
/// Keys are known by content. A look-up compares the key after the last hit first, because the maps of a list tend to
/// have the same keys in the same order, and scans the others by [`mark`].
#[derive(Default)]
pub(super) struct Dictionaries<'a> {
    keys: Vec<&'a [u8]>,
    marks: Vec<u32>,
}

/// One node's part of [`Dictionaries`].
#[derive(Clone, Copy)]
pub(super) struct Dictionary {
    base: usize,
    expected: usize,
}

/// Tells most keys apart: length, first and last byte.
fn mark(key: &[u8]) -> u32 {
    let byte = |at: Option<&u8>| u32::from(at.copied().unwrap_or_default());
    let len = u32::try_from(key.len()).unwrap_or(u32::MAX);
    (len << 16) | (byte(key.first()) << 8) | byte(key.last())
}

impl<'a> Dictionaries<'a> {
    /// For a node that begins.
    pub(super) fn begin(&self) -> Dictionary {
        Dictionary { base: self.keys.len(), expected: 0 }
    }

    /// For a node that ends; those that began after it have ended.
    pub(super) fn end(&mut self, dictionary: Dictionary) {
        self.keys.truncate(dictionary.base);
        self.marks.truncate(dictionary.base);
    }

    /// For an encoding that was given up.
    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.marks.clear();
    }

    /// The index of `key`, or `None` where it is written out, after which it has an index if there was room.
    #[inline]
    pub(super) fn index(&mut self, dictionary: &mut Dictionary, key: &'a [u8]) -> Option<usize> {
        if key.len() < DICTIONARY_KEY_MIN {
            return None;
        }
        let keys = &self.keys[dictionary.base..];
        let found = if keys.get(dictionary.expected).is_some_and(|expected| *expected == key) {
            Some(dictionary.expected)
        } else {
            self.scan(dictionary, key)
        };
        if let Some(index) = found {
            dictionary.expected = index + 1;
        }
        found
    }

    fn scan(&mut self, dictionary: &mut Dictionary, key: &'a [u8]) -> Option<usize> {
        let wanted = mark(key);
        let keys = &self.keys[dictionary.base..];
        let marks = &self.marks[dictionary.base..];
        let found = marks.iter().zip(keys).position(|(mark, known)| *mark == wanted && *known == key);
        if found.is_none() && enters_dictionary(KeyRef::Bytes(key), keys.len()) {
            self.keys.push(key);
            self.marks.push(wanted);
        }
        found
    }
}
