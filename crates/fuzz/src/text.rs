//! What comes from a browser or an operator as text: cookies, ids, tokens, addresses, settings.

use std::net::IpAddr;

use holdfast_core::{
    client::{
        address::{self, TrustedProxies},
        ban::{BannedAddresses, BannedNames},
        challenge, device,
        fingerprint::Modes,
    },
    cookie,
    csrf::{Origin, Sending, Verdict, judge},
    destination::{AllowedHosts, Destination},
    engine::{EngineError, StoreDsn},
    id::SessionId,
    record::Handle,
    secret::Secret,
    session::RememberToken,
};

const COOKIE: &str = "holdfast";

/// The first byte chooses the reader.
pub fn text(input: &[u8]) {
    let Some((&reader, bytes)) = input.split_first() else { return };
    match reader % 6 {
        0 => cookies(bytes),
        1 => ids(bytes),
        2 => dsn(bytes),
        3 => addresses(bytes),
        4 => destinations(bytes),
        _ => lists(bytes),
    }
}

fn cookies(header: &[u8]) {
    for value in cookie::values(header, COOKIE) {
        let range = header.as_ptr_range();
        assert!(value.is_empty() || range.contains(&value.as_ptr()), "a value from elsewhere");
        assert!(!value.contains(&b';') && value.trim_ascii_end() == value);
        ids(value);
    }
}

fn ids(text: &[u8]) {
    let secret = Secret::from_bytes([7; 32]);
    if let Some(id) = SessionId::recognise(&secret, COOKIE, text) {
        assert!(SessionId::has_form(text) && id.as_str().as_bytes() == text);
        assert!(SessionId::recognise(&secret, "another", text).is_none(), "an id of two cookies");
    }
    if let Some(token) = RememberToken::recognise(&secret, COOKIE, text) {
        assert!(token.as_str().as_bytes() == text);
    }
    if let Some(handle) = Handle::parse(text) {
        assert!(Handle::parse(handle.to_string().as_bytes()) == Some(handle));
    }
    let _ = challenge::matches(&secret, text, &[3; 32]);
    let _ = device::recognise(&secret, b"41", text);
}

fn dsn(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    match StoreDsn::parse(text) {
        Ok(StoreDsn::Shared { path: Some(path), .. }) => {
            assert!(path.is_absolute() && !path.to_string_lossy().contains('\0'));
        }
        Ok(_) => {}
        Err(EngineError::Dsn(says)) => {
            assert!(says.len() < 600, "an error as long as the text");
            // A password may stand anywhere in it.
            if let Some(at) = text.find("hunter2hunter2") {
                assert!(!says.contains("hunter2hunter2"), "it repeats the text: {says} ({at})");
            }
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn addresses(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let remote = parts.next().unwrap_or_default();
    let forwarded = parts.next();
    let list = parts.next().and_then(|list| std::str::from_utf8(list).ok()).unwrap_or("10.0.0.0/8, ::1");
    let none = TrustedProxies::default();
    let direct = address::client(remote, forwarded, &none);
    assert_eq!(direct, address::client(remote, None, &none), "a header of nobody trusted counts");
    let Ok(trusted) = TrustedProxies::parse(list) else { return };
    if let Some(found) = address::client(remote, forwarded, &trusted) {
        let again = address::client(found.to_string().as_bytes(), None, &none);
        assert_eq!(again, Some(found), "an address that is none as text");
        let _ = address::network(found).as_bytes().len();
    }
}

fn destinations(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let url = parts.next().unwrap_or_default();
    let hosts = parts.next().and_then(|list| std::str::from_utf8(list).ok()).unwrap_or("*.example.org");
    let Ok(allowed) = AllowedHosts::parse(hosts) else { return };
    if Destination::check(url, &["example.com"], &allowed).is_ok() {
        assert!(!url.iter().any(u8::is_ascii_control), "a redirect with a control character");
        assert!(url != b"//" && !url.starts_with(b"javascript:"));
        if Destination::check(url, &[], &AllowedHosts::default()).is_ok() {
            // Nobody's host: it stays here, whatever a browser makes of it.
            assert!(!url.starts_with(b"//") && !url.starts_with(b"/\\") && !url.starts_with(b"\\"));
        }
    }
    if let Some(origin) = Origin::parse(url) {
        let sent = Sending { method: b"POST", origin: Some(url), ..Sending::default() };
        assert_eq!(judge(&sent, &[origin]), Verdict::Listed);
        assert_eq!(judge(&sent, &[]), Verdict::Foreign);
    }
}

fn lists(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(banned) = BannedAddresses::parse(text) {
        let _ = banned.contain(IpAddr::from([10, 1, 2, 3]));
        let _ = banned.contain(IpAddr::from([0; 16]));
    }
    if let Ok(banned) = BannedNames::parse(text) {
        let _ = banned.contain(bytes);
        let _ = banned.contain(b"somebody@example.org");
    }
    let _ = Modes::from_bits(u32::try_from(bytes.len()).unwrap_or_default());
}
