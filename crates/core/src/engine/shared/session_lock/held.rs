//! Which session locks this process holds, whatever handle took them. Locks of one open file description never
//! conflict with each other, so among the threads of a process this table is what excludes.

use std::{
    collections::HashMap,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
    thread::ThreadId,
};

use parking_lot::Mutex;

use crate::engine::shared::{epoch, place::Identity};

/// The file, and the byte in it that stands for the session.
pub(super) type LockedByte = (u64, u64, i64);

pub(super) const fn locked_byte(file: Identity, byte: i64) -> LockedByte {
    (file.device, file.inode, byte)
}

/// The locks with the threads that took them. Its mutex is held over a system call that does not wait, and over no
/// callback.
pub(super) type Table = Mutex<HashMap<LockedByte, ThreadId>>;

struct OfProcess {
    epoch: u64,
    table: Table,
}

static CURRENT: AtomicPtr<OfProcess> = AtomicPtr::new(ptr::null_mut());

/// The table of this process. A forked child has a new one: it inherits no lock, and another thread may have held the
/// mutex at the fork.
pub(super) fn of_this_process() -> &'static Table {
    let epoch = epoch::current();
    // Acquire: pairs with the Release below, so that the table is whole.
    let mut current = CURRENT.load(Ordering::Acquire);
    loop {
        // SAFETY: the pointer is null or came from `Box::into_raw`; tables are never freed, one remains per fork.
        if let Some(found) = unsafe { current.as_ref() }
            && found.epoch == epoch
        {
            return &found.table;
        }
        let new = Box::into_raw(Box::new(OfProcess { epoch, table: Mutex::default() }));
        match CURRENT.compare_exchange(current, new, Ordering::Release, Ordering::Acquire) {
            Ok(_) => current = new,
            Err(other) => {
                // SAFETY: it was just made, and nobody else has seen it.
                drop(unsafe { Box::from_raw(new) });
                current = other;
            }
        }
    }
}
