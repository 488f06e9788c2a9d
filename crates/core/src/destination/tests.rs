use proptest::prelude::*;

use super::{
    Destination::{Allowed, Local, Own},
    Refusal::{
        Backslash, Control, Empty, EncodedControl, Host, NoHost, Scheme, Slashes, Space, TooLong, TwoSlashes,
        UserInfo,
    },
    *,
};

const OWN: &[&str] = &["shop.example", "[::1]:8443", "dev.example:8080", "b\u{fc}cher.example"];
const LIST: &str = "pay.example, *.partner.example, api.example:8443, *.cdn.example:444";

fn check(url: &[u8]) -> Result<Destination, Refusal> {
    Destination::check(url, OWN, &AllowedHosts::parse(LIST).unwrap())
}

fn control(byte: u8, at: usize) -> Result<Destination, Refusal> {
    Err(Control { byte, at })
}

fn host(name: &str) -> Result<Destination, Refusal> {
    Err(Host(name.as_bytes().to_vec()))
}

fn scheme(name: &str) -> Result<Destination, Refusal> {
    Err(Scheme(name.as_bytes().to_vec()))
}

type Row = (&'static [u8], Result<Destination, Refusal>, &'static str);

fn locals() -> Vec<Row> {
    vec![
        (b"/", Ok(Local), "the root"),
        (b"/cart/?page=2#top", Ok(Local), "an absolute path"),
        (b"thanks", Ok(Local), "a path beside this page"),
        (b"./a:b", Ok(Local), "a colon behind the first segment is no scheme"),
        (b"../up/", Ok(Local), "a path above this page"),
        (b"..", Ok(Local), "the directory above"),
        (b"?a=b", Ok(Local), "a query"),
        (b"#x", Ok(Local), "a fragment"),
        (b"?next=https://evil.example/\\\\x", Ok(Local), "in a query everything is data"),
        (b"#//evil.example", Ok(Local), "in a fragment, too"),
        (b"/a//b", Ok(Local), "two slashes inside a path"),
        (b"/search?q=two words", Ok(Local), "browsers encode a space inside"),
        ("/caf\u{e9}/".as_bytes(), Ok(Local), "browsers encode what is not ASCII"),
        (b"/\xff", Ok(Local), "in whatever encoding"),
        (b"/a%20b?c=%0A", Ok(Local), "an encoded line break in a query is a text area's"),
        (b"/a%2Fb%5Cc", Ok(Local), "encoded slashes inside a path"),
        (b"/@evil.example", Ok(Local), "an at sign in a path"),
        (b"/100%", Ok(Local), "a percent sign that encodes nothing"),
        ("/\u{ff0f}evil.example".as_bytes(), Ok(Local), "a full-width slash is a letter of a path"),
    ]
}

fn disguised_locals() -> Vec<Row> {
    vec![
        (b"", Err(Empty), "nothing"),
        (b"//evil.example", Err(TwoSlashes), "a host without a scheme"),
        (b"///evil.example", Err(TwoSlashes), "browsers ignore the third"),
        (b"//shop.example/", Err(TwoSlashes), "also the own one: write the scheme"),
        (b"\\\\evil.example", Err(Backslash), "browsers take it for //"),
        (b"/\\evil.example", Err(Backslash), "the same, mixed"),
        (b"\\/evil.example", Err(Backslash), "the same, mixed the other way"),
        (b"/a\\b", Err(Backslash), "no backslash is needed in a path"),
        (b"/.//evil.example", Err(TwoSlashes), "resolved it is //evil.example"),
        (b"/a/..//evil.example", Err(TwoSlashes), "the same"),
        (b"/%2e%2E//evil.example", Err(TwoSlashes), "browsers read %2e as a dot"),
        (b"..//evil.example", Err(TwoSlashes), "the same from a page in the root"),
        (b"/%2e//evil.example/%2f..%2f..%2f..", Err(TwoSlashes), "as the browser reads it, not as decoded"),
        (b"/%2fevil.example", Err(TwoSlashes), "//evil.example for who decodes it"),
        (b"/%5cevil.example", Err(TwoSlashes), "/\\evil.example for who decodes it"),
        (b"%2f%2fevil.example", Err(TwoSlashes), "the same in front"),
        (
            b"/%09/evil.example",
            Err(EncodedControl { byte: 9 }),
            "decoded, browsers drop the tab: //evil.example",
        ),
        (b"/%0d%0aSet-Cookie:a=b", Err(EncodedControl { byte: 13 }), "a header for a proxy that decodes it"),
        (b"/x\r\nSet-Cookie: a=b", control(13, 2), "a header of its own"),
        (b"/x\nX: y", control(10, 2), "LF alone ends a header line, too"),
        (b"/x\0", control(0, 2), "NUL"),
        (b"/x?a=\x7f", control(127, 5), "DEL, also in a query"),
        (b"/\t/evil.example", control(9, 1), "browsers drop tabs: //evil.example"),
        (b"\x01//evil.example", control(1, 0), "browsers drop leading control bytes"),
        (b" //evil.example", Err(Space), "browsers drop leading spaces"),
        (b"/x ", Err(Space), "and trailing ones"),
    ]
}

fn absolutes() -> Vec<Row> {
    vec![
        (b"http://shop.example", Ok(Own), "the own host"),
        (b"https://shop.example/x?y#z", Ok(Own), "from http to https"),
        (b"HTTPS://Shop.EXAMPLE/", Ok(Own), "scheme and host have no case"),
        (b"http://shop.example:80/", Ok(Own), "the default port, written"),
        (b"https://shop.example:443?x", Ok(Own), "the default port of https; no path"),
        (b"http://dev.example:8080/", Ok(Own), "the own host with its port"),
        (b"https://[::1]:8443/", Ok(Own), "an address with its port"),
        ("http://b\u{fc}cher.example/".as_bytes(), Ok(Own), "not ASCII, but what the request names"),
        (b"https://pay.example/", Ok(Allowed), "on the list"),
        (b"https://a.partner.example/", Ok(Allowed), "a subdomain"),
        (b"https://b.a.Partner.example/", Ok(Allowed), "at any depth"),
        (b"http://api.example:8443/", Ok(Allowed), "on the list with its port"),
        (b"https://x.cdn.example:444/", Ok(Allowed), "a subdomain with its port"),
        (b"http://shop.example#@evil.example", Ok(Own), "the host ends at the #"),
        (b"http://shop.example/@evil.example//x", Ok(Own), "and at the slash"),
    ]
}

fn refused_absolutes() -> Vec<Row> {
    vec![
        (b"http://evil.example/", host("evil.example"), "another host"),
        (b"http://shop.example.evil.example/", host("shop.example.evil.example"), "ours in front"),
        (b"http://evilshop.example/", host("evilshop.example"), "ours at the end"),
        (b"http://shop.example./", host("shop.example."), "with a final dot it is another site to browsers"),
        (b"http://shop.example:8080/", host("shop.example:8080"), "another port, another server"),
        (b"http://shop.example:443/", host("shop.example:443"), "not the port of http"),
        (b"http://dev.example/", host("dev.example"), "without its port"),
        (b"http://[::1]/", host("[::1]"), "an address without its port"),
        (b"http://api.example/", host("api.example"), "listed with another port"),
        (b"http://partner.example/", host("partner.example"), "*. is for subdomains only"),
        (b"http://evilpartner.example/", host("evilpartner.example"), "no subdomain"),
        (b"http://.partner.example/", host(".partner.example"), "an empty label"),
        (b"http://e%2fpartner.example/", host("e%2fpartner.example"), "percent signs in a host"),
        (b"http://e%2f.partner.example/", host("e%2f.partner.example"), "in a subdomain, too"),
        ("http://\u{ff0f}.partner.example/".as_bytes(), host("\u{ff0f}.partner.example"), "not ASCII"),
        ("http://shop\u{3002}example/".as_bytes(), host("shop\u{3002}example"), "browsers map it to a dot"),
        (b"http://sh%6Fp.example/", host("sh%6Fp.example"), "one spelling only"),
        (b"http://shop.example,evil.example/", host("shop.example,evil.example"), "two hosts"),
        (b"http://shop.example evil.example/", host("shop.example evil.example"), "a space"),
        (b"http://shop.example@evil.example/", Err(UserInfo), "the host is evil.example"),
        (b"http://user:pw@shop.example/", Err(UserInfo), "also with the own host"),
        (b"http://@shop.example/", Err(UserInfo), "an empty user"),
        (b"http://shop.example\\@evil.example/", Err(Backslash), "two readings"),
        (b"https:evil.example", Err(Slashes), "browsers add slashes when the scheme is another"),
        (b"http:/evil.example", Err(Slashes), "browsers add the second"),
        (b"http:///evil.example", Err(Slashes), "browsers ignore the third"),
        (b"http:\\\\evil.example", Err(Backslash), "browsers take them for slashes"),
        (b"http:", Err(Slashes), "nothing behind the scheme"),
        (b"http://", Err(NoHost), "no host"),
        (b"http://:80/", Err(NoHost), "a port without a host"),
        (b"http://shop.example:/", Err(NoHost), "a colon without a port"),
        (b"http://shop.example:80:81/", Err(NoHost), "two ports"),
        (b"http://shop.example:80@/", Err(UserInfo), "a user that looks like a host"),
        (b"http://shop.example:99999/", Err(NoHost), "no port"),
        (b"http://shop.example:+80/", Err(NoHost), "digits only"),
        (b"http://[::1/", Err(NoHost), "an address without an end"),
        (b"http://shop.example/%0d%0aX:y", Err(EncodedControl { byte: 13 }), "a header for who decodes it"),
        (b"javascript:alert(1)", scheme("javascript"), "code"),
        (b"JavaScript://shop.example/%0aalert(1)", scheme("JavaScript"), "code behind a comment"),
        (b"java\nscript:alert(1)", control(10, 4), "browsers drop the line break"),
        (b"data:text/html,x", scheme("data"), "a page in the URL"),
        (b"vbscript:x", scheme("vbscript"), "code"),
        (b"file:///etc/passwd", scheme("file"), "a file of the visitor"),
        (b"ftp://shop.example/", scheme("ftp"), "another protocol"),
        (b"mailto:a@b", scheme("mailto"), "no page"),
        (b"shop.example:80/x", scheme("shop.example"), "a host without a scheme is read as one"),
        (b":x", scheme(""), "no relative path begins with a colon"),
        (b"x:y", scheme("x"), "whatever it is"),
    ]
}

#[test]
fn s41_every_url_is_accepted_or_refused_for_its_reason() {
    let rows = [locals(), disguised_locals(), absolutes(), refused_absolutes()].concat();
    assert!(rows.len() >= 50);
    for (url, expected, reason) in rows {
        assert_eq!(check(url), expected, "{}: {reason}", url.escape_ascii());
    }
}

#[test]
fn s41_a_url_is_as_long_as_a_header_line_at_most() {
    let url = |len: usize| [b"/".as_slice(), &vec![b'x'; len - 1]].concat();
    assert_eq!(check(&url(MAX_BYTES)), Ok(Local));
    assert_eq!(check(&url(MAX_BYTES + 1)), Err(TooLong { bytes: MAX_BYTES + 1 }));
}

#[test]
fn s41_a_host_with_a_default_port_is_the_host() {
    // nginx's `proxy_set_header Host $host:$server_port` writes it so.
    for own in ["shop.example:80", "shop.example:443", "SHOP.example"] {
        for url in ["http://shop.example/", "https://shop.example/", "https://shop.example:443/"] {
            let found = Destination::check(url.as_bytes(), &[own], &AllowedHosts::default());
            assert_eq!(found, Ok(Own), "{own} {url}");
        }
    }
}

#[test]
fn s41_without_a_host_of_ones_own_only_local_urls_pass() {
    let none = AllowedHosts::default();
    for own in [&[][..], &[""], &["@"], &[":80"]] {
        assert_eq!(Destination::check(b"/x", own, &none), Ok(Local));
        assert_eq!(Destination::check(b"http://shop.example/", own, &none), host("shop.example"));
        assert!(Destination::check(b"http:///x", own, &none).is_err());
    }
}

#[test]
fn a_list_of_hosts_is_read() {
    for good in
        ["", " ", "a", "a.example", "a.example , *.b.example", "127.0.0.1:8080", "[::1]", "[2001:db8::1]:81"]
    {
        assert!(AllowedHosts::parse(good).is_ok(), "{good}");
    }
}

#[test]
fn a_bad_list_of_hosts_names_the_bad_item() {
    let table = [
        ("a.example,", ""),
        ("a.example,,b.example", ""),
        ("a.example, https://b.example", "https://b.example"),
        ("b.example/", "b.example/"),
        ("a.example b.example", "a.example b.example"),
        ("*", "*"),
        ("*.", "*."),
        ("*example.org", "*example.org"),
        ("a.*.example", "a.*.example"),
        ("*.*.example", "*.*.example"),
        ("a..example", "a..example"),
        (".example", ".example"),
        ("u@a.example", "u@a.example"),
        ("a.example:", "a.example:"),
        ("a.example:x", "a.example:x"),
        ("a.example:65536", "a.example:65536"),
        ("::1", "::1"),
        ("[::x]", "[::x]"),
        ("*.[::1]", "*.[::1]"),
        ("b\u{fc}cher.example", "b\u{fc}cher.example"),
    ];
    for (text, item) in table {
        assert_eq!(AllowedHosts::parse(text), Err(NoHostList { item: item.to_owned() }), "{text}");
    }
    let message = AllowedHosts::parse("a b").unwrap_err().to_string();
    assert!(message.starts_with("must be hosts separated by commas") && message.ends_with("'a b' is none"));
}

#[test]
fn s29_a_refusal_shows_no_query() {
    for url in ["https://evil.example/?token=secret", "javascript:1?secret", "//x?secret", "/\n?secret"] {
        let message = check(url.as_bytes()).unwrap_err().to_string();
        assert!(!message.contains("secret"), "{message}");
    }
    assert_eq!(
        check("http://\u{e9}vil.example/".as_bytes()).unwrap_err().to_string(),
        "a redirect can't go to the host '\\xc3\\xa9vil.example': it is neither this site's nor in \
         holdfast.redirect_hosts"
    );
}

/// Pieces of which attacks are made.
fn any_url() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "http:",
            "https:",
            "javascript:",
            "/",
            "//",
            "\\",
            ".",
            "..",
            "@",
            ":",
            "?",
            "#",
            "%2f",
            "%5c",
            "%2e",
            "%09",
            "\t",
            "\r\n",
            " ",
            "evil.example",
            "shop.example",
            "partner.example",
            "a",
            ":80",
            "[",
            "]",
            ",",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 20 } else { 20_000 }))]

    /// What is accepted has no trace of what browsers repair, and names a host only if it is one of ours.
    #[test]
    fn s41_what_is_accepted_needs_no_forgiveness(url in any_url()) {
        let Ok(destination) = check(&url) else { return Ok(()) };
        let path = url.split(|byte| b"?#".contains(byte)).next().unwrap().to_ascii_lowercase();
        prop_assert!(!url.iter().any(u8::is_ascii_control));
        prop_assert!(!path.contains(&b'\\'));
        if destination == Local {
            prop_assert!(!path.starts_with(b"//"));
            prop_assert!(!path.split(|byte| *byte == b'/').next().unwrap().contains(&b':'));
        } else {
            let rest = path.strip_prefix(b"http://").or_else(|| path.strip_prefix(b"https://")).unwrap();
            let host = rest.split(|byte| *byte == b'/').next().unwrap();
            let host = host.strip_suffix(b":80").unwrap_or(host);
            prop_assert!(host == b"shop.example" || host.ends_with(b".partner.example"), "{:?}", host);
        }
    }
}
