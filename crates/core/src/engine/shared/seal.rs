//! The seal: what the last user of a file notes in its header, so that the next one need not make anew what is as it was
//! left. It is a hash of all that recovery makes, and of the index that recovery makes it from.
//!
//! Nothing removes a seal. It names one state of the file, and whatever anybody does in it counts up a lock word, which
//! is a part of that state. So a seal holds until the first operation, whoever dies meanwhile. Where one fits a copy that
//! was made in use, the index and all that hangs on it are of one moment.
//!
//! The blocks are not in it: whoever looks for one compares it with its slot, and each load with its checksum.

use std::{
    hash::Hasher,
    io,
    num::NonZeroU64,
    sync::atomic::Ordering::{Acquire, Relaxed},
    thread,
    time::{Duration, Instant},
};

use twox_hash::XxHash3_64;

use super::{
    header,
    layout::{GRAIN, Geometry, PAGE, SLOTS_PER_LINE},
    liveness,
    lock::is_free,
    store::Store,
};

/// How long the end of a process is put off by others that end.
const LONGEST_WAIT: Duration = Duration::from_millis(50);
const WAIT: Duration = Duration::from_micros(100);

/// Bytes of a slot of the index, and of the link behind the slots of a line.
const SLOT: usize = 8;

/// Bytes that are hashed at once, while they are in the processor's first cache.
const PIECE: usize = 4 * PAGE as usize;

impl Store {
    /// Seals the file if this process is its last user: nobody works in it, and no change is unended. What fails costs
    /// the next opener a recovery and nothing else.
    pub(super) fn seal_as_last(&self) {
        let _: io::Result<()> = self.try_seal();
    }

    fn try_seal(&self) -> io::Result<()> {
        let file = &self.liveness.description;
        // Who holds the opening lock opens the file, and stays; or closes it as we do, and is quick. It goes with the
        // description, which is closed next.
        let begun = Instant::now();
        while !liveness::try_lock_opening(file)? {
            if begun.elapsed() > LONGEST_WAIT {
                return Ok(());
            }
            thread::sleep(WAIT);
        }
        if liveness::is_anybody_alive(file)? {
            // Of those who close at once, the next to have the opening lock must not find us alive.
            return self.liveness.resign();
        }
        let found = header::inspect(file, file.metadata()?.len())?;
        if !self.is_described_by(&found) {
            return Ok(());
        }
        if let (header::Found::Store { mut header, .. }, seal @ Some(_)) = (found, self.state())
            && header.seal != seal
        {
            header.seal = seal;
            header.generation += 1;
            header::write(file, &header)?;
        }
        Ok(())
    }

    /// Whether the file is as it was when it was sealed. The caller holds the opening lock, and nobody else is alive.
    pub(super) fn is_as_sealed(&self, seal: Option<NonZeroU64>) -> bool {
        seal.is_some() && self.state() == seal
    }

    /// What the state of the file is called; `None` of one that has to be repaired, or that was: who met damage has not seen
    /// all of the file. `None` also where a shard has not as many sessions as it says: damage that nobody met is not to
    /// outlive the opening.
    fn state(&self) -> Option<NonZeroU64> {
        let geometry = &self.map.geometry;
        let control = self.map.control();
        // Acquire: pairs with the Release of whoever freed the locks last.
        let mut is_whole = is_free(control.reserve_lock.load(Acquire))
            && control.reserve_dirty.load(Relaxed) == 0
            && control.mended.load(Relaxed) == 0;
        for shard in self.shards() {
            let header = self.map.shard(shard);
            is_whole &= is_free(header.lock.load(Acquire))
                && header.dirty.load(Relaxed) == 0
                && header.reserve_debt.load(Relaxed) == 0;
        }
        if !is_whole {
            return None;
        }
        let mut hash = XxHash3_64::new();
        let mut piece = Vec::with_capacity(PIECE);
        let mut linked = Vec::new();
        let mut counted = vec![0; geometry.shards as usize];
        let lines_per_shard = u64::from(geometry.lines_per_shard);
        let index = geometry.line(0, 0)..geometry.line(geometry.shards, 0);
        let sections =
            [Geometry::control()..Geometry::control() + PAGE, Geometry::shard(0)..geometry.page(0)];
        for section in sections {
            self.map.populate(&section);
            let mut at = section.start;
            while at < section.end {
                // No piece is partly index: sections are whole pages.
                let end = if at < index.start { index.start } else { section.end };
                let end = if index.contains(&at) { index.end } else { end };
                let end = end.min(section.end).min(at + PIECE as u64);
                piece.clear();
                self.map.fetch(end, (section.end - end).min(PIECE as u64));
                self.map.copy_out(at, (end - at) as usize, &mut piece);
                hash.write(&piece);
                if index.contains(&at) {
                    let first = (at - index.start) / GRAIN;
                    for (number, line) in (first..).zip(piece.as_chunks::<{ GRAIN as usize }>().0) {
                        let (slots, link) = line.split_at(SLOTS_PER_LINE * SLOT);
                        counted[(number / lines_per_shard) as usize] += used(slots);
                        if link != [0; SLOT] {
                            linked.push(number);
                        }
                    }
                }
                at = end;
            }
        }
        // Overflow lines are a part of the index that stands among the blocks.
        for number in linked {
            counted[(number / lines_per_shard) as usize] += self.hash_overflow(number, &mut hash)?;
        }
        let is_counted = |shard: u32| self.map.shard(shard).sessions.load(Relaxed) == counted[shard as usize];
        if !self.shards().all(is_counted) {
            return None;
        }
        NonZeroU64::new(hash.finish())
    }

    /// Hashes the lines behind a line, whose number is counted over all shards; how many sessions are in them. `None` where
    /// a link is damaged.
    fn hash_overflow(&self, number: u64, hash: &mut XxHash3_64) -> Option<u64> {
        let lines = u64::from(self.map.geometry.lines_per_shard);
        let (shard, line) = ((number / lines) as u32, (number % lines) as u32);
        let mut reached = self.home_line(shard, line);
        let mut sessions = 0;
        for _ in 0..super::index::LONGEST_OVERFLOW {
            let Some(next) = self.next_line(shard, line, reached).ok()? else { return Some(sessions) };
            for slot in next.slots() {
                let slot = slot.load(Relaxed);
                hash.write_u64(slot);
                sessions += u64::from(slot != 0);
            }
            hash.write_u64(next.link().load(Relaxed));
            reached = next;
        }
        None
    }
}

/// How many of the slots, as they stand in the file, have a session.
fn used(slots: &[u8]) -> u64 {
    slots.as_chunks::<SLOT>().0.iter().map(|slot| u64::from(*slot != [0; SLOT])).sum()
}
