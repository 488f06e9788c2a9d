//! `holdfast rm` as somebody at a shell sees it: what is ended, what is not, and what is asked before.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{fs, process::Command};

#[path = "../../core/tests/redis_servers/mod.rs"]
mod redis_servers;
mod site;

use redis_servers::Server;
use site::{HOUR, Session, Sessions, handle, refuses, says};

/// Five sessions: 1 and 2 of ada, 3 of bob, 4 and 5 of guests, of whom 5 is idle. The first digits are their numbers.
fn filled(store: Sessions) -> Sessions {
    for number in 1..=5_u128 {
        let (user, address) = match number {
            1 | 2 => (Some(&b"ada"[..]), "10.0.0.1"),
            3 => (Some(&b"bob"[..]), "192.0.2.3"),
            _ => (None, ""),
        };
        let idle = if number == 5 { HOUR } else { std::time::Duration::ZERO };
        store.add(named(number), Session { user, address, idle, ..Session::default() });
    }
    store
}

/// 1 is 111111...
fn named(number: u128) -> u128 {
    number * 0x1111_1111_1111_1111_1111_1111_1111_1111
}

fn name(number: u128) -> String {
    handle(named(number))[..8].to_owned()
}

fn left(store: &Sessions) -> Vec<u128> {
    (1..=5).filter(|number| store.has(&Sessions::key(named(*number)))).collect()
}

fn shared() -> (tempfile::TempDir, Sessions) {
    let place = tempfile::tempdir().unwrap();
    let store = filled(Sessions::shared(&place.path().join("store")));
    (place, store)
}

#[test]
fn sessions_are_ended_by_handle_user_and_filter() {
    for (arguments, said, expected) in [
        (vec![name(1), name(4)], "ended 2 sessions\n", vec![2, 3, 5]),
        (vec![name(1), handle(named(1))], "ended 1 session\n", vec![2, 3, 4, 5]),
        (vec!["--user".into(), "ada".into()], "ended 2 sessions of user ada\n", vec![3, 4, 5]),
        (vec!["--idle".into(), "30m".into()], "ended 1 session\n", vec![1, 2, 3, 4]),
        (vec!["--guests".into()], "ended 2 sessions\n", vec![1, 2, 3]),
        (vec!["--from".into(), "10.0.0.0/8".into()], "ended 2 sessions\n", vec![3, 4, 5]),
        (
            vec!["--user".into(), "ada".into(), "--idle".into(), "30m".into()],
            "no session is like that; nothing was ended\n",
            vec![1, 2, 3, 4, 5],
        ),
        (vec!["--user".into(), "eve".into()], "ended 0 sessions of user eve\n", vec![1, 2, 3, 4, 5]),
    ] {
        let place = tempfile::tempdir().unwrap();
        let server = Server::on_socket();
        let redis = format!("redis://{}", server.socket().display());
        for store in [Sessions::shared(&place.path().join("store")), Sessions::at(redis)] {
            let store = filled(store);
            let mut all = vec!["rm", "--yes", "--store", &store.dsn];
            all.extend(arguments.iter().map(String::as_str));
            assert_eq!(says(&all), said, "{arguments:?}");
            assert_eq!(left(&store), expected, "{arguments:?}");
        }
    }
}

#[test]
fn one_unknown_handle_and_nothing_is_ended() {
    let (_place, store) = shared();
    let rm =
        |more: &[&str], code, what| refuses(&[&["rm", "--store", &store.dsn], more].concat(), code, what);
    rm(&["--yes", &name(1), "999999"], 5, "there is no session 999999");
    rm(&["--yes", &name(1), "not-a-handle"], 2, "one argument is something else");
    store.add(named(1) + 1, Session::default());
    rm(&["--yes", &name(2), "111111"], 5, "111111 begins the handles of 2 sessions; give more digits");
    rm(&[&name(1)], 2, "there is no terminal to ask at; add --yes");
    rm(&["--guests"], 2, "there is no terminal to ask at; add --yes");
    rm(&["--yes"], 2, "say which sessions");
    rm(&["--yes", "--search", ""], 2, "say which sessions");
    rm(&["--yes", &name(1), "--guests"], 2, "--guests");
    assert_eq!(left(&store), [1, 2, 3, 4, 5]);
}

/// At a terminal: what is shown, what is asked, and what happens at this answer.
fn answered(place: &std::path::Path, store: &Sessions, arguments: &str, answer: &str) -> String {
    let shell = format!("{} rm --store '{}' {arguments}", env!("CARGO_BIN_EXE_holdfast"), store.dsn);
    let log = place.join("log");
    let input = place.join("input");
    fs::write(&input, answer).unwrap();
    let done = Command::new("script")
        .args(["-qec", &shell])
        .arg(&log)
        .stdin(fs::File::open(&input).unwrap())
        .output()
        .unwrap();
    let shown = fs::read_to_string(&log).unwrap();
    assert!(done.status.success(), "{shown}");
    shown
}

#[test]
fn at_a_terminal_it_says_what_it_would_end_and_asks() {
    let (place, store) = shared();
    for answer in ["n\n", "\n", "nonsense\n"] {
        let shown = answered(place.path(), &store, &name(1), answer);
        assert!(shown.contains("111111111111  ada") && shown.contains("End this session? [y/N]"), "{shown}");
        assert!(shown.contains("nothing was ended"), "{shown}");
    }
    assert_eq!(left(&store), [1, 2, 3, 4, 5]);
    let shown = answered(place.path(), &store, "--guests", "y\n");
    assert!(shown.contains("End these 2 sessions? [y/N]") && shown.contains("ended 2 sessions"), "{shown}");
    let shown = answered(place.path(), &store, "--user ada", "yes\n");
    assert!(shown.contains("End all sessions of user ada (2), and what is remembered"), "{shown}");
    assert_eq!(left(&store), [3]);
    for number in 100..115 {
        store.add(number, Session::default());
    }
    let shown = answered(place.path(), &store, "--guests", "n\n");
    assert!(shown.contains("... and 5 more"), "{shown}");
}
