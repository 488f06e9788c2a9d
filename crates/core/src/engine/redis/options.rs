use std::{fmt, path::PathBuf, time::Duration};

/// How a [`RedisEngine`](super::RedisEngine) is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisOptions {
    /// Where the servers are.
    pub place: Place,
    /// Who we are to the servers that keep sessions; `None` = whoever needs no password.
    pub login: Option<Login>,
    /// Encrypted connections, to sentinels as well; `None` = plain ones.
    pub tls: Option<TlsOptions>,
    /// The number of the database; of a cluster there is 0 alone.
    pub db: u32,
    /// What the names of all keys begin with: letters, digits, `.`, `_`, `:` and `-`, at most 64.
    pub prefix: String,
    /// The longest that making one connection may take, its name already resolved. Never 0.
    pub connect_timeout: Duration,
    /// The longest that one operation may take in all, connecting included. Never 0.
    pub timeout: Duration,
    /// After how long without a commit by its holder a session's lock is free again. Never 0.
    pub lock_lease: Duration,
}

impl RedisOptions {
    /// The defaults, at `place`.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            login: None,
            tls: None,
            db: 0,
            prefix: "holdfast:".to_owned(),
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(2),
            lock_lease: Duration::from_mins(1),
        }
    }
}

/// Where the servers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// One server.
    Server(Address),
    /// The master that sentinels name.
    Sentinels {
        /// Some of the sentinels: one that answers is enough.
        sentinels: Vec<Address>,
        /// What they call the master.
        service: String,
        /// Who we are to the sentinels; `None` = whoever needs no password.
        login: Option<Login>,
    },
    /// The masters of a cluster, of which some nodes are named here: one that answers is enough.
    Cluster(Vec<Address>),
}

/// Where one server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// By TCP.
    Tcp {
        /// A name or an address, an IPv6 one without brackets.
        host: String,
        /// Its port.
        port: u16,
    },
    /// By a unix socket at an absolute path.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A user with its password. Never shown, also not by `Debug` (S29).
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user; `None` = the server's default user.
    pub user: Option<String>,
    /// Its password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

/// How connections are encrypted. The server's certificate is always verified, with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// A PEM file with the authorities that are trusted; `None` = those of the system.
    pub ca: Option<PathBuf>,
    /// PEM files with our own certificate (and its chain) and its key, for a server that asks for one.
    pub client: Option<(PathBuf, PathBuf)>,
}
