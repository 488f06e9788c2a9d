//! R19: masters that die or change places, with sentinels and in a cluster; slots that move, and what is in them; and servers
//! by TLS.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds something else shall stop")]

#[path = "../redis_servers/mod.rs"]
mod redis_servers;
mod slots;
mod tls;

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{
        Commit, Engine, Expect, Owner, Version, Write,
        redis::{Address, Place, RedisEngine, RedisOptions},
    },
    key::Key,
    time::Timestamp,
};
use redis_servers::{Cluster, Sentinels, Server, eventually};

/// The default of 2 s and what a machine with other work takes.
const IN_TIME: Duration = Duration::from_millis(3500);

fn at(server: &Server) -> Address {
    Address::Tcp { host: "127.0.0.1".to_owned(), port: server.port }
}

fn open(place: Place) -> RedisEngine {
    RedisEngine::open(&RedisOptions::at(place)).unwrap()
}

fn of_sentinels(set: &Sentinels) -> RedisEngine {
    let sentinels = set.sentinels.iter().map(at).collect();
    open(Place::Sentinels { sentinels, service: "sessions".to_owned(), login: None })
}

fn of_cluster(cluster: &Cluster) -> RedisEngine {
    open(Place::Cluster(cluster.nodes.iter().take(3).map(at).collect()))
}

fn key(n: u64) -> Key {
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&n.to_le_bytes());
    Key::from_bytes(bytes)
}

fn write(record: &[u8], now: Timestamp) -> Write<'_> {
    Write { record, expires: now.after(Duration::from_hours(1)), owner: Owner(7) }
}

fn stored(outcome: Commit) -> Version {
    match outcome {
        Commit::Stored(version) => version,
        other => panic!("{other:?}"),
    }
}

fn create(engine: &dyn Engine, n: u64) -> Version {
    let now = engine.now();
    stored(engine.commit(&key(n), Expect::Absent, write(&n.to_le_bytes(), now), now).unwrap())
}

/// Until every replica has what its master has acknowledged.
fn replicated(masters: &[&Server]) {
    for master in masters {
        eventually("the replica has everything", || {
            master.command(&["WAIT", "1", "1000"]).trim() == ":1" && {
                let info = master.command(&["INFO", "replication"]);
                let number = |name: &str| {
                    let line = info.lines().find_map(|line| line.split_once(name)).unwrap().1;
                    line.split(',').next().unwrap().to_owned()
                };
                number("offset=") == number("master_repl_offset:")
            }
        });
    }
}

/// What threads did to sessions of their own while something happened to the servers.
struct Load {
    /// Acknowledged, and never answered with an error since: number and version of the last state.
    acknowledged: HashMap<u64, Version>,
    errors: u64,
    slowest: Duration,
}

/// Creates and changes sessions until told to end. S27: what is there is never said to be gone.
fn work(engine: &dyn Engine, first: u64, end: &AtomicBool) -> Load {
    let mut load = Load { acknowledged: HashMap::new(), errors: 0, slowest: Duration::ZERO };
    let mut n = first;
    while !end.load(SeqCst) {
        let begun = Instant::now();
        let now = engine.now();
        match engine.commit(&key(n), Expect::Absent, write(&n.to_le_bytes(), now), now) {
            Ok(Commit::Stored(version)) => {
                load.acknowledged.insert(n, version);
            }
            Ok(other) => panic!("{other:?}"),
            Err(_) => load.errors += 1,
        }
        load.slowest = load.slowest.max(begun.elapsed());
        n += 1;
    }
    load
}

/// So many runs on servers of their own as `HOLDFAST_FAILOVERS` says, one when it is unset; some at a time.
fn again_and_again(run: fn()) {
    const AT_A_TIME: usize = 6;
    let runs: usize = match std::env::var("HOLDFAST_FAILOVERS") {
        Ok(text) => text.parse().expect("HOLDFAST_FAILOVERS is a number"),
        Err(_) => 1,
    };
    let begun = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..runs.min(AT_A_TIME) {
            scope.spawn(|| {
                while begun.fetch_add(1, SeqCst) < runs {
                    run();
                }
            });
        }
    });
}

#[test]
fn r19_a_master_that_dies_is_followed_by_its_replica_with_sentinels() {
    again_and_again(die_with_sentinels);
}

fn die_with_sentinels() {
    let mut set = Sentinels::start();
    let engine = of_sentinels(&set);
    let secret = engine.secret().unwrap();
    for n in 0..200 {
        create(&engine, n);
    }
    replicated(&[&set.servers[0]]);
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        let (engine, end) = (&engine, &end);
        let workers: Vec<_> =
            (1..3).map(|thread| scope.spawn(move || work(engine, thread << 32, end))).collect();
        thread::sleep(Duration::from_millis(200));
        set.servers[0].kill();
        // No restart, no new handle: the same engine finds the new master.
        eventually("sessions are stored again", || {
            let now = engine.now();
            engine.commit(&key(9_999_999), Expect::Absent, write(b"x", now), now).is_ok()
        });
        end.store(true, SeqCst);
        for worker in workers {
            let load = worker.join().unwrap();
            assert!(load.slowest < IN_TIME, "{:?}", load.slowest);
            assert!(load.errors > 0, "the master died, and nobody noticed");
        }
    });
    let now = engine.now();
    for n in 0..200 {
        let found = engine.load(&key(n), now).unwrap().expect("the replica had it");
        assert_eq!(found.record, n.to_le_bytes());
    }
    let again = of_sentinels(&set);
    assert!(again.secret().unwrap() == secret, "else all ids would be strangers");
}

#[test]
fn r19_a_master_that_was_made_a_replica_is_left_for_the_new_one() {
    again_and_again(change_places);
}

fn change_places() {
    let set = Sentinels::start();
    let engine = of_sentinels(&set);
    let version = create(&engine, 1);
    replicated(&[&set.servers[0]]);
    assert!(set.sentinels[0].command(&["SENTINEL", "FAILOVER", "sessions"]).contains("OK"));
    // Whoever changes its role cuts all connections, ours as well.
    let is = |server: &Server, role| server.try_command(&["ROLE"]).is_some_and(|said| said.contains(role));
    eventually("the two have changed places", || {
        is(&set.servers[0], "slave") && is(&set.servers[1], "master")
    });
    let now = engine.now();
    let mut outcome = None;
    eventually("the new master is found", || {
        outcome = engine.commit(&key(1), Expect::Version(version), write(b"after", now), now).ok();
        outcome.is_some()
    });
    stored(outcome.unwrap());
    assert!(set.servers[1].command(&["INFO", "commandstats"]).contains("cmdstat_evalsha"));
}

#[test]
fn r19_a_master_that_dies_is_followed_by_its_replica_in_a_cluster() {
    again_and_again(die_in_a_cluster);
}

fn die_in_a_cluster() {
    let mut cluster = Cluster::start(1);
    let engine = of_cluster(&cluster);
    for n in 0..300 {
        create(&engine, n);
    }
    replicated(&[&cluster.nodes[0], &cluster.nodes[1], &cluster.nodes[2]]);
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        let (engine, end) = (&engine, &end);
        let worker = scope.spawn(move || work(engine, 1 << 32, end));
        cluster.nodes[1].kill();
        eventually("all sessions are there again", || {
            let now = engine.now();
            (0..300).all(|n| {
                engine.load(&key(n), now).is_ok_and(|found| {
                    assert_eq!(found.expect("S27: the replica had it").record, n.to_le_bytes());
                    true
                })
            })
        });
        end.store(true, SeqCst);
        let load = worker.join().unwrap();
        assert!(load.slowest < IN_TIME, "{:?}", load.slowest);
        assert!(!load.acknowledged.is_empty());
    });
    let now = engine.now();
    let owned = engine.owned(Owner(7), now).unwrap();
    assert!((0..300).all(|n| owned.iter().any(|summary| summary.key == key(n))));
}
