//! What comes of the command line's own description: a man page, and what shells complete.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::failure::Failure;

/// Written to stdout.
#[derive(Debug, Args)]
pub struct Completion {
    /// The shell that is to complete
    shell: Shell,
}

/// Prints what a shell loads.
pub fn completion(arguments: &Completion, mut command: Command, out: &mut dyn Write) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "holdfast", &mut text);
    Ok(out.write_all(&text)?)
}

/// Prints the man page: of the command, and of each verb behind it.
pub fn man(command: Command, out: &mut dyn Write) -> Result<(), Failure> {
    let mut command = command;
    command.build();
    let page = clap_mangen::Man::new(command.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
        writeln!(out, ".SH \"{}\"", verb.get_name().to_uppercase())?;
        writeln!(out, "{about}.")?;
        if let Some(long) = verb.get_long_about() {
            writeln!(out, ".PP\n{}", escaped(&long.to_string()))?;
        }
        let mut text = Vec::new();
        let page = clap_mangen::Man::new(verb.clone());
        page.render_synopsis_section(&mut text)?;
        page.render_options_section(&mut text)?;
        // One level further in than a page of its own.
        let text = String::from_utf8_lossy(&text).replace(".SH ", ".SS ");
        out.write_all(text.as_bytes())?;
    }
    writeln!(out, ".SH \"EXIT STATUS\"\n{EXIT_CODES}")?;
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('-', "\\-")
}

const EXIT_CODES: &str = ".TP\n0\nAll of it was done.\n.TP\n1\nSome of it was done, or what was looked at is not in \
order; the line says what.\n.TP\n2\nThe command line is wrong; nothing was looked at.\n.TP\n3\nA store or file can't \
be used.\n.TP\n4\nIt would harm a site that is running; nothing was changed.\n.TP\n130\nInterrupted by a signal.";
