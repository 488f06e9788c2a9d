//! Recovery of the whole file, by an opener that is alone: after a reboot, in a copied or restored file, and where the
//! last user did not leave it sealed. Locks are made free, and everything but the index is made anew from it: page owners
//! also, which the repair of one shard has to trust.

use std::{hint::black_box, sync::atomic::Ordering::Relaxed};

use super::{
    block::{Damage, Head},
    index::{Reached, Slot},
    layout::{LINE_CLASS, PageMeta},
    pages::{FREE, PageWord},
    repair::Figures,
    slab::Object,
    store::Store,
};
use crate::engine::EngineError;

/// Versions that no commit of the time before has used: after a loss of power the counter may be an older one.
const VERSIONS_SKIPPED: u64 = 1 << 32;

/// Lines whose blocks are on their way while one is looked at.
const AHEAD: u32 = 4;

/// What is believed of the blocks that the index refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocks {
    /// That they are what was written: nobody but processes of this boot wrote to the file, and death loses no store. Each
    /// load compares the checksum of its own. The first sign that this is not so, of whatever kind, ends the trust.
    Trusted,
    /// Nothing: each is compared with its checksum.
    Compared,
}

/// Page owners and objects in use, as the index tells.
struct Claims<'s> {
    store: &'s Store,
    blocks: Blocks,
    words: Vec<u64>,
    marks: Vec<u64>,
    /// Of each shard.
    figures: Vec<Figures>,
    dropped: u32,
}

impl Store {
    /// Makes the store consistent; how many damaged sessions it dropped. The caller holds the opening lock, and nobody
    /// else is alive.
    pub(super) fn recover(&self, blocks: Blocks) -> Result<u32, EngineError> {
        let Ok(claims) = Claims::take(self, blocks).or_else(|Damage| Claims::take(self, Blocks::Compared))
        else {
            return Err(self.damaged(0));
        };
        claims.write();

        let control = self.map.control();
        control.reserve_lock.store(0, Relaxed);
        control.reserve_dirty.store(0, Relaxed);
        control.reserve_pages.store(0, Relaxed);
        control.reserve_target.store(0, Relaxed);
        control.reserve_measured.store(0, Relaxed);
        control.mended.store(0, Relaxed);
        let pages = claims.pages_by_shard();
        for ((shard, pages), figures) in self.shards().zip(&pages).zip(&claims.figures) {
            let header = self.map.shard(shard);
            header.lock.store(0, Relaxed);
            header.dirty.store(0, Relaxed);
            header.reserve_debt.store(0, Relaxed);
            // Each looks for free pages in a part of its own, and changes other lines of hints than the others.
            header.rover.store(self.first_rover(shard), Relaxed);
            let guard = self.lock_shard(shard)?;
            let change = guard.begin_change();
            guard.sweep_pages(&change, pages.iter().copied());
            guard.note_figures(figures);
            guard.add_missing_spares(&change);
            change.end();
        }
        self.restore_reserve(claims.figures.iter().map(|figures| figures.longest_chain).max().unwrap_or(0))?;
        self.count_damaged(claims.dropped);
        Ok(claims.dropped)
    }
}

impl<'s> Claims<'s> {
    /// Claims what the index refers to, and empties invalid slots; where the blocks are trusted, damage ends it instead.
    fn take(store: &'s Store, blocks: Blocks) -> Result<Self, Damage> {
        let pages = store.map.geometry.pages as usize;
        let figures = vec![Figures::default(); store.map.geometry.shards as usize];
        let (words, marks) = (vec![FREE; pages], vec![0; pages]);
        let mut claims = Self { store, blocks, words, marks, figures, dropped: 0 };
        for shard in store.shards() {
            claims.take_shard(shard)?;
        }
        Ok(claims)
    }

    /// The pages that each shard owns.
    fn pages_by_shard(&self) -> Vec<Vec<u32>> {
        let mut pages = vec![Vec::new(); self.figures.len()];
        for (page, &word) in (0..).zip(&self.words) {
            if let Some(owner) = PageWord::read(word).owner
                && let Some(pages) = pages.get_mut(owner as usize)
            {
                pages.push(page);
            }
        }
        pages
    }

    /// Counts something that is dropped; an end where that may not be.
    fn drop_one(&mut self) -> Result<(), Damage> {
        self.dropped += 1;
        if self.blocks == Blocks::Trusted { Err(Damage) } else { Ok(()) }
    }

    fn take_shard(&mut self, shard: u32) -> Result<(), Damage> {
        let store = self.store;
        let lines = store.map.geometry.lines_per_shard;
        let mut latest = store.map.shard(shard).version.load(Relaxed);
        for line in 0..lines {
            if line + AHEAD < lines {
                self.fetch(store.home_line(shard, line + AHEAD));
            }
            let mut reached = store.home_line(shard, line);
            loop {
                self.take_slots(reached, shard, line, &mut latest)?;
                match self.take_next_line(reached, shard, line) {
                    Ok(Some(next)) => reached = next,
                    Ok(None) => break,
                    Err(Damage) => {
                        self.drop_one()?;
                        reached.link().store(0, Relaxed);
                        break;
                    }
                }
            }
        }
        store.map.shard(shard).version.store(latest.wrapping_add(VERSIONS_SKIPPED), Relaxed);
        Ok(())
    }

    /// Looks at one word of each block of a line whose turn comes soon, so that the processor waits for all at once.
    fn fetch(&self, reached: Reached<'_>) {
        let owners = reached.slots().iter().map(|slot| match Slot(slot.load(Relaxed)) {
            Slot::EMPTY => 0,
            slot => self.store.block_owner(slot.grain()),
        });
        black_box(owners.fold(0, |all, owner| all | owner));
    }

    fn take_slots(
        &mut self,
        reached: Reached<'_>,
        shard: u32,
        line: u32,
        latest: &mut u64,
    ) -> Result<(), Damage> {
        for slot in reached.slots() {
            let word = Slot(slot.load(Relaxed));
            if word.0 == 0 {
                continue;
            }
            if let Ok(head) = self.take_block(word, shard, line) {
                *latest = head.version.max(*latest);
                self.figures[shard as usize].add(&head);
            } else {
                self.drop_one()?;
                slot.store(0, Relaxed);
            }
        }
        Ok(())
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
        if !belongs || (self.blocks == Blocks::Compared && !self.store.is_block_intact(&head)) {
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
        for (word, pages) in (0..).zip(self.words.chunks(64)) {
            let free = pages.iter().rev().fold(0, |bits, &word| bits << 1 | u64::from(word == FREE));
            map.hint(word).store(free, Relaxed);
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
