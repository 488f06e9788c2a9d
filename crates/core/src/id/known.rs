use std::hash::{BuildHasher, DefaultHasher, Hasher, RandomState};

use super::SessionId;
use crate::{key::Key, store::Store};

/// A power of two.
const SLOTS: usize = 256;

/// Ids that a thread has looked at lately, with what came out: whether they are ours, and the address that they lead to.
/// To ask again is two to five rounds of SHA-256.
///
/// It lives longer than requests, so no id is in it, nor anything that leads to one (S28): a text is known again by 128
/// bits of SipHash, by a key that nobody is told. Who has neither id nor key meets one that is known here with 2⁻¹²⁸, which
/// is less than the MAC of an id lets through. What is hashed begins with store and cookie name, so what one of them has
/// recognised is nothing to another (S24).
pub struct KnownIds {
    key: RandomState,
    /// What was hashed last, without the id.
    beginning: Option<Beginning>,
    /// In pairs, of which the first bits of the tag name one: the last that came there, and the one before it.
    slots: Vec<Option<Known>>,
}

/// What the tags of a store and a cookie name begin with.
struct Beginning {
    store: u64,
    cookie_name: String,
    /// Halves of a tag.
    halves: [DefaultHasher; 2],
}

#[derive(Clone, Copy)]
struct Known {
    tag: [u64; 2],
    address: Key,
    is_issued: bool,
}

impl Default for KnownIds {
    fn default() -> Self {
        Self { key: RandomState::new(), beginning: None, slots: vec![None; SLOTS] }
    }
}

impl KnownIds {
    /// The id that `text` is, as [`SessionId::recognise`] says, and the address of its session: where it is none of ours,
    /// of the one whose id the application chose.
    pub fn look(&mut self, store: &Store, cookie_name: &str, text: &[u8]) -> (Option<SessionId>, Key) {
        let tag = self.tag(store, cookie_name, text);
        if let Some(known) = self.known(tag) {
            let text = text.try_into().ok().filter(|_| known.is_issued);
            return (text.map(SessionId), known.address);
        }
        let id = SessionId::recognise(store.secret(), cookie_name, text);
        let address = match &id {
            Some(id) => Key::of(cookie_name, id),
            None => Key::of_chosen(cookie_name, text),
        };
        self.put(Known { tag, address, is_issued: id.is_some() });
        (id, address)
    }

    /// As [`KnownIds::look`], for somebody who wants ids of ours only: what is none leaves nothing behind.
    pub fn recognise(&mut self, store: &Store, cookie_name: &str, text: &[u8]) -> Option<(SessionId, Key)> {
        if !SessionId::has_form(text) {
            return None;
        }
        let tag = self.tag(store, cookie_name, text);
        if let Some(known) = self.known(tag) {
            let text = text.try_into().ok().filter(|_| known.is_issued)?;
            return Some((SessionId(text), known.address));
        }
        let id = SessionId::recognise(store.secret(), cookie_name, text)?;
        let address = Key::of(cookie_name, &id);
        self.put(Known { tag, address, is_issued: true });
        Some((id, address))
    }

    /// The first of the two slots that a tag may be in.
    fn slot(tag: [u64; 2]) -> usize {
        usize::try_from(tag[0] % SLOTS as u64).unwrap_or_default() & !1
    }

    fn known(&self, tag: [u64; 2]) -> Option<Known> {
        let at = Self::slot(tag);
        self.slots[at..=at + 1].iter().flatten().find(|known| known.tag == tag).copied()
    }

    fn put(&mut self, known: Known) {
        let at = Self::slot(known.tag);
        self.slots[at + 1] = self.slots[at].replace(known);
    }

    fn tag(&mut self, store: &Store, cookie_name: &str, text: &[u8]) -> [u64; 2] {
        let known = self.beginning.take();
        let beginning = known
            .filter(|known| known.store == store.name() && known.cookie_name == cookie_name)
            .unwrap_or_else(|| Beginning {
                store: store.name(),
                cookie_name: cookie_name.to_owned(),
                halves: [0, 1].map(|half: u8| {
                    let mut hasher = self.key.build_hasher();
                    hasher.write_u64(store.name());
                    hasher.write_u8(half);
                    // Where the name ends is part of it.
                    hasher.write_u64(cookie_name.len() as u64);
                    hasher.write(cookie_name.as_bytes());
                    hasher
                }),
            });
        let tag = beginning.halves.each_ref().map(|half| {
            let mut hasher = half.clone();
            hasher.write(text);
            hasher.finish()
        });
        self.beginning = Some(beginning);
        tag
    }
}

/// What it knows is nobody's business.
impl std::fmt::Debug for KnownIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KnownIds(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::memory::{MemoryEngine, MemoryOptions};

    fn store() -> Store {
        Store::new(Arc::new(MemoryEngine::new(MemoryOptions { capacity: 0 }))).unwrap()
    }

    /// What it says must be this, the first time and again.
    fn assert_known(known: &mut KnownIds, store: &Store, name: &str, text: &[u8]) {
        let id = SessionId::recognise(store.secret(), name, text);
        let address = id.as_ref().map_or_else(|| Key::of_chosen(name, text), |id| Key::of(name, id));
        for _ in 0..3 {
            let issued = id.clone().map(|id| (id, address));
            assert_eq!(known.recognise(store, name, text), issued);
            assert_eq!(known.look(store, name, text), (id.clone(), address));
            assert_eq!(known.recognise(store, name, text), issued);
        }
    }

    #[test]
    fn s02_a_known_id_is_what_it_was_when_it_was_recognised_and_no_other_text_is() {
        let (store, mut known) = (store(), KnownIds::default());
        let id = SessionId::issue(store.secret(), "site").unwrap();
        let text = id.as_str().as_bytes();
        assert_known(&mut known, &store, "site", text);
        for at in 0..text.len() {
            let mut other = text.to_vec();
            other[at] ^= 1;
            assert_known(&mut known, &store, "site", &other);
        }
        for other in [&text[..42], &[text, b"x"].concat(), b"", b"chosen"] {
            assert_known(&mut known, &store, "site", other);
        }
        assert_known(&mut known, &store, "site", text);
    }

    #[test]
    fn s24_an_id_is_known_to_its_cookie_name_and_store_only() {
        let (ours, theirs, mut known) = (store(), store(), KnownIds::default());
        let id = SessionId::issue(ours.secret(), "site").unwrap();
        for (store, name) in [(&ours, "site"), (&ours, "sit"), (&ours, "admin"), (&theirs, "site")] {
            assert_known(&mut known, store, name, id.as_str().as_bytes());
            let is_its = std::ptr::eq(store, &raw const ours) && name == "site";
            assert_eq!(known.look(store, name, id.as_str().as_bytes()).0.is_some(), is_its);
        }
        assert_known(&mut known, &ours, "sit", &[b"e", id.as_str().as_bytes()].concat());
        assert_known(&mut known, &ours, "sitechosen", b"id");
        assert_known(&mut known, &ours, "site", b"chosenid");
    }

    #[test]
    fn more_ids_than_it_has_places_for_are_all_right() {
        let (store, mut known) = (store(), KnownIds::default());
        let ids: Vec<_> = (0..5 * SLOTS).map(|_| SessionId::issue(store.secret(), "site").unwrap()).collect();
        for _ in 0..2 {
            for (number, id) in ids.iter().enumerate() {
                assert_known(&mut known, &store, "site", id.as_str().as_bytes());
                assert_known(&mut known, &store, "site", number.to_string().as_bytes());
            }
        }
    }
}
