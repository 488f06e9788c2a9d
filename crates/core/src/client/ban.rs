use std::net::{IpAddr, Ipv6Addr};

use super::address::Range;

/// An entry of a list of bans that is none. Nothing is banned by such a list, and nobody is let pass by it: whoever
/// asks is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBan {
    /// In a list of addresses.
    #[error(
        "has an entry that is no address, network or pattern of addresses: '{}'; there may be, separated by '|', \
         192.0.2.7, 192.0.2.0/24, 192.0.2.*, 2001:db8::7, 2001:db8::/32 or 2001:db8:*",
        .0.escape_default()
    )]
    Address(String),
    /// In a list of names.
    #[error(
        "has an entry with a '*' in its midst: '{}'; it may stand at the beginning, at the end, or at both",
        .0.escape_default()
    )]
    Name(String),
}

/// Addresses that a site does not want: ExpressionEngine's `banned_ips`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BannedAddresses(Vec<AddressBan>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum AddressBan {
    Network(Range),
    /// IPv4 addresses whose text begins so.
    Begins(String),
    /// IPv4 addresses whose text ends so.
    Ends(String),
}

/// Names, or mail addresses, that a site does not want: ExpressionEngine's `banned_usernames` and the like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BannedNames(Vec<NameBan>);

/// In small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
enum NameBan {
    Is(String),
    Begins(String),
    Ends(String),
    Contains(String),
}

/// What stands between `|`, without spaces around it, and without what is empty or nothing but stars: a ban on everybody
/// is a typing error.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split('|').map(str::trim).filter(|entry| entry.bytes().any(|byte| byte != b'*'))
}

impl BannedAddresses {
    /// Addresses (`192.0.2.7`, `2001:db8::7`), networks (`192.0.2.0/24`) and patterns, separated by `|`. A pattern of
    /// IPv4 is compared with the text: `192.0.2.*`, `192.0.2.1*`, `*.7`. One of IPv6 is a network of whole groups:
    /// `2001:db8:*`, because one address can be written in several ways.
    pub fn parse(list: &str) -> Result<Self, BadBan> {
        let parse = |entry: &str| AddressBan::parse(entry).ok_or_else(|| BadBan::Address(entry.to_owned()));
        entries(list).map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// Is the address banned? IPv6 addresses that stand for IPv4 ones count as those.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let text = if address.is_ipv4() { Some(address.to_string()) } else { None };
        let text = text.as_deref();
        self.0.iter().any(|ban| match ban {
            AddressBan::Network(range) => range.contains(address),
            AddressBan::Begins(start) => text.is_some_and(|text| text.starts_with(start)),
            AddressBan::Ends(end) => text.is_some_and(|text| text.ends_with(end)),
        })
    }
}

impl AddressBan {
    fn parse(entry: &str) -> Option<Self> {
        if !entry.contains('*') {
            return Range::parse(entry).map(Self::Network);
        }
        if let Some(end) = entry.strip_prefix('*') {
            let digits = end.rsplit('.').all(is_octet_or_empty);
            return (digits && end.contains(|c: char| c.is_ascii_digit()))
                .then(|| Self::Ends(end.to_owned()));
        }
        if entry.contains(':') {
            return ipv6_groups(entry).map(Self::Network);
        }
        // `192.0.*.*` is `192.0.*`.
        let mut start = entry.strip_suffix('*')?;
        while let Some(shorter) = start.strip_suffix("*.") {
            start = shorter;
        }
        let octets: Vec<&str> = start.split('.').collect();
        let (last, whole) = octets.split_last()?;
        let is_start = octets.len() <= 4
            && is_octet_or_empty(last)
            && whole.iter().all(|octet| !octet.is_empty() && is_octet_or_empty(octet));
        is_start.then(|| Self::Begins(start.to_owned()))
    }
}

fn is_octet_or_empty(text: &str) -> bool {
    text.is_empty() || (text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u8>().is_ok())
}

/// `2001:db8:*` is 2001:db8::/32.
fn ipv6_groups(entry: &str) -> Option<Range> {
    let groups = entry.strip_suffix(":*")?.split(':');
    let mut segments = [0; 8];
    let mut bits = 0;
    let mut free = segments.iter_mut();
    for group in groups {
        let is_group = (1..=4).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_hexdigit());
        *free.next()? = u16::from_str_radix(group, 16).ok().filter(|_| is_group)?;
        bits += 16;
    }
    (bits < 128).then_some(Range { address: IpAddr::V6(Ipv6Addr::from(segments)), bits })
}

impl BannedNames {
    /// Names separated by `|`. A `*` at the end stands for any end, one at the beginning for any beginning. Capitals make
    /// no other name: whoever may not be `Spammer` may not be `spammer`.
    pub fn parse(list: &str) -> Result<Self, BadBan> {
        let parse = |entry: &str| NameBan::parse(entry).ok_or_else(|| BadBan::Name(entry.to_owned()));
        entries(list).map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// Is the name banned? What is no UTF-8 is compared as what it is shown as.
    pub fn contain(&self, name: &[u8]) -> bool {
        let name = in_small_letters(String::from_utf8_lossy(name).trim());
        self.0.iter().any(|ban| match ban {
            NameBan::Is(whole) => name == *whole,
            NameBan::Begins(start) => name.starts_with(start),
            NameBan::Ends(end) => name.ends_with(end),
            NameBan::Contains(part) => name.contains(part),
        })
    }
}

/// Letter by letter: `str::to_lowercase` looks at a letter's place in its word, and an entry is a part of one.
fn in_small_letters(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

impl NameBan {
    fn parse(entry: &str) -> Option<Self> {
        let (begins, ends) = (entry.starts_with('*'), entry.ends_with('*'));
        let text = in_small_letters(entry.trim_matches('*'));
        if text.contains('*') {
            return None;
        }
        Some(match (begins, ends) {
            (false, false) => Self::Is(text),
            (false, true) => Self::Begins(text),
            (true, false) => Self::Ends(text),
            (true, true) => Self::Contains(text),
        })
    }
}

#[cfg(test)]
mod tests;
