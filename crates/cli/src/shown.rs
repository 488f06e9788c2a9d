//! What comes from visitors and stores, as people read it: on a terminal that nothing in it can steer.

use std::{fmt::Write, time::Duration};

/// Text that somebody else chose, on one line. Control characters, and those that hide or turn round what stands beside them,
/// are written out, and so are bytes that are no UTF-8; a backslash is doubled.
pub fn escaped(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => shown.push_str("\\\\"),
                '\n' => shown.push_str("\\n"),
                '\r' => shown.push_str("\\r"),
                '\t' => shown.push_str("\\t"),
                _ if steers(character) => {
                    // Into a String nothing fails.
                    let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
                }
                _ => shown.push(character),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// Controls, line separators, and what Unicode calls format characters.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The first characters of a text that is too long for its place.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// `1234567` as `1,234,567`.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Bytes, to three digits or so: `512 B`, `1.5 KiB`, `64 MiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    let mut tenths = u128::from(bytes) * 10 / 1024;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    if tenths >= 1000 || tenths.is_multiple_of(10) {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

/// A length of time by its two largest units: `45s`, `5m 3s`, `2h 30m`, `3d 4h`.
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let parts = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let first = parts.iter().position(|(length, _)| seconds >= *length).unwrap_or(3);
    let (length, name) = parts[first];
    let whole = format!("{}{name}", seconds / length);
    match parts.get(first + 1) {
        Some((smaller, name)) if seconds % length / smaller > 0 => {
            format!("{whole} {}{name}", seconds % length / smaller)
        }
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_visitors_chose_steers_no_terminal() {
        assert_eq!(escaped(b"\x1b]0;owned\x07\x1b[2J"), "\\u{1b}]0;owned\\u{7}\\u{1b}[2J");
        assert_eq!(
            escaped("a\u{202e}b\u{9b}c\u{200b}d\u{2028}".as_bytes()),
            "a\\u{202e}b\\u{9b}c\\u{200b}d\\u{2028}"
        );
        assert_eq!(escaped(b"line\nline\r\t\x7f\0\\"), "line\\nline\\r\\t\\u{7f}\\u{0}\\\\");
        assert_eq!(escaped(b"\xff\xc3 ok \xe2\x82"), "\\xff\\xc3 ok \\xe2\\x82");
        assert_eq!(escaped("Zoë 山田 🦀".as_bytes()), "Zoë 山田 🦀");
        for byte in 0..=255 {
            assert!(!escaped(&[byte]).chars().any(char::is_control), "{byte}");
        }
    }

    #[test]
    fn numbers_sizes_and_times_are_short() {
        assert_eq!(
            [number(0), number(999), number(1000), number(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!([size(0), size(1023), size(1024), size(1536)], ["0 B", "1023 B", "1 KiB", "1.5 KiB"]);
        assert_eq!([size(64 << 20), size((1 << 20) - 1), size(u64::MAX)], ["64 MiB", "1023 KiB", "15.9 EiB"]);
        let of = |seconds| span(Duration::from_secs(seconds));
        assert_eq!([of(0), of(59), of(60), of(63)], ["0s", "59s", "1m", "1m 3s"]);
        assert_eq!([of(3600), of(9000), of(86_400), of(100_000)], ["1h", "2h 30m", "1d", "1d 3h"]);
        assert_eq!([cut("abc", 3), cut("abcd", 3)], ["abc", "ab…"]);
    }
}
