//! `holdfast export` and `holdfast import`: everything comes back, and nothing that could go wrong does harm.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{Commit, Expect, Owner, Write},
    record::{self, Body, Meta},
};

#[path = "../../core/tests/redis_servers/mod.rs"]
mod redis_servers;
mod shell;

use redis_servers::Server;
use shell::{begun, command, fails, fill, holdfast, is_filled, key, open, refuses, says, shared};

const RECORDS: u32 = 300;
const BYTES: usize = 50;

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn redis(server: &Server) -> String {
    format!("redis://{}", server.socket().display())
}

#[test]
fn everything_comes_back_from_one_kind_of_store_to_another() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::on_socket());
    let [one, two] = ["one", "two"].map(|name| shared(&place.path().join(name), "4M"));
    let far = redis(&server);
    let store = open(&one);
    fill(&*store, RECORDS, BYTES);
    let [first, second] = ["first", "second"].map(|name| text(&place.path().join(name)));

    let said = says(&["export", "--store", &one, &first]);
    assert!(said.starts_with(&format!("exported {RECORDS} records in ")), "{said}");
    assert!(said.contains("there already 0, damaged 0; "), "{said}");
    assert_eq!(fs::metadata(&first).unwrap().permissions().mode() & 0o7777, 0o600);

    let said = says(&["import", "--store", &far, &first]);
    assert!(said.starts_with(&format!("imported {RECORDS} records in ")), "{said}");
    let there = open(&far);
    is_filled(&*there, RECORDS, BYTES);
    assert!(there.secret().unwrap() == store.secret().unwrap(), "ids are good in both");
    assert_eq!(
        there.owned(Owner(5), there.now()).unwrap().len(),
        RECORDS as usize / 3,
        "the index of a user"
    );

    says(&["export", "--store", &far, &second]);
    says(&["import", "--store", &two, &second]);
    is_filled(&*open(&two), RECORDS, BYTES);
    assert!(open(&two).secret().unwrap() == store.secret().unwrap());

    for dsn in [&far, &two] {
        let said = says(&["import", "--store", dsn, &first]);
        assert!(said.starts_with("imported 0 records in "), "{said}");
        assert!(said.contains(&format!("there already {RECORDS}, newer or ended there 0, over 0")), "{said}");
    }
}

#[test]
fn what_the_store_has_or_remembers_as_ended_is_never_overwritten() {
    let place = tempfile::tempdir().unwrap();
    let dsn = shared(&place.path().join("store"), "4M");
    let export = text(&place.path().join("export"));
    let store = open(&dsn);
    fill(&*store, RECORDS, BYTES);
    says(&["export", "--store", &dsn, &export]);

    let now = store.now();
    let put = |n, bytes: &[u8]| {
        let version = store.peek(&key(n), now).unwrap().unwrap().version;
        let write = Write { record: bytes, expires: now.after(Duration::from_mins(1)), owner: Owner::GUEST };
        assert!(matches!(store.commit(&key(n), Expect::Version(version), write, now), Ok(Commit::Stored(_))));
    };
    put(1, b"changed by the site");
    let ended = record::write(&Meta::default(), Body::Ended).unwrap();
    put(2, &ended);
    store.destroy(&key(3), now).unwrap();

    let said = says(&["import", "--store", &dsn, &export]);
    assert!(said.starts_with("imported 1 records in "), "{said}");
    assert!(said.contains(&format!("there already {}, newer or ended there 2, ", RECORDS - 3)), "{said}");
    let at = |n| store.peek(&key(n), now).unwrap().unwrap().record;
    assert_eq!(at(1), b"changed by the site");
    assert_eq!(at(2), ended);
    assert_eq!(at(3), shell::record(3, BYTES), "nobody remembers its end");
}

#[test]
fn an_export_that_was_cut_off_anywhere_is_named_and_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let dsn = shared(&place.path().join("store"), "4M");
    let whole = place.path().join("whole");
    let file = place.path().join("file");
    let (whole, file) = (text(&whole), text(&file));
    fill(&*open(&dsn), RECORDS, BYTES);
    says(&["export", "--store", &dsn, &whole]);
    let good = fs::read(&whole).unwrap();
    let frame = 64 + BYTES;
    assert_eq!(good.len(), 72 + RECORDS as usize * frame + 32);
    for cut in [0, 5, 71, 72, 73, 72 + frame, 72 + 7 * frame + 60, good.len() - 32, good.len() - 1] {
        fs::write(&file, &good[..cut]).unwrap();
        let there = cut.saturating_sub(72) / frame;
        let fresh = shared(&place.path().join(format!("fresh-{cut}")), "4M");
        let at = 72 + there * frame;
        match cut {
            0 => refuses(&["import", "--store", &fresh, &file], 3, "is no export of holdfast"),
            1..72 => refuses(&["import", "--store", &fresh, &file], 3, "cut off at byte 0"),
            _ => {
                refuses(
                    &["import", "--store", &fresh, &file],
                    3,
                    &format!("cut off at byte {at}; nothing was"),
                );
                assert!(!place.path().join(format!("fresh-{cut}")).exists());
                let said = fails(&["import", "--partial", "--store", &fresh, &file], 1, "the rest is lost");
                assert!(said.starts_with(&format!("imported {there} records")), "{said}");
            }
        }
        assert_eq!(fs::metadata(&file).unwrap().len(), cut as u64, "a reader changes nothing");

        let said = says(&["export", "--resume", "--store", &dsn, &file]);
        let rest = RECORDS as usize - there;
        assert!(said.starts_with(&format!("exported {rest} records")), "{cut}: {said}");
        assert!(said.contains(&format!("there already {there}, ")), "{cut}: {said}");
        assert_eq!(fs::metadata(&file).unwrap().len(), good.len() as u64);
        says(&["import", "--store", &fresh, &file]);
        is_filled(&*open(&fresh), RECORDS, BYTES);
    }
    let said = says(&["export", "--resume", "--store", &dsn, &whole]);
    assert!(said.contains("is whole, with 300 records; nothing to do"), "{said}");
}

#[test]
fn damage_is_named_with_its_place_and_nothing_behind_it_is_believed() {
    let place = tempfile::tempdir().unwrap();
    let dsn = shared(&place.path().join("store"), "4M");
    let (file, fresh) = (text(&place.path().join("file")), place.path().join("fresh"));
    let to = shared(&fresh, "4M");
    fill(&*open(&dsn), RECORDS, BYTES);
    says(&["export", "--store", &dsn, &file]);
    let mut bytes = fs::read(&file).unwrap();
    let at = 72 + 10 * (64 + BYTES);
    bytes[at + 60] ^= 1;
    fs::write(&file, &bytes).unwrap();
    refuses(&["import", "--store", &to, &file], 3, &format!("damaged at byte {at}: a checksum is wrong"));
    assert!(!fresh.exists(), "the file is looked at before the store is");
    let said = fails(&["import", "--partial", "--store", &to, &file], 1, &format!("at byte {at}"));
    assert!(said.starts_with("imported 10 records"), "{said}");
    assert_eq!(open(&to).stats().unwrap().sessions, 10);
}

/// A large export, and how it was interrupted: it must not have been done by then.
fn interrupted(dsn: &str, file: &Path, signal: &str) -> std::process::Output {
    for _ in 0..20 {
        let _ = fs::remove_file(file);
        let child = begun(&["export", "--store", dsn, file.to_str().unwrap()]);
        let until = Instant::now() + Duration::from_mins(1);
        while fs::metadata(file).map_or(0, |metadata| metadata.len()) < 1 << 20 {
            assert!(Instant::now() < until, "nothing is written");
            thread::yield_now();
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        if !output.status.success() {
            return output;
        }
    }
    panic!("the export is too fast to be interrupted");
}

#[test]
fn an_export_that_is_killed_or_interrupted_goes_on_and_harms_no_store() {
    const MANY: u32 = 30_000;
    const LONG: usize = 2000;
    let place = tempfile::tempdir().unwrap();
    let dsn = shared(&place.path().join("store"), "128M");
    let store = open(&dsn);
    fill(&*store, MANY, LONG);
    let file = place.path().join("export");
    for signal in ["-KILL", "-INT"] {
        let output = interrupted(&dsn, &file, signal);
        if signal == "-INT" {
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(130), "{said}");
            assert!(
                said.contains("export --resume goes on behind them") && said.lines().count() == 1,
                "{said}"
            );
        }
        let before = fs::metadata(&file).unwrap().len();
        refuses(&["import", "--store", &dsn, &text(&file)], 3, "is cut off at byte");
        let said = says(&["export", "--resume", "--store", &dsn, &text(&file)]);
        assert!(!said.contains("there already 0,"), "it went on behind {before} bytes: {said}");
        let fresh = shared(&place.path().join(format!("fresh{signal}")), "128M");
        says(&["import", "--store", &fresh, &text(&file)]);
        is_filled(&*open(&fresh), MANY, LONG);
        is_filled(&*store, MANY, LONG);
    }

    // An import, killed while it works, and run again. To a server it takes long enough to be caught.
    let server = Server::on_socket();
    let killed = (0..5).find_map(|attempt| {
        let to = format!("{}?prefix=to-{attempt}:", redis(&server));
        let target = open(&to);
        let mut child = begun(&["import", "--store", &to, &text(&file)]);
        while target.stats().unwrap().sessions < 500 && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        child.wait().unwrap();
        let there = target.stats().unwrap().sessions;
        ((500..u64::from(MANY)).contains(&there)).then_some((to, there))
    });
    let (to, there) = killed.unwrap();
    let said = says(&["import", "--store", &to, &text(&file)]);
    assert!(said.starts_with(&format!("imported {} records", u64::from(MANY) - there)), "{there}: {said}");
    is_filled(&*open(&to), MANY, LONG);
}

#[test]
fn stdout_takes_an_export_too() {
    let place = tempfile::tempdir().unwrap();
    let dsn = shared(&place.path().join("store"), "4M");
    fill(&*open(&dsn), RECORDS, BYTES);
    let output = holdfast(&["export", "--store", &dsn, "-"]);
    assert!(output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("exported 300 records"));
    let file = place.path().join("file");
    fs::write(&file, &output.stdout).unwrap();
    let fresh = shared(&place.path().join("fresh"), "4M");
    says(&["import", "--store", &fresh, &text(&file)]);
    is_filled(&*open(&fresh), RECORDS, BYTES);
}

#[test]
fn bad_input_is_one_clear_line_and_changes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| text(&place.path().join(name));
    let dsn = shared(&place.path().join("store"), "4M");
    let other = shared(&place.path().join("other"), "4M");
    fill(&*open(&dsn), RECORDS, BYTES);
    fill(&*open(&other), 3, BYTES);
    let export = path("export");
    says(&["export", "--store", &dsn, &export]);
    let good = fs::read(&export).unwrap();
    let foreign = path("foreign");
    fs::write(&foreign, "a letter to my aunt\n".repeat(100)).unwrap();
    let absent = shared(&place.path().join("absent"), "4M");
    let nobody = "redis://:hunter2@127.0.0.1:1?timeout=500ms";

    refuses(&["export", "--store", &dsn], 2, "<FILE>");
    refuses(&["export", "--store", &dsn, "--resume", "-"], 2, "--resume");
    refuses(&["export", "--store", &dsn, &export], 3, "is there already");
    refuses(&["export", "--store", &dsn, &foreign], 3, "is there already");
    refuses(&["export", "--store", &dsn, "--resume", &foreign], 3, "is no export");
    refuses(&["export", "--store", &dsn, "--resume", &path("none")], 3, "No such file");
    refuses(&["export", "--store", &other, "--resume", &export], 3, "is an export of another store");
    refuses(&["export", "--store", &dsn, &path("no/directory")], 3, "No such file");
    refuses(&["export", "--store", &absent, &path("new")], 3, "there is no session store at");
    refuses(&["export", "--store", nobody, &path("new")], 3, "127.0.0.1:1");
    refuses(&["export", "--store", &format!("shared://{foreign}"), &path("new")], 3, "session store");
    symlink(&export, place.path().join("link")).unwrap();
    refuses(&["export", "--store", &dsn, &path("link")], 3, "is there already");
    refuses(&["export", "--store", &dsn, "--resume", &path("link")], 3, "link");
    assert!(!place.path().join("new").exists());

    refuses(&["import", "--store", &dsn, &path("none")], 3, "No such file");
    refuses(&["import", "--store", &dsn, &text(place.path())], 3, "is no file");
    refuses(&["import", "--store", &dsn, &foreign], 3, "is no export of holdfast");
    refuses(&["import", "--store", nobody, &export], 3, "127.0.0.1:1");
    refuses(&["import", "--store", &other, &export], 3, "under another secret");
    let mut later = good.clone();
    later[16] = 9;
    fs::write(path("later"), &later).unwrap();
    refuses(&["import", "--store", &dsn, &path("later")], 3, "version 9 of the format");

    assert_eq!(fs::read(&export).unwrap(), good);
    assert_eq!(fs::read(&foreign).unwrap(), "a letter to my aunt\n".repeat(100).as_bytes());
    is_filled(&*open(&dsn), RECORDS, BYTES);
    assert_eq!(open(&other).stats().unwrap().sessions, 3);
    assert!(!place.path().join("absent").exists());
}

#[test]
fn a_store_of_another_user_and_a_disk_without_room_are_one_clear_line() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("store");
    let dsn = shared(&path, "4M");
    fill(&*open(&dsn), RECORDS, BYTES);
    refuses(&["export", "--store", &dsn, "/dev/full"], 3, "/dev/full");
    // Only root can give a file away; who is not has no rights anyway.
    if std::os::unix::fs::chown(&path, Some(65534), None).is_ok() {
        for arguments in [&["verify"][..], &["export", "x"], &["bench", "--frob"]] {
            let mut all = arguments.to_vec();
            all.extend(["--store", &dsn]);
            let code = if arguments[0] == "bench" { 2 } else { 3 };
            refuses(&all, code, if code == 2 { "--frob" } else { "belongs to user 65534" });
        }
    }
}

/// Progress is for terminals: `script` gives it one.
#[test]
fn a_terminal_is_told_how_far_it_is() {
    let place = tempfile::tempdir().unwrap();
    let dsn = shared(&place.path().join("store"), "4M");
    fill(&*open(&dsn), RECORDS, BYTES);
    let binary = env!("CARGO_BIN_EXE_holdfast");
    let export = text(&place.path().join("export"));
    for verb in [format!("export {export}"), format!("import {export}"), "verify".to_owned()] {
        let line = format!("{binary} {verb} --store '{dsn}'");
        let output = Command::new("script").args(["-qec", &line, "/dev/null"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(" of about 300 records, ") && said.contains(" a second, "), "{verb}: {said}");
    }
    let line = format!("{binary} export - --store '{dsn}'");
    let output = Command::new("script").args(["-qec", &line, "/dev/null"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "a secret is not for the screen");
    let silent = command(&["verify", "--store", &dsn]).output().unwrap();
    // The records are no sessions: they are named, and stderr has the one line.
    assert_eq!(String::from_utf8_lossy(&silent.stderr).lines().count(), 1);
}
