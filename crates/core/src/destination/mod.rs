//! May a redirect go to this URL (S41)?
//!
//! The browser reads a `Location` by the [WHATWG URL standard](https://url.spec.whatwg.org/), which forgives much: it
//! drops tabs and line breaks, takes `\` for `/`, adds slashes that are missing and ignores those that are too many.
//! Whatever needs such forgiveness is refused here, so that what is left means the same to the browser, to a proxy and
//! to us.

mod hosts;
mod path;
#[cfg(test)]
mod tests;

pub use hosts::{AllowedHosts, NoHostList};

use hosts::Authority;

/// The most bytes that a URL may have: what servers and proxies take in one header line.
pub const MAX_BYTES: usize = 8192;

/// Where an accepted URL leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A path, a query or a fragment: it stays on the host that it is sent from. Whoever wants an absolute URL of it
    /// has to resolve it; `"https://example.org" . "@evil.example"` shows what appending it to a host's name would do.
    Local,
    /// An absolute URL of one of the request's own hosts.
    Own,
    /// An absolute URL of a host that is on the list.
    Allowed,
}

/// Why a redirect can't go to a URL. The URL itself is not shown: its query may hold a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is nothing.
    #[error("a redirect can't go to an empty URL; '/' is the site's root, './' the directory of this page")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("a redirect can't go to a URL of {bytes} bytes; at most {MAX_BYTES} reach every browser")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// CR, LF, a tab, NUL or another control byte.
    #[error(
        "a redirect can't go to a URL with the control byte 0x{byte:02x} (at offset {at}); percent-encode it"
    )]
    Control {
        /// The byte.
        byte: u8,
        /// Where it is.
        at: usize,
    },
    /// The same, percent-encoded in the path, where a proxy on the way may decode it.
    #[error("a redirect can't go to a URL whose path has the percent-encoded control byte 0x{byte:02x}")]
    EncodedControl {
        /// The byte.
        byte: u8,
    },
    /// The first or last byte is a space, which browsers drop.
    #[error("a redirect can't go to a URL that begins or ends with a space; trim it")]
    Space,
    /// Browsers take `\` for `/`.
    #[error("a redirect can't go to a URL with a backslash before its query: browsers take it for a slash")]
    Backslash,
    /// `//host`, or a path that becomes one when its dots are resolved or its percent signs decoded.
    #[error(
        "a redirect can't go to a path that begins with '//', or comes to that: browsers read a host there"
    )]
    TwoSlashes,
    /// Neither `http` nor `https`.
    #[error(
        "a redirect can't go to the scheme '{}', only to http and https; a path with ':' in its first part begins \
         with './' or '/'", shown(.0)
    )]
    Scheme(Vec<u8>),
    /// Not exactly two slashes after the scheme.
    #[error("a redirect can't go to a URL without exactly two slashes after 'http:' or 'https:'")]
    Slashes,
    /// `user@host`.
    #[error("a redirect can't go to a URL with a user name: 'user@host'")]
    UserInfo,
    /// The host is missing, or has something strange behind it.
    #[error("a redirect can't go to a URL whose host is not 'name' or 'name:port'")]
    NoHost,
    /// The host is neither ours nor on the list.
    #[error(
        "a redirect can't go to the host '{}': it is neither this site's nor in holdfast.redirect_hosts", shown(.0)
    )]
    Host(Vec<u8>),
}

/// The beginning of something that came from outside, as visible ASCII.
fn shown(bytes: &[u8]) -> std::slice::EscapeAscii<'_> {
    bytes[..bytes.len().min(255)].escape_ascii()
}

impl Destination {
    /// Where `url` leads, if a redirect may go there: to a path of this host, or by http or https to one of
    /// `own_hosts` (the request's `Host` header, say: `example.org`, `example.org:8080`) or to a host in `allowed`.
    ///
    /// Hosts are compared without regard to ASCII case, otherwise byte by byte. A host without a port, or with port
    /// 80 or 443, stands for http and https on their default ports, so that a site may go from one to the other; any
    /// other port must be the URL's own.
    pub fn check(url: &[u8], own_hosts: &[&str], allowed: &AllowedHosts) -> Result<Self, Refusal> {
        if url.is_empty() {
            return Err(Refusal::Empty);
        }
        if url.len() > MAX_BYTES {
            return Err(Refusal::TooLong { bytes: url.len() });
        }
        if let Some(at) = url.iter().position(u8::is_ascii_control) {
            return Err(Refusal::Control { byte: url[at], at });
        }
        if url.starts_with(b" ") || url.ends_with(b" ") {
            return Err(Refusal::Space);
        }
        let before_query = until(url, b"?#");
        if before_query.contains(&b'\\') {
            return Err(Refusal::Backslash);
        }
        let first_segment = until(before_query, b"/");
        match first_segment.iter().position(|byte| *byte == b':') {
            // RFC 3986, 4.2: the first segment of a relative path has no colon, so this is a scheme or nothing.
            Some(colon) => absolute(&before_query[..colon], &before_query[colon + 1..], own_hosts, allowed),
            None => path::check_local(before_query).map(|()| Self::Local),
        }
    }
}

/// `rest`: what follows the scheme's colon, up to the query.
fn absolute(
    scheme: &[u8],
    rest: &[u8],
    own_hosts: &[&str],
    allowed: &AllowedHosts,
) -> Result<Destination, Refusal> {
    let default_port = if scheme.eq_ignore_ascii_case(b"https") {
        443
    } else if scheme.eq_ignore_ascii_case(b"http") {
        80
    } else {
        return Err(Refusal::Scheme(scheme.to_vec()));
    };
    let rest = rest.strip_prefix(b"//").filter(|rest| !rest.starts_with(b"/")).ok_or(Refusal::Slashes)?;
    let text = until(rest, b"/");
    if text.contains(&b'@') {
        return Err(Refusal::UserInfo);
    }
    let authority = Authority::parse(text).ok_or(Refusal::NoHost)?;
    path::check_encoded(&rest[text.len()..])?;
    // `https://host:80` is no default port of https, and so only for who lists it.
    let port = authority.port.filter(|port| *port != default_port);
    let is_own = own_hosts
        .iter()
        .filter_map(|own| Authority::parse(own.as_bytes()))
        .any(|own| own.name.eq_ignore_ascii_case(authority.name) && own.special_port() == port);
    if is_own {
        Ok(Destination::Own)
    } else if allowed.contain(authority.name, port) {
        Ok(Destination::Allowed)
    } else {
        Err(Refusal::Host(text.to_vec()))
    }
}

/// What stands before the first of `ends`.
fn until<'a>(bytes: &'a [u8], ends: &[u8]) -> &'a [u8] {
    let end = bytes.iter().position(|byte| ends.contains(byte)).unwrap_or(bytes.len());
    &bytes[..end]
}
