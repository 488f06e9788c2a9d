//! What the stores remove by themselves. Those lines name no request: the one that removed a session has nothing to do
//! with it.

use holdfast_core::engine::{Cause, Engine, Removals};
use holdfast_core::record;
use holdfast_core::store::Store;

use super::{Event, SessionName, What, is_on, write};
use crate::store;

/// Has a store told what it removes by itself, if the log is on.
pub fn watch(store: &Store) {
    if is_on() {
        store.engine().watch_removals(true);
    }
}

/// Tells what the stores of this process have removed by themselves: what expired, and what gave way.
pub fn removals() {
    if is_on() {
        for store in store::all() {
            removed_by(store.engine());
        }
    }
}

/// Tells what this engine has removed.
pub(super) fn removed_by(engine: &dyn Engine) {
    if !is_on() {
        return;
    }
    let Removals { list, more_expired, more_evicted } = engine.take_removals();
    for (what, count) in [(What::ExpiredMore, more_expired), (What::EvictedMore, more_evicted)] {
        if count > 0 {
            write(&Event { count: Some(count), ..Event::new(what) });
        }
    }
    for removal in list.iter().filter(|removal| record::is_session(removal.head)) {
        let session = Some(SessionName::of(&removal.key));
        write(&match removal.cause {
            Cause::Expired => Event { session, expired: Some(removal.expires), ..Event::new(What::Expired) },
            Cause::Evicted => Event { session, ..Event::new(What::Evicted) },
        });
    }
}
