//! Recovery of the whole file, by an opener that is alone: after a reboot, in a copied or restored file, and whenever
//! the last user has gone. Locks are made free, every block is checked against its checksum, and everything but the
//! index is made anew from it: page owners also, which the repair of one shard has to trust.

use std::sync::atomic::Ordering::Relaxed;

use super::{
    block::{Damage, Head},
    index::{Reached, Slot},
    layout::{LINE_CLASS, PageMeta},
    pages::{FREE, PageWord},
    slab::Object,
    store::Store,
};
use crate::engine::EngineError;

/// Versions that no commit of the time before has used: after a loss of power the counter may be an older one.
const VERSIONS_SKIPPED: u64 = 1 << 32;

/// Page owners and objects in use, as the index tells.
struct Claims<'s> {
    store: &'s Store,
    words: Vec<u64>,
    marks: Vec<u64>,
}

impl Store {
    /// Makes the store consistent; how many damaged sessions it dropped. The caller holds the opening lock, and nobody
    /// else is alive.
    pub(super) fn recover(&self) -> Result<u32, EngineError> {
        let pages = self.map.geometry.pages as usize;
        let mut claims = Claims { store: self, words: vec![FREE; pages], marks: vec![0; pages] };
        let mut dropped = 0;
        for shard in self.shards() {
            dropped += claims.take_shard(shard);
        }
        claims.write();

        let control = self.map.control();
        control.reserve_lock.store(0, Relaxed);
        control.reserve_dirty.store(0, Relaxed);
        control.reserve_pages.store(0, Relaxed);
        control.reserve_target.store(0, Relaxed);
        control.reserve_measured.store(0, Relaxed);
        let mut longest = 0;
        for shard in self.shards() {
            let header = self.map.shard(shard);
            header.lock.store(0, Relaxed);
            header.dirty.store(0, Relaxed);
            header.reserve_debt.store(0, Relaxed);
            // Each looks for free pages in a part of its own, and changes other lines of hints than the others.
            header.rover.store(self.first_rover(shard), Relaxed);
            let guard = self.lock_shard(shard)?;
            let change = guard.begin_change();
            guard.sweep_pages(&change);
            guard.add_missing_spares(&change);
            change.end();
            longest = longest.max(header.longest_chain.load(Relaxed));
        }
        self.restore_reserve(longest)?;
        self.count_damaged(dropped);
        Ok(dropped)
    }
}

impl Claims<'_> {
    /// Claims what the shard's part of the index refers to, and empties invalid slots; how many.
    fn take_shard(&mut self, shard: u32) -> u32 {
        let store = self.store;
        let mut dropped = 0;
        let mut latest = store.map.shard(shard).version.load(Relaxed);
        for line in 0..store.map.geometry.lines_per_shard {
            let mut reached = store.home_line(shard, line);
            loop {
                dropped += self.take_slots(reached, shard, line, &mut latest);
                match self.take_next_line(reached, shard, line) {
                    Ok(Some(next)) => reached = next,
                    Ok(None) => break,
                    Err(Damage) => {
                        reached.link().store(0, Relaxed);
                        dropped += 1;
                        break;
                    }
                }
            }
        }
        store.map.shard(shard).version.store(latest.wrapping_add(VERSIONS_SKIPPED), Relaxed);
        dropped
    }

    fn take_slots(&mut self, reached: Reached<'_>, shard: u32, line: u32, latest: &mut u64) -> u32 {
        let mut dropped = 0;
        for slot in reached.slots() {
            let word = Slot(slot.load(Relaxed));
            if word.0 == 0 {
                continue;
            }
            if let Ok(head) = self.take_block(word, shard, line) {
                *latest = head.version.max(*latest);
            } else {
                slot.store(0, Relaxed);
                dropped += 1;
            }
        }
        dropped
    }

    fn take_next_line<'r>(
        &mut self,
        reached: Reached<'r>,
        shard: u32,
        line: u32,
    ) -> Result<Option<Reached<'r>>, Damage>
    where
        Self: 'r,
    {
        let store = self.store;
        store.unlink_empty_lines(shard, line, reached)?;
        let Some(grain) = store.follow(shard, line, reached.link())? else { return Ok(None) };
        self.take_object(store.object_at(grain, LINE_CLASS)?, shard, LINE_CLASS)?;
        store.next_line(shard, line, reached)
    }

    fn take_block(&mut self, slot: Slot, shard: u32, line: u32) -> Result<Head, Damage> {
        let head = self.store.head(slot.grain())?;
        let address = self.store.address(&head.key);
        let belongs = address.shard == shard && address.line == line && slot.refers_to(&head, &address);
        if !belongs || !self.store.is_block_intact(&head) {
            return Err(Damage);
        }
        let mut chain = Vec::new();
        let words = &self.words;
        self.store.walk_chain(&head, |page, word| {
            let is_free = words[page as usize] == FREE;
            chain.push((page, PageWord::chain(shard, word.next)));
            if is_free { Ok(()) } else { Err(Damage) }
        })?;
        self.take_object(self.store.object_at(head.grain, head.shape.class)?, shard, head.shape.class)?;
        for (page, word) in chain {
            self.words[page as usize] = word;
            self.marks[page as usize] = 1;
        }
        Ok(head)
    }

    fn take_object(&mut self, object: Object, shard: u32, class: u8) -> Result<(), Damage> {
        let page = object.page as usize;
        let word = PageWord::slab(shard, class);
        let bit = 1 << object.number;
        if (self.words[page] != FREE && self.words[page] != word) || self.marks[page] & bit != 0 {
            return Err(Damage);
        }
        self.words[page] = word;
        self.marks[page] |= bit;
        Ok(())
    }

    fn write(&self) {
        let map = &self.store.map;
        for word in 0..map.geometry.hint_words() {
            map.hint(word).store(0, Relaxed);
        }
        for ((page, &word), &mark) in (0..).zip(&self.words).zip(&self.marks) {
            let PageMeta { used, mark: marked, next, previous } = map.meta(page);
            map.word(page).store(word, Relaxed);
            used.store(mark, Relaxed);
            marked.store(mark, Relaxed);
            next.store(0, Relaxed);
            previous.store(0, Relaxed);
        }
    }
}
