//! Showing what is stored, some lines at a time, and outside of the lock.

use std::{ops::ControlFlow, sync::atomic::Ordering::Relaxed};

use super::{
    block::{Damage, Head},
    index::Slot,
    lock::ShardGuard,
    store::Store,
};
use crate::{
    engine::{EngineError, Owner, Summary, Surveyed},
    time::Timestamp,
};

/// Lines for which a shard is locked at a time.
const LINES_PER_LOCK: u32 = 64;
/// Bytes of records that are copied under one lock, about.
const BYTES_PER_LOCK: usize = 128 << 10;

/// Records that were copied out under a lock.
#[derive(Default)]
struct Copies {
    /// Where each one's bytes end in `bytes`; `None`: left out, since it is long.
    seen: Vec<(Head, Option<usize>)>,
    bytes: Vec<u8>,
}

impl ShardGuard<'_> {
    /// Whether a block that this line refers to directly may be this owner's. It looks at one word of each, so that the
    /// processor waits for all of them at once.
    fn may_be_owned(&self, line: u32, owner: Owner) -> bool {
        let reached = self.store.home_line(self.shard, line);
        let mut found = reached.link().load(Relaxed) != 0;
        for slot in reached.slots() {
            let word = Slot(slot.load(Relaxed));
            found |= word.0 != 0 && self.store.block_owner(word.grain()) == owner.0;
        }
        found
    }

    /// Copies the first `bytes` of each live record of a line. A long one that is wanted whole is left out: it has a lock of its own.
    fn copy_line(&self, line: u32, now: Timestamp, bytes: usize, to: &mut Copies) -> Result<(), Damage> {
        let mut copied = Ok(());
        self.find_in_line(line, |head| {
            if !head.is_live(now) {
                return false;
            }
            let wanted = bytes.min(head.length as usize);
            let end = (wanted <= BYTES_PER_LOCK).then(|| {
                copied = copied.and(self.copy_beginning(head, wanted, &mut to.bytes));
                to.bytes.len()
            });
            to.seen.push((*head, end));
            copied.is_err()
        })?;
        copied
    }
}

impl Store {
    /// Shows every session that has not expired, some lines at a time, and outside of the lock.
    pub(super) fn visit(
        &self,
        now: Timestamp,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        self.visit_where(|_, _| true, |head| head.is_live(now), each)
    }

    /// The sessions of one owner that have not expired.
    pub(super) fn owned(&self, owner: Owner, now: Timestamp) -> Result<Vec<Summary>, EngineError> {
        let mut owned = Vec::new();
        self.visit_where(
            |guard, line| guard.may_be_owned(line, owner),
            |head| head.owner == owner && head.is_live(now),
            &mut |summary| {
                owned.push(summary);
                ControlFlow::Continue(())
            },
        )?;
        Ok(owned)
    }

    /// Shows the wanted sessions of the lines that are worth a look.
    fn visit_where(
        &self,
        worth: impl Fn(&ShardGuard<'_>, u32) -> bool,
        wanted: impl Fn(&Head) -> bool,
        each: &mut dyn FnMut(Summary) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let mut seen = Vec::new();
        for shard in self.shards() {
            let lines = self.map.geometry.lines_per_shard;
            for first in (0..lines).step_by(LINES_PER_LOCK as usize) {
                self.in_shard(shard, |guard| {
                    seen.clear();
                    for line in first..(first + LINES_PER_LOCK).min(lines) {
                        if !worth(guard, line) {
                            continue;
                        }
                        guard.find_in_line(line, |head| {
                            if wanted(head) {
                                seen.push(head.summary());
                            }
                            false
                        })?;
                    }
                    Ok(())
                })?;
                for summary in seen.drain(..) {
                    if each(summary).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Shows the first `bytes` of each record that has not expired.
    pub(super) fn survey(
        &self,
        now: Timestamp,
        bytes: usize,
        each: &mut dyn FnMut(Surveyed<'_>) -> ControlFlow<()>,
    ) -> Result<(), EngineError> {
        let lines = self.map.geometry.lines_per_shard;
        let mut copies = Copies::default();
        for shard in self.shards() {
            let mut next = 0;
            while next < lines {
                let first = next;
                self.in_shard(shard, |guard| {
                    copies.seen.clear();
                    copies.bytes.clear();
                    next = first;
                    while next < lines.min(first + LINES_PER_LOCK) && copies.bytes.len() < BYTES_PER_LOCK {
                        guard.copy_line(next, now, bytes, &mut copies)?;
                        next += 1;
                    }
                    Ok(())
                })?;
                if self.show(&copies, now, each)?.is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn show(
        &self,
        copies: &Copies,
        now: Timestamp,
        each: &mut dyn FnMut(Surveyed<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, EngineError> {
        let mut start = 0;
        for (head, end) in &copies.seen {
            let flow = if let &Some(end) = end {
                let record = &copies.bytes[start..end];
                start = end;
                let is_good = record.len() < head.length as usize || head.is_intact(record);
                each(Surveyed { summary: head.summary(), record: is_good.then_some(record) })
            } else {
                // One that ended meanwhile is passed over; so is one that is damaged, which drops it, and it is counted.
                let Some(stored) = self.peek(&head.key, now)? else { continue };
                each(Surveyed { summary: stored.summary(head.key), record: Some(&stored.record) })
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
