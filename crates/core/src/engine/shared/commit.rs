//! Load, commit, touch and destroy.
//!
//! A commit writes a block that nothing refers to, publishes it by one 8-byte store into its slot, and only then frees
//! the old block. Before the store the session is the old one, after it the new one; there is no log and no undo.

use std::sync::atomic::Ordering::Relaxed;

use super::{
    block::{Damage, HEADER_BYTES, Head, Shape, data_hash},
    index::{Address, Found, Slot},
    lock::{Change, ShardGuard, count},
    reserve::ReserveGuard,
    room::Room,
    slab::{Spare, Trouble},
    store::Store,
};
use crate::{
    buffer,
    engine::{Cause, Commit, EngineError, Expect, Newer, Stored, Version, Write},
    key::Key,
    time::Timestamp,
};

/// Most sessions are no longer. Memory for the others is asked for once their length is known, with the lock given back.
const USUAL_BYTES: usize = 1024;

/// What a commit writes, with what can be computed before its lock is taken.
struct Prepared<'a> {
    address: Address,
    expect: Expect,
    write: Write<'a>,
    data_hash: u64,
    now: Timestamp,
}

/// How one attempt to commit ended.
enum Attempt {
    Stored(Version),
    /// Something else is stored than was expected.
    Mismatch,
    Gone,
    /// No page is free. The session grows, or is new.
    NoSpace,
    /// No page is free, though the session does not grow.
    NoSpaceToReplace,
    /// The chain is longer than the reserve, which has to grow first.
    ReserveTooSmall,
}

impl Store {
    pub(super) fn load(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        Ok(match self.load_unless::<true>(key, None, now)? {
            Newer::Other(stored) => Some(stored),
            Newer::Nothing | Newer::Same { .. } => None,
        })
    }

    /// As [`Store::load`], without being a use.
    pub(super) fn peek(&self, key: &Key, now: Timestamp) -> Result<Option<Stored>, EngineError> {
        Ok(match self.load_unless::<false>(key, None, now)? {
            Newer::Other(stored) => Some(stored),
            Newer::Nothing | Newer::Same { .. } => None,
        })
    }

    pub(super) fn load_newer(&self, key: &Key, known: Version, now: Timestamp) -> Result<Newer, EngineError> {
        self.load_unless::<true>(key, Some(known), now)
    }

    fn load_unless<const IS_USE: bool>(
        &self,
        key: &Key,
        known: Option<Version>,
        now: Timestamp,
    ) -> Result<Newer, EngineError> {
        let address = self.address(key);
        self.fetch_block(&address);
        // Room is made where bytes are expected.
        let mut record = match known {
            Some(_) => Vec::new(),
            None => buffer::with_room(USUAL_BYTES),
        };
        loop {
            let head = self.in_shard(address.shard, |guard| {
                let Some(found) = guard.find(&address)?.filter(|found| found.head.is_live(now)) else {
                    return Ok(None);
                };
                record.clear();
                if known == Some(Version(found.head.version)) {
                    if IS_USE {
                        guard.note_use(&found.head, now);
                    }
                    return Ok(Some(found.head));
                }
                // Memory is asked for outside of the lock.
                if found.head.length as usize <= record.capacity() {
                    guard.copy_record(&found.head, &mut record)?;
                    if IS_USE {
                        guard.note_use(&found.head, now);
                    }
                }
                Ok(Some(found.head))
            })?;
            let Some(head) = head else { return Ok(Newer::Nothing) };
            if known == Some(Version(head.version)) {
                return Ok(Newer::Same { expires: head.expires });
            }
            if record.len() < head.length as usize {
                record = buffer::with_room(head.length as usize);
            } else if head.is_intact(&record) {
                return Ok(Newer::Other(Stored {
                    version: Version(head.version),
                    expires: head.expires,
                    owner: head.owner,
                    record,
                }));
            } else {
                self.drop_damaged(&address, head.version)?;
            }
        }
    }

    /// Asks the processor for the block that `address` probably has, before the lock is taken: whoever holds it needs the
    /// block. Only asked for, not read: without the lock the block may be another session's bytes, on their way.
    fn fetch_block(&self, address: &Address) {
        let slots = self.home_line(address.shard, address.line).slots();
        let mut words = slots.iter().map(|slot| Slot(slot.load(Relaxed)));
        if let Some(word) = words.find(|word| word.0 != 0 && word.tag() == address.tag) {
            self.fetch_header(word.grain());
        }
    }

    /// Drops a session whose record failed its checksum, unless it was committed anew meanwhile. Its chain may lead
    /// anywhere, so a repair finds out what it owned.
    fn drop_damaged(&self, address: &Address, version: u64) -> Result<(), EngineError> {
        let guard = self.lock_shard(address.shard)?;
        if let Ok(Some(found)) = guard.find(address)
            && found.head.version == version
            && !self.is_block_intact(&found.head)
        {
            found.publish_over(&guard.begin_change(), Slot::EMPTY);
            self.count_damaged(1);
            guard.repair();
        }
        Ok(())
    }

    pub(super) fn touch(&self, key: &Key, expires: Timestamp, now: Timestamp) -> Result<bool, EngineError> {
        let address = self.address(key);
        self.in_shard(address.shard, |guard| {
            let Some(found) = guard.find(&address)?.filter(|found| found.head.is_live(now)) else {
                return Ok(false);
            };
            guard.note_expiry(expires);
            self.map.block(found.head.offset()).expires.store(expires.as_millis(), Relaxed);
            guard.note_use(&found.head, now);
            Ok(true)
        })
    }

    pub(super) fn destroy(&self, key: &Key, now: Timestamp) -> Result<bool, EngineError> {
        let address = self.address(key);
        let mut was_live = false;
        self.in_shard(address.shard, |guard| {
            if let Some(found) = guard.find(&address)? {
                was_live = found.head.is_live(now);
                let change = guard.begin_change();
                if was_live {
                    guard.remove(&change, &found)?;
                } else {
                    guard.remove_for(&change, &found, Cause::Expired)?;
                }
                change.end();
            }
            Ok(())
        })?;
        Ok(was_live)
    }

    pub(super) fn commit(
        &self,
        key: &Key,
        expect: Expect,
        write: Write<'_>,
        now: Timestamp,
    ) -> Result<Commit, EngineError> {
        let bytes = write.record.len() as u64;
        write.check_size()?;
        let address = self.address(key);
        let prepared = Prepared { address, expect, write, data_hash: data_hash(write.record), now };
        let shape = Shape::of(bytes);
        let mut room = Room::new(self, *key, shape, now);
        let mut raised = false;
        loop {
            match self.attempt(&prepared, None)? {
                Attempt::Stored(version) => return Ok(Commit::Stored(version)),
                Attempt::Gone => return Ok(Commit::Gone),
                Attempt::Mismatch => match (self.load(key, now)?, expect) {
                    (None, Expect::Version(_)) => return Ok(Commit::Gone),
                    (Some(theirs), expect) if expect != Expect::Version(theirs.version) => {
                        self.map.shard(address.shard).conflicts.fetch_add(1, Relaxed);
                        return Ok(Commit::Conflict(theirs));
                    }
                    // It became what was expected while we looked.
                    _ => {}
                },
                Attempt::ReserveTooSmall => {
                    while !self.raise_reserve(shape.chain_pages)? {
                        if !room.make()? {
                            return Err(self.full(&address, bytes));
                        }
                    }
                    raised = true;
                }
                Attempt::NoSpace => {
                    if !room.make()? {
                        if raised {
                            self.trim_reserve()?;
                        }
                        return Err(self.full(&address, bytes));
                    }
                }
                Attempt::NoSpaceToReplace => {
                    let reserve = self.lock_reserve()?;
                    let attempt = self.attempt(&prepared, Some(&reserve))?;
                    reserve.settle();
                    match attempt {
                        Attempt::Stored(version) => return Ok(Commit::Stored(version)),
                        Attempt::NoSpaceToReplace if !room.make()? => return Err(self.full(&address, bytes)),
                        _ => {}
                    }
                }
            }
        }
    }

    fn full(&self, address: &Address, bytes: u64) -> EngineError {
        self.map.shard(address.shard).refused.fetch_add(1, Relaxed);
        EngineError::Full { needed: bytes + HEADER_BYTES, capacity: self.capacity() }
    }

    /// One attempt under one lock. With the reserve's lock held, pages are drawn from it.
    fn attempt(
        &self,
        prepared: &Prepared<'_>,
        reserve: Option<&ReserveGuard<'_>>,
    ) -> Result<Attempt, EngineError> {
        self.in_shard(prepared.address.shard, |guard| {
            let found = guard.find(&prepared.address)?;
            let live = found.filter(|found| found.head.is_live(prepared.now));
            match (prepared.expect, live) {
                (Expect::Absent, Some(_)) => return Ok(Attempt::Mismatch),
                (Expect::Version(_), None) => return Ok(Attempt::Gone),
                (Expect::Version(version), Some(found)) if found.head.version != version.0 => {
                    return Ok(Attempt::Mismatch);
                }
                _ => {}
            }
            let change = guard.begin_change();
            if let (Some(expired), None) = (found, live) {
                guard.remove_for(&change, &expired, Cause::Expired)?;
            }
            let attempt = guard.replace(&change, prepared, live.as_ref(), reserve);
            // Nothing is dirty after a want of space: what had been taken was given back.
            match attempt {
                Ok(_) | Err(Trouble::NoSpace) => change.end(),
                Err(Trouble::Damage) => return Err(Damage),
            }
            if matches!(attempt, Ok(Attempt::Stored(_))) {
                guard.sweep_some(prepared.now)?;
            }
            Ok(attempt.unwrap_or(match &live {
                Some(found) if prepared.write.record.len() <= found.head.length as usize => {
                    Attempt::NoSpaceToReplace
                }
                _ => Attempt::NoSpace,
            }))
        })
    }
}

impl<'s> ShardGuard<'s> {
    fn replace(
        &self,
        change: &Change<'_>,
        prepared: &Prepared<'_>,
        old: Option<&Found<'s>>,
        reserve: Option<&ReserveGuard<'_>>,
    ) -> Result<Attempt, Trouble> {
        let length = prepared.write.record.len() as u64;
        let shape = Shape::of(length);
        let longest = old.map_or(0, |old| old.head.shape.chain_pages);
        if shape.chain_pages > longest && !self.store.reserve_covers(shape.chain_pages) {
            return Ok(Attempt::ReserveTooSmall);
        }
        let (shape, grain, first_page) = self.take_block(change, shape, length, old, reserve)?;

        let version = self.header.version.load(Relaxed).wrapping_add(1);
        self.header.version.store(version, Relaxed);
        let chain = shape.chain_pages.max(self.header.longest_chain.load(Relaxed));
        self.header.longest_chain.store(chain, Relaxed);
        self.note_expiry(prepared.write.expires);
        self.write_block(
            change,
            grain,
            shape,
            first_page,
            &prepared.address,
            version,
            &prepared.write,
            prepared.data_hash,
            prepared.now,
        )?;

        let slot = Slot::new(grain, &prepared.address, version);
        match old {
            Some(old) => {
                old.publish_over(change, slot);
                self.count_guest(old.head.owner, -1);
                self.count_guest(prepared.write.owner, 1);
                self.release_block(change, &old.head)?;
            }
            None => match self.vacancy(change, &prepared.address) {
                Ok(vacancy) => {
                    self.publish_new(change, &vacancy, &prepared.address, slot, prepared.write.owner);
                }
                Err(trouble) => {
                    self.release_block(change, &self.store.head(grain)?)?;
                    return Err(trouble);
                }
            },
        }
        count(&self.header.commits);
        Ok(Attempt::Stored(Version(version)))
    }

    /// Takes an object and a chain for a record of `length` bytes: of the shape that wastes least, or of the old
    /// block's, which always has room where the record has not grown.
    fn take_block(
        &self,
        change: &Change<'_>,
        shape: Shape,
        length: u64,
        old: Option<&Found<'s>>,
        reserve: Option<&ReserveGuard<'_>>,
    ) -> Result<(Shape, u32, u32), Trouble> {
        let spare_of = |class| match old {
            Some(old) if old.head.shape.class == class => Spare::Take,
            _ => Spare::Keep,
        };
        let taken = self.take_shape(change, shape, spare_of(shape.class), None);
        match (taken, old) {
            (Err(Trouble::NoSpace), Some(old)) if length <= u64::from(old.head.length) => {
                let shape = old.head.shape.shrunk_to(length);
                self.take_shape(change, shape, Spare::Take, reserve)
            }
            (taken, _) => taken,
        }
    }

    fn take_shape(
        &self,
        change: &Change<'_>,
        shape: Shape,
        spare: Spare,
        reserve: Option<&ReserveGuard<'_>>,
    ) -> Result<(Shape, u32, u32), Trouble> {
        let grain = self.take_object(change, shape.class, spare)?;
        let chain = match reserve {
            None => self.claim_chain(change, shape.chain_pages),
            Some(reserve) => self.draw_chain(change, reserve, shape.chain_pages),
        };
        if let Some(first_page) = chain {
            return Ok((shape, grain, first_page));
        }
        self.give_object(change, grain, shape.class)?;
        Err(Trouble::NoSpace)
    }

    /// Evicts a guest that was chosen outside of the lock, if it is still the same and was not used since.
    pub(super) fn evict(&self, chosen: &Head) -> Result<bool, Damage> {
        let address = self.store.address(&chosen.key);
        let Some(found) = self.find(&address)? else { return Ok(false) };
        if found.head.version != chosen.version || found.head.used != chosen.used {
            return Ok(false);
        }
        let change = self.begin_change();
        self.remove_for(&change, &found, Cause::Evicted)?;
        change.end();
        Ok(true)
    }
}
