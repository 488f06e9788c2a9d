//! Figures in the text format of Prometheus (exposition format 0.0.4).

use std::io::{self, Write};

use holdfast_core::engine::{Engine, Stats};

use crate::figures::{self, Kind, Sample};

/// What each shard or server has.
type OfPart = (&'static str, &'static str, fn(&Stats) -> u64);

const OF_PARTS: [OfPart; 2] = [
    ("shard_sessions", "Records in each shard, or on each server.", |part| part.sessions),
    ("shard_used_bytes", "Bytes in use in each shard, or on each server.", |part| part.used_bytes),
];

/// All of them, each with its meaning and its type.
pub fn write(out: &mut dyn Write, engine: &dyn Engine, sample: &Sample) -> io::Result<()> {
    head(out, "info", "Which store, and the version of the command that looked at it.", "gauge")?;
    let (store, version) = (label(&engine.describe()), env!("CARGO_PKG_VERSION"));
    writeln!(out, "holdfast_info{{store=\"{store}\",version=\"{version}\"}} 1")?;
    for figure in figures::known(engine) {
        let (total, kind) = match figure.kind {
            Kind::Gauge => ("", "gauge"),
            Kind::Counter => ("_total", "counter"),
        };
        let name = format!("{}{total}", figure.name);
        head(out, &name, figure.help, kind)?;
        writeln!(out, "holdfast_{name} {}", (figure.of)(&sample.whole))?;
    }
    for (name, help, of) in OF_PARTS {
        head(out, name, help, "gauge")?;
        for (number, part) in sample.parts.iter().enumerate() {
            writeln!(out, "holdfast_{name}{{shard=\"{number}\"}} {}", of(part))?;
        }
    }
    Ok(())
}

fn head(out: &mut dyn Write, name: &str, help: &str, kind: &str) -> io::Result<()> {
    writeln!(out, "# HELP holdfast_{name} {help}\n# TYPE holdfast_{name} {kind}")
}

/// The value of a label.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
