//! Keys that were made are used again.

use crate::zend::string::PhpString;

/// Places: a power of two.
const PLACES: usize = 64;

/// The longest key that is worth comparing.
const LONGEST: usize = 64;

/// The array keys of what is decoded together: the rows of a list have the same keys, and each row that is a node of its own
/// writes them out. Each key has one place, by its length and both ends; who comes later takes it.
pub struct Keys([Option<PhpString>; PLACES]);

impl Keys {
    /// No key was made yet.
    pub const fn new() -> Self {
        Self([const { None }; PLACES])
    }

    /// A key of these bytes.
    #[inline]
    pub fn key(&mut self, bytes: &[u8]) -> PhpString {
        if bytes.len() > LONGEST {
            return PhpString::key(bytes);
        }
        let place = &mut self.0[place(bytes)];
        match place {
            Some(known) if known.as_bytes() == bytes => known.clone(),
            _ => place.insert(PhpString::key(bytes)).clone(),
        }
    }
}

#[inline]
fn place(bytes: &[u8]) -> usize {
    let ends = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => bytes.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
    };
    // Fibonacci hashing: the upper bits hang on all the lower ones.
    let mixed = (ends ^ (bytes.len() as u64) << 27).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 58) as usize % PLACES
}
