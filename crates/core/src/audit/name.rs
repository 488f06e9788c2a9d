//! How sessions and people are named in a log that many may read.

use std::fmt;

use crate::{key::Key, secret::Secret};

/// The most bytes of a text that is shown as it is.
const MOST_SHOWN: usize = 64;

/// A session in a log: the first 16 hexadecimal digits of its address, which is a SHA-256 of cookie name and id. Enough
/// to follow a session through the log; neither the id (S29) nor the whole address can be had from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionName([u8; 8]);

impl SessionName {
    /// Of a session in the store.
    pub fn of(key: &Key) -> Self {
        let mut name = [0; 8];
        name.copy_from_slice(&key.as_bytes()[..8]);
        Self(name)
    }

    /// Of a text in a cookie that was not issued for it: the name that a session of this id would have. So an id that
    /// was issued before the store was made anew still has its name.
    pub fn of_foreign(cookie_name: &str, text: &[u8]) -> Self {
        Self::of(&Key::of_text(cookie_name, text))
    }
}

impl fmt::Display for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A person in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The application's own identifier of a user.
    User(String),
    /// A keyed hash of one that can't be shown.
    UserHash(u32),
    /// A keyed hash of a name that somebody tried. The name itself is never shown: people type passwords there.
    NameHash(u32),
}

impl Who {
    /// A user, by the application's identifier: as it is, if that is text of at most 64 bytes without control
    /// characters.
    pub fn user(secret: &Secret, id: &[u8]) -> Self {
        match readable(id) {
            Some(text) => Self::User(text.to_owned()),
            None => Self::UserHash(short(secret.mac("holdfast audit user 1", &[id]))),
        }
    }

    /// Somebody who tried a name, of a user or not. The same name has the same hash as long as the store lives.
    pub fn tried(secret: &Secret, name: &[u8]) -> Self {
        Self::NameHash(short(secret.mac("holdfast audit name 1", &[name])))
    }
}

fn short([a, b, c, d, ..]: [u8; 32]) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

/// The text that these bytes are, if it may be shown as it is.
pub(super) fn readable(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    ((1..=MOST_SHOWN).contains(&text.len()) && !text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;

    #[test]
    fn s29_a_session_is_named_by_a_part_of_its_address() {
        let secret = Secret::generate().unwrap();
        let id = SessionId::issue(&secret, "holdfast").unwrap();
        let key = Key::of("holdfast", &id);
        let name = SessionName::of(&key).to_string();
        assert_eq!(name, data_encoding::HEXLOWER.encode(&key.as_bytes()[..8]));
        assert_eq!(name, SessionName::of_foreign("holdfast", id.as_str().as_bytes()).to_string());
        assert_ne!(name, SessionName::of_foreign("other", id.as_str().as_bytes()).to_string());
    }

    #[test]
    fn s29_a_name_that_was_tried_is_never_shown() {
        let (ours, theirs) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let Who::NameHash(hash) = Who::tried(&ours, b"hunter2") else { panic!("a hash") };
        assert_eq!(
            Who::tried(&ours, b"hunter2"),
            Who::NameHash(hash),
            "lines of one name can be told together"
        );
        assert_ne!(Who::tried(&theirs, b"hunter2"), Who::NameHash(hash), "nobody else can try names on it");
        assert_ne!(Who::tried(&ours, b"hunter3"), Who::NameHash(hash));
        assert_ne!(Who::user(&ours, b"hunter2\0"), Who::UserHash(hash));
    }

    #[test]
    fn a_user_is_shown_by_an_identifier_that_can_be_read() {
        let secret = Secret::from_bytes([1; 32]);
        let user = |id: &[u8]| Who::user(&secret, id);
        assert_eq!(user(b"41"), Who::User("41".into()));
        assert_eq!(user("zo\u{eb}".as_bytes()), Who::User("zo\u{eb}".into()));
        assert_eq!(user(&[b'a'; 64]), Who::User("a".repeat(64)));
        let hidden: [&[u8]; 5] = [b"", &[b'a'; 65], b"\xff\xfe", b"a\nb", b"a\x7f"];
        for id in hidden {
            assert!(matches!(user(id), Who::UserHash(_)), "{id:?}");
        }
    }
}
