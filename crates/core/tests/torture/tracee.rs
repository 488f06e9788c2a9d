//! A child that runs one instruction at a time.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::scarce;

/// What a step led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next instruction.
    On,
    /// The end of the marked work.
    Finished,
}

/// What running on led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    Finished,
    /// It ends by SIGABRT, as a process of Rust does that gets no memory.
    Aborted,
}

/// A forked child that stands before the work that it shall do. Killed when it is dropped.
pub struct Tracee {
    pid: libc::pid_t,
    dead: bool,
}

impl Tracee {
    /// Forks a child, has it get ready, and returns when it stands before its work.
    pub fn before<T>(ready: impl FnOnce() -> T, work: impl FnOnce(T)) -> Self {
        // SAFETY: this program has one thread, so the child may do whatever the parent could; it never returns.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0, "fork: {}", io::Error::last_os_error());
        if pid == 0 {
            let done = catch_unwind(AssertUnwindSafe(|| {
                die_with_parent();
                // SAFETY: plain system call.
                unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) };
                let ready = ready();
                if scarce::is_chosen() {
                    say_nothing();
                }
                stand_still();
                scarce::arm(true);
                work(ready);
                scarce::arm(false);
                stand_still();
            }));
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(i32::from(done.is_err())) }
        }
        let mut tracee = Self { pid, dead: false };
        assert_eq!(tracee.wait(), libc::SIGSTOP, "the child stands before its work");
        tracee
    }

    /// Runs one instruction.
    pub fn step(&mut self) -> Step {
        self.advance(libc::PTRACE_SINGLESTEP)
    }

    /// Runs to the begin or the end of the next system call.
    pub fn step_to_system_call(&mut self) -> Step {
        self.advance(libc::PTRACE_SYSCALL)
    }

    fn advance(&mut self, request: libc::c_uint) -> Step {
        // SAFETY: our own tracee, which is stopped.
        let done = unsafe { libc::ptrace(request, self.pid, 0, 0) };
        assert_eq!(done, 0, "{}", io::Error::last_os_error());
        match self.wait() {
            libc::SIGTRAP => Step::On,
            libc::SIGSTOP => Step::Finished,
            signal => panic!("the child was stopped by signal {signal}"),
        }
    }

    /// Runs to the end of the work.
    pub fn run(&mut self) -> Run {
        // SAFETY: our own tracee, which is stopped.
        let done = unsafe { libc::ptrace(libc::PTRACE_CONT, self.pid, 0, 0) };
        assert_eq!(done, 0, "{}", io::Error::last_os_error());
        match self.wait() {
            libc::SIGSTOP => Run::Finished,
            libc::SIGABRT => Run::Aborted,
            signal => panic!("the child was stopped by signal {signal}"),
        }
    }

    /// Runs `count` instructions, or all there are.
    pub fn steps(&mut self, count: u64) -> Step {
        for _ in 0..count {
            if self.step() == Step::Finished {
                return Step::Finished;
            }
        }
        Step::On
    }

    /// Runs instructions as long as `condition` holds before each; how many. It must cease to hold before the end.
    pub fn step_while(&mut self, condition: impl Fn() -> bool) -> u64 {
        let mut count = 0;
        while condition() {
            assert_eq!(self.step(), Step::On, "the work ended before the condition did");
            count += 1;
        }
        count
    }

    pub fn kill(&mut self) {
        // SAFETY: our own child, which was not waited for to its end.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        let mut status = 0;
        // SAFETY: as above.
        assert_eq!(unsafe { libc::waitpid(self.pid, &raw mut status, 0) }, self.pid);
        assert!(libc::WIFSIGNALED(status), "status {status:#x}");
        self.dead = true;
    }

    /// The signal by which it stopped.
    fn wait(&mut self) -> i32 {
        let mut status = 0;
        // SAFETY: our own child, which was not waited for to its end.
        assert_eq!(unsafe { libc::waitpid(self.pid, &raw mut status, 0) }, self.pid);
        if !libc::WIFSTOPPED(status) {
            self.dead = true;
            panic!("the child ended in the midst of its work: status {status:#x}; see its message above");
        }
        libc::WSTOPSIG(status)
    }
}

impl Drop for Tracee {
    fn drop(&mut self) {
        if !self.dead {
            self.kill();
        }
    }
}

/// A part that is stopped leaves no processes.
pub fn die_with_parent() {
    // SAFETY: plain system call.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// An abort that is expected is not told.
fn say_nothing() {
    // SAFETY: plain system calls; the descriptor is ours.
    unsafe { libc::dup2(libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY), libc::STDERR_FILENO) };
}

fn stand_still() {
    // SAFETY: stops this process; its tracer goes on with it.
    unsafe { libc::raise(libc::SIGSTOP) };
}

/// Whether a process may trace its child here; why not.
pub fn forbidden() -> Option<String> {
    // SAFETY: the child asks and ends.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: plain system calls.
        unsafe { libc::_exit(i32::from(libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) != 0)) }
    }
    let mut status = 0;
    // SAFETY: our own child.
    unsafe { libc::waitpid(pid, &raw mut status, 0) };
    (status != 0).then(|| "a process may not be traced here".into())
}
