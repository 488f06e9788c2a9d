//! Values into bytes and back.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

mod variables;

use divan::{Bencher, black_box, counter::BytesCount};
use holdfast_core::{
    codec::{KeyRef, decode::decode_value, root::Root},
    value::ValueSink,
};
use variables::{LAYOUTS, Layout, digests, key, root};

fn main() {
    divan::main();
}

/// A whole session.
#[divan::bench(args = LAYOUTS)]
fn encode(bencher: Bencher<'_, '_>, layout: Layout) {
    let (digests, variables) = (digests(), layout.variables(1));
    let bytes = BytesCount::new(root(&digests, &variables).len());
    bencher.counter(bytes).bench(|| root(&digests, black_box(&variables)));
}

/// A whole session.
#[divan::bench(args = LAYOUTS)]
fn decode(bencher: Bencher<'_, '_>, layout: Layout) {
    let bytes = layout.root(1);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        let root = Root::parse(black_box(&bytes)).unwrap();
        for entry in root.entries() {
            black_box(decode_value(entry.unwrap().value, &mut ValueSink::default()).unwrap());
        }
    });
}

/// The root's structure, without the values: what opening a session costs.
#[divan::bench(args = LAYOUTS)]
fn parse(bencher: Bencher<'_, '_>, layout: Layout) {
    let bytes = layout.root(1);
    bencher.bench(|| black_box(Root::parse(black_box(&bytes)).unwrap().digest()));
}

/// One variable among all, not decoded.
#[divan::bench(args = LAYOUTS)]
fn find(bencher: Bencher<'_, '_>, layout: Layout) {
    let bytes = layout.root(1);
    let variables = layout.variables(1);
    let last = variables.last().map_or(key("n"), |(key, _)| key.clone());
    let root = Root::parse(&bytes).unwrap();
    bencher.bench(|| black_box(root.find(black_box(last.as_ref())).unwrap().is_some()));
    assert!(root.find(KeyRef::Bytes(b"nobody")).unwrap().is_none());
}
