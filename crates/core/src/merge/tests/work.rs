//! What is looked at, and that the rest is carried over whatever it is.

use super::{Variables, merged};
use crate::codec::tests::{digest_key, encode, key, map, root, text};
use crate::merge::{MergeError, merge_roots};
use crate::value::{MapKey, Value};

fn page(number: i64, title: &str) -> Value {
    map([("id", Value::Int(number)), ("title", text(title)), ("body", text(&"x".repeat(1000)))])
}

fn site(pages: Vec<Value>) -> Vec<u8> {
    root(&[(key("_"), map([("pages", Value::List(pages)), ("note", Value::Int(1))]))]).0
}

/// Destroys the body of `node` where it stands in `bytes`. Its length and digest stay.
fn destroy(bytes: &mut [u8], node: &[u8]) {
    let start = bytes.windows(node.len()).position(|window| window == node).unwrap();
    bytes[start + 21..start + node.len()].fill(0xFF);
}

#[test]
fn a_side_that_changed_nothing_is_not_decoded() {
    let base = site(vec![page(1, "one"), page(2, "two")]);
    let other = site(vec![page(1, "one"), page(2, "zwei")]);
    let mut destroyed = base.clone();
    destroyed[21 + 2..].fill(0xFF);
    let merge = |base, ours, theirs| merge_roots(&digest_key(), Some(base), ours, theirs);
    assert_eq!(merge(&destroyed, &other, &destroyed), Ok(other.clone()));
    assert_eq!(merge(&destroyed, &destroyed, &other), Ok(other.clone()));
    assert_eq!(merge(&other, &destroyed, &destroyed), Ok(destroyed.clone()));
    assert!(matches!(merge(&destroyed, &other, &site(vec![])), Err(MergeError::Decode(_))));
}

#[test]
fn only_nodes_that_both_sides_changed_are_opened() {
    let titles = [
        ["one", "two", "three"],
        ["ours", "two", "three"],
        ["one", "two", "theirs"],
        ["ours", "two", "theirs"],
    ];
    let [base, ours, theirs, expected] = titles.map(|titles| {
        let pages: Vec<Value> = (1..).zip(titles).map(|(number, title)| page(number, title)).collect();
        let mut bytes = site(pages.clone());
        for page in &pages {
            destroy(&mut bytes, &encode(page));
        }
        bytes
    });
    assert_eq!(merge_roots(&digest_key(), Some(&base), &ours, &theirs), Ok(expected));
}

fn rows(count: i64, len: usize) -> Vec<Value> {
    (0..count).map(|n| Value::List(vec![Value::Int(n), text(&"x".repeat(len))])).collect()
}

fn under(list: Vec<Value>) -> Variables {
    vec![(key("_"), map([("list", Value::List(list))]))]
}

/// Rows are inline in a short list and nodes in a long one: the same rows on both sides of that, and a result on either.
#[test]
fn rows_that_are_nodes_in_one_version_and_inline_in_another() {
    let row = |n| Value::List(vec![Value::Int(n), text(&"y".repeat(24))]);
    for len in [24, 26, 27, 28, 40, 90, 118, 119, 130] {
        for count in [30, 40, 90, 100, 110, 125, 128, 129, 130, 140] {
            let base = rows(count, len);
            for (ours_new, theirs_new) in [(1, 1), (1, 30), (30, 1), (20, 20)] {
                let with =
                    |from: i64, new: i64| [base.clone(), (from..from + new).map(row).collect()].concat();
                let (ours, theirs) = (with(1000, ours_new), with(2000, theirs_new));
                let expected = [with(2000, theirs_new), (1000..1000 + ours_new).map(row).collect()].concat();
                assert_eq!(merged(Some(&under(base.clone())), &under(ours), &under(theirs)), under(expected));
            }
            // They emptied most of it, and it grew: what was a node is inline, or the other way.
            let short = base[..5].to_vec();
            let ours = [base.clone(), vec![row(1000)]].concat();
            let expected = under([&base[..5], &[row(1000)]].concat());
            assert_eq!(
                merged(Some(&under(base.clone())), &under(ours.clone()), &under(short.clone())),
                expected
            );
            let theirs = [base[3..].to_vec(), vec![row(2000)]].concat();
            let expected = under([&theirs[..], &[row(1000)]].concat());
            assert_eq!(merged(Some(&under(base.clone())), &under(ours), &under(theirs)), expected);
        }
    }
}

/// 500 levels, each with a change of either side, on a stack of 128 KiB, as small threads have.
#[test]
fn deep_arrays() {
    std::thread::Builder::new()
        .stack_size(128 * 1024)
        .spawn(|| {
            let deep = |ours: i64, theirs: i64, filler: usize| {
                let level = |inner| {
                    let filler = text(&"x".repeat(filler));
                    map([("o", Value::Int(ours)), ("t", Value::Int(theirs)), ("in", inner), ("f", filler)])
                };
                vec![(key("deep"), (0..511).fold(map([("end", Value::Null)]), |inner, _| level(inner)))]
            };
            for filler in [0, 200] {
                let result = merged(Some(&deep(0, 0, filler)), &deep(1, 0, filler), &deep(0, 2, filler));
                assert_eq!(result, deep(1, 2, filler));
            }
            let lists = |levels, end: Value| {
                vec![(key("deep"), (0..levels).fold(end, |inner, _| Value::List(vec![inner])))]
            };
            let end = |o: i64, t: i64| Value::List(vec![Value::Int(o), Value::Int(t)]);
            let result = merged(Some(&lists(511, end(0, 0))), &lists(511, end(1, 0)), &lists(511, end(0, 2)));
            assert_eq!(result, lists(511, end(1, 2)));
        })
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn many_variables_keep_their_order() {
    let many = |changed: i64| -> Variables {
        (0..1000)
            .map(|n| (MapKey::Int(n * 2), map([("n", Value::Int(n + i64::from(n == changed)))])))
            .collect()
    };
    let result = merged(Some(&many(-1)), &many(3), &many(997));
    let expected: Variables = many(3).into_iter().take(500).chain(many(997).into_iter().skip(500)).collect();
    assert_eq!(result, expected);
}
