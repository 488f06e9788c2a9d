//! The page map: who owns which page. One map for the whole file, so that no class of sizes and no shard can starve
//! another. It needs no lock of its own:
//!
//! - a free word becomes an owned one only by compare-and-swap, by the holder of the new owner's lock;
//! - every other change of a word, and of its page's notes, is made by the holder of the owner's lock;
//! - an owned word becomes free by one store, after which the page's hint is set.

use std::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};

use super::{
    block::Head,
    lock::{Change, ShardGuard},
    order::step,
    store::Store,
};

/// What a page is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// 4096 bytes of one record.
    Chain = 1,
    /// Objects of one class.
    Slab = 2,
    /// Kept for commits that do not grow a session.
    Reserve = 3,
}

/// A word of the page map: owner shard + 1:16 (0 = free) | kind:8 | class:8 | next page + 1:32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageWord {
    pub(super) owner: Option<u32>,
    pub(super) kind: Kind,
    pub(super) class: u8,
    pub(super) next: Option<u32>,
}

pub(super) const FREE: u64 = 0;
/// The owner of reserved pages: no shard.
const RESERVE_OWNER: u64 = 0xffff;

impl PageWord {
    pub(super) const RESERVED: u64 = RESERVE_OWNER | (Kind::Reserve as u64) << 16;

    pub(super) fn slab(shard: u32, class: u8) -> u64 {
        u64::from(shard + 1) | (Kind::Slab as u64) << 16 | u64::from(class) << 24
    }

    pub(super) fn chain(shard: u32, next: Option<u32>) -> u64 {
        let next = next.map_or(0, |page| u64::from(page) + 1);
        u64::from(shard + 1) | (Kind::Chain as u64) << 16 | next << 32
    }

    /// Reads a word; what no shard wrote has no owner.
    pub(super) fn read(word: u64) -> Self {
        let kind = match word >> 16 & 0xff {
            1 => Some(Kind::Chain),
            2 => Some(Kind::Slab),
            _ => None,
        };
        let owner = match word & 0xffff {
            0 | RESERVE_OWNER => None,
            owner => Some(owner as u32 - 1),
        };
        Self {
            owner: owner.filter(|_| kind.is_some()),
            kind: kind.unwrap_or(Kind::Reserve),
            class: (word >> 24) as u8,
            next: ((word >> 32) as u32).checked_sub(1),
        }
    }
}

impl Store {
    #[inline]
    pub(super) fn page_word(&self, page: u32) -> PageWord {
        PageWord::read(self.map.word(page).load(Relaxed))
    }

    /// Sets the hint that `page` is perhaps free.
    pub(super) fn hint_free(&self, page: u32) {
        // SeqCst: pairs with the load in `drop_hint`; either that sees the free word, or this sets the bit after it
        // was dropped.
        self.map.hint(page / 64).fetch_or(1 << (page % 64), SeqCst);
    }

    /// Drops the hint of a page that was found not to be free.
    fn drop_hint(&self, page: u32) {
        self.map.hint(page / 64).fetch_and(!(1 << (page % 64)), SeqCst);
        // SeqCst: pairs with the store in `release_page` and the `fetch_or` after it.
        if self.map.word(page).load(SeqCst) == FREE {
            self.hint_free(page);
        }
    }

    /// Drops the hints of pages that the caller has claimed: they are not free before it gives them back.
    fn drop_hints(&self, word: u32, claimed: u64) {
        if claimed != 0 {
            self.map.hint(word).fetch_and(!claimed, SeqCst);
        }
    }

    /// Sets the hints of pages that were freed before.
    fn hint_all(&self, word: u32, freed: u64) {
        if freed != 0 {
            // SeqCst: as in `hint_free`. The stores that freed the pages come before it: who drops a hint after it sees
            // them, and who drops one before has it set again.
            self.map.hint(word).fetch_or(freed, SeqCst);
        }
    }

    /// Where a shard looks for free pages before it has found any.
    pub(super) fn first_rover(&self, shard: u32) -> u32 {
        let words = u64::from(self.map.geometry.hint_words());
        (words * u64::from(shard) / u64::from(self.map.geometry.shards)) as u32
    }

    /// Makes a page `word`'s, if any is free. `word` names a shard whose lock the caller holds, or the reserve, whose
    /// lock it then holds.
    pub(super) fn claim(&self, rover: &AtomicU32, word: u64) -> Option<u32> {
        self.claim_some(rover, 1, |_| word).0
    }

    /// Claims `count` pages, one after the other, as far as pages are free: `word` gives each its word, by the one that was
    /// claimed before. Gives the last, and how many they are.
    fn claim_some(
        &self,
        rover: &AtomicU32,
        count: u32,
        word: impl Fn(Option<u32>) -> u64,
    ) -> (Option<u32>, u32) {
        let words = self.map.geometry.hint_words();
        let first = rover.load(Relaxed) % words;
        let (mut last, mut left) = (None, count);
        for step in 0..words {
            let at = (first + step) % words;
            let mut hints = self.map.hint(at).load(Relaxed);
            let mut claimed = 0_u64;
            while hints != 0 && left > 0 {
                let bit = hints & hints.wrapping_neg();
                let page = at * 64 + hints.trailing_zeros();
                hints ^= bit;
                if page >= self.map.geometry.pages {
                    break;
                }
                let new = word(last);
                // Acquire: pairs with the Release in `release_page`: what the last owner wrote in the page is over.
                let is_ours = self.map.word(page).compare_exchange(FREE, new, Acquire, Relaxed).is_ok();
                super::order::step();
                if is_ours {
                    claimed |= bit;
                    (last, left) = (Some(page), left - 1);
                } else {
                    self.drop_hint(page);
                }
            }
            self.drop_hints(at, claimed);
            if left == 0 {
                rover.store(at, Relaxed);
                break;
            }
        }
        (last, count - left)
    }
}

impl ShardGuard<'_> {
    /// Takes a free page for this shard.
    pub(super) fn claim_page(&self, _: &Change<'_>, word: u64) -> Option<u32> {
        self.store.claim(&self.header.rover, word)
    }

    /// Gives a page of this shard back to all.
    pub(super) fn release_page(&self, _: &Change<'_>, page: u32) {
        step();
        self.store.map.word(page).store(FREE, SeqCst);
        step();
        self.store.hint_free(page);
    }

    /// Takes `count` pages and chains them; `None`, and nothing taken, when there are too few. The first page of no
    /// pages is 0.
    pub(super) fn claim_chain(&self, change: &Change<'_>, count: u32) -> Option<u32> {
        if count == 0 {
            return Some(0);
        }
        let word = |next| PageWord::chain(self.shard, next);
        let (first, taken) = self.store.claim_some(&self.header.rover, count, word);
        if taken < count {
            self.release_chain_from(change, first, taken);
            return None;
        }
        self.add_used(i64::from(count) * 4096);
        first
    }

    /// Gives the chain of a block back that nothing refers to any more. It stops at a page that is not of this shard.
    pub(super) fn release_chain(&self, change: &Change<'_>, head: &Head) {
        let count = head.shape.chain_pages;
        if count > 0 {
            let released = self.release_chain_from(change, Some(head.first_page), count);
            self.add_used(-i64::from(released) * 4096);
        }
    }

    fn release_chain_from(&self, _: &Change<'_>, first: Option<u32>, count: u32) -> u32 {
        let mut next = first;
        let mut released = 0;
        // Hints of one word are set by one operation: each is as dear as the rest of what is done to a page.
        let (mut at, mut freed) = (0, 0);
        while released < count
            && let Some(page) = next.filter(|&page| page < self.store.map.geometry.pages)
        {
            let word = self.store.page_word(page);
            if word.owner != Some(self.shard) || word.kind != Kind::Chain {
                break;
            }
            next = word.next;
            released += 1;
            if self.header.reserve_debt.load(Relaxed) > 0 {
                self.give_to_reserve(page);
                continue;
            }
            step();
            // Release: pairs with the Acquire in `claim_some`.
            self.store.map.word(page).store(FREE, Release);
            step();
            if page / 64 != at {
                self.store.hint_all(at, freed);
                (at, freed) = (page / 64, 0);
            }
            freed |= 1 << (page % 64);
        }
        self.store.hint_all(at, freed);
        if freed != 0 {
            // The next chain begins where this one did: its pages are in a cache, and in the page tables of who works here.
            // To look for others first would be to walk through the whole file, with a page fault at each page.
            self.header.rover.store(at, Relaxed);
        }
        released
    }

    /// Gives a page of this shard to the reserve, and so pays one page of what it owes.
    pub(super) fn give_to_reserve(&self, page: u32) {
        step();
        self.store.map.word(page).store(PageWord::RESERVED, Release);
        step();
        let debt = self.header.reserve_debt.load(Relaxed);
        self.header.reserve_debt.store(debt.saturating_sub(1), Relaxed);
        step();
    }

    /// Corrects the count of bytes in use.
    pub(super) fn add_used(&self, bytes: i64) {
        let used = self.header.used_bytes.load(Relaxed);
        self.header.used_bytes.store(used.saturating_add_signed(bytes), Relaxed);
    }
}
