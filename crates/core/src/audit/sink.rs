use std::{
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use super::{LogFile, Syslog};
use crate::time::Timestamp;

/// After a failure lines are given up at once for so long: what is broken must not slow down every request.
const PAUSE: Duration = Duration::from_secs(1);

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file.
    File(PathBuf),
    /// The syslog daemon at this socket.
    Syslog(PathBuf),
}

impl Target {
    /// Reads the setting: empty for nowhere, `syslog`, `syslog:/path/of/its/socket`, or the absolute path of a file. The
    /// error says what it must be.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        let socket = match text {
            "" => return Ok(None),
            "syslog" => Some(Syslog::DEFAULT_SOCKET),
            _ => text.strip_prefix("syslog:"),
        };
        let path = socket.unwrap_or(text);
        if !path.starts_with('/') || path.contains('\0') {
            return Err("must be empty, syslog, or the absolute path of a file".into());
        }
        Ok(Some(if socket.is_some() { Self::Syslog(path.into()) } else { Self::File(path.into()) }))
    }
}

/// Why a line was not written.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// It was tried.
    #[error(
        "audit events can't be written to {}: {source}; they are lost until that is mended (holdfast.audit)",
        path.display()
    )]
    Failed {
        /// The file, or the daemon's socket.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// It was not, because it failed a moment ago.
    #[error("audit events could not be written a moment ago")]
    Paused,
}

/// An open way to where the lines go. One for each thread: nothing is locked, and a fork does no harm.
#[derive(Debug)]
pub struct Sink {
    target: Target,
    way: Way,
    failed: Option<Instant>,
}

#[derive(Debug)]
enum Way {
    File(LogFile),
    Syslog(Syslog),
}

impl Sink {
    /// Opens nothing yet.
    pub fn new(target: Target) -> Self {
        let way = match &target {
            Target::File(path) => Way::File(LogFile::new(path.clone())),
            Target::Syslog(path) => Way::Syslog(Syslog::new(path.clone())),
        };
        Self { target, way, failed: None }
    }

    /// Where it leads.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Writes a line that was made at `at`. It waits for nothing longer than a moment.
    pub fn write(&mut self, line: &str, at: Timestamp) -> Result<(), SinkError> {
        if self.failed.is_some_and(|failed| failed.elapsed() < PAUSE) {
            return Err(SinkError::Paused);
        }
        let written = match &mut self.way {
            Way::File(file) => file.append(line),
            Way::Syslog(syslog) => syslog.send(line, at),
        };
        self.failed = written.is_err().then(Instant::now);
        written.map_err(|source| {
            let (Target::File(path) | Target::Syslog(path)) = &self.target;
            SinkError::Failed { path: path.clone(), source }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_a_file_or_syslog_or_nothing() {
        let file = |path: &str| Ok(Some(Target::File(path.into())));
        let syslog = |path: &str| Ok(Some(Target::Syslog(path.into())));
        assert_eq!(Target::parse(""), Ok(None));
        assert_eq!(Target::parse("/var/log/a.log"), file("/var/log/a.log"));
        assert_eq!(Target::parse("/syslog"), file("/syslog"));
        assert_eq!(Target::parse("syslog"), syslog("/dev/log"));
        assert_eq!(Target::parse("syslog:/run/log"), syslog("/run/log"));
        for wrong in ["audit.log", "syslog:", "syslog:log", "Syslog", "1", "./a", "/a\0b", " /a"] {
            assert!(Target::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_broken_is_tried_once_a_moment() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("not-there/audit.log");
        let mut sink = Sink::new(Target::File(path.clone()));
        let at = Timestamp::from_millis(0);
        let failure = sink.write("one", at).unwrap_err();
        assert!(failure.to_string().contains(path.to_str().unwrap()), "{failure}");
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        assert!(matches!(sink.write("two", at), Err(SinkError::Paused)));
        sink.failed = Instant::now().checked_sub(PAUSE);
        sink.write("three", at).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "three\n");
        sink.write("four", at).unwrap();
    }
}
