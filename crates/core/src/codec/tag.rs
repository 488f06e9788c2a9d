//! The first byte of a value and of a key. Every byte that is not here is damage.

/// PHP's null.
pub(super) const NULL: u8 = 0x00;
/// PHP's false.
pub(super) const FALSE: u8 = 0x01;
/// PHP's true.
pub(super) const TRUE: u8 = 0x02;
/// Eight bytes follow: the bits of a float, little endian.
pub(super) const FLOAT: u8 = 0x03;
/// An integer outside of 0 ..= 63: zigzag LEB128.
pub(super) const INT: u8 = 0x04;
/// A string of more than 127 bytes: LEB128 length, bytes.
pub(super) const BYTES: u8 = 0x05;
/// LEB128 count, values.
pub(super) const LIST: u8 = 0x06;
/// LEB128 count, then key and value of each entry.
pub(super) const MAP: u8 = 0x07;
/// Length and digest ([`NODE_HEADER`]), then a list or map.
pub(super) const NODE: u8 = 0x08;
/// LEB128 length, bytes of the engine's own serializer.
pub(super) const OPAQUE: u8 = 0x09;
/// 16 bytes digest, LEB128 length, bytes.
pub(super) const GROUP_MEMBER: u8 = 0x0A;
/// 0x40 ..= 0x7F: the integers 0 ..= 63.
pub(super) const SMALL_INT: u8 = 0x40;
/// 0x80 ..= 0xFF: strings of 0 ..= 127 bytes, which follow.
pub(super) const SHORT_BYTES: u8 = 0x80;

/// A key: an integer outside of 0 ..= 31, zigzag LEB128.
pub(super) const KEY_INT: u8 = 0x00;
/// A key: a string of more than 127 bytes: LEB128 length, bytes.
pub(super) const KEY_BYTES: u8 = 0x01;
/// 0x20 ..= 0x3F as a key: the integers 0 ..= 31.
pub(super) const KEY_SMALL_INT: u8 = 0x20;
/// 0x40 ..= 0x7F as a key: an entry of the node's dictionary.
pub(super) const KEY_INDEX: u8 = 0x40;
/// 0x80 ..= 0xFF as a key: strings of 0 ..= 127 bytes, which follow.
pub(super) const KEY_SHORT_BYTES: u8 = 0x80;

/// The integers with a tag of their own: 0 up to, without, this.
pub(super) const SMALL_INTS: i64 = 64;
/// The integer keys with a tag of their own: 0 up to, without, this.
pub(super) const KEY_SMALL_INTS: i64 = 32;
/// The lengths of string with a tag of their own: 0 up to, without, this.
pub(super) const SHORT_LENGTHS: usize = 128;

/// Bytes of a node before its body: tag, u32 length of the body, digest.
pub(super) const NODE_HEADER: usize = 1 + 4 + 16;

/// The most keys that a node's dictionary holds.
pub(super) const DICTIONARY_MAX: usize = 64;
/// The shortest string that enters a dictionary.
pub(super) const DICTIONARY_KEY_MIN: usize = 2;

/// Whether `key`, written out in a container inline in a node, is the dictionary's next entry; it has `entries`.
pub(super) const fn enters_dictionary(key: super::KeyRef<'_>, entries: usize) -> bool {
    match key {
        super::KeyRef::Bytes(bytes) => bytes.len() >= DICTIONARY_KEY_MIN && entries < DICTIONARY_MAX,
        super::KeyRef::Int(_) => false,
    }
}
