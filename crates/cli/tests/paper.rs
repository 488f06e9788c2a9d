//! What comes of the command line's own description, and `holdfast bench`.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

#[path = "../../core/tests/redis_servers/mod.rs"]
mod redis_servers;
mod shell;

use shell::{fill, is_filled, open, refuses, says, shared};

const VERBS: [&str; 7] = ["move", "verify", "export", "import", "import-files", "bench", "doctor"];

#[test]
fn the_man_page_has_every_verb_and_no_error() {
    let page = says(&["man"]);
    for verb in VERBS {
        assert!(page.contains(&format!(".SH \"{}\"", verb.to_uppercase())), "{verb}");
    }
    assert!(page.contains("EXIT STATUS") && page.contains(r"\-\-end\-missing"), "{page}");
    assert!(!page.contains("completion"), "what is hidden is not in it");
    let Ok(mut man) = Command::new("man")
        .args(["--warnings", "-E", "UTF-8", "-l", "-"])
        .env("MANWIDTH", "100")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    else {
        return;
    };
    man.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = man.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn shells_can_read_what_they_complete() {
    for shell in ["bash", "zsh", "fish"] {
        let text = says(&["completion", shell]);
        for verb in VERBS {
            assert!(text.contains(verb), "{shell}: {verb}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        if let Ok(checked) = Command::new(shell).arg("-n").arg(file.path()).output() {
            assert!(checked.status.success(), "{shell}: {}", String::from_utf8_lossy(&checked.stderr));
        }
    }
    refuses(&["completion", "cmd"], 2, "cmd");
}

#[test]
fn bash_completes_a_verb() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), says(&["completion", "bash"])).unwrap();
    let script = format!(
        "source {}; COMP_WORDS=(holdfast exp); COMP_CWORD=1; _holdfast holdfast exp holdfast; echo ${{COMPREPLY[@]}}",
        file.path().display()
    );
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "export\n");
}

#[test]
fn bench_leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    let dsn = shared(&place.path().join("store"), "4M");
    fill(&*open(&dsn), 30, 50);
    let names = || fs::read_dir(place.path()).unwrap().count();
    let before = names();
    let said = says(&["bench", "--store", &dsn]);
    assert!(said.contains("     600 ") && said.contains("   20000 ") && said.contains("normal"), "{said}");
    assert_eq!(names(), before);
    is_filled(&*open(&dsn), 30, 50);

    let server = redis_servers::Server::on_socket();
    let dsn = format!("redis://{}", server.socket().display());
    says(&["bench", "--store", &dsn]);
    assert_eq!(open(&dsn).stats().unwrap().sessions, 0);
    refuses(&["bench", "--store", "redis://:hunter2@127.0.0.1:1?timeout=500ms"], 3, "127.0.0.1:1");
    let nowhere = shared(&place.path().join("no/directory/store"), "4M");
    refuses(&["bench", "--store", &nowhere], 3, "no/directory");
}
