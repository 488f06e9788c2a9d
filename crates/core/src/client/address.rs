use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The text is no list of proxies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be addresses or networks separated by commas, such as 10.0.0.1, 10.0.0.0/8 or 2001:db8::/32; '{}' is none",
    .item.escape_default()
)]
pub struct NoProxyList {
    /// What is neither.
    pub item: String,
}

/// The proxies whose word about where a request came from is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Range>);

/// A network in CIDR notation: the first `bits` bits of the address count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub(super) address: IpAddr,
    pub(super) bits: u8,
}

impl TrustedProxies {
    /// Addresses (`10.0.0.1`, `2001:db8::1`) and networks (`10.0.0.0/8`, `2001:db8::/32`) separated by commas. Empty:
    /// none, so that every request comes from `REMOTE_ADDR`.
    pub fn parse(text: &str) -> Result<Self, NoProxyList> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let range = |item: &str| Range::parse(item).ok_or_else(|| NoProxyList { item: item.to_owned() });
        text.split(',').map(|item| range(item.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// Is the address one of theirs? IPv6 addresses that stand for IPv4 ones count as those.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address.to_canonical()))
    }
}

impl Range {
    /// An address, or a network; `None`: neither.
    pub fn parse(item: &str) -> Option<Self> {
        let (address, bits) = match item.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (item, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let bits: u8 = match bits {
            None => longest,
            // Digits only: no '+8'.
            Some(bits) if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits.parse().ok().filter(|bits| *bits <= longest)?
            }
            Some(_) => return None,
        };
        // Addresses are compared in their shortest kind, so `::ffff:10.0.0.0/104` has to be `10.0.0.0/8`.
        match (address.to_canonical(), bits.checked_sub(96)) {
            (canonical @ IpAddr::V4(_), Some(bits)) if address.is_ipv6() => {
                Some(Self { address: canonical, bits })
            }
            _ => Some(Self { address, bits }),
        }
    }

    /// Is the address in it? It must be in its shortest kind ([`IpAddr::to_canonical`]).
    pub fn contains(self, address: IpAddr) -> bool {
        let shift = |longest: u8| u32::from(longest - self.bits);
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let different = ours.to_bits() ^ theirs.to_bits();
                different.checked_shr(shift(32)).unwrap_or(0) == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let different = ours.to_bits() ^ theirs.to_bits();
                different.checked_shr(shift(128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// The address that a request came from, as far as can be known: who connected to the server, or, when that is a
/// trusted proxy, who connected to it, by its word.
///
/// `remote` is `REMOTE_ADDR`; `forwarded_for` is `X-Forwarded-For`: each proxy appends who connected to it, so the list
/// is read from its end, and the first address there that is no trusted proxy is the client's. What stands before it
/// the client has written. When all are trusted, it is the first one. At something that is no address (`unknown`) the
/// proxy that wrote it is as far as one can see.
///
/// `None` without a `remote`: the request came over no network.
///
/// `Forwarded` (RFC 7239) is not read: proxies add to one of the two headers and pass the other one on as the client
/// wrote it, so of two that are believed one is forged.
pub fn client(remote: &[u8], forwarded_for: Option<&[u8]>, trusted: &TrustedProxies) -> Option<IpAddr> {
    let mut client = parse(remote)?;
    let mut hops = forwarded_for.unwrap_or_default().rsplit(|byte| *byte == b',');
    while trusted.contain(client)
        && let Some(hop) = hops.next().and_then(parse)
    {
        client = hop;
    }
    Some(client)
}

/// An address as servers and proxies write it: `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`, `192.0.2.1:4711`,
/// `[2001:db8::1]`, `[2001:db8::1]:4711`. An IPv6 address that stands for an IPv4 one (`::ffff:192.0.2.1`) is that one.
fn parse(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim_matches([' ', '\t']);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let address = if let Some(bracketed) = text.strip_prefix('[') {
        let (address, rest) = bracketed.split_once(']')?;
        if !rest.is_empty() && !rest.strip_prefix(':').is_some_and(is_port) {
            return None;
        }
        IpAddr::V6(ipv6(address)?)
    } else if let Some((address, port)) = text.split_once(':')
        && !port.contains(':')
    {
        IpAddr::V4(address.parse::<Ipv4Addr>().ok().filter(|_| is_port(port))?)
    } else if text.contains(':') {
        IpAddr::V6(ipv6(text)?)
    } else {
        IpAddr::V4(text.parse().ok()?)
    };
    Some(address.to_canonical())
}

/// Without the zone, which names an interface of the machine that wrote it.
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    text.split('%').next()?.parse().ok()
}

/// The network that an address is in, as the login throttle counts: what one visitor can have to himself. A provider
/// gives a customer at least a /64 of IPv6; the /24 of IPv4 is the smallest that is routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    bytes: [u8; 8],
    len: u8,
}

/// The network of an address.
pub fn network(address: IpAddr) -> Network {
    let mut bytes = [0; 8];
    let prefix: &[u8] = match address.to_canonical() {
        IpAddr::V4(address) => &address.octets()[..3],
        IpAddr::V6(address) => &address.octets()[..8],
    };
    bytes[..prefix.len()].copy_from_slice(prefix);
    Network { bytes, len: if prefix.len() == 3 { 3 } else { 8 } }
}

impl Network {
    /// The bytes of the prefix: three of IPv4, eight of IPv6.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// `192.0.2.0/24`, `2001:db8:1:2::/64`.
impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, ..] = self.bytes;
        if self.len == 3 {
            return write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0));
        }
        let mut whole = [0; 16];
        whole[..8].copy_from_slice(&self.bytes);
        write!(f, "{}/64", Ipv6Addr::from(whole))
    }
}

#[cfg(test)]
mod tests;
