//! Scalars, strings and keys as bytes: the shortest form of each, which is the only one.

use super::{KeyRef, tag};

pub(super) fn leb128(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// As [`leb128`], into as many bytes as it takes.
pub(super) fn leb128_at(out: &mut [u8], mut value: u64) {
    let last = out.len() - 1;
    for byte in &mut out[..last] {
        *byte = value.to_le_bytes()[0] | 0x80;
        value >>= 7;
    }
    out[last] = value.to_le_bytes()[0];
}

/// Bytes that [`leb128`] writes for `value`.
pub(super) const fn leb128_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Small magnitudes of both signs become small numbers: 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

/// `small` as the tag that stands for it; the caller has checked the range.
pub(super) fn tag_of(base: u8, small: u64) -> u8 {
    base | small.to_le_bytes()[0]
}

pub(super) fn int(out: &mut Vec<u8>, value: i64) {
    if (0..tag::SMALL_INTS).contains(&value) {
        out.push(tag_of(tag::SMALL_INT, value.cast_unsigned()));
    } else {
        out.push(tag::INT);
        leb128(out, zigzag(value));
    }
}

pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    let mut bytes = [tag::FLOAT; 9];
    bytes[1..].copy_from_slice(&value.to_bits().to_le_bytes());
    out.extend_from_slice(&bytes);
}

pub(super) fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    if value.len() < tag::SHORT_LENGTHS {
        out.push(tag_of(tag::SHORT_BYTES, value.len() as u64));
        out.extend_from_slice(value);
    } else {
        long_bytes(out, tag::BYTES, value);
    }
}

/// Tag, LEB128 length, bytes.
pub(super) fn long_bytes(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    // Tag and length are 11 bytes at most.
    out.reserve(value.len() + 11);
    out.push(tag);
    leb128(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// The tag and the count of a container.
pub(super) fn container(out: &mut Vec<u8>, tag: u8, count: usize) {
    out.push(tag);
    leb128(out, count as u64);
}

/// A key as it stands outside of a dictionary.
pub(super) fn key(out: &mut Vec<u8>, key: KeyRef<'_>) {
    match key {
        KeyRef::Int(value) if (0..tag::KEY_SMALL_INTS).contains(&value) => {
            out.push(tag_of(tag::KEY_SMALL_INT, value.cast_unsigned()));
        }
        KeyRef::Int(value) => {
            out.push(tag::KEY_INT);
            leb128(out, zigzag(value));
        }
        KeyRef::Bytes(value) if value.len() < tag::SHORT_LENGTHS => {
            out.push(tag_of(tag::KEY_SHORT_BYTES, value.len() as u64));
            out.extend_from_slice(value);
        }
        KeyRef::Bytes(value) => long_bytes(out, tag::KEY_BYTES, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leb128_len_is_what_leb128_writes() {
        for shift in 0..64 {
            for value in [1u64 << shift, (1u64 << shift) - 1, u64::MAX >> shift] {
                let mut out = Vec::new();
                leb128(&mut out, value);
                assert_eq!(out.len(), leb128_len(value), "{value}");
                let mut at = vec![0; out.len()];
                leb128_at(&mut at, value);
                assert_eq!(at, out, "{value}");
            }
        }
    }

    #[test]
    fn zigzag_alternates_signs() {
        assert_eq!([0, -1, 1, -2, i64::MAX, i64::MIN].map(zigzag), [0, 1, 2, 3, u64::MAX - 1, u64::MAX]);
    }
}
