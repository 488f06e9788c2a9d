//! What is wrong with the store that settings name.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use holdfast_core::engine::{Engine, StoreDsn, shared::SharedOptions};

use super::{Finding, Severity, settings::Settings};
use crate::store;

/// File systems that several machines see, by the number that the kernel gives them.
const NETWORKS: [(u64, &str); 8] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x00c3_6400, "Ceph"),
    (0x0102_1997, "9P"),
    (0x6573_5546, "FUSE"),
    (0x0bd0_0bd0, "Lustre"),
];
const TMPFS: u64 = 0x0102_1994;

/// From so much of its room on in use, in percent, a store is nearly full.
const NEARLY_FULL: u64 = 90;

/// Looks at the store of one PHP, or one pool. `given`: the DSN that the operator named, which comes first.
pub fn look(settings: &Settings, given: &str, found: &mut Vec<Finding>) {
    let mut tell = |severity, what: String, why: &str, write: &str| {
        found.push(Finding {
            severity,
            place: settings.name.clone(),
            setting: "holdfast.store".to_owned(),
            what,
            why: why.to_owned(),
            write: write.to_owned(),
        });
    };
    let text = if given.is_empty() { settings.store() } else { Some(given) };
    let Some(text) = text else {
        match &settings.trouble {
            Some(trouble) => tell(Severity::Must, trouble.clone(), "every session fails", ""),
            None => tell(
                Severity::May,
                "PHP does not show the DSN, so the store was not looked at".to_owned(),
                "it may hold a password; give it to this command in the environment variable HOLDFAST_STORE",
                "",
            ),
        }
        return;
    };
    let dsn = match StoreDsn::parse(text) {
        Ok(dsn) => dsn,
        Err(error) => {
            let write = r#"holdfast.store = "shared:///var/lib/holdfast?size=256M""#;
            return tell(Severity::Must, error.to_string(), "no session can be opened", write);
        }
    };
    match &dsn {
        StoreDsn::Memory { .. } => tell(
            Severity::Must,
            "each worker keeps sessions of its own".to_owned(),
            "a visitor who comes to another worker has none",
            r#"holdfast.store = "shared:///var/lib/holdfast?size=256M""#,
        ),
        StoreDsn::Migrating { .. } => tell(
            Severity::Should,
            "the sessions are being moved to another store".to_owned(),
            "each look-up asks both; after holdfast move has ended, name the new one alone",
            "",
        ),
        StoreDsn::Shared { path, size, .. } => {
            let place =
                Place { file: store::file_of(path.as_ref()), size: *size, is_default: path.is_none() };
            if place.look(settings, &mut tell) {
                open(&dsn, &mut tell);
            }
        }
        StoreDsn::Redis(_) => open(&dsn, &mut tell),
    }
}

type Tell<'a> = dyn FnMut(Severity, String, &str, &str) + 'a;

/// Where a shared store is, or will be.
struct Place {
    file: PathBuf,
    size: Option<u64>,
    is_default: bool,
}

impl Place {
    /// Whether it is there and ours, so that it may be opened.
    fn look(&self, settings: &Settings, tell: &mut Tell<'_>) -> bool {
        let Self { file, size, is_default } = self;
        let shown = file.display();
        if *is_default {
            tell(
                Severity::May,
                "the store has its default place, a file of the user in the system's temporary directory"
                    .to_owned(),
                "what cleans that directory, or gives each service its own, takes the sessions away; this command looked at \
                 the place of the user who runs it",
                r#"holdfast.store = "shared:///var/lib/holdfast?size=256M""#,
            );
        }
        let directory = file.parent().unwrap_or(Path::new("/"));
        let Ok(metadata) = fs::metadata(directory) else {
            tell(
                Severity::Must,
                format!("there is no directory {}", directory.display()),
                "no store can be made, and no session opened",
                &format!("install -d -m 700 -o www-data {}", directory.display()),
            );
            return false;
        };
        let wanted = settings.user.as_deref().and_then(number_of);
        let is_sticky = metadata.mode() & 0o1000 != 0;
        if let Some(wanted) = wanted
            && metadata.uid() != wanted
            && !(is_sticky && metadata.mode() & 0o002 != 0)
            && !file.exists()
        {
            tell(
                Severity::Must,
                format!("the directory {} does not belong to the workers' user", directory.display()),
                "they can't make the store there",
                &format!("chown {} {}", settings.user.as_deref().unwrap_or_default(), directory.display()),
            );
        }
        self.file_system(directory, tell);
        let Ok(metadata) = fs::symlink_metadata(file) else { return false };
        if let Some(wanted) = wanted.filter(|wanted| *wanted != metadata.uid()) {
            tell(
                Severity::Must,
                format!("{shown} belongs to user {}, and the workers run as user {wanted}", metadata.uid()),
                "they refuse it, so every session fails",
                "name another file, or remove it: it was made by a PHP that ran as another user",
            );
            return false;
        }
        if metadata.uid() != store::own_user() {
            tell(
                Severity::May,
                format!("{shown} belongs to user {}, so it was not looked into", metadata.uid()),
                "run this as that user to have it looked at",
                &format!("sudo -u '#{}' holdfast doctor", metadata.uid()),
            );
            return false;
        }
        let size = size.unwrap_or(SharedOptions::DEFAULT_SIZE);
        if metadata.is_file() && metadata.len() > 0 && metadata.len() < size {
            tell(
                Severity::Should,
                format!("{shown} has {} bytes, and the setting asks for {size}", metadata.len()),
                "a file keeps the size that it was made with: name another file, and move the sessions to it",
                "",
            );
        }
        metadata.is_file() && metadata.len() > 0
    }

    fn file_system(&self, directory: &Path, tell: &mut Tell<'_>) {
        let Ok(system) = rustix::fs::statfs(directory) else { return };
        let kind = u64::try_from(system.f_type).unwrap_or(0) & 0xffff_ffff;
        if let Some((_, name)) = NETWORKS.iter().find(|(network, _)| *network == kind) {
            tell(
                Severity::Must,
                format!("{} is on {name}, a file system of a network", directory.display()),
                "a shared store is the memory of one machine: on such a file system it is slow, and locks may not hold",
                r#"holdfast.store = "shared:///var/lib/holdfast?size=256M", on a local disk; for several machines redis://"#,
            );
        }
        let room = u64::try_from(system.f_bsize).unwrap_or(0).saturating_mul(system.f_bavail);
        let size = self.size.unwrap_or(SharedOptions::DEFAULT_SIZE);
        // The space of a store that is there is reserved.
        if !self.file.exists() && room < size {
            tell(
                Severity::Must,
                format!("{} has room for {room} bytes, and the store is to have {size}", directory.display()),
                "it can't be made, so every session fails",
                "a smaller size=, or more room (Docker: --shm-size)",
            );
        }
        if kind == TMPFS {
            tell(
                Severity::May,
                format!("{} is in memory", directory.display()),
                "sessions end with the computer's next start; on a disk they outlive it, and are as fast",
                "",
            );
        }
    }
}

/// What the store says of itself.
fn open(dsn: &StoreDsn, tell: &mut Tell<'_>) {
    let store = match dsn.open() {
        Ok(store) => store,
        Err(error) => return tell(Severity::Must, error.to_string(), "every session fails", ""),
    };
    let secret = store.secret();
    if let Err(error) = secret {
        return tell(Severity::Must, error.to_string(), "every session fails", "");
    }
    if let Some(notice) = store.take_notice() {
        tell(Severity::Must, notice, "sessions were lost, or will be", "");
    }
    room(&*store, tell);
}

fn room(store: &dyn Engine, tell: &mut Tell<'_>) {
    let stats = match store.stats() {
        Ok(stats) => stats,
        Err(error) => return tell(Severity::Must, error.to_string(), "every session fails", ""),
    };
    if stats.damaged > 0 {
        tell(
            Severity::Should,
            format!("{} damaged records were found and dropped since it was made", stats.damaged),
            "their visitors were logged out: look at the disk and the memory of this machine",
            "",
        );
    }
    let is_full = stats.capacity_bytes > 0 && stats.used_bytes >= stats.capacity_bytes / 100 * NEARLY_FULL;
    if stats.refused > 0 {
        tell(
            Severity::Must,
            format!("{} saves were refused because it was full", stats.refused),
            "it is too small for what is in it",
            "a larger size= with another file (holdfast move), or shorter lifetimes",
        );
    } else if is_full || stats.evicted > 0 {
        tell(
            Severity::Should,
            format!(
                "{} of {} bytes are in use, and {} guests gave way",
                stats.used_bytes, stats.capacity_bytes, stats.evicted
            ),
            "guests lose their sessions when it is full",
            "a larger size= with another file (holdfast move), or shorter lifetimes",
        );
    }
}

/// The number of a user, by the file that has them all; a directory service's users are not found.
fn number_of(user: &str) -> Option<u32> {
    if let Ok(number) = user.parse() {
        return Some(number);
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.split(':').next() == Some(user))?;
    line.split(':').nth(2)?.parse().ok()
}
