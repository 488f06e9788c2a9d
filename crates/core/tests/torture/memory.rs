//! R15, R16: processes for which there is no more memory. Rust ends a process that gets none, so a want of memory is a
//! death at the places where memory is asked for; and an error where it is address space.
//!
//! - Every allocation of each operation fails, one after the other.
//! - The file can't be mapped, because the process may have no more address space (RLIMIT_AS).
//! - A memory cgroup ends a process at work, or has no room for the store that is to be made.

use std::{fs, io::ErrorKind, path::Path, sync::atomic::Ordering::SeqCst};

use holdfast_core::engine::{
    Engine, EngineError, Expect,
    shared::{SharedEngine, SharedOptions},
};

use crate::{
    Verdict,
    cgroup::Cgroup,
    child::{Child, End},
    form::{Form, Progress},
    operation::{OPERATIONS, Operation, Stage},
    payload,
    pool::{Pool, WORKERS},
    scarce,
    scene::{MEMBER, MIB, directory, key, length, put},
    shared::Counters,
    tracee::{self, Run, die_with_parent},
};

pub fn run(form: Form) -> Verdict {
    let deaths = if let Some(reason) = tracee::forbidden() {
        format!("allocations SKIPPED: {reason}")
    } else {
        let deaths: u64 = OPERATIONS.iter().map(|(name, it)| failing_allocations(name, *it)).sum();
        format!("{deaths} allocations failed, each a death: 0 sessions lost, torn or of a third state")
    };
    without_address_space();
    let groups = match Cgroup::new(24 * MIB) {
        Err(error) => format!("memory cgroups SKIPPED: {error}"),
        Ok(group) => {
            let ended = ended_by_the_kernel(&group, form.pick(2, 200));
            let refused = store_larger_than_the_limit(&group);
            format!("{ended} workers ended by the limit of their memory cgroup: 0 lost; {refused}")
        }
    };
    format!("{deaths}; without address space a store is refused and those who have it open go on; {groups}")
}

/// How many allocations an operation makes. After each that fails the state before or the state after is there.
fn failing_allocations(name: &str, operation: Operation) -> u64 {
    let stage = Stage::new(operation);
    stage.set();
    let image = stage.image();
    for count in 0.. {
        image.put_back();
        scarce::choose(count);
        let mut child = stage.tracee();
        scarce::choose_all();
        let run = child.run();
        child.kill();
        // Nobody asks for memory while a change is going on; of the repair, it is that of who died before.
        let between_changes = matches!(operation, Operation::Repair { .. }) || !image.is_dirty();
        assert!(
            between_changes,
            "{name} asked for memory while it changed the file, after {count} allocations"
        );
        stage.check(&format!("{name}, without memory after {count} allocations"), run == Run::Finished);
        if run == Run::Finished {
            return count;
        }
    }
    unreachable!("an operation asks for memory without end")
}

fn without_address_space() {
    let directory = directory();
    let at = |name: &str| SharedOptions { size: 64 * MIB, ..SharedOptions::at(directory.path().join(name)) };
    let others = SharedEngine::open(at("used.store")).unwrap();
    put(&others, 1, Expect::Absent, 9100, MEMBER);
    for name in ["used.store", "new.store"] {
        let child = Child::run(|| {
            limit_address_space(16 * MIB);
            let error = SharedEngine::open(at(name)).unwrap_err();
            let EngineError::Io { action: "mapping the file", path, source } = &error else {
                panic!("{error}")
            };
            assert_eq!((path, source.kind()), (&at(name).path, ErrorKind::OutOfMemory));
        });
        assert_eq!(child.end(), End::Done, "{name}: see the message above");
    }
    assert_eq!(length(&others, 1), 9100);
    put(&others, 2, Expect::Absent, 600, MEMBER);
    assert_eq!(others.problems().unwrap(), Vec::<String>::new());
    let new = SharedEngine::open(at("new.store")).unwrap();
    assert_eq!((new.take_notice(), new.stats().unwrap().sessions), (None, 0));
}

/// From here on this process gets so many bytes of address space more than it has.
fn limit_address_space(more: u64) {
    let pages: u64 =
        fs::read_to_string("/proc/self/statm").unwrap().split(' ').next().unwrap().parse().unwrap();
    let most = pages * 4096 + more;
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: a plain system call with a value that lives over it.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
}

/// Workers in a group with little memory need more and more of it while they work, and are ended by the kernel; those of
/// a pool outside of it go on.
fn ended_by_the_kernel(group: &Cgroup, rounds: u64) -> u64 {
    let directory = directory();
    let options = SharedOptions { size: 8 * MIB, ..SharedOptions::at(directory.path().join("a.store")) };
    let mut pool = Pool::start(options.clone());
    pool.go_on();
    let told = Counters::new();
    let mut progress = Progress::of("workers without memory", rounds);
    for round in 0..rounds {
        let victim = Child::run(|| {
            die_with_parent();
            group.enter().unwrap();
            let engine = SharedEngine::open(options.clone()).unwrap();
            let mut hoard = Vec::new();
            for count in 0.. {
                if let Some(value) = Pool::serve(&engine, WORKERS, count).unwrap() {
                    told[0].store(value.into(), SeqCst);
                }
                hoard.push(vec![1_u8; 100_000]);
            }
        });
        assert_eq!(victim.end(), End::Killed, "its group has {} bytes", group.limit);
        pool.go_on();
        assert_eq!(pool.deaths.otherwise, Vec::<String>::new());
        let checker = SharedEngine::open(options.clone()).unwrap();
        for worker in 0..=WORKERS {
            let told =
                if worker == WORKERS { told[0].load(SeqCst) as u32 } else { pool.acknowledged(worker) };
            let found =
                checker.load(&key(worker as u32), checker.now()).unwrap().expect("it had stored some");
            assert!(payload::value_in(&found.record).unwrap() >= told, "worker {worker} in round {round}");
        }
        progress.done(round);
    }
    drop(pool);
    assert_eq!(SharedEngine::open(options).unwrap().problems().unwrap(), Vec::<String>::new());
    rounds
}

/// Without a look at the limit the kernel would end whoever makes the store, and whoever tries again.
fn store_larger_than_the_limit(group: &Cgroup) -> &'static str {
    let directory = directory();
    let path = directory.path().join("a.store");
    if !is_in_memory(directory.path()) {
        return "a store beyond the limit SKIPPED: there is no file system in memory";
    }
    let child = Child::run(|| {
        die_with_parent();
        group.enter().unwrap();
        let large = SharedOptions { size: 64 * MIB, ..SharedOptions::at(&path) };
        let error = SharedEngine::open(large.clone()).unwrap_err();
        assert!(matches!(error, EngineError::Refused { .. }), "{error}");
        let said = error.to_string();
        assert!(said.contains("(64 MiB)") && said.contains("memory") && said.contains(&group.name), "{said}");
        drop(SharedEngine::open(SharedOptions { size: 4 * MIB, ..large }).unwrap());
    });
    assert_eq!(child.end(), End::Done, "see the message above; or it was killed");
    "a store larger than the limit is refused"
}

fn is_in_memory(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|system| system.f_type == libc::TMPFS_MAGIC)
}
