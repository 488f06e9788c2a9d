//! Cookies on the wire: RFC 6265 as browsers live it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::time::Timestamp;

/// The values that a `Cookie` header gives for `name`, in the header's order.
///
/// The name is compared byte by byte: no decoding and no rewriting, so `..Host-x`, `%5F%5FHost-x` or ` x` never pass
/// for another name (S20).
pub fn values<'a>(header: &'a [u8], name: &str) -> impl Iterator<Item = &'a [u8]> {
    header.split(|byte| *byte == b';').filter_map(move |pair| {
        let pair = pair.trim_ascii();
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        (&pair[..equals] == name.as_bytes()).then(|| &pair[equals + 1..])
    })
}

/// On which requests from other sites a browser sends the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Only when the visitor follows a link.
    Lax,
    /// Never.
    Strict,
    /// Always; browsers want Secure with it.
    None,
}

/// The attributes that a cookie is set and removed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// The path below which it is sent.
    pub path: String,
    /// The domain with its subdomains; empty: this host only.
    pub domain: String,
    /// By HTTPS only.
    pub secure: bool,
    /// Out of reach of scripts in the page.
    pub http_only: bool,
    /// `None`: the attribute is left out.
    pub same_site: Option<SameSite>,
}

impl Attributes {
    /// The header line that sets the cookie, for `lifetime`; zero: until the browser closes.
    pub fn set(&self, name: &str, value: &str, lifetime: Duration, now: Timestamp) -> String {
        let mut line = format!("Set-Cookie: {name}={value}");
        if !lifetime.is_zero() {
            let end = UNIX_EPOCH + Duration::from_millis(now.as_millis().min(MAX_DATE_MILLIS)) + lifetime;
            line.push_str("; expires=");
            line.push_str(&date(end));
            line.push_str("; Max-Age=");
            line.push_str(&lifetime.as_secs().to_string());
        }
        self.append_to(&mut line);
        line
    }

    /// The header line that removes the cookie from the browser: the attributes are those it was set with (S11).
    pub fn remove(&self, name: &str) -> String {
        let mut line = format!(
            "Set-Cookie: {name}=deleted; expires={}; Max-Age=0",
            date(UNIX_EPOCH + Duration::from_secs(1))
        );
        self.append_to(&mut line);
        line
    }

    fn append_to(&self, line: &mut String) {
        if !self.path.is_empty() {
            line.push_str("; path=");
            line.push_str(&self.path);
        }
        if !self.domain.is_empty() {
            line.push_str("; domain=");
            line.push_str(&self.domain);
        }
        if self.secure {
            line.push_str("; secure");
        }
        if self.http_only {
            line.push_str("; HttpOnly");
        }
        line.push_str(match self.same_site {
            Some(SameSite::Lax) => "; SameSite=Lax",
            Some(SameSite::Strict) => "; SameSite=Strict",
            Some(SameSite::None) => "; SameSite=None",
            None => "",
        });
    }
}

/// The year 9000: what comes later is no date in a header.
const MAX_DATE_MILLIS: u64 = 221_845_392_000_000;

fn date(point: SystemTime) -> String {
    httpdate::fmt_http_date(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<'a>(header: &'a [u8], name: &str) -> Vec<&'a [u8]> {
        values(header, name).collect()
    }

    #[test]
    fn values_are_found_in_the_header_s_order() {
        assert_eq!(all(b"a=1; b=2;a=3 ; c", "a"), [b"1", b"3"]);
        assert_eq!(all(b"a=1=2", "a"), [b"1=2"]);
        assert!(all(b"", "a").is_empty());
    }

    #[test]
    fn s20_a_prefixed_name_can_not_be_faked() {
        for header in
            ["..Host-s=x", "%5F%5FHost-s=x", "__Host-s[=x", "__Host-s[]=x", "__host-s=x", "= __Host-s=x"]
        {
            assert!(all(header.as_bytes(), "__Host-s").is_empty(), "{header}");
        }
        assert_eq!(all(b" __Host-s=x", "__Host-s"), [b"x"]);
    }

    #[test]
    fn s11_a_cookie_is_removed_with_the_attributes_that_it_was_set_with() {
        let attributes = Attributes {
            path: "/shop".into(),
            domain: "example.org".into(),
            secure: true,
            http_only: true,
            same_site: Some(SameSite::Lax),
        };
        assert_eq!(
            attributes.set("s", "v", Duration::ZERO, Timestamp::from_millis(0)),
            "Set-Cookie: s=v; path=/shop; domain=example.org; secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            attributes.set("s", "v", Duration::from_mins(1), Timestamp::from_millis(0)),
            "Set-Cookie: s=v; expires=Thu, 01 Jan 1970 00:01:00 GMT; Max-Age=60; path=/shop; domain=example.org; \
             secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            attributes.remove("s"),
            "Set-Cookie: s=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/shop; \
             domain=example.org; secure; HttpOnly; SameSite=Lax"
        );
    }
}
