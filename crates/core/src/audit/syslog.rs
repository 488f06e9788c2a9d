use std::{io, os::unix::net::UnixDatagram, path::PathBuf, time::Duration};

use crate::time::{Calendar, Timestamp};

/// Facility `auth`, severity `info`: 4 * 8 + 6.
const PRIORITY: u8 = 38;
const IDENT: &str = "holdfast";

/// How long a line may wait for a syslog daemon that does not read.
const PATIENCE: Duration = Duration::from_millis(100);

/// The socket of the system's syslog daemon.
///
/// Not by `syslog(3)`: its `openlog` belongs to the whole process, so the lines of PHP and of the application would go by
/// our name and facility from then on, and it waits without a limit.
#[derive(Debug)]
pub struct Syslog {
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl Syslog {
    /// Where daemons listen.
    pub const DEFAULT_SOCKET: &str = "/dev/log";

    /// Connects to nothing yet.
    pub const fn new(path: PathBuf) -> Self {
        Self { path, socket: None }
    }

    /// Sends one line, as RFC 3164 describes it, with the time in UTC.
    pub fn send(&mut self, line: &str, at: Timestamp) -> io::Result<()> {
        let Calendar { month_name, day, time, .. } = Calendar::of(at);
        let day = day.trim_start_matches('0');
        let process = std::process::id();
        let message = format!("<{PRIORITY}>{month_name} {day:>2} {time} {IDENT}[{process}]: {line}");
        if let Some(socket) = self.socket.take() {
            let sent = socket.send(message.as_bytes());
            if sent.is_ok() || sent.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                self.socket = Some(socket);
                return sent.map(drop);
            }
            // A daemon that was started anew has another socket at the path.
        }
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.connect(&self.path)?;
        socket.send(message.as_bytes())?;
        self.socket = Some(socket);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_782_864_005_042);

    fn received(daemon: &UnixDatagram) -> String {
        let mut message = [0; 1000];
        daemon.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let len = daemon.recv(&mut message).unwrap();
        String::from_utf8(message[..len].to_vec()).unwrap()
    }

    #[test]
    fn a_line_goes_to_the_daemon_under_its_facility_and_ident() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let daemon = UnixDatagram::bind(&path).unwrap();
        let mut syslog = Syslog::new(path);
        syslog.send(r#"{"a":1}"#, AT).unwrap();
        let process = std::process::id();
        assert_eq!(received(&daemon), format!(r#"<38>Jul  1 00:00:05 holdfast[{process}]: {{"a":1}}"#));
    }

    #[test]
    fn a_daemon_that_was_started_anew_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let mut syslog = Syslog::new(path.clone());
        assert!(syslog.send("nobody listens", AT).is_err());
        let first = UnixDatagram::bind(&path).unwrap();
        syslog.send("one", AT).unwrap();
        assert!(received(&first).ends_with(": one"));
        drop(first);
        assert!(syslog.send("nobody listens", AT).is_err());
        std::fs::remove_file(&path).unwrap();
        let second = UnixDatagram::bind(&path).unwrap();
        syslog.send("two", AT).unwrap();
        assert!(received(&second).ends_with(": two"));
    }

    #[test]
    fn a_daemon_that_does_not_read_costs_a_moment_and_the_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let _daemon = UnixDatagram::bind(&path).unwrap();
        let mut syslog = Syslog::new(path);
        let mut sent = 0;
        let failure = loop {
            match syslog.send(&"x".repeat(1000), AT) {
                Ok(()) => sent += 1,
                Err(failure) => break failure,
            }
            assert!(sent < 1_000_000, "its queue is full at some time");
        };
        assert_eq!(failure.kind(), io::ErrorKind::WouldBlock);
    }
}
