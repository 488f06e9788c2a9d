use super::{
    ThrottleError, Wait,
    page::{Address, Decision, Entry, LetThrough, Page},
    rules::{self, Rule, TRIES},
};
use crate::{
    engine::{Commit, Expect, Owner, Write},
    key::Key,
    secret::Secret,
    store::Store,
    time::Timestamp,
};

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// An account, by the name that the visitor gave, whether there is such an account or not. These very bytes are
    /// counted: whoever takes `Anna` and `anna` for one name has to make them one before.
    Account(&'a [u8]),
    /// A network, by the bytes of its prefix.
    Network(&'a [u8]),
    /// A browser that has logged in to the account before.
    Device {
        /// The account.
        account: &'a [u8],
        /// What tells the browser from others, by a token that was checked.
        device: &'a [u8],
    },
}

/// Where a subject is counted. No name is stored: page and tag are keyed hashes, so nobody outside can tell which names
/// meet on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    address: Address,
    tag: u64,
    rule: &'static Rule,
}

impl Place {
    pub fn of(secret: &Secret, subject: Subject<'_>) -> Self {
        let (table, rule, purpose, parts): (_, _, _, &[&[u8]]) = match subject {
            Subject::Account(name) => (0, &rules::ACCOUNT, "holdfast throttle account 1", &[name]),
            Subject::Network(prefix) => (1, &rules::NETWORK, "holdfast throttle network 1", &[prefix]),
            Subject::Device { account, device } => {
                (2, &rules::DEVICE, "holdfast throttle device 1", &[account, device])
            }
        };
        let [t0, t1, t2, t3, t4, t5, t6, t7, p0, p1, p2, p3, ..] = secret.mac(purpose, parts);
        // 0 marks an empty entry.
        let tag = u64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]).max(1);
        let page = u32::from_le_bytes([p0, p1, p2, p3]) % rule.pages;
        Self { address: Address { table, page }, tag, rule }
    }

    pub fn key(&self, secret: &Secret) -> Key {
        Key::of_throttle(secret, self.address.table, self.address.page)
    }

    /// What is known of the subject.
    pub fn look(&self, store: &Store, now: Timestamp) -> Result<Option<Entry>, ThrottleError> {
        let stored = store.engine().load(&self.key(store.secret()), now)?;
        let page = stored.and_then(|stored| Page::parse(&stored.record, self.address));
        Ok(page.and_then(|page| page.find(self.tag, self.rule, now).copied()))
    }

    /// What stands in the way of an attempt.
    pub fn wait(&self, store: &Store, now: Timestamp) -> Result<Option<Wait>, ThrottleError> {
        let entry = self.look(store, now)?;
        Ok(entry.and_then(|entry| self.rule.wait(entry.failures, entry.last, now)))
    }

    /// Counts an attempt, and lets it through or not.
    pub fn count(
        &self,
        store: &Store,
        now: Timestamp,
        decision: Decision,
    ) -> Result<Result<LetThrough, Wait>, ThrottleError> {
        self.change(store, now, |page| page.count(self.tag, self.rule, now, decision))
    }

    /// Takes back the failure of an attempt that was none.
    pub fn take_back(
        &self,
        store: &Store,
        now: Timestamp,
        let_through: LetThrough,
    ) -> Result<(), ThrottleError> {
        self.change(store, now, |page| {
            if let Some(entry) = page.find_mut(self.tag, self.rule, now) {
                entry.take_back(let_through);
            }
        })
    }

    /// Forgets the subject.
    pub fn forget(&self, store: &Store, now: Timestamp) -> Result<(), ThrottleError> {
        self.change(store, now, |page| page.remove(self.tag))
    }

    /// Changes the page, as often as it takes until nobody else comes between.
    fn change<T>(
        &self,
        store: &Store,
        now: Timestamp,
        mut change: impl FnMut(&mut Page) -> T,
    ) -> Result<T, ThrottleError> {
        let (engine, key) = (store.engine(), self.key(store.secret()));
        let mut found = engine.load(&key, now)?;
        for _ in 0..TRIES {
            let expect = found.as_ref().map_or(Expect::Absent, |stored| Expect::Version(stored.version));
            // A page that can't be read counts nothing and is written anew: its counts are protection, not data, and
            // refusing it would keep everybody whose name falls on it from ever logging in.
            let page = found.and_then(|stored| Page::parse(&stored.record, self.address));
            let before = page.unwrap_or(Page::EMPTY);
            let mut page = before.clone();
            let result = change(&mut page);
            if page == before {
                return Ok(result);
            }
            let record = page.bytes(self.address);
            let expires = page.expires(self.rule, now);
            match engine.commit(
                &key,
                expect,
                Write { record: &record, expires, owner: Owner::SYSTEM },
                now,
            )? {
                Commit::Stored(_) => return Ok(result),
                Commit::Conflict(theirs) => found = Some(theirs),
                Commit::Gone => found = engine.load(&key, now)?,
            }
        }
        Err(ThrottleError::Contended(TRIES))
    }
}
