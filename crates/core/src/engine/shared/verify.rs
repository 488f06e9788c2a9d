//! Every invariant of the format, checked from the index up. For tests, also those outside of the crate.

#![allow(clippy::unwrap_used, reason = "a test that can't look shall stop")]

use std::{collections::BTreeMap, sync::atomic::Ordering::Relaxed};

use crate::engine::shared::{
    block::Head,
    index::{Reached, Slot},
    layout::{CLASS_COUNT, CLASSES, LINE_CLASS, full_bitmap, objects_per_page},
    pages::{FREE, Kind, PageWord},
    store::Store,
};

/// What is wrong with a store in which nothing is going on.
pub(super) fn problems(store: &Store) -> Vec<String> {
    let mut check = Check {
        store,
        found: Vec::new(),
        slabs: BTreeMap::new(),
        chained: BTreeMap::new(),
        longest_chain: 0,
        guests: 0,
    };
    for shard in store.shards() {
        drop(store.lock_shard(shard).unwrap());
        check.read_index(shard);
    }
    check.read_pages();
    for shard in store.shards() {
        check.compare_shard(shard);
    }
    check.compare_reserve();
    check.found
}

/// A slab page as the index tells: owner, class, objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slab {
    owner: u32,
    class: u8,
    used: u64,
}

struct Check<'s> {
    store: &'s Store,
    found: Vec<String>,
    slabs: BTreeMap<u32, Slab>,
    chained: BTreeMap<u32, u32>,
    longest_chain: u32,
    guests: u64,
}

impl Check<'_> {
    fn read_index(&mut self, shard: u32) {
        let store = self.store;
        let header = store.map.shard(shard);
        let mut sessions = 0;
        let before = self.guests;
        for line in 0..store.map.geometry.lines_per_shard {
            let mut reached = store.home_line(shard, line);
            loop {
                sessions += self.read_slots(reached, shard, line);
                match store.follow(shard, line, reached.link()) {
                    Ok(None) => break,
                    Ok(Some(grain)) => {
                        self.add_object(grain, shard, LINE_CLASS);
                        reached = store.next_line(shard, line, reached).unwrap().unwrap();
                        if reached.slots().iter().all(|slot| slot.load(Relaxed) == 0) {
                            self.found.push(format!("shard {shard} line {line}: an empty overflow line"));
                        }
                    }
                    Err(_) => {
                        self.found.push(format!("shard {shard} line {line}: damaged link"));
                        break;
                    }
                }
            }
        }
        if header.sessions.load(Relaxed) != sessions {
            self.found.push(format!("shard {shard}: {sessions} sessions, counted {:?}", header.sessions));
        }
        let guests = self.guests - before;
        if header.guests.load(Relaxed) != guests {
            self.found.push(format!("shard {shard}: {guests} guests, counted {:?}", header.guests));
        }
        if header.reserve_debt.load(Relaxed) != 0 {
            self.found.push(format!("shard {shard} owes {:?} pages", header.reserve_debt));
        }
    }

    fn read_slots(&mut self, reached: Reached<'_>, shard: u32, line: u32) -> u64 {
        let mut sessions = 0;
        for slot in reached.slots() {
            let slot = Slot(slot.load(Relaxed));
            if slot == Slot::EMPTY {
                continue;
            }
            sessions += 1;
            let Ok(head) = self.store.head(slot.grain()) else {
                self.found.push(format!("shard {shard} line {line}: no block at {slot:?}"));
                continue;
            };
            let address = self.store.address(&head.key);
            if !slot.refers_to(&head, &address) || (address.shard, address.line) != (shard, line) {
                self.found.push(format!("{:?} stands in a wrong slot", head.key));
            }
            self.read_block(&head, shard);
        }
        sessions
    }

    fn read_block(&mut self, head: &Head, shard: u32) {
        if !self.store.is_block_intact(head) {
            self.found.push(format!("{:?} fails its checksum", head.key));
        }
        self.guests += u64::from(head.owner.is_guest());
        self.longest_chain = self.longest_chain.max(head.shape.chain_pages);
        let walked = self.store.walk_chain(head, |page, word| {
            if self.chained.insert(page, shard).is_some() {
                self.found.push(format!("page {page} is in two chains"));
            }
            if word.owner != Some(shard) || word.kind != Kind::Chain {
                self.found.push(format!("page {page} of a chain: {word:?}"));
            }
            Ok(())
        });
        if walked.is_err() {
            self.found.push(format!("{:?}: broken chain", head.key));
        }
        self.add_object(head.grain, shard, head.shape.class);
    }

    fn add_object(&mut self, grain: u32, owner: u32, class: u8) {
        let object = self.store.object_at(grain, class).unwrap();
        let slab = self.slabs.entry(object.page).or_insert(Slab { owner, class, used: 0 });
        if slab.used & 1 << object.number != 0 || (slab.owner, slab.class) != (owner, class) {
            self.found.push(format!("page {} holds two things: {slab:?}", object.page));
        }
        slab.used |= 1 << object.number;
    }

    fn read_pages(&mut self) {
        let map = &self.store.map;
        for page in 0..map.geometry.pages {
            let word = map.word(page).load(Relaxed);
            let is_hinted = map.hint(page / 64).load(Relaxed) & 1 << (page % 64) != 0;
            if word == FREE && !is_hinted {
                self.found.push(format!("page {page} is free and nobody can find it"));
            }
            let is_referred_to = self.slabs.contains_key(&page) || self.chained.contains_key(&page);
            let read = PageWord::read(word);
            match (read.owner, read.kind) {
                (None, _) if is_referred_to => self.found.push(format!("page {page} is in use and {word:x}")),
                (Some(_), Kind::Chain) if !self.chained.contains_key(&page) => {
                    self.found.push(format!("chained page {page} leaks"));
                }
                (Some(owner), Kind::Slab) => {
                    let empty = Slab { owner, class: read.class, used: 0 };
                    let expected = *self.slabs.entry(page).or_insert(empty);
                    let used = map.meta(page).used.load(Relaxed);
                    if expected != (Slab { used, ..empty }) {
                        self.found.push(format!("page {page}: {read:?} {used:b}, not {expected:?}"));
                    }
                }
                _ => {}
            }
        }
    }

    fn compare_shard(&mut self, shard: u32) {
        let header = self.store.map.shard(shard);
        let chained = self.chained.values().filter(|&&owner| owner == shard).count() as u64;
        let mut used = chained * 4096;
        for class in 0..CLASS_COUNT as u8 {
            let pages: BTreeMap<u32, u64> = self
                .slabs
                .iter()
                .filter(|(_, slab)| (slab.owner, slab.class) == (shard, class))
                .map(|(&page, slab)| (page, slab.used))
                .collect();
            let objects = self.compare_class(shard, class, &pages);
            used += u64::from(objects) * u64::from(CLASSES[usize::from(class)]);
        }
        if header.used_bytes.load(Relaxed) != used {
            self.found.push(format!("shard {shard}: {used} bytes in use, counted {:?}", header.used_bytes));
        }
    }

    fn compare_class(&mut self, shard: u32, class: u8, pages: &BTreeMap<u32, u64>) -> u32 {
        let header = self.store.map.shard(shard);
        let index = usize::from(class);
        let place = format!("shard {shard} class {}", CLASSES[index]);
        let objects: u32 = pages.values().map(|used| used.count_ones()).sum();
        if header.objects[index].load(Relaxed) != objects {
            self.found.push(format!("{place}: {objects} objects, counted {:?}", header.objects[index]));
        }
        if header.slab_pages[index].load(Relaxed) as usize != pages.len() {
            self.found.push(format!(
                "{place}: {} pages, counted {:?}",
                pages.len(),
                header.slab_pages[index]
            ));
        }
        let mut listed = Vec::new();
        let mut next = header.partial[index].load(Relaxed);
        let mut previous = 0;
        while let Some(page) = next.checked_sub(1) {
            let meta = self.store.map.meta(page);
            if meta.previous.load(Relaxed) != previous || listed.contains(&page) {
                self.found.push(format!("{place}: the list is broken at page {page}"));
                break;
            }
            listed.push(page);
            previous = next;
            next = meta.next.load(Relaxed);
        }
        listed.sort_unstable();
        let partial: Vec<u32> =
            pages.iter().filter(|&(_, &used)| used != full_bitmap(class)).map(|(&page, _)| page).collect();
        if listed != partial {
            self.found.push(format!("{place}: listed {listed:?}, partial {partial:?}"));
        }
        let free = pages.len() as u32 * objects_per_page(class) - objects;
        if class != LINE_CLASS && objects > 0 && free == 0 {
            self.found.push(format!("{place}: no spare"));
        }
        let empty = pages.values().filter(|&&used| used == 0).count();
        if empty > 1 || (empty == 1 && objects == 0) {
            self.found.push(format!("{place}: {empty} empty pages are kept"));
        }
        objects
    }

    fn compare_reserve(&mut self) {
        drop(self.store.lock_reserve().unwrap());
        let map = &self.store.map;
        let pages = 0..map.geometry.pages;
        let reserved = pages.filter(|&page| map.word(page).load(Relaxed) == PageWord::RESERVED).count();
        let control = map.control();
        let target = control.reserve_target.load(Relaxed);
        if target < self.longest_chain {
            self.found.push(format!("the reserve is for {target} pages, a chain has {}", self.longest_chain));
        }
        let noted = control.reserve_pages.load(Relaxed);
        if noted as usize != reserved || noted < target {
            self.found.push(format!("the reserve has {reserved} pages, {noted} are counted, of {target}"));
        }
    }
}
