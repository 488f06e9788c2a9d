//! `holdfast rm`: sessions are ended, after a question. Whoever has one is a guest at the next request.

use std::{
    collections::HashSet,
    io::{self, BufRead, IsTerminal, Write},
    ops::ControlFlow,
    sync::Arc,
};

use clap::Args;
use holdfast_core::{
    engine::Engine,
    record::Handle,
    session::{end_by_handles, end_of_user},
    store::Store,
    survey::{Filter, Listed, list},
};

use crate::{
    failure::Failure, filter::FilterArguments, interrupt::Interrupt, listing, named, progress::Progress,
    shown::escaped, store::StoreArgument,
};

/// So many of the sessions that would be ended are shown before the question.
const SHOWN: usize = 10;

/// What is remembered of the logins of these sessions goes with them, so that no browser is known again.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    /// The sessions' handles, or their first digits, 6 at least
    #[arg(value_name = "HANDLE", conflicts_with_all = ["user", "guests", "members", "idle", "larger", "from", "search"])]
    handles: Vec<String>,

    #[command(flatten)]
    filter: FilterArguments,

    /// Don't ask
    #[arg(long, short)]
    yes: bool,
}

/// What shall be ended: counted, and the first of them.
#[derive(Default)]
struct Doomed {
    handles: HashSet<Handle>,
    first: Vec<Listed>,
}

impl Doomed {
    fn add(&mut self, session: Listed) {
        if self.handles.insert(session.handle) && self.first.len() < SHOWN {
            self.first.push(session);
        }
    }

    fn of_filter(engine: &dyn Engine, filter: &Filter) -> Result<Self, Failure> {
        let mut doomed = Self::default();
        list(engine, filter, engine.now(), &mut |session| {
            doomed.add(session);
            ControlFlow::Continue(())
        })?;
        Ok(doomed)
    }
}

/// Asks and ends, and tells `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let Arguments { store, handles, filter, yes } = arguments;
    if handles.is_empty() && filter.is_empty() {
        return Err(Failure::Usage("rm: say which sessions: by handle, --user or another filter".to_owned()));
    }
    if !yes && !io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "rm: there is no terminal to ask at; add --yes to end the sessions".to_owned(),
        ));
    }
    let wanted = filter.filter()?;
    let engine = store.open()?;
    let mut doomed = Doomed::default();
    if handles.is_empty() {
        doomed = Doomed::of_filter(&*engine, &wanted)?;
    } else {
        for session in named::sessions(&*engine, handles)? {
            doomed.add(session);
        }
    }
    // The devices of a user whose sessions are over can still be remembered.
    let user = filter.user.as_ref().filter(|_| filter.is_user_at_most()).and(wanted.user.as_deref());
    if doomed.handles.is_empty() && user.is_none() {
        writeln!(out, "no session is like that; nothing was ended")?;
        return Ok(());
    }
    if !yes && !agreed(&doomed, user, &*engine, out)? {
        writeln!(out, "nothing was ended")?;
        return Ok(());
    }
    end(engine, &doomed, user, out)
}

fn agreed(
    doomed: &Doomed,
    user: Option<&[u8]>,
    engine: &dyn Engine,
    out: &mut dyn Write,
) -> Result<bool, Failure> {
    let mut out = out;
    let count = doomed.handles.len();
    if count > 0 {
        listing::head(&mut out, io::stdout().is_terminal())?;
    }
    for session in &doomed.first {
        listing::row(&mut out, session, engine.now())?;
    }
    if count > SHOWN {
        writeln!(out, "... and {} more", count - SHOWN)?;
    }
    match user {
        Some(user) => write!(
            out,
            "End all sessions of user {} ({count}), and what is remembered of their logins? [y/N] ",
            escaped(user)
        )?,
        None if count == 1 => write!(out, "End this session? [y/N] ")?,
        None => write!(out, "End these {count} sessions? [y/N] ")?,
    }
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn end(
    engine: Arc<dyn Engine>,
    doomed: &Doomed,
    user: Option<&[u8]>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let store = Store::new(engine)?;
    let ended = if let Some(user) = user {
        end_of_user(&store, user)?
    } else {
        let interrupt = Interrupt::listen()?;
        let mut progress = Progress::new(doomed.handles.len() as u64);
        end_by_handles(&store, &doomed.handles, &mut |records| {
            progress.at(records);
            if interrupt.is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?
    };
    let over = (doomed.handles.len() as u64).saturating_sub(ended);
    let s = if ended == 1 { "" } else { "s" };
    write!(out, "ended {ended} session{s}")?;
    match (user, over) {
        (Some(user), _) => writeln!(out, " of user {}", escaped(user))?,
        (None, 0) => writeln!(out)?,
        (None, over) => writeln!(out, "; {over} were over already or are left")?,
    }
    Ok(())
}
