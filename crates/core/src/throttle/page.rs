//! The bytes of a page: docs/format.md, "Pages of the login throttle".

use xxhash_rust::xxh3::Xxh3Default;

use super::{
    Wait,
    rules::{LATE, Rule},
};
use crate::{record, time::Timestamp};

/// The first byte, which no record of a session has.
pub(super) const FORMAT: u8 = b'T';
const VERSION: u8 = 1;
const _: () = assert!(FORMAT != record::FORMAT);

/// How many are counted on one page.
pub const ENTRIES: usize = 64;

const HEADER: usize = 16;
const ENTRY: usize = 24;
/// The length of every page, also of an empty one: so no commit of a page grows it, and it finds room in a full store.
pub const PAGE_BYTES: usize = HEADER + ENTRIES * ENTRY;

/// Where a page stands. It is part of the page, so that none is taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub table: u8,
    pub page: u32,
}

/// What is known of one account, network or device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// A keyed hash of the name. 0: the entry is empty.
    pub tag: u64,
    /// All attempts, refused ones included.
    pub attempts: u32,
    /// Attempts that were let through and did not succeed, or not yet.
    pub failures: u32,
    /// When the last of the failures was let through.
    pub last: Timestamp,
}

/// A page that was read, to be changed and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    entries: [Entry; ENTRIES],
}

impl Page {
    pub const EMPTY: Self = Self {
        entries: [Entry { tag: 0, attempts: 0, failures: 0, last: Timestamp::from_millis(0) }; ENTRIES],
    };

    /// The page that `bytes` are; `None` when they are damaged, of another version, or another page's.
    pub fn parse(bytes: &[u8], address: Address) -> Option<Self> {
        let bytes: &[u8; PAGE_BYTES] = bytes.try_into().ok()?;
        let (header, body) = bytes.split_first_chunk::<HEADER>()?;
        if *header != Self::header(address, body) {
            return None;
        }
        let mut page = Self::EMPTY;
        for (entry, bytes) in page.entries.iter_mut().zip(body.as_chunks::<ENTRY>().0) {
            *entry = Entry::parse(bytes);
        }
        Some(page)
    }

    /// Where the page says that it stands; `None` when it is no page that is whole.
    pub fn address_of(bytes: &[u8]) -> Option<Address> {
        let (&[_, _, table, _, page @ ..], _) = bytes.split_first_chunk::<8>()?;
        let address = Address { table, page: u32::from_le_bytes(page) };
        Self::parse(bytes, address).map(|_| address)
    }

    pub fn bytes(&self, address: Address) -> Vec<u8> {
        let mut bytes = vec![0; PAGE_BYTES];
        let (header, body) = bytes.split_at_mut(HEADER);
        for (entry, bytes) in self.entries.iter().zip(body.as_chunks_mut::<ENTRY>().0) {
            *bytes = entry.bytes();
        }
        header.copy_from_slice(&Self::header(address, body));
        bytes
    }

    fn header(address: Address, body: &[u8]) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[0] = FORMAT;
        header[1] = VERSION;
        header[2] = address.table;
        header[4..8].copy_from_slice(&address.page.to_le_bytes());
        let mut checksum = Xxh3Default::new();
        checksum.update(&header[..8]);
        checksum.update(body);
        header[8..].copy_from_slice(&checksum.digest().to_le_bytes());
        header
    }

    /// What is known under a tag, unless it has decayed.
    pub fn find(&self, tag: u64, rule: &Rule, now: Timestamp) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag && entry.worth(rule, now).is_some())
    }

    pub fn find_mut(&mut self, tag: u64, rule: &Rule, now: Timestamp) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.tag == tag && entry.worth(rule, now).is_some())
    }

    /// Counts an attempt of a tag, and lets it through or not; then the longer of the waits.
    ///
    /// A full page gives way to a new tag: what has decayed, else what has the fewest failures, of those the oldest.
    /// So whoever makes up names pushes out the names that were made up before, not an account that was hit hard. An
    /// attempt that is refused pushes no failure out: it is not counted when the page is full of them.
    pub fn count(
        &mut self,
        tag: u64,
        rule: &Rule,
        now: Timestamp,
        decision: Decision,
    ) -> Result<LetThrough, Wait> {
        let own = self.find(tag, rule, now).and_then(|entry| rule.wait(entry.failures, entry.last, now));
        let wait = match decision {
            Decision::LetThrough => None,
            Decision::Refuse(wait) => own.max(Some(wait)),
            Decision::ByRule => own,
        };
        let entry = &mut self.entries[self.place_for(tag, rule, now)];
        let worth = entry.worth(rule, now);
        if entry.tag != tag || worth.is_none() {
            if let Some(wait) = wait
                && worth.is_some_and(|(failures, _)| failures > 0)
            {
                return Err(wait);
            }
            *entry = Entry { tag, last: now, ..Entry::default() };
        }
        entry.attempt(now);
        wait.map_or_else(|| Ok(entry.fail(now)), Err)
    }

    /// Where a tag is, or goes.
    fn place_for(&self, tag: u64, rule: &Rule, now: Timestamp) -> usize {
        let known = self.entries.iter().position(|entry| entry.tag == tag);
        let least = || (0..ENTRIES).min_by_key(|place| self.entries[*place].worth(rule, now));
        known.or_else(least).unwrap_or_default()
    }

    pub fn remove(&mut self, tag: u64) {
        for entry in self.entries.iter_mut().filter(|entry| entry.tag == tag) {
            *entry = Entry::default();
        }
    }

    /// Until when the page is of use.
    pub fn expires(&self, rule: &Rule, now: Timestamp) -> Timestamp {
        if self.entries.iter().any(|entry| rule.is_stopped(entry.failures)) {
            Timestamp::NEVER
        } else {
            now.after(rule.decay)
        }
    }
}

impl Entry {
    fn parse(bytes: &[u8; ENTRY]) -> Self {
        let [tag, counts, last] = [0, 8, 16].map(|at| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            word
        });
        let [a0, a1, a2, a3, f0, f1, f2, f3] = counts;
        Self {
            tag: u64::from_le_bytes(tag),
            attempts: u32::from_le_bytes([a0, a1, a2, a3]),
            failures: u32::from_le_bytes([f0, f1, f2, f3]),
            last: Timestamp::from_millis(u64::from_le_bytes(last)),
        }
    }

    fn bytes(&self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[..8].copy_from_slice(&self.tag.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.attempts.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.failures.to_le_bytes());
        bytes[16..].copy_from_slice(&self.last.as_millis().to_le_bytes());
        bytes
    }

    /// What a full page goes by. `None`: the entry is empty, or as good as that.
    fn worth(&self, rule: &Rule, now: Timestamp) -> Option<(u32, Timestamp)> {
        let in_use = self.tag != 0 && !rule.has_decayed(self.failures, self.last, now);
        in_use.then_some((self.failures, self.last))
    }

    /// Counts an attempt, whatever becomes of it. A time that lies ahead was written before the clock stepped back:
    /// left alone, it would hold everybody up until the clock is there again.
    pub fn attempt(&mut self, now: Timestamp) {
        self.attempts = self.attempts.saturating_add(1);
        if self.last > now.after(LATE) {
            self.last = now;
        }
    }

    /// Lets an attempt through, as a failure until it succeeds.
    pub fn fail(&mut self, now: Timestamp) -> LetThrough {
        let before = self.last;
        self.failures = self.failures.saturating_add(1);
        self.last = self.last.max(now);
        LetThrough { before, last: self.last }
    }

    /// Takes a failure back that was none. What others did to the entry meanwhile stays.
    pub fn take_back(&mut self, let_through: LetThrough) {
        self.failures = self.failures.saturating_sub(1);
        if self.last == let_through.last {
            self.last = let_through.before;
        }
    }
}

/// Whether an attempt is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// By what is known under its tag.
    ByRule,
    /// In any case: another entry has decided.
    LetThrough,
    /// In no case: another entry has decided.
    Refuse(Wait),
}

/// What letting an attempt through has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LetThrough {
    before: Timestamp,
    last: Timestamp,
}
