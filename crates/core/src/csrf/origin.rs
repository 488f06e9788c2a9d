/// The scheme, host and port of a page, by RFC 6454: what a browser calls its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    /// In lower case; an IPv6 address in its brackets.
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl Origin {
    /// `https://example.org`, `http://localhost:8080`: nothing before and nothing behind. `None` for every other text,
    /// also for origins of other schemes and for `null`.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (scheme, authority) = split(text)?;
        Self::at(scheme, authority)
    }

    /// The origin of an address with a path.
    pub(super) fn of_url(url: &[u8]) -> Option<Self> {
        let (scheme, rest) = split(url)?;
        let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
        Self::at(scheme, &rest[..end])
    }

    /// The origin at which a server is reached under this `Host`: a name or an address, and a port unless it is the
    /// scheme's own.
    pub(super) fn at(scheme: Scheme, host: &[u8]) -> Option<Self> {
        let host = std::str::from_utf8(host).ok()?.to_ascii_lowercase();
        let name_end =
            if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
        let (name, port) = host.split_at(name_end);
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => scheme.default_port(),
            Some("") => scheme.default_port(),
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            None | Some(_) => return None,
        };
        is_host(name).then(|| Self { scheme, host: name.to_owned(), port })
    }
}

fn split(text: &[u8]) -> Option<(Scheme, &[u8])> {
    let at = text.windows(3).position(|part| part == b"://")?;
    let scheme = match text[..at].to_ascii_lowercase().as_slice() {
        b"http" => Scheme::Http,
        b"https" => Scheme::Https,
        _ => return None,
    };
    Some((scheme, &text[at + 3..]))
}

/// A host as browsers write it: ASCII, names of other alphabets encoded.
fn is_host(name: &str) -> bool {
    match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => {
            !address.is_empty()
                && address.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte))
        }
        None => {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_has_several_spellings() {
        let origin = Origin::parse(b"https://shop.example.org").unwrap();
        for same in ["https://shop.example.org:443", "HTTPS://Shop.Example.ORG", "https://shop.example.org:"]
        {
            assert_eq!(Origin::parse(same.as_bytes()).as_ref(), Some(&origin), "{same}");
        }
        for other in [
            "http://shop.example.org",
            "http://shop.example.org:443",
            "https://shop.example.org:444",
            "https://example.org",
            "https://shop.example.org.",
            "https://shop.example.org.evil.example",
        ] {
            let other = Origin::parse(other.as_bytes()).unwrap();
            assert_ne!(other, origin);
        }
        assert_eq!(Origin::parse(b"http://[::1]:80"), Origin::parse(b"http://[::1]"));
        assert_ne!(Origin::parse(b"http://[::1]:8080"), Origin::parse(b"http://[::1]"));
    }

    #[test]
    fn what_is_no_origin_is_none() {
        for text in [
            "",
            "null",
            "example.org",
            "//example.org",
            "https:",
            "https://",
            "https://:443",
            "https://example.org/",
            "https://example.org/path",
            "https://example.org?x",
            "https://example.org#x",
            "https://user@example.org",
            "https://user:password@example.org",
            "https://example.org:0x50",
            "https://example.org:65536",
            "https://example.org:-1",
            "https://example.org:+443",
            "https://example.org:443:443",
            "https://[::1",
            "https://[::1]x",
            "https://[]",
            "https://[evil.example]",
            " https://example.org",
            "https://example.org ",
            "https://example.org https://evil.example",
            "https://example.org, https://evil.example",
            "https://exam\0ple.org",
            "https://exämple.org",
            "file://example.org",
            "chrome-extension://abcdef",
            "ftp://example.org",
        ] {
            assert_eq!(Origin::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Origin::parse(b"https://\xff"), None);
    }

    #[test]
    fn the_origin_of_an_address_is_what_stands_before_its_path() {
        for url in [
            "https://example.org",
            "https://example.org/",
            "https://example.org/a?b#c",
            "https://example.org?b",
        ] {
            assert_eq!(Origin::of_url(url.as_bytes()), Origin::parse(b"https://example.org"), "{url}");
        }
        assert_eq!(Origin::of_url(b"https://example.org@evil.example/"), None);
        assert_eq!(Origin::of_url(b"about:blank"), None);
    }
}
