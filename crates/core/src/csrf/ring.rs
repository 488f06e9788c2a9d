use std::{collections::BTreeMap, time::Duration};

use data_encoding::BASE64URL_NOPAD;

use super::Token;
use crate::{
    secret::{RandomError, Secret, fill_random},
    time::Timestamp,
};

/// How many single-use tokens wait to be used at most: the oldest gives way to a new one, and is valid no more.
pub const MOST_SINGLE_USE: usize = 100;

/// How many ids are remembered as reset at most. What is forgotten would be valid again, so the whole ring is made
/// anew instead.
pub const MOST_RESETS: usize = 256;

/// Points in time by the id of a token.
pub type Times = BTreeMap<Vec<u8>, Timestamp>;

/// All the tokens of one session: one for each id, which the application chooses by kinds of forms.
///
/// They derive from one secret, so a session keeps the same few bytes for one form and for a thousand, and two requests
/// that ask for one id's token at the same time are told the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRing {
    secret: Secret,
    created: Timestamp,
    latest: Timestamp,
    resets: Times,
    single_use: Times,
}

/// Which token an id has. Every part goes into the token, so each is another token.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Issue {
    is_single_use: bool,
    since: Timestamp,
}

impl TokenRing {
    /// A ring with a new secret: 32 bytes of the operating system's generator.
    pub fn new(now: Timestamp) -> Result<Self, RandomError> {
        Ok(Self {
            secret: Secret::generate()?,
            created: now,
            latest: now,
            resets: Times::new(),
            single_use: Times::new(),
        })
    }

    /// The ring that a session kept; `None` when it can't be one. Nothing of a damaged ring is taken: a reset that is
    /// not understood would make a token valid again.
    pub fn restore(
        secret: &[u8],
        created: Timestamp,
        latest: Timestamp,
        resets: Times,
        single_use: Times,
    ) -> Option<Self> {
        let secret: [u8; 32] = BASE64URL_NOPAD.decode(secret).ok()?.try_into().ok()?;
        let in_order =
            resets.values().chain(single_use.values()).all(|time| (created..=latest).contains(time));
        let has_room = resets.len() <= MOST_RESETS && single_use.len() <= MOST_SINGLE_USE;
        (in_order && has_room && created <= latest).then(|| Self {
            secret: Secret::from_bytes(secret),
            created,
            latest,
            resets,
            single_use,
        })
    }

    /// The secret, to be kept: 43 characters of URL-safe base64, so that a session can still be shown as JSON.
    pub fn secret(&self) -> String {
        BASE64URL_NOPAD.encode(self.secret.as_bytes())
    }

    /// When the ring was made: tokens that were not reset are valid since then.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// The youngest point in time that was ever in the ring: a token that was reset or used never comes again, also when
    /// that happens twice in a millisecond or the clock goes back.
    pub fn latest(&self) -> Timestamp {
        self.latest
    }

    /// The ids whose tokens were reset, and when.
    pub fn resets(&self) -> &Times {
        &self.resets
    }

    /// The ids whose tokens can be used once, and since when.
    pub fn single_use(&self) -> &Times {
        &self.single_use
    }

    /// The name of the field that the token of `id` is sent in: `TOKEN`, digits, `X` and the second since which it is
    /// valid. It is no secret: it tells tokens apart, and ids that stand side by side in one form.
    pub fn name(&self, id: &[u8]) -> String {
        let mac = self.derive("holdfast csrf name 1", id);
        let mut digits = [0; 8];
        digits.copy_from_slice(&mac[..8]);
        format!("TOKEN{}X{}", u64::from_le_bytes(digits), self.since(id).as_secs())
    }

    /// Since when the token of `id` is valid.
    pub fn since(&self, id: &[u8]) -> Timestamp {
        self.issue(id).since
    }

    /// The token of `id`.
    pub fn token(&self, id: &[u8]) -> Token {
        Token::new(self.derive("holdfast csrf token 1", id))
    }

    /// Can the token of `id` be used once only?
    pub fn is_single_use(&self, id: &[u8]) -> bool {
        self.issue(id).is_single_use
    }

    /// Makes the token of `id` one that can be used once; nothing changes when it is one already.
    pub fn make_single_use(&mut self, id: &[u8], now: Timestamp) {
        if self.is_single_use(id) {
            return;
        }
        while self.single_use.len() >= MOST_SINGLE_USE {
            let oldest = self.single_use.iter().min_by_key(|(_, since)| **since).map(|(id, _)| id.clone());
            if let Some(oldest) = oldest {
                self.single_use.remove(&oldest);
            }
        }
        let since = self.next(now);
        self.single_use.insert(id.to_vec(), since);
    }

    /// The token of `id` was used and should not be again.
    pub fn spend(&mut self, id: &[u8], now: Timestamp) -> Result<(), RandomError> {
        if self.single_use.remove(id).is_some() { Ok(()) } else { self.reset(id, now) }
    }

    /// Gives `id` a new token; no old one of this id is valid any more.
    pub fn reset(&mut self, id: &[u8], now: Timestamp) -> Result<(), RandomError> {
        let since = self.next(now);
        self.single_use.remove(id);
        if self.resets.len() >= MOST_RESETS && !self.resets.contains_key(id) {
            *self = Self::new(since)?;
        } else {
            self.resets.insert(id.to_vec(), since);
        }
        Ok(())
    }

    /// An id for a single-use token that nobody gave one: 19 digits at most, as PHP's integers are.
    pub fn unused_id() -> Result<String, RandomError> {
        let mut bytes = [0; 8];
        fill_random(&mut bytes)?;
        Ok((u64::from_le_bytes(bytes) >> 1).to_string())
    }

    fn issue(&self, id: &[u8]) -> Issue {
        match self.single_use.get(id) {
            Some(since) => Issue { is_single_use: true, since: *since },
            None => {
                Issue { is_single_use: false, since: self.resets.get(id).copied().unwrap_or(self.created) }
            }
        }
    }

    fn derive(&self, purpose: &str, id: &[u8]) -> [u8; 32] {
        let Issue { is_single_use, since } = self.issue(id);
        self.secret.mac(purpose, &[id, &[u8::from(is_single_use)], &since.as_millis().to_le_bytes()])
    }

    /// A point in time that no token had before: now, or just behind the latest.
    fn next(&mut self, now: Timestamp) -> Timestamp {
        self.latest = now.max(self.latest.after(Duration::from_millis(1)));
        self.latest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_784_000_000_500);

    fn ring() -> TokenRing {
        TokenRing::new(NOW).unwrap()
    }

    fn text(ring: &TokenRing, id: &[u8]) -> Vec<u8> {
        ring.token(id).mask().unwrap().into_bytes()
    }

    fn accepts(ring: &TokenRing, id: &[u8], text: &[u8]) -> bool {
        ring.token(id).is(text)
    }

    fn restored(ring: &TokenRing) -> Option<TokenRing> {
        TokenRing::restore(
            ring.secret().as_bytes(),
            ring.created(),
            ring.latest(),
            ring.resets().clone(),
            ring.single_use().clone(),
        )
    }

    #[test]
    fn s32_a_token_is_bound_to_the_session_and_to_its_id() {
        let (ours, theirs) = (ring(), ring());
        let token = text(&ours, b"cart");
        assert!(accepts(&ours, b"cart", &token));
        assert!(!accepts(&theirs, b"cart", &token));
        assert!(!accepts(&ours, b"", &token));
        assert!(!accepts(&ours, b"car", &token));
        assert_ne!(ours.name(b""), ours.name(b"cart"));
        assert_ne!(ours.name(b""), theirs.name(b""));
    }

    #[test]
    fn a_name_can_stand_in_a_variable_and_in_a_header_and_ends_with_the_second() {
        let ring = ring();
        let name = ring.name(b"any id: \xff");
        let (digits, time) = name.strip_prefix("TOKEN").and_then(|rest| rest.split_once('X')).unwrap();
        assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{name}");
        assert_eq!(time, "1784000000");
        assert_eq!(name, ring.name(b"any id: \xff"));
    }

    #[test]
    fn a_reset_token_never_comes_again() {
        let mut ring = ring();
        let mut seen = Vec::new();
        // The clock stands still and goes back.
        for now in [NOW, NOW, NOW, Timestamp::from_millis(1)] {
            let (name, token) = (ring.name(b"a"), text(&ring, b"a"));
            ring.reset(b"a", now).unwrap();
            seen.push((name, token));
            for (name, token) in &seen {
                assert!(!accepts(&ring, b"a", token));
                assert_ne!(ring.name(b"a"), *name);
            }
        }
        assert!(ring.since(b"a") > NOW);
    }

    #[test]
    fn a_reset_concerns_its_id_alone() {
        let mut ring = ring();
        let others = [(b"".as_slice(), text(&ring, b"")), (b"b", text(&ring, b"b"))];
        ring.reset(b"a", NOW).unwrap();
        for (id, token) in others {
            assert!(accepts(&ring, id, &token));
        }
    }

    #[test]
    fn too_many_resets_make_every_token_new() {
        let mut ring = ring();
        let first = text(&ring, b"0");
        let untouched = text(&ring, b"");
        for id in 0..MOST_RESETS {
            ring.reset(id.to_string().as_bytes(), NOW).unwrap();
        }
        assert!(accepts(&ring, b"", &untouched));
        ring.reset(b"0", NOW).unwrap();
        assert!(accepts(&ring, b"", &untouched), "an id that is reset again needs no more room");
        ring.reset(b"one more", NOW).unwrap();
        assert!(!accepts(&ring, b"", &untouched));
        assert!(!accepts(&ring, b"0", &first));
        assert!(ring.resets().is_empty());
    }

    #[test]
    fn s35_a_single_use_token_is_used_once() {
        let mut ring = ring();
        ring.make_single_use(b"order", NOW);
        let token = text(&ring, b"order");
        ring.make_single_use(b"order", NOW);
        assert!(accepts(&ring, b"order", &token), "asked for twice it is one token");
        ring.spend(b"order", NOW).unwrap();
        assert!(!accepts(&ring, b"order", &token));
        assert!(!ring.is_single_use(b"order"));
        ring.make_single_use(b"order", NOW);
        assert!(!accepts(&ring, b"order", &token), "the next one of this id is another");
        assert!(ring.resets().is_empty(), "using them up leaves nothing behind");
    }

    #[test]
    fn a_token_for_any_number_of_uses_is_spent_by_a_reset() {
        let mut ring = ring();
        let token = text(&ring, b"a");
        ring.spend(b"a", NOW).unwrap();
        assert!(!accepts(&ring, b"a", &token));
    }

    #[test]
    fn a_reset_removes_the_single_use_token_of_the_id_too() {
        let mut ring = ring();
        let plain = text(&ring, b"a");
        ring.make_single_use(b"a", NOW);
        let single = text(&ring, b"a");
        ring.reset(b"a", NOW).unwrap();
        assert!(!accepts(&ring, b"a", &single) && !accepts(&ring, b"a", &plain));
    }

    #[test]
    fn the_oldest_single_use_token_gives_way() {
        let mut ring = ring();
        let ids: Vec<Vec<u8>> = (0..=MOST_SINGLE_USE).map(|id| id.to_string().into_bytes()).collect();
        let mut tokens = Vec::new();
        for id in &ids {
            ring.make_single_use(id, NOW);
            tokens.push(text(&ring, id));
        }
        assert_eq!(ring.single_use().len(), MOST_SINGLE_USE);
        assert!(!accepts(&ring, &ids[0], &tokens[0]));
        assert!((1..ids.len()).all(|at| accepts(&ring, &ids[at], &tokens[at])));
    }

    #[test]
    fn a_kept_ring_is_restored_whole_or_not_at_all() {
        let mut ring = ring();
        ring.reset(b"a", NOW).unwrap();
        ring.make_single_use(b"b", NOW);
        assert_eq!(restored(&ring), Some(ring.clone()));

        let with = |secret: &[u8], created, latest, resets: Times| {
            TokenRing::restore(secret, created, latest, resets, Times::new())
        };
        let secret = ring.secret();
        let secret = secret.as_bytes();
        assert!(with(secret, NOW, NOW, Times::new()).is_some());
        for bad in [b"".as_slice(), b"secret", &secret[..42], &[secret, b"A"].concat(), &[b'='; 43]] {
            assert_eq!(with(bad, NOW, NOW, Times::new()), None);
        }
        let earlier = Timestamp::from_millis(1);
        assert_eq!(with(secret, NOW, earlier, Times::new()), None);
        assert_eq!(with(secret, NOW, NOW, Times::from([(b"a".to_vec(), earlier)])), None);
        let later = NOW.after(Duration::from_millis(1));
        assert_eq!(with(secret, NOW, NOW, Times::from([(b"a".to_vec(), later)])), None);
        let many = |count: usize| (0..count).map(|id| (id.to_string().into_bytes(), NOW)).collect::<Times>();
        assert!(with(secret, NOW, NOW, many(MOST_RESETS)).is_some());
        assert_eq!(with(secret, NOW, NOW, many(MOST_RESETS + 1)), None);
    }

    #[test]
    fn s29_a_ring_does_not_show_its_secret_in_debug_output() {
        let ring = ring();
        assert!(!format!("{ring:?}").contains(&ring.secret()));
        assert!(format!("{ring:?}").contains("Secret(..)"));
    }

    #[test]
    fn an_unused_id_is_an_integer_of_php_s() {
        for _ in 0..1000 {
            assert!(TokenRing::unused_id().unwrap().parse::<i64>().is_ok());
        }
    }
}
