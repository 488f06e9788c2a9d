//! Repair of one shard whose lock holder died in the middle of a change: mark what the index refers to, sweep the rest.
//!
//! It changes the index only where a slot is invalid, and it reads nothing but the index and the page owners. So any
//! prefix of a repair, followed by a whole one, gives the same: the repairer may die as well.

use std::sync::atomic::Ordering::{Relaxed, Release};

use super::{
    block::{Damage, Head},
    index::{Reached, Slot},
    layout::{CLASSES, LINE_CLASS, full_bitmap},
    lock::{Change, ShardGuard},
    order::step,
    pages::{FREE, Kind, PageWord},
    slab::Object,
};

/// What is counted of a shard's sessions.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    sessions: u64,
    guests: u64,
    pub(super) longest_chain: u32,
}

impl Figures {
    pub(super) fn add(&mut self, head: &Head) {
        self.sessions += 1;
        self.guests += u64::from(head.owner.is_guest());
        self.longest_chain = self.longest_chain.max(head.shape.chain_pages);
    }
}

impl ShardGuard<'_> {
    /// Makes the shard consistent.
    pub(super) fn repair(&self) {
        let change = self.begin_change();
        self.store.map.control().mended.store(1, Relaxed);
        self.unmark();
        let dropped = self.mark();
        self.sweep_pages(&change, 0..self.store.map.geometry.pages);
        self.recount();
        self.store.count_damaged(dropped);
        self.header.repairs.fetch_add(1, Relaxed);
        change.end();
    }

    fn unmark(&self) {
        for page in 0..self.store.map.geometry.pages {
            if self.store.page_word(page).owner == Some(self.shard) {
                self.store.map.meta(page).mark.store(0, Relaxed);
            }
        }
    }

    /// Marks the blocks and lines that the index refers to, and empties invalid slots; how many.
    fn mark(&self) -> u32 {
        let mut dropped = 0;
        for line in 0..self.store.map.geometry.lines_per_shard {
            let mut reached = self.store.home_line(self.shard, line);
            loop {
                for slot in reached.slots() {
                    let word = Slot(slot.load(Relaxed));
                    if word.0 != 0 && self.mark_block(word, line).is_err() {
                        slot.store(0, Release);
                        dropped += 1;
                        step();
                    }
                }
                match self.mark_next_line(line, reached) {
                    Ok(Some(next)) => reached = next,
                    Ok(None) => break,
                    Err(Damage) => {
                        reached.link().store(0, Release);
                        dropped += 1;
                        step();
                        break;
                    }
                }
            }
        }
        dropped
    }

    fn mark_next_line<'g>(&'g self, line: u32, reached: Reached<'g>) -> Result<Option<Reached<'g>>, Damage> {
        self.store.unlink_empty_lines(self.shard, line, reached)?;
        let Some(grain) = self.store.follow(self.shard, line, reached.link())? else { return Ok(None) };
        let object = self.store.object_at(grain, LINE_CLASS)?;
        self.check_owned(object.page, Kind::Slab, LINE_CLASS)?;
        self.mark_object(object)?;
        self.store.next_line(self.shard, line, reached)
    }

    fn mark_block(&self, slot: Slot, line: u32) -> Result<Head, Damage> {
        let head = self.store.head(slot.grain())?;
        let address = self.store.address(&head.key);
        if address.shard != self.shard || address.line != line || !slot.refers_to(&head, &address) {
            return Err(Damage);
        }
        let object = self.store.object_at(head.grain, head.shape.class)?;
        self.check_owned(object.page, Kind::Slab, head.shape.class)?;
        self.store.walk_chain(&head, |page, word| {
            let ours = word.owner == Some(self.shard) && word.kind == Kind::Chain;
            if ours && self.store.map.meta(page).mark.load(Relaxed) == 0 { Ok(()) } else { Err(Damage) }
        })?;
        self.mark_object(object)?;
        self.store.walk_chain(&head, |page, _| {
            self.store.map.meta(page).mark.store(1, Relaxed);
            Ok(())
        })?;
        Ok(head)
    }

    fn mark_object(&self, object: Object) -> Result<(), Damage> {
        let mark = &self.store.map.meta(object.page).mark;
        let marks = mark.load(Relaxed);
        if marks & 1 << object.number != 0 {
            return Err(Damage);
        }
        mark.store(marks | 1 << object.number, Relaxed);
        Ok(())
    }

    fn check_owned(&self, page: u32, kind: Kind, class: u8) -> Result<(), Damage> {
        let word = self.store.page_word(page);
        let ours = word.owner == Some(self.shard) && word.kind == kind && word.class == class;
        if ours { Ok(()) } else { Err(Damage) }
    }

    /// Makes bitmaps and lists anew from the marks, and frees the pages that have none. `pages`: at least those of this
    /// shard.
    pub(super) fn sweep_pages(&self, change: &Change<'_>, pages: impl Iterator<Item = u32> + Clone) {
        let header = self.header;
        for class in 0..CLASSES.len() {
            header.partial[class].store(0, Relaxed);
            header.slab_pages[class].store(0, Relaxed);
            header.objects[class].store(0, Relaxed);
        }
        let mut used = 0;
        let mut has_empty_slabs = false;
        for page in pages.clone() {
            let word = self.store.map.word(page).load(Relaxed);
            if word == FREE {
                if self.store.map.hint(page / 64).load(Relaxed) & 1 << (page % 64) == 0 {
                    self.store.hint_free(page);
                }
                continue;
            }
            let word = PageWord::read(word);
            if word.owner != Some(self.shard) {
                continue;
            }
            let mark = self.store.map.meta(page).mark.load(Relaxed);
            match word.kind {
                Kind::Slab if usize::from(word.class) < CLASSES.len() => {
                    used += self.sweep_slab(page, word.class, mark);
                    has_empty_slabs |= mark == 0;
                }
                _ if mark != 0 => used += 4096,
                _ if header.reserve_debt.load(Relaxed) > 0 => self.give_to_reserve(page),
                _ => self.release_page(change, page),
            }
        }
        header.reserve_debt.store(0, Relaxed);
        if has_empty_slabs {
            self.sweep_empty_slabs(change, pages);
        }
        header.used_bytes.store(used, Relaxed);
    }

    fn sweep_slab(&self, page: u32, class: u8, mark: u64) -> u64 {
        let index = usize::from(class);
        let marks = mark & full_bitmap(class);
        self.store.map.meta(page).used.store(marks, Relaxed);
        let objects = &self.header.objects[index];
        objects.store(objects.load(Relaxed) + marks.count_ones(), Relaxed);
        if marks != 0 {
            let pages = &self.header.slab_pages[index];
            pages.store(pages.load(Relaxed) + 1, Relaxed);
            if marks != full_bitmap(class) {
                self.list(page, class);
            }
        }
        u64::from(marks.count_ones()) * u64::from(CLASSES[index])
    }

    /// Frees the slab pages without objects, but for one of each class that needs it as its spare.
    fn sweep_empty_slabs(&self, change: &Change<'_>, pages: impl Iterator<Item = u32>) {
        for page in pages {
            let word = self.store.page_word(page);
            let empty_slab = word.owner == Some(self.shard)
                && word.kind == Kind::Slab
                && self.store.map.meta(page).used.load(Relaxed) == 0;
            if !empty_slab {
                continue;
            }
            let class = usize::from(word.class);
            let is_spare = word.class != LINE_CLASS
                && self.header.partial.get(class).is_some_and(|list| list.load(Relaxed) == 0)
                && self.header.objects.get(class).is_some_and(|objects| objects.load(Relaxed) > 0);
            if is_spare {
                let pages = &self.header.slab_pages[class];
                pages.store(pages.load(Relaxed) + 1, Relaxed);
                self.list(page, word.class);
            } else if self.header.partial.get(class).is_none_or(|list| list.load(Relaxed) != page + 1) {
                self.release_page(change, page);
            }
        }
    }

    /// Counts sessions, guests and the longest chain anew.
    ///
    /// Of a line that somebody else has overwritten meanwhile, what stands before the damage is counted: who meets the
    /// damage next has the shard repaired, and with that counted again.
    pub(super) fn recount(&self) {
        let mut figures = Figures::default();
        for line in 0..self.store.map.geometry.lines_per_shard {
            let _: Result<_, Damage> = self.find_in_line(line, |head| {
                figures.add(head);
                false
            });
        }
        self.note_figures(&figures);
    }

    /// Notes what was counted. The sweep of the expired begins again.
    pub(super) fn note_figures(&self, figures: &Figures) {
        self.header.sessions.store(figures.sessions, Relaxed);
        self.header.guests.store(figures.guests, Relaxed);
        self.header.longest_chain.store(figures.longest_chain, Relaxed);
        self.header.first_expiry.store(0, Relaxed);
        self.header.pass_expiry.store(u64::MAX, Relaxed);
        self.header.sweep_line.store(0, Relaxed);
    }
}
