//! `holdfast stat`, `ls`, `show` and `gc` as somebody at a shell sees them.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    process::Stdio,
    thread,
    time::Duration,
};

use holdfast_core::{
    engine::Owner,
    record::{self, Body, Handle, Meta},
    value::Value,
};
use serde_json::Value as Json;

#[path = "../../core/tests/redis_servers/mod.rs"]
mod redis_servers;
mod site;

use redis_servers::Server;
use site::{HOUR, Session, Sessions, command, handle, holdfast, map, refused, refuses, says, text};

const ADA: u128 = 0xada0_0000_0000_0000_0000_0000_0000_0001;
const BOB: u128 = 0xb0b0_0000_0000_0000_0000_0000_0000_0002;
const GUEST: u128 = 0x6e57_0000_0000_0000_0000_0000_0000_0003;
const STALE: u128 = 0x57a1_0000_0000_0000_0000_0000_0000_0004;

/// Two members and two guests, of whom one is idle; one member chose a name that would clear the screen.
fn fill(store: &Sessions) {
    store.add(
        ADA,
        Session {
            user: Some(b"ada"),
            address: "10.1.2.3",
            agent: b"Mozilla/5.0 \x1b]0;owned\x07",
            values: vec![
                ("cart", map(vec![("tea", Value::Int(2)), ("note", text("no \x1b[2J sugar"))])),
                ("password", text("hunter2")),
                ("account", map(vec![("api_key", text("hunter2-nested")), ("shoe-size", Value::Int(38))])),
                ("avatar", Value::Opaque(b"O:6:\"Avatar\":1:{s:4:\"face\";s:7:\"hunter2\";}".to_vec())),
            ],
            ..Session::default()
        },
    );
    let user = Some(&b"bob\x1b[2J\n"[..]);
    let values = vec![("text", text(&"x".repeat(30_000)))];
    store.add(BOB, Session { user, address: "2001:db8::7", values, ..Session::default() });
    store.add(GUEST, Session::default());
    store.add(STALE, Session { idle: 2 * HOUR, ..Session::default() });
}

fn objects(arguments: &[&str]) -> Vec<Json> {
    says(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The handles that a filter finds.
fn found(store: &Sessions, filter: &[&str]) -> Vec<String> {
    let arguments = [&["ls", "--json", "--store", &store.dsn], filter].concat();
    let mut found: Vec<String> =
        objects(&arguments).iter().map(|session| session["handle"].as_str().unwrap().to_owned()).collect();
    if !filter.contains(&"--sort") {
        found.sort();
    }
    found
}

fn handles(numbers: &[u128]) -> Vec<String> {
    numbers.iter().map(|number| handle(*number)).collect()
}

#[test]
fn sessions_are_found_by_what_they_are() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::on_socket();
    let redis = format!("redis://{}", server.socket().display());
    for store in [Sessions::shared(&place.path().join("store")), Sessions::at(redis)] {
        fill(&store);
        assert_eq!(found(&store, &[]), handles(&[STALE, GUEST, ADA, BOB]));
        assert_eq!(found(&store, &["--guests"]), handles(&[STALE, GUEST]));
        assert_eq!(found(&store, &["--members"]), handles(&[ADA, BOB]));
        assert_eq!(found(&store, &["--user", "ada"]), handles(&[ADA]));
        assert_eq!(found(&store, &["--user", "ad"]), handles(&[]));
        assert_eq!(found(&store, &["--idle", "90m"]), handles(&[STALE]));
        assert_eq!(found(&store, &["--larger", "20k"]), handles(&[BOB]));
        assert_eq!(found(&store, &["--from", "10.0.0.0/8"]), handles(&[ADA]));
        assert_eq!(found(&store, &["--from", "2001:db8::/32"]), handles(&[BOB]));
        assert_eq!(found(&store, &["--search", "MOZILLA"]), handles(&[ADA]));
        assert_eq!(found(&store, &["--search", "57a1"]), handles(&[STALE]));
        assert_eq!(found(&store, &["--members", "--from", "10.1.2.3"]), handles(&[ADA]));
        assert_eq!(found(&store, &["--sort", "size", "--reverse", "--limit", "2"]), handles(&[BOB, ADA]));
        assert_eq!(found(&store, &["--sort", "last", "--limit", "1"]), handles(&[STALE]));
        assert_eq!(found(&store, &["--limit", "3"]).len(), 3);
        assert_eq!(found(&store, &["--limit", "0"]), handles(&[]));
    }
}

#[test]
fn what_visitors_chose_steers_no_terminal() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    fill(&store);
    let table = says(&["ls", "--store", &store.dsn, "--sort", "user"]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 5, "{table}");
    assert!(lines[0].starts_with("HANDLE "), "{table}");
    assert!(lines[3].starts_with("ada000000000  ada               10.1.2.3 "), "{table}");
    assert!(lines[3].ends_with("Mozilla/5.0 \\u{1b}]0;owned\\u{7}"), "{table}");
    assert!(lines[4].starts_with("b0b000000000  bob\\u{1b}[2J\\n "), "{table}");
    assert!(lines[1].contains(" 29.") || lines[4].contains(" 29."), "sizes are for people: {table}");
    for shown in [
        table,
        says(&["show", "--store", &store.dsn, "b0b000"]),
        says(&["show", "--values", "--store", &store.dsn, "ada000"]),
        says(&["ls", "--json", "--store", &store.dsn]),
        says(&["show", "--json", "--values", "--store", &store.dsn, "ada000"]),
    ] {
        assert!(!shown.chars().any(|shown| shown.is_control() && shown != '\n'), "{shown:?}");
    }
}

#[test]
fn json_has_whole_numbers_and_times_in_utc() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    fill(&store);
    store.add(5, Session { user: Some(b"\xff1"), ..Session::default() });
    let of = |user: &str| objects(&["ls", "--json", "--store", &store.dsn, "--search", user]).remove(0);
    let ada = of("ada");
    assert_eq!((&ada["user"], &ada["address"]), (&"ada".into(), &"10.1.2.3".into()));
    assert!(ada["bytes"].is_u64() && ada["idle_seconds"].as_u64().unwrap() < 60, "{ada}");
    for time in ["created", "authenticated", "last_activity", "expires"] {
        let text = ada[time].as_str().unwrap();
        assert!(text.len() == 24 && &text[10..11] == "T" && text.ends_with('Z'), "{time}: {ada}");
    }
    assert!(ada["created"].as_str() < ada["expires"].as_str());
    let stale = objects(&["ls", "--json", "--store", &store.dsn, "--idle", "1h"]).remove(0);
    assert!((7200..7260).contains(&stale["idle_seconds"].as_u64().unwrap()) && stale["user"].is_null());
    let bytes = objects(&["ls", "--json", "--store", &store.dsn, "--members", "--limit", "9"]);
    assert!(bytes.iter().any(|session| session["user_hex"] == "ff31"), "{bytes:?}");
}

/// S29: what is secret is not shown, however deep it is.
#[test]
fn s29_values_are_shown_on_demand_and_secrets_never() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    fill(&store);
    let show = |more: &[&str]| says(&[&["show", "--store", &store.dsn, "ada000"], more].concat());
    let facts = show(&[]);
    assert!(facts.contains(&handle(ADA)) && facts.contains("10.1.2.3"), "{facts}");
    assert!(!facts.contains("cart") && !facts.contains("hunter2"), "{facts}");
    let values = show(&["--values"]);
    for line in [
        "  cart: array, 2 values",
        "    tea: 2",
        "    note: \"no \\u{1b}[2J sugar\"",
        "  password: *** (string, 7 bytes)",
        "    api_key: *** (string, 14 bytes)",
        "    shoe-size: 38",
        "  avatar: object, 42 bytes",
    ] {
        assert!(values.lines().any(|shown| shown == line), "{line:?} in {values}");
    }
    assert!(!values.contains("hunter2"), "{values}");
    let masked = show(&["--values", "--mask", "SHOE_SIZE", "--mask", "cart"]);
    assert!(masked.contains("shoe-size: *** (int)") && !masked.contains(": 38"), "{masked}");
    assert!(masked.contains("cart: *** (array, 2 values)") && !masked.contains("tea"), "{masked}");

    let json: Json = serde_json::from_str(&show(&["--values", "--json"])).unwrap();
    assert_eq!(json["values"]["cart"]["tea"], 2);
    assert_eq!(json["values"]["cart"]["note"], "no \u{1b}[2J sugar");
    assert_eq!(json["values"]["password"], serde_json::json!({ "hidden": "***", "is": "string, 7 bytes" }));
    assert_eq!(json["values"]["avatar"]["is"], "object, 42 bytes");
    assert!(!json.to_string().contains("hunter2"), "{json}");
    assert!(serde_json::from_str::<Json>(&show(&["--json"])).unwrap().get("values").is_none());
}

#[test]
fn what_another_serializer_wrote_is_never_shown() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    let meta = Meta { handle: Handle::from_bytes([9; 16]), lifetime_ms: 1000, ..Meta::default() };
    let body = Body::Opaque { serializer: "php", data: b"password|s:7:\"hunter2\";" };
    let record = record::write(&meta, body).unwrap();
    store.commit(Sessions::key(9), &record, store.now.after(HOUR), Owner::GUEST);
    let shown = says(&["show", "--values", "--store", &store.dsn, "090909"]);
    assert!(shown.contains("in one piece of 23 bytes, which the serializer php wrote"), "{shown}");
    let json = says(&["show", "--values", "--json", "--store", &store.dsn, "090909"]);
    assert!(!shown.contains("hunter2") && !json.contains("hunter2"), "{shown}{json}");
}

#[test]
fn a_session_is_named_by_a_handle_or_by_enough_of_it() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    for number in [0xabcd_ef01, 0xabcd_ef02] {
        store.add(number << 96, Session::default());
    }
    let show = |name: &'static str| ["show", "--store", &store.dsn, name].map(str::to_owned);
    let run = |name| holdfast(&show(name).iter().map(String::as_str).collect::<Vec<_>>());
    assert!(run("abcdef01").status.success() && run("ABCDEF02").status.success());
    assert!(run("abcdef01000000000000000000000000").status.success());
    refused(&run("abcdef"), 5, "abcdef begins the handles of 2 sessions; give more digits");
    refused(&run("abcdee"), 5, "there is no session abcdee");
    refused(&run("abcdef03000000000000000000000000"), 5, "there is no session abcdef03");
    // S29: it could be an id.
    for id in ["abcde", "hunter2hunter2hunter2hunter2hunter2hunter2h", "abcdef010000000000000000000000000"] {
        refused(&run(id), 2, "one argument is something else");
    }
}

#[test]
fn figures_are_a_table_json_or_what_prometheus_reads() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    fill(&store);
    let table = says(&["stat", "--store", &store.dsn]);
    let commits = |line: &&str| line.starts_with("commits ") && line.ends_with(" 4");
    assert!(table.lines().any(|line| commits(&line)), "{table}");
    assert!(table.contains("capacity ") && table.contains(" MiB"), "{table}");
    let json = objects(&["stat", "--json", "--store", &store.dsn]).remove(0);
    assert_eq!((&json["sessions"], &json["guests"], &json["commits"]), (&4.into(), &2.into(), &4.into()));
    let sum: u64 =
        json["parts"].as_array().unwrap().iter().map(|part| part["sessions"].as_u64().unwrap()).sum();
    assert_eq!(sum, 4, "{json}");
    exposition(&says(&["stat", "--prometheus", "--store", &store.dsn]));
    let server = Server::on_socket();
    let redis = Sessions::at(format!("redis://{}", server.socket().display()));
    fill(&redis);
    let text = says(&["stat", "--prometheus", "--store", &redis.dsn]);
    assert!(
        text.contains("\nholdfast_sessions 4\n") && !text.contains("_total"),
        "nobody counted here: {text}"
    );
}

/// Text of format 0.0.4: each name has one HELP and one TYPE, in front of its samples; names and labels are well formed.
fn exposition(text: &str) {
    let is_name = |name: &str| {
        name.starts_with("holdfast_") && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    let mut family = String::new();
    let mut seen = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, meaning) = help.split_once(' ').unwrap();
            assert!(is_name(name) && meaning.ends_with('.') && !seen.contains(&name.to_owned()), "{line}");
            let kind = if name.ends_with("_total") { "counter" } else { "gauge" };
            assert_eq!(lines.next().unwrap(), format!("# TYPE {name} {kind}"));
            name.clone_into(&mut family);
            seen.push(family.clone());
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = sample.split_once('{').unwrap_or((sample, ""));
        assert_eq!(name, family, "{line}");
        assert!(labels.is_empty() || (labels.ends_with("\"}") && labels.contains("=\"")), "{line}");
        assert!(value.parse::<u64>().is_ok(), "{line}");
    }
    assert!(text.ends_with('\n') && text.contains("\nholdfast_commits_total 4\n"), "{text}");
    assert!(text.contains("\nholdfast_shard_used_bytes{shard=\"0\"} "), "{text}");
    assert!(seen.len() > 15, "{seen:?}");
}

#[test]
fn a_store_that_is_watched_tells_what_happens_per_second() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    store.add(50, Session::default());
    let arguments = ["stat", "--watch", "0.2", "--times", "2", "--json", "--store", &store.dsn];
    let mut watching = command().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
    let first: Json = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(first["commits_per_second"], 0.0);
    fill(&store);
    let second: Json = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let rate = second["commits_per_second"].as_f64().unwrap();
    let count = rate * second["seconds"].as_f64().unwrap();
    assert!((3.9..4.1).contains(&count), "{second}");
    assert!(lines.next().is_none() && watching.wait().unwrap().success());
    let lines = says(&["stat", "--watch", "0.1", "--times", "2", "--store", &store.dsn]);
    assert_eq!(lines.lines().count(), 4, "two heads, two lines: {lines}");
    assert!(lines.lines().all(|line| line.len() <= 80), "{lines}");
}

#[test]
fn the_expired_are_removed_and_counted() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    fill(&store);
    // Normal work would remove those that are over already.
    let soon = store.engine.now().after(Duration::from_secs(2));
    for n in 100..107 {
        store.commit(Sessions::key(n), b"over soon", soon, Owner(3));
    }
    while store.engine.now() < soon {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(says(&["gc", "--store", &store.dsn]), "removed 7 expired\n");
    assert_eq!(says(&["gc", "--store", &store.dsn]), "removed 0 expired\n");
    assert_eq!(store.engine.stats().unwrap().sessions, 4);
}

/// Every verb, with what it needs beside a store.
const VERBS: [&[&str]; 6] =
    [&["stat"], &["stat", "--watch"], &["ls"], &["show", "abcdef"], &["rm", "--yes", "abcdef"], &["gc"]];

#[test]
fn bad_stores_are_one_clear_line_and_nothing_changes() {
    let place = tempfile::tempdir().unwrap();
    let (foreign, absent, empty) =
        (place.path().join("foreign"), place.path().join("absent"), place.path().join("empty"));
    let letter = "a letter to my aunt\n".repeat(1000);
    fs::write(&foreign, &letter).unwrap();
    fs::write(&empty, "").unwrap();
    for file in [&foreign, &empty] {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let open = place.path().join("open");
    drop(Sessions::shared(&open));
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    let dsn = |path: &std::path::Path| format!("shared://{}", path.display());
    let migrating = format!("migrating:?from={}&to={}", dsn(&absent), dsn(&foreign));
    for verb in VERBS {
        let refuses = |store: &str, code, what| refuses(&[verb, &["--store", store]].concat(), code, what);
        refuses("memory:", 2, "--store: memory: is the memory of one PHP process");
        refuses("frob://:hunter2@h", 2, "--store: unknown scheme frob");
        refuses(&dsn(&absent), 3, "there is no session store at");
        refuses(&dsn(&foreign), 3, "is not a session store");
        refuses(&dsn(&empty), 3, "is empty, and no session store");
        refuses(&dsn(&open), 3, "chmod 600");
        refuses("redis://:hunter2@127.0.0.1:1?timeout=500ms", 3, "session store redis://127.0.0.1:1");
        refuses(&migrating, 3, "there is no session store at");
    }
    assert!(!absent.exists() && fs::read_to_string(&foreign).unwrap() == letter);
    assert_eq!(fs::metadata(&empty).unwrap().len(), 0);
}

#[test]
fn a_pair_of_stores_is_looked_at_while_a_move_is_under_way_and_never_begins_one() {
    let place = tempfile::tempdir().unwrap();
    let (old, new) =
        (Sessions::shared(&place.path().join("old")), Sessions::shared(&place.path().join("new")));
    fill(&old);
    let dsn = |name: &str| format!("shared://{}/{name}", place.path().display());
    let pair = format!("migrating:?from={}&to={}", dsn("old"), dsn("new"));
    refuses(&["ls", "--store", &pair], 4, "no move of these stores was begun");
    assert_eq!(new.engine.stats().unwrap().sessions, 0);
    let both = Sessions::at(pair.clone());
    assert_eq!(found(&both, &["--members"]), handles(&[ADA, BOB]));
}

/// Root may open every file; whoever else runs the site may not.
#[test]
fn a_store_of_another_user_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    fill(&store);
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let file = place.path().join("store");
    if std::os::unix::fs::chown(&file, Some(65_534), None).is_err() {
        // Only root gives files away; for others the kernel's answer is the test of `chmod` above.
        return;
    }
    for verb in VERBS {
        refuses(
            &[verb, &["--store", &store.dsn]].concat(),
            3,
            "belongs to user 65534; run this as that user",
        );
    }
    std::os::unix::fs::chown(&file, Some(0), None).unwrap();
    // As another user, who may not open root's; the binary must be where they can run it.
    let theirs = place.path().join("holdfast");
    // By another process: one of ours that still had it open for writing could not run it.
    let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_holdfast")).arg(&theirs).status();
    assert!(copied.unwrap().success());
    for verb in VERBS {
        let output = std::process::Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&theirs)
            .args(verb)
            .args(["--store", &store.dsn])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        refused(&output, 3, "belongs to user 0; run this as that user");
    }
    assert_eq!(store.engine.stats().unwrap().sessions, 4);
}

#[test]
fn the_command_line_is_checked_before_anything_is_looked_at() {
    for (arguments, what) in [
        (&["ls", "--idle", "soon"][..], "--idle"),
        (&["ls", "--larger", "big"], "--larger"),
        (&["ls", "--from", "10.0.0.0/99"], "--from: '10.0.0.0/99' is neither an address nor a network"),
        (&["ls", "--guests", "--members"], "--guests"),
        (&["ls", "--guests", "--user", "ada"], "--guests"),
        (&["ls", "--reverse"], "--sort"),
        (&["ls", "--sort", "colour"], "colour"),
        (&["show"], "<HANDLE>"),
        (&["show", "abcdef", "--mask", "x"], "--values"),
        (&["stat", "--watch", "never"], "--watch"),
        (&["stat", "--json", "--prometheus"], "--prometheus"),
        (&["top"], "top: this is no terminal; holdfast stat --watch writes lines"),
    ] {
        refuses(arguments, 2, what);
    }
}

#[test]
fn the_store_comes_from_the_environment_or_is_the_users_own() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    fill(&store);
    let output = command().args(["ls", "--json"]).env("HOLDFAST_STORE", &store.dsn).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 4);
    let output = command().arg("ls").env("TMPDIR", place.path()).output().unwrap();
    refused(&output, 3, "the default place depends on the user");
    let help = command().args(["ls", "--help"]).env("HOLDFAST_STORE", "redis://:hunter2@h").output().unwrap();
    assert!(!String::from_utf8(help.stdout).unwrap().contains("hunter2"));
}

/// `holdfast ls | head -1`
#[test]
fn a_reader_that_has_enough_is_no_error() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    for number in 0..3000 {
        store.add(number, Session::default());
    }
    let arguments = ["ls", "--json", "--store", &store.dsn];
    let mut listing =
        command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(listing.stdout.take().unwrap());
    assert!(reader.read_line(&mut String::new()).unwrap() > 0);
    drop(reader);
    let output = listing.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.status.signal()), (Some(141), None), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("store"));
    fill(&store);
    let shown = |environment: &str| {
        let shell = format!("{environment} {} ls --store '{}'", env!("CARGO_BIN_EXE_holdfast"), store.dsn);
        let log = place.path().join("log");
        let done = std::process::Command::new("script")
            .args(["-qec", &shell])
            .arg(&log)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(done.status.success());
        fs::read_to_string(&log).unwrap()
    };
    assert!(shown("").contains("\x1b[1mHANDLE"));
    assert!(!shown("NO_COLOR=1").contains('\x1b'));
    assert!(!says(&["ls", "--store", &store.dsn]).contains('\x1b'));
}
