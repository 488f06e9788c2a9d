//! The flags of a notice, with the names and values of ProcessWire's.

use ext_php_rs::types::Zval;

use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    value::{self, Kind},
};

/// Goes in front of the notices that were queued before.
pub const PREPEND: i64 = 1;
/// Is to be logged, too.
const LOG: i64 = 8;
/// The text is HTML.
pub const ALLOW_MARKUP: i64 = 32;
const NO_GROUP: i64 = 131_072;
const ALLOW_MARKDOWN: i64 = 4_194_304;
const ALLOW_DUPLICATE: i64 = 8_388_608;

/// Every flag by its names.
pub const ALL: &[(&str, i64)] = &[
    ("prepend", PREPEND),
    ("debug", 2),
    (NOT_BY_NAME, 4),
    ("log", LOG),
    ("logOnly", 16),
    ("allowMarkup", ALLOW_MARKUP),
    ("markup", ALLOW_MARKUP),
    ("anonymous", 65_536),
    ("noGroup", NO_GROUP),
    ("separate", NO_GROUP),
    ("login", 262_144),
    ("admin", 524_288),
    ("superuser", 1_048_576),
    ("persist", 2_097_152),
    ("allowMarkdown", ALLOW_MARKDOWN),
    ("markdown", ALLOW_MARKDOWN),
    ("allowDuplicate", ALLOW_DUPLICATE),
    ("duplicate", ALLOW_DUPLICATE),
];

/// ProcessWire keeps this constant for old code and has no name for it in texts.
const NOT_BY_NAME: &str = "warning";

/// Flags as ProcessWire takes them: an integer, true for `log`, a text of names or numbers separated by spaces or commas,
/// an array of either. Unknown names are no flags there, and here.
pub fn parse(flags: &Zval) -> Result<i64, Failure> {
    match value::kind(flags) {
        Kind::Array => {
            let mut all = 0;
            for (_, one) in PhpArray::of(flags).entries() {
                let one = value::deref(one);
                if value::kind(one) == Kind::Array {
                    return Err(wrong());
                }
                all |= parse(one)?;
            }
            Ok(all)
        }
        Kind::String => {
            let text = String::from_utf8_lossy(value::bytes(flags)).to_ascii_lowercase();
            Ok(text.split([',', ' ', '\t', '\r', '\n']).map(by_name).fold(0, |all, flag| all | flag))
        }
        Kind::Long => Ok(value::long(flags)),
        Kind::True => Ok(LOG),
        Kind::Null | Kind::False => Ok(0),
        _ => Err(wrong()),
    }
}

fn by_name(lower: &str) -> i64 {
    if let Ok(number) = lower.parse::<u32>() {
        return number.into();
    }
    ALL.iter()
        .find(|(name, _)| *name != NOT_BY_NAME && name.eq_ignore_ascii_case(lower))
        .map_or(0, |(_, flag)| *flag)
}

fn wrong() -> Failure {
    Failure::InvalidArgument(
        "the flags of a notice must be an integer, a boolean, a string of names, or an array of these".into(),
    )
}
