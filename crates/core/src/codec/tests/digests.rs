use super::*;

fn digests(bytes: &[u8]) -> Vec<Digest> {
    nodes(bytes).into_iter().map(|(digest, _)| digest).collect()
}

/// A change of one leaf, found by counting leaves. Whether there was such a leaf.
fn change_leaf(value: &mut Value, countdown: &mut usize) -> bool {
    match value {
        Value::List(items) if !items.is_empty() => items.iter_mut().any(|item| change_leaf(item, countdown)),
        Value::Map(items) => items.iter_mut().any(|(_, item)| change_leaf(item, countdown)),
        leaf if *countdown == 0 => {
            // The same estimated size, so the nodes stay where they are.
            *leaf = match leaf {
                Value::Null => Value::Bool(true),
                Value::Bool(bool) => Value::Bool(!*bool),
                Value::Int(int) => Value::Int(!*int),
                Value::Float(float) => Value::Float(f64::from_bits(!float.to_bits())),
                Value::Bytes(bytes) if !bytes.is_empty() => {
                    bytes[0] ^= 1;
                    Value::Bytes(std::mem::take(bytes))
                }
                _ => return false,
            };
            true
        }
        _ => {
            *countdown -= 1;
            false
        }
    }
}

proptest! {
    #[test]
    fn equal_trees_have_equal_bytes_and_others_have_other_digests(one in any_root(), two in any_root()) {
        let (one_bytes, one_digest) = root(&one);
        let (two_bytes, two_digest) = root(&two);
        prop_assert_eq!(one == two, one_bytes == two_bytes);
        prop_assert_eq!(one == two, one_digest == two_digest);
        prop_assert_eq!(root(&one.clone()), (one_bytes, one_digest));
    }

    /// The bytes of a node change exactly where the changed leaf is in it, and so does its digest.
    #[test]
    fn a_changed_leaf_changes_the_digests_of_exactly_the_nodes_around_it(
        value in any_value(),
        mut at in 0usize..60,
    ) {
        let mut changed = value.clone();
        if change_leaf(&mut changed, &mut at) {
            let (before, after) = (nodes(&encode(&value)), nodes(&encode(&changed)));
            prop_assert_eq!(before.len(), after.len());
            let by_bytes: Vec<bool> = before.iter().zip(&after).map(|((_, one), (_, two))| one != two).collect();
            let by_digest: Vec<bool> = before.iter().zip(&after).map(|((one, _), (two, _))| one != two).collect();
            prop_assert_eq!(&by_digest, &by_bytes);
            prop_assert_ne!(by_digest.last(), Some(&false), "the outermost node holds the leaf");
        }
    }
}

#[test]
fn the_digests_around_a_leaf_change_and_no_others() {
    let branch = |leaf: &str| Value::List(vec![text(leaf), text(&"x".repeat(200))]);
    let tree =
        |leaf: &str| Value::List(vec![branch("other"), Value::List(vec![branch(leaf)]), branch("third")]);
    let (before, after) = (digests(&encode(&tree("one"))), digests(&encode(&tree("two"))));
    let changed: Vec<bool> = before.iter().zip(&after).map(|(one, two)| one != two).collect();
    // In the order in which they end: the other branch, the changed branch, the list around it, the third, the tree.
    assert_eq!(changed, [false, true, true, false, true]);
}

#[test]
fn values_that_look_alike_have_digests_of_their_own() {
    let node = |value| digests(&encode(&Value::List(vec![value])))[0];
    let alike = [
        Value::Null,
        Value::Bool(false),
        Value::Int(0),
        Value::Float(0.0),
        Value::Float(-0.0),
        text(""),
        text("0"),
        Value::List(vec![]),
        Value::List(vec![Value::Null]),
        Value::map(vec![(MapKey::Int(1), Value::Null)]),
        Value::map(vec![(key("1"), Value::Null)]),
        Value::Opaque(b"0".to_vec()),
    ];
    let mut digests: Vec<Digest> = alike.into_iter().map(node).collect();
    digests.sort_unstable_by_key(|digest| digest.0);
    digests.dedup();
    assert_eq!(digests.len(), 12);
}

/// What keeps a visitor from making two values with one digest.
#[test]
fn digests_hang_on_the_secret() {
    let other = DigestKey::derive(&Secret::from_bytes([7; 32]));
    let mut out = Vec::new();
    let value = Value::List(vec![text("value")]);
    encode_value(&mut ValueSource, &value, &other, &mut out).unwrap();
    assert_ne!(digests(&out), digests(&encode(&value)));
    assert_eq!(decode(&out), Ok(value));
}
