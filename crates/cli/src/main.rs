//! `holdfast`, the operator's command. It works on stores as PHP's workers do, beside them, and knows no PHP.
//!
//! ```text
//!   main ── verb ──> one file for each thing that can be done ──> holdfast-core
//!    │        │
//!    │        ├── store      (a DSN that was given, opened with care)
//!    │        ├── filter     (which sessions), named (by their handles)
//!    │        ├── listing    (a session as a row, as JSON), values (what is in it)
//!    │        ├── figures    (what a store counts), prometheus
//!    │        ├── shown      (what others chose, harmless on a terminal), colour
//!    │        ├── exported   (the file that an export is)
//!    │        ├── crew       (a few threads, and what went wrong in them)
//!    │        ├── progress   (one line of a terminal)
//!    │        └── interrupt  (Ctrl-C)
//!    v
//!  failure    (a line on stderr, an exit code)
//! ```
//!
//! docs/command.md has the verbs and the exit codes.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser, Subcommand, error::ErrorKind};

mod colour;
mod crew;
mod exported;
mod failure;
mod figures;
mod filter;
mod interrupt;
mod listing;
mod named;
mod progress;
mod prometheus;
mod shown;
mod store;
mod values;
mod verb;

use failure::Failure;

/// Sessions of PHP sites, seen, steered and carried from outside of PHP.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version, arg_required_else_help = true)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Move all sessions from one store to another while the site runs
    Move(verb::moving::Arguments),
    /// Remove now what has expired
    Gc(verb::gc::Arguments),
    /// Show the figures of a store
    Stat(verb::stat::Arguments),
    /// Watch a store: what happens per second, and where its memory is
    Top(verb::top::Arguments),
    /// List sessions
    Ls(verb::ls::Arguments),
    /// Show one session
    Show(verb::show::Arguments),
    /// End sessions
    Rm(verb::rm::Arguments),
    /// Check every record of a store
    Verify(verb::verify::Arguments),
    /// Write everything in a store to a file
    Export(verb::export::Arguments),
    /// Bring what is in such a file into a store
    Import(verb::import::Arguments),
    /// Take over the sessions that PHP keeps in files
    ImportFiles(verb::import_files::Arguments),
    /// Measure how fast a store is on this machine
    Bench(verb::bench::Arguments),
    /// Find what is wrong with the settings of PHP, and say what to change
    Doctor(verb::doctor::Arguments),
    /// Print what a shell loads to complete this command
    #[command(hide = true)]
    Completion(verb::paper::Completion),
    /// Print the man page
    #[command(hide = true)]
    Man,
}

fn main() -> ExitCode {
    let outcome = match Command::try_parse() {
        Ok(command) => match &command.verb {
            Verb::Move(arguments) => verb::moving::run(arguments, &mut io::stdout()),
            Verb::Gc(arguments) => verb::gc::run(arguments, &mut io::stdout()),
            Verb::Stat(arguments) => verb::stat::run(arguments, &mut io::stdout()),
            Verb::Top(arguments) => verb::top::run(arguments),
            Verb::Ls(arguments) => verb::ls::run(arguments, &mut io::stdout()),
            Verb::Show(arguments) => verb::show::run(arguments, &mut io::stdout()),
            Verb::Rm(arguments) => verb::rm::run(arguments, &mut io::stdout()),
            Verb::Verify(arguments) => verb::verify::run(arguments, &mut io::stdout()),
            Verb::Export(arguments) => verb::export::run(arguments, &mut io::stdout()),
            Verb::Import(arguments) => verb::import::run(arguments, &mut io::stdout()),
            Verb::ImportFiles(arguments) => verb::import_files::run(arguments, &mut io::stdout()),
            Verb::Bench(arguments) => verb::bench::run(arguments, &mut io::stdout()),
            Verb::Doctor(arguments) => verb::doctor::run(arguments, &mut io::stdout()),
            Verb::Completion(arguments) => {
                verb::paper::completion(arguments, Command::command(), &mut io::stdout())
            }
            Verb::Man => verb::paper::man(Command::command(), &mut io::stdout()),
        },
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return show(&error, &mut io::stdout(), ExitCode::SUCCESS);
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return show(&error, &mut io::stderr(), Failure::USAGE.into());
        }
        Err(error) => Err(Failure::Usage(first_line(&error))),
    };
    let Err(failure) = outcome else { return ExitCode::SUCCESS };
    if failure.is_a_closed_pipe() {
        return Failure::CLOSED_PIPE.into();
    }
    // Where stderr is closed nobody reads it anyway.
    let _ = writeln!(io::stderr(), "holdfast: {failure}");
    failure.code().into()
}

fn show(error: &clap::Error, to: &mut dyn Write, code: ExitCode) -> ExitCode {
    let _ = write!(to, "{}", error.render());
    code
}

/// What is wrong, on one line and without the usage that clap adds.
fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let text = lines.join(" ");
    // A DSN in a place where none belongs may hold a password (S29).
    if text.contains("://") {
        return "an argument is a DSN where none is expected; see holdfast --help".to_owned();
    }
    format!("{}; see holdfast --help", text.strip_prefix("error: ").unwrap_or(&text))
}
