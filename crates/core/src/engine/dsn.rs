use std::{path::PathBuf, time::Duration};

use super::{EngineError, redis::RedisOptions};

mod migrating;
mod options;
mod redis;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_redis;

use options::Options;

/// Which store `holdfast.store` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreDsn {
    /// `shared:///var/lib/holdfast?size=64M&lock_timeout=5s`: a file that processes share.
    Shared {
        /// The absolute path, taken literally up to the first `?`; `None` = the default place.
        path: Option<PathBuf>,
        /// `size`: bytes of a file that is created; `None` = the engine's default.
        size: Option<u64>,
        /// `lock_timeout`: how long to wait for a shard; `None` = the engine's default.
        lock_timeout: Option<Duration>,
    },
    /// `memory:?capacity=16M`: the memory of this process.
    Memory {
        /// `capacity`: bytes, 0 = unbounded, the default.
        capacity: u64,
    },
    /// `redis://user:password@host:port/database?prefix=shop:`, `rediss://` by TLS, `redis:///path/of/socket`,
    /// `redis+sentinel://a,b,c/service`, `redis+cluster://a,b,c`: servers that machines share.
    Redis(Box<RedisOptions>),
    /// `migrating:?from=shared:///var/lib/holdfast&to=redis://host`: sessions on their way from one store to another.
    Migrating {
        /// Where they are.
        from: Box<StoreDsn>,
        /// Where they go to.
        to: Box<StoreDsn>,
    },
}

const SCHEMES: &str = "shared, memory, redis, rediss, redis+sentinel, rediss+sentinel, redis+cluster, rediss+cluster, migrating";

impl StoreDsn {
    /// Reads a DSN; empty text is the shared store at its default place.
    ///
    /// # Errors
    ///
    /// [`EngineError::Dsn`] names the scheme or option that is wrong and what is allowed. It repeats nothing else
    /// of the text: a password may stand anywhere in it.
    pub fn parse(text: &str) -> Result<Self, EngineError> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Ok(Self::Shared { path: None, size: None, lock_timeout: None });
        }
        let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
            return Err(wrong(format!(
                "the text does not begin with a scheme and a colon; allowed: {SCHEMES}"
            )));
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let place = place.strip_prefix("//").unwrap_or(place);
        match scheme {
            "shared" => shared(place, query),
            "memory" => memory(place, query),
            "migrating" => migrating::parse(place, query),
            _ => redis::parse(scheme, place, query).unwrap_or_else(|| Err(unknown(scheme, rest))),
        }
    }
}

/// Where somebody forgot the scheme, a user or a password stands in its place (S29): only what looks like one is repeated.
fn unknown(scheme: &str, rest: &str) -> EngineError {
    let looks_like_one = rest.starts_with("//")
        && scheme.len() <= 20
        && scheme.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'+');
    if looks_like_one {
        wrong(format!("unknown scheme {scheme}; allowed: {SCHEMES}"))
    } else {
        wrong(format!("what stands before the first colon is no scheme; allowed: {SCHEMES}"))
    }
}

fn shared(place: &str, query: &str) -> Result<StoreDsn, EngineError> {
    let path = match place {
        "" => None,
        _ if !place.starts_with('/') => {
            return Err(wrong("shared: the path must be absolute, as in shared:///var/lib/holdfast"));
        }
        _ if place.contains('\0') => return Err(wrong("shared: the path contains a NUL byte")),
        _ => Some(PathBuf::from(place)),
    };
    let mut options = Options::read("shared", &["size", "lock_timeout"], query)?;
    Ok(StoreDsn::Shared {
        path,
        size: options.take_size("size", 1)?,
        lock_timeout: options.take_duration("lock_timeout")?,
    })
}

fn memory(place: &str, query: &str) -> Result<StoreDsn, EngineError> {
    if !place.is_empty() {
        return Err(wrong("memory: takes no path, only options, as in memory:?capacity=16M"));
    }
    let mut options = Options::read("memory", &["capacity"], query)?;
    Ok(StoreDsn::Memory { capacity: options.take_size("capacity", 0)?.unwrap_or(0) })
}

fn wrong(what: impl std::fmt::Display) -> EngineError {
    EngineError::Dsn(format!("holdfast.store: {what}"))
}

/// As RFC 3986 has it, in lower case, and short: what is no scheme could be anything, so it is not repeated.
fn is_scheme(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'-' | b'.'))
}
