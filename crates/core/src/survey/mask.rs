/// Which values are not shown, by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masks(Vec<String>);

/// Parts of the names of what nobody but its owner should see.
const USUAL: [&str; 22] = [
    "apikey",
    "auth",
    "card",
    "cookie",
    "credential",
    "csrf",
    "cvc",
    "hash",
    "iban",
    "mfa",
    "nonce",
    "otp",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "private",
    "pwd",
    "salt",
    "secret",
    "token",
    "totp",
];

impl Masks {
    /// The usual ones, and values under names that have one of `more` in them.
    pub fn with(more: impl IntoIterator<Item = String>) -> Self {
        let usual = USUAL.iter().map(|part| (*part).to_owned());
        Self(
            usual
                .chain(more.into_iter().map(|part| plain(part.as_bytes())))
                .filter(|part| !part.is_empty())
                .collect(),
        )
    }

    /// Is the value under this name hidden, with all that is in it? `api_key`, `ApiKey` and `api-key` are alike.
    pub fn hide(&self, name: &[u8]) -> bool {
        let name = plain(name);
        self.0.iter().any(|part| name.contains(part.as_str()))
    }
}

impl Default for Masks {
    fn default() -> Self {
        Self::with([])
    }
}

/// Letters and digits alone, small.
fn plain(name: &[u8]) -> String {
    name.iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| byte.to_ascii_lowercase() as char)
        .collect()
}
