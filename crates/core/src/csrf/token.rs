use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use crate::secret::{RandomError, fill_random};

const BYTES: usize = 32;

/// The length of a token as text.
pub const TOKEN_CHARS: usize = 86;

/// What a form of a session shows to prove that it is one: 32 bytes that nobody else can tell (S32).
///
/// They never leave as they are. Each page gets them under a fresh random pad, the pad in front, as 86 characters of
/// URL-safe base64: so no two pages have a piece of text in common that a compressed response could betray (BREACH,
/// S34).
pub struct Token([u8; BYTES]);

impl Token {
    pub(super) const fn new(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }

    /// The token for one page; another text each time.
    pub fn mask(&self) -> Result<String, RandomError> {
        let mut bytes = [0; 2 * BYTES];
        let (pad, masked) = bytes.split_at_mut(BYTES);
        fill_random(pad)?;
        for (to, (byte, pad)) in masked.iter_mut().zip(self.0.iter().zip(pad.iter())) {
            *to = byte ^ pad;
        }
        Ok(BASE64URL_NOPAD.encode(&bytes))
    }

    /// Is `text` this token, under whatever pad? Every text that is not exactly what [`Token::mask`] writes is none,
    /// and the comparison takes the same time for all others (S33).
    pub fn is(&self, text: &[u8]) -> bool {
        let Ok(text) = <&[u8; TOKEN_CHARS]>::try_from(text) else { return false };
        let mut bytes = [0; 2 * BYTES];
        if BASE64URL_NOPAD.decode_mut(text, &mut bytes).is_err() {
            return false;
        }
        let (pad, masked) = bytes.split_at_mut(BYTES);
        for (byte, pad) in masked.iter_mut().zip(pad.iter()) {
            *byte ^= pad;
        }
        bool::from((*masked).ct_eq(&self.0))
    }
}

/// A token is a credential: it never shows in a message (S29).
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token() -> Token {
        let mut bytes = [0; BYTES];
        fill_random(&mut bytes).unwrap();
        Token::new(bytes)
    }

    #[test]
    fn s34_every_page_gets_another_text_and_all_are_the_token() {
        let token = token();
        let texts: std::collections::HashSet<String> = (0..1000).map(|_| token.mask().unwrap()).collect();
        assert_eq!(texts.len(), 1000);
        for text in texts {
            assert_eq!(text.len(), TOKEN_CHARS);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
            assert!(token.is(text.as_bytes()));
        }
    }

    #[test]
    fn s34_no_character_of_the_text_stays_from_page_to_page() {
        let token = token();
        let texts: Vec<String> = (0..200).map(|_| token.mask().unwrap()).collect();
        for at in 0..TOKEN_CHARS {
            let seen: std::collections::HashSet<u8> = texts.iter().map(|text| text.as_bytes()[at]).collect();
            assert!(seen.len() > 1, "character {at}");
        }
    }

    #[test]
    fn s32_another_token_s_text_is_none() {
        let (ours, theirs) = (token(), token());
        assert!(!ours.is(theirs.mask().unwrap().as_bytes()));
    }

    #[test]
    fn s33_every_malformed_text_is_none() {
        let token = token();
        let good = token.mask().unwrap();
        let good = good.as_bytes();
        let standard = [&good[..85], b"+"].concat();
        let padded = [good, b"=="].concat();
        let spaced = [b" ", &good[..85]].concat();
        let nul = [&good[..85], b"\0"].concat();
        let trailed = [good, b"\0"].concat();
        let newline = [good, b"\n"].concat();
        let twice = [good, good].concat();
        let accented = [&good[..84], "é".as_bytes()].concat();
        let reversed: Vec<u8> = good.iter().rev().copied().collect();
        let swapped = [&good[43..], &good[..43]].concat();
        let malformed: [&[u8]; 22] = [
            b"",
            b"0",
            b"1",
            b"null",
            b"true",
            b"Array",
            b"=",
            &good[..1],
            &good[..43],
            &good[1..],
            &good[..85],
            &standard,
            &padded,
            &spaced,
            &nul,
            &trailed,
            &newline,
            &twice,
            &accented,
            &reversed,
            &swapped,
            &[b'A'; 4096],
        ];
        for text in malformed {
            assert!(!token.is(text), "{}", String::from_utf8_lossy(text));
        }
        assert!(!token.is(&[b'A'; TOKEN_CHARS]), "a pad of zeros over zeros");
    }

    #[test]
    fn s33_a_token_has_one_spelling_under_each_pad() {
        // 86 characters hold 516 bits and a text 512: without the check of the last bits there would be 15 more.
        let token = token();
        let good = token.mask().unwrap();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let spellings = alphabet
            .iter()
            .filter(|last| token.is(&[&good.as_bytes()[..TOKEN_CHARS - 1], &[**last]].concat()))
            .count();
        assert_eq!(spellings, 1);
    }

    #[test]
    fn s29_a_token_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", token()), "Token(..)");
    }

    proptest! {
        #[test]
        fn s33_a_changed_character_makes_it_none(at in 0..TOKEN_CHARS, to in "[A-Za-z0-9_-]") {
            let token = token();
            let mut text = token.mask().unwrap().into_bytes();
            let to = to.as_bytes()[0];
            prop_assume!(text[at] != to);
            text[at] = to;
            prop_assert!(!token.is(&text));
        }

        #[test]
        fn s33_no_bytes_are_a_token(text in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!token().is(&text));
        }
    }
}
