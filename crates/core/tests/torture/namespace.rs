//! A process with mounts of its own.

use std::{ffi::CString, io, os::unix::ffi::OsStrExt, path::Path};

/// From here on nobody else sees what this process mounts.
pub fn own_mounts() -> io::Result<()> {
    // SAFETY: plain system calls with texts that end with NUL.
    unsafe {
        check(libc::unshare(libc::CLONE_NEWNS))?;
        check(libc::mount(
            c"none".as_ptr(),
            c"/".as_ptr(),
            std::ptr::null(),
            libc::MS_REC | libc::MS_PRIVATE,
            std::ptr::null(),
        ))
    }
}

/// Mounts a file system in memory of `bytes` bytes.
pub fn mount_tmpfs(at: &Path, bytes: u64) -> io::Result<()> {
    let path = CString::new(at.as_os_str().as_bytes())?;
    let options = CString::new(format!("size={bytes},mode=0700"))?;
    // SAFETY: as above.
    unsafe {
        check(libc::mount(c"tmpfs".as_ptr(), path.as_ptr(), c"tmpfs".as_ptr(), 0, options.as_ptr().cast()))
    }
}

fn check(result: i32) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
