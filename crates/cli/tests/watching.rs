//! `holdfast top` and `stat --watch` on a real terminal, tmux's: what is seen, what keys do, and that the terminal is as it was
//! when they end. With `HOLDFAST_RECORD` in the environment, what was seen goes to docs/.

#![allow(clippy::unwrap_used, reason = "a test that finds something else shall stop")]

use std::{
    env, fs,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use holdfast_core::engine::{Commit, Expect, Tally, Write};

#[path = "../../core/tests/redis_servers/mod.rs"]
mod redis_servers;
#[path = "../src/verb/top/screen.rs"]
mod screen;
mod site;

use redis_servers::Server;
use site::{HOUR, Session, Sessions, text};

const PATIENCE: Duration = Duration::from_mins(1);

/// A terminal of 80 columns and 24 lines with a shell in it.
struct Terminal {
    place: tempfile::TempDir,
}

impl Terminal {
    fn open() -> Self {
        let terminal = Self { place: tempfile::tempdir().unwrap() };
        let shell = "env -u TMUX PS1='$ ' TERM=screen sh";
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", shell]);
        terminal.tmux(&["set-option", "-g", "status", "off"]);
        terminal.tmux(&["resize-window", "-x", "80", "-y", "24"]);
        terminal.shows("$");
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let socket = self.place.path().join("tmux");
        let output = Command::new("tmux")
            .arg("-S")
            .arg(socket)
            .args(arguments)
            .env_remove("NO_COLOR")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap();
        assert!(output.status.success(), "tmux {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn seen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Waits until the screen is as `is` wants it.
    fn until(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let seen = self.seen();
            if is(&seen) {
                return seen;
            }
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}:\n{seen}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn shows(&self, text: &str) -> String {
        self.until(text, |seen| seen.contains(text))
    }

    fn key(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    fn runs(&self, line: &str) {
        self.tmux(&["send-keys", "-l", line]);
        self.key("Enter");
    }

    /// The shell has the terminal again, as it was: its own screen, echo, line by line, with a cursor. Gives the exit code of
    /// what ran.
    fn is_given_back(&self) -> i32 {
        self.until("the shell", |_| self.tmux(&["display", "-p", "#{alternate_on}"]).trim() == "0");
        self.until("a cursor", |_| self.tmux(&["display", "-p", "#{cursor_flag}"]).trim() == "1");
        let answer = self.place.path().join("answer");
        let _ = fs::remove_file(&answer);
        self.runs(&format!("echo $? > {0}.; stty -a >> {0}.; mv {0}. {0}", answer.display()));
        let begun = Instant::now();
        while !answer.exists() {
            assert!(begun.elapsed() < PATIENCE, "the shell does not answer:\n{}", self.seen());
            thread::sleep(Duration::from_millis(10));
        }
        let answer = fs::read_to_string(answer).unwrap();
        let (code, modes) = answer.split_once('\n').unwrap();
        for mode in ["icanon", "echo", "isig"] {
            assert!(modes.split_whitespace().any(|word| word == mode), "{mode} is off: {modes}");
        }
        code.parse().unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ =
            Command::new("tmux").arg("-S").arg(self.place.path().join("tmux")).arg("kill-server").output();
    }
}

/// A site with visitors, until it is dropped.
struct Busy {
    is_over: Arc<AtomicBool>,
    work: Option<thread::JoinHandle<()>>,
}

impl Busy {
    fn with(store: &Sessions) -> Self {
        for number in 0..400_u128 {
            let user = (number % 3 == 0).then_some(&b"ada"[..]);
            let values = vec![("text", text(&"x".repeat(500 + 20 * usize::try_from(number).unwrap())))];
            store.add(number, Session { user, values, ..Session::default() });
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let (engine, over) = (Arc::clone(&store.engine), Arc::clone(&is_over));
        let work = thread::spawn(move || {
            for round in 0_u128.. {
                if over.load(Relaxed) {
                    return;
                }
                let (key, now) = (Sessions::key(round % 400), engine.now());
                let Some(stored) = engine.load(&key, now).unwrap() else { continue };
                let write = Write { record: &stored.record, expires: now.after(HOUR), owner: stored.owner };
                let expect = Expect::Version(stored.version);
                assert!(matches!(engine.commit(&key, expect, write, now), Ok(Commit::Stored(_))));
                if round % 8 == 0 {
                    // Another request was faster.
                    assert!(matches!(engine.commit(&key, expect, write, now), Ok(Commit::Conflict(_))));
                    engine.count(&key, Tally::Merge);
                }
                if round % 500 == 0 {
                    engine.count(&key, Tally::Throttled);
                }
                thread::sleep(Duration::from_micros(500 + 1500 * u64::try_from(round / 400 % 4).unwrap()));
            }
        });
        Self { is_over, work: Some(work) }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
        let _ = self.work.take().map(thread::JoinHandle::join);
    }
}

fn holdfast(verb: &str, store: &Sessions) -> String {
    format!("{} {verb} --store '{}'", env!("CARGO_BIN_EXE_holdfast"), store.dsn)
}

fn is_recording() -> bool {
    env::var_os("HOLDFAST_RECORD").is_some()
}

/// Keeps what was seen, where that is asked for, with a place that any machine could have.
fn record(name: &str, seen: &str, place: &Path) {
    if is_recording() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
        let seen = seen.replace(&place.display().to_string(), "/srv/shop");
        let lines: Vec<&str> = seen.lines().map(str::trim_end).collect();
        fs::write(docs, lines.join("\n") + "\n").unwrap();
    }
}

fn shared() -> (tempfile::TempDir, Sessions) {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::shared(&place.path().join("sessions"));
    (place, store)
}

/// The number of block characters on the line that begins so.
fn blocks(seen: &str, name: &str) -> usize {
    let line = seen.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.chars().filter(|shown| ('▁'..='█').contains(shown)).count()
}

#[test]
fn top_shows_a_busy_store_on_80_columns_and_24_lines() {
    let place = tempfile::tempdir().unwrap();
    let store = Sessions::at(format!("shared://{}/sessions?size=64M", place.path().display()));
    let busy = Busy::with(&store);
    let terminal = Terminal::open();
    terminal.runs(&holdfast("top", &store));
    terminal.shows("every 1 s");
    terminal.key("-");
    terminal.shows("every 0.5 s");
    terminal.key("-");
    terminal.shows("every 0.25 s");
    let enough = if is_recording() { 40 } else { 12 };
    let seen = terminal.until("curves", |seen| {
        ["commits", "conflicts", "merges"].iter().all(|name| blocks(seen, name) >= enough)
    });
    assert_eq!(seen.lines().count(), 24, "{seen}");
    assert!(seen.contains("400 records, 266 of guests"), "{seen}");
    for name in ["lock waits", "evicted", "throttled", "refused", "memory by shard: ", "q quit"] {
        assert!(seen.contains(name), "{name}:\n{seen}");
    }
    let bars = seen.lines().nth(22).unwrap();
    assert!(bars.contains('█'), "{seen}");
    record("command-top.txt", &seen, place.path());

    terminal.key("p");
    let paused = terminal.shows("paused");
    let total =
        |seen: &str| seen.lines().find(|line| line.starts_with("commits")).unwrap_or_default().to_owned();
    let commits = store.engine.stats().unwrap().commits;
    while store.engine.stats().unwrap().commits < commits + 500 {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(total(&terminal.seen()), total(&paused), "nothing moves");
    terminal.key("p");
    terminal.until("work", |seen| !seen.contains("paused") && total(seen) != total(&paused));
    for _ in 0..4 {
        terminal.key("+");
    }
    terminal.shows("every 5 s");
    terminal.tmux(&["resize-window", "-x", "40", "-y", "10"]);
    terminal.until("a small terminal", |seen| seen.lines().count() <= 10 && seen.contains("q quit"));
    terminal.tmux(&["resize-window", "-x", "132", "-y", "43"]);
    terminal.until("a large one", |seen| seen.lines().nth(42).is_some_and(|line| line.starts_with("q quit")));
    terminal.key("q");
    assert_eq!(terminal.is_given_back(), 0);
    drop(busy);
}

#[test]
fn top_gives_the_terminal_back_at_ctrl_c_and_at_signals() {
    let (_place, store) = shared();
    let terminal = Terminal::open();
    let pid = terminal.place.path().join("pid");
    for end in ["C-c", "-TERM", "-INT", "-HUP"] {
        let _ = fs::remove_file(&pid);
        terminal.runs(&format!(
            "sh -c 'echo $$ > {}; exec {}'",
            pid.display(),
            holdfast("top", &store).replace('\'', "")
        ));
        terminal.shows("every 1 s");
        assert_eq!(terminal.tmux(&["display", "-p", "#{alternate_on}"]).trim(), "1");
        if end == "C-c" {
            terminal.key(end);
        } else {
            let id = fs::read_to_string(&pid).unwrap();
            assert!(Command::new("kill").args([end, id.trim()]).status().unwrap().success());
        }
        assert_eq!(terminal.is_given_back(), 0, "{end}");
        terminal.runs("clear");
        terminal.until("an empty screen", |seen| !seen.contains("every"));
    }
}

/// A terminal that was closed told its end by a signal, and then gave nothing for ever to whoever read from it: the command
/// read, and worked a processor to the full.
#[test]
fn top_ends_with_its_terminal() {
    let (_place, store) = shared();
    let terminal = Terminal::open();
    let pid = terminal.place.path().join("pid");
    let top = holdfast("top", &store).replace('\'', "");
    terminal.runs(&format!("exec sh -c 'echo $$ > {}; exec {top}'", pid.display()));
    terminal.shows("every 1 s");
    let process = format!("/proc/{}", fs::read_to_string(&pid).unwrap().trim());
    assert!(fs::metadata(&process).is_ok());
    terminal.tmux(&["kill-server"]);
    let begun = Instant::now();
    while fs::metadata(&process).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it goes on without a terminal");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Run by the next test, in a terminal.
#[test]
#[ignore = "it is the part of another test that panics"]
fn something_panics_while_it_has_the_screen() {
    let mut screen = screen::Screen::enter().unwrap();
    screen.draw(|frame| frame.render_widget("all is well", frame.area())).unwrap();
    thread::sleep(Duration::from_secs(1));
    panic!("no, it is not");
}

#[test]
fn the_terminal_is_given_back_when_something_panics() {
    let terminal = Terminal::open();
    let tests = env::current_exe().unwrap();
    let name = "something_panics_while_it_has_the_screen";
    terminal.runs(&format!("{} --ignored --exact --nocapture {name} --test-threads=1", tests.display()));
    terminal.shows("all is well");
    terminal.shows("no, it is not");
    assert_eq!(terminal.is_given_back(), 101);
}

#[test]
fn top_says_that_a_server_is_away_and_goes_on_when_it_is_back() {
    let server = Server::on_port(&[]);
    let store = Sessions::at(format!("redis://127.0.0.1:{}?timeout=500ms", server.port));
    store.add(1, Session::default());
    let terminal = Terminal::open();
    terminal.runs(&holdfast("top", &store));
    let seen = terminal.shows("1 records");
    assert!(seen.contains("memory by server: 1 of them"), "{seen}");
    assert!(seen.contains("counted by each PHP process"), "{seen}");
    let port = server.port;
    drop(server);
    terminal.shows("session store redis://");
    let server = Server::start(port, &[]);
    terminal.shows("0 records");
    terminal.key("q");
    assert_eq!(terminal.is_given_back(), 0);
    drop(server);
}

#[test]
fn watched_figures_are_lines_that_fit_a_terminal() {
    let (place, store) = shared();
    let busy = Busy::with(&store);
    let terminal = Terminal::open();
    terminal.runs("clear");
    terminal.runs(&holdfast("stat --watch 0.5", &store));
    let lines = |seen: &str| seen.lines().filter(|line| line.trim_start().starts_with("400 ")).count();
    let seen = terminal.until("lines", |seen| lines(seen) >= 8);
    let head: Vec<&str> = seen.lines().skip_while(|line| !line.contains("per second")).take(2).collect();
    assert!(head[1].split_whitespace().eq([
        "records",
        "in",
        "use",
        "commits",
        "merges",
        "conflicts",
        "waits",
        "evicted",
        "throttled",
        "refused"
    ]));
    let begin = seen.find("per second").and_then(|at| seen[..at].rfind('\n')).unwrap_or(0);
    record("command-stat-watch.txt", seen[begin..].trim_matches('\n'), place.path());
    terminal.key("C-c");
    assert_eq!(terminal.is_given_back(), 130);
    drop(busy);
}
