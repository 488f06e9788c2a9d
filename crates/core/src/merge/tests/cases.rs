//! One line of docs/merging.md at a time.

use super::merged;
use super::php::{to_php, variables};
use crate::value::Value;

/// What stood there, what we have, what was stored meanwhile, what comes out. Each is the value of a variable.
type Case = (&'static str, &'static str, &'static str, &'static str);

#[track_caller]
fn come_out(cases: &[Case]) {
    for (base, ours, theirs, expected) in cases {
        for around in
            [|it: &str| format!("['it' => {it}]"), |it: &str| format!("['_' => ['site' => ['it' => {it}]]]")]
        {
            roots_come_out(&[(&around(base), &around(ours), &around(theirs), &around(expected))]);
        }
    }
}

/// The same for whole sessions; a base of `new` is none.
#[track_caller]
fn roots_come_out(cases: &[(&str, &str, &str, &str)]) {
    for (base, ours, theirs, expected) in cases {
        let base_variables = (*base != "new").then(|| variables(base));
        let result = merged(base_variables.as_ref(), &variables(ours), &variables(theirs));
        let expected = to_php(&Value::map(variables(expected)));
        assert_eq!(to_php(&Value::map(result)), expected, "base {base}, ours {ours}, theirs {theirs}");
    }
}

#[test]
fn changes_at_different_paths_both_stay() {
    come_out(&[
        ("['a' => 1, 'b' => 2]", "['a' => 10, 'b' => 2]", "['a' => 1, 'b' => 20]", "['a' => 10, 'b' => 20]"),
        ("['a' => 1]", "['a' => 1, 'o' => 2]", "['a' => 1, 't' => 3]", "['a' => 1, 't' => 3, 'o' => 2]"),
        (
            "['cart' => ['tea' => ['qty' => 1, 'price' => 5]]]",
            "['cart' => ['tea' => ['qty' => 2, 'price' => 5]]]",
            "['cart' => ['tea' => ['qty' => 1, 'price' => 6], 'milk' => ['qty' => 1]]]",
            "['cart' => ['tea' => ['qty' => 2, 'price' => 6], 'milk' => ['qty' => 1]]]",
        ),
    ]);
}

#[test]
fn the_later_of_two_changes_of_one_leaf_stays() {
    come_out(&[
        ("1", "2", "3", "2"),
        ("['n' => 1]", "['n' => 2]", "['n' => 3]", "['n' => 2]"),
        ("'a'", "null", "'b'", "null"),
        ("Cart(1)", "Cart(2)", "Cart(3)", "Cart(2)"),
        ("1", "[1, 2]", "3", "[1, 2]"),
        ("1", "2", "[1, 2]", "2"),
        ("['n' => 1]", "['n' => 1, 'm' => 2]", "['n' => 1, 'm' => 3]", "['n' => 1, 'm' => 2]"),
    ]);
}

#[test]
fn a_removal_wins_over_what_happens_below_in_either_order() {
    come_out(&[
        ("['user' => ['id' => 7]]", "[]", "['user' => ['id' => 7, 'seen' => 9]]", "[]"),
        ("['user' => ['id' => 7]]", "['user' => ['id' => 7, 'seen' => 9]]", "[]", "[]"),
        ("['user' => 7, 'x' => 1]", "['x' => 1]", "['user' => 8, 'x' => 2]", "['x' => 2]"),
        (
            "['user' => ['id' => 7]]",
            "['user' => []]",
            "['user' => ['id' => 7, 'seen' => 9]]",
            "['user' => ['seen' => 9]]",
        ),
        // Put away by something that is no array.
        (
            "['user' => ['id' => 7]]",
            "['user' => null]",
            "['user' => ['id' => 7, 'seen' => 9]]",
            "['user' => null]",
        ),
        (
            "['user' => ['id' => 7]]",
            "['user' => ['id' => 7, 'seen' => 9]]",
            "['user' => null]",
            "['user' => null]",
        ),
        ("['user' => ['id' => 7]]", "['user' => ['id' => 8]]", "['user' => Guest()]", "['user' => Guest()]"),
        ("['user' => ['id' => 7]]", "['user' => false]", "['user' => null]", "['user' => false]"),
    ]);
    roots_come_out(&[
        ("['user' => ['id' => 7]]", "[]", "['user' => ['id' => 7, 'seen' => 9]]", "[]"),
        ("['user' => ['id' => 7]]", "['user' => ['id' => 7, 'seen' => 9]]", "[]", "[]"),
    ]);
}

#[test]
fn what_was_appended_stays_beside_any_other_change() {
    come_out(&[
        ("['a']", "['a', 'o']", "['a', 't']", "['a', 't', 'o']"),
        ("[]", "['o', 'p']", "['t']", "['t', 'o', 'p']"),
        ("['a']", "['a', 'x']", "['a', 'x', 't']", "['a', 'x', 't', 'x']"),
        // Emptied, by one or the other.
        ("['a', 'b']", "[]", "['a', 'b', 't']", "['t']"),
        ("['a', 'b']", "['a', 'b', 'o']", "[]", "['o']"),
        ("['a', 'b']", "['new']", "['a', 'b', 't']", "['t', 'new']"),
        ("['a', 'b']", "['a', 'b', 'o']", "['new']", "['new', 'o']"),
        // Its first item taken.
        ("['a', 'b', 'c']", "['b', 'c']", "['a', 'b', 'c', 't']", "['b', 'c', 't']"),
        ("['a', 'b', 'c']", "['b', 'c', 'd', 'e']", "['a', 'b', 'c', 't']", "['b', 'c', 't', 'd', 'e']"),
        ("['a', 'b', 'c']", "['a', 'b', 'c', 'o']", "['b', 'c']", "['b', 'c', 'o']"),
        // An item in front.
        ("['a', 'b']", "['new', 'a', 'b']", "['a', 'b', 't']", "['new', 'a', 'b', 't']"),
        // Items changed.
        ("['a', 'b']", "['a', 'B']", "['a', 'b', 't']", "['a', 'B', 't']"),
        ("['a', 'b']", "['a', 'B', 'o']", "['A', 'b', 't']", "['A', 'B', 't', 'o']"),
        ("[['n' => 1]]", "[['n' => 2], 'o']", "[['n' => 1], 't']", "['t', ['n' => 2], 'o']"),
    ]);
}

#[test]
fn lists_of_unchanged_length_merge_item_by_item() {
    come_out(&[
        ("[1, 2, 3]", "[10, 2, 3]", "[1, 2, 30]", "[10, 2, 30]"),
        ("[1, 2, 3]", "[10, 2, 3]", "[11, 2, 30]", "[10, 2, 30]"),
        (
            "[['n' => 1, 'm' => 1], 2]",
            "[['n' => 2, 'm' => 1], 2]",
            "[['n' => 1, 'm' => 2], 2]",
            "[['n' => 2, 'm' => 2], 2]",
        ),
    ]);
}

#[test]
fn the_last_items_can_be_removed_beside_changes_of_the_others() {
    come_out(&[
        ("[1, 2, 3]", "[1, 2]", "[10, 2, 3]", "[10, 2]"),
        ("[1, 2, 3]", "[10, 2, 30]", "[1, 2]", "[10, 2]"),
        ("[['role' => 1]]", "[]", "[['role' => 1, 'seen' => 9]]", "[]"),
        ("[['role' => 1]]", "[['role' => 1, 'seen' => 9]]", "[]", "[]"),
        ("[1, 2, 3]", "[1, 2]", "[1]", "[1]"),
    ]);
}

#[test]
fn of_other_changes_of_a_list_the_later_stays_whole() {
    come_out(&[
        ("[1, 2, 3]", "[3]", "[10, 2, 3]", "[3]"),
        ("[1, 2, 3]", "[10, 2, 3]", "[3]", "[10, 2, 3]"),
        ("[1, 2]", "[3, 4, 5]", "[6, 7, 8]", "[3, 4, 5]"),
        ("[1, 2]", "[0, 1, 2]", "[2]", "[0, 1, 2]"),
        ("[1, 2, 3]", "[1, 0, 2, 3]", "[10, 2, 3]", "[1, 0, 2, 3]"),
    ]);
}

#[test]
fn lists_become_maps_and_maps_lists() {
    come_out(&[
        // unset($it[1]) beside $it[] = ...
        ("['a', 'b', 'c']", "[0 => 'a', 2 => 'c']", "['a', 'b', 'c', 't']", "[0 => 'a', 2 => 'c', 3 => 't']"),
        ("['a', 'b', 'c']", "['a', 'b', 'c', 'o']", "[0 => 'a', 2 => 'c']", "[0 => 'a', 2 => 'c', 3 => 'o']"),
        // Both appended under number 3.
        (
            "['a', 'b', 'c']",
            "[0 => 'a', 2 => 'c', 3 => 'o']",
            "['a', 'b', 'c', 't']",
            "[0 => 'a', 2 => 'c', 4 => 't', 3 => 'o']",
        ),
        (
            "['a', 'b', 'c']",
            "['a', 'b', 'c', 'o', 'p']",
            "[0 => 'a', 2 => 'c', 3 => 't']",
            "[0 => 'a', 2 => 'c', 3 => 't', 4 => 'o', 5 => 'p']",
        ),
        ("['a', 'b', 'c']", "[0 => 'a', 2 => 'c']", "[0 => 'a', 1 => 'b', 'n' => 1]", "[0 => 'a', 'n' => 1]"),
        // unset($it[1]) beside a change of $it[1], and of another item.
        ("['a', 'b', 'c']", "[0 => 'a', 2 => 'c']", "['a', 'B', 'C']", "[0 => 'a', 2 => 'C']"),
        ("['a', 'b', 'c']", "['a', 'B', 'C']", "[0 => 'a', 2 => 'c']", "[0 => 'a', 2 => 'C']"),
        // unset($it[1]) beside array_shift($it): the later.
        ("['a', 'b', 'c']", "[0 => 'a', 2 => 'c']", "['b', 'c']", "[0 => 'a', 2 => 'c']"),
        ("['a', 'b', 'c']", "['b', 'c']", "[0 => 'a', 2 => 'c']", "['b', 'c']"),
        // The empty array is both.
        ("[]", "['o']", "['t' => 1]", "['t' => 1, 0 => 'o']"),
        ("[]", "['o' => 1]", "['t' => 1]", "['t' => 1, 'o' => 1]"),
        ("['a' => 1]", "[]", "['a' => 1, 't' => 2]", "['t' => 2]"),
        ("['a' => 1]", "['o']", "['a' => 1, 't' => 2]", "['t' => 2, 0 => 'o']"),
        ("['a']", "[]", "['a', 't' => 2]", "['t' => 2]"),
        // A queue with gaps, put in order by array_values.
        ("[1 => 'b', 2 => 'c']", "['b', 'c']", "['b', 'c', 't']", "['b', 'c', 't']"),
        ("[1 => 'b', 2 => 'c']", "[]", "['b', 'c']", "[]"),
        ("[1 => 'b', 2 => 'c']", "['b', 'c']", "[]", "[]"),
    ]);
    // The highest number that there is.
    come_out(&[(
        "[]",
        "['o']",
        "[9223372036854775807 => 't', 0 => 'x']",
        "[9223372036854775807 => 't', 0 => 'o']",
    )]);
}

#[test]
fn what_both_sides_made_anew_is_merged_as_changes_of_nothing() {
    come_out(&[
        (
            "[]",
            "['cart' => ['tea' => 1]]",
            "['cart' => ['milk' => 2]]",
            "['cart' => ['milk' => 2, 'tea' => 1]]",
        ),
        ("[]", "['seen' => ['o']]", "['seen' => ['t']]", "['seen' => ['t', 'o']]"),
        ("['cart' => null]", "['cart' => ['o']]", "['cart' => ['t']]", "['cart' => ['t', 'o']]"),
        ("[]", "['cart' => ['tea' => 1]]", "['cart' => null]", "['cart' => ['tea' => 1]]"),
    ]);
    roots_come_out(&[
        ("new", "['cart' => ['o']]", "['cart' => ['t']]", "['cart' => ['t', 'o']]"),
        ("new", "['cart' => ['tea' => 1]]", "['cart' => ['tea' => 2]]", "['cart' => ['tea' => 1]]"),
        ("new", "['o' => 1]", "['t' => 1]", "['t' => 1, 'o' => 1]"),
        ("new", "['a' => 1]", "['a' => 1]", "['a' => 1]"),
    ]);
}

#[test]
fn variables_with_numbers_are_variables() {
    roots_come_out(&[
        ("[]", "['o']", "['t']", "['o']"),
        ("['a', 'b']", "[1 => 'b']", "['A', 'b', 't']", "[1 => 'b', 2 => 't']"),
    ]);
}

#[test]
fn the_order_is_theirs_and_what_is_new_in_ours_follows() {
    come_out(&[(
        "['a' => 1, 'b' => 2, 'c' => 3]",
        "['o' => 9, 'c' => 3, 'b' => 2, 'a' => 10]",
        "['b' => 2, 't' => 8, 'a' => 1, 'c' => 30]",
        "['b' => 2, 't' => 8, 'a' => 10, 'c' => 30, 'o' => 9]",
    )]);
}

#[test]
fn variables_that_share_objects_are_one_leaf() {
    roots_come_out(&[
        // One side changed the group.
        (
            "['u' => @(1), 'v' => @(1), 'x' => 1]",
            "['u' => @(2), 'v' => @(2), 'x' => 1]",
            "['u' => @(1), 'v' => @(1), 'x' => 2]",
            "['u' => @(2), 'v' => @(2), 'x' => 2]",
        ),
        // Both did: the later.
        (
            "['u' => @(1), 'v' => @(1)]",
            "['u' => @(2), 'v' => @(2)]",
            "['u' => @(3), 'v' => @(3)]",
            "['u' => @(2), 'v' => @(2)]",
        ),
        // They made another group of it: half of that would be left in x.
        (
            "['u' => @(1), 'v' => @(1), 'x' => 1]",
            "['u' => @(2), 'v' => @(2), 'x' => 1]",
            "['u' => @(3), 'v' => 5, 'x' => @(3)]",
            "['u' => @(2), 'v' => @(2), 'x' => 1]",
        ),
        (
            "['u' => 1, 'x' => 1]",
            "['u' => 2, 'x' => 1]",
            "['u' => @(3), 'x' => @(3)]",
            "['u' => 2, 'x' => 1]",
        ),
        (
            "['u' => 1, 'x' => 1]",
            "['u' => @(2), 'x' => @(2)]",
            "['u' => 1, 'x' => 3]",
            "['u' => @(2), 'x' => @(2)]",
        ),
        // Two groups of theirs, joined by one of ours.
        (
            "['a' => 1, 'b' => 1, 'c' => 1, 'd' => 1]",
            "['a' => 1, 'b' => @(2), 'c' => @(2), 'd' => 1]",
            "['a' => @(3), 'b' => @(3), 'c' => @(4), 'd' => @(4)]",
            "['a' => 1, 'b' => @(2), 'c' => @(2), 'd' => 1]",
        ),
        // What is new stays, and a removal wins.
        ("['u' => 1]", "['u' => 2]", "['u' => @(3), 'w' => @(3)]", "['u' => 2, 'w' => @(3)]"),
        ("['u' => @(1), 'v' => @(1)]", "['v' => 2]", "['u' => @(3), 'v' => @(3)]", "['v' => 2]"),
        ("['u' => @(1), 'v' => @(1)]", "['u' => @(2), 'v' => @(2)]", "['v' => 3]", "['v' => @(2)]"),
        // A leaf in the place of an array removes what was below, with all of its group.
        (
            "['u' => ['id' => 7], 'x' => 1]",
            "['u' => ['id' => 7, 'seen' => 9], 'x' => 1]",
            "['u' => @(3), 'x' => @(3)]",
            "['u' => @(3), 'x' => @(3)]",
        ),
        // Each side did that: it is removed in either place.
        (
            "['u' => ['id' => 7], 'v' => ['id' => 8], 'x' => 1]",
            "['u' => @(2), 'v' => ['id' => 8, 'seen' => 9], 'x' => @(2)]",
            "['u' => ['id' => 7, 'seen' => 9], 'v' => @(3), 'x' => @(3)]",
            "['u' => @(2), 'v' => @(3), 'x' => @(2)]",
        ),
    ]);
}
