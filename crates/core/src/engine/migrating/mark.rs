//! What is written in the place of a session while it moves and where it was: never a session, and no engine's business.

use crate::{
    engine::{Owner, Stored, Summary, Version},
    key::Key,
    record::ELSEWHERE,
    time::Timestamp,
};

/// The length of every mark.
pub(super) const BYTES: usize = 32;

const TITLE: &[u8; 14] = b"holdfast moves";

/// Where a store that sessions are moved out of says so. No session has this address: theirs are hashes.
pub(super) const NOTICE: Key = Key::from_bytes(*b"holdfast: sessions move from me.");

/// Something that is no session, under the address of one. Its owner is [`Owner::SYSTEM`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// In the new store: somebody is about to put the session here. Whoever ends the session removes it, and the other
    /// finds that out.
    Reserved,
    /// In the old store: what stood here as `old` is in the new one since it was written there as `new`.
    Moved {
        /// What was replaced by this mark.
        old: Version,
        /// What it became.
        new: Version,
    },
    /// Under [`NOTICE`]: processes use this store as one that sessions are moved out of.
    Underway {
        /// Drawn by lot, so that no two stores have the same.
        lot: u64,
        /// When the last of them said so.
        said: Timestamp,
    },
}

impl Mark {
    pub(super) fn bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[0] = ELSEWHERE;
        bytes[2..16].copy_from_slice(TITLE);
        match self {
            Self::Reserved => {}
            Self::Moved { old, new } => {
                bytes[1] = 1;
                bytes[16..24].copy_from_slice(&old.0.to_be_bytes());
                bytes[24..].copy_from_slice(&new.0.to_be_bytes());
            }
            Self::Underway { lot, said } => {
                bytes[1] = 2;
                bytes[16..24].copy_from_slice(&lot.to_be_bytes());
                bytes[24..].copy_from_slice(&said.as_millis().to_be_bytes());
            }
        }
        bytes
    }

    /// `None` for a session, and for whatever else is no mark.
    pub(super) fn read(stored: &Stored) -> Option<Self> {
        let bytes: &[u8; BYTES] = stored.record.as_slice().try_into().ok()?;
        if stored.owner != Owner::SYSTEM || bytes[0] != ELSEWHERE || bytes[2..16] != TITLE[..] {
            return None;
        }
        let number = |at: usize| bytes[at..].first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        match bytes[1] {
            0 => Some(Self::Reserved),
            1 => Some(Self::Moved { old: Version(number(16)), new: Version(number(24)) }),
            2 => Some(Self::Underway { lot: number(16), said: Timestamp::from_millis(number(24)) }),
            _ => None,
        }
    }

    /// Whether it may be one; to know it, it must be loaded.
    pub(super) fn may_be(summary: &Summary) -> bool {
        summary.owner == Owner::SYSTEM && summary.bytes == BYTES as u64
    }

    /// Whether what was removed was one, by the first two bytes of it.
    pub(super) fn was(owner: Owner, head: [u8; 2]) -> bool {
        owner == Owner::SYSTEM && head[0] == ELSEWHERE
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, Owner, Stored, Timestamp, Version};

    fn stored(record: &[u8], owner: Owner) -> Stored {
        Stored { version: Version(1), expires: Timestamp::NEVER, owner, record: record.to_vec() }
    }

    #[test]
    fn marks_are_read_as_they_were_written_and_nothing_else_is_one() {
        let moved = Mark::Moved { old: Version(u64::MAX - 7), new: Version(3) };
        for mark in [Mark::Reserved, moved, Mark::Underway { lot: 9, said: Timestamp::from_millis(5) }] {
            let bytes = mark.bytes();
            assert_eq!(Mark::read(&stored(&bytes, Owner::SYSTEM)), Some(mark));
            assert_eq!(Mark::read(&stored(&bytes, Owner::GUEST)), None, "somebody's session");
            assert_eq!(Mark::read(&stored(&bytes[..31], Owner::SYSTEM)), None);
            for at in 0..16 {
                let mut other = bytes;
                other[at] ^= 0x40;
                assert_eq!(Mark::read(&stored(&other, Owner::SYSTEM)), None, "byte {at}");
            }
        }
    }
}
