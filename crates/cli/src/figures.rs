//! The figures of a store by their names: as Prometheus, JSON and people know them.

use std::time::Duration;

use holdfast_core::engine::{Engine, EngineError, Stats};

/// How a figure moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Up and down.
    Gauge,
    /// Only up, as long as the store lives.
    Counter,
}

/// One figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// In JSON; in Prometheus with `holdfast_` before it, and a counter with `_total` behind it.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it means.
    pub help: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// Takes it from all.
    pub of: fn(&Stats) -> u64,
}

const fn gauge(name: &'static str, title: &'static str, help: &'static str, of: fn(&Stats) -> u64) -> Figure {
    Figure { name, title, help, kind: Kind::Gauge, of }
}

const fn counter(
    name: &'static str,
    title: &'static str,
    help: &'static str,
    of: fn(&Stats) -> u64,
) -> Figure {
    Figure { name, title, help, kind: Kind::Counter, of }
}

/// Records, memory.
pub const GAUGES: [Figure; 4] = [
    gauge("sessions", "records", "Records in the store: sessions, and what is kept for them.", |s| {
        s.sessions
    }),
    gauge("guests", "of guests", "Records of guests, which give way when the memory is full.", |s| s.guests),
    gauge("capacity_bytes", "capacity", "Bytes that records may fill; 0 when there is no bound.", |s| {
        s.capacity_bytes
    }),
    gauge("used_bytes", "in use", "Bytes in use.", |s| s.used_bytes),
];

/// What happened since the store was made.
pub const COUNTERS: [Figure; 11] = [
    counter("commits", "commits", "Commits that stored something.", |s| s.commits),
    counter("merges", "merges", "Saves that put their changes on top of another request's.", |s| s.merges),
    counter("conflicts", "conflicts", "Commits that found another version stored.", |s| s.conflicts),
    counter("waits", "lock waits", "Locks that were not free at the first look.", |s| s.waits),
    counter("evicted", "evicted", "Guests that gave way to a full memory.", |s| s.evicted),
    counter("throttled", "throttled", "Logins that had to wait.", |s| s.throttled),
    counter("refused", "refused", "Commits refused because the memory was full.", |s| s.refused),
    counter("expired", "expired", "Expired sessions that were removed.", |s| s.expired),
    counter("recovered_locks", "locks recovered", "Locks taken over from a process that died.", |s| {
        s.recovered_locks
    }),
    counter("repairs", "repairs", "Repairs after a process died in the middle of a change.", |s| s.repairs),
    counter("damaged", "damaged", "Records dropped because their bytes were damaged.", |s| s.damaged),
];

/// All figures that tell of the store. A store on servers has no counters: each process that uses it has its own, and this
/// one did nothing.
pub fn known(engine: &dyn Engine) -> impl Iterator<Item = &'static Figure> {
    let counters: &[Figure] = if engine.is_far() { &[] } else { &COUNTERS };
    let gauges: &[Figure] = if engine.is_far() { &[GAUGES[0], GAUGES[2], GAUGES[3]] } else { &GAUGES };
    gauges.iter().chain(counters)
}

/// What is known of a store at a moment.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Of the whole.
    pub whole: Stats,
    /// Of each shard or server.
    pub parts: Vec<Stats>,
}

impl Sample {
    /// Asks the store.
    pub fn take(engine: &dyn Engine) -> Result<Self, EngineError> {
        Ok(Self { whole: engine.stats()?, parts: engine.parts()? })
    }
}

/// How much of it happened in a second.
pub fn rate(figure: &Figure, before: &Stats, after: &Stats, between: Duration) -> f64 {
    // Lower than before: the store was begun anew.
    let count = (figure.of)(after).saturating_sub((figure.of)(before));
    #[allow(clippy::cast_precision_loss, reason = "what is shown has three digits")]
    let count = count as f64;
    count / between.as_secs_f64().max(0.001)
}

/// A rate for people: whole, or with a digit where it is small.
pub fn rate_text(rate: f64) -> String {
    if rate > 0.0 && rate < 9.95 {
        return format!("{rate:.1}");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are neither")]
    let whole = rate.round() as u64;
    crate::shown::number(whole)
}
