//! Which bytes of the file stand for the lock of a session: arithmetic, and the questions to the kernel. No such byte
//! exists; they lie far behind the end of any file.
//!
//! ```text
//!   2^61 + (hash:39 << 22) + ticket:22     somebody waits with this ticket
//!   2^62 + hash:62                         the session is locked
//! ```

use std::{fs::File, io, os::fd::AsRawFd};

use crate::engine::shared::{layout::QUEUE_COUNT, liveness};

const TICKETS: i64 = 1 << 61;
const LOCKS: i64 = 1 << 62;
const TICKET_BITS: u32 = 22;
/// Tickets go round. Of two that are at most half of this apart, it is known which is the earlier one.
const ROUND: u32 = 1 << TICKET_BITS;
const HALF: u32 = ROUND / 2;

/// The place of a waiter in the queue, modulo [`ROUND`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u32);

impl Ticket {
    pub(super) const fn of(counter: u32) -> Self {
        Self(counter % ROUND)
    }

    /// The bit of the futex's set that this waiter listens to; other waiters may have the same.
    pub(super) const fn bit(self) -> u32 {
        1 << (self.0 % u32::BITS)
    }

    const fn minus(self, tickets: u32) -> Self {
        Self(self.0.wrapping_sub(tickets) % ROUND)
    }
}

/// The bytes of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SessionBytes {
    /// Its write lock is the session's lock.
    lock: i64,
    /// The byte of ticket 0.
    tickets: i64,
    /// The number of its queue.
    pub(super) queue: u32,
}

impl SessionBytes {
    pub(super) const fn of(hash: u64) -> Self {
        Self {
            lock: LOCKS | (hash >> 2).cast_signed(),
            tickets: TICKETS | (hash >> (64 - 39) << TICKET_BITS).cast_signed(),
            queue: hash as u32 % QUEUE_COUNT,
        }
    }

    /// What tells its lock from all others of the file.
    pub(super) const fn lock_byte(&self) -> i64 {
        self.lock
    }

    pub(super) fn try_lock(&self, file: &File) -> io::Result<bool> {
        liveness::try_lock(file.as_raw_fd(), self.lock)
    }

    pub(super) fn unlock(&self, file: &File) -> io::Result<()> {
        free(file, self.lock)
    }

    /// Shows that somebody waits with `ticket`, until `file` is closed or [`Self::leave`].
    pub(super) fn queue_up(&self, file: &File, ticket: Ticket) -> io::Result<bool> {
        liveness::try_lock(file.as_raw_fd(), self.ticket(ticket))
    }

    pub(super) fn leave(&self, file: &File, ticket: Ticket) -> io::Result<()> {
        free(file, self.ticket(ticket))
    }

    /// Whether anybody but `file` waits.
    pub(super) fn is_awaited(&self, file: &File) -> io::Result<bool> {
        self.any_of(file, 0, ROUND).map(|found| found.is_some())
    }

    /// Whether anybody waits with an earlier ticket than `ticket`.
    pub(super) fn is_awaited_before(&self, file: &File, ticket: Ticket) -> io::Result<bool> {
        self.any_between(file, ticket.minus(HALF), HALF).map(|found| found.is_some())
    }

    /// Who has waited longest, of those with tickets before `next`.
    pub(super) fn first(&self, file: &File, next: Ticket) -> io::Result<Option<Ticket>> {
        let begin = next.minus(HALF);
        let mut first = self.any_between(file, begin, HALF)?;
        // The kernel names any of them, and mostly the one that came first.
        for _ in 0..u32::BITS {
            let Some(found) = first else { break };
            let Some(earlier) = self.any_between(file, begin, found.minus(begin.0).0)? else { break };
            first = Some(earlier);
        }
        Ok(first)
    }

    /// Somebody whose ticket is one of the `count` from `begin` on, of whom the kernel knows through another
    /// description than `file`'s.
    fn any_between(&self, file: &File, begin: Ticket, count: u32) -> io::Result<Option<Ticket>> {
        let to_end = count.min(ROUND - begin.0);
        match self.any_of(file, begin.0, to_end)? {
            Some(found) => Ok(Some(found)),
            None => self.any_of(file, 0, count - to_end),
        }
    }

    fn any_of(&self, file: &File, begin: u32, count: u32) -> io::Result<Option<Ticket>> {
        // The kernel takes a length of 0 for "to the end of the file".
        if count == 0 {
            return Ok(None);
        }
        let begin = self.tickets + i64::from(begin);
        let found =
            liveness::request(file.as_raw_fd(), libc::F_OFD_GETLK, libc::F_WRLCK, begin, i64::from(count))?;
        let is_free = i32::from(found.l_type) == libc::F_UNLCK;
        Ok((!is_free).then(|| Ticket::of((found.l_start - self.tickets).cast_unsigned() as u32)))
    }

    fn ticket(&self, ticket: Ticket) -> i64 {
        self.tickets + i64::from(ticket.0)
    }
}

fn free(file: &File, byte: i64) -> io::Result<()> {
    liveness::request(file.as_raw_fd(), libc::F_OFD_SETLK, libc::F_UNLCK, byte, 1).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_file() -> (tempfile::NamedTempFile, impl Fn() -> File) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_owned();
        (file, move || File::options().read(true).write(true).open(&path).unwrap())
    }

    #[test]
    fn the_bytes_of_locks_tickets_and_lives_never_meet() {
        for hash in [0, 1, 0xdead_beef_0bad_cafe, u64::MAX] {
            let bytes = SessionBytes::of(hash);
            assert!(bytes.tickets >= TICKETS && bytes.ticket(Ticket(ROUND - 1)) < LOCKS);
            assert!(bytes.lock >= LOCKS);
            assert!(bytes.queue < QUEUE_COUNT);
        }
        assert_ne!(SessionBytes::of(4).lock, SessionBytes::of(8).lock);
    }

    #[test]
    fn the_first_waiter_is_found_also_where_tickets_go_round() {
        let (_file, open) = a_file();
        let asker = open();
        for counter in [u32::MAX - 1, ROUND - 2, ROUND - 3, 7, HALF - 1] {
            let bytes = SessionBytes::of(u64::from(counter) << 30);
            let waiters: Vec<(File, Ticket)> =
                (0..5).map(|n| (open(), Ticket::of(counter.wrapping_add(n)))).collect();
            let next = Ticket::of(counter.wrapping_add(5));
            assert_eq!(bytes.first(&asker, next).unwrap(), None);
            // The latest asks first: the kernel's order is none of ours.
            for (file, ticket) in waiters.iter().rev() {
                assert!(!bytes.is_awaited_before(file, *ticket).unwrap());
                assert!(bytes.queue_up(file, *ticket).unwrap());
            }
            assert!(bytes.is_awaited(&asker).unwrap());
            for (n, (file, ticket)) in waiters.iter().enumerate() {
                assert_eq!(bytes.first(&asker, next).unwrap(), Some(*ticket));
                assert!(!bytes.is_awaited_before(file, *ticket).unwrap(), "waiter {n}");
                for (later, behind) in &waiters[n + 1..] {
                    assert!(bytes.is_awaited_before(later, *behind).unwrap());
                }
                bytes.leave(file, *ticket).unwrap();
            }
            assert!(!bytes.is_awaited(&asker).unwrap());
        }
    }
}
