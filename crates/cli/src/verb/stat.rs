//! `holdfast stat`: the figures of a store, once or again and again.

use std::{
    io::Write,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use holdfast_core::engine::{Engine, Stats};
use serde_json::{Map, Value};

use crate::{
    failure::Failure,
    figures::{self, COUNTERS, Figure, Kind, Sample, rate, rate_text},
    prometheus,
    shown::{escaped, number, size},
    store::StoreArgument,
};

/// Lines between two heads: one fits on a small terminal.
const LINES: u64 = 20;
/// Of the counters, those that are watched.
const WATCHED: usize = 7;

/// Counters count from the making of the store. A store on servers has none.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    /// A line every so many seconds, with what happened per second
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1", value_parser = seconds)]
    watch: Option<Duration>,

    /// End after so many lines
    #[arg(long, value_name = "N", requires = "watch")]
    times: Option<u64>,

    /// One JSON object; with --watch one a line
    #[arg(long)]
    json: bool,

    /// In the text format of Prometheus
    #[arg(long, conflicts_with_all = ["json", "watch"])]
    prometheus: bool,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.1..=86_400.0).contains(seconds));
    Ok(Duration::from_secs_f64(seconds.ok_or("a number of seconds from 0.1 to 86400")?))
}

/// Shows to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let engine = arguments.store.open()?;
    if let Some(interval) = arguments.watch {
        return watch(&*engine, interval, arguments, out);
    }
    let sample = Sample::take(&*engine)?;
    if arguments.prometheus {
        prometheus::write(out, &*engine, &sample)?;
    } else if arguments.json {
        let mut object = object(&*engine, &sample.whole);
        object.insert("store".into(), engine.describe().into());
        object.insert("parts".into(), sample.parts.iter().map(part).collect());
        writeln!(out, "{}", Value::Object(object))?;
    } else {
        table(out, &*engine, &sample)?;
    }
    Ok(())
}

fn table(out: &mut dyn Write, engine: &dyn Engine, sample: &Sample) -> Result<(), Failure> {
    writeln!(out, "{:16} {}", "store", escaped(engine.describe().as_bytes()))?;
    for figure in figures::known(engine) {
        let value = (figure.of)(&sample.whole);
        let text = match (figure.kind, figure.name) {
            (Kind::Gauge, "capacity_bytes") if value == 0 => "no bound".to_owned(),
            (Kind::Gauge, "capacity_bytes" | "used_bytes") => size(value),
            _ => number(value),
        };
        writeln!(out, "{:16} {text}", figure.title)?;
    }
    let range = |of: fn(&Stats) -> u64| {
        let values = || sample.parts.iter().map(of);
        (values().min().unwrap_or_default(), values().max().unwrap_or_default())
    };
    let (records, bytes) = (range(|part| part.sessions), range(|part| part.used_bytes));
    writeln!(
        out,
        "{:16} {}: {} to {} records, {} to {} in each",
        if engine.is_far() { "servers" } else { "shards" },
        sample.parts.len(),
        number(records.0),
        number(records.1),
        size(bytes.0),
        size(bytes.1)
    )?;
    Ok(())
}

fn object(engine: &dyn Engine, stats: &Stats) -> Map<String, Value> {
    figures::known(engine).map(|figure| (figure.name.to_owned(), (figure.of)(stats).into())).collect()
}

fn part(stats: &Stats) -> Value {
    let value = |name: &str, value: u64| (name.to_owned(), Value::from(value));
    Value::Object(
        [value("sessions", stats.sessions), value("used_bytes", stats.used_bytes)].into_iter().collect(),
    )
}

fn watch(
    engine: &dyn Engine,
    interval: Duration,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let watched: &[Figure] = if engine.is_far() { &[] } else { &COUNTERS[..WATCHED] };
    let (mut before, mut at) = (engine.stats()?, Instant::now());
    let mut line = 0;
    while arguments.times.is_none_or(|times| line < times) {
        thread::sleep(interval);
        let (after, now) = (engine.stats()?, Instant::now());
        let between = now - at;
        if arguments.json {
            let mut object = object(engine, &after);
            object.insert("seconds".into(), between.as_secs_f64().into());
            for figure in watched {
                let rate = (rate(figure, &before, &after, between) * 1000.0).round() / 1000.0;
                object.insert(format!("{}_per_second", figure.name), rate.into());
            }
            writeln!(out, "{}", Value::Object(object))?;
        } else {
            if line % LINES == 0 {
                if !watched.is_empty() {
                    writeln!(out, "{:>31}", "per second")?;
                }
                write!(out, "{:>10} {:>9}", "records", "in use")?;
                for figure in watched {
                    write!(out, " {:>width$}", figure.name, width = width(figure))?;
                }
                writeln!(out)?;
            }
            write!(out, "{:>10} {:>9}", number(after.sessions), size(after.used_bytes))?;
            for figure in watched {
                write!(
                    out,
                    " {:>width$}",
                    rate_text(rate(figure, &before, &after, between)),
                    width = width(figure)
                )?;
            }
            writeln!(out)?;
        }
        out.flush()?;
        (before, at) = (after, now);
        line += 1;
    }
    Ok(())
}

/// Of a column: all of them fit on 80 characters.
fn width(figure: &Figure) -> usize {
    figure.name.len().max(7)
}
