//! `holdfast import-files`: PHP's session files into a store, while others use both.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use holdfast_core::{
    codec::decode::decode_value,
    key::Key,
    session::{self, Found, Id, Lifetimes, Visit},
    store::Store,
    value::{MapKey, Value, ValueSink},
};

mod shell;

use shell::{fails, open, refuses, says, shared};

struct Site {
    place: tempfile::TempDir,
    dsn: String,
}

impl Site {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("files")).unwrap();
        let dsn = shared(&place.path().join("store"), "4M");
        Self { place, dsn }
    }

    fn file(&self, id: &str) -> PathBuf {
        self.place.path().join("files").join(format!("sess_{id}"))
    }

    fn write(&self, id: &str, data: &[u8], age: u64) -> PathBuf {
        let path = self.file(id);
        fs::write(&path, data).unwrap();
        let used = SystemTime::now() - Duration::from_secs(age);
        File::options().write(true).open(&path).unwrap().set_modified(used).unwrap();
        path
    }

    fn arguments<'a>(&'a self, directory: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec!["import-files", "--store", &self.dsn, directory];
        all.extend(more);
        all
    }

    fn directory(&self) -> String {
        self.place.path().join("files").to_str().unwrap().to_owned()
    }

    fn imports(&self, more: &[&str]) -> String {
        let directory = self.directory();
        says(&self.arguments(&directory, more))
    }

    fn visit(&self) -> Visit {
        let store = Store::new(open(&self.dsn)).unwrap();
        let now = store.engine().now();
        Visit {
            store,
            now,
            cookie_name: "PHPSESSID".into(),
            lifetimes: Lifetimes::idle(Duration::from_mins(24)),
        }
    }

    fn found(&self, id: &str) -> Option<session::Base> {
        let id = Id::Chosen(id.as_bytes().into());
        match session::load(&self.visit(), &id).unwrap() {
            Found::Session { base, .. } => Some(base),
            _ => None,
        }
    }

    /// The variables of a session, decoded.
    fn variables(&self, id: &str) -> Vec<(String, Value)> {
        let base = self.found(id).unwrap();
        let root = holdfast_core::codec::root::Root::parse(base.root().unwrap()).unwrap();
        root.entries()
            .map(|entry| {
                let entry = entry.unwrap();
                let value = decode_value(entry.value, &mut ValueSink::default()).unwrap();
                let name = match MapKey::from(entry.key) {
                    MapKey::Int(index) => index.to_string(),
                    MapKey::Bytes(name) => String::from_utf8(name.to_vec()).unwrap(),
                };
                (name, value)
            })
            .collect()
    }
}

fn bytes(text: &str) -> Value {
    Value::Bytes(text.as_bytes().to_vec())
}

const CART: &[u8] = b"user|s:4:\"anna\";n|i:5;cart|a:1:{s:3:\"tea\";d:1.5;}";

#[test]
fn a_session_comes_with_its_variables_its_id_and_the_rest_of_its_life() {
    let site = Site::new();
    site.write("abc,-9", CART, 600);
    assert!(site.imports(&[]).starts_with("imported 1 sessions in "));
    let cart = Value::Map(vec![(MapKey::Bytes(b"tea"[..].into()), Value::Float(1.5))]);
    let expected = [("user", bytes("anna")), ("n", Value::Int(5)), ("cart", cart)];
    assert_eq!(site.variables("abc,-9"), expected.map(|(name, value)| (name.to_owned(), value)));
    let base = site.found("abc,-9").unwrap();
    let left = base.expires().since(site.visit().now).as_secs();
    assert!((800..=840).contains(&left), "{left}");
    assert_eq!(base.user(), None);
}

#[test]
fn each_format_of_php_is_read() {
    let site = Site::new();
    site.write("a", b"a:2:{s:1:\"n\";i:5;i:7;N;}", 0);
    site.imports(&["--format", "php_serialize"]);
    assert_eq!(site.variables("a"), [("n".to_owned(), Value::Int(5)), ("7".to_owned(), Value::Null)]);
    let site = Site::new();
    site.write("a", b"\x01ni:5;\x04flagb:1;", 0);
    site.imports(&["--format", "php_binary"]);
    assert_eq!(
        site.variables("a"),
        [("n".to_owned(), Value::Int(5)), ("flag".to_owned(), Value::Bool(true))]
    );
    let site = Site::new();
    site.write("a", b"\0\0\0\x02\x14\x01\x11\x01n\x06\x05", 0);
    site.imports(&["--format", "igbinary", "--serializer", "igbinary"]);
    let base = site.found("a").unwrap();
    assert_eq!(base.opaque().unwrap(), ("igbinary", &b"\0\0\0\x02\x14\x01\x11\x01n\x06\x05"[..]));
    let site = Site::new();
    site.write("a", CART, 0);
    site.imports(&["--serializer", "php"]);
    assert_eq!(site.found("a").unwrap().opaque().unwrap(), ("php", CART));
}

#[test]
fn what_is_over_empty_or_no_session_of_this_user_stays_where_it_is() {
    let site = Site::new();
    site.write("good", CART, 1400);
    site.write("over", CART, 1500);
    site.write("empty", b"", 0);
    let elsewhere = site.place.path().join("elsewhere");
    fs::write(&elsewhere, CART).unwrap();
    symlink(&elsewhere, site.file("link")).unwrap();
    fs::create_dir(site.file("directory")).unwrap();
    fs::write(site.place.path().join("files/other_file"), CART).unwrap();
    fs::write(site.file("bad.name"), CART).unwrap();
    let theirs = site.write("theirs", CART, 0);
    let mut not_ours = 0;
    if std::os::unix::fs::chown(&theirs, Some(65534), None).is_ok() {
        not_ours = 1;
    } else {
        fs::remove_file(&theirs).unwrap();
    }
    // As session.save_path = "2;/path" has them.
    fs::create_dir_all(site.place.path().join("files/d/e")).unwrap();
    fs::write(site.place.path().join("files/d/e/sess_deep"), CART).unwrap();
    let said = site.imports(&[]);
    assert!(said.starts_with("imported 2 sessions in "), "{said}");
    assert!(
        said.contains(&format!(
            "expired 1, without variables 1, in use 0, not of this user {not_ours}, failed 0"
        )),
        "{said}"
    );
    assert!(site.found("good").is_some() && site.found("deep").is_some());
    for id in ["over", "empty", "link", "bad.name", "theirs"] {
        assert!(site.found(id).is_none(), "{id}");
    }
    let said = site.imports(&["--lifetime", "3600"]);
    assert!(said.starts_with("imported 1 sessions in "), "{said}");
}

#[test]
fn again_takes_what_has_changed_there_and_nothing_that_was_used_here() {
    let site = Site::new();
    for id in ["same", "newer", "used", "gone", "logged-out"] {
        site.write(id, CART, 100);
    }
    site.write("touched", CART, 100);
    assert!(site.imports(&[]).starts_with("imported 6 "));
    // At the old place, and at the new one.
    for (id, data) in [("newer", &b"n|i:6;"[..]), ("used", b"n|i:6;"), ("touched", CART)] {
        site.write(id, data, 0);
    }
    fs::remove_file(site.file("logged-out")).unwrap();
    let visit = site.visit();
    let id = Id::Chosen(b"used"[..].into());
    let base = site.found("used").unwrap();
    session::save(&visit, &id, Some(&base), base.body().unwrap()).unwrap();
    assert!(session::end(&visit, &Id::Chosen(b"gone"[..].into())).unwrap());

    let said = site.imports(&[]);
    assert!(said.contains("changed since 2, as before 2, newer or ended in the store 1, "), "{said}");
    assert_eq!(site.variables("newer"), [("n".to_owned(), Value::Int(6))]);
    assert_eq!(site.variables("used").len(), 3, "what the site has now");
    assert!(site.found("gone").is_none(), "ended here");
    let left = site.found("touched").unwrap().expires().since(visit.now).as_secs();
    assert!(left > 1400, "{left}");
    assert!(site.found("logged-out").is_some());
    assert!(site.imports(&["--end-missing"]).contains(", ended 1\n"));
    assert!(site.found("logged-out").is_none());
    assert!(site.found("same").is_some() && site.found("used").is_some());
}

#[test]
fn a_session_that_a_request_has_open_is_waited_for_and_then_told() {
    let site = Site::new();
    let held = File::open(site.write("held", CART, 0)).unwrap();
    site.write("free", CART, 0);
    held.lock().unwrap();
    let directory = site.directory();
    let said = fails(&site.arguments(&directory, &[]), 1, "1 sessions were open in requests all the time");
    assert!(said.starts_with("imported 1 ") && said.contains("in use 1,"), "{said}");
    held.unlock().unwrap();
    assert!(site.imports(&[]).starts_with("imported 1 "));
    assert!(site.found("held").is_some());
}

/// S29: the name of a file is an id.
#[test]
fn a_file_that_is_no_session_is_named_by_its_number_and_the_others_are_taken() {
    let site = Site::new();
    let bad = site.write("secretid", b"n|i:5;m|i:x;", 0);
    site.write("good", CART, 0);
    let number = std::os::unix::fs::MetadataExt::ino(&fs::metadata(&bad).unwrap());
    let directory = site.directory();
    let what = format!(
        "inode {number} (find -inum): it is not what session.serialize_handler = php writes, from byte 10"
    );
    let output = shell::holdfast(&site.arguments(&directory, &[]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&what) && !said.contains("secretid"), "{said}");
    assert!(site.found("good").is_some() && site.found("secretid").is_none());
}

#[test]
fn bad_input_is_one_clear_line_and_changes_nothing() {
    let site = Site::new();
    site.write("a", CART, 0);
    let directory = site.directory();
    let none = site.place.path().join("none");
    let none = none.to_str().unwrap();
    let store = |dsn| ["import-files", "--store", dsn, directory.as_str()];
    let foreign = site.place.path().join("foreign");
    fs::write(&foreign, "a letter\n".repeat(1000)).unwrap();
    fs::set_permissions(&foreign, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let foreign = format!("shared://{}", foreign.display());

    refuses(&site.arguments(none, &[]), 3, "No such file");
    refuses(&site.arguments(site.file("a").to_str().unwrap(), &[]), 3, "Not a directory");
    refuses(&site.arguments(&directory, &["--format", "igbinary"]), 2, "none of php, php_serialize and");
    refuses(&site.arguments(&directory, &["--serializer", "igbinary"]), 2, "--serializer");
    refuses(&site.arguments(&directory, &["--lifetime", "0"]), 2, "--lifetime");
    refuses(&store("redis://:hunter2@127.0.0.1:1?timeout=500ms"), 3, "127.0.0.1:1");
    refuses(&store(&foreign), 3, "is not a session store");
    assert!(!site.place.path().join("store").exists());
    assert_eq!(fs::read(site.file("a")).unwrap(), CART);
}

#[test]
fn a_name_of_a_cookie_has_sessions_of_its_own() {
    let site = Site::new();
    site.write("a", CART, 0);
    site.imports(&["--session-name", "other"]);
    assert!(site.found("a").is_none());
    let engine = open(&site.dsn);
    let there = |key| engine.load(&key, engine.now()).unwrap().is_some();
    assert!(there(Key::of_chosen("other", b"a")));
    assert!(Path::new(&site.file("a")).exists());
}
