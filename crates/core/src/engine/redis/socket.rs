//! A socket whose every wait ends at a deadline. A timeout for each read would not do: a server that sends one byte a
//! second would hold a worker for as long as it likes.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    os::fd::OwnedFd,
    path::Path,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect, recv, send,
        socket_with, sockopt,
    },
};

use super::{Address, deadline::Deadline};

/// A connected socket. Nothing here shuts it down: what a forked child drops leaves the parent's connection alone.
#[derive(Debug)]
pub(super) struct Socket {
    fd: OwnedFd,
    deadline: Deadline,
}

/// After so long without a word the system asks whether the other side is still there, at these intervals, and gives it
/// up after so many questions: a firewall that forgot the connection is then noticed before the connection is used.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(5), 3);

impl Socket {
    /// The deadline holds until [`Socket::set_deadline`] sets another. Resolving a name is the system's, and may last as
    /// long as its resolver lets it.
    pub(super) fn connect(address: &Address, deadline: Deadline) -> io::Result<Self> {
        let fd = match address {
            Address::Tcp { host, port } => tcp(host, *port, deadline)?,
            Address::Unix(path) => unix(path, deadline)?,
        };
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(Self { fd, deadline })
    }

    pub(super) fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }

    /// What waits to be read: `None` when nothing does, 0 when the other side has closed.
    pub(super) fn waiting(&self) -> io::Result<Option<usize>> {
        match recv(&self.fd, &mut [0_u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT) {
            Ok((read, _)) => Ok(Some(read)),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether something comes within `time`, be it the end.
    pub(super) fn hears_within(&self, time: Duration) -> bool {
        let Ok(time) = Timespec::try_from(time) else { return false };
        // A signal ends the waiting early: the caller may have to attend to it.
        poll(&mut [PollFd::new(&self.fd, PollFlags::IN)], Some(&time)).is_ok_and(|ready| ready > 0)
    }

    fn wait_for(&self, what: PollFlags) -> io::Result<()> {
        loop {
            let left = self.deadline.left();
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
            match poll(&mut [PollFd::new(&self.fd, what)], Some(&left)) {
                // Also when the other side is gone: the next call says how.
                Ok(ready) if ready > 0 => return Ok(()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Before each read: a server that never stops sending must not be read for ever.
            if self.deadline.is_over() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match recv(&self.fd, &mut *buffer, RecvFlags::empty()) {
                Ok((read, _)) => return Ok(read),
                Err(Errno::AGAIN) => self.wait_for(PollFlags::IN)?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            if self.deadline.is_over() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            // A write to a closed pipe must not send PHP a signal.
            match send(&self.fd, bytes, SendFlags::NOSIGNAL) {
                Ok(sent) => return Ok(sent),
                Err(Errno::AGAIN) => self.wait_for(PollFlags::OUT)?,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn tcp(host: &str, port: u16, deadline: Deadline) -> io::Result<OwnedFd> {
    let addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for (tried, address) in addresses.iter().enumerate() {
        let left = deadline.part(addresses.len() - tried).left();
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match TcpStream::connect_timeout(address, left) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                let (idle, interval, count) = KEEPALIVE;
                sockopt::set_socket_keepalive(&stream, true)?;
                sockopt::set_tcp_keepidle(&stream, idle)?;
                sockopt::set_tcp_keepintvl(&stream, interval)?;
                sockopt::set_tcp_keepcnt(&stream, count)?;
                return Ok(stream.into());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The standard library's would wait without end for a server that accepts nobody.
fn unix(path: &Path, deadline: Deadline) -> io::Result<OwnedFd> {
    let fd = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    let address = SocketAddrUnix::new(path)?;
    loop {
        let left = deadline.left();
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        sockopt::set_socket_timeout(&fd, sockopt::Timeout::Send, Some(left))?;
        match connect(&fd, &address) {
            Ok(()) => return Ok(fd),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
