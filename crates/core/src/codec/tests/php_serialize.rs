//! Every text here is what PHP 8.2 wrote, by `php_var_serialize` in one context for all the values of a test.

use proptest::prelude::*;

use super::super::php_serialize::{may_refer, scan, stand_alone};

/// Values in the order of their context, each with the numbers it takes; the first begins after `base`.
#[track_caller]
fn takes(mut base: u64, values: &[(&[u8], u64)]) {
    for &(text, slots) in values {
        assert_eq!(scan(text, base).map(|scan| scan.slots), Some(slots), "{}", text.escape_ascii());
        base += slots;
    }
}

#[track_caller]
fn alone(text: &[u8], base: u64, expected: Option<&[u8]>) {
    assert_eq!(stand_alone(text, base).as_deref(), expected);
    assert_eq!(scan(text, base).map(|scan| scan.reaches_back), Some(expected.is_none()));
}

#[test]
fn scalars_take_one_number() {
    for text in [
        &b"N;"[..],
        b"b:1;",
        b"i:-7;",
        b"d:1.5;",
        b"d:-0;",
        b"d:INF;",
        b"d:-INF;",
        b"d:NAN;",
        b"d:1.0E+100;",
        b"d:1.0E-7;",
        b"s:6:\"r:1;\"}\";",
        b"s:0:\"\";",
        b"E:3:\"U:A\";",
    ] {
        takes(4, &[(text, 1)]);
        alone(text, 4, Some(text));
    }
}

#[test]
fn keys_take_no_number() {
    takes(1, &[(b"a:0:{}", 1), (b"a:2:{i:0;i:1;s:1:\"k\";a:2:{i:0;i:2;i:-3;s:1:\"x\";}}", 5)]);
}

/// Objects shared between values; a private property; an array from `__serialize`; an enum case.
#[test]
fn a_later_occurrence_of_an_object_takes_a_number() {
    takes(
        1,
        &[
            (b"O:1:\"P\":3:{s:1:\"a\";N;s:4:\"\0*\0b\";i:1;s:4:\"\0P\0c\";s:4:\"r:1;\";}", 4),
            (b"a:2:{i:0;r:2;i:1;r:2;}", 3),
            (b"O:1:\"Z\":2:{s:1:\"x\";N;i:5;a:1:{i:0;i:1;}}", 4),
            (b"E:3:\"U:A\";", 1),
            (b"a:2:{i:0;r:13;i:1;r:13;}", 3),
        ],
    );
    alone(b"a:2:{i:0;r:2;i:1;r:2;}", 5, None);
    alone(b"a:2:{i:0;r:13;i:1;r:13;}", 13, None);
}

#[test]
fn a_later_occurrence_of_a_reference_takes_none() {
    takes(
        1,
        &[(b"a:2:{i:0;i:1;i:1;i:2;}", 3), (b"a:3:{s:1:\"a\";i:5;s:1:\"b\";R:6;s:1:\"c\";a:1:{i:0;R:6;}}", 3)],
    );
    takes(1, &[(b"s:1:\"s\";", 1), (b"a:3:{i:0;O:8:\"stdClass\":0:{}i:1;R:4;i:2;r:4;}", 3)]);
    takes(1, &[(b"i:3;", 1), (b"a:2:{i:0;i:1;i:1;a:2:{i:0;i:1;i:1;R:5;}}", 4)]);
    takes(1, &[(b"a:1:{i:0;i:1;}", 2), (b"a:1:{s:1:\"k\";R:2;}", 1)]);
    alone(b"a:1:{s:1:\"k\";R:2;}", 3, None);
    alone(b"R:2;", 3, None);
}

#[test]
fn a_value_alone_is_numbered_from_one() {
    alone(
        b"O:8:\"stdClass\":2:{s:4:\"self\";r:3;s:1:\"n\";i:1;}",
        2,
        Some(b"O:8:\"stdClass\":2:{s:4:\"self\";r:1;s:1:\"n\";i:1;}"),
    );
    alone(
        b"a:3:{s:1:\"a\";i:5;s:1:\"b\";R:6;s:1:\"c\";a:1:{i:0;R:6;}}",
        4,
        Some(b"a:3:{s:1:\"a\";i:5;s:1:\"b\";R:2;s:1:\"c\";a:1:{i:0;R:2;}}"),
    );
    alone(
        b"a:3:{i:0;O:8:\"stdClass\":0:{}i:1;R:4;i:2;r:4;}",
        2,
        Some(b"a:3:{i:0;O:8:\"stdClass\":0:{}i:1;R:2;i:2;r:2;}"),
    );
    let array_object = b"O:11:\"ArrayObject\":4:{i:0;i:0;i:1;a:2:{i:0;O:8:\"stdClass\":2:{s:4:\"self\";r:9;\
        s:1:\"n\";i:1;}i:1;r:9;}i:2;a:0:{}i:3;N;}";
    takes(5, &[(array_object, 9)]);
    alone(
        array_object,
        5,
        Some(
            b"O:11:\"ArrayObject\":4:{i:0;i:0;i:1;a:2:{i:0;O:8:\"stdClass\":2:{s:4:\"self\";r:4;\
            s:1:\"n\";i:1;}i:1;r:4;}i:2;a:0:{}i:3;N;}",
        ),
    );
    alone(b"a:1:{i:0;r:1;}", 0, Some(b"a:1:{i:0;r:1;}"));
}

#[test]
fn what_can_not_be_told_is_unknown() {
    for text in [
        &b"C:1:\"C\":4:{i:1;}"[..],
        b"a:1:{i:0;C:1:\"C\":4:{i:1;}}",
        b"",
        b"N",
        b"N;N;",
        b"b:2;",
        b"i:;",
        b"i:--1;",
        b"s:3:\"ab\";",
        b"s:99999999999999999999:\"ab\";",
        b"s:18446744073709551615:\"ab\";",
        b"a:2:{i:0;N;}",
        b"a:1:{i:0;N;i:1;N;}",
        b"a:1:{N;N;}",
        b"r:0;",
        b"r:5;",
        b"R:5;",
        b"a:1:{i:0;r:6;}",
    ] {
        assert_eq!(scan(text, 4), None, "{}", text.escape_ascii());
        assert_eq!(stand_alone(text, 4), None);
    }
    assert!(scan(b"r:1;", u64::MAX).is_some(), "no number is too large to be a base");
}

proptest! {
    #[test]
    fn any_text_is_scanned_without_panic(
        text in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            prop::collection::vec(prop::sample::select(b"NbidsaOErRC:;{}\"0123-".to_vec()), 0..60),
        ],
        base in prop_oneof![0u64..9, Just(u64::MAX)],
    ) {
        let _ = stand_alone(&text, base);
    }

    #[test]
    fn a_part_of_a_value_is_unknown(cut in any::<prop::sample::Index>()) {
        let text = b"a:2:{s:1:\"a\";O:8:\"stdClass\":1:{s:1:\"x\";d:0.5;}i:7;r:2;}";
        prop_assert!(scan(text, 0).is_some());
        prop_assert_eq!(scan(&text[..cut.index(text.len())], 0), None);
    }
}

#[test]
fn what_may_refer_is_found_wherever_it_stands() {
    for reference in [&b"r:1;"[..], b"R:1;", b"C:1:\"A\":0:{}"] {
        for before in 0..200 {
            for after in [0, 1, 70] {
                let text = [&b"i"[..].repeat(before), reference, &b";"[..].repeat(after)].concat();
                assert!(may_refer(&text), "{}", String::from_utf8_lossy(&text));
            }
        }
    }
    for text in [&b""[..], b"r", b":", b"c:", b"a:1:{i:0;s:5:\"Rome;\";}", b"O:1:\"R\":0:{}"] {
        assert!(!may_refer(text), "{}", String::from_utf8_lossy(text));
    }
}
