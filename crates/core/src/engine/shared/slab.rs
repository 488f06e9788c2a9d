//! Slabs: pages of objects of one class. A shard has slabs of its own, so no other shard writes to their pages.
//!
//! Every class but that of the overflow lines keeps a spare: while one of its objects is in use, one is free. So a
//! commit that does not grow its session finds an object even when no page is free.

use std::sync::atomic::Ordering::Relaxed;

use super::{
    block::Damage,
    layout::{CLASS_COUNT, CLASSES, GRAIN, LINE_CLASS, full_bitmap, objects_per_page},
    lock::{Change, ShardGuard},
    order::step,
    pages::{Kind, PageWord},
    store::Store,
};

/// Why an object, or a whole block, could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No page is free.
    NoSpace,
    /// The shard's lists are not what they must be; a repair makes them anew.
    Damage,
}

impl From<Damage> for Trouble {
    fn from(_: Damage) -> Self {
        Self::Damage
    }
}

/// What may be used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spare {
    /// The spare object stays: the commit grows what is stored.
    Keep,
    /// The spare object may be taken: another object of its class is freed by the same commit.
    Take,
}

/// An object: its page and its number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) page: u32,
    pub(super) number: u32,
}

impl Store {
    /// The object of `class` that begins at `grain`.
    pub(super) fn object_at(&self, grain: u32, class: u8) -> Result<Object, Damage> {
        let offset = u64::from(grain) * GRAIN;
        let page = self.map.geometry.page_of(offset).ok_or(Damage)?;
        let within = offset - self.map.geometry.page(page);
        let size = u64::from(*CLASSES.get(usize::from(class)).ok_or(Damage)?);
        let number = (within / size) as u32;
        if within.is_multiple_of(size) && number < objects_per_page(class) {
            Ok(Object { page, number })
        } else {
            Err(Damage)
        }
    }

    pub(super) fn grain_of(&self, object: Object, class: u8) -> u32 {
        let offset = self.map.geometry.page(object.page)
            + u64::from(object.number) * u64::from(CLASSES[usize::from(class)]);
        (offset / GRAIN) as u32
    }
}

impl ShardGuard<'_> {
    /// Takes an object of `class`; its grain.
    pub(super) fn take_object(&self, change: &Change<'_>, class: u8, spare: Spare) -> Result<u32, Trouble> {
        let list = &self.header.partial[usize::from(class)];
        if list.load(Relaxed) == 0 {
            self.add_slab_page(change, class)?;
        }
        let page = list.load(Relaxed) - 1;
        self.check_slab_page(page, class)?;
        let meta = self.store.map.meta(page);
        let used = meta.used.load(Relaxed);
        let number = (!used).trailing_zeros();
        if number >= objects_per_page(class) {
            return Err(Trouble::Damage);
        }
        let used = used | 1 << number;
        if used == full_bitmap(class) {
            if spare == Spare::Keep && class != LINE_CLASS && meta.next.load(Relaxed) == 0 {
                self.add_slab_page(change, class)?;
            }
            self.unlist(page, class)?;
        }
        step();
        meta.used.store(used, Relaxed);
        step();
        self.count_object(class, 1);
        Ok(self.store.grain_of(Object { page, number }, class))
    }

    /// Gives an object back that nothing refers to any more.
    pub(super) fn give_object(&self, change: &Change<'_>, grain: u32, class: u8) -> Result<(), Damage> {
        let Object { page, number } = self.store.object_at(grain, class)?;
        self.check_slab_page(page, class)?;
        let meta = self.store.map.meta(page);
        let used = meta.used.load(Relaxed);
        if used & 1 << number == 0 {
            return Err(Damage);
        }
        step();
        meta.used.store(used & !(1 << number), Relaxed);
        step();
        self.count_object(class, -1);
        if used == full_bitmap(class) {
            self.list(page, class);
        }
        if self.header.objects[usize::from(class)].load(Relaxed) == 0 {
            // Nothing is in use, so every page of the class is listed, and none is needed as its spare.
            while let Some(page) = self.header.partial[usize::from(class)].load(Relaxed).checked_sub(1) {
                self.release_slab_page(change, page, class)?;
            }
        } else if used & !(1 << number) == 0 && !self.is_spare_page(page, class) {
            self.release_slab_page(change, page, class)?;
        }
        Ok(())
    }

    fn release_slab_page(&self, change: &Change<'_>, page: u32, class: u8) -> Result<(), Damage> {
        self.check_slab_page(page, class)?;
        self.unlist(page, class)?;
        let pages = &self.header.slab_pages[usize::from(class)];
        pages.store(pages.load(Relaxed).saturating_sub(1), Relaxed);
        self.release_page(change, page);
        Ok(())
    }

    /// Gives an object back whose page is on no list, and stays so.
    pub(super) fn give_unlisted(&self, _: &Change<'_>, object: Object, class: u8) {
        let meta = self.store.map.meta(object.page);
        let used = meta.used.load(Relaxed);
        meta.used.store(used & !(1 << object.number), Relaxed);
        step();
        self.count_object(class, -1);
    }

    /// Whether this empty page of a class that is in use holds its only free objects.
    fn is_spare_page(&self, page: u32, class: u8) -> bool {
        let alone = self.header.partial[usize::from(class)].load(Relaxed) == page + 1
            && self.store.map.meta(page).next.load(Relaxed) == 0;
        class != LINE_CLASS && alone
    }

    /// Claims a page for every class that has lost its spare, as far as pages are free.
    pub(super) fn add_missing_spares(&self, change: &Change<'_>) {
        for class in LINE_CLASS + 1..CLASS_COUNT as u8 {
            let index = usize::from(class);
            let in_use = self.header.objects[index].load(Relaxed) > 0;
            if in_use && self.header.partial[index].load(Relaxed) == 0 {
                let _ = self.add_slab_page(change, class);
            }
        }
    }

    /// Claims a page for `class`, all of it free.
    fn add_slab_page(&self, change: &Change<'_>, class: u8) -> Result<(), Trouble> {
        let word = PageWord::slab(self.shard, class);
        let page = self.claim_page(change, word).ok_or(Trouble::NoSpace)?;
        self.store.map.meta(page).used.store(0, Relaxed);
        let pages = &self.header.slab_pages[usize::from(class)];
        pages.store(pages.load(Relaxed) + 1, Relaxed);
        self.list_last(page, class)?;
        Ok(())
    }

    fn check_slab_page(&self, page: u32, class: u8) -> Result<(), Damage> {
        if page >= self.store.map.geometry.pages {
            return Err(Damage);
        }
        let word = self.store.page_word(page);
        let ours = word.owner == Some(self.shard) && word.kind == Kind::Slab && word.class == class;
        if ours { Ok(()) } else { Err(Damage) }
    }

    /// Puts a page with a free object at the head of its class's list.
    pub(super) fn list(&self, page: u32, class: u8) {
        let list = &self.header.partial[usize::from(class)];
        let head = list.load(Relaxed);
        let meta = self.store.map.meta(page);
        meta.next.store(head, Relaxed);
        meta.previous.store(0, Relaxed);
        if let Some(next) = head.checked_sub(1).filter(|&next| next < self.store.map.geometry.pages) {
            self.store.map.meta(next).previous.store(page + 1, Relaxed);
        }
        list.store(page + 1, Relaxed);
    }

    /// Puts a new page behind the head, which is about to become full.
    fn list_last(&self, page: u32, class: u8) -> Result<(), Damage> {
        let head = self.header.partial[usize::from(class)].load(Relaxed);
        let Some(head) = head.checked_sub(1) else {
            self.list(page, class);
            return Ok(());
        };
        self.check_slab_page(head, class)?;
        let meta = self.store.map.meta(page);
        meta.next.store(0, Relaxed);
        meta.previous.store(head + 1, Relaxed);
        self.store.map.meta(head).next.store(page + 1, Relaxed);
        Ok(())
    }

    /// Takes a page out of its class's list.
    pub(super) fn unlist(&self, page: u32, class: u8) -> Result<(), Damage> {
        let meta = self.store.map.meta(page);
        let next = meta.next.load(Relaxed);
        let previous = meta.previous.load(Relaxed);
        if let Some(next) = next.checked_sub(1) {
            self.check_slab_page(next, class)?;
            self.store.map.meta(next).previous.store(previous, Relaxed);
        }
        match previous.checked_sub(1) {
            Some(previous) => {
                self.check_slab_page(previous, class)?;
                self.store.map.meta(previous).next.store(next, Relaxed);
            }
            None => self.header.partial[usize::from(class)].store(next, Relaxed),
        }
        meta.next.store(0, Relaxed);
        meta.previous.store(0, Relaxed);
        Ok(())
    }

    fn count_object(&self, class: u8, change: i32) {
        let objects = &self.header.objects[usize::from(class)];
        objects.store(objects.load(Relaxed).saturating_add_signed(change), Relaxed);
        self.add_used(i64::from(change) * i64::from(CLASSES[usize::from(class)]));
    }

    /// Zeroes the object at `grain`: a new overflow line.
    pub(super) fn clear_line(&self, _: &Change<'_>, grain: u32) {
        self.store.map.zero(u64::from(grain) * GRAIN, GRAIN);
    }
}
