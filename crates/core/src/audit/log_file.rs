use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::fs::OFlags;

/// How often the path is looked at: whether it still names the file that is open.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A file that lines are appended to, by any number of processes at once: each line is one `write` at the end, whatever
/// others append. A file that was renamed or removed goes on getting lines for a second at most, then the path is
/// opened anew.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    identity: (u64, u64),
    looked: Instant,
}

impl LogFile {
    /// Opens nothing yet.
    pub const fn new(path: PathBuf) -> Self {
        Self { path, open: None }
    }

    /// Appends one line. `line` has no end of line.
    pub fn append(&mut self, line: &str) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        let file = &mut self.opened()?.file;
        loop {
            match file.write(&bytes) {
                Ok(written) if written == bytes.len() => return Ok(()),
                // The rest would follow another process's line.
                Ok(_) => return Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn opened(&mut self) -> io::Result<&mut Open> {
        let is_current = self.open.as_mut().is_some_and(|open| {
            open.looked.elapsed() < LOOK_EVERY || {
                open.looked = Instant::now();
                fs::symlink_metadata(&self.path).is_ok_and(|found| identity(&found) == open.identity)
            }
        });
        if !is_current {
            self.open = None;
            self.open = Some(open(&self.path)?);
        }
        self.open.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Looks at the path again with the next line.
    #[cfg(test)]
    fn look_now(&mut self) {
        if let Some(open) = &mut self.open {
            open.looked = Instant::now().checked_sub(LOOK_EVERY * 2).unwrap();
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn open(path: &Path) -> io::Result<Open> {
    // O_NONBLOCK: opening a FIFO that somebody put there must not wait.
    let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(Open { identity: identity(&metadata), file, looked: Instant::now() })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn lines_are_appended_to_a_file_that_only_its_user_reads() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.log");
        for line in ["one", "two"] {
            LogFile::new(path.clone()).append(line).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    }

    #[test]
    fn a_file_that_was_renamed_is_left_and_another_one_made() {
        let directory = tempfile::tempdir().unwrap();
        let (path, rotated) = (directory.path().join("audit.log"), directory.path().join("audit.log.1"));
        let mut log = LogFile::new(path.clone());
        log.append("one").unwrap();
        fs::rename(&path, &rotated).unwrap();
        log.append("two").unwrap();
        log.look_now();
        log.append("three").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "three\n");
        // As a rotation that makes the new file itself.
        fs::remove_file(&path).unwrap();
        fs::write(&path, "").unwrap();
        log.look_now();
        log.append("four").unwrap();
        assert_eq!(fs::read_to_string(&rotated).unwrap(), "one\ntwo\n", "what was open goes on for a moment");
        assert_eq!(fs::read_to_string(&path).unwrap(), "four\n");
    }

    #[test]
    fn r23_what_is_no_plain_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("target");
        let link = directory.path().join("link");
        symlink(&target, &link).unwrap();
        assert!(LogFile::new(link).append("x").is_err());
        assert!(!target.exists(), "nothing was made behind the link");
        assert!(LogFile::new(directory.path().into()).append("x").is_err());
        assert!(LogFile::new(directory.path().join("not/there")).append("x").is_err());
        let fifo = directory.path().join("fifo");
        let made = rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        );
        made.unwrap();
        let _reader = OpenOptions::new().read(true).write(true).open(&fifo).unwrap();
        let refused = LogFile::new(fifo).append("x").unwrap_err();
        assert_eq!(refused.to_string(), "it is not a regular file");
    }

    #[test]
    fn lines_of_many_at_once_stay_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.log");
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let path = path.clone();
                scope.spawn(move || {
                    let mut log = LogFile::new(path);
                    for n in 0..500 {
                        log.append(&format!("{writer} {n} {}", "x".repeat(300))).unwrap();
                    }
                });
            }
        });
        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.ends_with(&"x".repeat(300)) && line.len() < 308));
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 4000);
    }
}
