//! `holdfast ls`: the sessions of a store, for people as a table, for programs as lines of JSON.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    ops::ControlFlow,
};

use clap::{Args, ValueEnum};
use holdfast_core::{
    survey::{Listed, Order, Query, list, page},
    time::Timestamp,
};

use crate::{failure::Failure, filter::FilterArguments, listing, store::StoreArgument};

/// Without an order, sessions are shown as they are found, and none of them is kept in memory.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    #[command(flatten)]
    filter: FilterArguments,

    /// The order; the smallest, oldest or first comes first
    #[arg(long, value_name = "BY", value_enum)]
    sort: Option<Sort>,

    /// The other way round
    #[arg(long, requires = "sort")]
    reverse: bool,

    /// No more than so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sort {
    /// When the session was asked for last
    Last,
    /// When it began
    Created,
    /// When it ends
    Expires,
    /// Its bytes
    Size,
    /// Its user; guests first
    User,
    /// Where its login came from
    Address,
}

impl From<Sort> for Order {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Last => Self::LastActivity,
            Sort::Created => Self::Created,
            Sort::Expires => Self::Expires,
            Sort::Size => Self::Bytes,
            Sort::User => Self::User,
            Sort::Address => Self::Address,
        }
    }
}

/// Lists to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let filter = arguments.filter.filter()?;
    let engine = arguments.store.open()?;
    let now = engine.now();
    let limit = arguments.limit.unwrap_or(usize::MAX);
    let mut table =
        Table { out: BufWriter::with_capacity(1 << 16, out), now, json: arguments.json, is_headed: false };
    if let Some(sort) = arguments.sort {
        let query = Query { filter, order: sort.into(), descending: arguments.reverse, offset: 0, limit };
        for session in page(&*engine, &query, now)?.sessions {
            table.show(&session)?;
        }
    } else if limit > 0 {
        let mut shown = 0;
        let mut outcome = Ok(());
        list(&*engine, &filter, now, &mut |session| {
            outcome = table.show(&session);
            shown += 1;
            if outcome.is_err() || shown == limit {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        outcome?;
    }
    table.end()?;
    Ok(())
}

/// Nothing is written before the store has answered.
struct Table<W: Write> {
    out: W,
    now: Timestamp,
    json: bool,
    is_headed: bool,
}

impl<W: Write> Table<W> {
    fn show(&mut self, session: &Listed) -> io::Result<()> {
        if self.json {
            return writeln!(self.out, "{}", listing::object(session, self.now));
        }
        self.head()?;
        listing::row(&mut self.out, session, self.now)
    }

    fn head(&mut self) -> io::Result<()> {
        if self.is_headed || self.json {
            return Ok(());
        }
        self.is_headed = true;
        listing::head(&mut self.out, io::stdout().is_terminal())
    }

    /// A table without a session has a head.
    fn end(&mut self) -> io::Result<()> {
        self.head()?;
        self.out.flush()
    }
}
