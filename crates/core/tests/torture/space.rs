//! R15, R17: file systems in memory that are too small, or are filled up by others under load. Space is reserved when a
//! store is made: so a full one is an error with a reason then, and nothing at all later.

use std::{fs, io::Write as _, path::Path, time::Duration};

use holdfast_core::engine::{
    Engine, EngineError, Expect, Write,
    shared::{SharedEngine, SharedOptions},
};

use crate::{
    Verdict,
    child::{Child, End},
    form::Form,
    namespace, payload,
    pool::{Pool, WORKERS},
    scene::{MEMBER, MIB, directory, key},
};

pub fn run(form: Form) -> Verdict {
    if let Err(error) = namespace::own_mounts() {
        return format!("SKIPPED: nothing can be mounted here: {error}");
    }
    refused_with_a_reason();
    let rounds = form.pick(1, 20);
    let errors: u64 = (0..rounds).map(|_| filled_from_outside()).sum();
    format!(
        "a store of 16 MiB is refused in 4 MiB, of 64 MiB in what Docker gives when 1 MiB of it is taken; {rounds} file \
         systems filled to the last byte under {WORKERS} workers: 0 deaths, {errors} operations refused, 0 lost"
    )
}

fn refused_with_a_reason() {
    for (space, taken, size) in [(4, 0, 16), (64, 1, 64)] {
        let directory = directory();
        namespace::mount_tmpfs(directory.path(), space * MIB).unwrap();
        fs::write(directory.path().join("others"), vec![1; (taken * MIB) as usize]).unwrap();
        let path = directory.path().join("a.store");
        let options = SharedOptions { size: size * MIB, ..SharedOptions::at(&path) };
        let error = SharedEngine::open(options.clone()).unwrap_err();
        assert!(matches!(error, EngineError::Refused { .. }), "{error:?}");
        let said = error.to_string();
        let place = directory.path().to_string_lossy().into_owned();
        assert!(said.contains(&format!("({size} MiB)")) && said.contains(&place), "{said}");
        // It keeps nothing, and once there is room it is made.
        let blocks =
            fs::metadata(&path).map_or(0, |metadata| std::os::unix::fs::MetadataExt::blocks(&metadata));
        assert!(blocks * 512 <= 4096, "a store that was refused keeps {blocks} blocks");
        let smaller = SharedOptions { size: (space - taken - 1) * MIB, ..options };
        drop(SharedEngine::open(smaller).unwrap());
        unmount(directory.path());
    }
}

/// How many operations were refused.
fn filled_from_outside() -> u64 {
    let directory = directory();
    namespace::mount_tmpfs(directory.path(), 12 * MIB).unwrap();
    let options = SharedOptions { size: 8 * MIB, ..SharedOptions::at(directory.path().join("a.store")) };
    let mut pool = Pool::start(options.clone());
    pool.go_on();
    let mut filling = fs::File::create(directory.path().join("others")).unwrap();
    let filled = loop {
        match filling.write(&[7; 4096]) {
            Ok(count) if count > 0 => {}
            other => break other,
        }
    };
    assert_eq!(filled.unwrap_err().raw_os_error(), Some(libc::ENOSPC), "the file system is full");
    for _ in 0..10 {
        pool.go_on();
    }
    assert_eq!(pool.deaths.otherwise, Vec::<String>::new());
    assert_eq!(pool.deaths.by_sigbus, [0; WORKERS], "SIGBUS in a store whose space was reserved");
    // Somebody who comes now gets in, too.
    let checker = SharedEngine::open(options).unwrap();
    for worker in 0..WORKERS {
        let acknowledged = pool.acknowledged(worker);
        let found =
            checker.load(&key(worker as u32), checker.now()).unwrap().expect("an acknowledged session");
        assert!(payload::value_in(&found.record).unwrap() >= acknowledged);
    }
    // Every byte of it can be written, with nothing left outside of it.
    let child = Child::run(|| fill(&checker));
    assert_eq!(child.end(), End::Done, "who filled the store died");
    let errors = pool.errors();
    drop((pool, checker, filling));
    unmount(directory.path());
    errors
}

fn fill(engine: &SharedEngine) {
    let now = engine.now();
    for session in 1000.. {
        let record = payload::of(session, 30_000);
        let write = Write { record: &record, expires: now.after(Duration::from_hours(1)), owner: MEMBER };
        match engine.commit(&key(session), Expect::Absent, write, now) {
            Ok(_) => {}
            Err(EngineError::Full { .. }) => break,
            Err(other) => panic!("{other}"),
        }
    }
}

fn unmount(path: &Path) {
    use std::os::unix::ffi::OsStrExt;

    let path = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: a text that ends with NUL.
    unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
}
