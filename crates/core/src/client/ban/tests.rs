use proptest::prelude::*;

use super::*;

fn bans(list: &str, address: &str) -> bool {
    BannedAddresses::parse(list).unwrap().contain(address.parse().unwrap())
}

fn names(list: &str, name: &str) -> bool {
    BannedNames::parse(list).unwrap().contain(name.as_bytes())
}

#[test]
fn an_address_is_banned_by_itself_its_network_and_its_patterns() {
    for list in [
        "192.0.2.7",
        "192.0.2.0/24",
        "192.0.2.*",
        "192.0.*.*",
        "192.0.2.7*",
        "192.*",
        "1*",
        "*.7",
        "*.2.7",
        "::ffff:192.0.2.7",
        "::ffff:192.0.2.0/120",
        " 10.0.0.1 | 192.0.2.7 |",
    ] {
        assert!(bans(list, "192.0.2.7"), "{list}");
        assert!(bans(list, "::ffff:192.0.2.7"), "{list}");
        assert!(!bans(list, "203.0.113.9"), "{list}");
        assert!(!bans(list, "2001:db8::7"), "{list}");
    }
    assert!(bans("192.0.2.1*", "192.0.2.1") && bans("192.0.2.1*", "192.0.2.199"));
    assert!(!bans("192.0.2.1*", "192.0.2.21") && !bans("*.7", "192.0.2.17"));
    assert!(bans("*7", "192.0.2.17"));
}

#[test]
fn an_ipv6_address_is_banned_however_it_is_written() {
    for list in [
        "2001:db8::7",
        "2001:0DB8:0:0:0:0:0:7",
        "2001:db8::/32",
        "2001:db8:*",
        "2001:0db8:*",
        "2001:*",
        "2001:db8:0:*",
        "2001:db8:0:0:0:0:0:*",
    ] {
        assert!(bans(list, "2001:db8::7"), "{list}");
        assert!(!bans(list, "2002:db8::7"), "{list}");
        assert!(!bans(list, "192.0.2.7"), "{list}");
    }
    assert!(!bans("2001:db8:*", "2001:db80::1"));
}

#[test]
fn nobody_is_banned_by_an_empty_list_or_a_star() {
    for list in ["", " ", "*", "|", "||*| * |", "**"] {
        assert_eq!(BannedAddresses::parse(list), Ok(BannedAddresses::default()), "{list:?}");
        assert_eq!(BannedNames::parse(list), Ok(BannedNames::default()), "{list:?}");
        assert!(!names(list, "") && !names(list, "anna"), "{list:?}");
    }
}

#[test]
fn an_entry_that_is_none_is_named() {
    for entry in [
        "192.0.2.300",
        "192.0.2.300*",
        "192.0.2.0/33",
        "192.0.2",
        "192..*",
        ".*",
        "1.2.3.4.*",
        "2001*",
        "2001:db8*",
        "2001:db8::*",
        "2001:db8:0:0:0:0:0:7:*",
        "2001:+db8:*",
        "*::7",
        "*.",
        "1*2",
        "*1*",
        "example.org",
        "192.0.2.7, 192.0.2.8",
    ] {
        let list = format!("192.0.2.7|{entry}");
        assert_eq!(BannedAddresses::parse(&list), Err(BadBan::Address(entry.into())), "{entry}");
        assert!(BannedAddresses::parse(&list).unwrap_err().to_string().contains(entry));
    }
    assert_eq!(BannedNames::parse("a|b*c*|d"), Err(BadBan::Name("b*c*".into())));
}

#[test]
fn a_name_is_banned_as_a_whole_by_its_beginning_its_end_or_a_part() {
    for list in [
        "anna@example.org",
        "ANNA@Example.ORG",
        "*@example.org",
        "anna@*",
        "*a@exam*",
        "x| anna@example.org |y",
    ] {
        assert!(names(list, "anna@example.org"), "{list}");
        assert!(names(list, " Anna@EXAMPLE.org"), "{list}");
        assert!(!names(list, "bert@example.net"), "{list}");
    }
    assert!(!names("anna", "annabel") && !names("anna", "joanna"));
    assert!(names("*ÄRGER*", "viel ärger"));
    assert!(names("ΣΑΣ*", "ΣΑΣΑ"), "a letter that is another one at the end of a word");
    assert!(!names("1e3", "1000"), "numbers are text");
    assert!(BannedNames::parse("a\u{fffd}").unwrap().contain(b"a\xff"));
}

proptest! {
    #[test]
    fn an_ipv4_pattern_is_what_the_text_says(octets in any::<[u8; 4]>(), other in any::<[u8; 4]>(), cut in 1_usize..8) {
        let text = IpAddr::from(octets).to_string();
        let (start, end) = (&text[..cut.min(text.len())], &text[text.len().saturating_sub(cut)..]);
        let other = IpAddr::from(other).to_string();
        let (begins, ends) = (format!("{start}*"), format!("*{end}"));
        prop_assert!(bans(&begins, &text) && bans(&ends, &text));
        prop_assert_eq!(bans(&begins, &other), other.starts_with(start));
        prop_assert_eq!(bans(&ends, &other), other.ends_with(end));
    }

    #[test]
    fn whole_groups_of_ipv6_are_a_network(
        address in any::<[u16; 8]>(),
        other in any::<[u16; 8]>(),
        shared in 0_usize..=8,
        groups in 1_usize..8,
    ) {
        let mut other = other;
        other[..shared].copy_from_slice(&address[..shared]);
        // What stands for IPv4 is IPv4.
        prop_assume!(address[..5] != [0; 5] && other[..5] != [0; 5]);
        let start: Vec<String> = address[..groups].iter().map(|group| format!("{group:x}")).collect();
        let banned = BannedAddresses::parse(&format!("{}:*", start.join(":"))).unwrap();
        prop_assert!(banned.contain(IpAddr::from(address)));
        prop_assert_eq!(banned.contain(IpAddr::from(other)), other[..groups] == address[..groups]);
    }

    #[test]
    fn no_list_makes_a_panic_and_what_is_taken_bans_its_own_entries(list in "[a-z0-9.:/*| äÄ]{0,40}", address in any::<[u8; 16]>()) {
        if let Ok(banned) = BannedAddresses::parse(&list) {
            let _ = banned.contain(IpAddr::from(address));
        }
        if let Ok(banned) = BannedNames::parse(&list) {
            for entry in entries(&list) {
                prop_assert!(banned.contain(entry.replace('*', "x").as_bytes()), "{}", entry);
            }
        }
    }
}
