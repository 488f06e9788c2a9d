use super::*;
use crate::throttle::rules::{ACCOUNT, DEVICE, LONGEST_DELAY, NETWORK};

#[test]
fn s37_delays_grow_from_a_second_to_a_quarter_of_an_hour() {
    let table = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900];
    for (rule, free) in [(ACCOUNT, 5), (DEVICE, 10), (NETWORK, 20)] {
        for failures in 0..free {
            assert_eq!(rule.delay(failures), Duration::ZERO, "{failures} of {free}");
        }
        for (failures, seconds) in (free..).zip(table) {
            assert_eq!(rule.delay(failures), Duration::from_secs(seconds), "{failures} of {free}");
        }
        assert_eq!(rule.delay(u32::MAX), LONGEST_DELAY);
    }
}

#[test]
fn s37_an_account_waits_as_long_as_the_table_says_and_not_a_millisecond_longer() {
    let mut house = House::new();
    for _ in 0..5 {
        let _ = house.pass(on("anna"));
    }
    for delay in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900] {
        assert_eq!(house.refused(on("anna")), seconds(delay));
        house.pass_time(Duration::from_millis(delay * 1000 - 1));
        assert_eq!(house.refused(on("anna")), Wait::For(Duration::from_millis(1)));
        house.pass_time(Duration::from_millis(1));
        let _ = house.pass(on("anna"));
    }
    assert_eq!(house.account("anna"), (5 + 13 * 3, 5 + 13));
    assert_eq!(house.account("berta"), (0, 0));
}

#[test]
fn s37_refused_attempts_count_and_prolong_nothing() {
    let mut house = House::new();
    house.fail(8, on("anna"));
    for _ in 0..100 {
        let _ = house.refused(on("anna"));
    }
    assert_eq!(house.wait(on("anna")), Some(seconds(8)));
    assert_eq!(house.account("anna"), (108, 8));
    house.pass_time(8 * SECOND);
    let _ = house.pass(on("anna"));
}

#[test]
fn s37_a_success_resets_the_account() {
    let mut house = House::new();
    house.fail(7, on("anna"));
    house.pass_time(4 * SECOND);
    house.pass(on("anna")).succeeded(&house.store, house.now).unwrap();
    assert_eq!(house.account("anna"), (0, 0));
    assert_eq!(house.wait(on("anna")), None);
    house.fail(5, on("anna"));
    assert_eq!(house.wait(on("anna")), Some(seconds(1)));
}

#[test]
fn s37_no_more_than_a_hundred_failures_in_a_row() {
    let mut house = House::new();
    house.fail(100, on("anna"));
    assert_eq!(house.wait(on("anna")), Some(Wait::Stopped));
    // Also after the time in which other accounts are forgotten, and nobody's page either.
    house.pass_time(400 * DAY);
    assert_eq!(house.refused(on("anna")), Wait::Stopped);
    assert_eq!(house.account("anna"), (101, 100));
    forgive(&house.store, house.now, Subject::Account(b"anna")).unwrap();
    let _ = house.pass(on("anna"));
    assert_eq!(house.account("anna"), (1, 1));
}

#[test]
fn s38_strangers_do_not_lock_out_a_known_device() {
    let mut house = House::new();
    house.fail(100, on("anna").from("10.0.0"));
    house.fail(30, on("berta").from("10.0.0"));
    let owner = on("anna").from("10.0.0").with("laptop");
    assert_eq!(house.wait(owner), None);
    house.pass(owner).succeeded(&house.store, house.now).unwrap();
    // And the success lets strangers try again.
    assert_eq!(house.account("anna"), (0, 0));
}

#[test]
fn s38_a_known_device_has_its_own_delays_and_is_never_stopped() {
    let mut house = House::new();
    let stolen = on("anna").from("10.0.0").with("laptop");
    for _ in 0..10 {
        let _ = house.pass(stolen);
    }
    assert_eq!(house.refused(stolen), seconds(1));
    assert_eq!(house.wait(on("anna").with("phone")), None);
    house.fail(300, stolen);
    assert_eq!(house.wait(stolen), Some(Wait::For(LONGEST_DELAY)));
    // What fails there fails on the account, for strangers; the network has no part in it.
    assert_eq!(house.account("anna"), (311, 310));
    assert_eq!(house.wait(on("anna")), Some(Wait::Stopped));
    assert_eq!(house.network("10.0.0"), (0, 0));
    house.pass_time(LONGEST_DELAY);
    house.pass(stolen).succeeded(&house.store, house.now).unwrap();
    assert_eq!(house.counts(Subject::Device { account: b"anna", device: b"laptop" }), (0, 0));
}

#[test]
fn s38_a_device_is_known_to_its_account_only() {
    let mut house = House::new();
    house.fail(11, on("anna").with("laptop"));
    assert_eq!(house.wait(on("anna").with("laptop")), Some(seconds(2)));
    assert_eq!(house.wait(on("berta").with("laptop")), None);
}

#[test]
fn s37_a_network_waits_whichever_accounts_it_tries() {
    let mut house = House::new();
    for n in 0..20 {
        let _ = house.pass(on(&format!("name {n}")).from("10.0.0"));
    }
    assert_eq!(house.refused(on("anna").from("10.0.0")), seconds(1));
    let _ = house.pass(on("anna").from("10.0.1"));
    let _ = house.pass(on("anna"));
    // The refused one is counted where it was made, too.
    assert_eq!(house.account("anna"), (3, 2));
    assert_eq!(house.network("10.0.0"), (21, 20));
    house.pass_time(SECOND);
    let _ = house.pass(on("anna").from("10.0.0"));
    assert_eq!(house.refused(on("berta").from("10.0.0")), seconds(2));
}

#[test]
fn s37_what_the_account_refuses_is_no_failure_of_the_network() {
    let mut house = House::new();
    house.fail(6, on("anna"));
    let commits = house.engine.stats().unwrap().commits;
    for _ in 0..50 {
        assert_eq!(house.refused(on("anna").from("10.0.0")), seconds(2));
    }
    // Nor is it one for a moment: others from there would be refused in the meantime.
    assert_eq!(house.engine.stats().unwrap().commits, commits + 2 * 50);
    assert_eq!(house.network("10.0.0"), (50, 0));
    assert_eq!(house.wait(on("berta").from("10.0.0")), None);
}

#[test]
fn s37_the_longer_wait_is_named() {
    let mut house = House::new();
    house.fail(24, on("carla").from("10.0.0"));
    forgive(&house.store, house.now, Subject::Account(b"carla")).unwrap();
    for _ in 0..5 {
        let _ = house.pass(on("anna"));
    }
    // The network waits for 16 seconds, the account for one, then for 64.
    assert_eq!(house.wait(on("anna")), Some(seconds(1)));
    assert_eq!(house.wait(on("berta").from("10.0.0")), Some(seconds(16)));
    assert_eq!(house.wait(on("anna").from("10.0.0")), Some(seconds(16)));
    assert_eq!(house.refused(on("anna").from("10.0.0")), seconds(16));
    assert_eq!(house.refused(on("berta").from("10.0.0")), seconds(16));
    house.fail(6, on("anna"));
    assert_eq!(house.wait(on("anna").from("10.0.0")), Some(seconds(64)));
    assert_eq!(house.refused(on("anna").from("10.0.0")), seconds(64));
    house.fail(89, on("anna"));
    house.fail(1, on("berta").from("10.0.0"));
    assert_eq!(house.wait(on("anna").from("10.0.0")), Some(Wait::Stopped));
    assert_eq!(house.refused(on("anna").from("10.0.0")), Wait::Stopped);
}

#[test]
fn s37_a_success_takes_one_attempt_off_the_network_and_no_more() {
    let house = House::new();
    for n in 0..19 {
        let _ = house.pass(on(&format!("name {n}")).from("10.0.0"));
    }
    // Who has an account of his own can't wipe out what he tried on others.
    for _ in 0..5 {
        house.pass(on("mallory").from("10.0.0")).succeeded(&house.store, house.now).unwrap();
    }
    assert_eq!(house.network("10.0.0"), (24, 19));
    let _ = house.pass(on("anna").from("10.0.0"));
    assert_eq!(house.wait(on("berta").from("10.0.0")), Some(seconds(1)));
}

#[test]
fn s37_a_network_is_forgotten_after_an_hour_without_failures() {
    let mut house = House::new();
    house.fail(100, on("anna"));
    for n in 0..25 {
        house.fail(1, on(&format!("name {n}")).from("10.0.0"));
    }
    house.pass_time(Duration::from_mins(59));
    assert_eq!(house.network("10.0.0"), (25, 25));
    // Neither what is refused nor what succeeds keeps it alive.
    let _ = house.refused(on("anna").from("10.0.0"));
    house.pass(on("berta").from("10.0.0")).succeeded(&house.store, house.now).unwrap();
    assert_eq!(house.network("10.0.0"), (27, 25));
    house.pass_time(Duration::from_mins(1));
    assert_eq!(house.network("10.0.0"), (0, 0));
    assert_eq!(house.wait(on("berta").from("10.0.0")), None);
}

#[test]
fn s37_an_account_is_forgotten_after_thirty_days_without_failures() {
    let mut house = House::new();
    house.fail(99, on("anna"));
    house.pass_time(Duration::from_secs(30 * 86_400 - 1));
    assert_eq!(house.account("anna"), (99, 99));
    house.pass_time(SECOND);
    assert_eq!(house.account("anna"), (0, 0));
    let _ = house.pass(on("anna"));
    assert_eq!(house.account("anna"), (1, 1));
}

#[test]
fn nothing_is_forgotten_before_its_time_because_nobody_wrote() {
    // The page of an account that is not stopped lives for thirty days after its last commit.
    let mut house = House::new();
    house.fail(7, on("anna"));
    house.pass_time(29 * DAY);
    assert_eq!(house.account("anna"), (7, 7));
}

#[test]
fn a_clock_that_steps_back_holds_nobody_up_for_longer_than_a_delay() {
    let mut house = House::new();
    house.fail(9, on("anna").from("10.0.0"));
    let later = house.now;
    house.now = Timestamp::from_millis(later.as_millis() - 7_200_000);
    assert_eq!(house.wait(on("anna")), Some(seconds(16)));
    assert_eq!(house.refused(on("anna")), seconds(16));
    house.pass_time(16 * SECOND);
    let _ = house.pass(on("anna").from("10.0.0"));
    for now in [0, 1, u64::MAX - 1, u64::MAX, 5] {
        house.now = Timestamp::from_millis(now);
        let _ = house.begin(on("anna").from("10.0.0"));
        let _ = house.begin(on("anna").from("10.0.0").with("laptop"));
        let _ = (house.wait(on("anna").from("10.0.0")), house.account("anna"));
    }
}

#[test]
fn s37_a_request_that_took_its_time_does_not_shorten_a_delay() {
    let mut house = House::new();
    house.fail(8, on("anna"));
    let counted = house.now;
    // Its `now` is older than what another one counted meanwhile.
    house.now = Timestamp::from_millis(counted.as_millis() - 30_000);
    assert_eq!(house.refused(on("anna")), seconds(8));
    house.now = counted.after(7 * SECOND);
    assert_eq!(house.refused(on("anna")), seconds(1));
    house.pass_time(SECOND);
    let _ = house.pass(on("anna"));
    // Nor does it, where it is let through, move the time of the others back.
    house.fail(4, on("berta"));
    let counted = house.now;
    house.now = Timestamp::from_millis(counted.as_millis() - 30_000);
    let _ = house.pass(on("berta"));
    house.now = counted;
    assert_eq!(house.wait(on("berta")), Some(seconds(1)));
}

#[test]
fn asking_counts_nothing() {
    let mut house = House::new();
    assert_eq!(house.wait(on("anna").from("10.0.0").with("laptop")), None);
    house.fail(3, on("anna").from("10.0.0"));
    let commits = house.engine.stats().unwrap().commits;
    for _ in 0..10 {
        assert_eq!(house.wait(on("anna").from("10.0.0")), None);
        assert_eq!(house.account("anna"), (3, 3));
    }
    assert_eq!(house.engine.stats().unwrap().commits, commits);
}

#[test]
fn an_account_a_network_and_a_device_of_the_same_bytes_are_three() {
    let house = House::new();
    let _ = house.pass(on("x").from("x"));
    let _ = house.pass(on("x").from("x").with("x"));
    assert_eq!(house.account("x"), (2, 2));
    assert_eq!(house.network("x"), (1, 1));
    assert_eq!(house.counts(Subject::Device { account: b"x", device: b"x" }), (1, 1));
    forgive(&house.store, house.now, Subject::Network(b"x")).unwrap();
    assert_eq!((house.network("x"), house.account("x")), ((0, 0), (2, 2)));
}

#[test]
fn names_of_any_bytes_and_lengths_are_told_apart() {
    let house = House::new();
    let long = vec![b'x'; 1 << 20];
    for name in [&b""[..], b"\0", b"\0\0", "\u{e9}".as_bytes(), b"\xff", &long, &long[1..]] {
        let attempt = Attempt { account: Some(name), network: Some(name), device: None };
        let _ = house.pass(attempt);
        assert_eq!(house.counts(Subject::Account(name)), (1, 1));
        assert_eq!(house.counts(Subject::Network(name)), (1, 1));
    }
}

#[test]
fn s37_an_attempt_that_looked_at_no_password_is_none_once_it_is_withdrawn() {
    let mut house = House::new();
    house.fail(7, on("anna").from("net"));
    house.pass_time(4 * SECOND);
    let before = house.account("anna").1;
    let pass = house.pass(on("anna").from("net"));
    assert_eq!(house.refused(on("anna")), seconds(8), "as long as it runs, it counts");
    pass.withdraw(&house.store, house.now).unwrap();
    assert_eq!((house.account("anna").1, house.network("net").1), (before, before));
    assert_eq!(house.wait(on("anna")), None, "its time is that of the last failure again");
    house.fail(1, on("anna").with("laptop"));
    house.pass(on("anna").with("laptop")).withdraw(&house.store, house.now).unwrap();
    assert_eq!(house.counts(Subject::Device { account: b"anna", device: b"laptop" }), (2, 1));
    assert_eq!(house.account("anna").1, before + 1);
}

#[test]
fn s37_a_withdrawn_attempt_takes_back_nobody_elses_failure() {
    let house = House::new();
    let shown = house.pass(on("anna").from("net"));
    let _ = house.pass(on("anna").from("net"));
    let _ = house.pass(on("anna").from("net"));
    shown.withdraw(&house.store, house.now).unwrap();
    assert_eq!((house.account("anna").1, house.network("net").1), (2, 2));
}

#[test]
fn s37_a_failure_that_was_not_begun_counts_everywhere_also_on_a_closed_door() {
    let house = House::new();
    for _ in 0..7 {
        fail(&house.store, house.now, &on("anna").from("net")).unwrap();
    }
    assert_eq!((house.account("anna"), house.network("net")), ((7, 7), (7, 7)));
    assert_eq!(house.wait(on("anna").from("net")), Some(seconds(4)));
    fail(&house.store, house.now, &on("anna").from("net").with("laptop")).unwrap();
    assert_eq!(house.counts(Subject::Device { account: b"anna", device: b"laptop" }), (1, 1));
    assert_eq!(
        (house.account("anna").1, house.network("net").1),
        (8, 7),
        "a known device is no matter of the network"
    );
}

#[test]
fn s37_without_a_name_only_the_network_is_counted() {
    let house = House::new();
    let nameless = Attempt { account: None, network: Some(b"net"), device: Some(b"laptop") };
    for _ in 0..NETWORK.free {
        let _ = house.pass(nameless);
    }
    assert_eq!(house.refused(nameless), seconds(1));
    assert_eq!(house.wait(nameless), Some(seconds(1)));
    assert_eq!(house.account(""), (0, 0));
    let _ = house.pass(Attempt { network: Some(b"other"), ..nameless });
    let _ = house.pass(Attempt { network: None, ..nameless });
}
