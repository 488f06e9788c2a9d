//! `holdfast import-files`: the sessions of PHP's own `files` handler into a store, while the site runs.

mod found;
mod stamp;

use std::{
    collections::HashSet,
    fs,
    io::Write,
    ops::ControlFlow,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use clap::Args;
use holdfast_core::{
    codec::{
        php_session::{Format, root_of},
        root::Root,
    },
    engine::Owner,
    key::Key,
    record::Body,
    session::{Id, Lifetimes, TakenOver, Visit, is_untouched, take_over},
    store::Store,
    time::Timestamp,
};

use crate::{
    failure::Failure,
    interrupt::Interrupt,
    progress::Progress,
    store::{StoreArgument, own_user},
};
use found::{Content, Named};
use stamp::{Run, Stamp};

/// Our serializer, as `session.serialize_handler` names it.
const OURS: &str = "holdfast";

/// How long requests are waited for that have a session open.
const PATIENCE: Duration = Duration::from_secs(2);

/// So much may lie between the clock that stamps files and the one that is read.
const ACCURACY: Duration = Duration::from_millis(20);

/// After so many errors one after the other the rest would fail as well.
const HOPELESS: u64 = 8;

/// Enough for what a record of an unused session tells of itself.
const BEGINNING: usize = 512;

/// See docs/command.md for the steps of a switch. It can be run again and again.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    /// The directory of session.save_path
    directory: PathBuf,

    /// session.name, the name of the cookie
    #[arg(long, value_name = "NAME", default_value = "PHPSESSID")]
    session_name: String,

    /// session.serialize_handler as it is: what wrote the files
    #[arg(long, value_name = "NAME", default_value = "php")]
    format: String,

    /// session.serialize_handler as it will be: holdfast, or the same as --format
    #[arg(long, value_name = "NAME", default_value = OURS)]
    serializer: String,

    /// session.gc_maxlifetime: files that are older are none
    #[arg(long, value_name = "SECONDS", default_value_t = 1440, value_parser = clap::value_parser!(u32).range(1..))]
    lifetime: u32,

    /// Also end what an earlier run has imported, nobody has used since, and has no file any more: its visitor has logged out
    #[arg(long)]
    end_missing: bool,
}

/// What became of the files.
#[derive(Debug, Default)]
struct Counts {
    begun: u64,
    renewed: u64,
    same: u64,
    newer: u64,
    over: u64,
    empty: u64,
    not_ours: u64,
    in_use: u64,
    failed: u64,
    ended: u64,
    in_a_row: u64,
    first_error: Option<String>,
}

impl Counts {
    const fn done(&self) -> u64 {
        self.begun
            + self.renewed
            + self.same
            + self.newer
            + self.over
            + self.empty
            + self.not_ours
            + self.failed
    }

    /// A file's name is the visitor's id, so it is named by its number.
    fn fail(&mut self, path: &Path, what: &dyn std::fmt::Display) {
        self.failed += 1;
        self.in_a_row += 1;
        self.first_error.get_or_insert_with(|| {
            let number = fs::symlink_metadata(path).map_or(0, |metadata| metadata.ino());
            format!("the file with the inode {number} (find -inum): {what}")
        });
    }
}

/// How files become sessions.
struct Import<'a> {
    visit: Visit,
    origin: Vec<u8>,
    /// When the run began, by the wall clock.
    begun: SystemTime,
    /// The run before this one.
    before: Option<Run>,
    lifetime: Duration,
    serializer: &'a str,
    format: Option<Format>,
    user: u32,
    /// The addresses of all files that may be sessions; only where they are needed.
    met: Option<HashSet<Key>>,
}

/// Imports, and writes the verdict to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let begun = Instant::now();
    let Arguments { directory, format, serializer, session_name, .. } = arguments;
    let known = Format::named(format);
    if serializer == OURS && known.is_none() {
        return Err(Failure::Usage(format!(
            "--format: {format} is none of php, php_serialize and php_binary; sessions of another serializer can be kept as \
             they are only, by --serializer {format}"
        )));
    }
    if serializer != OURS && serializer != format {
        return Err(Failure::Usage(format!(
            "--serializer: sessions that {format} wrote are for {format} or for {OURS}, not for {serializer}"
        )));
    }
    if serializer.is_empty() || serializer.len() > 255 || session_name.is_empty() {
        return Err(Failure::Usage("a name is empty or too long".to_owned()));
    }
    let trouble = |error: std::io::Error| Failure::File(format!("{}: {error}", directory.display()));
    let place = fs::canonicalize(directory).map_err(trouble)?;
    let user = own_user();
    // Before a store is made.
    let open = || fs::read_dir(&place).map_err(trouble);
    drop(open()?);
    let interrupt = Interrupt::listen()?;
    let store = Store::new(arguments.store.open_or_make()?)?;
    let stamp = Stamp::of(store.secret(), session_name, &place);
    let lifetime = Duration::from_secs(arguments.lifetime.into());
    let visit = Visit {
        now: store.engine().now(),
        store: store.clone(),
        cookie_name: session_name.clone(),
        lifetimes: Lifetimes::idle(lifetime),
    };
    let wall = Timestamp::wall();
    let mut import = Import {
        visit,
        origin: stamp.origin(),
        begun: SystemTime::now(),
        before: stamp.read(store.engine())?,
        lifetime,
        serializer,
        format: known,
        user,
        met: arguments.end_missing.then(HashSet::new),
    };
    let mut counts = Counts::default();
    let walked = import.all(&open, &mut counts, &interrupt, trouble);
    let is_whole =
        walked.is_ok() && !interrupt.is_asked() && counts.failed + counts.in_use == 0 && counts.in_a_row == 0;
    let mut ended = Ok(());
    if is_whole {
        ended = import.end_missing(&mut counts);
        if ended.is_ok() {
            stamp.write(store.engine(), Run { begun: wall, lifetime: arguments.lifetime })?;
        }
    }
    writeln!(
        out,
        "imported {} sessions in {:.1} s; changed since {}, as before {}, newer or ended in the store {}, expired {}, \
         without variables {}, in use {}, not of this user {}, failed {}, ended {}",
        counts.begun,
        begun.elapsed().as_secs_f64(),
        counts.renewed,
        counts.same,
        counts.newer,
        counts.over,
        counts.empty,
        counts.in_use,
        counts.not_ours,
        counts.failed,
        counts.ended,
    )?;
    walked?;
    ended?;
    if interrupt.is_asked() {
        return Err(Failure::Stopped(
            "interrupted; the store is in order, and the same command goes on where it stopped".to_owned(),
        ));
    }
    match counts.first_error {
        Some(error) => {
            Err(Failure::Partly(format!("{} files were not imported; the first: {error}", counts.failed)))
        }
        None if counts.in_use > 0 => Err(Failure::Partly(format!(
            "{} sessions were open in requests all the time; run it again",
            counts.in_use
        ))),
        None => Ok(()),
    }
}

impl Import<'_> {
    fn all(
        &mut self,
        open: &dyn Fn() -> Result<fs::ReadDir, Failure>,
        counts: &mut Counts,
        interrupt: &Interrupt,
        trouble: impl Fn(std::io::Error) -> Failure,
    ) -> Result<(), Failure> {
        let mut total = 0;
        if Progress::is_seen() {
            let count = &mut |_| {
                total += 1;
                ControlFlow::Continue(())
            };
            let _ = found::walk(open()?, count).map_err(&trouble)?;
        }
        let mut progress = Progress::new(total);
        let mut later = Vec::new();
        let walked = found::walk(open()?, &mut |named| {
            if self.one(&named, counts) {
                later.push(named);
            }
            progress.at(counts.done());
            if interrupt.is_asked() || counts.in_a_row >= HOPELESS {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let _ = walked.map_err(&trouble)?;
        let until = Instant::now() + PATIENCE;
        while !later.is_empty() && Instant::now() < until && !interrupt.is_asked() {
            thread::sleep(Duration::from_millis(20));
            later.retain(|named| self.one(named, counts));
        }
        counts.in_use = later.len() as u64;
        Ok(())
    }

    /// Takes one file over; true when it is to be tried again.
    fn one(&mut self, named: &Named, counts: &mut Counts) -> bool {
        let id = Id::Chosen(named.id.as_slice().into());
        if let Some(met) = &mut self.met {
            met.insert(self.visit.key(&id));
        }
        let (used, data) = match found::read(&named.path, self.user) {
            Ok(Content::Session { used, data }) => (used, data),
            Ok(Content::InUse) => return true,
            Ok(Content::NotOurs) => {
                counts.not_ours += 1;
                return false;
            }
            Err(error) => {
                counts.fail(&named.path, &error);
                return false;
            }
        };
        let age = SystemTime::now().duration_since(used).unwrap_or_default();
        if age >= self.lifetime {
            counts.over += 1;
        } else if self.is_taken(used) {
            counts.same += 1;
        } else {
            self.take(named, &id, age, &data, counts);
        }
        false
    }

    /// Has a run before this one taken it as it is?
    fn is_taken(&self, used: SystemTime) -> bool {
        let Some(Run { begun, lifetime }) = self.before else { return false };
        let begun = SystemTime::UNIX_EPOCH + Duration::from_millis(begun.as_millis());
        let was_alive = used + Duration::from_secs(lifetime.into()) > begun;
        was_alive && used + ACCURACY < begun && begun <= self.begun
    }

    fn take(&mut self, named: &Named, id: &Id, age: Duration, data: &[u8], counts: &mut Counts) {
        self.visit.now = self.visit.store.engine().now();
        let used = Timestamp::from_millis(
            self.visit.now.as_millis().saturating_sub(u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
        );
        let (visit, origin) = (&self.visit, &self.origin);
        let root;
        let body = match self.format {
            _ if data.is_empty() => None,
            Some(format) if self.serializer == OURS => {
                root = match root_of(format, data, visit.store.digests(), Vec::new()) {
                    Ok(root) => root,
                    Err(error) => return counts.fail(&named.path, &error),
                };
                match Root::parse(&root) {
                    Ok(root) if root.is_empty() => None,
                    Ok(root) => Some(Body::Tree(root)),
                    Err(error) => return counts.fail(&named.path, &error),
                }
            }
            _ => Some(Body::Opaque { serializer: self.serializer, data }),
        };
        let Some(body) = body else {
            counts.empty += 1;
            return;
        };
        match take_over(visit, id, used, origin, body) {
            Ok(outcome) => {
                counts.in_a_row = 0;
                *match outcome {
                    TakenOver::Begun => &mut counts.begun,
                    TakenOver::Renewed => &mut counts.renewed,
                    TakenOver::Same => &mut counts.same,
                    TakenOver::Newer => &mut counts.newer,
                } += 1;
            }
            Err(error) => counts.fail(&named.path, &error),
        }
    }

    /// Ends what came from this directory, was not used since, and is not there any more.
    fn end_missing(&self, counts: &mut Counts) -> Result<(), Failure> {
        let Some(met) = &self.met else { return Ok(()) };
        let engine = self.visit.store.engine();
        let now = engine.now();
        let mut missing = Vec::new();
        engine.survey(now, BEGINNING, &mut |surveyed| {
            let summary = surveyed.summary;
            if summary.owner == Owner::GUEST
                && !met.contains(&summary.key)
                && surveyed.record.is_some_and(|record| is_untouched(record, summary.expires, &self.origin))
            {
                missing.push((summary.key, summary.version));
            }
            ControlFlow::Continue(())
        })?;
        for (key, version) in missing {
            counts.ended += u64::from(engine.destroy_version(&key, version, now)?);
        }
        Ok(())
    }
}
