use std::net::IpAddr;

use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// Which traits of a browser count, as ProcessWire numbers them: a sum of these. 0: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modes(u32);

/// No such trait is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a sum of 2 (address of the connection), 4 (address of the client), 8 (user agent), 16 (Accept)"
)]
pub struct UnknownMode;

impl Modes {
    /// Who connected to the server: `REMOTE_ADDR`.
    pub const REMOTE_ADDRESS: Self = Self(2);
    /// Who connected to the outermost trusted proxy: [`super::address::client`].
    pub const CLIENT_ADDRESS: Self = Self(4);
    /// The header `User-Agent`.
    pub const USER_AGENT: Self = Self(8);
    /// The header `Accept`.
    pub const ACCEPT: Self = Self(16);

    /// The modes of which `bits` is the sum.
    pub const fn from_bits(bits: u32) -> Result<Self, UnknownMode> {
        if bits & !(2 | 4 | 8 | 16) == 0 { Ok(Self(bits)) } else { Err(UnknownMode) }
    }

    /// The sum.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Does nothing count?
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Does this one count?
    pub const fn has(self, mode: Self) -> bool {
        self.0 & mode.0 != 0
    }
}

/// What is seen of a browser. What is absent counts as empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traits<'a> {
    /// Who connected to the server.
    pub remote_address: Option<IpAddr>,
    /// Who connected to the outermost trusted proxy.
    pub client_address: Option<IpAddr>,
    /// The header `User-Agent`.
    pub user_agent: &'a [u8],
    /// The header `Accept`.
    pub accept: &'a [u8],
}

/// A keyed hash of some traits of a browser and of which they are. It tells whether they have changed and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of those traits that count.
    pub fn of(secret: &Secret, modes: Modes, traits: &Traits<'_>) -> Self {
        let text = |address: Option<IpAddr>| {
            address.map(|address| address.to_canonical().to_string()).unwrap_or_default()
        };
        let (remote, client) = (text(traits.remote_address), text(traits.client_address));
        let parts = [
            (Modes::REMOTE_ADDRESS, remote.as_bytes()),
            (Modes::CLIENT_ADDRESS, client.as_bytes()),
            (Modes::USER_AGENT, traits.user_agent),
            (Modes::ACCEPT, traits.accept),
        ]
        .map(|(mode, part)| if modes.has(mode) { part } else { b"" });
        let bits = modes.0.to_le_bytes();
        let [remote, client, user_agent, accept] = parts;
        Self(secret.mac("holdfast fingerprint 1", &[&bits, remote, client, user_agent, accept]))
    }

    /// 64 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    /// What a session keeps.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Is this what a session kept? Takes the same time for whatever else it kept of the same length.
    pub fn matches(&self, kept: &[u8]) -> bool {
        self.0.ct_eq(kept).into()
    }
}

/// Four bytes: enough to tell two apart in a message.
impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({}..)", data_encoding::HEXLOWER.encode(&self.0[..4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::from_bytes([7; 32])
    }

    fn modes(bits: u32) -> Modes {
        Modes::from_bits(bits).unwrap()
    }

    fn browser() -> Traits<'static> {
        Traits {
            remote_address: Some([10, 0, 0, 1].into()),
            client_address: Some([198, 51, 100, 1].into()),
            user_agent: b"Mozilla/5.0",
            accept: b"text/html",
        }
    }

    /// The browser with one trait changed, and the mode in which that counts.
    fn changed() -> [(u32, Traits<'static>); 4] {
        [
            (2, Traits { remote_address: Some([10, 0, 0, 2].into()), ..browser() }),
            (4, Traits { client_address: None, ..browser() }),
            (8, Traits { user_agent: b"curl/8", ..browser() }),
            (16, Traits { accept: b"*/*", ..browser() }),
        ]
    }

    #[test]
    fn s39_a_trait_counts_in_its_mode_and_in_no_other() {
        for bits in (0..32).step_by(2) {
            let kept = Fingerprint::of(&secret(), modes(bits), &browser());
            assert!(Fingerprint::of(&secret(), modes(bits), &browser()).matches(kept.as_bytes()));
            for (mode, other) in changed() {
                let now = Fingerprint::of(&secret(), modes(bits), &other);
                assert_eq!(now.matches(kept.as_bytes()), bits & mode == 0, "modes {bits}, changed {mode}");
            }
        }
    }

    #[test]
    fn s39_fingerprints_of_different_modes_differ_also_where_the_traits_are_empty() {
        let all: std::collections::HashSet<[u8; 32]> = (0..32)
            .step_by(2)
            .map(|bits| *Fingerprint::of(&secret(), modes(bits), &Traits::default()).as_bytes())
            .collect();
        assert_eq!(all.len(), 16);
    }

    #[test]
    fn s39_a_trait_can_not_run_over_into_the_next_one() {
        let one = Traits { user_agent: b"ab", accept: b"c", ..Traits::default() };
        let other = Traits { user_agent: b"a", accept: b"bc", ..Traits::default() };
        assert_ne!(
            Fingerprint::of(&secret(), modes(24), &one),
            Fingerprint::of(&secret(), modes(24), &other)
        );
    }

    #[test]
    fn s39_a_fingerprint_is_keyed() {
        let here = Fingerprint::of(&secret(), modes(8), &browser());
        let there = Fingerprint::of(&Secret::from_bytes([8; 32]), modes(8), &browser());
        assert!(!there.matches(here.as_bytes()));
    }

    #[test]
    fn s39_an_address_has_one_fingerprint_in_both_spellings() {
        let mapped = Traits { remote_address: Some("::ffff:10.0.0.1".parse().unwrap()), ..browser() };
        assert_eq!(
            Fingerprint::of(&secret(), modes(2), &browser()),
            Fingerprint::of(&secret(), modes(2), &mapped)
        );
    }

    #[test]
    fn what_is_kept_matches_wholly_or_not() {
        let fingerprint = Fingerprint::of(&secret(), modes(8), &browser());
        for bit in 0..256 {
            let mut kept = *fingerprint.as_bytes();
            kept[bit / 8] ^= 1 << (bit % 8);
            assert!(!fingerprint.matches(&kept), "bit {bit}");
        }
        for kept in [&b""[..], &fingerprint.as_bytes()[..31], &[0; 33]] {
            assert!(!fingerprint.matches(kept));
        }
    }

    #[test]
    fn modes_are_sums_of_known_ones() {
        for bits in 0..64 {
            let known = bits % 2 == 0 && bits < 32;
            assert_eq!(
                Modes::from_bits(bits).map(Modes::bits),
                if known { Ok(bits) } else { Err(UnknownMode) }
            );
        }
        assert!(Modes::default().is_empty() && !Modes::ACCEPT.is_empty());
        let named = [Modes::REMOTE_ADDRESS, Modes::CLIENT_ADDRESS, Modes::USER_AGENT, Modes::ACCEPT];
        assert_eq!(named.map(Modes::bits), [2, 4, 8, 16]);
    }
}
