//! One flat JSON object on one line, in ASCII: whatever is in a field can neither end it nor move a terminal's cursor.

use std::fmt::{Display, Write};

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

#[cfg(test)]
mod tests {
    use super::*;

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
