use std::{
    io::{self, Read, Write},
    sync::Arc,
    time::Duration,
};

use ::redis::{Cmd, Parser, ServerError, Value, cmd};
use rustls::ClientConfig;

use super::{
    Address, Login,
    deadline::Deadline,
    socket::Socket,
    tls::{self, TlsStream},
    trouble::Trouble,
};
use crate::secret::fill_random;

enum Stream {
    Plain(Socket),
    Encrypted(Box<TlsStream>),
}

/// How a connection to one kind of server begins.
#[derive(Clone, Default)]
pub(super) struct Entrance {
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) login: Option<Login>,
    pub(super) db: u32,
}

/// A connection on which one thing is asked and wholly answered before the next. After any failure it is dropped, never
/// used again: nobody can tell then whose answer would come next.
pub(super) struct Connection {
    address: Address,
    stream: Stream,
    parser: Parser,
    /// A number that nobody guesses, one more with each exchange. See [`Connection::exchange`].
    mark: u64,
    has_served: bool,
}

impl Connection {
    pub(super) fn open(address: &Address, entrance: &Entrance, deadline: Deadline) -> Result<Self, Trouble> {
        let failed = |why| Trouble::Unreachable { at: address.clone(), why };
        let socket = Socket::connect(address, deadline).map_err(failed)?;
        let stream = match &entrance.tls {
            None => Stream::Plain(socket),
            Some(config) => {
                Stream::Encrypted(Box::new(tls::encrypt(config, address, socket).map_err(failed)?))
            }
        };
        let mut mark = [0; 8];
        fill_random(&mut mark).map_err(|error| failed(io::Error::other(error)))?;
        let mut connection = Self {
            address: address.clone(),
            stream,
            parser: Parser::new(),
            mark: u64::from_le_bytes(mark),
            has_served: false,
        };
        connection.enter(entrance, deadline)?;
        Ok(connection)
    }

    /// Says who we are and which database is meant, where there is something to say.
    fn enter(&mut self, entrance: &Entrance, deadline: Deadline) -> Result<(), Trouble> {
        let mut commands: Vec<Cmd> = Vec::new();
        if let Some(login) = &entrance.login {
            let mut auth = cmd("AUTH");
            auth.arg(&login.user).arg(&login.password);
            commands.push(auth);
        }
        if entrance.db != 0 {
            let mut select = cmd("SELECT");
            select.arg(entrance.db);
            commands.push(select);
        }
        if commands.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        for command in &commands {
            command.write_packed_command(&mut bytes);
        }
        let answers = self.exchange(bytes, commands.len(), deadline).map_err(|trouble| match trouble {
            // Nobody had asked for anything yet.
            Trouble::Cut { by, why, .. } => Trouble::Unreachable { at: by, why },
            other => other,
        })?;
        for answer in answers {
            if let Value::ServerError(answer) = answer {
                return Err(Trouble::Refused { by: self.address.clone(), answer });
            }
        }
        Ok(())
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Whether it can be used again: it is open, and the server has not said anything unasked.
    pub(super) fn is_quiet(&mut self) -> bool {
        match &mut self.stream {
            Stream::Plain(socket) => matches!(socket.waiting(), Ok(None)),
            Stream::Encrypted(stream) => tls::is_quiet(stream),
        }
    }

    /// Sends packed commands and returns their `count` answers, refusals among them. Each exchange ends with a mark that
    /// the server must repeat: an answer to anything else, to whomever, is not taken for ours.
    pub(super) fn exchange(
        &mut self,
        bytes: Vec<u8>,
        count: usize,
        deadline: Deadline,
    ) -> Result<Vec<Value>, Trouble> {
        self.begin(bytes, deadline)?;
        self.end(count, deadline)
    }

    /// The first half of an exchange: asks.
    pub(super) fn begin(&mut self, mut bytes: Vec<u8>, deadline: Deadline) -> Result<(), Trouble> {
        self.mark = self.mark.wrapping_add(1);
        // Sentinels know no ECHO.
        cmd("PING").arg(self.mark()).write_packed_command(&mut bytes);
        self.set_deadline(deadline);
        self.send(&bytes).map_err(|why| self.cut(why, self.has_served))
    }

    /// Whether an answer begins to come within `time`.
    pub(super) fn hears_within(&mut self, time: Duration) -> bool {
        match &self.stream {
            Stream::Plain(socket) => socket.hears_within(time),
            Stream::Encrypted(stream) => stream.sock.hears_within(time),
        }
    }

    fn mark(&self) -> String {
        format!("{:016x}", self.mark)
    }

    /// The second half: the answers.
    pub(super) fn end(&mut self, count: usize, deadline: Deadline) -> Result<Vec<Value>, Trouble> {
        self.set_deadline(deadline);
        let stale = self.has_served;
        let mut answers = Vec::with_capacity(count + 1);
        for place in 0..=count {
            match (self.receive(deadline, stale && place == 0), answers.first()) {
                (Ok(answer), _) => answers.push(answer),
                // Who is not let in gets one refusal and no more.
                (Err(_), Some(Value::ServerError(answer))) => return Err(self.refused(answer)),
                (Err(trouble), _) => return Err(trouble),
            }
        }
        match (answers.pop(), answers.first()) {
            (Some(Value::BulkString(echo)), _) if echo == self.mark().into_bytes() => {}
            // Who loads its data, or does not know us, refuses everything alike.
            (Some(Value::ServerError(_)), Some(Value::ServerError(answer))) => {
                return Err(self.refused(answer));
            }
            // Who is let in may be refused all the same, and then the mark is: what went before it needed no more than that.
            (Some(Value::ServerError(answer)), _)
                if matches!(answer.code(), "NOPERM" | "LOADING" | "BUSY" | "MASTERDOWN") =>
            {
                return Err(self.refused(&answer));
            }
            _ => return Err(Trouble::Garbled { by: self.address.clone() }),
        }
        self.has_served = true;
        Ok(answers)
    }

    fn set_deadline(&mut self, deadline: Deadline) {
        match &mut self.stream {
            Stream::Plain(socket) => socket.set_deadline(deadline),
            Stream::Encrypted(stream) => stream.sock.set_deadline(deadline),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream: &mut dyn Write = match &mut self.stream {
            Stream::Plain(socket) => socket,
            Stream::Encrypted(stream) => stream,
        };
        stream.write_all(bytes)?;
        stream.flush()
    }

    fn receive(&mut self, deadline: Deadline, stale: bool) -> Result<Value, Trouble> {
        let stream: &mut dyn Read = match &mut self.stream {
            Stream::Plain(socket) => socket,
            Stream::Encrypted(stream) => stream,
        };
        let mut watched = Watched { stream, came: false, failed: None };
        let answer = self.parser.parse_value(&mut watched);
        let Watched { came, failed, .. } = watched;
        match (answer, failed) {
            (Ok(answer), _) => Ok(answer),
            (Err(_), None) => Err(Trouble::Garbled { by: self.address.clone() }),
            (Err(_), Some(_)) if deadline.is_over() => Err(self.cut(io::ErrorKind::TimedOut.into(), false)),
            (Err(_), Some(why)) => Err(self.cut(why.into(), stale && !came)),
        }
    }

    fn refused(&self, answer: &ServerError) -> Trouble {
        Trouble::Refused { by: self.address.clone(), answer: answer.clone() }
    }

    fn cut(&self, why: io::Error, stale: bool) -> Trouble {
        let stale = stale && why.kind() != io::ErrorKind::TimedOut;
        Trouble::Cut { by: self.address.clone(), why, stale }
    }
}

/// Notes what the parser does not tell.
struct Watched<'s> {
    stream: &'s mut dyn Read,
    came: bool,
    failed: Option<io::ErrorKind>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer);
        match &read {
            Ok(0) => self.failed = Some(io::ErrorKind::UnexpectedEof),
            Ok(_) => self.came = true,
            Err(error) => self.failed = Some(error.kind()),
        }
        read
    }
}
