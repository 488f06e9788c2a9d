//! The login throttle counts alike over every engine, whoever comes between (S37, S38).

use std::{
    ops::ControlFlow,
    sync::{
        Barrier,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use holdfast_core::{
    engine::{Owner, Summary},
    store::Store,
    throttle::{Attempt, Counts, PAGE_BYTES, Subject, Verdict, Wait, begin, counts, rules},
    time::Timestamp,
};

use crate::{
    engines::Make,
    store::{MIB, ROOMY, With, key, write},
};

contract![
    s37_a_hundred_parallel_bad_logins_count_a_hundred,
    s37_parallel_attempts_are_counted_exactly_by_account_and_by_network,
    s37_parallel_attempts_of_a_network_on_many_accounts_get_its_free_ones_only,
    s37_parallel_successes_leave_no_failure_behind,
    s37_a_thousand_networks_with_one_try_each_are_throttled,
    s38_parallel_attempts_of_a_known_device_pass_by_strangers,
];
contract![in own memory:
    s38_made_up_names_neither_fill_the_store_nor_push_out_who_was_hit_hard,
    s38_the_pages_outlive_a_full_store,
];

fn on(account: &[u8]) -> Attempt<'_> {
    Attempt { account: Some(account), network: None, device: None }
}

fn counted(store: &Store, now: Timestamp, subject: Subject<'_>) -> (u32, u32) {
    let Counts { attempts, failures } = counts(store, now, subject).unwrap();
    (attempts, failures)
}

/// `threads` threads begin at once, spread over the handles, and do `each` with their number; how many attempts were
/// let through in all, by what `each` says.
fn at_once(handles: &[Store], threads: u32, each: impl Fn(&Store, u32) -> u32 + Sync) -> u32 {
    let start = Barrier::new(usize::try_from(threads).unwrap());
    let passed = AtomicU32::new(0);
    thread::scope(|scope| {
        for (thread, store) in (0..threads).zip(handles.iter().cycle()) {
            let (start, passed, each) = (&start, &passed, &each);
            scope.spawn(move || {
                start.wait();
                passed.fetch_add(each(store, thread), Relaxed);
            });
        }
    });
    passed.into_inner()
}

/// 1 when a wrong password was looked at.
fn fail(store: &Store, now: Timestamp, attempt: &Attempt<'_>) -> u32 {
    match begin(store, now, attempt).unwrap() {
        Verdict::Go(_) => 1,
        Verdict::Refused(_) => 0,
    }
}

fn s37_a_hundred_parallel_bad_logins_count_a_hundred(make: Make) {
    let (handles, _place) = make(ROOMY).into_handles();
    let now = handles[0].engine().now();
    let attempt = Attempt { network: Some(b"10.0.0"), ..on(b"anna") };
    let passed = at_once(&handles, 100, |store, _| fail(store, now, &attempt));
    assert_eq!(passed, 5);
    for store in &handles {
        assert_eq!(counted(store, now, Subject::Account(b"anna")), (100, 5));
        assert_eq!(counted(store, now, Subject::Network(b"10.0.0")), (100, 5));
    }
}

fn s37_parallel_attempts_are_counted_exactly_by_account_and_by_network(make: Make) {
    const ROUNDS: u32 = 300;
    let (handles, _place) = make(ROOMY).into_handles();
    let now = handles[0].engine().now();
    let passed = at_once(&handles, 10, |store, thread| {
        let mut passed = 0;
        for round in 0..ROUNDS {
            // Time goes on, and not for all at the same pace.
            let now = now.after(Duration::from_millis(u64::from(round * 100 + thread)));
            let network = [u8::try_from(thread % 2).unwrap()];
            passed += fail(store, now, &Attempt { network: Some(&network), ..on(b"anna") });
        }
        passed
    });
    let now = now.after(Duration::from_secs(30));
    let (attempts, failures) = counted(&handles[0], now, Subject::Account(b"anna"));
    assert_eq!((attempts, failures), (10 * ROUNDS, passed));
    // 5 at once, then at most with 1, 2, 4, 8 seconds between them, and not the next 16 within these 30.
    assert!((5..=9).contains(&passed), "{passed}");
    let by_network = [[0], [1]].map(|network| counted(&handles[0], now, Subject::Network(&network)));
    assert_eq!(by_network.map(|(attempts, _)| attempts), [5 * ROUNDS; 2]);
    assert_eq!(by_network.map(|(_, failures)| failures).iter().sum::<u32>(), passed);
}

fn s37_parallel_attempts_of_a_network_on_many_accounts_get_its_free_ones_only(make: Make) {
    let (handles, _place) = make(ROOMY).into_handles();
    let now = handles[0].engine().now();
    let passed = at_once(&handles, 8, |store, thread| {
        let each = |n: u32| {
            let name = format!("name {thread} {n}");
            fail(store, now, &Attempt { network: Some(b"10.0.0"), ..on(name.as_bytes()) })
        };
        (0..100).map(each).sum()
    });
    assert_eq!(passed, rules::NETWORK.free);
    assert_eq!(counted(&handles[0], now, Subject::Network(b"10.0.0")), (800, 20));
}

fn s37_parallel_successes_leave_no_failure_behind(make: Make) {
    let (handles, _place) = make(ROOMY).into_handles();
    let now = handles[0].engine().now();
    let passed = at_once(&handles, 8, |store, thread| {
        let name = [u8::try_from(thread).unwrap()];
        for _ in 0..100 {
            let attempt = Attempt { network: Some(b"10.0.0"), ..on(&name) };
            match begin(store, now, &attempt).unwrap() {
                Verdict::Go(pass) => pass.succeeded(store, now).unwrap(),
                Verdict::Refused(wait) => panic!("8 at once are fewer than 20: {wait:?}"),
            }
        }
        100
    });
    assert_eq!(passed, 800);
    assert_eq!(counted(&handles[0], now, Subject::Network(b"10.0.0")), (800, 0));
    for name in 0..8 {
        assert_eq!(counted(&handles[0], now, Subject::Account(&[name])), (0, 0));
    }
}

fn s37_a_thousand_networks_with_one_try_each_are_throttled(make: Make) {
    let (handles, _place) = make(ROOMY).into_handles();
    let now = handles[0].engine().now();
    let passed = at_once(&handles, 8, |store, thread| {
        let each = |n: u32| {
            let network = (thread * 125 + n).to_be_bytes();
            fail(store, now, &Attempt { network: Some(&network), ..on(b"anna") })
        };
        (0..125).map(each).sum()
    });
    assert_eq!(passed, 5);
    assert_eq!(counted(&handles[0], now, Subject::Account(b"anna")), (1000, 5));
}

fn s38_parallel_attempts_of_a_known_device_pass_by_strangers(make: Make) {
    let (handles, _place) = make(ROOMY).into_handles();
    let now = handles[0].engine().now();
    let passed = at_once(&handles, 8, |store, thread| {
        let stranger = Attempt { network: Some(b"10.0.0"), ..on(b"anna") };
        let owner = Attempt { device: Some(b"laptop"), ..stranger };
        let each = |_| match begin(store, now, if thread == 0 { &owner } else { &stranger }).unwrap() {
            Verdict::Go(pass) if thread == 0 => {
                pass.succeeded(store, now).unwrap();
                1
            }
            _ => 0,
        };
        (0..100).map(each).sum()
    });
    assert_eq!(passed, 100, "the owner got in each time");
    assert_eq!(counted(&handles[0], now, Subject::Network(b"10.0.0")).0, 700);
}

/// Attempts on names that nobody has: a million where the code is optimised for good, else fewer.
const MADE_UP: u32 = if cfg!(debug_assertions) { 300_000 } else { 1_000_000 };

fn s38_made_up_names_neither_fill_the_store_nor_push_out_who_was_hit_hard(make: Make) {
    let (handles, _place) = make(ROOMY).into_handles();
    let store = &handles[0];
    let mut now = store.engine().now();
    for hit in 0..10_u8 {
        for _ in 0..8 {
            if let Some(Wait::For(time)) = holdfast_core::throttle::wait(store, now, &on(&[hit])).unwrap() {
                now = now.after(time);
            }
            assert_eq!(fail(store, now, &on(&[hit])), 1);
        }
    }
    let made_up = |store: &Store, thread: u32, names: u32| {
        (0..names).map(|n| fail(store, now, &on(format!("made up {thread} {n}").as_bytes()))).sum()
    };
    let half = MADE_UP / 2 / 8;
    assert_eq!(at_once(&handles, 8, |store, thread| made_up(store, thread, half)), half * 8);
    let before = store.engine().stats().unwrap();
    assert_eq!(at_once(&handles, 8, |store, thread| made_up(store, thread + 8, half)), half * 8);
    let after = store.engine().stats().unwrap();
    assert_eq!((after.sessions, after.used_bytes), (before.sessions, before.used_bytes));
    assert_eq!(after.sessions, u64::from(rules::ACCOUNT.pages));
    assert!(after.commits >= u64::from(MADE_UP), "each of them was counted");
    for hit in 0..10_u8 {
        assert_eq!(counted(store, now, Subject::Account(&[hit])), (8, 8));
    }
}

fn s38_the_pages_outlive_a_full_store(make: Make) {
    let (handles, _place) = make(2 * MIB).into_handles();
    let store = &handles[0];
    let now = store.engine().now();
    let attempt = Attempt { network: Some(b"10.0.0"), ..on(b"anna") };
    for _ in 0..5 {
        assert_eq!(fail(store, now, &attempt), 1);
    }
    let pages = |summary: Summary| {
        assert_eq!((summary.owner, summary.bytes), (Owner::SYSTEM, PAGE_BYTES as u64));
        ControlFlow::Continue(())
    };
    store.engine().visit(now, &mut { pages }).unwrap();
    // Guests fill it and give way to guests; then members fill it, until nothing is free.
    for (owner, guests) in [(Owner::GUEST, 1000), (Owner(7), u64::MAX)] {
        for n in 0..guests {
            let write = write(&[1; 4000], now).of(owner);
            let key = key(n + owner.0 * 1_000_000);
            if store.engine().commit(&key, holdfast_core::engine::Expect::Absent, write, now).is_err() {
                break;
            }
        }
    }
    assert_eq!(fail(store, now, &attempt), 0, "it still counts");
    assert_eq!(counted(store, now, Subject::Account(b"anna")), (6, 5));
    assert_eq!(counted(store, now, Subject::Network(b"10.0.0")), (6, 5));
}
