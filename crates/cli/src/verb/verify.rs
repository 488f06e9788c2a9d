//! `holdfast verify`: is every record what it should be?

use std::{collections::BTreeMap, io::Write, ops::ControlFlow, time::Instant};

use clap::Args;
use holdfast_core::{
    record::Kind,
    survey::{Checked, Damage, check},
};
use serde_json::json;

use crate::{failure::Failure, interrupt::Interrupt, progress::Progress, store::StoreArgument};

/// Damaged records that are named; of more, the number.
const NAMED: usize = 1000;

/// Nothing is changed, but for what every reader of a shared file does with damage in its structure: it is repaired.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    /// The result as one line of JSON
    #[arg(long)]
    json: bool,
}

/// A damaged record.
struct Found {
    /// The first digits of its address.
    address: String,
    damage: Damage,
}

/// Verifies, and writes the verdict to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let begun = Instant::now();
    let store = arguments.store.open()?;
    let secret = store.secret()?;
    let interrupt = Interrupt::listen()?;
    let before = store.stats()?;
    let mut progress = Progress::new(before.sessions);
    let mut kinds: BTreeMap<&str, u64> = NAMES.iter().map(|name| (*name, 0)).collect();
    let mut named: Vec<Found> = Vec::new();
    let (mut records, mut damaged) = (0, 0);
    store.survey(store.now(), usize::MAX, &mut |surveyed| {
        records += 1;
        match check(&secret, &surveyed) {
            Ok(checked) => *kinds.entry(name(checked)).or_default() += 1,
            Err(damage) => {
                damaged += 1;
                if named.len() < NAMED {
                    let address = surveyed.summary.key.beginning();
                    named.push(Found { address, damage });
                }
            }
        }
        progress.at(records);
        if interrupt.is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    drop(progress);
    let after = store.stats()?;
    // What a reader drops, and the site may have met it at the same time.
    let (dropped, repairs) =
        (after.damaged.saturating_sub(before.damaged), after.repairs.saturating_sub(before.repairs));
    let seconds = begun.elapsed().as_secs_f64();
    if arguments.json {
        let whole = !interrupt.is_asked();
        write_json(out, &kinds, &named, &Totals { records, damaged, dropped, repairs, seconds, whole })?;
    } else {
        for Found { address, damage } in &named {
            let handle = damage.handle.map_or_else(String::new, |handle| format!(" (session {handle})"));
            writeln!(out, "damaged: address {address}..{handle}: {}", damage.what)?;
        }
        let kinds: Vec<String> = kinds
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        writeln!(
            out,
            "looked at {records} records in {seconds:.1} s{}{}; damaged {damaged}",
            if kinds.is_empty() { "" } else { ": " },
            kinds.join(", ")
        )?;
        if dropped + repairs > 0 {
            writeln!(out, "the store dropped {dropped} damaged records meanwhile, in {repairs} repairs")?;
        }
    }
    if interrupt.is_asked() {
        return Err(Failure::Stopped("interrupted; not all records were looked at".to_owned()));
    }
    if damaged + dropped > 0 {
        return Err(Failure::Partly(format!(
            "{} records are damaged; whoever brings their ids gets a new session",
            damaged + dropped
        )));
    }
    Ok(())
}

struct Totals {
    records: u64,
    damaged: u64,
    dropped: u64,
    repairs: u64,
    seconds: f64,
    whole: bool,
}

fn write_json(
    out: &mut dyn Write,
    kinds: &BTreeMap<&str, u64>,
    named: &[Found],
    totals: &Totals,
) -> Result<(), Failure> {
    let list: Vec<_> = named
        .iter()
        .map(|Found { address, damage }| {
            json!({
                "address": address,
                "handle": damage.handle.map(|handle| handle.to_string()),
                "what": damage.what,
            })
        })
        .collect();
    let result = json!({
        "records": totals.records,
        "kinds": kinds,
        "damaged": totals.damaged,
        "damaged_records": list,
        "dropped_meanwhile": totals.dropped,
        "repairs_meanwhile": totals.repairs,
        "whole": totals.whole,
        "seconds": totals.seconds,
    });
    writeln!(out, "{result}")?;
    Ok(())
}

const NAMES: [&str; 10] = [
    "sessions",
    "opaque_sessions",
    "ended",
    "moved",
    "users",
    "aliases",
    "remembered",
    "throttle_pages",
    "elsewhere",
    "other",
];

const fn name(checked: Checked) -> &'static str {
    match checked {
        Checked::Record(Kind::Tree) => NAMES[0],
        Checked::Record(Kind::Opaque) => NAMES[1],
        Checked::Record(Kind::Ended) => NAMES[2],
        Checked::Record(Kind::Moved) => NAMES[3],
        Checked::Record(Kind::User) => NAMES[4],
        Checked::Record(Kind::Alias) => NAMES[5],
        Checked::Record(Kind::Remembered) => NAMES[6],
        Checked::Throttle => NAMES[7],
        Checked::Elsewhere => NAMES[8],
        Checked::Other => NAMES[9],
    }
}
