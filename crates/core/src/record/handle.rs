use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// Names a session to its owner and to operators: 32 hexadecimal digits. It stays through rotations, tells nothing of the
/// id, and nobody gets in with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Handle([u8; 16]);

impl Handle {
    /// The handle that these bytes are.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The handle that a text is; `None` when it is none.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 16];
        let is_handle = text.len() == 32 && HEXLOWER.decode_mut(text, &mut bytes) == Ok(16);
        is_handle.then_some(Self(bytes))
    }
}

impl std::fmt::Display for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_comes_back_from_its_text_and_nothing_else_is_one() {
        let handle = Handle::from_bytes(*b"0123456789abcdef");
        assert_eq!(handle.to_string(), "30313233343536373839616263646566");
        assert_eq!(Handle::parse(handle.to_string().as_bytes()), Some(handle));
        for text in [
            "",
            "30",
            "3031323334353637383961626364656",
            "3031323334353637383961626364656G",
            "30313233343536373839616263646566\n",
        ] {
            assert_eq!(Handle::parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Handle::parse(b"30313233343536373839616263646ABC"), None, "one spelling each");
    }
}
