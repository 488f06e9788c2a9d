//! `holdfast top`: a store, watched on a terminal.
//!
//! ```text
//!   run ──> screen   (the terminal, given back whatever happens)
//!    ├────> history  (what was, as rates)
//!    └────> view     (how it looks)
//! ```

use std::{
    io::{self, IsTerminal},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use holdfast_core::engine::Engine;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{failure::Failure, figures::Sample, store::StoreArgument};

mod history;
mod screen;
mod view;

use history::History;
use screen::Screen;
use view::View;

/// What the keys choose from, in milliseconds.
const INTERVALS: [u64; 8] = [250, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];
/// The third: a second.
const FIRST: usize = 2;
/// A signal is noticed within this time.
const PATIENCE: Duration = Duration::from_millis(100);
/// Whoever has not ended so long after a signal reads from a terminal that is gone, which never ends.
const STUCK: Duration = Duration::from_secs(1);

/// Keys: q ends it, p pauses, + and - change the interval.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,
}

/// What somebody wants by a key.
enum Wish {
    Quit,
    Pause,
    Slower,
    Faster,
}

/// Shows until somebody has seen enough.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::Usage(
            "top: this is no terminal; holdfast stat --watch writes lines".to_owned(),
        ));
    }
    let engine = arguments.store.open()?;
    let is_over = signals()?;
    let mut history = History::begin(Sample::take(&*engine)?);
    let mut interval = FIRST;
    let mut is_paused = false;
    let mut error = None;
    let mut next = Instant::now();
    let mut screen = Screen::enter()?;
    while !is_over.load(Relaxed) {
        if !is_paused && Instant::now() >= next {
            // A server that is away may come back.
            error = watch(&*engine, &mut history).err().map(|error| error.to_string());
            next = Instant::now() + Duration::from_millis(INTERVALS[interval]);
        }
        let view = View {
            store: &engine.describe(),
            is_far: engine.is_far(),
            history: &history,
            interval: Duration::from_millis(INTERVALS[interval]),
            is_paused,
            error: error.as_deref(),
        };
        screen.draw(|frame| view.draw(frame))?;
        match wish(next)? {
            Some(Wish::Quit) => break,
            Some(Wish::Pause) => is_paused = !is_paused,
            Some(Wish::Slower) => interval = (interval + 1).min(INTERVALS.len() - 1),
            Some(Wish::Faster) => interval = interval.saturating_sub(1),
            None => continue,
        }
        next = next.min(Instant::now() + Duration::from_millis(INTERVALS[interval]));
    }
    Ok(())
}

fn signals() -> io::Result<Arc<AtomicBool>> {
    let is_over = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&is_over);
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            // Relaxed: nothing else hangs on it.
            noticed.store(true, Relaxed);
            thread::sleep(STUCK);
            let _ = ratatui::try_restore();
            process::exit(0);
        }
    });
    Ok(is_over)
}

fn watch(engine: &dyn Engine, history: &mut History) -> Result<(), Failure> {
    history.add(Sample::take(engine)?);
    Ok(())
}

/// What the next key means, if one is pressed before `until`, or before a signal could wait for too long. Nothing, when it
/// means nothing, or the terminal has another size.
fn wish(until: Instant) -> io::Result<Option<Wish>> {
    if !event::poll(until.saturating_duration_since(Instant::now()).min(PATIENCE))? {
        return Ok(None);
    }
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event::read()? else {
        return Ok(None);
    };
    Ok(match code {
        KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => Some(Wish::Quit),
        KeyCode::Char('q') | KeyCode::Esc => Some(Wish::Quit),
        KeyCode::Char('p' | ' ') => Some(Wish::Pause),
        KeyCode::Char('+' | '=') => Some(Wish::Slower),
        KeyCode::Char('-') => Some(Wish::Faster),
        _ => None,
    })
}
