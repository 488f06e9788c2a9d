//! `holdfast bench`: how fast a store is on this machine.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use holdfast_core::{
    engine::{Commit, Engine, EngineError, Expect, Owner, StoreDsn, Version, Write as Stored},
    key::Key,
    secret::fill_random,
};

use crate::{
    failure::Failure,
    interrupt::Interrupt,
    store::{self, StoreArgument},
};

/// How long each line is measured.
const EACH: Duration = Duration::from_millis(400);

/// The length of a small session, and of a large one.
const SIZES: [usize; 2] = [600, 20_000];

/// Sessions that each thread uses.
const SESSIONS: u8 = 64;

/// Of a shared store a new one is measured, beside it on the same file system; in one on a server, sessions of its own, which are
/// removed. Takes a few seconds, and leaves nothing behind.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,
}

/// What was measured.
struct Line {
    bytes: usize,
    threads: usize,
    load: Duration,
    commit: Duration,
    rate: u64,
}

/// Measures, and writes the figures to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let dsn = store::named("--store", arguments.store.text())?;
    let (engine, temporary) = match &dsn {
        StoreDsn::Shared { path, .. } => {
            let temporary = Temporary::beside(&store::file_of(path.as_ref()))?;
            let dsn = StoreDsn::Shared {
                path: Some(temporary.0.clone()),
                size: Some(32 << 20),
                lock_timeout: None,
            };
            (dsn.open()?, Some(temporary))
        }
        _ => (dsn.open()?, None),
    };
    // Is it there at all?
    engine.peek(&Key::from_bytes([0; 32]), engine.now())?;
    let all = thread::available_parallelism().map_or(1, usize::from);
    writeln!(out, "{}, {all} processors", engine.describe())?;
    writeln!(out, "{:>8} {:>8} {:>12} {:>12} {:>14}", "bytes", "threads", "load", "commit", "both a second")?;
    for bytes in SIZES {
        for threads in if all > 1 { vec![1, all] } else { vec![1] } {
            let line = measure(&*engine, bytes, threads)?;
            let (load, commit) = (in_micros(line.load), in_micros(line.commit));
            let (bytes, threads, rate) = (line.bytes, line.threads, line.rate);
            writeln!(out, "{bytes:>8} {threads:>8} {load:>12} {commit:>12} {rate:>14}")?;
            if interrupt.is_asked() {
                return Err(Failure::Stopped("interrupted; nothing was left behind".to_owned()));
            }
        }
    }
    writeln!(out, "{}", normal(temporary.is_some()))?;
    Ok(())
}

fn in_micros(duration: Duration) -> String {
    format!("{:.1} us", duration.as_secs_f64() * 1e6)
}

const fn normal(is_shared: bool) -> &'static str {
    if is_shared {
        "normal, on a machine that has nothing else to do: load and commit of 600 bytes below 2 us each, of 20000 bytes below 10 us; more \
         threads do more in all. Tens of microseconds: the processors are busy, or virtual and shared; milliseconds: the file is \
         on a network or a slow disk, so move it to /dev/shm or a local disk"
    } else {
        "normal: load and commit below 150 us each over a local socket, below 1 ms in one data centre; more threads do more in \
         all. Above: the server is busy, far, or stores to a slow disk (appendfsync always)"
    }
}

/// A store that is removed with all that belongs to it.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(file: &Path) -> Result<Self, Failure> {
        let directory = file.parent().unwrap_or(Path::new("/"));
        let mut lot = [0; 8];
        fill_random(&mut lot).map_err(EngineError::from)?;
        let path = directory.join(format!("holdfast-bench-{:016x}", u64::from_ne_bytes(lot)));
        // A directory of its own: whatever the store puts beside its file goes with it.
        std::os::unix::fs::DirBuilderExt::mode(&mut fs::DirBuilder::new(), 0o700)
            .create(&path)
            .map_err(|error| Failure::File(format!("{}: {error}", path.display())))?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Sessions of one thread, removed at the end.
struct Mine<'e> {
    engine: &'e dyn Engine,
    sessions: Vec<(Key, Version)>,
}

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        for (key, _) in &self.sessions {
            let _ = self.engine.destroy(key, self.engine.now());
        }
    }
}

impl<'e> Mine<'e> {
    fn begin(engine: &'e dyn Engine, record: &[u8]) -> Result<Self, EngineError> {
        let mut mine = Self { engine, sessions: Vec::new() };
        for _ in 0..SESSIONS {
            let mut key = [0; 32];
            fill_random(&mut key)?;
            let key = Key::from_bytes(key);
            if let Commit::Stored(version) = put(engine, &key, Expect::Absent, record)? {
                mine.sessions.push((key, version));
            }
        }
        Ok(mine)
    }
}

fn put(engine: &dyn Engine, key: &Key, expect: Expect, record: &[u8]) -> Result<Commit, EngineError> {
    let now = engine.now();
    // Should this process be killed, they are gone in a minute.
    let write = Stored { record, expires: now.after(Duration::from_mins(1)), owner: Owner::GUEST };
    engine.commit(key, expect, write, now)
}

fn measure(engine: &dyn Engine, bytes: usize, threads: usize) -> Result<Line, EngineError> {
    let is_over = AtomicBool::new(false);
    let times = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| one(engine, bytes, &is_over))).collect();
        thread::sleep(EACH);
        is_over.store(true, Relaxed);
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let (mut loads, mut commits): (Vec<_>, Vec<_>) = times.into_iter().flatten().unzip();
    let rate = (loads.len() as u128 * 1000 / EACH.as_millis()).try_into().unwrap_or(u64::MAX);
    Ok(Line { bytes, threads, load: median(&mut loads), commit: median(&mut commits), rate })
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Loads and commits until it is over; how long each took.
fn one(
    engine: &dyn Engine,
    bytes: usize,
    is_over: &AtomicBool,
) -> Result<Vec<(Duration, Duration)>, EngineError> {
    let mut record = vec![0; bytes];
    fill_random(&mut record)?;
    let mut mine = Mine::begin(engine, &record)?;
    let mut times = Vec::new();
    while !is_over.load(Relaxed) {
        for (key, version) in &mut mine.sessions {
            let begun = Instant::now();
            let loaded = engine.load(key, engine.now())?;
            let load = begun.elapsed();
            let begun = Instant::now();
            // Who comes upon a session of nobody's record finds bytes that are none; nobody has its address.
            let outcome = put(engine, key, Expect::Version(*version), &record)?;
            times.push((load, begun.elapsed()));
            if let (Some(_), Commit::Stored(next)) = (loaded, outcome) {
                *version = next;
            }
        }
    }
    Ok(times)
}
