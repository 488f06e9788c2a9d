//! A store that somebody named on the command line.

use holdfast_core::engine::{
    StoreDsn,
    shared::{SharedOptions, default_path},
};

use crate::failure::Failure;

/// The DSN that was given as `option`.
pub fn named(option: &str, text: &str) -> Result<StoreDsn, Failure> {
    let dsn = StoreDsn::parse(text).map_err(|error| {
        let text = error.to_string();
        Failure::Usage(format!("{option}: {}", text.strip_prefix("holdfast.store: ").unwrap_or(&text)))
    })?;
    match dsn {
        StoreDsn::Memory { .. } => Err(Failure::Usage(format!(
            "{option}: memory: is the memory of one PHP process, which nobody can look into from outside"
        ))),
        StoreDsn::Migrating { .. } => {
            Err(Failure::Usage(format!("{option}: takes one store, not a migrating: pair")))
        }
        dsn => Ok(dsn),
    }
}

/// Refuses a shared store that is not there: opening it would make an empty one.
pub fn must_exist(option: &str, dsn: &StoreDsn) -> Result<(), Failure> {
    let StoreDsn::Shared { path, .. } = dsn else { return Ok(()) };
    let file = SharedOptions::at(path.clone().unwrap_or_else(default_path)).file();
    match std::fs::metadata(&file) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::NoStore(format!(
            "{option}: there is no session store at {}: {error}; the default place depends on the user, so run this \
             as the user of the PHP workers, or name the file",
            file.display()
        ))),
    }
}
