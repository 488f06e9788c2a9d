//! The contract of a store (`holdfast_core::engine`), proved for every engine. A body is written once and takes
//! what makes an engine; `contract!` turns it into a test for each engine of the list in `engines`.
//!
//! Tests that prove a numbered requirement begin with its number.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds something else shall stop")]

#[macro_use]
mod engines;
mod half;
#[path = "../history/mod.rs"]
mod history;
#[path = "../payload/mod.rs"]
mod payload;
#[path = "../redis_servers/mod.rs"]
mod redis_servers;
mod store;

mod atomicity;
mod cas;
mod collect;
mod expiry;
mod figures;
mod finality;
mod full_memory;
mod histories;
mod model;
mod newer;
mod place;
mod pressure;
mod removals;
mod session_lock;
mod sizes;
mod throttle;
mod touch;
mod visit;
