//! R01: nothing acknowledged is lost and nothing is mixed or left waiting, whenever a process is killed.
//!
//! ```text
//!   checker (this test) ── starts, kills, starts again ──> 8 writers, reader, collector (this binary again)
//!        │                                                   │ write down intent and acknowledgement
//!        └── compares, after each kill ──> board <───────────┤
//!                                          store <───────────┘ the file under test
//! ```
//!
//! The board is memory that the checker owns: what a worker wrote down stays when it is killed, in the order in
//! which it was written. `HOLDFAST_KILLS` is the number of kills, 200 when unset.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds something else shall stop")]

mod board;
mod checker;
#[path = "../payload/mod.rs"]
mod payload;
mod process;
mod random;
mod store;
mod worker;

use std::sync::{Mutex, PoisonError};

use checker::{Harm, Plan};
use store::{ROOMY, TOO_SMALL};

/// Two tests at once would wait for the processor, and it would look as if they waited for a lock.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn run(plan: Plan) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    checker::run(plan);
}

fn kills(unless_set: u32) -> u32 {
    match std::env::var("HOLDFAST_KILLS") {
        Ok(text) => text.parse().expect("HOLDFAST_KILLS is a number"),
        Err(_) => unless_set,
    }
}

#[test]
fn r01_kills_lose_nothing_mix_nothing_and_leave_nobody_waiting() {
    let (name, rounds) = ("kills", kills(200));
    run(Plan { name, harm: Harm::Kill, rounds, own_namespaces: false, bytes: ROOMY });
}

#[test]
fn r01_the_same_in_a_store_that_is_too_small_for_all() {
    let (name, rounds) = ("kills in a full store", kills(200));
    run(Plan { name, harm: Harm::Kill, rounds, own_namespaces: false, bytes: TOO_SMALL });
}

#[test]
fn r24_the_same_with_every_worker_in_a_pid_namespace_of_its_own() {
    let (name, rounds) = ("kills in PID namespaces", kills(200));
    if let Err(error) = process::namespaces_allowed() {
        board::say(&format!("{name}: SKIPPED, no PID namespace can be made here: {error}"));
        return;
    }
    run(Plan { name, harm: Harm::Kill, rounds, own_namespaces: true, bytes: ROOMY });
}

#[test]
fn r05_a_stopped_process_makes_nobody_wait_longer_than_the_limit() {
    let (name, rounds) = ("stops", kills(200) / 10);
    run(Plan { name, harm: Harm::Stop, rounds, own_namespaces: false, bytes: ROOMY });
}

/// Does nothing but in a process that the checker started.
#[test]
fn worker() {
    worker::work_if_started_as_one();
}
