//! Memory for what PHP reads and never writes.

use std::{
    alloc::{self, Layout},
    ptr::NonNull,
};

use super::ffi;

/// A table needs 8, what stands in front of it keeps it there.
const ALIGN: usize = 16;

/// Bytes at an address that stays.
pub(super) struct Block {
    bytes: NonNull<u8>,
    layout: Layout,
    /// Whole pages of its own, which can be closed for writing.
    is_pages: bool,
}

impl Block {
    /// Room for `size` bytes; `None` when there is none. With `in_pages` [`Block::close`] keeps everybody from writing.
    pub(super) fn new(size: usize, in_pages: bool) -> Option<Self> {
        let layout = Layout::from_size_align(size.max(ALIGN), ALIGN).ok()?;
        // SAFETY: the size is not 0.
        let bytes: *mut u8 =
            unsafe { if in_pages { ffi::hf_pages(layout.size()).cast() } else { alloc::alloc(layout) } };
        Some(Self { bytes: NonNull::new(bytes)?, layout, is_pages: in_pages })
    }

    /// Where it begins, as words.
    pub(super) const fn start(&self) -> *mut usize {
        self.bytes.cast().as_ptr()
    }

    /// How many bytes it has.
    pub(super) const fn size(&self) -> usize {
        self.layout.size()
    }

    /// From here on whoever writes to it is killed, if it has pages of its own.
    pub(super) fn close(&self) {
        if self.is_pages {
            // SAFETY: our own pages; nobody has a mutable borrow of them.
            unsafe { ffi::hf_close_pages(self.bytes.as_ptr().cast(), self.layout.size()) };
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and freed here only.
        unsafe {
            if self.is_pages {
                ffi::hf_free_pages(self.bytes.as_ptr().cast(), self.layout.size());
            } else {
                alloc::dealloc(self.bytes.as_ptr(), self.layout);
            }
        }
    }
}
