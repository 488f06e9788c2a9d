//! The remembered logins of a user.

use super::{Kept, PATIENCE, SessionError, Visit, owned, tries};
use crate::{
    key::Key,
    record::{Handle, Meta},
    time::Timestamp,
};

/// A remembered login, as its owner sees it.
#[derive(Clone, Debug)]
pub struct Remembered {
    key: Key,
    meta: Meta,
}

impl Remembered {
    /// What is known of it: its handle, whose it is, the browser. `renewed` is when it was used last.
    pub const fn meta(&self) -> &Meta {
        &self.meta
    }

    /// When it is forgotten unless it is used again.
    pub fn expires(&self) -> Timestamp {
        self.meta.expires_after(self.meta.renewed)
    }
}

/// The remembered logins of a user, the one that was used last first.
pub fn remembered_of(visit: &Visit, user: &[u8]) -> Result<Vec<Remembered>, SessionError> {
    let mut list: Vec<Remembered> =
        kept_of(visit, user)?.into_iter().map(|Kept { key, meta, .. }| Remembered { key, meta }).collect();
    list.sort_by_key(|remembered| std::cmp::Reverse(remembered.meta.renewed));
    Ok(list)
}

fn kept_of(visit: &Visit, user: &[u8]) -> Result<Vec<Kept>, SessionError> {
    let mut list = Vec::new();
    for summary in visit.store.engine().owned(visit.owner_of(user), visit.now)? {
        match Kept::load(visit, summary.key) {
            Ok(Some(kept)) if kept.user == user => list.push(kept),
            // A session, or what can't be read: `end_all` ends that like any other.
            Ok(_) | Err(SessionError::Record(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(list)
}

/// Ends what is remembered of a user with this handle.
pub(in crate::session) fn end_remembered(
    visit: &Visit,
    user: &[u8],
    handle: Handle,
) -> Result<u64, SessionError> {
    let mut ended = 0;
    for remembered in remembered_of(visit, user)? {
        if remembered.meta.handle == handle {
            ended += u64::from(owned::end_key(visit, &remembered.key)?);
        }
    }
    Ok(ended)
}

/// Ends what is remembered of this device, and of others as many as are too many with one more.
pub(super) fn make_room(visit: &Visit, user: &[u8], device: Handle, most: usize) -> Result<(), SessionError> {
    let mut others = 0;
    for remembered in remembered_of(visit, user)? {
        if remembered.meta.handle != device {
            others += 1;
            if others < most {
                continue;
            }
        }
        owned::end_key(visit, &remembered.key)?;
    }
    Ok(())
}

/// Makes what is remembered of a device belong to a generation that begins.
pub(in crate::session) fn join_generation(
    visit: &Visit,
    user: &[u8],
    device: Handle,
    generation: u64,
) -> Result<(), SessionError> {
    'remembered: for kept in kept_of(visit, user)? {
        if kept.meta.handle != device {
            continue;
        }
        let mut kept = kept;
        for () in tries() {
            if kept.amend(visit, &Meta { generation, ..kept.meta.clone() })? {
                continue 'remembered;
            }
            let Some(again) = Kept::load(visit, kept.key)? else { continue 'remembered };
            kept = again;
        }
        return Err(SessionError::Contended(PATIENCE));
    }
    Ok(())
}
