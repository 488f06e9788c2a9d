//! A store that somebody named on the command line.

use std::{fs, os::unix::fs::MetadataExt, path::PathBuf, sync::Arc};

use clap::Args;
use holdfast_core::engine::{
    Engine, StoreDsn,
    migrating::is_underway,
    shared::{SharedOptions, default_path},
};

use crate::failure::Failure;

const OPTION: &str = "--store";

/// The store that a verb works on.
#[derive(Debug, Args)]
pub struct StoreArgument {
    /// The store, as it stands in holdfast.store; without it the shared store of the user who runs this
    #[arg(long, value_name = "DSN", env = "HOLDFAST_STORE", hide_env_values = true)]
    store: Option<String>,
}

impl StoreArgument {
    /// Opens the store. It must be there: nothing is made by looking for it.
    pub fn open(&self) -> Result<Arc<dyn Engine>, Failure> {
        let text = self.store.as_deref().unwrap_or_default();
        let dsn = parsed(OPTION, text)?;
        if let StoreDsn::Migrating { from, to } = &dsn {
            must_exist(OPTION, from)?;
            must_exist(OPTION, to)?;
            // Whoever opens the pair for the first time begins the move.
            if !is_underway(&*from.open()?)? {
                return Err(Failure::Unsafe(format!(
                    "{OPTION}: no move of these stores was begun; name the one that the site uses"
                )));
            }
        }
        must_exist(OPTION, &dsn)?;
        Ok(dsn.open()?)
    }

    /// Opens the store that sessions are brought into: a file that is not there is made, as PHP would make it.
    pub fn open_or_make(&self) -> Result<Arc<dyn Engine>, Failure> {
        let dsn = named(OPTION, self.store.as_deref().unwrap_or_default())?;
        let is_there = !matches!(&dsn, StoreDsn::Shared { path, .. } if !file_of(path.as_ref()).exists());
        if is_there {
            must_exist(OPTION, &dsn)?;
        }
        let store = dsn.open()?;
        if is_underway(&*store)? {
            return Err(Failure::Unsafe(format!(
                "the sessions of {} are being moved to another store: name that one",
                store.describe()
            )));
        }
        Ok(store)
    }

    /// As it was given.
    pub fn text(&self) -> &str {
        self.store.as_deref().unwrap_or_default()
    }
}

/// The file of a shared store.
pub fn file_of(path: Option<&PathBuf>) -> PathBuf {
    SharedOptions::at(path.cloned().unwrap_or_else(default_path)).file()
}

/// The DSN of one store that was given as `option`.
pub fn named(option: &str, text: &str) -> Result<StoreDsn, Failure> {
    match parsed(option, text)? {
        StoreDsn::Migrating { .. } => {
            Err(Failure::Usage(format!("{option}: takes one store, not a migrating: pair")))
        }
        dsn => Ok(dsn),
    }
}

fn parsed(option: &str, text: &str) -> Result<StoreDsn, Failure> {
    let dsn = StoreDsn::parse(text).map_err(|error| {
        let text = error.to_string();
        Failure::Usage(format!("{option}: {}", text.strip_prefix("holdfast.store: ").unwrap_or(&text)))
    })?;
    if matches!(dsn, StoreDsn::Memory { .. }) {
        return Err(Failure::Usage(format!(
            "{option}: memory: is the memory of one PHP process, which nobody can look into from outside"
        )));
    }
    Ok(dsn)
}

/// The number of the user who runs this.
pub fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Refuses a shared store that is not there, which opening would make, or that is somebody else's.
pub fn must_exist(option: &str, dsn: &StoreDsn) -> Result<(), Failure> {
    let StoreDsn::Shared { path, .. } = dsn else { return Ok(()) };
    let file = file_of(path.as_ref());
    let shown = file.display();
    let metadata = fs::symlink_metadata(&file).map_err(|error| {
        Failure::NoStore(format!(
            "{option}: there is no session store at {shown}: {error}; the default place depends on the user, so run \
             this as the user of the PHP workers, or name the file"
        ))
    })?;
    let owner = metadata.uid();
    if own_user() != owner {
        return Err(Failure::NoStore(format!(
            "{option}: the session store {shown} belongs to user {owner}; run this as that user: sudo -u '#{owner}' \
             holdfast ..."
        )));
    }
    if metadata.is_file() && metadata.len() == 0 {
        return Err(Failure::NoStore(format!("{option}: {shown} is empty, and no session store")));
    }
    Ok(())
}
