//! How much memory the process may still use by the limits of its memory cgroups, which containers and services have. A file
//! in memory counts towards them. The kernel ends who goes beyond, without a word to him: so a store that does not fit has to
//! be refused before it is built.

use std::{
    fs,
    path::{Path, PathBuf},
};

const VERSION_2: &str = "/sys/fs/cgroup";
const VERSION_1: &str = "/sys/fs/cgroup/memory";

/// What one cgroup allows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Bytes of memory and swap in all.
    pub(super) limit: u64,
    /// Bytes that are left of it. What the kernel can drop when it needs memory counts as left.
    pub(super) left: u64,
    /// The file that says the limit.
    pub(super) said_by: PathBuf,
}

/// The files and fields of a version of cgroups.
struct Names {
    limit: &'static str,
    /// A limit of swap alone, or of memory and swap together.
    swap_limit: &'static str,
    limits_together: bool,
    /// Fields of memory.stat: what can't be dropped.
    held: &'static [&'static str],
    swapped: Swapped,
}

enum Swapped {
    File(&'static str),
    Field(&'static str),
}

const NAMES_2: Names = Names {
    limit: "memory.max",
    swap_limit: "memory.swap.max",
    limits_together: false,
    held: &["anon", "shmem"],
    swapped: Swapped::File("memory.swap.current"),
};

const NAMES_1: Names = Names {
    limit: "memory.limit_in_bytes",
    swap_limit: "memory.memsw.limit_in_bytes",
    limits_together: true,
    held: &["total_rss", "total_shmem"],
    swapped: Swapped::Field("total_swap"),
};

/// Of the cgroups that this process is in, the one that leaves least; `None` where none has a limit, or none can be read.
pub(super) fn least() -> Option<Allowance> {
    let swap = field(&fs::read_to_string("/proc/meminfo").ok()?, "SwapTotal:").unwrap_or(0) * 1024;
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mut least: Option<Allowance> = None;
    for (mount, path, names) in own.lines().filter_map(hierarchy) {
        // In a container the path may be that of the host, which is not here: then the mount itself is the container's.
        for ancestor in Path::new(path).ancestors() {
            let directory = mount.join(ancestor.strip_prefix("/").unwrap_or(ancestor));
            if let Some(found) = allowance(&directory, names, swap)
                && least.as_ref().is_none_or(|least| found.left < least.left)
            {
                least = Some(found);
            }
        }
    }
    least
}

/// A line of /proc/PID/cgroup, if it is of a hierarchy that limits memory.
fn hierarchy(line: &str) -> Option<(&Path, &str, &'static Names)> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (controllers, path) = (fields.next()?, fields.next()?);
    match controllers {
        "" => Some((Path::new(VERSION_2), path, &NAMES_2)),
        _ if controllers.split(',').any(|name| name == "memory") => {
            Some((Path::new(VERSION_1), path, &NAMES_1))
        }
        _ => None,
    }
}

/// What the cgroup at `directory` allows; `None` when it has no limit. `swap` is how many bytes the system has.
fn allowance(directory: &Path, names: &Names, swap: u64) -> Option<Allowance> {
    let read = |name: &str| fs::read_to_string(directory.join(name)).ok();
    let number = |name: &str| read(name)?.trim().parse::<u64>().ok();
    // "max" is no number.
    let memory = number(names.limit)?;
    let with_all_swap = memory.saturating_add(swap);
    let limit = match number(names.swap_limit) {
        Some(together) if names.limits_together => together.min(with_all_swap),
        Some(swapped) => memory.saturating_add(swapped).min(with_all_swap),
        None => with_all_swap,
    };
    let stat = read("memory.stat")?;
    let held: u64 = names.held.iter().filter_map(|name| field(&stat, name)).sum();
    let swapped = match names.swapped {
        Swapped::File(name) => number(name),
        Swapped::Field(name) => field(&stat, name),
    };
    let left = limit.saturating_sub(held).saturating_sub(swapped.unwrap_or(0));
    Some(Allowance { limit, left, said_by: directory.join(names.limit) })
}

/// The number behind a name, in a text with one of both to a line.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some(name)).then(|| words.next()?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn group(files: &[(&str, &str)]) -> TempDir {
        let directory = TempDir::new().unwrap();
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        directory
    }

    fn left(files: &[(&str, &str)], names: &Names, swap: u64) -> Option<(u64, u64)> {
        let group = group(files);
        allowance(group.path(), names, swap).map(|found| (found.limit, found.left))
    }

    #[test]
    fn r15_what_can_be_dropped_is_left_and_what_cannot_is_not() {
        let stat = "anon 100\nfile 5000\nkernel 7\nshmem 20\nactive_anon 9999\n";
        let mut files = vec![("memory.max", "1000\n"), ("memory.stat", stat)];
        assert_eq!(left(&files, &NAMES_2, 0), Some((1000, 880)));
        assert_eq!(left(&files, &NAMES_2, 300), Some((1300, 1180)));
        files.extend([("memory.swap.max", "50\n"), ("memory.swap.current", "30\n")]);
        assert_eq!(left(&files, &NAMES_2, 300), Some((1050, 900)));
        files.push(("memory.swap.max", "max\n"));
        assert_eq!(left(&files, &NAMES_2, 300), Some((1300, 1150)));
        let stat = "rss 1\nshmem 2\ntotal_rss 100\ntotal_shmem 20\ntotal_swap 30\n";
        let mut files = vec![("memory.limit_in_bytes", "1000\n"), ("memory.stat", stat)];
        assert_eq!(left(&files, &NAMES_1, 300), Some((1300, 1150)));
        files.push(("memory.memsw.limit_in_bytes", "1000\n"));
        assert_eq!(left(&files, &NAMES_1, 300), Some((1000, 850)));
    }

    #[test]
    fn r15_without_a_limit_nothing_is_refused() {
        assert_eq!(left(&[("memory.max", "max\n"), ("memory.stat", "anon 1\n")], &NAMES_2, 0), None);
        assert_eq!(left(&[("memory.stat", "anon 1\n")], &NAMES_2, 0), None);
        let unlimited =
            [("memory.limit_in_bytes", "9223372036854771712\n"), ("memory.stat", "total_rss 1\n")];
        assert!(left(&unlimited, &NAMES_1, 1 << 40).is_some_and(|(_, left)| left > 1 << 60));
    }

    #[test]
    fn r15_lines_of_other_hierarchies_limit_no_memory() {
        let kind = |line| hierarchy(line).map(|(mount, path, _)| (mount.to_str().unwrap(), path));
        assert_eq!(
            kind("0::/system.slice/php8.2-fpm.service"),
            Some((VERSION_2, "/system.slice/php8.2-fpm.service"))
        );
        assert_eq!(kind("4:cpu,memory:/docker/a:b"), Some((VERSION_1, "/docker/a:b")));
        assert_eq!(kind("9:name=systemd:/"), None);
        assert_eq!(kind("1:cpu:/"), None);
        assert_eq!(kind("nonsense"), None);
    }
}
