//! A visit shows every live session and runs its callback outside all locks; a survey shows their bytes too.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    sync::mpsc,
    thread,
    time::Duration,
};

use holdfast_core::engine::{Expect, Owner, Summary};

use crate::{
    engines::Make,
    store::{HOUR, MIB, ROOMY, With, key, seconds, stored, write},
};

contract![
    a_visit_shows_every_session_once_as_it_is,
    a_visit_ends_when_told,
    a_visitor_may_call_the_engine,
    a_visitor_holds_no_lock_that_others_wait_for,
    a_visit_beside_commits_shows_all_that_stays,
    a_survey_shows_the_beginning_of_every_record,
    a_surveyor_may_call_the_engine,
];
contract![in own memory: to_be_looked_at_is_no_use];

fn a_visit_shows_every_session_once_as_it_is(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let mut expected = HashMap::new();
    for n in 0..3000_u64 {
        let record = vec![1; 1 + usize::try_from(n).unwrap() * 7 % 9000];
        let write =
            write(&record, now).of(Owner(n % 5)).until(now.after(HOUR * u32::try_from(n % 3).unwrap()));
        let version = stored(store.commit(&key(n), Expect::Absent, write, now));
        if n % 3 != 0 {
            let bytes = record.len() as u64;
            let (expires, owner) = (write.expires, write.owner);
            expected.insert(key(n), Summary { key: key(n), version, expires, owner, bytes });
        }
    }
    let mut shown = HashMap::new();
    store
        .visit(now, &mut |summary| {
            assert!(shown.insert(summary.key, summary).is_none(), "shown twice: {summary:?}");
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(shown, expected);
    for owner in (0..6).map(Owner) {
        let mut owned = store.owned(owner, now).unwrap();
        owned.sort_by_key(|summary| summary.key);
        let mut wanted: Vec<Summary> =
            expected.values().copied().filter(|summary| summary.owner == owner).collect();
        wanted.sort_by_key(|summary| summary.key);
        assert_eq!(owned, wanted);
    }
}

fn a_visit_ends_when_told(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..100 {
        store.create(&key(n), b"x", now);
    }
    let mut shown = 0;
    store
        .visit(now, &mut |_| {
            shown += 1;
            if shown == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(shown, 7);
}

fn a_visitor_may_call_the_engine(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..300 {
        store.create(&key(n), b"x", now);
    }
    store
        .visit(now, &mut |summary| {
            assert_eq!(store.there(&summary.key, now).version, summary.version);
            let expect = Expect::Version(summary.version);
            stored(store.commit(&summary.key, expect, write(&[2; 3000], now), now));
            assert!(store.touch(&summary.key, now.after(HOUR), now).unwrap());
            store.visit(now, &mut |_| ControlFlow::Break(())).unwrap();
            store.collect(now).unwrap();
            store.stats().unwrap();
            assert!(store.destroy(&summary.key, now).unwrap());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(store.stats().unwrap().sessions, 0);
}

/// The callback waits for another thread that works on every session. A lock held meanwhile would let it wait.
fn a_visitor_holds_no_lock_that_others_wait_for(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..300 {
        store.create(&key(n), b"x", now);
    }
    let mut first = true;
    store
        .visit(now, &mut |_| {
            if std::mem::take(&mut first) {
                thread::scope(|scope| {
                    let (done, finished) = mpsc::channel();
                    let store = &store;
                    scope.spawn(move || {
                        for n in 0..300 {
                            let base = store.there(&key(n), now);
                            let expect = Expect::Version(base.version);
                            stored(store.commit(&key(n), expect, write(b"y", now), now));
                        }
                        store.collect(now).unwrap();
                        done.send(()).unwrap();
                    });
                    finished
                        .recv_timeout(Duration::from_secs(10))
                        .expect("nobody waits for the one who shows sessions");
                });
            }
            ControlFlow::Continue(())
        })
        .unwrap();
}

fn a_visit_beside_commits_shows_all_that_stays(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..2000 {
        store.create(&key(n), b"stays", now);
    }
    thread::scope(|scope| {
        let churn = scope.spawn(|| {
            for n in 10_000..30_000 {
                store.create(&key(n), &[1; 200], now);
                assert!(store.destroy(&key(n), now).unwrap());
            }
        });
        loop {
            let mut shown = HashSet::new();
            store
                .visit(now, &mut |summary| {
                    shown.insert(summary.key);
                    ControlFlow::Continue(())
                })
                .unwrap();
            assert!((0..2000).all(|n| shown.contains(&key(n))));
            if churn.is_finished() {
                break;
            }
        }
    });
}

/// A record of which each byte tells where it stands, and whose it is.
fn numbered(n: u64, len: usize) -> Vec<u8> {
    (0..len).map(|at| (at as u64).wrapping_mul(31).wrapping_add(n).to_le_bytes()[0]).collect()
}

fn a_survey_shows_the_beginning_of_every_record(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    let mut expected = HashMap::new();
    for n in 0..600_u64 {
        let len = match n % 30 {
            0 => 200_000,
            1 => 9_000,
            few => 1 + 37 * usize::try_from(few).unwrap(),
        };
        let record = numbered(n, len);
        let write = write(&record, now).of(Owner(n % 5)).until(now.after(HOUR * u32::from(n % 7 != 0)));
        let version = stored(store.commit(&key(n), Expect::Absent, write, now));
        if n % 7 != 0 {
            let summary = Summary {
                key: key(n),
                version,
                expires: write.expires,
                owner: write.owner,
                bytes: record.len() as u64,
            };
            expected.insert(key(n), (summary, record));
        }
    }
    for bytes in [0, 1, 100, 512, 5000, 100_000, usize::MAX] {
        let mut shown = HashSet::new();
        store
            .survey(now, bytes, &mut |surveyed| {
                let (summary, record) = &expected[&surveyed.summary.key];
                assert!(shown.insert(summary.key), "shown twice: {summary:?}");
                assert_eq!(surveyed.summary, *summary);
                assert!(
                    surveyed.record.unwrap() == &record[..bytes.min(record.len())],
                    "{bytes} of {summary:?}"
                );
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(shown.len(), expected.len());
    }
    for (key, (summary, record)) in &expected {
        let peeked = store.peek(key, now).unwrap().unwrap();
        assert_eq!(
            (peeked.version, peeked.expires, peeked.owner),
            (summary.version, summary.expires, summary.owner)
        );
        assert!(peeked.record == *record);
    }
    assert_eq!(store.peek(&key(0), now).unwrap(), None, "its end has come");
    assert_eq!(store.peek(&key(9999), now).unwrap(), None);
}

fn a_surveyor_may_call_the_engine(make: Make) {
    let store = make(ROOMY);
    let now = store.now();
    for n in 0..300 {
        store.create(&key(n), b"x", now);
    }
    let mut shown = 0;
    store
        .survey(now, 100, &mut |surveyed| {
            let key = surveyed.summary.key;
            assert_eq!(store.there(&key, now).version, surveyed.summary.version);
            assert!(store.destroy(&key, now).unwrap());
            shown += 1;
            if shown == 250 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!((shown, store.stats().unwrap().sessions), (250, 50));
}

/// Of two guests the one that was used longer ago gives way, whoever looked at it since.
fn to_be_looked_at_is_no_use(make: Make) {
    let store = make(4 * MIB);
    let mut now = store.now();
    let record = vec![7; 3000];
    store.create(&key(0), &record, now);
    let mut n = 1;
    while store.stats().unwrap().evicted == 0 {
        now = now.after(seconds(1));
        store.create(&key(n), &record, now);
        // The first one would be the one that was used last.
        assert!(
            n > 2000 || store.peek(&key(0), now).unwrap().is_some() || store.stats().unwrap().evicted > 0
        );
        let look = &mut |_: holdfast_core::engine::Surveyed<'_>| ControlFlow::Break(());
        store.survey(now, usize::MAX, look).unwrap();
        n += 1;
        assert!(n < 5000, "nothing gives way");
    }
    assert!(!store.is_there(&key(0), now), "it was only looked at");
}
