//! `holdfast doctor` over files; tests/php/Command/ asks real PHP.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::fs;

mod shell;

use shell::{fails, fill, open, refuses, says, shared};

const GOOD: &str = "extension=holdfast.so\nsession.save_handler = holdfast\nsession.serialize_handler = holdfast
session.cookie_secure = 1\nsession.cookie_httponly = 1\nsession.cookie_samesite = Lax\nsession.gc_probability = 0\n";

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn good(&self, more: &str) -> String {
        let dsn = shared(&self.0.path().join("store"), "4M");
        self.file("php.ini", &format!("{GOOD}holdfast.store = \"{dsn}\"\n{more}"))
    }
}

#[test]
fn settings_that_are_good_are_found_good() {
    let files = Files::new();
    let ini = files.good("");
    let store = open(&shared(&files.0.path().join("store"), "4M"));
    fill(&*store, 3, 50);
    let said = says(&["doctor", "--ini", &ini]);
    assert!(
        said.ends_with("0 to be changed, 0 that should be, 0 to be known\n") || said.contains("is in memory"),
        "{said}"
    );
}

/// What `more` in a good php.ini leads to: this severity, setting, and text.
#[track_caller]
fn finds(more: &str, severity: &str, setting: &str, what: &str) {
    let files = Files::new();
    let ini = files.good(more);
    let output = shell::holdfast(&["doctor", "--json", "--ini", &ini]);
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = said["findings"].as_array().unwrap().iter().any(|finding| {
        finding["severity"] == severity
            && finding["setting"] == setting
            && finding["what"].as_str().unwrap().contains(what)
    });
    assert!(found, "{more}: {said:#}");
    assert_eq!(output.status.code(), Some(i32::from(severity == "must")), "{more}: {said:#}");
    assert_eq!(said["ok"], severity != "must");
}

#[test]
fn each_setting_that_is_wrong_is_found() {
    finds("session.save_handler = files", "should", "session.save_handler", "kept by files");
    finds("session.save_handler = files", "should", "session.use_strict_mode", "make up");
    finds("session.serialize_handler = php", "should", "session.serialize_handler", "written by php");
    finds("session.name = holdfast", "must", "holdfast.cookie_name", "same cookie");
    finds("session.use_only_cookies = 0", "must", "session.use_only_cookies", "");
    finds("session.use_trans_sid = On", "must", "session.use_trans_sid", "");
    finds("session.cookie_secure = 0", "should", "session.cookie_secure", "");
    finds("session.cookie_httponly = off", "should", "session.cookie_httponly", "");
    finds("session.cookie_samesite =", "should", "session.cookie_samesite", "");
    finds("holdfast.cookie_secure = off", "should", "holdfast.cookie_secure", "");
    finds(
        "holdfast.cookie_secure = off\nholdfast.cookie_samesite = None",
        "must",
        "holdfast.cookie_secure",
        "refuse",
    );
    finds("holdfast.cookie_httponly = 0", "should", "holdfast.cookie_httponly", "");
    finds("holdfast.cookie_samesite = ''", "should", "holdfast.cookie_samesite", "");
    finds("session.cookie_lifetime = 86400", "should", "session.gc_maxlifetime", "86400 s");
    finds("session.gc_probability = 1", "may", "session.gc_probability", "");
    finds("holdfast.audit = audit.log", "must", "holdfast.audit", "absolute path");
    finds("holdfast.audit = /no/such/directory/log", "must", "holdfast.audit", "no directory");
    finds("holdfast.audit = syslog:/no/such/socket", "must", "holdfast.audit", "no syslog");
    finds("holdfast.store = 'memory:'", "must", "holdfast.store", "of its own");
    finds("holdfast.store = 'shared:///no/such/place/store'", "must", "holdfast.store", "no directory");
    finds("holdfast.store = 'shared:///tmp/x?sise=5'", "must", "holdfast.store", "unknown option sise");
    finds(
        "holdfast.store = 'redis://:hunter2@127.0.0.1:1?timeout=500ms'",
        "must",
        "holdfast.store",
        "no connection",
    );
    finds(
        "holdfast.store = 'migrating:?from=shared:///tmp/x&to=redis://h'",
        "should",
        "holdfast.store",
        "being moved",
    );
    finds("holdfast.store =", "may", "holdfast.store", "default place");
    finds("holdfast.store = 'shared:///tmp/none?size=900000G'", "must", "holdfast.store", "has room for");
}

#[test]
fn what_is_wrong_with_a_store_is_found() {
    let files = Files::new();
    let ini = files.good("");
    let path = files.0.path().join("store");
    let dsn = shared(&path, "1M");
    let store = open(&dsn);
    fill(&*store, 300, 50);
    let said = says(&["doctor", "--ini", &ini]);
    assert!(
        said.contains("should: holdfast.store") && said.contains("the setting asks for 4194304"),
        "{said}"
    );
    let write = holdfast_core::engine::Write {
        record: &[1; 3000],
        expires: store.now().after(std::time::Duration::from_mins(9)),
        owner: holdfast_core::engine::Owner(5),
    };
    let mut n = 1000;
    while store.commit(&shell::key(n), holdfast_core::engine::Expect::Absent, write, store.now()).is_ok() {
        n += 1;
    }
    let said = fails(&["doctor", "--ini", &ini], 1, "1 setting must be changed");
    assert!(said.contains("too small for what is in it"), "{said}");
    drop(store);
    fs::write(&path, "a letter to my aunt\n".repeat(1000)).unwrap();
    let said = fails(&["doctor", "--ini", &ini], 1, "must be changed");
    assert!(said.contains("is not a session store"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), "a letter to my aunt\n".repeat(1000).as_bytes());
    if std::os::unix::fs::chown(&path, Some(65534), None).is_ok() {
        let said = says(&["doctor", "--ini", &ini]);
        assert!(said.contains("belongs to user 65534, so it was not looked into"), "{said}");
        let pool = files.file("www.conf", "[www]\nuser = 65533\n");
        let said = fails(&["doctor", "--ini", &ini, "--fpm", &pool], 1, "must be changed");
        assert!(said.contains("the workers run as user 65533"), "{said}");
    }
}

#[test]
fn each_pool_has_settings_of_its_own() {
    let files = Files::new();
    let ini = files.good("opcache.enable = 1\n");
    let main = files.file("php-fpm.conf", "[global]\nprocess_control_timeout = 10s\n");
    let pools = files.file(
        "pools.conf",
        "[one]\nuser = root\nphp_admin_value[session.use_trans_sid] = 1\n[two]\nphp_flag[session.cookie_secure] = off\n",
    );
    let arguments = ["doctor", "--ini", &ini, "--fpm", &main, "--fpm", &pools];
    let said = fails(&arguments, 1, "1 setting must be changed");
    assert!(said.contains("must: session.use_trans_sid (pool one)"), "{said}");
    assert!(said.contains("should: session.cookie_secure (pool two)"), "{said}");
    assert!(!said.contains("process_control_timeout"), "{said}");
    let said = fails(&["doctor", "--ini", &ini, "--fpm", &pools], 1, "must be changed");
    assert!(said.contains("process_control_timeout (pool one, pool two)"), "{said}");
}

#[test]
fn bad_input_is_one_clear_line() {
    refuses(&["doctor", "--php", "/no/such/php"], 3, "/no/such/php");
    refuses(&["doctor", "--php", "true"], 3, "it is no PHP");
    refuses(&["doctor", "--ini", "/no/such/file"], 3, "/no/such/file");
    refuses(&["doctor", "--ini", "/bin/true"], 3, "is no ini file");
    refuses(&["doctor", "--ini", "x", "--php", "y"], 2, "--php");
}
