use std::io::ErrorKind;

use holdfast_core::{engine::EngineError, session::SessionError};

/// Why the command did not do all that it was asked to. Each message is one line, says what to do, and holds no password.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),

    /// A store can't be opened or used.
    #[error(transparent)]
    Store(#[from] EngineError),

    /// A session can't be ended.
    #[error(transparent)]
    Session(#[from] SessionError),

    /// A session that was named is not there, or several are.
    #[error("{0}")]
    NoSession(String),

    /// A file that was named is no store's, or not there.
    #[error("{0}")]
    NoStore(String),

    /// What was asked for would harm a site that is running.
    #[error("{0}")]
    Unsafe(String),

    /// Some of the work could not be done; the rest was.
    #[error("{failed} records could not be moved and are where they were; the first error: {first}")]
    Incomplete {
        /// How many.
        failed: u64,
        /// What happened to one of them.
        first: EngineError,
    },

    /// By Ctrl-C, or as a service manager ends a process.
    #[error("interrupted; stores are in order, and the same command goes on where it stopped")]
    Interrupted,

    /// A file or directory that was named can't be used.
    #[error("{0}")]
    File(String),

    /// What was looked at is not in order, or some of the work could not be done; the rest was.
    #[error("{0}")]
    Partly(String),

    /// As [`Failure::Interrupted`], with what is to be done then.
    #[error("{0}")]
    Stopped(String),

    /// The verdict could not be written.
    #[error("writing the result failed: {0}")]
    Output(#[from] std::io::Error),
}

impl Failure {
    /// A command line that is wrong.
    pub const USAGE: u8 = 2;

    /// Who read what the command wrote wants no more of it, as `head` does: no message, and the code that a shell gives for it.
    pub const CLOSED_PIPE: u8 = 141;

    /// See [`Failure::CLOSED_PIPE`].
    pub fn is_a_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe)
    }

    /// The exit code. docs/command.md lists them.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Incomplete { .. } | Self::Partly(_) | Self::Output(_) => 1,
            Self::Usage(_) => Self::USAGE,
            Self::Store(_) | Self::Session(_) | Self::NoStore(_) | Self::File(_) => 3,
            Self::Unsafe(_) => 4,
            Self::NoSession(_) => 5,
            Self::Interrupted | Self::Stopped(_) => 130,
        }
    }
}
