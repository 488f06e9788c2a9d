use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

mod known;

pub use known::KnownIds;

use crate::secret::{RandomError, Secret, fill_random};

const RANDOM_BYTES: usize = 24;
const MAC_BYTES: usize = 8;
const BYTES: usize = RANDOM_BYTES + MAC_BYTES;

/// The length of an id as text.
pub const ID_CHARS: usize = 43;

/// A session id that this store issued for one cookie name: 24 random bytes and 8 bytes of a MAC over them and the
/// cookie's name, as 43 characters of URL-safe base64 (`A-Z a-z 0-9 - _`).
///
/// There is no way to a `SessionId` but [`SessionId::issue`] and [`SessionId::recognise`], which [`KnownIds`] remembers, so
/// whoever holds one holds an id of ours (S02, S03, S24).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionId([u8; ID_CHARS]);

impl SessionId {
    /// A new id for the cookie `cookie_name`.
    pub fn issue(secret: &Secret, cookie_name: &str) -> Result<Self, RandomError> {
        let mut bytes = [0; BYTES];
        fill_random(&mut bytes[..RANDOM_BYTES])?;
        let mac = Self::mac(secret, cookie_name, &bytes[..RANDOM_BYTES]);
        bytes[RANDOM_BYTES..].copy_from_slice(&mac);
        let mut text = [0; ID_CHARS];
        BASE64URL_NOPAD.encode_mut(&bytes, &mut text);
        Ok(Self(text))
    }

    /// The id that `text` is, when this store issued it for the cookie `cookie_name`; else `None`. The comparison
    /// takes the same time for every wrong text of the right form.
    pub fn recognise(secret: &Secret, cookie_name: &str, text: &[u8]) -> Option<Self> {
        let text: [u8; ID_CHARS] = text.try_into().ok()?;
        let mut bytes = [0; BYTES];
        BASE64URL_NOPAD.decode_mut(&text, &mut bytes).ok()?;
        let mac = Self::mac(secret, cookie_name, &bytes[..RANDOM_BYTES]);
        bool::from(mac.ct_eq(&bytes[RANDOM_BYTES..])).then_some(Self(text))
    }

    /// Has `text` the form of an id, whoever made it?
    pub fn has_form(text: &[u8]) -> bool {
        text.len() == ID_CHARS
            && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }

    /// The id as it stands in the cookie.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// `new`, readable only for who has `self`: what the store keeps under a rotated id leads to the new one without
    /// holding any raw id (S28).
    pub fn mask(&self, secret: &Secret, new: &Self) -> [u8; 32] {
        let mut masked = new.bytes();
        for (byte, pad) in masked.iter_mut().zip(self.pad(secret)) {
            *byte ^= pad;
        }
        masked
    }

    /// The id that was masked with `self`; `None` when it is no id that this store issued for the cookie.
    pub fn unmask(&self, secret: &Secret, cookie_name: &str, masked: &[u8; 32]) -> Option<Self> {
        let mut bytes = *masked;
        for (byte, pad) in bytes.iter_mut().zip(self.pad(secret)) {
            *byte ^= pad;
        }
        Self::of_bytes(secret, cookie_name, &bytes)
    }

    /// The id of which these are the bytes; `None` when this store did not issue it for the cookie.
    pub(crate) fn of_bytes(secret: &Secret, cookie_name: &str, bytes: &[u8; 32]) -> Option<Self> {
        let mut text = [0; ID_CHARS];
        BASE64URL_NOPAD.encode_mut(bytes, &mut text);
        Self::recognise(secret, cookie_name, &text)
    }

    /// 32 bytes that nobody can tell without the id; each old id masks one new id only.
    fn pad(&self, secret: &Secret) -> [u8; 32] {
        secret.mac("holdfast moved 1", &[&self.0])
    }

    pub(crate) fn bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let decoded = BASE64URL_NOPAD.decode_mut(&self.0, &mut bytes);
        debug_assert!(decoded.is_ok(), "an id is valid base64");
        bytes
    }

    fn mac(secret: &Secret, cookie_name: &str, random: &[u8]) -> [u8; MAC_BYTES] {
        let mac = secret.mac("holdfast session id 1", &[cookie_name.as_bytes(), random]);
        let mut short = [0; MAC_BYTES];
        short.copy_from_slice(&mac[..MAC_BYTES]);
        short
    }
}

/// An id is a credential: it never shows in a message (S29).
impl std::fmt::Debug for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionId(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::generate().unwrap()
    }

    #[test]
    fn s02_an_issued_id_is_recognised_and_no_other() {
        let (ours, theirs) = (secret(), secret());
        let id = SessionId::issue(&ours, "site").unwrap();
        assert_eq!(SessionId::recognise(&ours, "site", id.as_str().as_bytes()), Some(id.clone()));
        assert_eq!(SessionId::recognise(&theirs, "site", id.as_str().as_bytes()), None);
        let chosen = "A".repeat(ID_CHARS);
        assert_eq!(SessionId::recognise(&ours, "site", chosen.as_bytes()), None);
    }

    #[test]
    fn s24_an_id_is_bound_to_its_cookie_name() {
        let secret = secret();
        let id = SessionId::issue(&secret, "site").unwrap();
        assert_eq!(SessionId::recognise(&secret, "admin", id.as_str().as_bytes()), None);
    }

    #[test]
    fn s03_every_malformed_text_is_no_id() {
        let secret = secret();
        let id = SessionId::issue(&secret, "site").unwrap();
        let good = id.as_str().as_bytes();
        let long = [good, b"x"].concat();
        let locked = [good, b"_LOCK"].concat();
        let nul = [&good[..42], b"\0"].concat();
        let four_kilobytes = vec![b'a'; 4096];
        let malformed: [&[u8]; 8] = [b"", b"x", b"../x", &good[..42], &long, &locked, &nul, &four_kilobytes];
        for text in malformed {
            assert_eq!(SessionId::recognise(&secret, "site", text), None);
            assert!(!SessionId::has_form(text));
        }
        assert!(SessionId::has_form(good));
    }

    #[test]
    fn s03_the_unused_bits_of_the_last_character_are_checked() {
        // 43 characters hold 258 bits and an id 256: without the check every id would have three more spellings.
        let secret = secret();
        let id = SessionId::issue(&secret, "site").unwrap();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let spellings = alphabet
            .iter()
            .filter(|last| {
                let text = [&id.as_str().as_bytes()[..42], &[**last]].concat();
                SessionId::recognise(&secret, "site", &text).is_some()
            })
            .count();
        assert_eq!(spellings, 1);
    }

    #[test]
    fn s29_an_id_does_not_show_in_debug_output() {
        let id = SessionId::issue(&secret(), "site").unwrap();
        assert_eq!(format!("{id:?}"), "SessionId(..)");
    }

    #[test]
    fn s28_a_masked_id_is_read_with_the_id_that_masked_it_only() {
        let secret = secret();
        let [old, new, other] = [(); 3].map(|()| SessionId::issue(&secret, "site").unwrap());
        let masked = old.mask(&secret, &new);
        assert_eq!(old.unmask(&secret, "site", &masked), Some(new.clone()));
        assert_eq!(other.unmask(&secret, "site", &masked), None);
        assert_ne!(masked, new.bytes());
    }

    #[test]
    fn s01_ids_do_not_repeat() {
        let secret = secret();
        // In Miri each takes some milliseconds.
        let drawn = if cfg!(miri) { 100 } else { 100_000 };
        let ids: std::collections::HashSet<String> =
            (0..drawn).map(|_| SessionId::issue(&secret, "s").unwrap().as_str().to_owned()).collect();
        assert_eq!(ids.len(), drawn);
    }
}
