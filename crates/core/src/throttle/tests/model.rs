//! The throttle against a model that knows no pages: what a reader would write down after reading the rules.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// Account, network, device.
    Attempt {
        account: u8,
        network: Option<u8>,
        device: Option<u8>,
        right: bool,
    },
    Wait(u64),
    Forgive(u8),
}

fn any_step() -> impl Strategy<Value = Step> {
    let attempt = (
        0..3_u8,
        prop::option::of(0..2_u8),
        prop::option::weighted(0.2, 0..2_u8),
        prop::bool::weighted(0.05),
    );
    prop_oneof![
        20 => attempt.prop_map(|(account, network, device, right)| Step::Attempt { account, network, device, right }),
        // Around the delays, around the hour, and around the thirty days.
        6 => (0..20_000_u64).prop_map(Step::Wait),
        4 => (0..1_000_000_u64).prop_map(Step::Wait),
        1 => (3_500_000..3_700_000_u64).prop_map(Step::Wait),
        1 => prop::sample::select(vec![2_591_999_999, 2_592_000_000_u64]).prop_map(Step::Wait),
        1 => (0..3_u8).prop_map(Step::Forgive),
    ]
}

#[derive(Clone, Copy, Default)]
struct Count {
    attempts: u32,
    failures: u32,
    last: u64,
}

#[derive(Default)]
struct Model {
    now: u64,
    accounts: HashMap<u8, Count>,
    networks: HashMap<u8, Count>,
    devices: HashMap<(u8, u8), Count>,
}

const STOPPED: u64 = u64::MAX;

/// Milliseconds to wait; 0: none.
fn wait_of(count: &Count, free: u32, stop: u32, now: u64) -> u64 {
    if count.failures >= stop {
        return STOPPED;
    }
    if count.failures < free {
        return 0;
    }
    let delay = (1000.0 * 2_f64.powi(i32::try_from(count.failures - free).unwrap())).min(900_000.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let delay = delay as u64;
    (count.last + delay).saturating_sub(now)
}

impl Model {
    /// What is there now, made if nothing is, or if it was forgotten.
    fn get<K: std::hash::Hash + Eq>(
        map: &mut HashMap<K, Count>,
        key: K,
        now: u64,
        keeps: u64,
        stop: u32,
    ) -> &mut Count {
        let count = map.entry(key).or_default();
        if now - count.last >= keeps && count.failures < stop {
            *count = Count { last: now, ..Count::default() };
        }
        count
    }

    /// Milliseconds that the attempt has to wait; 0 when it is let through.
    fn attempt(&mut self, account: u8, network: Option<u8>, device: Option<u8>, right: bool) -> u64 {
        const MONTH: u64 = 30 * 24 * 3_600_000;
        let now = self.now;
        let by_account = Self::get(&mut self.accounts, account, now, MONTH, 100);
        by_account.attempts += 1;
        let wait;
        if let Some(device) = device {
            let by_device = Self::get(&mut self.devices, (account, device), now, MONTH, u32::MAX);
            by_device.attempts += 1;
            wait = wait_of(by_device, 10, u32::MAX, now);
            if wait == 0 && right {
                self.devices.remove(&(account, device));
            } else if wait == 0 {
                by_device.failures += 1;
                by_device.last = now;
            }
        } else {
            let mut longest = wait_of(by_account, 5, 100, now);
            if let Some(network) = network {
                let by_network = Self::get(&mut self.networks, network, now, 3_600_000, u32::MAX);
                by_network.attempts += 1;
                longest = longest.max(wait_of(by_network, 20, u32::MAX, now));
                if longest == 0 && !right {
                    by_network.failures += 1;
                    by_network.last = now;
                }
            }
            wait = longest;
        }
        if wait == 0 && right {
            self.accounts.remove(&account);
        } else if wait == 0 {
            by_account.failures += 1;
            by_account.last = now;
        }
        wait
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn s37_the_throttle_does_what_its_rules_say(steps in prop::collection::vec(any_step(), 0..250)) {
        let mut house = House::new();
        let begin = house.now;
        let mut model = Model { now: begin.as_millis(), ..Model::default() };
        for step in steps {
            match step {
                Step::Wait(millis) => {
                    model.now += millis;
                    house.pass_time(Duration::from_millis(millis));
                }
                Step::Forgive(account) => {
                    model.accounts.remove(&account);
                    forgive(&house.store, house.now, Subject::Account(&[account])).unwrap();
                }
                Step::Attempt { account, network, device, right } => {
                    let (account_name, network_name, device_name) = ([account], [network.unwrap_or(9)], [device.unwrap_or(9)]);
                    let attempt = Attempt {
                        account: Some(&account_name),
                        network: network.map(|_| &network_name[..]),
                        device: device.map(|_| &device_name[..]),
                    };
                    let asked = house.wait(attempt);
                    let expected = match model.attempt(account, network, device, right) {
                        0 => None,
                        STOPPED => Some(Wait::Stopped),
                        millis => Some(Wait::For(Duration::from_millis(millis))),
                    };
                    prop_assert_eq!(asked, expected);
                    match house.begin(attempt) {
                        Verdict::Refused(wait) => prop_assert_eq!(Some(wait), expected),
                        Verdict::Go(pass) => {
                            prop_assert_eq!(None, expected);
                            if right {
                                pass.succeeded(&house.store, house.now).unwrap();
                            }
                        }
                    }
                    let modelled = model.accounts.get(&account).copied().unwrap_or_default();
                    prop_assert_eq!(house.counts(Subject::Account(&account_name)), (modelled.attempts, modelled.failures));
                    if let Some(network) = network && device.is_none() {
                        let modelled = model.networks[&network];
                        prop_assert_eq!(house.counts(Subject::Network(&network_name)), (modelled.attempts, modelled.failures));
                    }
                }
            }
        }
    }
}
