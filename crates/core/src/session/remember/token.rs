use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use crate::{
    id::SessionId,
    key::Key,
    record::MASKED,
    secret::{RandomError, Secret, fill_random},
};

const PART: usize = 16;
const BYTES: usize = 3 * PART;
const ID: usize = MASKED - PART;

/// The length of a token as text.
pub const TOKEN_CHARS: usize = 64;

/// What the cookie of a remembered login holds: a selector, by which it is found, and a verifier, by which it is proved, 16
/// random bytes each; and 16 bytes of a MAC over both and the session cookie's name. 64 characters of URL-safe base64.
///
/// There is no way to a `Token` but to have been issued by this store, so one that is not the current one is a copy of one
/// that was.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    selector: [u8; PART],
    verifier: [u8; PART],
    text: [u8; TOKEN_CHARS],
}

impl Token {
    /// A new one, of another remembered login than any other.
    pub(super) fn issue(secret: &Secret, cookie_name: &str) -> Result<Self, RandomError> {
        Self::with_selector(secret, cookie_name, random()?)
    }

    /// The token of the same remembered login that takes the place of this one.
    pub(super) fn successor(&self, secret: &Secret, cookie_name: &str) -> Result<Self, RandomError> {
        Self::with_selector(secret, cookie_name, self.selector)
    }

    fn with_selector(secret: &Secret, cookie_name: &str, selector: [u8; PART]) -> Result<Self, RandomError> {
        Ok(Self::of_parts(secret, cookie_name, selector, random()?))
    }

    fn of_parts(secret: &Secret, cookie_name: &str, selector: [u8; PART], verifier: [u8; PART]) -> Self {
        let mac = mac(secret, cookie_name, &selector, &verifier);
        let mut text = [0; TOKEN_CHARS];
        BASE64URL_NOPAD.encode_mut(&[selector, verifier, mac].concat(), &mut text);
        Self { selector, verifier, text }
    }

    /// The token that `text` is, when this store issued it for the session cookie `cookie_name`; else `None`. The
    /// comparison takes the same time for every wrong text of the right form.
    pub fn recognise(secret: &Secret, cookie_name: &str, text: &[u8]) -> Option<Self> {
        let text: [u8; TOKEN_CHARS] = text.try_into().ok()?;
        let mut bytes = [0; BYTES];
        BASE64URL_NOPAD.decode_mut(&text, &mut bytes).ok()?;
        let (selector, rest) = bytes.split_first_chunk::<PART>()?;
        let (verifier, shown) = rest.split_first_chunk::<PART>()?;
        let is_ours = bool::from(mac(secret, cookie_name, selector, verifier).ct_eq(shown));
        is_ours.then_some(Self { selector: *selector, verifier: *verifier, text })
    }

    /// The token as it stands in the cookie.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    pub(super) fn key(&self, cookie_name: &str) -> Key {
        Key::of_remembered(cookie_name, &self.selector)
    }

    /// What the store keeps of the verifier.
    pub(super) fn kept(&self, secret: &Secret) -> [u8; 32] {
        secret.mac("holdfast remember verifier 1", &[&self.selector, &self.verifier])
    }

    /// Is it what the store has kept?
    pub(super) fn is_kept_as(&self, secret: &Secret, kept: &[u8; 32]) -> bool {
        self.kept(secret).ct_eq(kept).into()
    }

    /// Where this token leads once it was replaced: to its successor, and the session that came with it. Readable only for
    /// who has this token, so that the store holds no raw id and no verifier (S28).
    pub(super) fn mask(&self, secret: &Secret, next: &Self, session: &SessionId) -> [u8; MASKED] {
        let mut masked = [0; MASKED];
        masked[..ID].copy_from_slice(&session.bytes());
        masked[ID..].copy_from_slice(&next.verifier);
        self.pad(secret, &mut masked);
        masked
    }

    /// What was masked with this token.
    pub(super) fn unmask(
        &self,
        secret: &Secret,
        cookie_name: &str,
        masked: &[u8; MASKED],
    ) -> Option<(Self, SessionId)> {
        let mut bytes = *masked;
        self.pad(secret, &mut bytes);
        let (id, verifier) = bytes.split_first_chunk::<ID>()?;
        let verifier: [u8; PART] = verifier.try_into().ok()?;
        let id = SessionId::of_bytes(secret, cookie_name, id)?;
        Some((Self::of_parts(secret, cookie_name, self.selector, verifier), id))
    }

    /// Each token is replaced once, so it masks one text only.
    fn pad(&self, secret: &Secret, bytes: &mut [u8; MASKED]) {
        let parts: [&[u8]; 2] = [&self.selector, &self.verifier];
        let pads = [
            secret.mac("holdfast remember session 1", &parts),
            secret.mac("holdfast remember successor 1", &parts),
        ];
        for (byte, pad) in bytes.iter_mut().zip(pads.iter().flatten()) {
            *byte ^= pad;
        }
    }
}

fn random() -> Result<[u8; PART], RandomError> {
    let mut bytes = [0; PART];
    fill_random(&mut bytes)?;
    Ok(bytes)
}

fn mac(secret: &Secret, cookie_name: &str, selector: &[u8], verifier: &[u8]) -> [u8; PART] {
    let mac = secret.mac("holdfast remember token 1", &[cookie_name.as_bytes(), selector, verifier]);
    let mut short = [0; PART];
    short.copy_from_slice(&mac[..PART]);
    short
}

/// A token is a credential: it never shows in a message (S29).
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::generate().unwrap()
    }

    #[test]
    fn s02_an_issued_token_is_recognised_for_its_cookie_and_store_and_no_other() {
        let (ours, theirs) = (secret(), secret());
        let token = Token::issue(&ours, "site").unwrap();
        let text = token.as_str().as_bytes();
        assert_eq!(Token::recognise(&ours, "site", text), Some(token.clone()));
        assert_eq!(Token::recognise(&ours, "admin", text), None);
        assert_eq!(Token::recognise(&theirs, "site", text), None);
    }

    #[test]
    fn s03_every_changed_character_makes_it_none() {
        let secret = secret();
        let token = Token::issue(&secret, "site").unwrap();
        for at in 0..TOKEN_CHARS {
            let mut text = token.text;
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(Token::recognise(&secret, "site", &text), None, "character {at}");
        }
        for text in [&b""[..], b"x", &token.text[1..], &[&token.text[..], b"x"].concat(), &[b'A'; 4096]] {
            assert_eq!(Token::recognise(&secret, "site", text), None);
        }
    }

    #[test]
    fn a_successor_has_the_selector_and_another_verifier() {
        let secret = secret();
        let token = Token::issue(&secret, "site").unwrap();
        let next = token.successor(&secret, "site").unwrap();
        assert_eq!(token.key("site"), next.key("site"));
        assert_ne!(token.kept(&secret), next.kept(&secret));
        assert!(token.is_kept_as(&secret, &token.kept(&secret)));
        assert!(!next.is_kept_as(&secret, &token.kept(&secret)));
    }

    #[test]
    fn s28_what_a_token_masks_can_be_read_with_it_alone() {
        let secret = secret();
        let [token, other] = [(); 2].map(|()| Token::issue(&secret, "site").unwrap());
        let next = token.successor(&secret, "site").unwrap();
        let id = SessionId::issue(&secret, "site").unwrap();
        let masked = token.mask(&secret, &next, &id);
        assert_eq!(token.unmask(&secret, "site", &masked), Some((next.clone(), id.clone())));
        for wrong in [&other, &next] {
            assert_eq!(wrong.unmask(&secret, "site", &masked), None);
        }
        let holds = |piece: &[u8]| masked.windows(8).any(|window| window == &piece[..8]);
        assert!(!holds(&id.bytes()) && !holds(&id.bytes()[8..]) && !holds(&next.verifier));
    }

    #[test]
    fn s29_a_token_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", Token::issue(&secret(), "site").unwrap()), "Token(..)");
    }
}
