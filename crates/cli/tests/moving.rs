//! `holdfast move` as somebody at a shell sees it: one clear line, an exit code, and nothing changed where the input is bad.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{Commit, Engine, Expect, Owner, StoreDsn, Write, migrating::MigratingEngine},
    key::Key,
};

#[path = "../../core/tests/redis_servers/mod.rs"]
mod redis_servers;
mod shell;

use redis_servers::Server;
use shell::{holdfast, refuses};

const RECORDS: u8 = 200;

fn key(n: u8) -> Key {
    Key::from_bytes([n; 32])
}

/// A shared store with records of guests, a member and the store itself.
fn filled(path: &Path) -> String {
    let dsn = format!("shared://{}?size=4M", path.display());
    let store = StoreDsn::parse(&dsn).unwrap().open().unwrap();
    let now = store.now();
    for n in 0..RECORDS {
        let owner = [Owner::GUEST, Owner(5), Owner::SYSTEM][usize::from(n % 3)];
        let expires = now.after(Duration::from_secs(3600 + u64::from(n)));
        let write = Write { record: &[n; 50], expires, owner };
        assert!(matches!(store.commit(&key(n), Expect::Absent, write, now), Ok(Commit::Stored(_))));
    }
    dsn
}

fn redis(server: &Server) -> String {
    format!("redis://{}", server.socket().display())
}

#[test]
fn bad_input_is_one_clear_line_and_changes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let store = place.path().join("store");
    let from = filled(&store);
    let before = fs::read(&store).unwrap();
    let foreign = place.path().join("foreign");
    fs::write(&foreign, "a letter to my aunt\n".repeat(1000)).unwrap();
    fs::set_permissions(&foreign, fs::Permissions::from_mode(0o600)).unwrap();
    let foreign_dsn = format!("shared://{}", foreign.display());
    let absent = place.path().join("absent");
    let absent_dsn = format!("shared://{}", absent.display());
    let nobody = "redis://:hunter2@127.0.0.1:1?timeout=500ms";

    refuses(&["frobnicate"], 2, "frobnicate");
    refuses(&["move", "--to", "redis://h"], 2, "--from");
    refuses(&["move", "--from", &from, "--to", "redis://h", "--hunter"], 2, "--hunter");
    refuses(
        &["move", "--from", &from, "--to", "redis://:hunter2@h?sise=1"],
        2,
        "--to: redis: unknown option sise",
    );
    refuses(&["move", "--from", "memory:", "--to", "redis://h"], 2, "--from: memory:");
    refuses(
        &["move", "--from", &from, "--to", "migrating:?from=shared:&to=redis://h"],
        2,
        "--to: takes one store",
    );
    refuses(&["move", "--from", &from, "--to", &from], 2, "the same store");
    refuses(&["move", "--from", &absent_dsn, "--to", nobody], 3, "there is no session store at");
    refuses(&["move", "--offline", "--from", &foreign_dsn, "--to", nobody], 3, "is not a session store");
    refuses(&["move", "--offline", "--from", &from, "--to", nobody], 3, "session store redis://127.0.0.1:1");
    refuses(&["move", "--from", &from, "--to", nobody], 4, "no PHP process knows yet");
    // The same file by another name.
    let name = place.path().file_name().unwrap().to_str().unwrap();
    let dotted = format!("shared://{}/../{name}/store", place.path().display());
    refuses(&["move", "--offline", "--from", &from, "--to", &dotted], 3, "both are the same store");

    assert!(!absent.exists());
    assert_eq!(fs::read(&foreign).unwrap(), "a letter to my aunt\n".repeat(1000).as_bytes());
    let store = StoreDsn::parse(&from).unwrap().open().unwrap();
    let now = store.now();
    for n in 0..RECORDS {
        assert_eq!(store.load(&key(n), now).unwrap().unwrap().record, [n; 50]);
    }
    assert_eq!(store.stats().unwrap().sessions, u64::from(RECORDS));
    assert_eq!(before.len() as u64, fs::metadata(place.path().join("store")).unwrap().len());
}

#[test]
fn a_target_with_sessions_of_its_own_is_refused() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::on_socket());
    let from = filled(&place.path().join("store"));
    let to = redis(&server);
    let other = StoreDsn::parse(&to).unwrap().open().unwrap();
    let now = other.now();
    let _ = other.secret().unwrap();
    let write = Write { record: b"theirs", expires: now.after(Duration::from_mins(1)), owner: Owner::GUEST };
    let _ = other.commit(&key(255), Expect::Absent, write, now).unwrap();
    refuses(&["move", "--offline", "--from", &from, "--to", &to], 3, "another secret");
    assert_eq!(other.stats().unwrap().sessions, 1);
}

#[test]
fn everything_moves_and_the_second_time_there_is_nothing_to_do() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::on_socket());
    let (from, to) = (filled(&place.path().join("store")), redis(&server));
    let old = StoreDsn::parse(&from).unwrap().open().unwrap();
    // Somebody looked at the new store before, so it has a secret, on which nothing hangs yet.
    let _ = StoreDsn::parse(&to).unwrap().open().unwrap().secret().unwrap();
    // As a PHP worker does, with whom the command does not need --offline.
    let site = MigratingEngine::open(old.clone(), StoreDsn::parse(&to).unwrap().open().unwrap()).unwrap();
    let now = site.now();
    let taken =
        Write { record: b"changed by the site", expires: now.after(Duration::from_mins(1)), owner: Owner(5) };
    let seen = site.load(&key(1), now).unwrap().unwrap();
    assert!(matches!(site.commit(&key(1), Expect::Version(seen.version), taken, now), Ok(Commit::Stored(_))));
    assert!(site.destroy(&key(2), now).unwrap());

    let output = holdfast(&["move", "--from", &from, "--to", &to]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.starts_with(&format!("moved {} records in ", RECORDS - 2)), "{said}");
    assert!(said.ends_with("failed 0; nothing is left in the old store\n"), "{said}");
    assert!(output.stderr.is_empty(), "progress is for terminals: {:?}", output.stderr);

    let new = StoreDsn::parse(&to).unwrap().open().unwrap();
    assert!(new.secret().unwrap() == old.secret().unwrap(), "ids are good in both");
    for n in 0..RECORDS {
        let there = new.load(&key(n), new.now()).unwrap();
        match n {
            1 => assert_eq!(there.unwrap().record, b"changed by the site"),
            2 => assert_eq!(there, None),
            _ => {
                let there = there.unwrap();
                assert_eq!(
                    (there.record, there.owner),
                    (vec![n; 50], [Owner::GUEST, Owner(5), Owner::SYSTEM][usize::from(n % 3)])
                );
                let left = there.expires.since(now).as_secs();
                assert!((3500 + u64::from(n)..=3605 + u64::from(n)).contains(&left), "{left}");
            }
        }
    }
    assert_eq!(new.owned(Owner(5), new.now()).unwrap().len(), 67, "the index of a user");

    let again = holdfast(&["move", "--from", &from, "--to", &to]);
    assert!(String::from_utf8(again.stdout).unwrap().starts_with("moved 0 records in "));
    assert!(again.status.success());
}

/// S29: a password on a command line is for all to see who may list processes.
#[test]
fn s29_stores_can_be_named_by_the_environment() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::on_socket());
    let from = filled(&place.path().join("store"));
    let output = Command::new(env!("CARGO_BIN_EXE_holdfast"))
        .args(["move", "--offline"])
        .envs([("HOLDFAST_FROM", from), ("HOLDFAST_TO", redis(&server))])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let help = Command::new(env!("CARGO_BIN_EXE_holdfast"))
        .args(["move", "--help"])
        .envs([("HOLDFAST_TO", "redis://:hunter2@h")])
        .output()
        .unwrap();
    assert!(help.status.success() && !String::from_utf8(help.stdout).unwrap().contains("hunter2"));
}

/// A shared store with so many guests that a move takes a while.
fn crowded(path: &Path, guests: u32) -> String {
    let dsn = format!("shared://{}?size=32M", path.display());
    let store = StoreDsn::parse(&dsn).unwrap().open().unwrap();
    let now = store.now();
    for n in 0..guests {
        let write = Write {
            record: &n.to_le_bytes(),
            expires: now.after(Duration::from_hours(1)),
            owner: Owner::GUEST,
        };
        assert!(matches!(store.commit(&guest(n), Expect::Absent, write, now), Ok(Commit::Stored(_))));
    }
    dsn
}

fn guest(n: u32) -> Key {
    let mut bytes = [9; 32];
    for (place, byte) in (0..).zip(&mut bytes) {
        *byte = n.wrapping_mul(2_654_435_761).rotate_left(place).to_le_bytes()[1];
    }
    bytes[..4].copy_from_slice(&n.to_le_bytes());
    Key::from_bytes(bytes)
}

/// Who is moved when the command dies is in one of the two stores, and the next run finds the rest.
#[test]
fn an_interrupted_move_goes_on_where_it_stopped() {
    const GUESTS: u32 = 15_000;
    let (place, server) = (tempfile::tempdir().unwrap(), Server::on_socket());
    let (from, to) = (crowded(&place.path().join("store"), GUESTS), redis(&server));
    let arguments = ["move", "--offline", "--from", &from, "--to", &to];
    let new = StoreDsn::parse(&to).unwrap().open().unwrap();
    let moved = || server.command(&["DBSIZE"]).trim().trim_start_matches(':').parse::<u64>().unwrap();
    for (signal, code) in [("-KILL", None), ("-INT", Some(130))] {
        let before = moved();
        let command = Command::new(env!("CARGO_BIN_EXE_holdfast"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while moved() < before + 500 {
            assert!(begun.elapsed() < Duration::from_mins(1), "nothing moves");
            thread::sleep(Duration::from_millis(1));
        }
        let killed = Command::new("kill").args([signal, &command.id().to_string()]).status().unwrap();
        let output = command.wait_with_output().unwrap();
        assert!(killed.success() && output.status.code() == code, "{signal}: {output:?}");
        if code.is_some() {
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(said.contains("interrupted"), "{said}");
        }
        assert!(moved() < u64::from(GUESTS), "it was through before the signal came");
    }
    let output = holdfast(&arguments);
    assert!(output.status.success(), "{output:?}");
    let now = new.now();
    for n in 0..GUESTS {
        assert_eq!(new.load(&guest(n), now).unwrap().unwrap().record, n.to_le_bytes());
    }
}

/// What somebody at a terminal sees meanwhile: one line that changes, and goes before the verdict.
#[test]
fn a_terminal_shows_how_far_it_is() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::on_socket());
    let (from, to) = (crowded(&place.path().join("store"), 15_000), redis(&server));
    let shell = format!("{} move --offline --from '{from}' --to '{to}'", env!("CARGO_BIN_EXE_holdfast"));
    let log = place.path().join("log");
    let output =
        Command::new("script").args(["-qec", &shell]).arg(&log).stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8(fs::read(&log).unwrap()).unwrap();
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains(" of about 15000 records, ") && shown.contains(" s left"), "{shown}");
    let (_, verdict) = shown.rsplit_once("\r\x1b[K").unwrap();
    assert!(verdict.starts_with("moved 15000 records in "), "{shown}");
}
