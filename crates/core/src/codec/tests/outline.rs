//! Versions of a root by what is different in them.

use super::*;
use crate::codec::outline::{Change, Outline};
use crate::codec::root::Root;
use crate::codec::{EncodeError, KeyRef};

fn has_objects(bytes: &[u8]) -> bool {
    Root::parse(bytes).unwrap().entries().any(|entry| matches!(entry.unwrap().value[0], 0x09 | 0x0A))
}

fn written(
    outline: &Outline,
    old: &[u8],
    changed: &[Change<&[u8]>],
    appended: &[(KeyRef<'_>, &[u8])],
    out: &mut Vec<u8>,
) -> Result<Digest, EncodeError> {
    outline.write_changed(&digest_key(), old, changed, appended, out, |value, out| {
        out.extend_from_slice(value);
        Ok(())
    })
}

/// What is said of an outline, by what it does: two are equal if they write equal roots.
fn rewritten(outline: &Outline, bytes: &[u8]) -> (Vec<u8>, Digest) {
    let mut out = b"header".to_vec();
    let digest = written(outline, bytes, &[], &[], &mut out).unwrap();
    assert_eq!(&out[..6], b"header");
    (out.split_off(6), digest)
}

/// One that was changed: some values are others, some entries are gone, some are behind the others.
fn changed(
    old: &[(MapKey, Value)],
    changes: &[(prop::sample::Index, Option<Value>)],
    added: Vec<(MapKey, Value)>,
) -> Vec<(MapKey, Value)> {
    let mut new: Vec<_> = old.iter().cloned().map(Some).collect();
    for (at, value) in changes {
        if !new.is_empty() {
            let at = at.index(new.len());
            new[at] = value.clone().map(|value| (old[at].0.clone(), value));
        }
    }
    let mut new: Vec<_> = new.into_iter().flatten().collect();
    for (key, value) in added {
        if !new.iter().any(|(known, _)| *known == key) {
            new.push((key, value));
        }
    }
    new
}

proptest! {
    /// Whatever the two roots are: what was followed is as what was made anew.
    #[test]
    fn what_is_followed_is_the_other_root(
        old in any_root(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(any_value())), 0..4),
        added in prop_oneof![Just(Vec::new()), any_root()],
        other in any_root(),
        is_other in prop::bool::weighted(0.2),
    ) {
        let new = if is_other { other } else { changed(&old, &changes, added) };
        let (old_bytes, new_bytes) = (root(&old).0, root(&new).0);
        let Some(mut outline) = Outline::of(&Root::parse(&old_bytes).unwrap()).unwrap() else {
            prop_assert!(has_objects(&old_bytes));
            return Ok(());
        };
        prop_assert!(!has_objects(&old_bytes));
        prop_assert_eq!(outline.len(), old.len());
        prop_assert_eq!(rewritten(&outline, &old_bytes), root(&old));
        let new_root = Root::parse(&new_bytes).unwrap();
        let followed = outline.changes(&old_bytes, &new_root, 200).unwrap();
        prop_assert_eq!(followed.changed.is_empty() && followed.appended.is_empty(), old_bytes == new_bytes);
        let is_plain = outline.apply(&followed, &new_root);
        prop_assert_eq!(is_plain, !has_objects(&new_bytes));
        if is_plain {
            prop_assert_eq!(outline.len(), new.len());
            prop_assert_eq!(rewritten(&outline, &new_bytes), root(&new));
            let again = outline.changes(&new_bytes, &new_root, 0).unwrap();
            prop_assert!(again.changed.is_empty() && again.appended.is_empty());
        }
    }

    /// What is written by its differences is what is written whole.
    #[test]
    fn differences_are_written_as_the_whole(
        old in any_root(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(any_value())), 0..4),
        added in prop_oneof![Just(Vec::new()), any_root()],
    ) {
        let is_elsewhere = |key: &MapKey| old.iter().any(|(known, _)| known == key);
        let added = added.into_iter().filter(|(key, _)| !is_elsewhere(key)).collect();
        let new = changed(&old, &changes, added);
        let old_bytes = root(&old).0;
        let (expected, digest) = root(&new);
        let Some(outline) = Outline::of(&Root::parse(&old_bytes).unwrap()).unwrap() else { return Ok(()) };
        if has_objects(&expected) {
            return Ok(());
        }
        let values: Vec<_> = new.iter().map(|(key, value)| (key, encode(value))).collect();
        let places: Vec<_> = old
            .iter()
            .map(|(key, _)| values.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_slice()))
            .enumerate()
            .filter(|(at, value)| *value != Some(encode(&old[*at].1).as_slice()))
            .map(|(at, value)| value.map_or(Change::Removed(at), |value| Change::Set(at, value)))
            .collect();
        let appended: Vec<_> = values
            .iter()
            .filter(|(key, _)| !old.iter().any(|(known, _)| known == *key))
            .map(|(key, value)| (key.as_ref(), value.as_slice()))
            .collect();
        let mut out = Vec::new();
        let written = written(&outline, &old_bytes, &places, &appended, &mut out).unwrap();
        prop_assert_eq!((out, written), (expected, digest));
    }

    /// Bytes that nobody vouches for lead nowhere else than to an error.
    #[test]
    fn damaged_roots_are_not_followed_into_a_panic(
        old in any_root(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let old_bytes = root(&old).0;
        let Some(mut outline) = Outline::of(&Root::parse(&old_bytes).unwrap()).unwrap() else { return Ok(()) };
        let mut damaged = old_bytes.clone();
        let at = at.index(damaged.len());
        damaged[at] = byte;
        if let Ok(new) = Root::parse(&damaged)
            && let Some(changes) = outline.changes(&old_bytes, &new, 200)
        {
            let _ = outline.apply(&changes, &new);
        }
    }
}

#[test]
fn more_changes_than_are_asked_for_are_not_followed() {
    let version = |number: i64| {
        root(&(0..10).map(|at| (MapKey::Int(at), Value::Int(number + at))).collect::<Vec<_>>()).0
    };
    let (old, new) = (version(0), version(1));
    let outline = Outline::of(&Root::parse(&old).unwrap()).unwrap().unwrap();
    let new = Root::parse(&new).unwrap();
    assert_eq!(outline.changes(&old, &new, 10).unwrap().changed.len(), 10);
    assert!(outline.changes(&old, &new, 9).is_none());
    assert!(outline.changes(&old[..old.len() - 1], &new, 10).is_none(), "it is the outline of other bytes");
}

#[test]
fn a_value_that_can_not_be_written_leaves_nothing_behind() {
    let old = root(&[(key("a"), Value::Int(1)), (key("b"), Value::Int(2))]).0;
    let outline = Outline::of(&Root::parse(&old).unwrap()).unwrap().unwrap();
    let mut out = b"header".to_vec();
    let refused =
        outline.write_changed(&digest_key(), &old, &[Change::Set(1, ())], &[], &mut out, |(), out| {
            out.extend_from_slice(b"half a value");
            Err(EncodeError::TooDeep)
        });
    assert_eq!((refused, &out[..]), (Err(EncodeError::TooDeep), &b"header"[..]));
}
