//! `holdfast doctor`: what is wrong with the settings of PHP, and with the store that they name.

mod checks;
mod place;
mod settings;

use std::{io::Write, path::PathBuf};

use clap::Args;
use serde_json::json;

use crate::{failure::Failure, store::StoreArgument};

/// Changes nothing. Run it as the user of the PHP workers, so that it can look into the store.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    store: StoreArgument,

    /// Which PHP: php, or php-fpm, whose settings are others
    #[arg(long, value_name = "PROGRAM", default_value = "php")]
    php: PathBuf,

    /// Read these files instead of asking PHP, the later over the earlier
    #[arg(long, value_name = "FILE", conflicts_with = "php")]
    ini: Vec<PathBuf>,

    /// Files of php-fpm: php-fpm.conf and its pools; without it those beside the php.ini of php-fpm
    #[arg(long, value_name = "FILE")]
    fpm: Vec<PathBuf>,

    /// The findings as one line of JSON
    #[arg(long)]
    json: bool,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    /// Sessions fail, or are not safe.
    Must,
    /// It would be better.
    Should,
    /// To be known.
    May,
}

impl Severity {
    const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
        }
    }
}

/// Something that was found.
#[derive(Debug)]
struct Finding {
    severity: Severity,
    /// The PHP, the files or the pool.
    place: String,
    setting: String,
    what: String,
    why: String,
    /// The line to write, or what else to do; empty: nothing.
    write: String,
}

/// Looks, and writes the findings to `out`.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let (base, ini) = if arguments.ini.is_empty() {
        settings::of_php(&arguments.php)?
    } else {
        (settings::of_files(&arguments.ini)?, arguments.ini.first().cloned())
    };
    let beside = if arguments.fpm.is_empty() {
        ini.as_deref().map(settings::pools_beside).unwrap_or_default()
    } else {
        arguments.fpm.clone()
    };
    let mut found: Vec<Finding> = Vec::new();
    for settings in settings::of_pools(&base, &beside)? {
        let mut here = Vec::new();
        checks::look(&settings, &mut here);
        if settings.has_extension {
            place::look(&settings, arguments.store.text(), &mut here);
        }
        for finding in here {
            // The same in another pool: named once, with both.
            let known = found.iter_mut().find(|known| {
                known.setting == finding.setting && known.what == finding.what && known.write == finding.write
            });
            match known {
                Some(known) if known.place != finding.place => {
                    known.place = format!("{}, {}", known.place, finding.place);
                }
                Some(_) => {}
                None => found.push(finding),
            }
        }
    }
    found.sort_by_key(|finding| finding.severity);
    let musts = found.iter().filter(|finding| finding.severity == Severity::Must).count();
    if arguments.json {
        let list: Vec<_> = found.iter().map(as_json).collect();
        writeln!(out, "{}", json!({ "ok": musts == 0, "findings": list }))?;
    } else {
        for finding in &found {
            let Finding { severity, place, setting, what, why, write } = finding;
            writeln!(out, "{}: {setting} ({place}): {what}", severity.name())?;
            writeln!(out, "    {why}")?;
            if !write.is_empty() {
                writeln!(out, "    {write}")?;
            }
        }
        let count = |severity| found.iter().filter(|finding| finding.severity == severity).count();
        writeln!(
            out,
            "{} to be changed, {} that should be, {} to be known",
            musts,
            count(Severity::Should),
            count(Severity::May)
        )?;
    }
    if musts > 0 {
        let settings = if musts == 1 { "setting" } else { "settings" };
        return Err(Failure::Partly(format!("{musts} {settings} must be changed")));
    }
    Ok(())
}

fn as_json(finding: &Finding) -> serde_json::Value {
    json!({
        "severity": finding.severity.name(),
        "place": finding.place,
        "setting": finding.setting,
        "what": finding.what,
        "why": finding.why,
        "write": finding.write,
    })
}
