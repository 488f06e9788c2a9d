use std::ops::Range;

use xxhash_rust::xxh3::xxh3_128_with_secret;

use super::{Digest, tag};
use crate::secret::Secret;

/// What keys the digests of a store: without it nobody can construct two values with one digest.
#[derive(Clone)]
pub struct DigestKey([u8; 192]);

impl DigestKey {
    /// The key of the store that `secret` belongs to.
    pub fn derive(secret: &Secret) -> Self {
        let mut key = [0; 192];
        for (number, part) in (0u8..).zip(key.chunks_exact_mut(32)) {
            part.copy_from_slice(&secret.mac("holdfast digest 1", &[&[number]]));
        }
        Self(key)
    }

    /// A number for the store that the key is of, to tell its digests from another one's in the memory of a process. It
    /// tells nothing of the key.
    pub fn name(&self) -> u64 {
        let Digest(digest) = self.digest(b"holdfast name of a store 1");
        digest.first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
    }

    /// XXH3-128 of `bytes`, little endian.
    pub(super) fn digest(&self, bytes: &[u8]) -> Digest {
        Digest(xxh3_128_with_secret(bytes, &self.0).to_le_bytes())
    }

    /// The digest of the node whose body is `out[body ..]`. `children` are the values in it that bring a digest along
    /// (nodes and group members), in order: each is represented by its tag and digest.
    pub(super) fn node_digest(
        &self,
        out: &[u8],
        body: usize,
        children: &[Range<usize>],
        scratch: &mut Vec<u8>,
    ) -> Digest {
        if children.is_empty() {
            return self.digest(&out[body..]);
        }
        scratch.clear();
        let mut from = body;
        for child in children {
            scratch.extend_from_slice(&out[from..child.start]);
            scratch.push(out[child.start]);
            let digest = child.start + digest_offset(out[child.start]);
            scratch.extend_from_slice(&out[digest..digest + 16]);
            from = child.end;
        }
        scratch.extend_from_slice(&out[from..]);
        self.digest(scratch)
    }
}

/// Where the digest of a value stands, counted from its tag.
pub(super) fn digest_offset(tag: u8) -> usize {
    if tag == tag::NODE { tag::NODE_HEADER - 16 } else { 1 }
}

/// The digest that a value brings along, read from its first bytes.
pub fn digest_of_value(value: &[u8]) -> Option<Digest> {
    let first = *value.first()?;
    if first != tag::NODE && first != tag::GROUP_MEMBER {
        return None;
    }
    let digest = value.get(digest_offset(first)..)?.first_chunk()?;
    Some(Digest(*digest))
}

/// Hides the key.
impl std::fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DigestKey(..)")
    }
}
