//! What ext/session carries in the place of a session's bytes.

use holdfast_core::codec::Digest;

use crate::zend::string::PhpString;

/// What stands for a root where ext/session carries it from the handler to the serializer and back, and only compares it:
/// equal roots have equal ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct StandIn {
    bytes: [u8; 20],
    /// Where the string is that ext/session was given: only there it is what we gave.
    at: usize,
}

impl StandIn {
    /// No root begins so.
    const MARK: &[u8; 4] = b"root";

    pub fn of(digest: Digest) -> Self {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(Self::MARK);
        bytes[4..].copy_from_slice(&digest.0);
        Self { bytes, at: 0 }
    }

    /// The string for ext/session.
    pub fn string(&mut self) -> PhpString {
        let string = PhpString::new(&self.bytes);
        self.at = string.as_bytes().as_ptr() as usize;
        string
    }

    /// Was it this that ext/session has brought?
    pub fn is(&self, data: &[u8]) -> bool {
        self.at == data.as_ptr() as usize && self.bytes == data
    }
}
