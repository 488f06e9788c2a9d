use sha2::{Digest, Sha256};

use crate::{engine::Owner, id::SessionId, secret::Secret};

/// The address of a session in a store: SHA-256 over cookie name and id. The raw id is never stored (S28), and no id
/// can spell the address of anything else that a store keeps (S04).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 32]);

impl Key {
    /// The address of the session `id` of the cookie `cookie_name`.
    pub fn of(cookie_name: &str, id: &SessionId) -> Self {
        Self::of_text(cookie_name, id.as_str().as_bytes())
    }

    /// The address that a session of this id would have, had anybody issued it. To be shown, never to be looked up.
    pub(crate) fn of_text(cookie_name: &str, id: &[u8]) -> Self {
        Self::in_domain(b"holdfast session 1\0", cookie_name, id)
    }

    /// The address of a session whose id the application chose itself: an address that no issued id has.
    pub fn of_chosen(cookie_name: &str, id: &[u8]) -> Self {
        Self::in_domain(b"holdfast chosen session 1\0", cookie_name, id)
    }

    /// The address of what is known of all sessions of an owner, that is of a user of one cookie. Its number is the beginning,
    /// big-endian, so that a server that has read whose a session is can tell this address. No hash ends so.
    pub fn of_owner(owner: Owner) -> Self {
        let mut bytes = *b"........\0holdfast owner's record";
        bytes[..8].copy_from_slice(&owner.0.to_be_bytes());
        Self(bytes)
    }

    /// The address of what leads from a secondary id to its session.
    pub fn of_secondary(cookie_name: &str, id: &[u8]) -> Self {
        Self::in_domain(b"holdfast secondary 1\0", cookie_name, id)
    }

    /// The address of a remembered login, by the selector of its token.
    pub fn of_remembered(cookie_name: &str, selector: &[u8]) -> Self {
        Self::in_domain(b"holdfast remembered 1\0", cookie_name, selector)
    }

    fn in_domain(domain: &[u8], cookie_name: &str, name: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(domain);
        hash.update(cookie_name.as_bytes());
        hash.update(b"\0");
        hash.update(name);
        Self(hash.finalize().into())
    }

    /// The address of a page of the login throttle: keyed, so that it is no hash of anything that a cookie can hold.
    pub fn of_throttle(secret: &Secret, table: u8, page: u32) -> Self {
        Self(secret.mac("holdfast throttle page 1", &[&[table], &page.to_le_bytes()]))
    }

    /// Eight hexadecimal digits: enough to tell sessions apart in a message, too few to be an address.
    pub fn beginning(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0[..4])
    }

    /// The address that these bytes are.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the address.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// As [`Key::beginning`].
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}..)", self.beginning())
    }
}
