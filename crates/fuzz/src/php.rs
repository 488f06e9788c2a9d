//! The scanner of PHP's serialize format: a number is a number of the same value wherever it stands.

use holdfast_core::codec::php_serialize::{earlier, scan, stand_alone};

/// The first byte is the number of values before.
pub fn php(input: &[u8]) {
    let Some((&base, text)) = input.split_first() else { return };
    let base = u64::from(base);
    let scanned = scan(text, base);
    let before = earlier(text, base);
    let alone = stand_alone(text, base);
    let Some(scanned) = scanned else {
        assert!(before.is_empty() && alone.is_none(), "what can't be told was told");
        return;
    };
    // A reference takes no number, so that one alone has none.
    assert!(scanned.slots <= text.len() as u64);
    assert_eq!(scanned.reaches_back, !before.is_empty());
    assert!(before.iter().all(|&number| (1..=base).contains(&number)));
    assert_eq!(alone.is_none(), scanned.reaches_back);
    if let Some(alone) = alone {
        let Some(again) = scan(&alone, 0) else { panic!("taken out of its context it is no value any more") };
        assert_eq!(again.slots, scanned.slots, "it has another number of values");
        assert!(!again.reaches_back && alone.len() <= text.len());
        assert_eq!(stand_alone(&alone, 0).as_deref(), Some(&*alone));
    }
    // In any longer context it stays what it is.
    if before.is_empty()
        && let Some(first) = scan(text, 0)
    {
        assert_eq!(first.slots, scanned.slots);
    }
}
