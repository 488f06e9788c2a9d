//! The bytes of one session: a head of fixed length, then the record.
//!
//! ```text
//!   0       1        9       17         25        33
//!   format  version  owner   checksum   expires   record ...
//! ```

use xxhash_rust::xxh3::Xxh3;

use crate::{
    engine::{Owner, Stored, Summary, Version, Write},
    key::Key,
    time::Timestamp,
};

/// The bytes before the record. Numbers are big-endian. The scripts know these places.
pub(super) const HEAD_BYTES: usize = 33;

const FORMAT: u8 = 1;

/// What stands in a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) version: Version,
    pub(super) owner: Owner,
    checksum: u64,
    pub(super) expires: Timestamp,
}

/// The value of a session that `write` makes.
pub(super) fn encode(key: &Key, version: Version, write: &Write<'_>) -> Vec<u8> {
    let checksum = checksum(key, version, write.owner, write.record);
    let mut bytes = Vec::with_capacity(HEAD_BYTES + write.record.len());
    bytes.push(FORMAT);
    for number in [version.0, write.owner.0, checksum, write.expires.as_millis()] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(write.record);
    bytes
}

/// The head of a session's value; `None` when it is none.
pub(super) fn head(bytes: &[u8]) -> Option<Head> {
    let (&[FORMAT, ref numbers @ ..], _) = bytes.split_first_chunk::<HEAD_BYTES>()? else { return None };
    let (numbers, _) = numbers.as_chunks::<8>();
    let [version, owner, checksum, expires] = numbers else { return None };
    Some(Head {
        version: Version(u64::from_be_bytes(*version)),
        owner: Owner(u64::from_be_bytes(*owner)),
        checksum: u64::from_be_bytes(*checksum),
        expires: Timestamp::from_millis(u64::from_be_bytes(*expires)),
    })
}

/// The whole value; `None` when it is damaged, or is not the session of this key.
pub(super) fn decode(key: &Key, mut bytes: Vec<u8>) -> Option<Stored> {
    let Head { version, owner, checksum: noted, expires } = head(&bytes)?;
    let record = bytes.split_off(HEAD_BYTES);
    let whole = !record.is_empty() && checksum(key, version, owner, &record) == noted;
    whole.then_some(Stored { version, expires, owner, record })
}

/// As a visit shows it; `bytes` is the length of the whole value.
pub(super) fn summary(key: Key, head: Head, bytes: u64) -> Summary {
    let Head { version, owner, expires, .. } = head;
    Summary { key, version, expires, owner, bytes: bytes.saturating_sub(HEAD_BYTES as u64) }
}

/// Over everything but the end, which a touch moves.
fn checksum(key: &Key, version: Version, owner: Owner, record: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(key.as_bytes());
    hash.update(&version.0.to_be_bytes());
    hash.update(&owner.0.to_be_bytes());
    hash.update(record);
    hash.digest()
}

#[cfg(test)]
mod tests {
    use super::{Key, Owner, Timestamp, Version, Write, decode, encode, head};

    /// The example of docs/format-redis.md.
    #[test]
    fn the_bytes_are_as_documented() {
        let key = Key::from_bytes([7; 32]);
        let write = Write { record: b"record", expires: Timestamp::from_millis(0x0102), owner: Owner(5) };
        let bytes = encode(&key, Version(0x0a0b), &write);
        assert_eq!(bytes[..17], *b"\x01\0\0\0\0\0\0\x0a\x0b\0\0\0\0\0\0\0\x05");
        assert_eq!(bytes[25..], *b"\0\0\0\0\0\0\x01\x02record");
        let stored = decode(&key, bytes.clone()).unwrap();
        assert_eq!((stored.version, stored.owner), (Version(0x0a0b), Owner(5)));
        assert_eq!((stored.expires, stored.record.as_slice()), (write.expires, b"record".as_slice()));
        assert_eq!(head(&bytes).unwrap().expires, write.expires);
    }

    #[test]
    fn damaged_bytes_and_those_of_another_session_are_refused() {
        let key = Key::from_bytes([7; 32]);
        let write = Write { record: b"record", expires: Timestamp::NEVER, owner: Owner::GUEST };
        let bytes = encode(&key, Version(1), &write);
        assert!(decode(&Key::from_bytes([8; 32]), bytes.clone()).is_none());
        for len in 0..bytes.len() {
            assert!(decode(&key, bytes[..len].to_vec()).is_none(), "cut after {len}");
        }
        for at in (0..25).chain(33..bytes.len()) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(decode(&key, damaged).is_none(), "byte {at}");
        }
    }
}
