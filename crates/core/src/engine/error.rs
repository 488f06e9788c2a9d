use std::{path::PathBuf, time::Duration};

/// What can go wrong with a store. Each message says what happened, to what, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The DSN in `holdfast.store` can't be read.
    #[error("{0}")]
    Dsn(String),

    /// Sessions can't be moved from one store to another.
    #[error("sessions can't be moved from {from} to {to}: {why}")]
    Move {
        /// The store that they are in, without user and password.
        from: String,
        /// The store that they were to go to, likewise.
        to: String,
        /// What stands against it, and what to do.
        why: String,
    },

    /// The file or its directory is not safe to keep sessions in (R23).
    #[error("session store {path} refused: {reason}", path = path.display())]
    Refused {
        /// The store's file.
        path: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },

    /// The file is not a store of this format, or is damaged (R11, R13).
    #[error("session store {path} is not usable at byte {offset}: {reason}", path = path.display())]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
        /// What was found, what was done with the file, and what to do.
        reason: String,
    },

    /// Neither expired sessions nor guests could make room.
    #[error(
        "session store is full: {needed} bytes found no room in {capacity}; enlarge it (size=, or a server's maxmemory) or shorten lifetimes"
    )]
    Full {
        /// Bytes that the record needs.
        needed: u64,
        /// Bytes that the store has.
        capacity: u64,
    },

    /// One record is larger than a store takes.
    #[error(
        "session of {bytes} bytes is larger than the {limit} bytes that one session may have; store less in it"
    )]
    TooLarge {
        /// The record's bytes.
        bytes: u64,
        /// The most it may have.
        limit: u64,
    },

    /// A lock was not given up in time by a process that is alive.
    #[error("session store is busy: process {holder} has held a lock for {waited:?}; is it stopped?")]
    Busy {
        /// The process id of the holder as it registered itself, 0 when unknown.
        holder: u32,
        /// How long we waited.
        waited: Duration,
    },

    /// Others changed the same record faster, again and again.
    #[error("one session is changed by too many requests at once: gave up after {0:?}")]
    Contended(Duration),

    /// Another request held the session's lock for as long as the caller was willing to wait.
    #[error(
        "another request of this visitor has held the session's lock and did not finish while this one waited \
         {waited:.1?} for it; let long requests close the session before their slow work, or wait longer"
    )]
    SessionLocked {
        /// How long we waited.
        waited: Duration,
    },

    /// The caller gave up waiting for the session's lock.
    #[error("waiting for the session's lock was interrupted after {waited:.1?}; the session was not locked")]
    LockInterrupted {
        /// How long we had waited.
        waited: Duration,
    },

    /// The thread that asks for the session's lock holds it already: waiting would never end.
    #[error(
        "the session's lock is already held by this very thread; close the session before it is opened again"
    )]
    LockedTwice,

    /// The lock of the session ran out before its holder was done: another request may have had it since (S43).
    #[error(
        "the lock of this session ran out before it was saved, so another request may have changed it, and nothing was \
         saved; let long requests save earlier, or give the lock more time (lock_lease=)"
    )]
    LockLost,

    /// A server that keeps the sessions can't be reached, does not answer, or refuses (R18).
    #[error("session store {store}: {what}")]
    Server {
        /// Scheme and place, without user and password.
        store: String,
        /// What happened, to whom, and what to do.
        what: String,
    },

    /// The operating system refused something.
    #[error("session store {path}: {action} failed: {source}", path = path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The store's file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },

    /// The random generator failed.
    #[error(transparent)]
    Random(#[from] crate::secret::RandomError),
}
