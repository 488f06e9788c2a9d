//! R27: many sessions end at once, and more while requests come. Removing them adds little to any request, and a minute
//! of requests later all are gone.
//!
//! Times are of the processor, by the kernel's account of this thread, so that other work of the machine does not count.
//! The store's clock is told: a minute of requests takes as long as the requests do.

use std::{
    fmt::Write as _,
    fs::File,
    os::unix::fs::FileExt,
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{
        Commit, Engine, EngineError, Expect, Version, Write,
        shared::{SharedEngine, SharedOptions},
    },
    time::Timestamp,
};

use crate::{
    Verdict,
    dice::Dice,
    form::Form,
    image, payload,
    scene::{MEMBER, MIB, directory, key},
};

const BYTES: usize = 600;
const MINUTE: u64 = 60_000;
/// The most that one request may take longer.
const MOST: Duration = Duration::from_millis(1);

/// What one request removes at most, whatever it finds.
const MOST_REMOVED: u64 = 400;

struct Site {
    engine: SharedEngine,
    /// Of the sessions that stay.
    versions: Vec<Version>,
    dice: Dice,
    now: Timestamp,
}

pub fn run(form: Form) -> Verdict {
    let (bytes, sessions) = form.pick((64 * MIB, 40_000), (1024 * MIB, 1_000_000));
    let directory = directory();
    let options = SharedOptions { size: bytes, ..SharedOptions::at(directory.path().join("a.store")) };
    let mut site = Site {
        engine: SharedEngine::open(options.clone()).unwrap(),
        versions: Vec::new(),
        dice: Dice::new(),
        now: Timestamp::from_millis(1_000_000),
    };
    let far = site.now.after(Duration::from_hours(24));
    for session in 0..sessions / 2 {
        let version = site.commit(session, Expect::Absent, far);
        site.versions.push(version);
    }
    let before = site.requests(20_000, 1_000_000);

    let mut verdict = format!("{sessions} sessions; a request without: {before}");
    for (round, rate) in (1..).zip([100, 1000]) {
        // Half of all end in one second, in ten minutes.
        let ends = site.now.after(Duration::from_mins(10));
        for session in sessions / 2..sessions {
            let ends = ends.after(Duration::from_millis(u64::from(session) % 1000));
            site.commit(round << 28 | session, Expect::Absent, ends);
        }
        let there = site.engine.stats().unwrap();
        assert_eq!(there.sessions, u64::from(sessions));
        if round == 1 {
            verdict += &opened(&options);
        }
        site.now = ends.after(Duration::from_secs(1));
        let removing = site.requests(rate * MINUTE / 1000, rate);
        let left = site.engine.stats().unwrap().sessions - u64::from(sessions / 2);
        assert!(
            form == Form::Long && rate < 1000 || left == 0,
            "{left} are left after 60 s of {rate} requests a second"
        );
        let longer = removing.worst.saturating_sub(before.usual);
        assert!(
            form == Form::Short || longer < MOST,
            "{rate}/s: a request took {longer:?} longer: {removing}"
        );
        let (half, now) = (sessions / 2, site.now);
        let _ = write!(
            verdict,
            "; {half} ended at once, then 60 s of {rate} requests/s: {} removed, {removing}",
            u64::from(half) - left
        );
        site.engine.collect(now).unwrap();
    }
    verdict + &filled(site, form)
}

impl Site {
    fn commit(&self, session: u32, expect: Expect, expires: Timestamp) -> Version {
        let write = Write { record: &payload::of(session, BYTES), expires, owner: MEMBER };
        match self.engine.commit(&key(session), expect, write, self.now) {
            Ok(Commit::Stored(version)) => version,
            other => panic!("session {session}: {other:?}"),
        }
    }

    /// So many requests, of which so many come in a second: each loads a session and stores it again.
    fn requests(&mut self, count: u64, rate: u64) -> Times {
        let mut removed = self.engine.stats().unwrap().expired;
        let begun = self.now;
        let far = begun.after(Duration::from_hours(24));
        let mut times = Vec::new();
        for request in 0..count {
            self.now = begun.after(Duration::from_micros(request * 1_000_000 / rate));
            let session = self.dice.below(self.versions.len() as u64) as usize;
            let before = processor_time();
            assert!(self.engine.load(&key(session as u32), self.now).unwrap().is_some());
            self.versions[session] =
                self.commit(session as u32, Expect::Version(self.versions[session]), far);
            times.push(processor_time().saturating_sub(before));
            // The first requests meet most.
            if request < 100 {
                let before = std::mem::replace(&mut removed, self.engine.stats().unwrap().expired);
                assert!(removed - before <= MOST_REMOVED, "{} removed by one request", removed - before);
            }
        }
        times.sort_unstable();
        let at = |share: usize| times[(times.len() - 1) * share / 10_000];
        Times { usual: at(5000), rare: at(9900), worst: at(10_000) }
    }
}

struct Times {
    usual: Duration,
    rare: Duration,
    worst: Duration,
}

impl std::fmt::Display for Times {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "p50 {:.1?}, p99 {:.1?}, max {:.1?}", self.usual, self.rare, self.worst)
    }
}

/// How long it takes to open the store beside others.
fn opened(options: &SharedOptions) -> String {
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            let engine = SharedEngine::open(options.clone()).unwrap();
            assert!(engine.load(&key(0), Timestamp::from_millis(1_000_000)).unwrap().is_some());
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    format!("; opened beside others, with a load, in {:.2?} (worst of 20: {:.2?})", times[10], times[19])
}

/// Bytes of the file for a session beyond its record, in a store that is filled up; and how long a lone opener takes.
fn filled(site: Site, form: Form) -> String {
    let far = site.now.after(Duration::from_hours(24));
    for session in 0.. {
        let write = Write { record: &payload::of(session, BYTES), expires: far, owner: MEMBER };
        match site.engine.commit(&key(9 << 28 | session), Expect::Absent, write, site.now) {
            Ok(_) => {}
            Err(EngineError::Full { .. }) => break,
            Err(other) => panic!("{other}"),
        }
    }
    let stats = site.engine.stats().unwrap();
    let bytes: u64 = form.pick(64 * MIB, 1024 * MIB);
    let each = bytes as f64 / stats.sessions as f64 - BYTES as f64;
    let options =
        SharedOptions::at(site.engine.describe().trim_start_matches("shared://").split('?').next().unwrap());
    drop(site);
    let alone = || {
        let begun = processor_time();
        let engine = SharedEngine::open(options.clone()).unwrap();
        let took = processor_time().saturating_sub(begun);
        assert_eq!(engine.stats().unwrap().sessions, stats.sessions);
        took
    };
    let closed = alone();
    let file = File::options().read(true).write(true).open(&options.path).unwrap();
    // As if the last user had been killed after it had taken a lock.
    let shard = image::shards(bytes as usize).next().unwrap() as u64;
    file.write_all_at(b"!", shard + 7).unwrap();
    let killed = alone();
    let mut headers = [0; 8192];
    file.read_exact_at(&mut headers, 0).unwrap();
    image::reboot(&mut headers);
    file.write_all_at(&headers, 0).unwrap();
    let rebooted = alone();
    format!(
        "; full with {} sessions of {BYTES} B: {each:.0} bytes of the file each beyond the record; opened alone in {closed:.1?} of \
         the processor, {killed:.1?} after its last user was killed, {rebooted:.1?} after a reboot, with every checksum compared",
        stats.sessions
    )
}

/// What the processor has worked for this thread.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to `time`.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) }, 0);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec.cast_unsigned() as u32)
}
