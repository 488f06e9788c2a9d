use super::digest::DigestKey;
use super::{Digest, tag, write};

/// Writes the value that stands under the key of each member of a group: `bytes` holds all of them.
pub fn write_group_member(digest_key: &DigestKey, bytes: &[u8], out: &mut Vec<u8>) {
    carry_group_member(digest_key.digest(bytes), bytes, out);
}

/// Writes a member of a group whose digest is known.
pub(super) fn carry_group_member(group: Digest, bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() + 32);
    out.push(tag::GROUP_MEMBER);
    out.extend_from_slice(&group.0);
    write::leb128(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
