use std::time::{Duration, UNIX_EPOCH};

use super::Timestamp;

/// The last millisecond that the calendar of HTTP has.
const LAST_MILLI: u64 = 253_402_300_799_999;

/// The parts of a point in time, in UTC.
pub(crate) struct Calendar {
    pub(crate) year: String,
    /// English, three letters.
    pub(crate) month_name: &'static str,
    pub(crate) month: usize,
    pub(crate) day: String,
    /// `HH:MM:SS`
    pub(crate) time: String,
    pub(crate) millis: u64,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Calendar {
    /// From the date of HTTP, `Wed, 01 Jul 2026 00:00:05 GMT`, whose calendar is not ours to get wrong.
    pub(crate) fn of(at: Timestamp) -> Self {
        let millis = at.as_millis().min(LAST_MILLI);
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(millis));
        let part = |range: std::ops::Range<usize>| date.get(range).unwrap_or_default().to_owned();
        let month = MONTHS.iter().position(|name| *name == part(8..11)).unwrap_or_default();
        Self {
            year: part(12..16),
            month_name: MONTHS[month],
            month: month + 1,
            day: part(5..7),
            time: part(17..25),
            millis: millis % 1000,
        }
    }
}

/// `2026-07-01T00:00:05.042Z`: RFC 3339, in UTC. The end of the year 9999 stands for all that comes later.
pub fn utc(at: Timestamp) -> String {
    let Calendar { year, month, day, time, millis, .. } = Calendar::of(at);
    format!("{year}-{month:02}-{day}T{time}.{millis:03}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_825_600_001, "2000-02-29T12:00:00.001Z"),
            (1_798_761_599_000, "2026-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(utc(Timestamp::from_millis(millis)), text);
        }
        assert_eq!(utc(Timestamp::NEVER), "9999-12-31T23:59:59.999Z");
    }
}
