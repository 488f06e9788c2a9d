use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use rand::{TryRng, rngs::SysRng};
use sha2::Sha256;

/// The operating system gave no random bytes. No session is better than a guessable one (S01).
#[derive(Debug, thiserror::Error)]
#[error("the operating system's random generator failed; no session id or secret was made: {0}")]
pub struct RandomError(String);

/// Fills `bytes` from the operating system's generator.
///
/// Never a generator in the process's memory: its state survives `fork`, and every php-fpm worker would issue the
/// same ids.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), RandomError> {
    SysRng.try_fill_bytes(bytes).map_err(|error| RandomError(error.to_string()))
}

/// The 32 secret bytes of a store, made when the store is created. Ids, look-up keys and digests hang on them. A clone is
/// a pointer.
#[derive(Clone)]
pub struct Secret(Arc<Keyed>);

struct Keyed {
    bytes: [u8; 32],
    /// HMAC with the key taken in already, which is half of the work of a short message.
    mac: Hmac<Sha256>,
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.bytes == other.0.bytes
    }
}

impl Eq for Secret {}

impl Secret {
    /// A new secret from the operating system's generator.
    pub fn generate() -> Result<Self, RandomError> {
        let mut bytes = [0; 32];
        fill_random(&mut bytes)?;
        Ok(Self::from_bytes(bytes))
    }

    /// The secret that a store kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(&bytes) else {
            unreachable!("HMAC takes keys of any length");
        };
        Self(Arc::new(Keyed { bytes, mac }))
    }

    /// The bytes, for the store to keep.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0.bytes
    }

    /// HMAC-SHA-256 over a purpose and `parts`, each preceded by its length, so that no two lists of parts are one
    /// message.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.mac.clone();
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}
