//! Compaction: slab pages that are mostly empty give their objects to others of their class and shard, and become free
//! for every use. A block moves as a commit of the same bytes does: copied, published by one store, then freed.

use std::sync::atomic::Ordering::{Relaxed, Release};

use super::{
    block::Damage,
    index::Slot,
    layout::{CLASS_COUNT, CLASSES, GRAIN, objects_per_page},
    lock::{Change, ShardGuard},
    order::step,
    slab::{Object, Spare, Trouble},
    store::Store,
};
use crate::engine::EngineError;

impl Store {
    /// Frees slab pages by moving objects, until about `pages` are free; whether it freed any.
    pub(super) fn compact(&self, pages: u32) -> Result<bool, EngineError> {
        let mut freed = 0;
        for shard in self.shards() {
            // Class 0 holds overflow lines, which their links keep in place.
            for class in 1..CLASS_COUNT as u8 {
                while freed < pages && self.map.shard(shard).surplus_pages(class) > 0 {
                    if !self.in_shard(shard, |guard| guard.empty_one_page(class))? {
                        break;
                    }
                    freed += 1;
                }
            }
            if freed >= pages {
                break;
            }
        }
        Ok(freed > 0)
    }
}

impl super::layout::ShardHeader {
    /// Pages of `class` that its free objects make up, the spare one aside.
    fn surplus_pages(&self, class: u8) -> u32 {
        let per_page = objects_per_page(class);
        let room = self.slab_pages[usize::from(class)].load(Relaxed).saturating_mul(per_page);
        let needed = self.objects[usize::from(class)].load(Relaxed).saturating_add(1);
        room.saturating_sub(needed) / per_page
    }
}

impl ShardGuard<'_> {
    /// Moves all objects of the emptiest page of `class` elsewhere, which frees it; false when there is none to empty.
    fn empty_one_page(&self, class: u8) -> Result<bool, Damage> {
        if self.header.surplus_pages(class) == 0 {
            return Ok(false);
        }
        let Some(page) = self.emptiest_page(class)? else { return Ok(false) };
        let change = self.begin_change();
        // Off its list, so that no object is moved into it.
        self.unlist(page, class)?;
        let used = self.store.map.meta(page).used.load(Relaxed);
        for number in (0..objects_per_page(class)).filter(|number| used & 1 << number != 0) {
            match self.move_object(&change, Object { page, number }, class) {
                Ok(()) => {}
                Err(Trouble::Damage) => return Err(Damage),
                Err(Trouble::NoSpace) => {
                    self.list(page, class);
                    change.end();
                    return Ok(false);
                }
            }
        }
        let pages = &self.header.slab_pages[usize::from(class)];
        pages.store(pages.load(Relaxed).saturating_sub(1), Relaxed);
        self.release_page(&change, page);
        change.end();
        Ok(true)
    }

    /// The page of `class` with the fewest objects, among the first of its list.
    fn emptiest_page(&self, class: u8) -> Result<Option<u32>, Damage> {
        const LOOK_AT: u32 = 64;
        let mut best = None;
        let mut next = self.header.partial[usize::from(class)].load(Relaxed);
        for _ in 0..LOOK_AT {
            let Some(page) = next.checked_sub(1) else { break };
            if page >= self.store.map.geometry.pages {
                return Err(Damage);
            }
            let meta = self.store.map.meta(page);
            let objects = meta.used.load(Relaxed).count_ones();
            if best.is_none_or(|(_, fewest)| objects < fewest) {
                best = Some((page, objects));
            }
            next = meta.next.load(Relaxed);
        }
        Ok(best.map(|(page, _)| page))
    }

    fn move_object(&self, change: &Change<'_>, from: Object, class: u8) -> Result<(), Trouble> {
        let old = self.store.grain_of(from, class);
        let address = self.store.address(&self.store.head(old)?.key);
        let found = self.find(&address)?.filter(|found| found.head.grain == old).ok_or(Trouble::Damage)?;
        let new = self.take_object(change, class, Spare::Take)?;
        let size = u64::from(CLASSES[usize::from(class)]);
        self.store.map.copy_within(u64::from(old) * GRAIN, u64::from(new) * GRAIN, size);
        step();
        found.slot.store(Slot::new(new, &address, found.head.version).0, Release);
        step();
        self.give_unlisted(change, from, class);
        Ok(())
    }
}
