//! One flat JSON object on one line, in ASCII: whatever is in a field can neither end it nor move a terminal's cursor.

use std::{
    fmt::{Display, Write},
    time::{Duration, UNIX_EPOCH},
};

use crate::time::Timestamp;

/// An object that is being written. Keys are written as they are.
pub(super) struct Line(String);

impl Line {
    pub(super) fn begin() -> Self {
        Self(String::with_capacity(256))
    }

    pub(super) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn key(&mut self, key: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push('"');
        self.0.push_str(key);
        self.0.push_str("\":");
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.0.push('"');
        for character in value.chars() {
            match character {
                '"' | '\\' => {
                    self.0.push('\\');
                    self.0.push(character);
                }
                ' '..='~' => self.0.push(character),
                _ => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        // Into a String nothing fails.
                        let _ = write!(self.0, "\\u{unit:04x}");
                    }
                }
            }
        }
        self.0.push('"');
    }

    /// What shows as text, if it is there.
    pub(super) fn shown(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(key, &value.to_string());
        }
    }

    pub(super) fn number(&mut self, key: &str, value: u64) {
        self.key(key);
        let _ = write!(self.0, "{value}");
    }
}

/// The last millisecond that the calendar of HTTP has.
const LAST_MILLI: u64 = 253_402_300_799_999;

/// The parts of a point in time, in UTC.
pub(super) struct Calendar {
    pub(super) year: String,
    /// English, three letters.
    pub(super) month_name: &'static str,
    pub(super) month: usize,
    pub(super) day: String,
    /// `HH:MM:SS`
    pub(super) time: String,
    pub(super) millis: u64,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Calendar {
    /// From the date of HTTP, `Wed, 01 Jul 2026 00:00:05 GMT`, whose calendar is not ours to get wrong.
    pub(super) fn of(at: Timestamp) -> Self {
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
pub(super) fn utc(at: Timestamp) -> String {
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

    #[test]
    fn every_character_can_be_written_and_read_back() {
        let mut line = Line::begin();
        let all: String = (0..0x500).filter_map(char::from_u32).chain(['\u{ffff}', '\u{10ffff}']).collect();
        line.text("a", &all);
        let line = line.end();
        assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert_eq!(read_back(&line), all);
    }

    /// The value of `{"a":"..."}`.
    fn read_back(line: &str) -> String {
        let mut units = Vec::new();
        let mut rest = line.strip_prefix(r#"{"a":""#).unwrap().strip_suffix(r#""}"#).unwrap();
        while let Some(first) = rest.chars().next() {
            if first != '\\' {
                assert_ne!(first, '"');
                units.push(first as u16);
                rest = &rest[1..];
            } else if let Some(escaped) = rest.strip_prefix("\\u") {
                units.push(u16::from_str_radix(&escaped[..4], 16).unwrap());
                rest = &escaped[4..];
            } else {
                units.push(u16::from(rest.as_bytes()[1]));
                rest = &rest[2..];
            }
        }
        String::from_utf16(&units).unwrap()
    }
}
