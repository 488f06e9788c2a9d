//! Memory of large records, kept by each thread for the next one.
//!
//! The C library gives a large piece of memory that is freed back to the system, and gets the next one from there: some
//! system calls, and a page fault for every 4096 bytes. A record that is loaded, saved and forgotten in each request
//! would pay for that more than for all that is done with it.

use std::{cell::RefCell, ops::Deref};

/// What is smaller is not given back to the system, so it is not kept here.
const LEAST: usize = 32 * 1024;

/// Bytes that a thread keeps at most.
const MOST: usize = 4 * 1024 * 1024;

/// Pieces that a thread keeps at most: a request loads one record and writes one, and merges need some more.
const PIECES: usize = 4;

thread_local! {
    static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// An empty vector with room for so many bytes.
pub fn with_room(bytes: usize) -> Vec<u8> {
    if bytes < LEAST {
        return Vec::with_capacity(bytes);
    }
    // When the thread ends there is nothing kept any more.
    let kept = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        // What is far too large would be held by a small record for long.
        let fits = |room: usize| room >= bytes && room / 2 <= bytes;
        let best =
            (0..kept.len()).filter(|&at| fits(kept[at].capacity())).min_by_key(|&at| kept[at].capacity())?;
        Some(kept.swap_remove(best))
    });
    kept.ok().flatten().unwrap_or_else(|| Vec::with_capacity(bytes))
}

/// Keeps the memory of a vector whose bytes nobody needs any more.
fn keep(mut bytes: Vec<u8>) {
    if !(LEAST..=MOST).contains(&bytes.capacity()) {
        return;
    }
    bytes.clear();
    let _ = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        kept.push(bytes);
        while kept.len() > PIECES || kept.iter().map(Vec::capacity).sum::<usize>() > MOST {
            kept.remove(0);
        }
    });
}

/// Bytes that do not change any more, and whose memory is kept for others when they go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Buffer(Vec<u8>);

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Deref for Buffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        keep(std::mem::take(&mut self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Vec<usize> {
        KEPT.with_borrow(|kept| kept.iter().map(Vec::capacity).collect())
    }

    #[test]
    fn memory_of_a_large_record_is_used_again_and_its_bytes_are_not() {
        let mut bytes = with_room(100_000);
        bytes.extend_from_slice(b"a secret");
        let (at, room) = (bytes.as_ptr(), bytes.capacity());
        drop(Buffer::from(bytes));
        let again = with_room(90_000);
        assert_eq!((again.as_ptr(), again.len(), again.capacity()), (at, 0, room));
    }

    #[test]
    fn a_small_record_does_not_hold_the_memory_of_a_large_one() {
        drop(Buffer::from(with_room(1_000_000)));
        assert!(with_room(40_000).capacity() < 100_000);
        assert!(with_room(600_000).capacity() >= 1_000_000);
    }

    #[test]
    fn a_thread_keeps_few_pieces_and_few_bytes() {
        for bytes in [100, LEAST, MOST + 1, 3 << 20, 2 << 20, 100_000, 200_000, 300_000, 400_000, 500_000] {
            drop(Buffer::from(with_room(bytes)));
            assert!(kept().len() <= PIECES && kept().iter().sum::<usize>() <= MOST, "{:?}", kept());
            assert!(kept().iter().all(|&room| room >= LEAST));
        }
        assert!(!kept().is_empty());
    }
}
