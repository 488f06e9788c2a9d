//! The page map: who owns which page. One map for the whole file, so that no class of sizes and no shard can starve
//! another. It needs no lock of its own:
//!
//! - a free word becomes an owned one only by compare-and-swap, by the holder of the new owner's lock;
//! - every other change of a word, and of its page's notes, is made by the holder of the owner's lock;
//! - an owned word becomes free by one store, after which the page's hint is set.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

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

    fn drop_hint(&self, page: u32) {
        self.map.hint(page / 64).fetch_and(!(1 << (page % 64)), SeqCst);
        // SeqCst: pairs with the store in `release_page` and the `fetch_or` after it.
        if self.map.word(page).load(SeqCst) == FREE {
            self.hint_free(page);
        }
    }

    /// Makes a page `word`'s, if any is free. `word` names a shard whose lock the caller holds, or the reserve, whose
    /// lock it then holds.
    pub(super) fn claim(&self, rover: &std::sync::atomic::AtomicU32, word: u64) -> Option<u32> {
        let count = self.map.geometry.hint_words();
        let first = rover.load(Relaxed) % count;
        for step in 0..count {
            let at = (first + step) % count;
            let mut hints = self.map.hint(at).load(Relaxed);
            while hints != 0 {
                let page = at * 64 + hints.trailing_zeros();
                hints &= hints - 1;
                if page >= self.map.geometry.pages {
                    break;
                }
                // Acquire: pairs with the Release in `release_page`: what the last owner wrote in the page is over.
                let claimed = self.map.word(page).compare_exchange(FREE, word, Acquire, Relaxed).is_ok();
                super::order::step();
                self.drop_hint(page);
                if claimed {
                    rover.store(at, Relaxed);
                    return Some(page);
                }
            }
        }
        None
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
        let mut next = None;
        for taken in 0..count {
            let Some(page) = self.claim_page(change, PageWord::chain(self.shard, next)) else {
                self.release_chain_from(change, next, taken);
                return None;
            };
            next = Some(page);
        }
        self.add_used(i64::from(count) * 4096);
        Some(next.unwrap_or(0))
    }

    /// Gives the chain of a block back that nothing refers to any more. It stops at a page that is not of this shard.
    pub(super) fn release_chain(&self, change: &Change<'_>, head: &Head) {
        let count = head.shape.chain_pages;
        if count > 0 {
            let released = self.release_chain_from(change, Some(head.first_page), count);
            self.add_used(-i64::from(released) * 4096);
        }
    }

    fn release_chain_from(&self, change: &Change<'_>, first: Option<u32>, count: u32) -> u32 {
        let mut next = first;
        for released in 0..count {
            let Some(page) = next.filter(|&page| page < self.store.map.geometry.pages) else {
                return released;
            };
            let word = self.store.page_word(page);
            if word.owner != Some(self.shard) || word.kind != Kind::Chain {
                return released;
            }
            next = word.next;
            if self.header.reserve_debt.load(Relaxed) > 0 {
                self.give_to_reserve(change, page);
            } else {
                self.release_page(change, page);
            }
        }
        count
    }

    /// Gives a page of this shard to the reserve, and so pays one page of what it owes.
    pub(super) fn give_to_reserve(&self, _: &Change<'_>, page: u32) {
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
