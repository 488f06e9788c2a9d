//! A memory cgroup of its own, of either version.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Removed when it is dropped; nobody is in it then.
pub struct Cgroup {
    directory: PathBuf,
    pub name: String,
    /// Bytes.
    pub limit: u64,
}

impl Cgroup {
    /// One below this process's, with a limit and no swap; an error where that is not allowed.
    pub fn new(limit: u64) -> io::Result<Self> {
        let name = format!("holdfast-torture-{}", std::process::id());
        let own = fs::read_to_string("/proc/self/cgroup")?;
        let mut error = io::Error::other("there is no memory cgroup here");
        for line in own.lines() {
            let mut fields = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
            let (mount, file) = match controllers {
                "" => ("/sys/fs/cgroup", "memory.max"),
                _ if controllers.split(',').any(|name| name == "memory") => {
                    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
                }
                _ => continue,
            };
            // In a container the path may be that of the host: then the mount is what this process has.
            for parent in [Path::new(mount).join(path.trim_start_matches('/')), mount.into()] {
                match Self::below(&parent, &name, file, limit) {
                    Ok(group) => return Ok(group),
                    Err(other) => error = other,
                }
            }
        }
        Err(error)
    }

    fn below(parent: &Path, name: &str, file: &str, limit: u64) -> io::Result<Self> {
        let directory = parent.join(name);
        fs::create_dir(&directory)?;
        let group = Self { directory, name: name.into(), limit };
        fs::write(group.directory.join(file), limit.to_string())?;
        // The kernel may have been built without an account of swap.
        let _ = fs::write(group.directory.join("memory.memsw.limit_in_bytes"), limit.to_string());
        let _ = fs::write(group.directory.join("memory.swap.max"), "0");
        Ok(group)
    }

    /// Moves this process, which has one thread, into it.
    pub fn enter(&self) -> io::Result<()> {
        fs::write(self.directory.join("cgroup.procs"), "0")
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.directory);
    }
}
