//! What a merge costs: `cargo test --release -p holdfast-core merge::tests::speed -- --ignored --nocapture`

use std::time::{Duration, Instant};

use super::Variables;
use crate::codec::tests::{digest_key, key, map, root, text};
use crate::merge::merge_roots;
use crate::value::{MapKey, Value};

fn page(number: i64, visits: i64) -> Value {
    map([
        ("id", Value::Int(number)),
        ("name", text(&format!("page-{number}"))),
        ("title", text(&format!("The title of page number {number}"))),
        ("visits", Value::Int(visits)),
        ("modified", Value::Int(1_700_000_000 + number)),
        ("options", map([("sort", text("title")), ("view", text("list")), ("limit", Value::Int(25))])),
    ])
}

/// Everything under one variable, then by namespace, then by page.
fn site(namespaces: i64, pages: i64, visited: Option<(i64, i64)>) -> Variables {
    let namespace = |n| {
        let pages = (0..pages).map(|page| {
            let visits = i64::from(visited == Some((n, page)));
            (key(&format!("page{page}")), self::page(n * pages + page, visits))
        });
        (key(&format!("namespace{n}")), Value::map(pages.collect()))
    };
    vec![(key("_ProcessWire"), Value::map((0..namespaces).map(namespace).collect()))]
}

fn arrays(changed: i64) -> Variables {
    (0..1000)
        .map(|n| {
            let value = map([
                ("id", Value::Int(n)),
                ("qty", Value::Int(i64::from(n == changed))),
                ("note", text("none")),
            ]);
            (MapKey::Bytes(format!("item{n}").into_bytes().into()), value)
        })
        .collect()
}

fn report(name: &str, base: &Variables, ours: &Variables, theirs: &Variables) {
    let digests = digest_key();
    let [base, ours, theirs] = [base, ours, theirs].map(|variables| root(variables).0);
    let mut times: Vec<Duration> = (0..300)
        .map(|_| {
            let started = Instant::now();
            let merged = merge_roots(&digests, Some(&base), &ours, &theirs).unwrap();
            let elapsed = started.elapsed();
            assert_ne!(merged, theirs);
            elapsed
        })
        .collect();
    times.sort_unstable();
    println!("{name}: {} bytes, median {:?}, best {:?}", base.len(), times[times.len() / 2], times[0]);
}

#[test]
#[ignore = "prints figures"]
fn figures() {
    let nested = |namespaces, pages, ours, theirs| {
        let site = |visited| site(namespaces, pages, visited);
        let name = format!("nested, {namespaces} x {pages} pages");
        report(&name, &site(None), &site(Some(ours)), &site(Some(theirs)));
    };
    nested(80, 31, (3, 3), (30, 20));
    nested(80, 31, (3, 3), (3, 20));
    nested(1, 1400, (0, 3), (0, 900));
    report("1000 small arrays", &arrays(-1), &arrays(3), &arrays(900));
}
