use proptest::prelude::*;

use super::*;

const PROXIES: &str = "10.0.0.0/8, 192.0.2.7,2001:db8:ffff::/48 , ::1";

fn client(remote: &str, forwarded_for: Option<&str>) -> Option<String> {
    let trusted = TrustedProxies::parse(PROXIES).unwrap();
    super::client(remote.as_bytes(), forwarded_for.map(str::as_bytes), &trusted)
        .map(|address| address.to_string())
}

#[test]
fn s39_the_rightmost_address_that_is_no_trusted_proxy_is_the_client() {
    let table: [(&str, &str, &str, &str); 26] = [
        ("203.0.113.5", "", "203.0.113.5", "nobody said anything"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5", "no proxy of ours: its word is nothing"),
        ("203.0.113.5", "10.0.0.1", "203.0.113.5", "whatever it says"),
        ("10.0.0.1", "", "10.0.0.1", "a proxy that says nothing"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1", "one proxy"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1", "what stands before it the client has written"),
        ("10.0.0.1", "10.0.0.9,198.51.100.1", "198.51.100.1", "also if it looks like ours"),
        ("10.0.0.1", "198.51.100.1, 192.0.2.7", "198.51.100.1", "two proxies"),
        ("10.0.0.1", "198.51.100.1, 192.0.2.8", "192.0.2.8", "the second is not ours"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 192.0.2.7, 10.9.9.9", "198.51.100.1", "three proxies"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", "all are ours: somebody inside"),
        ("10.0.0.1", "1.1.1.1, unknown", "10.0.0.1", "as far as one can see"),
        ("10.0.0.1", "unknown, 198.51.100.1", "198.51.100.1", "what the client writes does no harm"),
        ("10.0.0.1", "1.1.1.1,", "10.0.0.1", "an empty last item"),
        ("10.0.0.1", "1.1.1.1, ,", "10.0.0.1", "and more of them"),
        ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1", "with a port"),
        ("10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5", "IPv6 with a port"),
        ("10.0.0.1", "[2001:db8::5]", "2001:db8::5", "IPv6 in brackets"),
        ("10.0.0.1", "\t2001:DB8::5 ", "2001:db8::5", "IPv6 with spaces around it"),
        ("10.0.0.1", "1.1.1.1, [2001:db8::5]x", "10.0.0.1", "no port"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1", "IPv4 on a socket for both"),
        ("::1", "198.51.100.1, 2001:db8:ffff::9", "198.51.100.1", "proxies with IPv6"),
        ("fe80::1%eth0", "198.51.100.1", "fe80::1", "an address of an interface"),
        ("2001:db8:fffe::9", "198.51.100.1", "2001:db8:fffe::9", "beside the network"),
        ("11.0.0.1", "198.51.100.1", "11.0.0.1", "beside the network"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1 evil", "10.0.0.1", "two in one"),
    ];
    for (remote, forwarded_for, expected, reason) in table {
        assert_eq!(client(remote, Some(forwarded_for)).as_deref(), Some(expected), "{reason}");
    }
    assert_eq!(client("10.0.0.1", None).as_deref(), Some("10.0.0.1"));
}

#[test]
fn without_an_address_there_is_no_client() {
    for remote in
        ["", "unix:", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.4:", "1.2.3.4:x", "[::1", "::x", "01.2.3.4"]
    {
        assert_eq!(client(remote, Some("198.51.100.1")), None, "{remote}");
    }
    assert_eq!(super::client(b"\xff", None, &TrustedProxies::default()), None);
}

#[test]
fn s39_without_trusted_proxies_no_header_is_believed() {
    let none = TrustedProxies::parse("").unwrap();
    let found = super::client(b"127.0.0.1", Some(b"198.51.100.1"), &none);
    assert_eq!(found, Some(IpAddr::from([127, 0, 0, 1])));
}

#[test]
fn networks_contain_what_their_prefix_says() {
    let table = [
        ("10.0.0.0/8", "10.255.255.255", true),
        ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.77/8", "10.1.2.3", true),
        ("192.0.2.128/25", "192.0.2.127", false),
        ("192.0.2.128/25", "192.0.2.128", true),
        ("192.0.2.7/32", "192.0.2.7", true),
        ("192.0.2.7/32", "192.0.2.6", false),
        ("192.0.2.7", "192.0.2.6", false),
        ("0.0.0.0/0", "255.255.255.255", true),
        ("0.0.0.0/0", "::1", false),
        ("::/0", "2001:db8::1", true),
        ("::/0", "10.0.0.1", false),
        ("::/0", "::ffff:10.0.0.1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false),
        ("2001:db8::1", "2001:db8::1", true),
        ("2001:db8::1/127", "2001:db8::", true),
        ("2001:db8::1/128", "2001:db8::", false),
        ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ("::ffff:10.0.0.0/104", "11.0.0.0", false),
        ("::ffff:10.0.0.1", "10.0.0.1", true),
        ("10.0.0.1", "::ffff:10.0.0.1", true),
    ];
    for (range, address, expected) in table {
        let trusted = TrustedProxies::parse(range).unwrap();
        assert_eq!(trusted.contain(address.parse().unwrap()), expected, "{range} {address}");
    }
}

#[test]
fn a_bad_list_of_proxies_names_the_bad_item() {
    for (text, item) in [
        ("10.0.0.1,", ""),
        ("10.0.0.1,,10.0.0.2", ""),
        ("10.0.0.1 10.0.0.2", "10.0.0.1 10.0.0.2"),
        ("10.0.0.0/33", "10.0.0.0/33"),
        ("::/129", "::/129"),
        ("10.0.0.0/", "10.0.0.0/"),
        ("10.0.0.0/+8", "10.0.0.0/+8"),
        ("10.0.0.0/-1", "10.0.0.0/-1"),
        ("10.0.0.0/8/8", "10.0.0.0/8/8"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/255.0.0.0"),
        ("10.0.0", "10.0.0"),
        ("10.*", "10.*"),
        ("*", "*"),
        ("10.0.0.1, proxy.example", "proxy.example"),
        ("[::1]", "[::1]"),
        ("10.0.0.1:80", "10.0.0.1:80"),
        ("10.0.0.999", "10.0.0.999"),
    ] {
        assert_eq!(TrustedProxies::parse(text), Err(NoProxyList { item: item.to_owned() }), "{text}");
    }
    let message = TrustedProxies::parse("10.0.0.1, a\n").unwrap_err().to_string();
    assert!(message.ends_with("2001:db8::/32; 'a' is none"), "{message}");
}

#[test]
fn s37_a_network_is_a_24_of_ipv4_and_a_64_of_ipv6() {
    let table: [(&str, &[u8], &str); 5] = [
        ("192.0.2.7", &[192, 0, 2], "192.0.2.0/24"),
        ("192.0.2.255", &[192, 0, 2], "192.0.2.0/24"),
        ("::ffff:192.0.2.7", &[192, 0, 2], "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", &[0x20, 1, 0xd, 0xb8, 0, 1, 0, 2], "2001:db8:1:2::/64"),
        ("::1", &[0; 8], "::/64"),
    ];
    for (address, bytes, text) in table {
        let network = network(address.parse().unwrap());
        assert_eq!((network.as_bytes(), network.to_string().as_str()), (bytes, text));
    }
}

proptest! {
    #[test]
    fn an_address_in_any_spelling_is_read(bits in any::<u128>(), v4 in any::<u32>(), port in any::<u16>()) {
        let (v6, v4) = (Ipv6Addr::from(bits), Ipv4Addr::from(v4));
        for text in [format!("{v6}"), format!("[{v6}]"), format!("[{v6}]:{port}"), format!(" {v6}%lo ")] {
            prop_assert_eq!(parse(text.as_bytes()), Some(IpAddr::V6(v6).to_canonical()), "{}", text);
        }
        for text in [format!("{v4}"), format!("{v4}:{port}"), format!("::ffff:{v4}"), format!("[::ffff:{v4}]:{port}")] {
            prop_assert_eq!(parse(text.as_bytes()), Some(IpAddr::V4(v4)), "{}", text);
        }
    }

    /// Whatever a client writes into the header, the proxy's own word stands behind it.
    #[test]
    fn s39_a_client_behind_a_trusted_proxy_can_not_choose_its_address(forged in "[0-9a-f:., \\[\\]x]{0,60}") {
        let header = format!("{forged}, 198.51.100.1");
        prop_assert_eq!(client("10.0.0.1", Some(&header)), Some("198.51.100.1".to_owned()));
        prop_assert_eq!(client("203.0.113.5", Some(&header)), Some("203.0.113.5".to_owned()));
    }

    #[test]
    fn any_bytes_are_read_or_not(remote in any::<Vec<u8>>(), forwarded in any::<Vec<u8>>(), list in ".*") {
        let _ = super::client(&remote, Some(&forwarded), &TrustedProxies::parse("0.0.0.0/0, ::/0").unwrap());
        let _ = TrustedProxies::parse(&list);
    }
}
