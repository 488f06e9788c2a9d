use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use crate::secret::{RandomError, Secret, fill_random};

const RANDOM_BYTES: usize = 16;
const MAC_BYTES: usize = 16;
const BYTES: usize = RANDOM_BYTES + MAC_BYTES;

/// The length of a token as text.
pub const TOKEN_CHARS: usize = 43;

/// What a browser keeps to show that it has logged in to an account before: 16 random bytes and 16 bytes of a MAC over
/// them and the account, as 43 characters of URL-safe base64.
///
/// It opens nothing: with it, attempts to log in are counted apart from those of strangers (S38). So nothing has to be
/// stored for it, and it may live for years.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken([u8; TOKEN_CHARS]);

/// A new token for a browser that has just logged in to `account` (the very bytes that are given to [`recognise`]).
pub fn issue(secret: &Secret, account: &[u8]) -> Result<DeviceToken, RandomError> {
    let mut bytes = [0; BYTES];
    fill_random(&mut bytes[..RANDOM_BYTES])?;
    let mac = mac(secret, account, &bytes[..RANDOM_BYTES]);
    bytes[RANDOM_BYTES..].copy_from_slice(&mac);
    let mut text = [0; TOKEN_CHARS];
    BASE64URL_NOPAD.encode_mut(&bytes, &mut text);
    Ok(DeviceToken(text))
}

/// What tells the device of `text` from others, when the token was issued here for `account`; else `None`. The
/// comparison takes the same time for every wrong text of the right form.
pub fn recognise(secret: &Secret, account: &[u8], text: &[u8]) -> Option<[u8; RANDOM_BYTES]> {
    let text: &[u8; TOKEN_CHARS] = text.try_into().ok()?;
    let mut bytes = [0; BYTES];
    BASE64URL_NOPAD.decode_mut(text, &mut bytes).ok()?;
    let (random, signed) = bytes.split_first_chunk()?;
    bool::from(mac(secret, account, random).ct_eq(signed)).then_some(*random)
}

fn mac(secret: &Secret, account: &[u8], random: &[u8]) -> [u8; MAC_BYTES] {
    let mac = secret.mac("holdfast device 1", &[account, random]);
    let mut short = [0; MAC_BYTES];
    short.copy_from_slice(&mac[..MAC_BYTES]);
    short
}

impl DeviceToken {
    /// The token as it stands in the cookie.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A token never shows in a message (S29).
impl std::fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::from_bytes([7; 32])
    }

    #[test]
    fn s38_a_device_is_recognised_for_its_account() {
        let token = issue(&secret(), b"anna").unwrap();
        let device = recognise(&secret(), b"anna", token.as_str().as_bytes()).unwrap();
        assert_eq!(recognise(&secret(), b"anna", token.as_str().as_bytes()), Some(device));
        for other in [&b"berta"[..], b"", b"anna ", b"Anna", b"ann"] {
            assert_eq!(recognise(&secret(), other, token.as_str().as_bytes()), None);
        }
        assert_eq!(recognise(&Secret::from_bytes([8; 32]), b"anna", token.as_str().as_bytes()), None);
    }

    #[test]
    fn s38_every_device_is_another_one() {
        // In Miri each takes some milliseconds.
        let drawn = if cfg!(miri) { 100 } else { 10_000 };
        let devices: std::collections::HashSet<[u8; 16]> = (0..drawn)
            .map(|_| recognise(&secret(), b"a", issue(&secret(), b"a").unwrap().as_str().as_bytes()).unwrap())
            .collect();
        assert_eq!(devices.len(), drawn);
    }

    #[test]
    fn s38_every_malformed_token_is_a_stranger_s() {
        let token = issue(&secret(), b"anna").unwrap();
        let good = token.as_str().as_bytes();
        let with = |at: usize, byte: u8| {
            let mut text = good.to_vec();
            text[at] = byte;
            text
        };
        let table: Vec<(&str, Vec<u8>)> = vec![
            ("nothing", vec![]),
            ("one character", b"x".to_vec()),
            ("too short", good[..42].to_vec()),
            ("too long", [good, b"A"].concat()),
            ("padded", [good, b"="].concat()),
            ("4 KB", vec![b'A'; 4096]),
            ("zeros", vec![b'A'; 43]),
            ("NUL", with(42, 0)),
            ("a space", with(0, b' ')),
            ("a line break", with(10, b'\n')),
            ("another alphabet's +", with(20, b'+')),
            ("another alphabet's /", with(20, b'/')),
            ("not ASCII", with(5, 0xe9)),
            ("random bytes alone", BASE64URL_NOPAD.encode(&[7; 16]).into_bytes()),
            ("quoted", [b"\"", &good[..41], b"\""].concat()),
            ("percent-encoded", [b"%41", &good[..40]].concat()),
            ("hexadecimal", data_encoding::HEXLOWER.encode(&[7; 32]).into_bytes()),
            ("the other way round", good.iter().rev().copied().collect()),
        ];
        for (what, text) in table {
            assert_eq!(recognise(&secret(), b"anna", &text), None, "{what}");
        }
        for (at, byte) in good.iter().enumerate() {
            let text = with(at, if *byte == b'A' { b'B' } else { b'A' });
            assert_eq!(recognise(&secret(), b"anna", &text), None, "character {at}");
        }
    }

    #[test]
    fn s38_a_token_has_one_spelling() {
        // 43 characters hold 258 bits and a token 256.
        let token = issue(&secret(), b"anna").unwrap();
        let spellings = (0..=255_u8)
            .filter(|last| {
                let text = [&token.as_str().as_bytes()[..42], &[*last]].concat();
                recognise(&secret(), b"anna", &text).is_some()
            })
            .count();
        assert_eq!(spellings, 1);
    }

    #[test]
    fn s29_a_token_does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", issue(&secret(), b"anna").unwrap()), "DeviceToken(..)");
    }
}
