//! The changes of two requests put together.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

mod variables;

use divan::{Bencher, black_box};
use holdfast_core::{merge::merge_roots, value::Value};
use variables::{LAYOUTS, Layout, digests, key, root};

fn main() {
    divan::main();
}

/// We changed the number, they added a variable.
#[divan::bench(args = LAYOUTS)]
fn changed_here_and_added_there(bencher: Bencher<'_, '_>, layout: Layout) {
    let digests = digests();
    let (base, ours) = (layout.root(1), layout.root(2));
    let mut variables = layout.variables(1);
    variables.push((key("added"), Value::Int(1)));
    let theirs = root(&digests, &variables);
    bencher.bench(|| merge_roots(&digests, Some(black_box(&base)), &ours, &theirs).unwrap());
}

/// Both changed the number.
#[divan::bench(args = LAYOUTS)]
fn both_changed_one(bencher: Bencher<'_, '_>, layout: Layout) {
    let digests = digests();
    let [base, ours, theirs] = [1, 2, 3].map(|number| layout.root(number));
    bencher.bench(|| merge_roots(&digests, Some(black_box(&base)), &ours, &theirs).unwrap());
}

/// Both made the session anew, with the same but the number.
#[divan::bench(args = LAYOUTS)]
fn no_base(bencher: Bencher<'_, '_>, layout: Layout) {
    let digests = digests();
    let [ours, theirs] = [2, 3].map(|number| layout.root(number));
    bencher.bench(|| merge_roots(&digests, None, black_box(&ours), &theirs).unwrap());
}
