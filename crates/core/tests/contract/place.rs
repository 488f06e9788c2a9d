//! What an engine is, its clock and its secret.

use std::{collections::HashSet, thread};

use holdfast_core::time::Timestamp;

use crate::{engines::Make, store::ROOMY};

contract![
    the_description_begins_with_the_scheme,
    r22_the_clock_goes_with_the_wall_clock_and_never_back,
    the_secret_stays,
    two_stores_have_two_secrets,
];

fn the_description_begins_with_the_scheme(make: Make) {
    let text = make(ROOMY).describe();
    assert!(
        ["memory:", "shared:", "redis:", "redis+", "migrating:"]
            .iter()
            .any(|scheme| text.starts_with(scheme)),
        "{text}"
    );
}

fn r22_the_clock_goes_with_the_wall_clock_and_never_back(make: Make) {
    let store = make(ROOMY);
    let mut last = store.now();
    let wall = Timestamp::wall();
    assert!(last.since(wall).max(wall.since(last)).as_secs() < 2, "{last:?}, by the wall {wall:?}");
    for _ in 0..100_000 {
        let now = store.now();
        assert!(now >= last);
        last = now;
    }
}

fn the_secret_stays(make: Make) {
    let store = make(ROOMY);
    let secrets: HashSet<[u8; 32]> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| *store.secret().unwrap().as_bytes())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(secrets.len(), 1);
    assert!(secrets.contains(store.secret().unwrap().as_bytes()));
    assert!(!secrets.contains(&[0; 32]));
}

fn two_stores_have_two_secrets(make: Make) {
    assert!(make(ROOMY).secret().unwrap() != make(ROOMY).secret().unwrap());
}
