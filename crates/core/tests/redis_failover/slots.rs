//! Slots of a cluster: what is beside what, and what of it holds while slots move.

use std::{collections::HashMap, time::Duration};

use holdfast_core::{
    engine::{Commit, Engine, Expect, Newer, OfOwner, Owner, Version, Write, redis::RedisEngine},
    key::Key,
};

use super::{
    create, key, of_cluster,
    redis_servers::{Cluster, Server},
    stored, write,
};

const OWNER: Owner = Owner(7);

fn lines(server: &Server, arguments: &[&str]) -> Vec<String> {
    server.command(arguments).lines().map(str::to_owned).collect()
}

fn ids(cluster: &Cluster) -> Vec<String> {
    cluster.nodes.iter().map(|node| lines(node, &["CLUSTER", "MYID"])[1].clone()).collect()
}

fn slot_of(cluster: &Cluster, name: &str) -> String {
    lines(&cluster.nodes[0], &["CLUSTER", "KEYSLOT", name])[0][1..].to_owned()
}

/// The slot of a name, on its way from one node to another.
struct Moving<'c> {
    cluster: &'c Cluster,
    ids: Vec<String>,
    slot: String,
    from: usize,
    to: usize,
}

impl<'c> Moving<'c> {
    fn begin(cluster: &'c Cluster, name: &str, from: usize, to: usize) -> Self {
        let moving = Self { cluster, ids: ids(cluster), slot: slot_of(cluster, name), from, to };
        moving.set(to, &["IMPORTING", &moving.ids[from]]);
        moving.set(from, &["MIGRATING", &moving.ids[to]]);
        moving
    }

    fn set(&self, node: usize, arguments: &[&str]) {
        let answer =
            self.cluster.nodes[node].command(&[&["CLUSTER", "SETSLOT", &self.slot], arguments].concat());
        assert!(answer.contains("OK"), "{answer}");
    }

    /// All keys of the slot, or but one that is named so.
    fn send(&self, name: &str) {
        let port = self.cluster.nodes[self.to].port.to_string();
        let answer =
            self.cluster.nodes[self.from].command(&["MIGRATE", "127.0.0.1", &port, name, "0", "5000"]);
        assert!(answer.contains("OK"), "{answer}");
    }

    fn end(self) {
        let bystander = 3 - self.from - self.to;
        for node in [self.to, self.from, bystander] {
            self.set(node, &["NODE", &self.ids[self.to]]);
        }
    }
}

/// A slot goes to another node while its sessions are used: MOVED, ASK and TRYAGAIN are followed, nobody gets an error.
#[test]
fn sessions_stay_usable_while_their_slots_move() {
    let cluster = Cluster::start(0);
    let engine = of_cluster(&cluster);
    let mut versions: HashMap<u64, Version> = (0..60).map(|n| (n, create(&engine, n))).collect();
    let (from, to) = (0, 1);
    let names: Vec<String> = lines(&cluster.nodes[from], &["KEYS", "*{*}"]);
    let names: Vec<&String> = names.iter().filter(|line| line.contains('{')).take(5).collect();
    assert!(!names.is_empty());
    let mut check = |when: &str| {
        let now = engine.now();
        for (n, version) in &mut versions {
            let found = engine.load(&key(*n), now).unwrap().expect(when);
            assert_eq!(found.version, *version, "{when}");
            let base = Expect::Version(*version);
            *version = stored(engine.commit(&key(*n), base, write(when.as_bytes(), now), now).unwrap());
        }
    };
    for name in names {
        let moving = Moving::begin(&cluster, name, from, to);
        check("a slot is about to move");
        moving.send(name);
        check("its session has moved, the slot not yet");
        moving.end();
        check("the slot has moved");
    }
}

/// How many round trips the servers have answered: each ends with one PING.
fn round_trips(cluster: &Cluster) -> u64 {
    let of = |node: &Server| -> u64 {
        let info = node.command(&["INFO", "commandstats"]);
        let calls = info.split_once("cmdstat_ping:calls=").map_or("0", |(_, rest)| rest);
        calls.split(',').next().unwrap().parse().unwrap()
    };
    cluster.nodes.iter().map(of).sum()
}

/// Of what `act` does, less what counting costs.
fn trips_of(cluster: &Cluster, act: impl FnOnce()) -> u64 {
    let before = round_trips(cluster);
    let counting = round_trips(cluster) - before;
    act();
    round_trips(cluster) - before - 2 * counting
}

fn keep_record(engine: &RedisEngine, record: &[u8]) {
    let now = engine.now();
    let write = Write { owner: Owner::SYSTEM, ..write(record, now) };
    stored(engine.commit(&Key::of_owner(OWNER), Expect::Absent, write, now).unwrap());
}

/// The addresses of a session beside its owner's record, and of one apart from it.
fn places(engine: &RedisEngine) -> (u64, u64) {
    let find = |is_beside| (0..1000).find(|n| engine.is_beside(&key(*n), OWNER) == is_beside).unwrap();
    (find(true), find(false))
}

#[test]
fn a_session_beside_its_owners_record_is_opened_and_stored_in_one_round_trip_each() {
    let cluster = Cluster::start(0);
    let engine = of_cluster(&cluster);
    keep_record(&engine, b"kept");
    let (beside, apart) = places(&engine);
    for n in [beside, apart] {
        create(&engine, n);
    }
    let day = Duration::from_hours(24);
    for (n, more) in [(beside, 0), (apart, 1)] {
        let now = engine.now();
        let mut version = Version(0);
        // A server that does not know a script yet is asked once more.
        engine.load_with_owner(&key(n), now).unwrap().unwrap();
        let open = || {
            let (session, of_owner) = engine.load_with_owner(&key(n), now).unwrap().unwrap();
            let (_, with_newer) = engine.load_newer_with_owner(&key(n), session.version, now).unwrap();
            for of_owner in [of_owner, with_newer] {
                match of_owner {
                    OfOwner::Asked(kept) => assert_eq!(kept.unwrap().record, b"kept"),
                    OfOwner::NotAsked => assert_eq!(more, 1),
                }
            }
            version = session.version;
        };
        assert_eq!(trips_of(&cluster, open), 2);
        // The index of its owner is told of the later end, in the same step where that is possible.
        let later = Write { expires: now.after(day * 3), ..write(b"later", now) };
        version = stored(engine.commit(&key(n), Expect::Version(version), later, now).unwrap());
        let later = Write { expires: now.after(day * 5), ..later };
        let save = || {
            stored(engine.commit(&key(n), Expect::Version(version), later, now).unwrap());
        };
        assert_eq!(trips_of(&cluster, save), 1 + more, "the index is told as well");
        engine.touch(&key(n), now.after(day * 7), now).unwrap();
        let touch = || assert!(engine.touch(&key(n), now.after(day * 9), now).unwrap());
        assert_eq!(trips_of(&cluster, touch), 1 + 2 * more, "the index is told as well");
        let touch = || assert!(engine.touch(&key(n), now.after(day * 9), now).unwrap());
        assert_eq!(trips_of(&cluster, touch), 1);
    }
    assert_eq!(engine.owned(OWNER, engine.now().after(day * 8)).unwrap().len(), 2);
}

/// S17: a node that has a session already, and its owner's record not yet, must not say that nothing is kept of the owner.
#[test]
fn s17_what_is_kept_of_an_owner_is_not_overlooked_while_slots_move() {
    let cluster = Cluster::start(0);
    let engine = of_cluster(&cluster);
    keep_record(&engine, b"kept");
    let (beside, _) = places(&engine);
    let mut version = create(&engine, beside);
    let name_of = |key: &Key| {
        let all = cluster.nodes.iter().flat_map(|node| lines(node, &["KEYS", "*{*}"]));
        let encoded = data_encoding::BASE64URL_NOPAD.encode(key.as_bytes());
        all.into_iter().find(|name| name.contains(&encoded)).unwrap()
    };
    let (session, record) = (name_of(&key(beside)), name_of(&Key::of_owner(OWNER)));
    let index = format!("{record}:index");
    assert_ne!(slot_of(&cluster, &session), slot_of(&cluster, &record));
    let has = |node: &Server| lines(node, &["KEYS", "*{*}"]).contains(&session);
    let from = cluster.nodes.iter().position(has).unwrap();
    let to = (from + 1) % 3;
    let mut asked = 0;
    let mut check = |when: &str| {
        let now = engine.now();
        let (there, of_owner) = engine.load_with_owner(&key(beside), now).unwrap().expect(when);
        let (newer, with_newer) = engine.load_newer_with_owner(&key(beside), version, now).unwrap();
        assert!(matches!(newer, Newer::Same { .. }), "{when}");
        for of_owner in [of_owner, with_newer] {
            if let OfOwner::Asked(kept) = of_owner {
                assert_eq!(kept.expect(when).record, b"kept", "{when}");
                asked += 1;
            }
        }
        let kept = engine.load(&Key::of_owner(OWNER), now).unwrap().expect(when);
        assert_eq!(kept.record, b"kept");
        // Whoever does not know that the index has it tells it.
        let stranger = of_cluster(&cluster);
        let base = Expect::Version(there.version);
        let Ok(Commit::Stored(next)) = stranger.commit(&key(beside), base, write(b"next", now), now) else {
            panic!("{when}")
        };
        version = next;
        let day = Duration::from_hours(24) * (1 + asked);
        assert!(stranger.touch(&key(beside), now.after(day), now).unwrap(), "{when}");
        assert_eq!(stranger.owned(OWNER, now).unwrap().len(), 1, "{when}");
    };
    check("nothing moves");
    let (of_session, of_record) =
        (Moving::begin(&cluster, &session, from, to), Moving::begin(&cluster, &record, from, to));
    check("both slots are about to move");
    of_session.send(&session);
    check("the session has moved, the record not yet");
    of_record.send(&record);
    check("the record has moved as well, the index not yet");
    of_record.send(&index);
    check("the index has moved as well");
    of_session.end();
    check("the slot of the session has moved");
    of_record.end();
    check("both slots have moved");
    assert!(asked >= 4, "at the beginning and at the end it is told with the session");
}
