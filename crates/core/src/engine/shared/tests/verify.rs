//! Every invariant of the format, checked from the index up.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

use crate::engine::shared::{
    index::Slot,
    layout::{CLASS_COUNT, CLASSES, LINE_CLASS, full_bitmap, objects_per_page},
    pages::{FREE, Kind, PageWord},
    store::Store,
};

/// What is wrong with a store in which nothing is going on.
pub(in super::super) fn problems(store: &Store) -> Vec<String> {
    let mut found = Vec::new();
    let pages = store.map.geometry.pages;
    let mut slabs: BTreeMap<u32, (u32, u8, u64)> = BTreeMap::new();
    let mut chained: BTreeMap<u32, u32> = BTreeMap::new();
    let mut longest = 0;
    for shard in store.shards() {
        drop(store.lock_shard(shard).unwrap());
        let header = store.map.shard(shard);
        let mut sessions = 0;
        for line in 0..store.map.geometry.lines_per_shard {
            let mut reached = store.home_line(shard, line);
            loop {
                for slot in reached.slots() {
                    let slot = Slot(slot.load(Relaxed));
                    if slot.0 == 0 {
                        continue;
                    }
                    sessions += 1;
                    let Ok(head) = store.head(slot.grain()) else {
                        found.push(format!("shard {shard} line {line}: no block at {slot:?}"));
                        continue;
                    };
                    let address = store.address(&head.key);
                    if !slot.refers_to(&head, &address) || (address.shard, address.line) != (shard, line) {
                        found.push(format!("{:?} stands in a wrong slot", head.key));
                    }
                    if !store.is_block_intact(&head) {
                        found.push(format!("{:?} fails its checksum", head.key));
                    }
                    longest = longest.max(head.shape.chain_pages);
                    let walked = store.walk_chain(&head, |page, word| {
                        if chained.insert(page, shard).is_some() {
                            found.push(format!("page {page} is in two chains"));
                        }
                        if word.owner != Some(shard) || word.kind != Kind::Chain {
                            found.push(format!("page {page} of a chain: {word:?}"));
                        }
                        Ok(())
                    });
                    if walked.is_err() {
                        found.push(format!("{:?}: broken chain", head.key));
                    }
                    let object = store.object_at(head.grain, head.shape.class).unwrap();
                    let slab = slabs.entry(object.page).or_insert((shard, head.shape.class, 0));
                    if slab.2 & 1 << object.number != 0 || (slab.0, slab.1) != (shard, head.shape.class) {
                        found.push(format!("page {} holds two things: {slab:?}", object.page));
                    }
                    slab.2 |= 1 << object.number;
                }
                match store.follow(shard, line, reached.link()) {
                    Ok(None) => break,
                    Ok(Some(grain)) => {
                        let object = store.object_at(grain, LINE_CLASS).unwrap();
                        let slab = slabs.entry(object.page).or_insert((shard, LINE_CLASS, 0));
                        if slab.2 & 1 << object.number != 0 || (slab.0, slab.1) != (shard, LINE_CLASS) {
                            found.push(format!("page {} holds two things: {slab:?}", object.page));
                        }
                        slab.2 |= 1 << object.number;
                        reached = store.next_line(shard, line, reached).unwrap().unwrap();
                    }
                    Err(_) => {
                        found.push(format!("shard {shard} line {line}: damaged link"));
                        break;
                    }
                }
            }
        }
        if header.sessions.load(Relaxed) != sessions {
            found.push(format!("shard {shard}: {sessions} sessions, counted {:?}", header.sessions));
        }
        if header.reserve_debt.load(Relaxed) != 0 {
            found.push(format!("shard {shard} owes {:?} pages", header.reserve_debt));
        }
    }
    let mut reserved = 0;
    for page in 0..pages {
        let word = store.map.word(page).load(Relaxed);
        let hinted = store.map.hint(page / 64).load(Relaxed) & 1 << (page % 64) != 0;
        if word == FREE && !hinted {
            found.push(format!("page {page} is free and nobody can find it"));
        }
        if word == PageWord::RESERVED {
            reserved += 1;
        }
        let referred = slabs.contains_key(&page) || chained.contains_key(&page);
        if referred && (word == FREE || word == PageWord::RESERVED) {
            found.push(format!("page {page} is in use and {word:x}"));
        }
        let read = PageWord::read(word);
        if let Some(owner) = read.owner {
            match read.kind {
                Kind::Chain if !chained.contains_key(&page) => found.push(format!("chained page {page} leaks")),
                Kind::Slab => {
                    let marks = slabs.get(&page).map_or(0, |slab| slab.2);
                    let used = store.map.meta(page).used.load(Relaxed);
                    if marks != used {
                        found.push(format!("page {page}: in use {marks:b}, noted {used:b}"));
                    }
                    slabs.entry(page).or_insert((owner, read.class, 0));
                    let expected = slabs[&page];
                    if (expected.0, expected.1) != (owner, read.class) {
                        found.push(format!("page {page}: {read:?} instead of {expected:?}"));
                    }
                }
                _ => {}
            }
        }
    }
    for shard in store.shards() {
        let header = store.map.shard(shard);
        let chained = chained.values().filter(|&&owner| owner == shard).count() as u64;
        let mut used = chained * 4096;
        for class in 0..CLASS_COUNT as u8 {
            let index = usize::from(class);
            let mine: BTreeMap<u32, u64> = slabs
                .iter()
                .filter(|(_, slab)| (slab.0, slab.1) == (shard, class))
                .map(|(&page, slab)| (page, slab.2))
                .collect();
            let objects: u32 = mine.values().map(|used| used.count_ones()).sum();
            used += u64::from(objects) * u64::from(CLASSES[index]);
            let place = format!("shard {shard} class {}", CLASSES[index]);
            if header.objects[index].load(Relaxed) != objects {
                found.push(format!("{place}: {objects} objects, counted {:?}", header.objects[index]));
            }
            if header.slab_pages[index].load(Relaxed) as usize != mine.len() {
                found.push(format!("{place}: {} pages, counted {:?}", mine.len(), header.slab_pages[index]));
            }
            let mut listed = Vec::new();
            let mut next = header.partial[index].load(Relaxed);
            let mut previous = 0;
            while let Some(page) = next.checked_sub(1) {
                if store.map.meta(page).previous.load(Relaxed) != previous || listed.contains(&page) {
                    found.push(format!("{place}: list is broken at page {page}"));
                    break;
                }
                listed.push(page);
                previous = next;
                next = store.map.meta(page).next.load(Relaxed);
            }
            listed.sort_unstable();
            let partial: Vec<u32> = mine
                .iter()
                .filter(|&(_, &used)| used != full_bitmap(class))
                .map(|(&page, _)| page)
                .collect();
            if listed != partial {
                found.push(format!("{place}: listed {listed:?}, partial {partial:?}"));
            }
            let free = mine.len() as u32 * objects_per_page(class) - objects;
            if class != LINE_CLASS && objects > 0 && free == 0 {
                found.push(format!("{place}: no spare"));
            }
            let empty = mine.values().filter(|&&used| used == 0).count();
            if empty > 1 || (empty == 1 && objects == 0) {
                found.push(format!("{place}: {empty} empty pages are kept"));
            }
        }
        if header.used_bytes.load(Relaxed) != used {
            found.push(format!("shard {shard}: {used} bytes in use, counted {:?}", header.used_bytes));
        }
    }
    drop(store.lock_reserve().unwrap());
    let control = store.map.control();
    if control.reserve_target.load(Relaxed) < longest {
        found.push(format!("the reserve's target is {:?} and a chain has {longest}", control.reserve_target));
    }
    let noted = control.reserve_pages.load(Relaxed);
    if noted != reserved || noted < control.reserve_target.load(Relaxed) {
        found.push(format!("reserve: {reserved} pages, counted {noted}, of {:?}", control.reserve_target));
    }
    found
}
