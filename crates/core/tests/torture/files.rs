//! R14: the store's file is cut off, removed, renamed, replaced and overwritten under load. Nobody reads what is not his,
//! each worker dies at most once, and a second later all are at work in the same file.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use holdfast_core::engine::{
    Engine, Expect,
    shared::{SharedEngine, SharedOptions},
};

use crate::{
    Verdict,
    form::{Form, Progress},
    payload,
    pool::{Pool, WORKERS},
    scene::{MEMBER, MIB, directory, key, put},
};

type Deed = fn(&Path, &Path);

/// What is done to the file; `other` is another store of the same size.
const DEEDS: [(&str, Deed); 9] = [
    ("emptied", |path, _| cut(path, 0)),
    ("cut off in the midst", |path, _| cut(path, 3 * MIB)),
    ("cut off within the header", |path, _| cut(path, 100)),
    ("removed", |path, _| fs::remove_file(path).unwrap()),
    ("renamed", |path, _| fs::rename(path, path.with_extension("away")).unwrap()),
    ("replaced by another store", |path, other| fs::rename(other, path).unwrap()),
    ("overwritten by another store, as by cp", |path, other| assert!(fs::copy(other, path).is_ok())),
    ("overwritten by noise", |path, _| overwrite(path, 0xa5)),
    ("overwritten by zeros", |path, _| overwrite(path, 0)),
];

/// A session that only the other store has.
const OTHERS: u32 = 500;

pub fn run(form: Form) -> Verdict {
    let rounds = form.pick(1, 20);
    let (mut deaths, mut errors) = (0, 0);
    let mut progress = Progress::of("rounds", rounds);
    for round in 0..rounds {
        for (name, deed) in DEEDS {
            let (died, refused) = after(name, deed);
            deaths += died;
            errors += refused;
            if form == Form::Long && round == 0 {
                println!(
                    "torture:   {name}: {died} of {WORKERS} workers died by SIGBUS, {refused} operations refused"
                );
            }
        }
        progress.done(round);
    }
    format!(
        "{} deeds to files in use by {WORKERS} workers: {deaths} deaths by SIGBUS, at most one of each worker; {errors} \
         operations refused; 0 foreign or torn records; all at work in one file again each time",
        rounds * DEEDS.len() as u64
    )
}

fn after(name: &str, deed: Deed) -> (u64, u64) {
    let directory = directory();
    let options =
        |name: &str| SharedOptions { size: 8 * MIB, ..SharedOptions::at(directory.path().join(name)) };
    let path = options("a.store").path;
    let other = a_store(options("other.store"));
    let mut pool = Pool::start(options("a.store"));
    pool.go_on();
    let checker = SharedEngine::open(options("a.store")).unwrap();
    for worker in 0..WORKERS {
        let acknowledged = pool.acknowledged(worker);
        assert!(value(&checker, worker).unwrap() >= acknowledged, "{name}: lost before anything happened");
    }
    drop(checker);

    deed(&path, &other);

    pool.go_on();
    // A worker looks at the path once a second. When all have, what each is told is stored is in the file of that name.
    let mut checker = None;
    pool.until(name, |pool| {
        // Whoever comes anew may be refused until those who are there have looked.
        if checker.is_none() && path.exists() {
            checker = SharedEngine::open(options("a.store")).ok();
        }
        checker.as_ref().is_some_and(|checker| {
            (0..WORKERS).all(|worker| {
                let acknowledged = pool.acknowledged(worker);
                value(checker, worker).is_some_and(|there| there >= acknowledged && acknowledged > 0)
            })
        })
    });
    pool.go_on();
    let checker = checker.unwrap();
    for worker in 0..WORKERS {
        let acknowledged = pool.acknowledged(worker);
        assert!(
            value(&checker, worker).is_some_and(|there| there >= acknowledged),
            "{name}: lost afterwards"
        );
    }
    assert_eq!(pool.deaths.otherwise, Vec::<String>::new(), "{name}");
    assert!(pool.deaths.by_sigbus.iter().all(|&deaths| deaths <= 1), "{name}: {:?}", pool.deaths);
    let errors = pool.errors();
    let deaths = pool.deaths.by_sigbus.iter().sum::<u32>();
    drop(pool);
    let problems = checker.problems().unwrap();
    assert_eq!(problems, Vec::<String>::new(), "{name}");
    (deaths.into(), errors)
}

/// What a worker's session has, which is a whole record of his.
fn value(engine: &SharedEngine, worker: usize) -> Option<u32> {
    let found = engine.load(&key(worker as u32), engine.now()).ok()??;
    let value = payload::value_in(&found.record).unwrap();
    assert_eq!(value >> 24, worker as u32, "the record of another session");
    Some(value)
}

fn a_store(options: SharedOptions) -> PathBuf {
    let engine = SharedEngine::open(options.clone()).unwrap();
    put(&engine, OTHERS, Expect::Absent, 600, MEMBER);
    options.path
}

fn cut(path: &Path, length: u64) {
    fs::File::options().write(true).open(path).unwrap().set_len(length).unwrap();
}

fn overwrite(path: &Path, byte: u8) {
    let length = fs::metadata(path).unwrap().len() as usize;
    let mut state = u64::from(byte);
    let bytes: Vec<u8> = (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(u64::from(byte));
            (state >> 40) as u8
        })
        .collect();
    fs::File::options().write(true).open(path).unwrap().write_all(&bytes).unwrap();
}
