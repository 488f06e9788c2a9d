/// The text is no list of hosts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be hosts separated by commas, such as example.org, example.org:8080 or *.example.org (international names \
     in their ASCII form, xn--...); '{}' is none", .item.escape_default()
)]
pub struct NoHostList {
    /// What is no host.
    pub item: String,
}

/// Hosts beside the own ones that redirects may go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// In lower case. Of `*.example.org` it is `.example.org`.
    name: String,
    is_wildcard: bool,
    /// None: the default ports.
    port: Option<u16>,
}

impl AllowedHosts {
    /// Hosts separated by commas: `example.org` on the default ports of http and https, `example.org:8080`, and
    /// `*.example.org` for all subdomains at every depth, without `example.org` itself. Empty: none.
    pub fn parse(text: &str) -> Result<Self, NoHostList> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(|item| Entry::parse(item.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// `port`: none for the default one.
    pub(super) fn contain(&self, name: &[u8], port: Option<u16>) -> bool {
        self.0.iter().any(|entry| entry.port == port && entry.matches(name))
    }
}

impl Entry {
    fn parse(item: &str) -> Result<Self, NoHostList> {
        let wrong = || NoHostList { item: item.to_owned() };
        let is_wildcard = item.starts_with("*.");
        let authority = Authority::parse(&item.as_bytes()[usize::from(is_wildcard)..]).ok_or_else(wrong)?;
        let name = std::str::from_utf8(authority.name).map_err(|_| wrong())?.to_ascii_lowercase();
        let is_name = if is_wildcard { is_dns_name(&name.as_bytes()[1..]) } else { is_host(&name) };
        if is_name { Ok(Self { name, is_wildcard, port: authority.special_port() }) } else { Err(wrong()) }
    }

    fn matches(&self, name: &[u8]) -> bool {
        if !self.is_wildcard {
            return name.eq_ignore_ascii_case(self.name.as_bytes());
        }
        // Browsers decode percent signs in hosts and map what is not ASCII: none of that may hide in a subdomain.
        name.len().checked_sub(self.name.len()).is_some_and(|at| {
            name[at..].eq_ignore_ascii_case(self.name.as_bytes()) && is_dns_name(&name[..at])
        })
    }
}

/// Labels of letters, digits, `-` and `_` with single dots between them.
fn is_dns_name(name: &[u8]) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    name.split(|byte| *byte == b'.').all(|label| !label.is_empty() && label.iter().all(is_allowed))
}

fn is_host(name: &str) -> bool {
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_dns_name(name.as_bytes()),
    }
}

/// `name`, `name:port`, `[v6]` or `[v6]:port`. The name is any bytes: whether it is a host's shows when it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    pub name: &'a [u8],
    pub port: Option<u16>,
}

impl<'a> Authority<'a> {
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let end = match text.strip_prefix(b"[") {
            Some(inside) => inside.iter().position(|byte| *byte == b']')? + 2,
            None => text.iter().position(|byte| *byte == b':').unwrap_or(text.len()),
        };
        let (name, rest) = text.split_at(end);
        let port = match rest {
            [] => None,
            [b':', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => {
                Some(std::str::from_utf8(digits).ok()?.parse().ok()?)
            }
            _ => return None,
        };
        (!name.is_empty()).then_some(Self { name, port })
    }

    /// The port, unless it is a default one: proxies write those into `Host`, too.
    pub fn special_port(self) -> Option<u16> {
        self.port.filter(|port| ![80, 443].contains(port))
    }
}
