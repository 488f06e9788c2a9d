//! The index: which blocks are stored. Its slots are the only truth; whatever else the file says is derived from them,
//! or was never published.
//!
//! A key's hash names its shard, its line there, and a tag. A line has seven slots; an eighth word links to an overflow
//! line, a slab object, when more keys meet in one line.

use std::{
    ptr,
    sync::atomic::{
        AtomicU64,
        Ordering::{Relaxed, Release},
    },
};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    block::{Damage, Head},
    layout::{GRAIN, LINE_CLASS, LINK, Line, SLOTS_PER_LINE},
    lock::{Change, ShardGuard},
    order::step,
    slab::{Spare, Trouble},
    store::Store,
};
use crate::{engine::Owner, key::Key};

/// A chain of overflow lines longer than this is a cycle: the hash is keyed, so it does not grow by itself.
pub(super) const LONGEST_OVERFLOW: u32 = 4096;

/// Where a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) key: Key,
    pub(super) shard: u32,
    pub(super) line: u32,
    pub(super) tag: u16,
}

/// A session in the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'s> {
    pub(super) slot: &'s AtomicU64,
    pub(super) head: Head,
    line: Reached<'s>,
}

/// A line, and the link that led to it, if it is an overflow line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reached<'s> {
    line: &'s Line,
    link: Option<(&'s AtomicU64, u32)>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Found<'_> {
    /// Puts another block in the place of this one, by one store.
    pub(super) fn publish_over(&self, _: &Change<'_>, slot: Slot) {
        step();
        self.slot.store(slot.0, Release);
        step();
    }
}

impl<'s> Reached<'s> {
    pub(super) fn slots(&self) -> &'s [AtomicU64] {
        &self.line.0[..SLOTS_PER_LINE]
    }

    pub(super) fn link(&self) -> &'s AtomicU64 {
        &self.line.0[LINK]
    }
}

/// A slot: the block's offset / 64:32 | tag:16 | version:16, its low bits; 0 is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(pub(super) u64);

impl Slot {
    pub(super) const EMPTY: Self = Self(0);

    pub(super) fn new(grain: u32, address: &Address, version: u64) -> Self {
        Self(u64::from(grain) | u64::from(address.tag) << 32 | version << 48)
    }

    pub(super) fn grain(self) -> u32 {
        self.0 as u32
    }

    pub(super) fn tag(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// Whether this slot, in the line of `address`, refers to the block with this header.
    pub(super) fn refers_to(self, head: &Head, address: &Address) -> bool {
        self == Self::new(head.grain, address, head.version)
    }
}

impl Store {
    #[inline]
    pub(super) fn address(&self, key: &Key) -> Address {
        let geometry = &self.map.geometry;
        let hash = xxh3_64_with_seed(key.as_bytes(), self.hash_seed);
        Address {
            key: *key,
            shard: hash as u32 & (geometry.shards - 1),
            line: (((hash >> 16 & 0xffff_ffff) * u64::from(geometry.lines_per_shard)) >> 32) as u32,
            tag: (hash >> 48) as u16,
        }
    }

    /// A link: the overflow line's offset / 64:32 | a check of it:32. A damaged link is told from a good one, so that
    /// it leads nowhere.
    pub(super) fn link(&self, shard: u32, line: u32, grain: u32) -> u64 {
        let place = u64::from(shard) << 32 | u64::from(line);
        let check = xxh3_64_with_seed(&place.to_le_bytes(), self.hash_seed ^ u64::from(grain)) | 1 << 63;
        u64::from(grain) | check & !0xffff_ffff
    }

    /// Follows a link of the line `line` of `shard`: the grain of the overflow line; `None` at the end.
    pub(super) fn follow(&self, shard: u32, line: u32, link: &AtomicU64) -> Result<Option<u32>, Damage> {
        match link.load(Relaxed) {
            0 => Ok(None),
            word => {
                let grain = word as u32;
                self.object_at(grain, LINE_CLASS)?;
                if word == self.link(shard, line, grain) { Ok(Some(grain)) } else { Err(Damage) }
            }
        }
    }

    /// Takes the lines without a session out that follow `before`: death came between the two steps of a removal.
    pub(super) fn unlink_empty_lines<'s>(
        &'s self,
        shard: u32,
        line: u32,
        before: Reached<'s>,
    ) -> Result<(), Damage> {
        while let Some(next) = self.next_line(shard, line, before)? {
            if next.slots().iter().any(|slot| slot.load(Relaxed) != 0) || ptr::eq(next.line, before.line) {
                break;
            }
            before.link().store(next.link().load(Relaxed), Release);
            step();
        }
        Ok(())
    }

    pub(super) fn home_line(&self, shard: u32, line: u32) -> Reached<'_> {
        Reached { line: self.map.line(shard, line), link: None }
    }

    /// The line behind `before`, of the same chain.
    pub(super) fn next_line<'s>(
        &'s self,
        shard: u32,
        line: u32,
        before: Reached<'s>,
    ) -> Result<Option<Reached<'s>>, Damage> {
        let link = before.link();
        Ok(self.follow(shard, line, link)?.map(|grain| Reached {
            line: self.map.overflow_line(u64::from(grain) * GRAIN),
            link: Some((link, grain)),
        }))
    }
}

/// Where a new session may be entered.
#[derive(Debug)]
pub(super) enum Vacancy<'s> {
    Slot(&'s AtomicU64),
    /// In a line that is filled, then linked.
    NewLine {
        grain: u32,
        link: &'s AtomicU64,
    },
}

impl<'s> ShardGuard<'s> {
    /// Shows every line of one chain until `each` gives something.
    pub(super) fn walk_lines<T>(
        &self,
        line: u32,
        mut each: impl FnMut(Reached<'s>) -> Result<Option<T>, Damage>,
    ) -> Result<Option<T>, Damage> {
        let store: &'s Store = self.store;
        let mut reached = store.home_line(self.shard, line);
        for _ in 0..LONGEST_OVERFLOW {
            if let Some(found) = each(reached)? {
                return Ok(Some(found));
            }
            match store.next_line(self.shard, line, reached)? {
                Some(next) => reached = next,
                None => return Ok(None),
            }
        }
        Err(Damage)
    }

    /// What is stored at `address`, expired or not.
    #[inline]
    pub(super) fn find(&self, address: &Address) -> Result<Option<Found<'s>>, Damage> {
        self.walk_lines(address.line, |reached| {
            for slot in reached.slots() {
                let word = Slot(slot.load(Relaxed));
                if word.0 != 0 && word.tag() == address.tag {
                    let head = self.store.head(word.grain())?;
                    if head.key == address.key {
                        if !word.refers_to(&head, address) {
                            return Err(Damage);
                        }
                        return Ok(Some(Found { slot, head, line: reached }));
                    }
                    // Another key of the same tag, one in 65,536; or one that was damaged, and is nobody's by now.
                    let theirs = self.store.address(&head.key);
                    if !word.refers_to(&head, &theirs)
                        || (theirs.shard, theirs.line) != (address.shard, address.line)
                    {
                        return Err(Damage);
                    }
                }
            }
            Ok(None)
        })
    }

    /// The first session of a line for which `wanted` holds.
    pub(super) fn find_in_line(
        &self,
        line: u32,
        mut wanted: impl FnMut(&Head) -> bool,
    ) -> Result<Option<Found<'s>>, Damage> {
        self.walk_lines(line, |reached| {
            for slot in reached.slots() {
                let word = slot.load(Relaxed);
                if word != 0 {
                    let head = self.store.head(Slot(word).grain())?;
                    if wanted(&head) {
                        return Ok(Some(Found { slot, head, line: reached }));
                    }
                }
            }
            Ok(None)
        })
    }

    /// An empty slot for a session that is not in the index.
    pub(super) fn vacancy(&self, change: &Change<'_>, address: &Address) -> Result<Vacancy<'s>, Trouble> {
        let mut last = None;
        let vacant = self.walk_lines(address.line, |reached| {
            last = Some(reached.link());
            Ok(reached.slots().iter().find(|slot| slot.load(Relaxed) == 0))
        })?;
        match (vacant, last) {
            (Some(slot), _) => Ok(Vacancy::Slot(slot)),
            (None, Some(link)) => {
                let grain = self.take_object(change, LINE_CLASS, Spare::Take)?;
                self.clear_line(change, grain);
                Ok(Vacancy::NewLine { grain, link })
            }
            (None, None) => Err(Trouble::Damage),
        }
    }

    /// Enters a block: from the one store that this ends with, it is stored.
    pub(super) fn publish_new(
        &self,
        _: &Change<'_>,
        vacancy: &Vacancy<'s>,
        address: &Address,
        slot: Slot,
        owner: Owner,
    ) {
        step();
        match vacancy {
            Vacancy::Slot(place) => place.store(slot.0, Release),
            Vacancy::NewLine { grain, link } => {
                let line = self.store.map.overflow_line(u64::from(*grain) * GRAIN);
                line.0[0].store(slot.0, Release);
                step();
                link.store(self.store.link(self.shard, address.line, *grain), Release);
            }
        }
        step();
        self.count_session(owner, 1);
    }

    /// Takes a session out, by one store, and gives its bytes back.
    pub(super) fn remove(&self, change: &Change<'_>, found: &Found<'s>) -> Result<(), Damage> {
        step();
        found.slot.store(0, Release);
        step();
        self.count_session(found.head.owner, -1);
        self.release_block(change, &found.head)?;
        if let Some((link, grain)) = found.line.link
            && found.line.slots().iter().all(|slot| slot.load(Relaxed) == 0)
        {
            step();
            link.store(found.line.link().load(Relaxed), Release);
            step();
            self.give_object(change, grain, LINE_CLASS)?;
        }
        Ok(())
    }

    /// Gives the bytes of a block back that nothing refers to any more.
    pub(super) fn release_block(&self, change: &Change<'_>, head: &Head) -> Result<(), Damage> {
        self.release_chain(change, head);
        self.give_object(change, head.grain, head.shape.class)
    }

    fn count_session(&self, owner: Owner, change: i64) {
        let sessions = self.header.sessions.load(Relaxed);
        self.header.sessions.store(sessions.saturating_add_signed(change), Relaxed);
        self.count_guest(owner, change);
    }

    /// Corrects the count of guests, if `owner` is one.
    pub(super) fn count_guest(&self, owner: Owner, change: i64) {
        if owner.is_guest() {
            let guests = self.header.guests.load(Relaxed);
            self.header.guests.store(guests.saturating_add_signed(change), Relaxed);
        }
    }
}
