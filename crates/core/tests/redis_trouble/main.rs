//! R18: whatever is wrong with a server or the way to it, an operation ends in time with one clear error, no answer is
//! taken for that of another question, and all is well again as soon as the trouble is over.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds something else shall stop")]

mod proxy;
#[path = "../redis_servers/mod.rs"]
mod redis_servers;

use std::{
    thread,
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{
        Commit, Engine, EngineError, Expect, Newer, OfOwner, Owner, Stored, Version, Write,
        redis::{Address, Login, Place, RedisEngine, RedisOptions},
    },
    key::Key,
    time::Timestamp,
};
use proxy::{Fault, Proxy};
use redis_servers::{Server, eventually};

/// The default of 2 s and what a machine with other work takes.
const IN_TIME: Duration = Duration::from_millis(3500);

const KEY: Key = Key::from_bytes([7; 32]);

fn tcp(port: u16) -> RedisOptions {
    RedisOptions::at(Place::Server(Address::Tcp { host: "127.0.0.1".to_owned(), port }))
}

fn write(record: &[u8], now: Timestamp) -> Write<'_> {
    Write { record, expires: now.after(Duration::from_hours(1)), owner: Owner(7) }
}

fn create(engine: &dyn Engine, key: &Key, record: &[u8]) -> Version {
    let now = engine.now();
    match engine.commit(key, Expect::Absent, write(record, now), now).unwrap() {
        Commit::Stored(version) => version,
        other => panic!("{other:?}"),
    }
}

fn message(error: &EngineError) -> String {
    match error {
        EngineError::Server { what, .. } => what.clone(),
        other => panic!("{other:?}"),
    }
}

/// Loads in each of the ways by turns: as those do who know nothing, who open a session, and who know another version.
fn load(engine: &dyn Engine, key: &Key, turn: usize) -> Result<Option<Stored>, EngineError> {
    let now = engine.now();
    match turn % 3 {
        0 => engine.load(key, now),
        1 => Ok(engine.load_with_owner(key, now)?.map(|(stored, _)| stored)),
        _ => Ok(match engine.load_newer_with_owner(key, Version(1), now)?.0 {
            Newer::Other(stored) => Some(stored),
            Newer::Nothing => None,
            same @ Newer::Same { .. } => panic!("{same:?}"),
        }),
    }
}

/// Every fault, what of it must be said, and how often it is tried: each of those that wait costs seconds.
fn matrix() -> Vec<(Fault, &'static str, usize)> {
    let says = |answer: &'static str| Fault::Says(answer.as_bytes());
    let mut faults = vec![
        (Fault::Refused, "closed", 50),
        (Fault::BlackHole, "in time", 1),
        (Fault::Slow(5000), "in time", 1),
        (Fault::Drip, "in time", 1),
        (says("-LOADING Redis is loading the dataset in memory\r\n-LOADING x\r\n"), "LOADING", 20),
        (says("-NOAUTH Authentication required.\r\n-NOAUTH x\r\n"), "NOAUTH", 20),
        (says("-WRONGPASS invalid hunter2\r\n-WRONGPASS x\r\n"), "WRONGPASS", 20),
        (says("-READONLY You can't write\r\n+x\r\n"), "no answer of Redis", 20),
        (says("-NOPERM this user hunter2\r\n-NOPERM x\r\n"), "NOPERM", 20),
        (says("-MISCONF x\r\n-MISCONF x\r\n"), "MISCONF", 20),
        (says("-MASTERDOWN x\r\n-MASTERDOWN x\r\n"), "MASTERDOWN", 20),
        (says("-hunter2 hunter2\r\n-hunter2 x\r\n"), "did not say why", 20),
        (says("HTTP/1.1 400 Bad Request\r\n\r\n"), "no answer of Redis", 20),
        (says("\x15\x03\x01\x00\x02\x02\x50"), "no answer of Redis", 20),
        (says("$99999999999\r\nx"), "in time", 1),
        (says("*99999999999\r\n"), "in time", 1),
        (says("$-7\r\n*-7\r\n"), "", 20),
        (Fault::Twice, "", 20),
    ];
    for count in [0, 1, 3, 10, 40, 100] {
        faults.push((Fault::CutAfter(count), "", 20));
        faults.push((Fault::HalfClosedAfter(count), "", 20));
    }
    faults
}

/// How often each fault is tried: `HOLDFAST_TROUBLES` times, or as many as are said of it when that is unset.
fn rounds(unless_set: usize) -> usize {
    match std::env::var("HOLDFAST_TROUBLES") {
        Ok(text) => text.parse().expect("HOLDFAST_TROUBLES is a number"),
        Err(_) => unless_set,
    }
}

#[test]
fn r18_every_trouble_is_one_clear_error_in_time_and_over_when_it_is_over() {
    let server = Server::on_port(&[]);
    // All at once, each on a way of its own: most of the time they wait.
    thread::scope(|scope| {
        for (number, (fault, said, times)) in (0..).zip(matrix()) {
            let server = &server;
            scope.spawn(move || {
                endure(server, &Key::from_bytes([number; 32]), fault, said, rounds(times));
            });
        }
    });
}

fn endure(server: &Server, key: &Key, fault: Fault, said: &str, times: usize) {
    let proxy = Proxy::before(server.port);
    let engine = RedisEngine::open(&tcp(proxy.port)).unwrap();
    let record = vec![5; 3000];
    create(&engine, key, &record);
    for round in 0..times {
        // By turns on a connection that is open, and on one that is to be made.
        if round % 2 == 1 {
            proxy.cut();
        }
        proxy.set(fault);
        let begun = Instant::now();
        let outcome = load(&engine, key, round / 2);
        let took = begun.elapsed();
        assert!(took < IN_TIME, "{fault:?}: {took:?}");
        match outcome {
            Ok(Some(stored)) => assert_eq!(stored.record, record, "{fault:?}"),
            // Never "there is no such session".
            Ok(None) => panic!("S27, {fault:?}: a session was said not to be there"),
            Err(error) => {
                let message = message(&error);
                assert!(message.contains(said), "{fault:?}: {message}");
                assert!(!error.to_string().contains("hunter2"), "S29, {fault:?}: {error}");
            }
        }
        proxy.set(Fault::None);
        if matches!(fault, Fault::Twice | Fault::CutAfter(_)) {
            // What was said too much may still be on its way.
            proxy.cut();
        }
        eventually("it is well again", || match engine.load(key, engine.now()) {
            Ok(found) => {
                assert_eq!(found.expect("S27: the session is there").record, record, "{fault:?}");
                true
            }
            Err(_) => false,
        });
    }
}

#[test]
fn r18_operations_of_one_request_do_not_wait_one_after_the_other() {
    let server = Server::on_port(&[]);
    let proxy = Proxy::before(server.port);
    let engine = RedisEngine::open(&tcp(proxy.port)).unwrap();
    create(&engine, &KEY, b"record");
    proxy.set(Fault::BlackHole);
    let begun = Instant::now();
    for _ in 0..5 {
        engine.load(&KEY, engine.now()).unwrap_err();
    }
    assert!(begun.elapsed() < IN_TIME, "{:?}", begun.elapsed());
}

/// Many sessions over few connections whose answers are late, doubled, cut or changed: nobody gets another's record.
#[test]
fn r18_no_answer_is_taken_for_that_of_another_question() {
    const SESSIONS: u8 = 20;
    let server = Server::on_port(&[]);
    let proxy = Proxy::before(server.port);
    let mut options = tcp(proxy.port);
    options.timeout = Duration::from_millis(300);
    let engine = RedisEngine::open(&options).unwrap();
    let key = |n: u8| Key::from_bytes([n; 32]);
    for n in 0..SESSIONS {
        eventually("it is stored", || {
            let now = engine.now();
            engine.commit(&key(n), Expect::Absent, write(&[n; 500], now), now).is_ok()
        });
    }
    let faults = [
        Fault::None,
        Fault::Twice,
        Fault::Slow(50),
        Fault::Slow(400),
        Fault::CutAfter(30),
        Fault::Flipped(2),
        Fault::Flipped(60),
        Fault::Flipped(540),
    ];
    let (mut right, mut failed) = (0, 0);
    for round in 0..64_usize {
        proxy.set(faults[round * 7 % faults.len()]);
        let n = u8::try_from(round % usize::from(SESSIONS)).unwrap();
        if let Ok(found) = load(&engine, &key(n), round) {
            assert_eq!(found.expect("S27: it is there").record, [n; 500]);
            right += 1;
        } else {
            failed += 1;
            proxy.set(Fault::None);
            eventually("it is well again", || engine.load(&key(n), engine.now()).is_ok());
        }
    }
    assert!(right > 15 && failed > 15, "{right} right, {failed} failed");
}

/// The server closed what we kept: that is found out before it is used, or the question is asked again.
#[test]
fn r18_a_connection_that_was_closed_meanwhile_costs_nobody_an_error() {
    let server = Server::on_port(&[]);
    let proxy = Proxy::before(server.port);
    let engine = RedisEngine::open(&tcp(proxy.port)).unwrap();
    let mut version = create(&engine, &KEY, b"0");
    for round in 0..100_u32 {
        assert!(server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).starts_with(':'));
        let now = engine.now();
        let record = round.to_string();
        match engine.commit(&KEY, Expect::Version(version), write(record.as_bytes(), now), now).unwrap() {
            Commit::Stored(new) => version = new,
            other => panic!("round {round}: {other:?}"),
        }
        server.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        assert_eq!(engine.load(&KEY, now).unwrap().unwrap().record, record.as_bytes());
    }
}

#[test]
fn connections_persist() {
    let server = Server::on_port(&[]);
    let proxy = Proxy::before(server.port);
    let engine = RedisEngine::open(&tcp(proxy.port)).unwrap();
    create(&engine, &KEY, b"record");
    for _ in 0..200 {
        engine.load(&KEY, engine.now()).unwrap().unwrap();
    }
    assert_eq!(proxy.accepted(), 1);
}

#[test]
fn r18_a_server_that_is_not_there_or_restarts_empty() {
    let port = redis_servers::free_port();
    let engine = RedisEngine::open(&tcp(port)).unwrap();
    let begun = Instant::now();
    let error = engine.load(&KEY, engine.now()).unwrap_err().to_string();
    assert!(begun.elapsed() < IN_TIME);
    assert!(error.contains("no connection") && error.contains(&port.to_string()), "{error}");
    let mut server = Server::start(port, &[]);
    let version = create(&engine, &KEY, b"record");
    server.kill();
    let text = message(&engine.load(&KEY, engine.now()).unwrap_err());
    // Whether the end of the old connection is known before the question goes out is up to the kernel.
    assert!(text.contains("no connection") || text.contains("the connection was cut"), "{text}");
    let server = Server::start(port, &[]);
    // It forgot everything, its scripts as well.
    let now = engine.now();
    assert_eq!(engine.commit(&KEY, Expect::Version(version), write(b"x", now), now).unwrap(), Commit::Gone);
    create(&engine, &KEY, b"again");
    drop(server);
}

/// Ids hang on the secret. Who finds a server that lost it puts it back; who finds another one knows.
#[test]
fn r18_a_server_that_lost_everything_gets_its_secret_back() {
    let port = redis_servers::free_port();
    let mut server = Server::start(port, &[]);
    let (one, two) = (RedisEngine::open(&tcp(port)).unwrap(), RedisEngine::open(&tcp(port)).unwrap());
    let secret = one.secret().unwrap();
    assert!(two.secret().unwrap() == secret);
    assert!(one.is_same().unwrap() && two.is_same().unwrap());
    server.kill();
    let mut server = Server::start(port, &[]);
    for engine in [&one, &two] {
        assert!(engine.is_same().unwrap());
        assert!(engine.load(&KEY, engine.now()).unwrap().is_none());
    }
    assert!(RedisEngine::open(&tcp(port)).unwrap().secret().unwrap() == secret);
    server.kill();
    let _server = Server::start(port, &[]);
    let newcomer = RedisEngine::open(&tcp(port)).unwrap();
    assert!(newcomer.secret().unwrap() != secret);
    // Found out before the first use, and not forgotten.
    assert!(!one.is_same().unwrap() && !one.is_same().unwrap());
}

#[test]
fn r18_a_replica_takes_no_writes_and_says_so() {
    let server = Server::on_port(&[]);
    let engine = RedisEngine::open(&tcp(server.port)).unwrap();
    let version = create(&engine, &KEY, b"record");
    server.command(&["REPLICAOF", "127.0.0.1", &redis_servers::free_port().to_string()]);
    let now = engine.now();
    let error = engine.commit(&KEY, Expect::Version(version), write(b"x", now), now).unwrap_err();
    let said = message(&error);
    assert!(said.contains("READONLY") || said.contains("MASTERDOWN"), "{said}");
    server.command(&["REPLICAOF", "NO", "ONE"]);
    let stored = engine.load(&KEY, now).unwrap().unwrap();
    assert_eq!((stored.version, stored.record.as_slice()), (version, b"record".as_slice()));
}

#[test]
fn r17_a_full_server_refuses_and_keeps_what_it_has() {
    let server = Server::on_port(&["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"]);
    let engine = RedisEngine::open(&tcp(server.port)).unwrap();
    let version = create(&engine, &KEY, b"record");
    let now = engine.now();
    let mut refused = None;
    for n in 0..200_u8 {
        let key = Key::from_bytes([n.wrapping_add(20); 32]);
        if let Err(error) = engine.commit(&key, Expect::Absent, write(&vec![1; 100_000], now), now) {
            refused = Some((key, error));
            break;
        }
    }
    let (key, error) = refused.expect("4 MB are soon full");
    match error {
        EngineError::Full { needed, capacity } => assert_eq!((needed, capacity), (100_000, 4 << 20)),
        other => panic!("{other:?}"),
    }
    assert!(engine.load(&key, now).unwrap().is_none());
    let stored = engine.load(&KEY, now).unwrap().unwrap();
    assert_eq!((stored.version, stored.record.as_slice()), (version, b"record".as_slice()));
    assert_eq!(engine.stats().unwrap().refused, 1);
    // Nothing was sent away, and who goes makes room.
    assert_eq!(engine.stats().unwrap().evicted, 0);
    for n in 0..20_u8 {
        assert!(engine.destroy(&Key::from_bytes([n.wrapping_add(20); 32]), now).unwrap());
    }
    create(&engine, &key, &vec![1; 100_000]);
}

#[test]
fn r19_a_server_that_may_drop_sessions_is_told_of_at_the_start() {
    let server = Server::on_socket();
    let engine = RedisEngine::open(&RedisOptions::at(Place::Server(Address::Unix(server.socket())))).unwrap();
    assert_eq!(engine.eviction_notice(), None);
    for policy in ["allkeys-lru", "volatile-ttl"] {
        server.command(&["CONFIG", "SET", "maxmemory-policy", policy]);
        let notice = engine.eviction_notice().unwrap();
        assert!(notice.contains(policy) && notice.contains("noeviction"), "{notice}");
    }
}

#[test]
fn s29_users_and_passwords_are_used_and_never_shown() {
    let server = Server::on_port(&["--requirepass", "hunter2"]);
    let with = |user: Option<&str>, password: &str| {
        let login = Some(Login { user: user.map(str::to_owned), password: password.to_owned() });
        RedisEngine::open(&RedisOptions { login, db: 3, ..tcp(server.port) }).unwrap()
    };
    create(&with(None, "hunter2"), &KEY, b"record");
    let known = with(Some("default"), "hunter2");
    assert!(known.load(&KEY, known.now()).unwrap().is_some());
    for (engine, code) in [
        (RedisEngine::open(&tcp(server.port)).unwrap(), "NOAUTH"),
        (with(None, "hunter3"), "WRONGPASS"),
        (with(Some("hunter4"), "hunter5"), "WRONGPASS"),
    ] {
        let error = engine.load(&KEY, engine.now()).unwrap_err().to_string();
        assert!(error.contains(code), "{error}");
        let shown = format!("{error}{engine:?}{}", engine.describe());
        assert!(!shown.contains("hunter"), "{shown}");
    }
}

/// The lease of a lock that ended under its holder: the holder's commit is refused, and what others wrote is there.
#[test]
fn s43_who_lost_the_lock_can_not_write() {
    let server = Server::on_socket();
    let mut options = RedisOptions::at(Place::Server(Address::Unix(server.socket())));
    options.lock_lease = Duration::from_millis(150);
    let engine = RedisEngine::open(&options).unwrap();
    let version = create(&engine, &KEY, b"first");
    let now = engine.now();
    let lease = engine.lock(&KEY, Duration::ZERO, &mut || true).unwrap();
    // While it is held, its holder writes, and that prolongs it.
    let version = match engine.commit(&KEY, Expect::Version(version), write(b"second", now), now).unwrap() {
        Commit::Stored(version) => version,
        other => panic!("{other:?}"),
    };
    // Another thread waits for it, gets it when its time is over, and writes.
    let engine = &engine;
    let newer = thread::scope(|scope| {
        let other = scope.spawn(move || {
            let _lease = engine.lock(&KEY, Duration::from_secs(10), &mut || true).unwrap();
            match engine.commit(&KEY, Expect::Version(version), write(b"newer", now), now).unwrap() {
                Commit::Stored(version) => version,
                other => panic!("{other:?}"),
            }
        });
        other.join().unwrap()
    });
    // Even against the newest version.
    let late = engine.commit(&KEY, Expect::Version(newer), write(b"late", now), now);
    assert!(matches!(late, Err(EngineError::LockLost)), "{late:?}");
    assert_eq!(engine.load(&KEY, now).unwrap().unwrap().record, b"newer");
    drop(lease);
    // Who does not lock is not asked for a lock.
    match engine.commit(&KEY, Expect::Version(newer), write(b"free", now), now).unwrap() {
        Commit::Stored(_) => {}
        other => panic!("{other:?}"),
    }
}

/// Nobody reads, collects or looks: the server does it.
#[test]
fn the_server_removes_what_has_expired() {
    let server = Server::on_socket();
    let engine = RedisEngine::open(&RedisOptions::at(Place::Server(Address::Unix(server.socket())))).unwrap();
    let now = engine.now();
    let soon = Write { expires: now.after(Duration::from_millis(200)), ..write(b"record", now) };
    let Commit::Stored(_) = engine.commit(&KEY, Expect::Absent, soon, now).unwrap() else { panic!() };
    let there = || server.command(&["KEYS", "*{*}"]).contains("holdfast:{");
    assert!(there());
    eventually("the session is gone from the server", || !there());
}

/// What a number of INFO says.
fn figure(server: &Server, section: &str, name: &str) -> u64 {
    let info = server.command(&["INFO", section]);
    let rest = info.split_once(name).map_or("0", |(_, rest)| rest);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// A member's session, and whether it still may be used, in one message: each ends with one PING.
#[test]
fn a_session_and_what_is_kept_of_its_owner_come_in_one_round_trip() {
    let server = Server::on_socket();
    let engine = RedisEngine::open(&RedisOptions::at(Place::Server(Address::Unix(server.socket())))).unwrap();
    let version = create(&engine, &KEY, b"record");
    create(&engine, &Key::of_owner(Owner(7)), b"generation");
    let now = engine.now();
    // Sends the text of the script.
    engine.load_with_owner(&KEY, now).unwrap();
    let pings = || figure(&server, "commandstats", "cmdstat_ping:calls=");
    let before = pings();
    let between = pings() - before;
    let (_, of_owner) = engine.load_with_owner(&KEY, now).unwrap().unwrap();
    let OfOwner::Asked(Some(kept)) = of_owner else { panic!("{of_owner:?}") };
    assert_eq!(kept.record, b"generation");
    let (_, of_owner) = engine.load_newer_with_owner(&KEY, version, now).unwrap();
    assert_eq!(of_owner, OfOwner::Asked(Some(kept)));
    assert_eq!(pings() - before, 2 * between + 2);
}

#[test]
fn who_knows_the_version_is_not_sent_the_record() {
    const RECORD: usize = 100_000;
    let server = Server::on_socket();
    let engine = RedisEngine::open(&RedisOptions::at(Place::Server(Address::Unix(server.socket())))).unwrap();
    let version = create(&engine, &KEY, &vec![5; RECORD]);
    let now = engine.now();
    let sent = || figure(&server, "stats", "total_net_output_bytes:");
    engine.load_newer(&KEY, version, now).unwrap();
    let before = sent();
    let between = sent() - before;
    for _ in 0..10 {
        assert!(matches!(engine.load_newer(&KEY, version, now).unwrap(), Newer::Same { .. }));
        let (newer, _) = engine.load_newer_with_owner(&KEY, version, now).unwrap();
        assert!(matches!(newer, Newer::Same { .. }));
    }
    let bytes = sent() - before - between;
    assert!(bytes < between + 20 * 200, "{bytes} bytes for 20 answers, {between} of them for INFO");
    engine.load_newer(&KEY, Version(1), now).unwrap();
    assert!(sent() - before > RECORD as u64, "the figure counts records");
}

/// The password is right, and the server does nothing else yet.
#[test]
fn r18_who_is_let_in_and_then_refused_is_told_why() {
    let server = Server::on_port(&["--requirepass", "hunter2"]);
    let proxy = Proxy::before(server.port);
    let login = Some(Login { user: None, password: "hunter2".to_owned() });
    let engine = RedisEngine::open(&RedisOptions { login, ..tcp(proxy.port) }).unwrap();
    create(&engine, &KEY, b"record");
    let refusals: [(&[u8], &str); 4] = [
        (b"+OK\r\n-LOADING hunter2\r\n", "LOADING"),
        (b"+OK\r\n-BUSY hunter2\r\n", "BUSY"),
        (b"+OK\r\n-MASTERDOWN hunter2\r\n", "MASTERDOWN"),
        (b"+OK\r\n-NOPERM hunter2\r\n", "NOPERM"),
    ];
    for (answer, code) in refusals {
        proxy.cut();
        proxy.set(Fault::Says(answer));
        let error = engine.load_with_owner(&KEY, engine.now()).unwrap_err();
        assert!(message(&error).contains(code), "{error}");
        assert!(!error.to_string().contains("hunter2"), "S29: {error}");
        proxy.set(Fault::None);
        assert!(engine.load(&KEY, engine.now()).unwrap().is_some(), "it is well again");
    }
}
