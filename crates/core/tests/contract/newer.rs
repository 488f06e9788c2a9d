//! Who has the record of a version asks for a newer one.

use holdfast_core::engine::{Expect, Newer};

use crate::{
    engines::Make,
    store::{MEMBER, ROOMY, With, key, seconds, stored, write},
};

contract![
    the_version_that_is_known_is_not_copied_again,
    another_version_comes_whole,
    nothing_is_there_after_its_end_whatever_is_known,
    asking_for_a_newer_one_is_a_use,
];

fn the_version_that_is_known_is_not_copied_again(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let version = store.create(&key(1), b"first", now);
    let expires = store.there(&key(1), now).expires;
    assert_eq!(store.load_newer(&key(1), version, now).unwrap(), Newer::Same { expires });
    let later = now.after(seconds(9000));
    assert!(store.touch(&key(1), later, now).unwrap());
    assert_eq!(store.load_newer(&key(1), version, now).unwrap(), Newer::Same { expires: later });
}

fn another_version_comes_whole(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let first = store.create(&key(1), b"first", now);
    let large = vec![7; 100_000];
    for record in [&b"second"[..], &large, b"third"] {
        let known = store.there(&key(1), now).version;
        let written = write(record, now).of(MEMBER);
        let version = stored(store.commit(&key(1), Expect::Version(known), written, now));
        assert_ne!(version, first);
        let Newer::Other(there) = store.load_newer(&key(1), first, now).unwrap() else {
            panic!("it is newer")
        };
        assert_eq!((there.version, there.owner, &there.record[..]), (version, MEMBER, record));
    }
}

fn nothing_is_there_after_its_end_whatever_is_known(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let version = store.create(&key(1), b"first", now);
    let end = store.there(&key(1), now).expires;
    assert_eq!(store.load_newer(&key(2), version, now).unwrap(), Newer::Nothing);
    assert_eq!(store.load_newer(&key(1), version, end).unwrap(), Newer::Nothing);
    let version = store.create(&key(3), b"first", now);
    assert!(store.destroy(&key(3), now).unwrap());
    assert_eq!(store.load_newer(&key(3), version, now).unwrap(), Newer::Nothing);
    store.create(&key(3), b"first", now);
    assert!(
        matches!(store.load_newer(&key(3), version, now).unwrap(), Newer::Other(_)),
        "versions never repeat"
    );
}

/// Guests give way in the order of their last use.
fn asking_for_a_newer_one_is_a_use(make: Make) {
    let store = make(crate::store::MIB);
    let mut now = store.now();
    let record = vec![1; 30_000];
    let version = store.create(&key(1), &record, now);
    for number in 2..200 {
        now = now.after(seconds(1));
        store.create(&key(number), &record, now);
        assert!(
            matches!(store.load_newer(&key(1), version, now).unwrap(), Newer::Same { .. }),
            "the session that is asked for all the time gave way at {number}"
        );
    }
}
