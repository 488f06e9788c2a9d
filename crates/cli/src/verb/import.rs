//! `holdfast import`: what an export has, into a store that may be in use.

use std::{
    fs::{File, OpenOptions},
    io::{BufReader, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
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
    crew::{self, Errors},
    exported::{Bad, Frame, Header, Next, Reader},
    failure::Failure,
    interrupt::Interrupt,
    progress::Progress,
    store::StoreArgument,
};

/// Bytes that are read at a time.
const ROOM: usize = 1 << 20;

/// Records that were read and wait to be sent.
const WAITING: usize = 64;

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
    errors: Errors,
}

impl Counts {
    fn done(&self) -> u64 {
        let done = [&self.imported, &self.same, &self.newer, &self.over];
        done.iter().map(|count| count.load(Relaxed)).sum::<u64>() + self.errors.count()
    }

    fn note(&self, outcome: Result<Outcome, EngineError>) {
        let counter = match self.errors.sift(outcome) {
            Some(Outcome::Imported) => &self.imported,
            Some(Outcome::Same) => &self.same,
            Some(Outcome::Newer) => &self.newer,
            Some(Outcome::Over) => &self.over,
            None => return,
        };
        counter.fetch_add(1, Relaxed);
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

    let Counts { imported, same, newer, over, errors } = &counts;
    let [imported, same, newer, over] = [imported, same, newer, over].map(|count| count.load(Relaxed));
    let failed = errors.count();
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
    match (errors.take_first(), bad) {
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
        while reader.frames() < frames && !interrupt.is_asked() && !counts.errors.are_hopeless() {
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
    let work = |Sent { key, owner, ends, record }| {
        counts.note(put(store, Frame { key, owner, ends, record: &record }));
    };
    crew::share(WAITING, work, |found| {
        each(&mut |frame| {
            let Frame { key, owner, ends, record } = frame;
            let _ = found.send(Sent { key, owner, ends, record: record.to_vec() });
        })
    })
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
