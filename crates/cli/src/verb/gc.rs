//! `holdfast gc`: what has expired is removed at once. Normal work does that little by little, so nothing depends on it.

use std::io::Write;

use clap::Args;

use crate::{failure::Failure, store::StoreArgument};

/// Sessions that are alive stay; PHP's workers go on meanwhile.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,
}

/// Collects, and says to `out` how many that were.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let engine = arguments.store.open()?;
    let removed = engine.collect(engine.now())?;
    writeln!(out, "removed {removed} expired")?;
    Ok(())
}
