use std::collections::HashMap;

use parking_lot::Mutex;

use crate::{
    engine::{Owner, Version},
    key::Key,
    time::Timestamp,
};

/// A day in milliseconds: how fine the index of an owner knows ends.
pub(super) const DAY: u64 = 86_400_000;

/// The day on which something ends.
pub(super) fn day_of(end: Timestamp) -> u64 {
    end.as_millis() / DAY
}

/// Of which states that this process has seen the index of the owner knows: whose they are, and on which day they end.
/// Without it every commit of a member would have to tell the index again. Forgetting costs that, and nothing else.
#[derive(Default)]
pub(super) struct Bases(Mutex<HashMap<Key, Base>>);

#[derive(Clone, Copy)]
struct Base {
    version: Version,
    owner: Owner,
    day: u64,
}

/// States that are remembered: far more than one request works with.
const MOST: usize = 256;

impl Bases {
    /// The state of `version` was loaded or stored.
    pub(super) fn saw(&self, key: &Key, version: Version, owner: Owner, expires: Timestamp) {
        if !is_indexed(owner) {
            return;
        }
        let mut bases = self.0.lock();
        if bases.len() >= MOST && !bases.contains_key(key) {
            bases.clear();
        }
        bases.insert(*key, Base { version, owner, day: day_of(expires) });
    }

    /// Whether the index surely holds the session of `owner` until after `expires`, because the state of `version` had
    /// it noted there.
    pub(super) fn covers(&self, key: &Key, version: Version, owner: Owner, expires: Timestamp) -> bool {
        self.0
            .lock()
            .get(key)
            .is_some_and(|base| base.version == version && base.owner == owner && day_of(expires) <= base.day)
    }
}

/// Sessions of users have an index; of guests there would be no end, and the store's own are no sessions.
pub(super) fn is_indexed(owner: Owner) -> bool {
    !owner.is_guest() && owner != Owner::SYSTEM
}
