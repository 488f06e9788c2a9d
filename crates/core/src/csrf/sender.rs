use super::origin::{Origin, Scheme};

/// What a request says of itself, for [`judge`]. Headers are `None` when they are absent; an empty one counts as absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sending<'a> {
    /// The method, as `POST`.
    pub method: &'a [u8],
    /// Whether the server took it by HTTPS.
    pub is_https: bool,
    /// The header `Host`: what the browser takes this site for.
    pub host: Option<&'a [u8]>,
    /// The header `Origin`.
    pub origin: Option<&'a [u8]>,
    /// The header `Sec-Fetch-Site`.
    pub sec_fetch_site: Option<&'a [u8]>,
    /// The header `Referer`.
    pub referer: Option<&'a [u8]>,
}

/// Where a request was sent from, as far as the browser tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may not change anything, so nobody asked.
    Safe,
    /// From this site itself.
    Own,
    /// From another site that is listed.
    Listed,
    /// The browser does not say.
    Unknown,
    /// From another site, or from a page that hides where it is from.
    Foreign,
}

/// A method that changes nothing (RFC 9110, 9.2.1).
pub fn is_safe(method: &[u8]) -> bool {
    [b"GET".as_slice(), b"HEAD", b"OPTIONS", b"TRACE"].contains(&method)
}

/// Where `request` was sent from (S36). `listed` are other origins whose pages may send forms here.
///
/// Headers that are missing speak for nobody: old browsers send none. But nothing may speak against the request: not
/// `Origin`, or `Referer` in its place, and not `Sec-Fetch-Site`. A listed origin outweighs the latter, which says
/// "same-site" or "cross-site" of it by nature.
///
/// `Origin: null` is foreign (a sandboxed frame, a redirect by another site, a file), unless `Sec-Fetch-Site` says
/// "same-origin": then the page is our own and its `Referrer-Policy: no-referrer` hides its name.
///
/// The server's own origin is the `Host` by the scheme that the server saw, or by HTTPS where it saw HTTP: TLS may end
/// before it. Never by HTTP where it saw HTTPS: that page came over a line on which anybody could write it.
pub fn judge(request: &Sending<'_>, listed: &[Origin]) -> Verdict {
    if is_safe(request.method) {
        return Verdict::Safe;
    }
    let sender = Sender::of(request);
    if let Sender::Page(origin) = &sender
        && listed.contains(origin)
    {
        return Verdict::Listed;
    }
    let site = Site::of(request.sec_fetch_site);
    match (sender, site) {
        (_, Site::Other) => Verdict::Foreign,
        (Sender::Page(origin), _) if own(request).contains(&Some(origin.clone())) => Verdict::Own,
        (Sender::Hidden | Sender::Unknown, Site::Own) => Verdict::Own,
        (Sender::Unknown, Site::Unknown) => Verdict::Unknown,
        (Sender::Page(_) | Sender::Hidden | Sender::Senseless, _) => Verdict::Foreign,
    }
}

/// The origins that are this server's.
fn own(request: &Sending<'_>) -> [Option<Origin>; 2] {
    let at = |scheme| request.host.and_then(|host| Origin::at(scheme, host));
    [at(Scheme::Https), if request.is_https { None } else { at(Scheme::Http) }]
}

/// The page that sent a request.
enum Sender {
    Page(Origin),
    /// `Origin: null`
    Hidden,
    /// An `Origin` that no browser sends for a page of the web.
    Senseless,
    Unknown,
}

impl Sender {
    fn of(request: &Sending<'_>) -> Self {
        match (given(request.origin), given(request.referer)) {
            (Some(b"null"), _) => Self::Hidden,
            (Some(origin), _) => Origin::parse(origin).map_or(Self::Senseless, Self::Page),
            (None, Some(referer)) => Origin::of_url(referer).map_or(Self::Unknown, Self::Page),
            (None, None) => Self::Unknown,
        }
    }
}

/// What `Sec-Fetch-Site` says.
#[derive(Clone, Copy)]
enum Site {
    Own,
    /// Another one, be it a sibling's subdomain or port.
    Other,
    /// Nothing, or nothing that is known: by the specification of fetch metadata a server ignores what it does not
    /// know. "none" is no page at all but the visitor's own doing.
    Unknown,
}

impl Site {
    fn of(header: Option<&[u8]>) -> Self {
        match given(header).map(<[u8]>::to_ascii_lowercase).as_deref() {
            Some(b"same-origin") => Self::Own,
            Some(b"same-site" | b"cross-site") => Self::Other,
            _ => Self::Unknown,
        }
    }
}

fn given(header: Option<&[u8]>) -> Option<&[u8]> {
    header.map(<[u8]>::trim_ascii).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use Verdict::{Foreign, Listed, Own, Unknown};

    use super::*;

    const MISSING: &str = "(missing)";

    fn header(text: &str) -> Option<&[u8]> {
        (text != MISSING).then_some(text.as_bytes())
    }

    fn post<'a>(
        host: &'a str,
        is_https: bool,
        origin: &'a str,
        site: &'a str,
        referer: &'a str,
    ) -> Sending<'a> {
        Sending {
            method: b"POST",
            is_https,
            host: header(host),
            origin: header(origin),
            sec_fetch_site: header(site),
            referer: header(referer),
        }
    }

    /// `Origin`, `Sec-Fetch-Site`, and what they say at https://shop.example.org with https://admin.example.org and
    /// https://partner.test:8443 listed.
    #[rustfmt::skip]
    const MATRIX: &[(&str, &str, Verdict)] = &[
        // What browsers send from our own pages.
        ("https://shop.example.org",          "same-origin", Own),
        ("https://shop.example.org",          MISSING,       Own),
        ("https://shop.example.org",          "none",        Own),
        ("https://shop.example.org:443",      MISSING,       Own),
        ("HTTPS://SHOP.example.org",          MISSING,       Own),
        (MISSING,                             "same-origin", Own),
        // A page with Referrer-Policy: no-referrer.
        ("null",                              "same-origin", Own),
        // Old browsers, and the visitor's own doing: the token decides.
        (MISSING,                             MISSING,       Unknown),
        ("",                                  "",            Unknown),
        (MISSING,                             "none",        Unknown),
        (MISSING,                             "same-planet", Unknown),
        // Another site.
        ("https://evil.example",              "cross-site",  Foreign),
        ("https://evil.example",              MISSING,       Foreign),
        ("https://evil.example",              "none",        Foreign),
        ("https://evil.example",              "same-origin", Foreign),
        (MISSING,                             "cross-site",  Foreign),
        (MISSING,                             "Cross-Site",  Foreign),
        ("https://shop.example.org",          "cross-site",  Foreign),
        // A page that hides.
        ("null",                              "cross-site",  Foreign),
        ("null",                              "same-site",   Foreign),
        ("null",                              "none",        Foreign),
        ("null",                              MISSING,       Foreign),
        // A sibling subdomain, a parent, a child.
        ("https://blog.example.org",          "same-site",   Foreign),
        ("https://blog.example.org",          MISSING,       Foreign),
        ("https://example.org",               MISSING,       Foreign),
        ("https://x.shop.example.org",        MISSING,       Foreign),
        (MISSING,                             "same-site",   Foreign),
        ("https://shop.example.org",          "same-site",   Foreign),
        // Another port, another scheme.
        ("https://shop.example.org:8443",     "same-site",   Foreign),
        ("https://shop.example.org:8443",     MISSING,       Foreign),
        ("https://shop.example.org:80",       MISSING,       Foreign),
        ("http://shop.example.org",           "cross-site",  Foreign),
        ("http://shop.example.org",           MISSING,       Foreign),
        ("http://shop.example.org:443",       MISSING,       Foreign),
        // Names that resemble ours.
        ("https://shop.example.org.evil.example", MISSING,   Foreign),
        ("https://shop.example.orgevil",      MISSING,       Foreign),
        ("https://evilshop.example.org",      MISSING,       Foreign),
        ("https://evil.example/shop.example.org", MISSING,   Foreign),
        ("https://shop.example.org@evil.example", MISSING,   Foreign),
        ("https://shop.example.org https://evil.example", MISSING, Foreign),
        // No origin of the web.
        ("shop.example.org",                  MISSING,       Foreign),
        ("https://",                          MISSING,       Foreign),
        ("*",                                 MISSING,       Foreign),
        ("file://",                           MISSING,       Foreign),
        ("chrome-extension://abcdefgh",       "same-origin", Foreign),
        ("NULL",                              "same-origin", Foreign),
        // Listed.
        ("https://admin.example.org",         "same-site",   Listed),
        ("https://admin.example.org",         MISSING,       Listed),
        ("https://admin.example.org:443",     "same-site",   Listed),
        ("https://partner.test:8443",         "cross-site",  Listed),
        ("http://admin.example.org",          "cross-site",  Foreign),
        ("https://x.admin.example.org",       "same-site",   Foreign),
        ("https://partner.test",              "cross-site",  Foreign),
    ];

    fn listed() -> Vec<Origin> {
        [b"https://admin.example.org".as_slice(), b"https://partner.test:8443"]
            .map(|text| Origin::parse(text).unwrap())
            .to_vec()
    }

    #[test]
    fn s36_the_matrix_of_headers() {
        for (origin, site, verdict) in MATRIX {
            let request = post("shop.example.org", true, origin, site, MISSING);
            assert_eq!(judge(&request, &listed()), *verdict, "Origin: {origin}, Sec-Fetch-Site: {site}");
        }
    }

    #[test]
    fn s36_methods_that_change_nothing_are_not_judged_and_all_others_are() {
        for (origin, site, verdict) in MATRIX {
            for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
                let request = post("shop.example.org", true, origin, site, MISSING);
                let request = Sending { method: method.as_bytes(), ..request };
                assert_eq!(judge(&request, &listed()), Verdict::Safe, "{method}");
            }
            for method in ["PUT", "PATCH", "DELETE", "get", "", "ANYTHING"] {
                let request = post("shop.example.org", true, origin, site, MISSING);
                let request = Sending { method: method.as_bytes(), ..request };
                assert_eq!(judge(&request, &listed()), *verdict, "{method}");
            }
        }
    }

    #[test]
    fn s36_the_server_s_own_origin() {
        #[rustfmt::skip]
        let table = [
            // Host,                 HTTPS, Origin,                           verdict
            ("shop.example.org",      false, "http://shop.example.org",       Own),
            ("Shop.Example.Org",      false, "http://shop.example.org",       Own),
            ("shop.example.org",      false, "https://shop.example.org",      Own), // TLS ends before the server.
            ("shop.example.org:80",   false, "http://shop.example.org",       Own),
            ("shop.example.org:443",  false, "https://shop.example.org",      Own),
            ("shop.example.org:443",  true,  "https://shop.example.org",      Own),
            ("shop.example.org:8080", false, "http://shop.example.org:8080",  Own),
            ("shop.example.org:8443", true,  "https://shop.example.org:8443", Own),
            ("127.0.0.1:8080",        false, "http://127.0.0.1:8080",         Own),
            ("[::1]:8080",            false, "http://[::1]:8080",             Own),
            ("[::1]",                 false, "http://[::1]",                  Own),
            ("shop.example.org:8080", false, "http://shop.example.org",       Foreign),
            ("shop.example.org",      false, "http://shop.example.org:8080",  Foreign),
            ("shop.example.org",      false, "http://shop.example.org:443",   Foreign),
            ("shop.example.org",      true,  "http://shop.example.org",       Foreign),
            ("shop.example.org:8443", true,  "https://shop.example.org",      Foreign),
            ("[::1]:8080",            false, "http://[::1]:8081",             Foreign),
            (MISSING,                 false, "http://shop.example.org",       Foreign),
            ("",                      false, "http://shop.example.org",       Foreign),
            ("evil.example/",         false, "http://evil.example",           Foreign),
        ];
        for (host, is_https, origin, verdict) in table {
            let request = post(host, is_https, origin, MISSING, MISSING);
            assert_eq!(judge(&request, &[]), verdict, "Host: {host}, HTTPS: {is_https}, Origin: {origin}");
        }
    }

    #[test]
    fn s36_a_referer_stands_in_for_a_missing_origin() {
        #[rustfmt::skip]
        let table = [
            // Origin,                   Sec-Fetch-Site, Referer,                               verdict
            (MISSING,                    MISSING,       "https://shop.example.org/cart?x=1#y",  Own),
            (MISSING,                    MISSING,       "https://admin.example.org/",           Listed),
            (MISSING,                    "same-site",   "https://admin.example.org/",           Listed),
            (MISSING,                    MISSING,       "https://evil.example/shop.example.org", Foreign),
            (MISSING,                    MISSING,       "http://shop.example.org/",             Foreign),
            (MISSING,                    MISSING,       "https://blog.example.org/",            Foreign),
            (MISSING,                    MISSING,       "about:client",                         Unknown),
            (MISSING,                    MISSING,       "",                                     Unknown),
            (MISSING,                    "cross-site",  "https://shop.example.org/",            Foreign),
            ("https://evil.example",     MISSING,       "https://shop.example.org/",            Foreign),
            ("null",                     MISSING,       "https://shop.example.org/",            Foreign),
            ("https://shop.example.org", MISSING,       "https://evil.example/",                Own),
        ];
        for (origin, site, referer, verdict) in table {
            let request = post("shop.example.org", true, origin, site, referer);
            assert_eq!(judge(&request, &listed()), verdict, "Origin: {origin}, Referer: {referer}");
        }
    }
}
