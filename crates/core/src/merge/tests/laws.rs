//! What holds for all sessions: generated ones, with few keys and values, so that changes meet.

use proptest::{prelude::*, sample::Index};

use super::{Variables, merged, php::php};
use crate::codec::tests::key;
use crate::value::{MapKey, Value};

fn any_leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0i64..4).prop_map(Value::Int),
        1 => Just(Value::Null),
        1 => prop::sample::select(vec!["", "text"]).prop_map(|text| Value::Bytes(text.into())),
        // Long enough to make nodes of what holds them.
        1 => (0u8..3).prop_map(|n| Value::Bytes(vec![n; 130])),
        1 => (0u8..3).prop_map(|n| Value::Opaque(vec![n])),
    ]
}

fn any_key() -> impl Strategy<Value = MapKey> {
    prop_oneof![prop::sample::select(vec!["a", "b", "c"]).prop_map(key), (0i64..4).prop_map(MapKey::Int)]
}

fn without_repeats(entries: Variables) -> Variables {
    let mut seen = std::collections::HashSet::new();
    entries.into_iter().filter(|(key, _)| seen.insert(key.clone())).collect()
}

fn any_value() -> impl Strategy<Value = Value> {
    any_leaf().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            prop::collection::vec((any_key(), inner), 0..5).prop_map(|it| Value::map(without_repeats(it))),
        ]
    })
}

/// Variables, some of which share objects.
fn any_variables() -> impl Strategy<Value = Variables> {
    let member = prop::sample::select(vec!["@(1)", "@(2)", "@(3)"]).prop_map(php);
    prop::collection::vec((any_key(), prop_oneof![4 => any_value(), 1 => member]), 0..5)
        .prop_map(without_repeats)
}

/// Something a request does to a session, at a place that is found by going down.
#[derive(Clone, Debug)]
struct Change {
    way: Vec<Index>,
    kind: Kind,
    key: MapKey,
    value: Value,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Set,
    Unset,
    Append,
    Pop,
    Shift,
    Unshift,
    Clear,
    Values,
}

fn any_change() -> impl Strategy<Value = Change> {
    use Kind::{Append, Clear, Pop, Set, Shift, Unset, Unshift, Values};
    let kind = prop::sample::select(vec![
        Set, Set, Set, Unset, Unset, Append, Append, Pop, Shift, Unshift, Clear, Values,
    ]);
    (prop::collection::vec(any::<Index>(), 0..4), kind, any_key(), any_value())
        .prop_map(|(way, kind, key, value)| Change { way, kind, key, value })
}

fn entries_of(value: &Value) -> Option<Variables> {
    match value {
        Value::List(items) => Some((0..).map(MapKey::Int).zip(items.iter().cloned()).collect()),
        Value::Map(entries) => Some(entries.clone()),
        _ => None,
    }
}

fn change(entries: &mut Variables, change: &Change, depth: usize) {
    if let Some(way) = change.way.get(depth)
        && !entries.is_empty()
    {
        let (_, value) = way.get_mut(entries.as_mut_slice());
        if let Some(mut inner) = entries_of(value) {
            self::change(&mut inner, change, depth + 1);
            *value = Value::map(inner);
            return;
        }
    }
    let next =
        entries.iter().filter_map(|(key, _)| if let MapKey::Int(n) = key { Some(n + 1) } else { None }).max();
    let renumber = |entries: &mut Variables| {
        for (number, (key, _)) in
            (0..).zip(entries.iter_mut().filter(|(key, _)| matches!(key, MapKey::Int(_))))
        {
            *key = MapKey::Int(number);
        }
    };
    let (key, value) = (change.key.clone(), change.value.clone());
    match change.kind {
        Kind::Set => match entries.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = value,
            None => entries.push((key, value)),
        },
        Kind::Unset => {
            if let Some(way) = change.way.first().filter(|_| !entries.is_empty()) {
                entries.remove(way.index(entries.len()));
            }
        }
        Kind::Append => entries.push((MapKey::Int(next.unwrap_or(0)), value)),
        Kind::Pop => drop(entries.pop()),
        Kind::Shift if entries.is_empty() => {}
        Kind::Shift => {
            entries.remove(0);
            renumber(entries);
        }
        Kind::Unshift => {
            entries.insert(0, (MapKey::Int(-1), value));
            renumber(entries);
        }
        Kind::Clear => entries.clear(),
        Kind::Values => {
            for (number, (key, _)) in (0..).zip(entries) {
                *key = MapKey::Int(number);
            }
        }
    }
}

fn changed(base: &Variables, changes: &[Change]) -> Variables {
    let mut variables = base.clone();
    for it in changes {
        change(&mut variables, it, 0);
    }
    variables
}

fn any_changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec(any_change(), 0..4)
}

fn leaves(value: &Value, found: &mut Vec<Value>) {
    match entries_of(value) {
        Some(entries) if !entries.is_empty() => entries.iter().for_each(|(_, value)| leaves(value, found)),
        Some(_) => {}
        None => found.push(value.clone()),
    }
}

fn at<'v>(entries: &'v Variables, key: &MapKey) -> Option<&'v Value> {
    entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

/// Whether nothing is left in `merged` at the paths that are in `base` and not in `side`. Looks into maps: where a list
/// is concerned, an item that was appended may stand under the number of one that was removed.
fn removed_is_gone(base: &Value, side: &Value, merged: &Value) -> bool {
    let Value::Map(before) = base else { return true };
    if !before.iter().any(|(key, _)| matches!(key, MapKey::Bytes(_))) {
        return true;
    }
    let (side, Some(merged)) = (entries_of(side).unwrap_or_default(), entries_of(merged)) else {
        return true;
    };
    before.iter().all(|(key, base)| match (at(&side, key), at(&merged, key)) {
        (None, merged) => merged.is_none(),
        (Some(side), Some(merged)) => removed_is_gone(base, side, merged),
        (Some(_), None) => true,
    })
}

/// Equal but for the order of keys.
fn alike(one: &Value, two: &Value) -> bool {
    match (entries_of(one), entries_of(two)) {
        (Some(one), Some(two)) => {
            one.len() == two.len()
                && one.iter().all(|(key, value)| at(&two, key).is_some_and(|other| alike(value, other)))
        }
        _ => one == two,
    }
}

/// Maps with names only, whose paths mean the same whatever is done to others: `value` at the end of `path`.
fn set(entries: &mut Variables, path: &[&'static str], value: Option<&Value>) {
    let Some((name, rest)) = path.split_first() else { return };
    let name = key(name);
    if rest.is_empty() {
        match (value, entries.iter_mut().find(|(known, _)| *known == name)) {
            (Some(value), Some(entry)) => entry.1 = value.clone(),
            (Some(value), None) => entries.push((name, value.clone())),
            (None, _) => entries.retain(|(known, _)| *known != name),
        }
        return;
    }
    if at(entries, &name).and_then(entries_of).is_none() {
        entries.retain(|(known, _)| *known != name);
        entries.push((name.clone(), Value::List(Vec::new())));
    }
    for (known, inner) in entries.iter_mut().filter(|(known, _)| *known == name) {
        let mut below = entries_of(inner).unwrap_or_default();
        set(&mut below, rest, value);
        *inner = Value::map(below);
        debug_assert_eq!(*known, name);
    }
}

fn get<'v>(entries: &'v Variables, path: &[&'static str]) -> Option<&'v Value> {
    let (name, rest) = path.split_first()?;
    let value = at(entries, &key(name))?;
    match value {
        _ if rest.is_empty() => Some(value),
        Value::Map(inner) => get(inner, rest),
        _ => None,
    }
}

const PATHS: [[&str; 3]; 8] = [
    ["a", "a", "a"],
    ["a", "a", "b"],
    ["a", "b", "a"],
    ["a", "b", "b"],
    ["b", "a", "a"],
    ["b", "a", "b"],
    ["b", "b", "a"],
    ["b", "b", "b"],
];

type Settings = Vec<Option<Value>>;

fn any_settings() -> impl Strategy<Value = Settings> {
    prop::collection::vec(prop::option::weighted(0.8, any_leaf()), PATHS.len())
}

fn unique_list(from: i64, len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Value>> {
    (len, any::<bool>()).prop_map(move |(len, in_rows)| {
        let row = |n| if in_rows { Value::map(vec![(key("id"), Value::Int(n))]) } else { Value::Int(n) };
        (from..).take(len).map(row).collect()
    })
}

fn under_one_key(list: Vec<Value>) -> Variables {
    vec![(key("list"), Value::List(list))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn one_side_alone_and_both_alike(base in any_variables(), side in any_changes(), anew in any_variables()) {
        for side in [changed(&base, &side), anew] {
            prop_assert_eq!(&merged(Some(&base), &side, &base), &side);
            prop_assert_eq!(&merged(Some(&base), &base, &side), &side);
            prop_assert_eq!(&merged(Some(&base), &side, &side), &side);
            prop_assert_eq!(&merged(None, &side, &side), &side);
            prop_assert_eq!(&merged(None, &side, &Vec::new()), &side);
        }
    }

    /// `merged` also looks at the bytes of the result, which are as if it were written anew.
    #[test]
    fn every_leaf_was_written_by_a_side_and_what_a_side_removed_is_gone(
        base in any_variables(),
        ours in any_changes(),
        theirs in any_changes(),
    ) {
        let (ours, theirs) = (changed(&base, &ours), changed(&base, &theirs));
        let result = merged(Some(&base), &ours, &theirs);
        let (mut written, mut result_leaves) = (Vec::new(), Vec::new());
        ours.iter().chain(&theirs).for_each(|(_, value)| leaves(value, &mut written));
        for (_, value) in &result {
            leaves(value, &mut result_leaves);
        }
        prop_assert!(result_leaves.iter().all(|leaf| written.contains(leaf)));
        for side in [&ours, &theirs] {
            for (key, before) in &base {
                match (at(side, key), at(&result, key)) {
                    (None, merged) => prop_assert!(merged.is_none(), "{:?} is back", key),
                    (Some(side), Some(merged)) => prop_assert!(removed_is_gone(before, side, merged)),
                    (Some(_), None) => {}
                }
            }
        }
        for (key, value) in &ours {
            if at(&base, key).is_none() && at(&theirs, key).is_none() {
                prop_assert_eq!(at(&result, key), Some(value));
            }
        }
        // Nobody's base: nothing is removed, so all names are there.
        let anew = merged(None, &ours, &theirs);
        prop_assert!(ours.iter().chain(&theirs).all(|(key, _)| at(&anew, key).is_some()));
    }

    /// Whatever of a group of one side is stored: all of it is, but for what was removed and what the other side
    /// doesn't know.
    #[test]
    fn no_half_of_a_group_is_stored(
        base in any_variables(),
        ours in any_variables(),
        theirs in any_variables(),
    ) {
        let result = merged(Some(&base), &ours, &theirs);
        for (side, other) in [(&ours, &theirs), (&theirs, &ours)] {
            for (one, group) in side.iter().filter(|(_, value)| matches!(value, Value::GroupMember(_))) {
                let is_new = |key| at(&base, key) != Some(group) && at(other, key) != Some(group);
                let is_known = |key| at(&base, key).is_some() || at(other, key).is_some();
                let is_kept = |key| at(&result, key) == Some(group);
                // A leaf in the place of an array stays in any case.
                let replaces_an_array = at(&base, one).and_then(entries_of).is_some();
                if is_new(one) && is_known(one) && is_kept(one) && !replaces_an_array {
                    for (two, _) in side.iter().filter(|(two, value)| value == group && is_new(two)) {
                        let is_removed = at(&base, two).is_some() && at(other, two).is_none();
                        prop_assert!(is_removed || is_kept(two), "{:?} without {:?}", one, two);
                    }
                }
            }
        }
    }

    #[test]
    fn changes_at_disjoint_paths_commute_and_all_stay(
        base in any_settings(),
        changes in any_settings(),
        who in prop::collection::vec(0..3u8, PATHS.len()),
    ) {
        let mut versions = [Vec::new(), Vec::new(), Vec::new()];
        for version in &mut versions {
            PATHS.iter().zip(&base).for_each(|(path, value)| if value.is_some() { set(version, path, value.as_ref()) });
        }
        let [mut ours, mut theirs, base] = versions;
        for ((path, change), who) in PATHS.iter().zip(&changes).zip(&who) {
            match who {
                0 => set(&mut ours, path, change.as_ref()),
                1 => set(&mut theirs, path, change.as_ref()),
                _ => {}
            }
        }
        let one = merged(Some(&base), &ours, &theirs);
        let other = merged(Some(&base), &theirs, &ours);
        prop_assert!(alike(&Value::map(one.clone()), &Value::map(other)));
        for (path, who) in PATHS.iter().zip(&who) {
            let expected = if *who == 0 { get(&ours, path) } else { get(&theirs, path) };
            prop_assert_eq!(get(&one, path), expected, "at {:?}", path);
        }
    }

    #[test]
    fn a_path_removed_by_either_side_is_gone(
        base in any_settings(),
        changes in any_settings(),
        removed in 0..PATHS.len(),
        depth in 1usize..4,
    ) {
        let mut before = Vec::new();
        PATHS.iter().zip(&base).for_each(|(path, value)| if value.is_some() { set(&mut before, path, value.as_ref()) });
        let removed = &PATHS[removed][..depth];
        if get(&before, removed).is_some() {
            let (mut one, mut other) = (before.clone(), before.clone());
            set(&mut one, removed, None);
            PATHS.iter().zip(&changes).for_each(|(path, value)| set(&mut other, path, value.as_ref()));
            for result in [merged(Some(&before), &one, &other), merged(Some(&before), &other, &one)] {
                prop_assert_eq!(get(&result, removed), None);
            }
        }
    }

    #[test]
    fn appended_items_of_both_sides_are_all_there_in_order(
        base in unique_list(0, 0..50),
        ours in unique_list(1000, 0..4),
        theirs in unique_list(2000, 0..4),
        drop in 0usize..4,
        changed in prop::option::of(any::<Index>()),
    ) {
        let tail = |side: &Vec<Value>| [&base[..], side].concat();
        let result = merged(
            Some(&under_one_key(base.clone())),
            &under_one_key(tail(&ours)),
            &under_one_key(tail(&theirs)),
        );
        prop_assert_eq!(result, under_one_key([&base[..], &theirs, &ours].concat()));

        // Beside an edit: some taken from the front, one changed, and new ones appended.
        let mut edited = base[drop.min(base.len())..].to_vec();
        if let Some(changed) = changed.filter(|_| !edited.is_empty()) {
            *changed.get_mut(&mut edited) = Value::Int(-1);
        }
        let with_edit = [&edited[..], &ours].concat();
        let [late, early] = [[&with_edit, &tail(&theirs)], [&tail(&theirs), &with_edit]].map(|[ours, theirs]| {
            let result = merged(Some(&under_one_key(base.clone())), &under_one_key(ours.clone()), &under_one_key(theirs.clone()));
            let Some(Value::List(items)) = at(&result, &key("list")) else { panic!("a list") };
            items.clone()
        });
        let ordered = |items: &[Value], wanted: &[Value]| {
            let mut left = wanted.iter().peekable();
            for item in items {
                left.next_if(|wanted| *wanted == item);
            }
            left.peek().is_none()
        };
        for items in [&late, &early] {
            prop_assert!(ordered(items, &edited) && ordered(items, &ours) && ordered(items, &theirs));
            prop_assert_eq!(items.len(), edited.len() + ours.len() + theirs.len());
        }
    }
}
