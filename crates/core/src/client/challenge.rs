use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use crate::secret::{RandomError, Secret, fill_random};

const RANDOM_BYTES: usize = 24;

/// The length of a challenge as text.
pub const CHALLENGE_CHARS: usize = 32;

/// What the second cookie of a logged-in visitor holds: 24 random bytes as 32 characters of URL-safe base64. The session
/// keeps a keyed hash of it, so the store does not hold what the cookie has to show.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge([u8; CHALLENGE_CHARS]);

impl Challenge {
    /// A new one.
    pub fn issue() -> Result<Self, RandomError> {
        let mut bytes = [0; RANDOM_BYTES];
        fill_random(&mut bytes)?;
        let mut text = [0; CHALLENGE_CHARS];
        BASE64URL_NOPAD.encode_mut(&bytes, &mut text);
        Ok(Self(text))
    }

    /// The challenge as it stands in the cookie.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What the session keeps.
    pub fn kept(&self, secret: &Secret) -> [u8; 32] {
        hash(secret, &self.0)
    }
}

/// Is `text` the challenge of which a session kept `kept`? Takes the same time for every wrong text of the right length.
/// What a session without a challenge keeps, nothing, matches no text.
pub fn matches(secret: &Secret, text: &[u8], kept: &[u8]) -> bool {
    match text.try_into() {
        Ok(text) => hash(secret, text).ct_eq(kept).into(),
        Err(_) => false,
    }
}

fn hash(secret: &Secret, text: &[u8; CHALLENGE_CHARS]) -> [u8; 32] {
    secret.mac("holdfast challenge 1", &[text])
}

/// A challenge is a credential: it never shows in a message (S29).
impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Challenge(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::from_bytes([7; 32])
    }

    #[test]
    fn s40_a_challenge_matches_what_was_kept_of_it() {
        let (ours, other) = (Challenge::issue().unwrap(), Challenge::issue().unwrap());
        let kept = ours.kept(&secret());
        assert!(matches(&secret(), ours.as_str().as_bytes(), &kept));
        assert!(!matches(&secret(), other.as_str().as_bytes(), &kept));
        assert!(!matches(&Secret::from_bytes([8; 32]), ours.as_str().as_bytes(), &kept));
        for bit in 0..256 {
            let mut damaged = kept;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(!matches(&secret(), ours.as_str().as_bytes(), &damaged), "bit {bit}");
        }
    }

    #[test]
    fn s40_no_malformed_challenge_matches_anything() {
        let challenge = Challenge::issue().unwrap();
        let good = challenge.as_str().as_bytes();
        let other_case: Vec<u8> = good
            .iter()
            .map(|byte| {
                if byte.is_ascii_lowercase() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() }
            })
            .collect();
        let table: [&[u8]; 12] = [
            b"",
            b"x",
            &good[..31],
            &[good, b"A"].concat(),
            &[good, b"="].concat(),
            &[&good[..31], b"\0"].concat(),
            &[b" ", &good[..31]].concat(),
            &[&good[..31], &[good[31] ^ 1]].concat(),
            &other_case,
            &[b'A'; 32],
            &[0; 32],
            &[b'a'; 4096],
        ];
        // Also where the session kept nothing, or what can't be.
        for kept in [&challenge.kept(&secret())[..], b"", &[0; 32], &challenge.kept(&secret())[..31], good] {
            for text in table {
                assert!(!matches(&secret(), text, kept), "{}", text.escape_ascii());
            }
        }
        assert!(!matches(&secret(), good, b""));
    }

    #[test]
    fn s40_challenges_do_not_repeat_and_are_url_safe() {
        // In Miri each takes some milliseconds.
        let drawn = if cfg!(miri) { 100 } else { 10_000 };
        let all: std::collections::HashSet<String> =
            (0..drawn).map(|_| Challenge::issue().unwrap().as_str().to_owned()).collect();
        assert_eq!(all.len(), drawn);
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(all.iter().all(|text| text.len() == CHALLENGE_CHARS && text.bytes().all(is_safe)));
    }

    #[test]
    fn s28_what_is_kept_does_not_hold_the_challenge() {
        let challenge = Challenge::issue().unwrap();
        let mut bytes = [0; RANDOM_BYTES];
        BASE64URL_NOPAD.decode_mut(challenge.as_str().as_bytes(), &mut bytes).unwrap();
        assert!(
            !challenge.kept(&secret()).windows(8).any(|window| bytes.windows(8).any(|piece| piece == window))
        );
        assert_eq!(format!("{challenge:?}"), "Challenge(..)");
    }
}
