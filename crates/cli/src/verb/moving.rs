//! `holdfast move`: all sessions of one store into another, beside a site that uses both.

use std::{
    io::Write,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use clap::Args;
use holdfast_core::engine::{
    Engine, EngineError,
    migrating::{Brought, MigratingEngine, is_underway},
};

use crate::{
    crew::{self, Errors},
    failure::Failure,
    interrupt::Interrupt,
    progress::Progress,
    store,
};

/// Sessions that were found and wait to be moved.
const WAITING: usize = 256;

/// Rounds until nothing new turns up in the old store.
const ROUNDS: u32 = 10;

/// See docs/scaling.md for the three steps of a move.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The store that the sessions are in, as it stands in holdfast.store
    #[arg(long, value_name = "DSN", env = "HOLDFAST_FROM", hide_env_values = true)]
    from: String,

    /// The store that they go to: an empty one, or one that a move was begun to
    #[arg(long, value_name = "DSN", env = "HOLDFAST_TO", hide_env_values = true)]
    to: String,

    /// No PHP process uses the old store until it has the new one: move without asking whether the site knows of it
    #[arg(long)]
    offline: bool,
}

/// What became of the records.
#[derive(Debug, Default)]
struct Counts {
    moved: AtomicU64,
    other: AtomicU64,
    ended: AtomicU64,
    errors: Errors,
}

impl Counts {
    fn note(&self, outcome: Result<Brought, EngineError>) {
        let counter = match self.errors.sift(outcome) {
            Some(Brought::Moved { .. }) => &self.moved,
            Some(Brought::Other) => &self.other,
            Some(Brought::Nothing) => &self.ended,
            None => return,
        };
        counter.fetch_add(1, Relaxed);
    }

    fn done(&self) -> u64 {
        let done = [&self.moved, &self.other, &self.ended];
        done.iter().map(|count| count.load(Relaxed)).sum::<u64>() + self.errors.count()
    }
}

/// Moves, and writes the verdict to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let begun = Instant::now();
    let (from, to) = (store::named("--from", &arguments.from)?, store::named("--to", &arguments.to)?);
    if from == to {
        return Err(Failure::Usage("--from and --to are the same store".to_owned()));
    }
    store::must_exist("--from", &from)?;
    let old = from.open()?;
    if !arguments.offline && !is_underway(&*old)? {
        return Err(Failure::Unsafe(format!(
            "no PHP process knows yet that the sessions of {} are moved, so visitors would get errors: set \
             holdfast.store = \"migrating:?from=...&to=...\", reload PHP, open a page, and run this again (or with \
             --offline, if no PHP runs that uses this store)",
            old.describe()
        )));
    }
    let stores = MigratingEngine::open(old, to.open()?)?;
    let interrupt = Interrupt::listen()?;
    let counts = Counts::default();
    let is_over = AtomicBool::new(false);
    let listed = move_all(&stores, &counts, &interrupt, &is_over);

    let Counts { moved, other, ended, errors } = &counts;
    let left = if listed.is_ok() && !is_over.load(Relaxed) { Some(count(&stores)?) } else { None };
    write!(
        out,
        "moved {} records in {:.1} s; newer there {}, ended meanwhile {}, failed {}",
        moved.load(Relaxed),
        begun.elapsed().as_secs_f64(),
        other.load(Relaxed),
        ended.load(Relaxed),
        errors.count(),
    )?;
    match left {
        Some(0) => writeln!(out, "; nothing is left in the old store")?,
        Some(left) => writeln!(out, "; {left} are left in the old store")?,
        None => writeln!(out)?,
    }
    listed?;
    if interrupt.is_asked() {
        return Err(Failure::Interrupted);
    }
    match errors.take_first() {
        Some(first) => Err(Failure::Incomplete { failed: errors.count(), first }),
        None => Ok(()),
    }
}

/// Round after round until one finds nothing: what was begun in the old store beside the first round is found by the next.
fn move_all(
    stores: &MigratingEngine,
    counts: &Counts,
    interrupt: &Interrupt,
    is_over: &AtomicBool,
) -> Result<(), EngineError> {
    let total = if Progress::is_seen() { count(stores)? } else { 0 };
    let mut progress = Progress::new(total);
    let mut done = 0;
    for _ in 0..ROUNDS {
        one_round(stores, counts, interrupt, is_over, &mut progress)?;
        if is_over.load(Relaxed) || counts.errors.count() > 0 || counts.done() == done {
            break;
        }
        done = counts.done();
    }
    Ok(())
}

fn one_round(
    stores: &MigratingEngine,
    counts: &Counts,
    interrupt: &Interrupt,
    is_over: &AtomicBool,
    progress: &mut Progress,
) -> Result<(), EngineError> {
    crew::share(
        WAITING,
        |key| counts.note(stores.bring(&key, stores.now())),
        |found| {
            stores.visit_old(stores.now(), &mut |summary| {
                progress.at(counts.done());
                if interrupt.is_asked() || counts.errors.are_hopeless() {
                    is_over.store(true, Relaxed);
                    return ControlFlow::Break(());
                }
                match found.send(summary.key) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            })
        },
    )
}

fn count(stores: &MigratingEngine) -> Result<u64, EngineError> {
    let mut count = 0;
    stores.visit_old(stores.now(), &mut |_| {
        count += 1;
        ControlFlow::Continue(())
    })?;
    Ok(count)
}
