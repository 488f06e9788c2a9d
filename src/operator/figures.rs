//! The figures of a store, by the names that `Store::stats()` and the command have for them, and as phpinfo calls them.

use holdfast_core::engine::Stats;

use crate::zend::{array::PhpArray, string::PhpString, value};

/// How many figures there are.
const FIGURES: usize = 15;

/// A figure: its name, what phpinfo calls it, and what it is.
type Figure = (&'static str, &'static str, u64);

/// All figures. Whoever adds one to [`Stats`] is stopped by the compiler here.
const fn all(stats: &Stats) -> [Figure; FIGURES] {
    let &Stats {
        sessions,
        guests,
        capacity_bytes,
        used_bytes,
        commits,
        conflicts,
        merges,
        waits,
        throttled,
        expired,
        evicted,
        refused,
        recovered_locks,
        repairs,
        damaged,
    } = stats;
    [
        ("sessions", "Records", sessions),
        ("guests", "Records of guests", guests),
        ("used_bytes", "Bytes used", used_bytes),
        ("capacity_bytes", "Bytes in all", capacity_bytes),
        ("commits", "Commits", commits),
        ("conflicts", "Commits that met another", conflicts),
        ("merges", "Commits that were merged", merges),
        ("waits", "Locks that were not free at once", waits),
        ("throttled", "Logins that had to wait", throttled),
        ("expired", "Expired sessions removed", expired),
        ("evicted", "Guests that gave way to a full store", evicted),
        ("refused", "Commits refused by a full store", refused),
        ("recovered_locks", "Locks taken over from dead processes", recovered_locks),
        ("repairs", "Repairs after dead processes", repairs),
        ("damaged", "Damaged records dropped", damaged),
    ]
}

/// The figures as an array of PHP's.
pub(super) fn array(stats: &Stats) -> PhpArray {
    // And what `Store::stats()` puts beside them.
    let mut array = PhpArray::with_capacity(FIGURES + 3);
    for (name, _, figure) in all(stats) {
        array.insert_name(&PhpString::key(name.as_bytes()), value::from_u64(figure));
    }
    array
}

/// The figures as rows of phpinfo.
pub fn rows(stats: &Stats) -> impl Iterator<Item = (String, String)> {
    all(stats).into_iter().map(|(_, label, figure)| (label.to_owned(), figure.to_string()))
}
