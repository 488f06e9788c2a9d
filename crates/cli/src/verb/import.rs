//! `holdfast import`: what an export has, into a store that may be in use.

use std::{
    fs::{File, OpenOptions},
    io::{BufReader, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, sync_channel},
    },
    thread,
    time::Instant,
};

use clap::Args;
use holdfast_core::{
    engine::{Commit, Engine, EngineError, Expect, Owner, Write as Stored},
    key::Key,
    time::Timestamp,
};
use rustix::fs::OFlags;

use crate::{
    exported::{Bad, Frame, Header, Next, Reader},
    failure::Failure,
    interrupt::Interrupt,
    progress::Progress,
    store::StoreArgument,
};

/// Bytes that are read at a time.
const ROOM: usize = 1 << 20;

/// Records that are on their way at the same time, to a store that is far.
const AT_ONCE: usize = 4;

/// Records that were read and wait to be sent.
const WAITING: usize = 64;

/// After so many errors one after the other the rest would fail as well.
const HOPELESS: u64 = 8;

/// What the store has is never overwritten, so it can be run again and again.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    /// What holdfast export has written
    file: PathBuf,

    /// Of a file that is damaged or cut off, import the records before that
    #[arg(long)]
    partial: bool,
}

#[derive(Default)]
struct Counts {
    imported: AtomicU64,
    same: AtomicU64,
    newer: AtomicU64,
    over: AtomicU64,
    failed: AtomicU64,
    in_a_row: AtomicU64,
    first_error: Mutex<Option<EngineError>>,
}

impl Counts {
    fn done(&self) -> u64 {
        [&self.imported, &self.same, &self.newer, &self.over, &self.failed]
            .iter()
            .map(|count| count.load(Relaxed))
            .sum()
    }

    fn note(&self, outcome: Result<Outcome, EngineError>) {
        let counter = match outcome {
            Ok(Outcome::Imported) => &self.imported,
            Ok(Outcome::Same) => &self.same,
            Ok(Outcome::Newer) => &self.newer,
            Ok(Outcome::Over) => &self.over,
            Err(error) => {
                self.in_a_row.fetch_add(1, Relaxed);
                self.first_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                self.failed.fetch_add(1, Relaxed);
                return;
            }
        };
        self.in_a_row.store(0, Relaxed);
        counter.fetch_add(1, Relaxed);
    }

    fn is_hopeless(&self) -> bool {
        self.in_a_row.load(Relaxed) >= HOPELESS
    }
}

enum Outcome {
    Imported,
    /// The very record is there.
    Same,
    /// Something else is there: what the site made of it, or the memory of an end.
    Newer,
    /// Its time is over.
    Over,
}

/// A frame on its way to a thread.
struct Sent {
    key: Key,
    owner: Owner,
    ends: Timestamp,
    record: Vec<u8>,
}

/// Imports, and writes the verdict to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let begun = Instant::now();
    let path = &arguments.file;
    let interrupt = Interrupt::listen()?;
    let mut file = opened(path)?;
    // Before the store is touched.
    let (header, frames, bad) = checked(path, &file, &interrupt)?;
    if let Some(bad) = &bad
        && !arguments.partial
    {
        return Err(Failure::File(format!(
            "{}: {bad}; nothing was imported; with --partial the {frames} records before it are",
            path.display()
        )));
    }
    let store = arguments.store.open_or_make()?;
    if store.adopt_secret(&header.secret)? != header.secret {
        return Err(Failure::File(format!(
            "{} has sessions of its own, under another secret than {}: imported ids would not be known there; name an empty \
             store (another prefix=, path or database)",
            store.describe(),
            path.display()
        )));
    }
    file.rewind().map_err(|error| trouble(path, &error))?;
    let counts = Counts::default();
    let read = import(&*store, path, &file, frames, &counts, &interrupt);

    let Counts { imported, same, newer, over, failed, .. } = &counts;
    let [imported, same, newer, over, failed] =
        [imported, same, newer, over, failed].map(|count| count.load(Relaxed));
    writeln!(
        out,
        "imported {imported} records in {:.1} s; there already {same}, newer or ended there {newer}, over {over}, failed {failed}",
        begun.elapsed().as_secs_f64(),
    )?;
    read?;
    if interrupt.is_asked() {
        return Err(Failure::Stopped(
            "interrupted; the store is in order, and the same command goes on where it stopped".to_owned(),
        ));
    }
    let first = counts.first_error.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (first, bad) {
        (Some(first), _) => Err(Failure::Partly(format!(
            "{failed} records were not imported; run it again when this is mended: {first}"
        ))),
        (None, Some(bad)) => Err(Failure::Partly(format!("{}: {bad}; the rest is lost", path.display()))),
        (None, None) => Ok(()),
    }
}

fn trouble(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::File(format!("{}: {error}", path.display()))
}

fn opened(path: &Path) -> Result<File, Failure> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = file.map_err(|error| trouble(path, &error))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        Ok(file)
    } else {
        Err(Failure::File(format!("{} is no file", path.display())))
    }
}

/// Reads all of a file: its header, how many good records it has, and what is wrong behind them.
fn checked(path: &Path, file: &File, interrupt: &Interrupt) -> Result<(Header, u64, Option<Bad>), Failure> {
    let (mut reader, header) =
        Reader::open(BufReader::with_capacity(ROOM, file)).map_err(|bad| trouble(path, &bad))?;
    loop {
        match reader.next() {
            Ok(Next::Frame(_)) => {}
            Ok(Next::End) => return Ok((header, reader.frames(), None)),
            Err(bad @ (Bad::Cut { .. } | Bad::Damaged { .. })) => {
                return Ok((header, reader.frames(), Some(bad)));
            }
            Err(bad) => return Err(trouble(path, &bad)),
        }
        if interrupt.is_asked() {
            return Err(Failure::Stopped("interrupted; nothing was imported".to_owned()));
        }
    }
}

fn import(
    store: &dyn Engine,
    path: &Path,
    file: &File,
    frames: u64,
    counts: &Counts,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let (mut reader, _) =
        Reader::open(BufReader::with_capacity(ROOM, file)).map_err(|bad| trouble(path, &bad))?;
    let mut progress = Progress::new(frames);
    let mut each = |put: &mut dyn FnMut(Frame<'_>)| {
        while reader.frames() < frames && !interrupt.is_asked() && !counts.is_hopeless() {
            match reader.next().map_err(|bad| trouble(path, &bad))? {
                Next::Frame(frame) => put(frame),
                Next::End => break,
            }
            progress.at(counts.done());
        }
        Ok(())
    };
    if !store.is_far() {
        return each(&mut |frame| {
            counts.note(put(store, frame));
        });
    }
    let (found, waiting) = sync_channel::<Sent>(WAITING);
    let waiting = Mutex::new(waiting);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| put_all(store, &waiting, counts));
        }
        // Dropped at the end, which ends the threads.
        let found = found;
        each(&mut |frame| {
            let Frame { key, owner, ends, record } = frame;
            let _ = found.send(Sent { key, owner, ends, record: record.to_vec() });
        })
    })
}

fn put_all(store: &dyn Engine, waiting: &Mutex<Receiver<Sent>>, counts: &Counts) {
    loop {
        // The mutex is held while waiting: only one of those who have nothing to do waits for the channel.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Sent { key, owner, ends, record }) = next else { return };
        counts.note(put(store, Frame { key, owner, ends, record: &record }));
    }
}

fn put(store: &dyn Engine, frame: Frame<'_>) -> Result<Outcome, EngineError> {
    let (now, wall) = (store.now(), Timestamp::wall());
    let expires = match frame.ends {
        Timestamp::NEVER => Timestamp::NEVER,
        ends if ends <= wall => return Ok(Outcome::Over),
        ends => now.after(ends.since(wall)),
    };
    let write = Stored { record: frame.record, expires, owner: frame.owner };
    Ok(match store.commit(&frame.key, Expect::Absent, write, now)? {
        Commit::Stored(_) => Outcome::Imported,
        Commit::Conflict(there) if there.record == frame.record => Outcome::Same,
        Commit::Conflict(_) | Commit::Gone => Outcome::Newer,
    })
}
