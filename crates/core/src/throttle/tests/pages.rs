use std::{collections::HashMap, ops::ControlFlow};

use proptest::prelude::*;

use super::*;
use crate::{
    engine::{Expect, Owner, Write},
    key::Key,
    record::{Record, RecordError},
    throttle::{
        page::{Address, Entry, Page},
        rules::{ACCOUNT, DEVICE, NETWORK, Rule},
    },
};

const HERE: Address = Address { table: 1, page: 258 };
const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

fn fail(page: &mut Page, tag: u64, now: Timestamp) {
    page.count(tag, &ACCOUNT, now, Decision::LetThrough).unwrap();
}

fn failures(page: &Page, tag: u64, now: Timestamp) -> Option<u32> {
    page.find(tag, &ACCOUNT, now).map(|entry| entry.failures)
}

/// All places taken: tag n failed n times, at a time of its own.
fn full() -> Page {
    let mut page = Page::EMPTY;
    for tag in 1..=64 {
        for _ in 0..tag {
            fail(&mut page, tag, NOW);
        }
    }
    page
}

#[test]
fn the_format_by_example() {
    let mut page = Page::EMPTY;
    fail(&mut page, 0x0102_0304_0506_0708, Timestamp::from_millis(0x11_12));
    let refused = page.count(9, &ACCOUNT, Timestamp::from_millis(7), Decision::Refuse(Wait::Stopped));
    assert_eq!(refused, Err(Wait::Stopped));
    let bytes = page.bytes(HERE);
    assert_eq!(bytes.len(), 1552);
    assert_eq!(bytes[..8], [b'T', 1, 1, 0, 2, 1, 0, 0]);
    let checksum = xxhash_rust::xxh3::xxh3_64(&[&bytes[..8], &bytes[16..]].concat());
    assert_eq!(bytes[8..16], checksum.to_le_bytes());
    assert_eq!(bytes[16..40], [8, 7, 6, 5, 4, 3, 2, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0x12, 0x11, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[40..64], [9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
    assert!(bytes[64..].iter().all(|byte| *byte == 0));
}

#[test]
fn a_page_is_no_session_and_a_session_no_page() {
    let page = Page::EMPTY.bytes(HERE);
    assert_eq!(Record::parse(&page).unwrap_err(), RecordError::Format { found: b'T' });
    let session = crate::record::begin(&crate::record::Meta::default(), 0).unwrap();
    assert_eq!(Page::parse(&session, HERE), None);
}

#[test]
fn a_full_page_gives_up_the_fewest_failures() {
    let mut page = full();
    fail(&mut page, 100, NOW);
    assert_eq!(failures(&page, 1, NOW), None);
    for (tag, count) in (2..=64).chain([100]).zip((2..=64).chain([1])) {
        assert_eq!(failures(&page, tag, NOW), Some(count), "{tag}");
    }
    // However many names are made up after that: the newest goes for the next.
    for tag in 101..10_000 {
        fail(&mut page, tag, NOW);
    }
    assert_eq!(failures(&page, 9999, NOW), Some(1));
    for tag in 2..=64 {
        assert_eq!(failures(&page, tag, NOW), u32::try_from(tag).ok());
    }
}

#[test]
fn of_equally_few_failures_the_oldest_goes() {
    let mut page = Page::EMPTY;
    let at = |tag: u64| NOW.after(Duration::from_secs((tag * 37) % 64));
    for tag in 1..=64 {
        fail(&mut page, tag, at(tag));
    }
    let oldest = (1..=64).min_by_key(|tag| at(*tag)).unwrap();
    let now = NOW.after(DAY);
    fail(&mut page, 100, now);
    let gone: Vec<u64> = (1..=64).filter(|tag| failures(&page, *tag, now).is_none()).collect();
    assert_eq!(gone, [oldest]);
}

#[test]
fn what_has_decayed_goes_first() {
    let mut page = full();
    let later = NOW.after(29 * DAY);
    for tag in (1..=64).filter(|tag| *tag != 50) {
        fail(&mut page, tag, later);
    }
    let now = NOW.after(30 * DAY);
    fail(&mut page, 100, now);
    assert_eq!(failures(&page, 50, now), None);
    assert_eq!(failures(&page, 1, now), Some(2));
}

#[test]
fn a_refused_attempt_pushes_out_no_failure() {
    let refuse = |page: &mut Page, tag| {
        assert_eq!(page.count(tag, &ACCOUNT, NOW, Decision::Refuse(Wait::Stopped)), Err(Wait::Stopped));
    };
    let mut page = full();
    refuse(&mut page, 100);
    assert_eq!(page, full());
    page.remove(7);
    refuse(&mut page, 100);
    assert_eq!(failures(&page, 100, NOW), Some(0));
    refuse(&mut page, 101);
    assert_eq!((failures(&page, 100, NOW), failures(&page, 101, NOW)), (None, Some(0)));
    assert!((1..=64).filter(|tag| *tag != 7).all(|tag| failures(&page, tag, NOW).is_some()));
}

#[test]
fn a_failure_is_taken_back_without_those_that_came_after_it() {
    let mut page = Page::EMPTY;
    let state = |page: &Page| page.find(1, &ACCOUNT, NOW).map(|entry| (entry.failures, entry.last)).unwrap();
    let at = |seconds| NOW.after(Duration::from_secs(seconds));
    let [_, first, second] =
        [0, 1, 2].map(|seconds| page.count(1, &ACCOUNT, at(seconds), Decision::LetThrough).unwrap());
    page.find_mut(1, &ACCOUNT, NOW).unwrap().take_back(first);
    assert_eq!(state(&page), (2, at(2)));
    page.find_mut(1, &ACCOUNT, NOW).unwrap().take_back(second);
    assert_eq!(state(&page), (1, at(1)));
    let third = page.count(1, &ACCOUNT, at(3), Decision::LetThrough).unwrap();
    page.find_mut(1, &ACCOUNT, NOW).unwrap().take_back(third);
    assert_eq!(state(&page), (1, at(1)));
}

#[test]
fn counters_stop_at_their_end() {
    let mut page = Page::EMPTY;
    let bytes = {
        fail(&mut page, 1, NOW);
        let mut bytes = page.bytes(HERE);
        bytes[16 + 8..16 + 16].fill(0xff);
        let sum = xxhash_rust::xxh3::xxh3_64(&[&bytes[..8], &bytes[16..]].concat());
        bytes[8..16].copy_from_slice(&sum.to_le_bytes());
        bytes
    };
    let mut page = Page::parse(&bytes, HERE).unwrap();
    fail(&mut page, 1, NOW);
    let entry = page.find(1, &ACCOUNT, NOW).unwrap();
    assert_eq!((entry.attempts, entry.failures), (u32::MAX, u32::MAX));
}

#[test]
fn a_page_with_somebody_stopped_never_expires() {
    let mut page = Page::EMPTY;
    for _ in 0..99 {
        fail(&mut page, 1, NOW);
    }
    assert_eq!(page.expires(&ACCOUNT, NOW), NOW.after(30 * DAY));
    fail(&mut page, 1, NOW);
    assert_eq!(page.expires(&ACCOUNT, NOW), Timestamp::NEVER);
    assert_eq!(page.expires(&NETWORK, NOW), NOW.after(Duration::from_hours(1)));
}

/// All pages of all kinds, by their keys.
fn all_pages(house: &House) -> HashMap<Key, Address> {
    let tables: [(u8, Rule); 3] = [(0, ACCOUNT), (1, NETWORK), (2, DEVICE)];
    let pages = tables.into_iter().flat_map(|(table, rule)| {
        (0..rule.pages)
            .map(move |page| (Key::of_throttle(house.store.secret(), table, page), Address { table, page }))
    });
    pages.collect()
}

#[test]
fn s38_the_pages_are_a_fixed_number_of_records_of_a_fixed_size_that_are_nobody_s() {
    let house = House::new();
    let pages = all_pages(&house);
    assert_eq!(pages.len() * PAGE_BYTES, 645_632);
    for n in 0..20_000 {
        let (name, device) = (format!("name {n}"), format!("device {n}"));
        let _ = house.begin(on(&name).from(&name));
        let _ = house.begin(on(&name).with(&device));
    }
    let mut seen = 0;
    let check = &mut |summary: crate::engine::Summary| {
        assert_eq!((summary.owner, summary.bytes), (Owner::SYSTEM, PAGE_BYTES as u64));
        assert!(pages.contains_key(&summary.key));
        seen += 1;
        ControlFlow::Continue(())
    };
    house.engine.visit(house.now, check).unwrap();
    assert_eq!(seen, pages.len());
}

#[test]
fn s28_no_name_is_stored() {
    let house = House::new();
    let (name, network, device) = ("anna@shop.example", "203.0.113.0/24", "0123456789abcdef");
    let _ = house.pass(on(name).from(network));
    let _ = house.pass(on(name).with(device));
    let mut seen = 0;
    for key in all_pages(&house).keys() {
        if let Some(stored) = house.engine.load(key, house.now).unwrap() {
            for text in [name, network, device] {
                for piece in text.as_bytes().windows(8) {
                    assert!(!stored.record.windows(8).any(|window| window == piece));
                }
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn a_damaged_page_counts_nothing_and_is_written_anew() {
    let mut house = House::new();
    house.fail(8, on("anna").from("10.0.0"));
    let pages = all_pages(&house);
    let damages: [fn(&mut Vec<u8>); 5] = [
        |bytes| bytes[700] ^= 1,
        |bytes| bytes.truncate(100),
        |bytes| bytes[1] = 2,
        |bytes| bytes.clear(),
        |bytes| bytes.push(0),
    ];
    for damage in damages {
        for key in pages.keys() {
            if let Some(mut stored) = house.engine.load(key, house.now).unwrap() {
                damage(&mut stored.record);
                stored.record.push(0);
                let write = Write { record: &stored.record, expires: Timestamp::NEVER, owner: Owner::SYSTEM };
                let _ = house.engine.commit(key, Expect::Version(stored.version), write, house.now).unwrap();
            }
        }
        assert_eq!(house.account("anna"), (0, 0));
        house.fail(8, on("anna").from("10.0.0"));
        assert_eq!((house.account("anna"), house.network("10.0.0")), ((8, 8), (8, 8)));
    }
}

#[test]
fn a_page_in_another_s_place_is_damaged() {
    let bytes = full().bytes(HERE);
    assert_eq!(Page::parse(&bytes, HERE), Some(full()));
    assert_eq!(Page::parse(&bytes, Address { page: 259, ..HERE }), None);
    assert_eq!(Page::parse(&bytes, Address { table: 0, ..HERE }), None);
}

fn any_page() -> impl Strategy<Value = Page> {
    let entry = (any::<u64>(), any::<[u32; 2]>(), any::<u64>());
    prop::collection::vec(entry, ENTRIES).prop_map(|entries| {
        let mut bytes = Page::EMPTY.bytes(HERE);
        for ((tag, [attempts, failures], last), place) in entries.iter().zip(bytes[16..].chunks_mut(24)) {
            place[..8].copy_from_slice(&tag.to_le_bytes());
            place[8..12].copy_from_slice(&attempts.to_le_bytes());
            place[12..16].copy_from_slice(&failures.to_le_bytes());
            place[16..].copy_from_slice(&last.to_le_bytes());
        }
        let sum = xxhash_rust::xxh3::xxh3_64(&[&bytes[..8], &bytes[16..]].concat());
        bytes[8..16].copy_from_slice(&sum.to_le_bytes());
        Page::parse(&bytes, HERE).unwrap()
    })
}

proptest! {
    #[test]
    fn pages_come_back(page in any_page()) {
        prop_assert_eq!(Page::parse(&page.bytes(HERE), HERE), Some(page));
    }

    #[test]
    fn every_damage_of_a_byte_is_seen(page in any_page(), at in 0..PAGE_BYTES, bits in 1_u8..) {
        let mut bytes = page.bytes(HERE);
        bytes[at] ^= bits;
        prop_assert_eq!(Page::parse(&bytes, HERE), None);
    }

    /// Whatever a page holds and whatever the time is: counting works, and the count is there afterwards.
    #[test]
    fn any_page_at_any_time_counts(mut page in any_page(), tag in 1_u64.., now in any::<u64>()) {
        let now = Timestamp::from_millis(now);
        let before: Option<Entry> = page.find(tag, &NETWORK, now).copied();
        let counted = page.count(tag, &NETWORK, now, Decision::ByRule);
        let entry = page.find(tag, &NETWORK, now);
        prop_assert!(entry.is_some());
        let attempts = before.map_or(0, |entry| entry.attempts);
        prop_assert_eq!(entry.unwrap().attempts, attempts.saturating_add(1));
        if before.is_none() {
            prop_assert!(counted.is_ok());
        }
    }
}
