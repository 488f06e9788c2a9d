//! Who has the record of a version asks for a newer one, and everybody for what is kept of the owner.

use holdfast_core::{
    engine::{Expect, Newer, OfOwner, Owner, Version},
    key::Key,
};

use crate::{
    engines::Make,
    store::{HOUR, MEMBER, ROOMY, With, key, seconds, stored, write},
};

contract![
    the_version_that_is_known_is_not_copied_again,
    another_version_comes_whole,
    nothing_is_there_after_its_end_whatever_is_known,
    asking_for_a_newer_one_is_a_use,
    what_is_kept_of_the_owner_comes_with_the_session_or_has_to_be_asked_for,
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

fn what_is_kept_of_the_owner_comes_with_the_session_or_has_to_be_asked_for(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let numbers =
        [1, 2, 0x80, 0x3e3f_fbff_fefd_0102, u64::MAX - 1, u64::MAX >> 1, 1 << 63, 0x0a0d_005c_2722_ff00];
    for (n, owner) in (1..).zip(numbers.map(Owner)) {
        let version = store.create_for(owner, &key(n), b"record", now);
        let check = |what: &str, at| {
            let there = store.load(&Key::of_owner(owner), at).unwrap();
            let (session, of_owner) = store.load_with_owner(&key(n), at).unwrap().expect("it is there");
            assert_eq!(session, store.there(&key(n), at), "{what}");
            let (same, with_same) = store.load_newer_with_owner(&key(n), version, at).unwrap();
            assert_eq!(same, Newer::Same { expires: session.expires }, "{what}");
            let (other, with_other) = store.load_newer_with_owner(&key(n), Version(!version.0), at).unwrap();
            assert_eq!(other, Newer::Other(session), "{what}");
            for of_owner in [of_owner, with_same, with_other] {
                match of_owner {
                    OfOwner::NotAsked => {}
                    OfOwner::Asked(record) => assert_eq!(record, there, "{what}, {owner:?}"),
                }
            }
        };
        check("nothing is kept", now);
        let soon = write(b"kept", now).of(Owner::SYSTEM).until(now.after(seconds(60)));
        stored(store.commit(&Key::of_owner(owner), Expect::Absent, soon, now));
        check("something is", now);
        assert!(store.is_there(&Key::of_owner(owner), now));
        check("it has ended", now.after(seconds(60)));
        assert!(store.load_with_owner(&key(n), now.after(HOUR)).unwrap().is_none());
        let (newer, _) = store.load_newer_with_owner(&key(n), version, now.after(HOUR)).unwrap();
        assert_eq!(newer, Newer::Nothing);
    }
    store.create(&key(100), b"a guest's", now);
    assert!(store.load_with_owner(&key(100), now).unwrap().is_some());
    assert!(store.load_with_owner(&key(101), now).unwrap().is_none());
}
