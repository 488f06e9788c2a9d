//! `holdfast export`: everything in a store as one file.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, IsTerminal, Seek, SeekFrom, Write},
    ops::ControlFlow,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Instant,
};

use clap::Args;
use holdfast_core::{
    engine::{Engine, Owner, Surveyed, migrating::is_underway},
    key::Key,
    record::ELSEWHERE,
    time::Timestamp,
};
use rustix::fs::OFlags;

use crate::{
    exported::{Bad, Frame, Header, Next, Reader, Writer},
    failure::Failure,
    interrupt::Interrupt,
    progress::Progress,
    store::StoreArgument,
};

/// Bytes that are written at a time.
const ROOM: usize = 1 << 20;

/// The file has the store's secret in it: whoever has it can make ids. Keep it like a password.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    /// Where to: a file that is not there yet, or - for stdout
    file: PathBuf,

    /// Go on with a file that an export which was interrupted has left
    #[arg(long)]
    resume: bool,
}

/// The first half of an address: enough to know it again.
type Known = HashSet<[u8; 16]>;

fn first_half(key: &Key) -> [u8; 16] {
    key.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// What the export came to.
#[derive(Default)]
struct Counts {
    written: u64,
    there: u64,
    damaged: u64,
}

/// Exports, and writes the verdict to `out`; where the export goes to stdout, to stderr.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let begun = Instant::now();
    let is_stdout = arguments.file.as_os_str() == "-";
    if is_stdout && arguments.resume {
        return Err(Failure::Usage("--resume: takes a file, which stdout is not".to_owned()));
    }
    if is_stdout && io::stdout().is_terminal() {
        return Err(Failure::Usage("-: stdout is a terminal; name a file, or pipe it".to_owned()));
    }
    let store = arguments.store.open()?;
    if is_underway(&*store)? {
        return Err(Failure::Unsafe(format!(
            "the sessions of {} are being moved to another store: let the move end, and export that one",
            store.describe()
        )));
    }
    let header = Header { begun: Timestamp::wall(), secret: store.secret()? };
    let interrupt = Interrupt::listen()?;
    let mut known = Known::new();
    let (counts, bytes) = if is_stdout {
        let writer = Writer::begin(BufWriter::with_capacity(ROOM, io::stdout().lock()), &header);
        let failed = |error| Failure::File(format!("writing to stdout failed: {error}"));
        let mut writer = writer.map_err(failed)?;
        let counts = write_all(&*store, &mut writer, &known, &interrupt, &failed)?;
        if interrupt.is_asked() {
            return Err(Failure::Stopped("interrupted; what was written is no whole export".to_owned()));
        }
        writer.end(Timestamp::wall()).map_err(failed)?;
        let bytes = writer.bytes();
        writer.into_inner().map_err(failed)?;
        (counts, bytes)
    } else {
        let path = &arguments.file;
        let failed = |error| trouble(path, &error);
        let file = if arguments.resume { reopened(path)? } else { made(path)? };
        let mut writer = match begun_before(path, &file, &header, &mut known)? {
            Begun::Whole(frames) => {
                writeln!(out, "{} is whole, with {frames} records; nothing to do", path.display())?;
                return Ok(());
            }
            Begun::Nothing => Writer::begin(BufWriter::with_capacity(ROOM, file), &header).map_err(failed)?,
            Begun::Part { offset, frames } => {
                Writer::resume(BufWriter::with_capacity(ROOM, file), offset, frames)
            }
        };
        let counts = write_all(&*store, &mut writer, &known, &interrupt, &failed)?;
        if !interrupt.is_asked() {
            writer.end(Timestamp::wall()).map_err(failed)?;
        }
        let (bytes, frames) = (writer.bytes(), writer.frames());
        let file = writer.into_inner().and_then(|file| file.into_inner().map_err(io::Error::from));
        file.and_then(|file| file.sync_all()).map_err(failed)?;
        if interrupt.is_asked() {
            return Err(Failure::Stopped(format!(
                "interrupted; {} has {frames} records, and export --resume goes on behind them",
                path.display()
            )));
        }
        (counts, bytes)
    };
    let Counts { written, there, damaged } = counts;
    let verdict = format!(
        "exported {written} records in {:.1} s; there already {there}, damaged {damaged}; {bytes} bytes",
        begun.elapsed().as_secs_f64(),
    );
    if is_stdout { writeln!(io::stderr(), "{verdict}") } else { writeln!(out, "{verdict}") }?;
    if damaged > 0 {
        return Err(Failure::Partly(format!(
            "{damaged} records are damaged and were left out; holdfast verify names them"
        )));
    }
    Ok(())
}

fn trouble(path: &Path, error: &io::Error) -> Failure {
    Failure::File(format!("{}: {error}", path.display()))
}

/// A new file, for its owner alone.
fn made(path: &Path) -> Result<File, Failure> {
    let options = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).clone();
    let file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::File(format!(
            "{} is there already: name another file, or go on with it by --resume",
            path.display()
        )),
        _ => trouble(path, &error),
    })?;
    // Its name is to be found after a loss of power, too.
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| trouble(path, &error))?;
    locked(path, file)
}

fn reopened(path: &Path) -> Result<File, Failure> {
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path);
    let file = file.map_err(|error| trouble(path, &error))?;
    let metadata = file.metadata().map_err(|error| trouble(path, &error))?;
    if !metadata.is_file() {
        return Err(Failure::File(format!("{} is no file", path.display())));
    }
    locked(path, file)
}

/// Two exports never write to one file.
fn locked(path: &Path, file: File) -> Result<File, Failure> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(Failure::File(format!("{} is being written by another export", path.display())))
        }
        Err(fs::TryLockError::Error(error)) => Err(trouble(path, &error)),
    }
}

/// What an export that was interrupted has left.
enum Begun {
    Nothing,
    Part { offset: u64, frames: u64 },
    Whole(u64),
}

/// Reads what is there, cuts off what is not whole, and stands behind it.
fn begun_before(path: &Path, file: &File, header: &Header, known: &mut Known) -> Result<Begun, Failure> {
    let failed = |error: io::Error| trouble(path, &error);
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes == 0 {
        return Ok(Begun::Nothing);
    }
    let cut = |at: u64| {
        file.set_len(at)?;
        let mut end = file;
        end.seek(SeekFrom::Start(at))
    };
    let (mut reader, theirs) = match Reader::open(BufReader::with_capacity(ROOM, file)) {
        Ok(opened) => opened,
        // Killed before all of the header was there.
        Err(Bad::Cut { .. }) => {
            cut(0).map_err(failed)?;
            return Ok(Begun::Nothing);
        }
        Err(bad) => return Err(Failure::File(format!("{}: {bad}", path.display()))),
    };
    if theirs.secret != header.secret {
        return Err(Failure::File(format!(
            "{} is an export of another store, or of one that was begun anew since",
            path.display()
        )));
    }
    let mut progress = Progress::new(0);
    loop {
        match reader.next() {
            Ok(Next::End) => return Ok(Begun::Whole(reader.frames())),
            Ok(Next::Frame(frame)) => {
                known.insert(first_half(&frame.key));
                progress.at(known.len() as u64);
            }
            Err(Bad::Io(error)) => return Err(trouble(path, &error)),
            Err(_) => break,
        }
    }
    let (offset, frames) = (reader.offset(), reader.frames());
    drop(reader);
    cut(offset).map_err(failed)?;
    Ok(Begun::Part { offset, frames })
}

/// Writes every record that is not known, until somebody interrupts.
fn write_all<W: Write>(
    store: &dyn Engine,
    writer: &mut Writer<W>,
    known: &Known,
    interrupt: &Interrupt,
    failed: &dyn Fn(io::Error) -> Failure,
) -> Result<Counts, Failure> {
    let total = if Progress::is_seen() { store.stats()?.sessions } else { 0 };
    let mut progress = Progress::new(total);
    let mut counts = Counts::default();
    let mut outcome = Ok(());
    let (now, wall) = (store.now(), Timestamp::wall());
    store.survey(now, usize::MAX, &mut |surveyed| {
        progress.at(counts.written + counts.there + counts.damaged);
        if interrupt.is_asked() {
            return ControlFlow::Break(());
        }
        let Surveyed { summary, record } = surveyed;
        let is_mark = summary.owner == Owner::SYSTEM && record.and_then(<[u8]>::first) == Some(&ELSEWHERE);
        match record {
            _ if is_mark => {}
            _ if known.contains(&first_half(&summary.key)) => counts.there += 1,
            None => counts.damaged += 1,
            Some(record) => {
                let ends = match summary.expires {
                    Timestamp::NEVER => Timestamp::NEVER,
                    expires => wall.after(expires.since(now)),
                };
                let frame = Frame { key: summary.key, owner: summary.owner, ends, record };
                if let Err(error) = writer.frame(&frame) {
                    outcome = Err(failed(error));
                    return ControlFlow::Break(());
                }
                counts.written += 1;
            }
        }
        ControlFlow::Continue(())
    })?;
    outcome.map(|()| counts)
}
