use std::time::Duration;

use proptest::prelude::*;

use super::StoreDsn;

fn shared(path: Option<&str>, size: Option<u64>, lock_timeout: Option<Duration>) -> StoreDsn {
    StoreDsn::Shared { path: path.map(Into::into), size, lock_timeout }
}

#[test]
fn what_a_dsn_means() {
    let ms = Duration::from_millis;
    let table = [
        ("", shared(None, None, None)),
        (" \t", shared(None, None, None)),
        ("shared:", shared(None, None, None)),
        ("shared://", shared(None, None, None)),
        ("shared:?", shared(None, None, None)),
        ("shared:?size=64M", shared(None, Some(64 << 20), None)),
        ("shared:///var/lib/holdfast", shared(Some("/var/lib/holdfast"), None, None)),
        ("shared:/var/lib/holdfast", shared(Some("/var/lib/holdfast"), None, None)),
        ("shared:///a b%20c", shared(Some("/a b%20c"), None, None)),
        (
            "shared:///var/lib/holdfast?size=64M&lock_timeout=5s",
            shared(Some("/var/lib/holdfast"), Some(64 << 20), Some(ms(5000))),
        ),
        ("shared:?lock_timeout=250ms&size=65536", shared(None, Some(65536), Some(ms(250)))),
        ("shared:?size=8k", shared(None, Some(8192), None)),
        ("shared:?size=2G", shared(None, Some(2 << 30), None)),
        ("memory:", StoreDsn::Memory { capacity: 0 }),
        ("memory://", StoreDsn::Memory { capacity: 0 }),
        ("memory:?capacity=0", StoreDsn::Memory { capacity: 0 }),
        ("memory:?capacity=16M", StoreDsn::Memory { capacity: 16 << 20 }),
    ];
    for (text, meaning) in table {
        assert_eq!(StoreDsn::parse(text).unwrap(), meaning, "{text:?}");
    }
}

/// S29: the scheme was forgotten, and the message repeated the password that stood in its place. Found by the fuzzer.
#[test]
fn s29_what_stands_in_the_place_of_a_scheme_is_repeated_only_if_it_looks_like_one() {
    for text in ["hunter2:6379/0", "hunter:pass@host", "hunter2://host", "hunter-two://host"] {
        let said = StoreDsn::parse(text).unwrap_err().to_string();
        assert!(
            said.contains("is no scheme") && !said.contains("hunter") && !said.contains("pass@"),
            "{said}"
        );
    }
}

#[test]
fn every_wrong_dsn_is_refused_with_what_is_wrong_and_what_is_allowed() {
    let table = [
        ("files", "begin with a scheme", "shared, memory"),
        ("/var/lib/holdfast", "begin with a scheme", "shared, memory"),
        (":", "begin with a scheme", "shared, memory"),
        ("Shared:", "begin with a scheme", "shared, memory"),
        ("memcached://localhost", "unknown scheme memcached", "shared, memory"),
        ("shared:holdfast", "must be absolute", "shared:///"),
        ("shared://var/lib", "must be absolute", "shared:///"),
        ("shared:./x?size=1M", "must be absolute", "shared:///"),
        ("shared:///a\0b", "NUL byte", ""),
        ("shared:?capacity=1M", "unknown option capacity", "size, lock_timeout"),
        ("shared:?=1M", "unknown option", "size, lock_timeout"),
        ("shared:?size", "name=value", "size, lock_timeout"),
        ("shared:?size=1M&", "name=value", "size, lock_timeout"),
        ("shared:?size=1M&size=1M", "size is given twice", "once"),
        ("shared:?size=", "bad value of size", "64M"),
        ("shared:?size=0", "bad value of size", "from 1"),
        ("shared:?size=M", "bad value of size", "64M"),
        ("shared:?size=+5", "bad value of size", "64M"),
        ("shared:?size=-5", "bad value of size", "64M"),
        ("shared:?size=1.5M", "bad value of size", "64M"),
        ("shared:?size=1MB", "bad value of size", "64M"),
        ("shared:?size=1é", "bad value of size", "64M"),
        ("shared:?size=18446744073709551616", "bad value of size", "64M"),
        ("shared:?size=18446744073709551615K", "bad value of size", "64M"),
        ("shared:?lock_timeout=5", "bad value of lock_timeout", "500ms or 5s"),
        ("shared:?lock_timeout=0s", "bad value of lock_timeout", "above 0"),
        ("shared:?lock_timeout=5m", "bad value of lock_timeout", "500ms or 5s"),
        ("shared:?lock_timeout=s", "bad value of lock_timeout", "500ms or 5s"),
        ("memory:x", "takes no path", "memory:?capacity"),
        ("memory:?size=1M", "unknown option size", "capacity"),
        ("memory:?capacity=lots", "bad value of capacity", "64M"),
    ];
    for (text, wrong, allowed) in table {
        let message = StoreDsn::parse(text).unwrap_err().to_string();
        assert!(message.starts_with("holdfast.store: "), "{text:?}: {message}");
        assert!(message.contains(wrong), "{text:?}: {message}");
        assert!(message.contains(allowed), "{text:?}: {message}");
    }
}

#[test]
fn no_message_repeats_a_password() {
    for text in [
        "ftp://user:hunter2@localhost",
        "hunter2@localhost:6379",
        "HUNTER2hunter2",
        "shared:hunter2",
        "shared://user:hunter2@host/",
        "shared:?size=hunter2",
        "shared:?hunter2",
        "shared:?hunter2=1",
        "shared:?auth=hunter2",
        "memory:hunter2",
    ] {
        let message = StoreDsn::parse(text).unwrap_err().to_string();
        assert!(!message.contains("hunter2"), "{text:?}: {message}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = StoreDsn::parse(&text);
    }

    #[test]
    fn any_text_that_looks_like_a_dsn_is_read_or_refused(
        text in "(shared|memory|redis)?:?(//)?/?[a-z/\0é]{0,4}\\??((size|lock_timeout|capacity|[a-z\u{fc}]{0,3})=?[0-9]{0,21}(K|M|G|ms|s|é)?&?){0,3}"
    ) {
        let _ = StoreDsn::parse(&text);
    }

    #[test]
    fn every_size_is_read_back(number in 1..=u64::MAX >> 30, unit in 0..4_usize) {
        let text = format!("shared:?size={number}{}", ["", "K", "M", "G"][unit]);
        prop_assert_eq!(StoreDsn::parse(&text).unwrap(), shared(None, Some(number << (10 * unit)), None));
    }
}

#[test]
fn a_pair_of_stores_is_read_with_its_own_dsns_inside() {
    let text =
        "migrating:?from=shared:///var/lib/holdfast?size=64M%26lock_timeout=1s&to=redis://:a%2540b@host/3";
    let StoreDsn::Migrating { from, to } = StoreDsn::parse(text).unwrap() else { panic!("another scheme") };
    assert_eq!(*from, StoreDsn::parse("shared:///var/lib/holdfast?size=64M&lock_timeout=1s").unwrap());
    assert_eq!(*to, StoreDsn::parse("redis://:a%40b@host/3").unwrap());
}

#[test]
fn a_pair_that_is_none_is_refused_and_no_password_repeated() {
    for (text, says) in [
        ("migrating:", "from is missing"),
        ("migrating:?from=shared:", "to is missing"),
        ("migrating:?from=shared:&to=shared:", "the same store"),
        ("migrating:?from=shared:&to=memory:?capacity=x", "to: memory: bad value of capacity"),
        ("migrating:?from=shared:&to=redis://:hunter2@h?size=1", "to: redis: unknown option size"),
        ("migrating:?from=shared:&to=redis://h&prefix=hunter2", "unknown option prefix"),
        ("migrating:?from=shared:&to=%zzhunter2", "bad value of to"),
        ("migrating:?from=shared:&to=migrating:?from=shared:%26to=memory:", "another migrating: store"),
        ("migrating:/x?from=shared:&to=memory:", "takes two stores"),
    ] {
        let error = StoreDsn::parse(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
        assert!(
            error.starts_with("holdfast.store: migrating: ") && !error.contains("hunter2"),
            "{text}: {error}"
        );
    }
}
