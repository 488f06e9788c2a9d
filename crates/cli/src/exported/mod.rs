//! The bytes of an export: docs/format-export.md.

mod reader;
mod writer;

pub use reader::{Bad, Next, Reader};
pub use writer::Writer;

use holdfast_core::{engine::Owner, key::Key, record, secret::Secret, time::Timestamp};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

const MAGIC: &[u8; 16] = b"holdfast export\n";
const VERSION: u32 = 1;

/// The length of the header.
pub const HEADER: usize = 72;

/// What stands in front of a frame's record.
const FRAME: usize = 56;
const CHECKSUM: usize = 8;
/// The length of the mark at the end.
const END: usize = 32;

/// What an export begins with.
#[derive(Clone, Debug)]
pub struct Header {
    /// When it was begun, by the wall clock.
    pub begun: Timestamp,
    /// The secret of the store that was exported.
    pub secret: Secret,
}

impl Header {
    fn bytes(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..16].copy_from_slice(MAGIC);
        bytes[16..20].copy_from_slice(&VERSION.to_le_bytes());
        bytes[20] = record::FORMAT;
        bytes[24..32].copy_from_slice(&self.begun.as_millis().to_le_bytes());
        bytes[32..64].copy_from_slice(self.secret.as_bytes());
        let checksum = xxh3_64(&bytes[..64]);
        bytes[64..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    fn parse(bytes: &[u8; HEADER]) -> Result<Self, Bad> {
        if !bytes.starts_with(MAGIC) {
            return Err(Bad::Foreign);
        }
        let version = u32_at(bytes, 16);
        if version != VERSION {
            return Err(Bad::Version(version));
        }
        if u64_at(bytes, 64) != xxh3_64(&bytes[..64]) {
            return Err(Bad::Damaged { offset: 0, what: "the checksum of its header is wrong" });
        }
        if bytes[20] != record::FORMAT {
            return Err(Bad::Records { found: bytes[20] });
        }
        let mut secret = [0; 32];
        secret.copy_from_slice(&bytes[32..64]);
        Ok(Self { begun: Timestamp::from_millis(u64_at(bytes, 24)), secret: Secret::from_bytes(secret) })
    }
}

/// One record of a store.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'r> {
    /// Its address.
    pub key: Key,
    /// Whose it is.
    pub owner: Owner,
    /// When it ends, by the wall clock.
    pub ends: Timestamp,
    /// Its bytes.
    pub record: &'r [u8],
}

/// The checksum of bytes that begin at an offset of the file: what stands in another place is not taken for good.
fn checksum(offset: u64, bytes: &[u8]) -> [u8; CHECKSUM] {
    xxh3_64_with_seed(bytes, offset).to_le_bytes()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
