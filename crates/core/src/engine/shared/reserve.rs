//! The reserve: as many pages as the longest stored chain has, which only commits that do not grow their session may
//! use, one at a time. With it such a commit finds room in a store without a free page: the new chain is drawn from the
//! reserve, and the old chain's pages take their place.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

use super::{
    layout::Control,
    lock::{Change, ShardGuard, release},
    order::step,
    pages::{FREE, PageWord},
    store::Store,
};
use crate::engine::EngineError;

/// The holder of the reserve's lock. It is taken before a shard's lock, never while one is held.
pub(super) struct ReserveGuard<'s> {
    store: &'s Store,
    control: &'s Control,
}

impl Drop for ReserveGuard<'_> {
    fn drop(&mut self) {
        release(&self.control.reserve_lock);
    }
}

impl Store {
    /// Whether a chain of `pages` may be stored: the reserve could replace it.
    #[inline]
    pub(super) fn reserve_covers(&self, pages: u32) -> bool {
        let control = self.map.control();
        // Acquire: pairs with the Release in `measure`, which sets 0 before it looks at any shard.
        pages <= control.reserve_target.load(Acquire)
    }

    /// Waits for the reserve's lock, and counts anew what a dead holder left.
    pub(super) fn lock_reserve(&self) -> Result<ReserveGuard<'_>, EngineError> {
        let control = self.map.control();
        self.acquire(&control.reserve_lock, None)?;
        let guard = ReserveGuard { store: self, control };
        if control.reserve_dirty.load(Relaxed) != 0 {
            // What the dead one drew belongs to a shard that it left dirty: its repair gives the pages back.
            for shard in self.shards() {
                drop(self.lock_shard(shard)?);
            }
            guard.measure()?;
        }
        Ok(guard)
    }

    /// Grows the reserve until it covers chains of `pages`; false when there are too few free pages.
    pub(super) fn raise_reserve(&self, pages: u32) -> Result<bool, EngineError> {
        let guard = self.lock_reserve()?;
        Ok(self.reserve_covers(pages) || guard.resize(pages))
    }

    /// Makes the reserve anew for chains of at most `longest` pages, as far as pages are free.
    pub(super) fn restore_reserve(&self, longest: u32) -> Result<(), EngineError> {
        let guard = self.lock_reserve()?;
        guard.begin();
        if !guard.fit(longest) {
            guard.control.reserve_target.store(longest, Release);
        }
        guard.end();
        Ok(())
    }

    /// Shrinks the reserve to what the stored chains need; whether that freed a page.
    pub(super) fn trim_reserve(&self) -> Result<bool, EngineError> {
        let guard = self.lock_reserve()?;
        let before = guard.control.reserve_pages.load(Relaxed);
        guard.measure()?;
        Ok(guard.control.reserve_pages.load(Relaxed) < before)
    }
}

impl ReserveGuard<'_> {
    fn begin(&self) {
        self.control.reserve_dirty.store(1, Relaxed);
        step();
    }

    fn end(&self) {
        step();
        self.control.reserve_dirty.store(0, Relaxed);
        step();
    }

    /// Finds the longest chain, shard by shard, and makes the reserve fit it as far as pages are free. While it is
    /// found, no chain becomes longer: the target is 0.
    fn measure(&self) -> Result<(), EngineError> {
        self.begin();
        self.control.reserve_target.store(0, Release);
        let mut longest = 0;
        for shard in self.store.shards() {
            let guard = self.store.lock_shard(shard)?;
            guard.recount();
            longest = longest.max(guard.header.longest_chain.load(Relaxed));
        }
        self.control.reserve_pages.store(self.reserved().count() as u32, Relaxed);
        if !self.fit(longest) {
            // Fewer pages than wanted are free: what is stored stays, and what is there is kept.
            self.control.reserve_target.store(longest, Relaxed);
        }
        self.end();
        Ok(())
    }

    fn reserved(&self) -> impl Iterator<Item = u32> {
        let store = self.store;
        (0..store.map.geometry.pages).filter(|&page| store.map.word(page).load(Relaxed) == PageWord::RESERVED)
    }

    /// Counts the pages after a commit that may have drawn some: all are back.
    pub(super) fn settle(self) {
        if self.control.reserve_dirty.load(Relaxed) != 0 {
            self.control.reserve_pages.store(self.reserved().count() as u32, Relaxed);
            self.end();
        }
    }

    pub(super) fn resize(&self, pages: u32) -> bool {
        self.begin();
        let enough = self.fit(pages);
        self.end();
        enough
    }

    /// Makes the reserve have `pages` pages; false when there are too few, and then it is as it was.
    fn fit(&self, pages: u32) -> bool {
        let before = self.control.reserve_pages.load(Relaxed);
        let mut now = before;
        while now < pages && self.store.claim(&self.control.reserve_rover, PageWord::RESERVED).is_some() {
            now += 1;
        }
        let enough = now >= pages;
        let wanted = if enough { pages } else { before };
        if now > wanted {
            for page in self.reserved().take((now - wanted) as usize) {
                self.store.map.word(page).store(FREE, SeqCst);
                step();
                self.store.hint_free(page);
            }
            now = wanted;
        }
        self.control.reserve_pages.store(now, Relaxed);
        if enough {
            self.control.reserve_target.store(pages, Release);
        }
        enough
    }
}

impl ShardGuard<'_> {
    /// Makes a chain of `count` pages, of free ones and then of reserved ones. What is drawn is a debt of the shard's
    /// until the pages of the block that is replaced have paid it.
    pub(super) fn draw_chain(
        &self,
        change: &Change<'_>,
        reserve: &ReserveGuard<'_>,
        count: u32,
    ) -> Option<u32> {
        if let Some(first) = self.claim_chain(change, count) {
            return Some(first);
        }
        let reserved: Vec<u32> = reserve.reserved().take(count as usize).collect();
        if reserved.len() < count as usize {
            return None;
        }
        // Until the debt is paid the count is wrong: who finds this lock's holder dead counts anew.
        reserve.begin();
        let mut next = None;
        for (drawn, &page) in reserved.iter().enumerate() {
            self.header.reserve_debt.store(drawn as u32 + 1, Relaxed);
            step();
            self.store.map.word(page).store(PageWord::chain(self.shard, next), Relaxed);
            step();
            next = Some(page);
        }
        self.add_used(i64::from(count) * 4096);
        next
    }
}
