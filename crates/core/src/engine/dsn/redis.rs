//! `redis://user:password@host:port/database?options` and its kin.

use std::path::{Path, PathBuf};

use super::{StoreDsn, options::Options, wrong};
use crate::engine::{
    EngineError,
    redis::{Address, Login, Place, RedisOptions, TlsOptions},
};

const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;
const MOST_PREFIX_BYTES: usize = 64;

/// How the servers are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Server,
    Sentinels,
    Cluster,
}

/// Scheme, how the servers are found, whether by TLS.
const SCHEMES: [(&str, Kind, bool); 6] = [
    ("redis", Kind::Server, false),
    ("rediss", Kind::Server, true),
    ("redis+sentinel", Kind::Sentinels, false),
    ("rediss+sentinel", Kind::Sentinels, true),
    ("redis+cluster", Kind::Cluster, false),
    ("rediss+cluster", Kind::Cluster, true),
];

/// `None` when the scheme is another engine's. `place` is what stands between `//` and `?`.
pub(super) fn parse(scheme: &str, place: &str, query: &str) -> Option<Result<StoreDsn, EngineError>> {
    let (scheme, kind, tls) = SCHEMES.into_iter().find(|(name, ..)| *name == scheme)?;
    Some(read(scheme, kind, tls, place, query).map(|options| StoreDsn::Redis(Box::new(options))))
}

fn read(
    scheme: &'static str,
    kind: Kind,
    tls: bool,
    place: &str,
    query: &str,
) -> Result<RedisOptions, EngineError> {
    let mut allowed = vec!["prefix", "connect_timeout", "timeout", "lock_lease"];
    if kind != Kind::Cluster {
        allowed.push("db");
    }
    if kind == Kind::Sentinels {
        allowed.extend(["sentinel_user", "sentinel_password"]);
    }
    if tls {
        allowed.extend(["ca", "cert", "key"]);
    }
    let mut options = Options::read(scheme, &allowed, query)?;

    // A password may hold an unescaped @: the last one ends it.
    let (login, place) = match place.rsplit_once('@') {
        Some((login, place)) => (Some(read_login(scheme, login)?), place),
        None => (None, place),
    };
    let (place, path_db) = read_place(scheme, kind, tls, place, &mut options)?;
    let defaults = RedisOptions::at(place);
    let db = options
        .take_with("db", "the number of a database, as in 0 or 3", |text| digits(text)?.parse().ok())?;
    let db = match (path_db, db) {
        (Some(_), Some(_)) => {
            return Err(wrong(format!("{scheme}: the database is given twice; allowed: once")));
        }
        (path, option) => path.or(option).unwrap_or(0),
    };
    let prefix = options.take_with("prefix", "up to 64 letters, digits and . _ : -", |text| {
        is_prefix(text).then(|| text.to_owned())
    })?;
    Ok(RedisOptions {
        login,
        tls: if tls { Some(read_tls(scheme, &mut options)?) } else { None },
        db,
        prefix: prefix.unwrap_or(defaults.prefix),
        connect_timeout: options.take_duration("connect_timeout")?.unwrap_or(defaults.connect_timeout),
        timeout: options.take_duration("timeout")?.unwrap_or(defaults.timeout),
        lock_lease: options.take_duration("lock_lease")?.unwrap_or(defaults.lock_lease),
        place: defaults.place,
    })
}

/// Where the servers are, and the database that stands behind it.
fn read_place(
    scheme: &'static str,
    kind: Kind,
    tls: bool,
    place: &str,
    options: &mut Options<'_>,
) -> Result<(Place, Option<u32>), EngineError> {
    if kind == Kind::Server && place.starts_with('/') {
        let path = decode(place).filter(|path| !path.contains('\0'));
        let path = path.ok_or_else(|| wrong(format!("{scheme}: the path of the socket is badly written")))?;
        if tls {
            return Err(wrong(format!(
                "{scheme}: a unix socket is not encrypted; use redis:///path/of/socket"
            )));
        }
        return Ok((Place::Server(Address::Unix(PathBuf::from(path))), None));
    }
    let (hosts, path) = place.split_once('/').unwrap_or((place, ""));
    let port = if kind == Kind::Sentinels { SENTINEL_PORT } else { PORT };
    let list = hosts.split(',').map(|host| address(host, port)).collect::<Option<Vec<_>>>();
    let list = list.ok_or_else(|| {
        wrong(format!("{scheme}: a host is missing or badly written; allowed: host, host:port, [IPv6]:port"))
    })?;
    match kind {
        Kind::Server => {
            let [address] = <[Address; 1]>::try_from(list).map_err(|_| {
                wrong(format!("{scheme}: takes one host; several are for redis+cluster and redis+sentinel"))
            })?;
            let db = match path {
                "" => None,
                text => Some(digits(text).and_then(|text| text.parse().ok()).ok_or_else(|| {
                    wrong(format!(
                        "{scheme}: behind the host goes the number of a database, as in {scheme}://host/0"
                    ))
                })?),
            };
            Ok((Place::Server(address), db))
        }
        Kind::Cluster if path.is_empty() => Ok((Place::Cluster(list), None)),
        Kind::Cluster => {
            Err(wrong(format!("{scheme}: a cluster has no databases; nothing goes behind its hosts")))
        }
        Kind::Sentinels => {
            let service = decode(path).filter(|name| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/')
            });
            let service = service.ok_or_else(|| {
                wrong(format!(
                    "{scheme}: behind the hosts goes what the sentinels call the master, as in {scheme}://a,b,c/mymaster"
                ))
            })?;
            let text = |text: &str| decode(text).filter(|text| !text.is_empty());
            let user = options.take_with("sentinel_user", "a name", text)?;
            let password = options.take_with("sentinel_password", "a password", text)?;
            let login = match (user, password) {
                (user, Some(password)) => Some(Login { user, password }),
                (None, None) => None,
                (Some(_), None) => {
                    return Err(wrong(format!("{scheme}: sentinel_user needs sentinel_password beside it")));
                }
            };
            Ok((Place::Sentinels { sentinels: list, service, login }, None))
        }
    }
}

fn read_login(scheme: &str, text: &str) -> Result<Login, EngineError> {
    let bad = || {
        wrong(format!(
            "{scheme}: before the @ goes user:password or :password, with %40 for @, %3A for :, %2F for /, %25 for %"
        ))
    };
    let (user, password) = text.split_once(':').ok_or_else(bad)?;
    let (user, password) = decode(user).zip(decode(password)).ok_or_else(bad)?;
    if password.is_empty() {
        return Err(bad());
    }
    Ok(Login { user: Some(user).filter(|user| !user.is_empty()), password })
}

fn read_tls(scheme: &str, options: &mut Options<'_>) -> Result<TlsOptions, EngineError> {
    let path = |text: &str| decode(text).map(PathBuf::from).filter(|path| Path::is_absolute(path));
    let mut take = |name| options.take_with(name, "the absolute path of a PEM file", path);
    let (ca, cert, key) = (take("ca")?, take("cert")?, take("key")?);
    match (cert, key) {
        (None, None) => Ok(TlsOptions { ca, client: None }),
        (Some(cert), Some(key)) => Ok(TlsOptions { ca, client: Some((cert, key)) }),
        _ => Err(wrong(format!("{scheme}: cert and key are given together or not at all"))),
    }
}

fn address(text: &str, port: u16) -> Option<Address> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, if rest.is_empty() { port } else { read_port(rest.strip_prefix(':')?)? })
        }
        None => match text.split_once(':') {
            Some((host, text)) => (host, read_port(text)?),
            None => (text, port),
        },
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
    (!host.is_empty() && host.bytes().all(is_host)).then(|| Address::Tcp { host: host.to_owned(), port })
}

fn read_port(text: &str) -> Option<u16> {
    digits(text)?.parse().ok().filter(|port| *port > 0)
}

/// The text if it is digits alone: a number in Rust may have a sign.
fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn is_prefix(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
    text.len() <= MOST_PREFIX_BYTES && text.bytes().all(fits)
}

/// Text with `%` and two hexadecimal digits for a byte; `None` when it is badly written or no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2)?;
        bytes.push(data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok()?[0]);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}
