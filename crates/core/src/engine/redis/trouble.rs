//! What can go wrong between us and a server, and what is said of it. A server's own words are never repeated: they may
//! hold the name of a user, and what stands between us and the server could put anything into them (S29).

use std::io;

use ::redis::ServerError;

use super::Address;

/// Why an exchange with a server failed.
#[derive(Debug)]
pub(super) enum Trouble {
    /// No connection: nothing was sent.
    Unreachable {
        /// Whom we tried to reach.
        at: Address,
        /// Why not.
        why: io::Error,
    },
    /// Something was sent, and no whole answer came. Whether it was carried out is not known.
    Cut {
        /// Who did not answer.
        by: Address,
        /// What happened instead.
        why: io::Error,
        /// The connection had served before, and ended before the first byte of an answer: the server had closed it.
        stale: bool,
    },
    /// What came is no answer to what was asked.
    Garbled {
        /// Who sent it.
        by: Address,
    },
    /// The server answered that it will not.
    Refused {
        /// Who refused.
        by: Address,
        /// In which words.
        answer: ServerError,
    },
    /// Of several addresses none named the servers that keep the sessions.
    NobodyKnows {
        /// Whose answer was wanted: "sentinel" or "node of the cluster".
        who: &'static str,
        /// The last trouble with one of them.
        last: Option<Box<Self>>,
    },
    /// It kept us waiting a moment ago, and is left alone for another.
    Resting {
        /// Who did.
        at: Address,
    },
}

impl Trouble {
    /// The code of a refusal.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { answer, .. } => Some(answer.code()),
            _ => None,
        }
    }

    /// It took its time: whoever tries again at once waits as long again.
    pub(super) fn is_slow(&self) -> bool {
        match self {
            Self::Unreachable { why, .. } | Self::Cut { why, .. } => why.kind() == io::ErrorKind::TimedOut,
            Self::NobodyKnows { last: Some(last), .. } => last.is_slow(),
            _ => false,
        }
    }

    /// What happened, and what to do.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Unreachable { at, why } => {
                format!("no connection to {at}: {}; does the server run, and listen there?", said(why))
            }
            Self::Cut { by, why, .. } => {
                format!("{by} did not answer: {}; the connection was given up", said(why))
            }
            Self::Garbled { by } => format!(
                "{by} sent something that is no answer of Redis to what was asked; the connection was given up. Is \
                 it a Redis, and does it speak TLS exactly where rediss is asked for?"
            ),
            Self::Refused { by, answer } => format!("{by} {}", refusal(answer.code())),
            Self::NobodyKnows { who, last: Some(last) } => {
                format!("no {who} tells where the sessions are; the last one asked: {}", last.describe())
            }
            Self::NobodyKnows { who, last: None } => {
                format!("no {who} tells where the sessions are; is the name right, and is a master there?")
            }
            Self::Resting { at } => {
                format!("{at} did not answer in time a moment ago, and is asked again in a second")
            }
        }
    }
}

/// A system's error without what a library wrapped around it.
fn said(why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        io::ErrorKind::UnexpectedEof => "the connection was closed".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "the connection was cut".to_owned(),
        _ => why.to_string(),
    }
}

/// By the first word of a refusal.
fn refusal(code: &str) -> String {
    let what = match code {
        "NOAUTH" => "wants a password: put it into holdfast.store, as in redis://:password@host",
        "WRONGPASS" => "refuses the user or password of holdfast.store",
        "NOPERM" => {
            "does not let the user of holdfast.store do what sessions need; see docs/scaling.md for its rights"
        }
        "LOADING" => "is still loading its data; it will answer when it has",
        "READONLY" => "is a replica, which takes no writes; name the master, or its sentinels",
        "MASTERDOWN" => "is a replica that has lost its master",
        "CLUSTERDOWN" => "is a node of a cluster that is down; see CLUSTER INFO",
        "MISCONF" => "can't write to its disk and therefore takes no writes; see its log",
        "NOREPLICAS" => "has too few replicas to take writes (min-replicas-to-write)",
        "BUSY" => "is busy with somebody's script",
        "TRYAGAIN" | "MOVED" | "ASK" => {
            "is moving the session to another node, and did not come to an end in time"
        }
        "DENIED" => "is in protected mode, which lets nobody in from another machine",
        "CROSSSLOT" => "is a node of a cluster: name it by redis+cluster://",
        _ => "",
    };
    match what {
        "" if is_code(code) => format!("refused with {code}; see the server's log"),
        "" => "refused, and did not say why in a way that Holdfast knows; see the server's log".to_owned(),
        known => format!("{known} ({code})"),
    }
}

/// Looks like the code of an error; anything else is not repeated.
fn is_code(text: &str) -> bool {
    (2..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
