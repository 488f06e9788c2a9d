//! Places that are not safe to keep sessions in are refused, and what is made is closed to others (R23, R15, R14).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small figures")]

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{
        Commit, Engine, EngineError, Expect, Owner, Write,
        shared::{SharedEngine, SharedOptions, default_path},
    },
    key::Key,
    time::Timestamp,
};
use tempfile::{TempDir, tempdir};

const LATER: Timestamp = Timestamp::from_millis(u64::MAX / 2);

fn options(path: &Path) -> SharedOptions {
    SharedOptions { size: 1 << 20, ..SharedOptions::at(path) }
}

fn refusal(path: &Path) -> String {
    match SharedEngine::open(options(path)) {
        Err(error @ EngineError::Refused { .. }) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

fn a_store() -> (TempDir, std::path::PathBuf) {
    let directory = tempdir().unwrap();
    let path = directory.path().join("a.store");
    drop(SharedEngine::open(options(&path)).unwrap());
    (directory, path)
}

fn commit(engine: &SharedEngine, key: u8) {
    let write = Write { record: b"record", expires: LATER, owner: Owner(1) };
    let stored = engine.commit(&Key::from_bytes([key; 32]), Expect::Absent, write, engine.now()).unwrap();
    assert!(matches!(stored, Commit::Stored(_)), "{stored:?}");
}

fn holds(engine: &SharedEngine, key: u8) -> bool {
    engine.load(&Key::from_bytes([key; 32]), engine.now()).unwrap().is_some()
}

/// Waits for what must become true within a second, and allows a loaded machine ten.
fn eventually(mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn r23_the_file_is_closed_to_others_whatever_the_umask() {
    for umask in ["0000", "0022", "0777"] {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.store");
        // The umask belongs to the whole process, so another one has it.
        let opener = Command::new("sh")
            .args(["-c", "umask $0; exec \"$@\"", umask])
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "opens_what_it_is_told", "--nocapture"])
            .env("HOLDFAST_TEST_PATH", &path)
            .output()
            .unwrap();
        assert!(opener.status.success(), "{opener:?}");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600, "umask {umask}");
    }
}

/// Does nothing unless another test started it.
#[test]
fn opens_what_it_is_told() {
    if let Ok(path) = std::env::var("HOLDFAST_TEST_PATH") {
        drop(SharedEngine::open(options(Path::new(&path))).unwrap());
    }
}

#[test]
fn r23_a_symbolic_link_is_refused() {
    let (directory, path) = a_store();
    let link = directory.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(refusal(&link).contains("symbolic link"));
    let dangling = directory.path().join("dangling");
    symlink(directory.path().join("nothing"), &dangling).unwrap();
    assert!(refusal(&dangling).contains("symbolic link"));
    assert!(!directory.path().join("nothing").exists());
}

#[test]
fn r23_a_second_hard_link_is_refused() {
    let (directory, path) = a_store();
    fs::hard_link(&path, directory.path().join("second")).unwrap();
    assert!(refusal(&path).contains("hard link"));
}

#[test]
fn r23_a_file_open_to_others_is_refused() {
    for mode in [0o640, 0o604, 0o620, 0o602, 0o666] {
        let (_directory, path) = a_store();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert!(refusal(&path).contains("chmod 600"), "{mode:o}");
    }
}

#[test]
fn r23_a_directory_where_everybody_may_write_is_refused_unless_it_is_sticky() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("a.store");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o777)).unwrap();
    assert!(refusal(&path).contains("sticky"));
    assert!(!path.exists());
    fs::set_permissions(directory.path(), Permissions::from_mode(0o1777)).unwrap();
    SharedEngine::open(options(&path)).unwrap();
}

#[test]
fn r23_a_file_of_another_user_is_refused() {
    let (_directory, path) = a_store();
    if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
        // Only root may give files away.
        return;
    }
    let said = refusal(&path);
    assert!(said.contains("belongs to user 12345"), "{said}");
}

#[test]
fn r23_what_is_no_regular_file_is_refused() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("fifo");
    assert!(Command::new("mkfifo").args(["-m", "600"]).arg(&path).status().unwrap().success());
    assert!(refusal(&path).contains("regular file"));
}

#[test]
fn r23_children_inherit_no_descriptor_and_no_core_dump_has_the_store() {
    let (_directory, path) = a_store();
    let engine = SharedEngine::open(options(&path)).unwrap();
    commit(&engine, 1);
    let listed = Command::new("ls").args(["-l", "/proc/self/fd"]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("/proc/") && !listed.contains("a.store"), "{listed}");

    let maps = fs::read_to_string("/proc/self/smaps").unwrap();
    let name = path.to_string_lossy().into_owned();
    let ours = maps.split("VmFlags:").zip(maps.split("VmFlags:").skip(1));
    let flags: Vec<&str> = ours
        .filter(|(before, _)| before.contains(&name))
        .map(|(_, after)| after.lines().next().unwrap())
        .collect();
    assert!(!flags.is_empty());
    assert!(flags.iter().all(|flags| flags.split(' ').any(|flag| flag == "dd")), "{flags:?}");
}

#[test]
fn r15_too_little_space_is_an_error_that_names_size_and_place_and_leaves_nothing() {
    // Only where a failed attempt costs nobody anything: this file system is in memory and refuses at once.
    let Ok(directory) = tempfile::tempdir_in("/dev/shm") else { return };
    let path = directory.path().join("a.store");
    let system = rustix::fs::statvfs(directory.path()).unwrap();
    let size = system.f_blocks * system.f_frsize + (1 << 30);
    if size > 200 << 30 {
        return;
    }
    let huge = SharedOptions { size, ..SharedOptions::at(&path) };
    match SharedEngine::open(huge) {
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains(&size.to_string()) && said.contains("/dev/shm"), "{said}");
        }
        Ok(_) => panic!("{size} bytes were reserved"),
    }
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    SharedEngine::open(options(&path)).unwrap();
}

#[test]
fn r15_the_space_is_really_reserved() {
    let (_directory, path) = a_store();
    let metadata = fs::metadata(&path).unwrap();
    assert!(metadata.blocks() * 512 >= metadata.len(), "{} blocks", metadata.blocks());
    assert_eq!(metadata.len(), 1 << 20);
}

#[test]
fn r15_the_holes_of_a_sparse_copy_are_filled() {
    let (directory, path) = a_store();
    let copy = directory.path().join("copy.store");
    assert!(Command::new("cp").arg("--sparse=always").args([&path, &copy]).status().unwrap().success());
    let blocks = |path| fs::metadata(path).unwrap().blocks() * 512;
    assert!(blocks(&copy) < 1 << 20, "the copy is not sparse");
    SharedEngine::open(options(&copy)).unwrap();
    assert!(blocks(&copy) >= 1 << 20);
}

#[test]
fn r14_a_file_that_is_removed_or_replaced_is_noticed_and_opened_anew() {
    let (directory, path) = a_store();
    let engine = SharedEngine::open(options(&path)).unwrap();
    commit(&engine, 1);
    fs::remove_file(&path).unwrap();
    eventually(|| !holds(&engine, 1));
    assert!(path.exists());
    commit(&engine, 2);

    let other = directory.path().join("other.store");
    let beside = SharedEngine::open(options(&other)).unwrap();
    commit(&beside, 3);
    drop(beside);
    fs::rename(&other, &path).unwrap();
    eventually(|| holds(&engine, 3));
    assert!(!holds(&engine, 2));
}

#[test]
fn r14_a_file_that_is_overwritten_in_use_is_set_aside_and_nobody_is_left_in_it() {
    let (directory, path) = a_store();
    let engine = SharedEngine::open(options(&path)).unwrap();
    commit(&engine, 1);
    let other = directory.path().join("other.store");
    commit(&SharedEngine::open(options(&other)).unwrap(), 2);
    // As by cp: the same inode with another store's bytes, also those of its secret.
    fs::copy(&other, &path).unwrap();
    let mut notice = None;
    eventually(|| {
        let _ = engine.load(&Key::from_bytes([1; 32]), engine.now());
        notice = notice.take().or(engine.take_notice());
        notice.is_some()
    });
    assert!(notice.unwrap().contains("overwritten while it was in use"));
    let beside = SharedEngine::open(options(&path)).unwrap();
    assert_eq!(engine.secret().unwrap(), beside.secret().unwrap());
    commit(&engine, 3);
    assert!(holds(&beside, 3));
    let aside = fs::read_dir(directory.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".corrupt-"));
    assert_eq!(aside.count(), 1);
}

#[test]
fn r14_an_emptied_file_that_somebody_has_open_is_not_built_anew_in_place() {
    let (directory, path) = a_store();
    let _user = SharedEngine::open(options(&path)).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    let engine = SharedEngine::open(options(&path)).unwrap();
    assert!(engine.take_notice().unwrap().contains("emptied while it was in use"));
    assert_ne!(fs::metadata(&path).unwrap().ino(), inode);
    commit(&engine, 1);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn a_directory_as_path_means_a_file_in_it_and_the_default_is_one_of_the_user() {
    let directory = tempdir().unwrap();
    let engine = SharedEngine::open(options(directory.path())).unwrap();
    assert!(directory.path().join("sessions.holdfast").exists());
    let described = format!("shared://{}/sessions.holdfast?size=1M", directory.path().display());
    assert_eq!(engine.describe(), described);
    let name = default_path().file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.strip_suffix(".store").is_some_and(|name| name.starts_with("holdfast-")), "{name}");
}
