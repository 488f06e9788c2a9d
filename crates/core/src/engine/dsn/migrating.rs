//! `migrating:?from=DSN&to=DSN`. In both, `&` is written `%26` and `%` is written `%25`.

use super::{StoreDsn, options::Options, redis::decode, wrong};
use crate::engine::EngineError;

pub(super) fn parse(place: &str, query: &str) -> Result<StoreDsn, EngineError> {
    if !place.is_empty() {
        return Err(wrong(
            "migrating: takes two stores as options, as in migrating:?from=shared:&to=redis://host",
        ));
    }
    let mut options = Options::read("migrating", &["from", "to"], query)?;
    let written = "a DSN, with %26 for & and %25 for %";
    let mut take = |name: &'static str| {
        let text = options.take_with(name, written, decode)?;
        let text = text.ok_or_else(|| {
            wrong(format!("migrating: {name} is missing; needed are from and to, each with a DSN"))
        })?;
        match StoreDsn::parse(&text) {
            Ok(StoreDsn::Migrating { .. }) => {
                Err(wrong(format!("migrating: {name} can't be another migrating: store")))
            }
            Ok(dsn) => Ok(Box::new(dsn)),
            Err(EngineError::Dsn(why)) => {
                let why = why.strip_prefix("holdfast.store: ").unwrap_or(&why);
                Err(wrong(format!("migrating: {name}: {why}")))
            }
            Err(error) => Err(error),
        }
    };
    let (from, to) = (take("from")?, take("to")?);
    // Of the memory of this process there are two.
    if from == to && !matches!(*from, StoreDsn::Memory { .. }) {
        return Err(wrong("migrating: from and to are the same store"));
    }
    Ok(StoreDsn::Migrating { from, to })
}
