//! Workers as processes: this binary again, if wanted each in a PID namespace of its own.

use std::{ffi::CString, fs::File, io, os::fd::AsRawFd, os::unix::ffi::OsStringExt, path::Path};

/// Which worker a process is; unset in every other process.
pub const WORKER: &str = "HOLDFAST_KILLS_WORKER";
/// The directory of board and store.
pub const PLACE: &str = "HOLDFAST_KILLS_PLACE";
/// The engine's lock timeout in milliseconds.
pub const LOCK_TIMEOUT: &str = "HOLDFAST_KILLS_LOCK_TIMEOUT";

/// A worker lives no longer than this, in seconds, should both the checker and the kernel forget it.
const LONGEST_LIFE: u32 = 1200;

/// A child. Dropping it kills it; the death of the thread that started it does so, too.
pub struct Process {
    pid: libc::pid_t,
    ended: bool,
}

/// How a process ended.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

impl Process {
    pub fn start(worker: usize, place: &Path, lock_timeout: u128, own_namespace: bool) -> io::Result<Self> {
        let path = CString::new(std::env::current_exe()?.into_os_string().into_vec())?;
        let arguments = [
            path.clone(),
            CString::new("worker")?,
            CString::new("--exact")?,
            CString::new("--nocapture")?,
            CString::new("--test-threads=1")?,
        ];
        let mut environment = Vec::new();
        for (name, value) in std::env::vars_os() {
            environment.push(entry(name.into_vec(), value.into_vec())?);
        }
        environment.push(entry(WORKER.into(), worker.to_string().into())?);
        environment.push(entry(LOCK_TIMEOUT.into(), lock_timeout.to_string().into())?);
        environment.push(entry(PLACE.into(), place.as_os_str().to_owned().into_vec())?);
        let silence = File::options().write(true).open("/dev/null")?;

        let arguments = pointers(&arguments);
        let environment = pointers(&environment);
        start(own_namespace, || {
            // SAFETY: only system calls, as must be between clone and exec in a child of a process with threads;
            // the pointers are to texts and arrays that end with NUL and null and that were made before.
            unsafe {
                libc::alarm(LONGEST_LIFE);
                libc::dup2(silence.as_raw_fd(), libc::STDOUT_FILENO);
                libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr());
            }
        })
    }

    pub fn signal(&self, signal: i32) {
        assert!(!self.ended);
        // SAFETY: plain system call; the pid is that of a child that was not waited for, so it is nobody else's.
        assert_eq!(unsafe { libc::kill(self.pid, signal) }, 0, "{}", io::Error::last_os_error());
    }

    /// Stops it, and returns when it has stopped.
    pub fn stop(&mut self) {
        self.signal(libc::SIGSTOP);
        assert_eq!(self.wait(libc::WUNTRACED), None, "a process ended before it could be stopped");
    }

    pub fn kill(&mut self) -> End {
        self.signal(libc::SIGKILL);
        self.wait(0).expect("a killed process ends")
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<End> {
        self.wait(libc::WNOHANG)
    }

    fn wait(&mut self, options: i32) -> Option<End> {
        let mut status = 0;
        // SAFETY: `status` is written by the call; the pid is that of a child that was not waited for.
        match unsafe { libc::waitpid(self.pid, &raw mut status, options) } {
            0 => None,
            pid if pid == self.pid && libc::WIFSTOPPED(status) => None,
            pid if pid == self.pid => {
                self.ended = true;
                Some(if libc::WIFSIGNALED(status) {
                    End::Signal(libc::WTERMSIG(status))
                } else {
                    End::Exit(libc::WEXITSTATUS(status))
                })
            }
            _ => panic!("waitpid: {}", io::Error::last_os_error()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.ended {
            self.kill();
        }
    }
}

/// Whether the kernel lets us make PID namespaces.
pub fn namespaces_allowed() -> io::Result<()> {
    start(true, || {}).map(|mut process| assert_eq!(process.wait(0), Some(End::Exit(127))))
}

/// A child that runs `exec`, which does not return. `clone` gives the checker the child's pid as the checker sees it;
/// `unshare` and `fork` would leave a process between them, whose death is another one than the worker's.
fn start(own_namespace: bool, exec: impl FnOnce()) -> io::Result<Process> {
    let namespace = if own_namespace { libc::CLONE_NEWPID } else { 0 };
    let flags = libc::c_long::from(libc::SIGCHLD | namespace);
    // SAFETY: without a stack of its own the child goes on as after fork, and only makes system calls until exec.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0_usize, 0_usize, 0_usize, 0_usize) };
    if pid == 0 {
        // SAFETY: plain system call.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        exec();
        // SAFETY: ends the child without the parent's exit handlers.
        unsafe { libc::_exit(127) };
    }
    if pid < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Process { pid: libc::pid_t::try_from(pid).unwrap(), ended: false })
}

fn entry(name: Vec<u8>, value: Vec<u8>) -> Result<CString, std::ffi::NulError> {
    CString::new([name, b"=".to_vec(), value].concat())
}

fn pointers(texts: &[CString]) -> Vec<*const libc::c_char> {
    texts.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
}
