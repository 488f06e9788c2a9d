//! What keys are called. Everything of one session has its address in braces: in a cluster that is what keeps it in one
//! slot, so that one script can work on all of it.

use data_encoding::BASE64URL_NOPAD;

use crate::{engine::Owner, key::Key};

/// What the name of a user's index ends with, after the name of the user's record.
pub(super) const INDEX: &str = ":index";

/// The names of one store. See docs/format-redis.md.
#[derive(Debug)]
pub(super) struct Names {
    prefix: String,
    /// What the name of an owner's record ([`Key::of_owner`]) begins and ends with, as the scripts that make the rest need it:
    /// between them are 12 characters for the owner's number and a zero.
    pub(super) owner_record: (Vec<u8>, Vec<u8>),
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        let mut names = Self { prefix: prefix.to_owned(), owner_record: Default::default() };
        let any = names.session(&Key::of_owner(Owner::GUEST));
        let begin = prefix.len() + 1;
        names.owner_record = (any[..begin].to_vec(), any[begin + 12..].to_vec());
        names
    }

    pub(super) fn secret(&self) -> Vec<u8> {
        format!("{}secret", self.prefix).into_bytes()
    }

    pub(super) fn session(&self, key: &Key) -> Vec<u8> {
        self.of_session(key, "")
    }

    /// Who holds the lock of a session.
    pub(super) fn lock(&self, key: &Key) -> Vec<u8> {
        self.of_session(key, ":lock")
    }

    /// Who waits for it, in the order of asking.
    pub(super) fn queue(&self, key: &Key) -> Vec<u8> {
        self.of_session(key, ":queue")
    }

    /// When each of them was last heard of.
    pub(super) fn seen(&self, key: &Key) -> Vec<u8> {
        self.of_session(key, ":seen")
    }

    /// What wakes one of them.
    pub(super) fn turn(&self, key: &Key, token: &[u8]) -> Vec<u8> {
        let mut name = self.of_session(key, ":turn:");
        name.extend_from_slice(token);
        name
    }

    /// The index of a user's sessions: beside the user's record.
    pub(super) fn index(&self, owner: Owner) -> Vec<u8> {
        self.of_session(&Key::of_owner(owner), INDEX)
    }

    /// A pattern for SCAN that fits the sessions alone: only their names end with the brace.
    pub(super) fn any_session(&self) -> String {
        format!("{}{{*}}", self.prefix)
    }

    /// The address of the session that is called so; `None` for any other name.
    pub(super) fn key_of(&self, name: &[u8]) -> Option<Key> {
        let text = name.strip_prefix(self.prefix.as_bytes())?.strip_prefix(b"{")?.strip_suffix(b"}")?;
        let bytes: [u8; 32] = BASE64URL_NOPAD.decode(text).ok()?.try_into().ok()?;
        Some(Key::from_bytes(bytes))
    }

    fn of_session(&self, key: &Key, what: &str) -> Vec<u8> {
        format!("{}{{{}}}{what}", self.prefix, BASE64URL_NOPAD.encode(key.as_bytes())).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Names};
    use crate::engine::{Owner, redis::slots::slot_of};

    #[test]
    fn everything_of_a_session_is_in_one_slot_and_only_its_own_name_is_its() {
        let names = Names::new("shop:");
        let key = Key::from_bytes([0xfb; 32]);
        let session = names.session(&key);
        assert_eq!(names.key_of(&session), Some(key));
        for other in [names.lock(&key), names.queue(&key), names.seen(&key), names.turn(&key, b"x")] {
            assert_eq!(slot_of(&other), slot_of(&session));
            assert_eq!(names.key_of(&other), None);
        }
        let owner = Owner(0x0102);
        let (record, index) = (names.session(&Key::of_owner(owner)), names.index(owner));
        assert_eq!(slot_of(&index), slot_of(&record));
        assert_eq!(names.key_of(&index), None);
        assert_eq!(names.key_of(&names.secret()), None);
        assert_eq!(Names::new("blog:").key_of(&session), None);
    }
}
