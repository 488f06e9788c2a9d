//! The store under fire: parts that do to a store what must not harm it, and judge what is left.
//!
//! ```text
//!   cargo test -p holdfast-core --test torture                        every part, short: seconds
//!   cargo test -p holdfast-core --test torture -- --long              every part, long: minutes each
//!   cargo test -p holdfast-core --test torture -- --long instructions  one part
//! ```
//!
//! `make torture` runs these parts and those that are tests of their own: kills, openings, reloads. Each part is a process
//! with one thread, so that it may fork, and a part that fails does not keep the others from running.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a part that finds something else shall stop")]
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "small figures")]
#![allow(clippy::print_stdout, reason = "progress and verdicts")]

mod builds;
mod cgroup;
#[path = "../../src/engine/shared/tests/child.rs"]
#[allow(dead_code, reason = "the engine's own tests use the rest")]
mod child;
mod clock;
mod clocks;
mod dice;
mod expiry;
mod files;
mod flood;
mod form;
mod image;
mod instructions;
mod memory;
mod namespace;
mod operation;
mod pages;
#[path = "../payload/mod.rs"]
mod payload;
mod pool;
mod reboots;
mod repairs;
mod scarce;
mod scene;
mod shared;
mod space;
mod tracee;

use std::{
    process::{Command, ExitCode},
    time::Instant,
};

use form::Form;

/// Something that is done to stores, and what is asked of them afterwards.
struct Part {
    name: &'static str,
    requirements: &'static str,
    run: fn(Form) -> Verdict,
}

/// What a part did and found, for the screen. A part that finds a fault panics.
type Verdict = String;

const PARTS: &[Part] = &[
    Part { name: "instructions", requirements: "R02", run: instructions::run },
    Part { name: "builds", requirements: "R25", run: builds::run },
    Part { name: "repairs", requirements: "R04", run: repairs::run },
    Part { name: "files", requirements: "R14", run: files::run },
    Part { name: "space", requirements: "R15, R17", run: space::run },
    Part { name: "memory", requirements: "R15, R16", run: memory::run },
    Part { name: "flood", requirements: "R16", run: flood::run },
    Part { name: "reboots", requirements: "R20", run: reboots::run },
    Part { name: "pages", requirements: "R21", run: pages::run },
    Part { name: "clocks", requirements: "R22", run: clocks::run },
    Part { name: "expiry", requirements: "R27", run: expiry::run },
];

/// Names the part that a process of this program is; unset in the one that the user started.
const PART: &str = "HOLDFAST_TORTURE_PART";

fn main() -> ExitCode {
    let (options, names): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let form = if options.iter().any(|option| option == "--long") { Form::Long } else { Form::Short };
    if let Ok(name) = std::env::var(PART) {
        return play(&name, form);
    }
    if options.iter().any(|option| option == "--list") {
        for part in PARTS {
            println!("{}: test", part.name);
        }
        return ExitCode::SUCCESS;
    }
    let chosen: Vec<&Part> =
        PARTS.iter().filter(|part| names.is_empty() || names.iter().any(|name| name == part.name)).collect();
    if chosen.is_empty() && form == Form::Long {
        println!(
            "no part has this name; there are: {}",
            PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join(", ")
        );
        return ExitCode::FAILURE;
    }
    let failed: Vec<&str> = chosen.iter().filter(|part| !start(part, form)).map(|part| part.name).collect();
    if failed.is_empty() {
        println!("torture: {} parts passed", chosen.len());
        return ExitCode::SUCCESS;
    }
    println!("torture: FAILED: {}", failed.join(", "));
    ExitCode::FAILURE
}

/// Runs a part in a process of its own; whether it passed.
fn start(part: &Part, form: Form) -> bool {
    println!("torture: {} ({}) ...", part.name, part.requirements);
    Command::new(std::env::current_exe().unwrap())
        .args((form == Form::Long).then_some("--long"))
        .env(PART, part.name)
        .env("RUST_BACKTRACE", "0")
        // Else one instruction copies a whole record, and the trap comes after each byte of it.
        .env("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=100000000")
        .status()
        .unwrap()
        .success()
}

fn play(name: &str, form: Form) -> ExitCode {
    let Some(part) = PARTS.iter().find(|part| part.name == name) else { return ExitCode::FAILURE };
    let begun = Instant::now();
    let verdict = (part.run)(form);
    println!("torture: {name}: passed in {:.1} s: {verdict}", begun.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
