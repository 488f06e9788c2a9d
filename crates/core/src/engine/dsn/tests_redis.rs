use std::time::Duration;

use super::StoreDsn;
use crate::engine::redis::{Address, Login, Place, RedisOptions, TlsOptions};

fn tcp(host: &str, port: u16) -> Address {
    Address::Tcp { host: host.to_owned(), port }
}

fn login(user: Option<&str>, password: &str) -> Login {
    Login { user: user.map(str::to_owned), password: password.to_owned() }
}

#[test]
fn what_a_dsn_of_redis_means() {
    let at = |place| RedisOptions::at(place);
    let server = |host, port| at(Place::Server(tcp(host, port)));
    let unix = || at(Place::Server(Address::Unix("/run/redis.sock".into())));
    let sentinels = |login| Place::Sentinels {
        sentinels: vec![tcp("a", 26379), tcp("b", 1), tcp("c", 26379)],
        service: "mymaster".to_owned(),
        login,
    };
    let ms = Duration::from_millis;
    let tls = |ca: Option<&str>, client: Option<(&str, &str)>| {
        let client = client.map(|(cert, key)| (cert.into(), key.into()));
        Some(TlsOptions { ca: ca.map(Into::into), client })
    };
    let table = [
        ("redis://localhost", server("localhost", 6379)),
        ("redis://localhost/", server("localhost", 6379)),
        ("redis:localhost:7000", server("localhost", 7000)),
        ("redis://localhost:7000/3", RedisOptions { db: 3, ..server("localhost", 7000) }),
        ("redis://localhost?db=3", RedisOptions { db: 3, ..server("localhost", 6379) }),
        ("redis://[::1]:7000", server("::1", 7000)),
        ("redis://[::1]", server("::1", 6379)),
        ("redis://:secret@h", RedisOptions { login: Some(login(None, "secret")), ..server("h", 6379) }),
        (
            "redis://me:s%40%3a%2F@h",
            RedisOptions { login: Some(login(Some("me"), "s@:/")), ..server("h", 6379) },
        ),
        ("redis://me:a@b@h", RedisOptions { login: Some(login(Some("me"), "a@b")), ..server("h", 6379) }),
        ("redis:///run/redis.sock", unix()),
        ("redis:///run/redis.sock?db=2", RedisOptions { db: 2, ..unix() }),
        ("redis://:pw@/run/redis.sock", RedisOptions { login: Some(login(None, "pw")), ..unix() }),
        (
            "redis://h?prefix=shop:&connect_timeout=250ms&timeout=3s&lock_lease=90s",
            RedisOptions {
                prefix: "shop:".to_owned(),
                connect_timeout: ms(250),
                timeout: ms(3000),
                lock_lease: ms(90_000),
                ..server("h", 6379)
            },
        ),
        ("redis://h?prefix=", RedisOptions { prefix: String::new(), ..server("h", 6379) }),
        ("rediss://h", RedisOptions { tls: tls(None, None), ..server("h", 6379) }),
        (
            "rediss://h?ca=/ca.pem&cert=/c.pem&key=/k%20k.pem",
            RedisOptions { tls: tls(Some("/ca.pem"), Some(("/c.pem", "/k k.pem"))), ..server("h", 6379) },
        ),
        ("redis+cluster://a,b:1", at(Place::Cluster(vec![tcp("a", 6379), tcp("b", 1)]))),
        (
            "rediss+cluster://u:p@a",
            RedisOptions {
                tls: tls(None, None),
                login: Some(login(Some("u"), "p")),
                ..at(Place::Cluster(vec![tcp("a", 6379)]))
            },
        ),
        ("redis+sentinel://a,b:1,c/mymaster", at(sentinels(None))),
        (
            "redis+sentinel://:pw@a,b:1,c/mymaster?db=1&sentinel_password=s%26p",
            RedisOptions { db: 1, login: Some(login(None, "pw")), ..at(sentinels(Some(login(None, "s&p")))) },
        ),
    ];
    for (text, meaning) in table {
        assert_eq!(StoreDsn::parse(text).unwrap(), StoreDsn::Redis(Box::new(meaning)), "{text}");
    }
}

#[test]
fn every_wrong_dsn_of_redis_is_refused_with_what_is_wrong_and_what_is_allowed() {
    let table = [
        ("redis:", "a host is missing", "host:port"),
        ("redis://", "a host is missing", "host:port"),
        ("redis://h:0", "badly written", "host:port"),
        ("redis://h:65536", "badly written", "host:port"),
        ("redis://h:+1", "badly written", "host:port"),
        ("redis://::1", "badly written", "[IPv6]"),
        ("redis://a,b", "takes one host", "redis+cluster"),
        ("redis://h/x", "number of a database", "redis://host/0"),
        ("redis://h/1?db=1", "given twice", "once"),
        ("redis://h?db=x", "bad value of db", "0 or 3"),
        ("redis://h?db=4294967296", "bad value of db", "0 or 3"),
        ("redis://user@h", "before the @", ":password"),
        ("redis://user:@h", "before the @", ":password"),
        ("redis://u:%zz@h", "before the @", "%25"),
        ("redis://h?size=1M", "unknown option size", "prefix, connect_timeout, timeout, lock_lease, db"),
        ("redis://h?ca=/x", "unknown option ca", "prefix"),
        ("redis://h?timeout=2", "bad value of timeout", "500ms or 5s"),
        ("redis://h?timeout=0s", "bad value of timeout", "above 0"),
        ("redis://h?connect_timeout=0ms", "bad value of connect_timeout", "above 0"),
        ("redis://h?lock_lease=0s", "bad value of lock_lease", "above 0"),
        ("redis://h?prefix={x}", "bad value of prefix", "letters"),
        ("redis://h?prefix=a*", "bad value of prefix", "letters"),
        ("rediss:///run/redis.sock", "is not encrypted", "redis:///"),
        ("rediss://h?ca=ca.pem", "bad value of ca", "absolute path"),
        ("rediss://h?cert=/c.pem", "given together", ""),
        ("redis+cluster://a/0", "no databases", ""),
        ("redis+cluster://a?db=0", "unknown option db", "lock_lease"),
        ("redis+sentinel://a,b", "call the master", "mymaster"),
        ("redis+sentinel://a/m/x", "call the master", "mymaster"),
        ("redis+sentinel://a/m?sentinel_user=u", "needs sentinel_password", ""),
    ];
    for (text, what, allowed) in table {
        let message = StoreDsn::parse(text).unwrap_err().to_string();
        assert!(message.starts_with("holdfast.store: "), "{text:?}: {message}");
        assert!(message.contains(what), "{text:?}: {message}");
        assert!(message.contains(allowed), "{text:?}: {message}");
    }
}

#[test]
fn s29_no_password_is_shown() {
    for text in [
        "redis://user:hunter2@localhost:6379/0",
        "redis+sentinel://:hunter2@a,b/m?sentinel_password=hunter2&sentinel_user=hunter2",
        "rediss+cluster://hunter2:hunter2@a",
    ] {
        let dsn = StoreDsn::parse(text).unwrap();
        assert!(!format!("{dsn:?}").contains("hunter2"), "{dsn:?}");
        let StoreDsn::Redis(options) = dsn else { panic!("{text}") };
        if options.tls.is_none() {
            use crate::engine::Engine as _;
            let engine = crate::engine::redis::RedisEngine::open(&options).unwrap();
            assert!(!format!("{engine:?}{}", engine.describe()).contains("hunter2"), "{engine:?}");
        }
    }
    for text in [
        "redis://localhost?auth=hunter2",
        "redis://user:hunter2@",
        "redis://user:hunter2@h:x",
        "redis://hunter2@h",
        "redis://:hunter2/x@h/y",
        "redis+sentinel://a/m?sentinel_password=hunter2&db=x",
        "redis+cluster://:hunter2@a/1",
    ] {
        let message = StoreDsn::parse(text).unwrap_err().to_string();
        assert!(!message.contains("hunter2"), "{text:?}: {message}");
    }
}
