use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// What is wrong on the way to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Nobody listens: the connection is refused.
    Refused,
    /// Connections are made, and nothing is ever said.
    BlackHole,
    /// Answers come after so many milliseconds.
    Slow(u64),
    /// One byte of an answer every 200 ms.
    Drip,
    /// The connection is cut after so many bytes of an answer.
    CutAfter(usize),
    /// We are still heard, and the other side says it has said all, after so many bytes.
    HalfClosedAfter(usize),
    /// This is said in place of any answer.
    Says(&'static [u8]),
    /// Each answer comes twice.
    Twice,
    /// A byte of each answer is another: the one at this place, counted from its beginning.
    Flipped(usize),
}

/// Stands between us and a server, and does what is wrong with the way.
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    fault: Mutex<Fault>,
    server: u16,
    /// Both ends of every connection.
    open: Mutex<Vec<TcpStream>>,
    accepted: Mutex<u64>,
}

impl Proxy {
    pub fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            fault: Mutex::new(Fault::None),
            server,
            open: Mutex::default(),
            accepted: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                *accepting.accepted.lock().unwrap() += 1;
                let shared = Arc::clone(&accepting);
                thread::spawn(move || shared.serve(client));
            }
        });
        Self { port, shared }
    }

    /// From now on, for connections that are open as well.
    pub fn set(&self, fault: Fault) {
        *self.shared.fault.lock().unwrap() = fault;
    }

    /// Cuts whatever is open.
    pub fn cut(&self) {
        for stream in self.shared.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Connections that were made.
    pub fn accepted(&self) -> u64 {
        *self.shared.accepted.lock().unwrap()
    }
}

impl Shared {
    fn fault(&self) -> Fault {
        *self.fault.lock().unwrap()
    }

    fn serve(self: Arc<Self>, client: TcpStream) {
        // As near to a refusal as one who listens comes.
        if self.fault() == Fault::Refused {
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.server)) else { return };
        self.open.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
        let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let asking = Arc::clone(&self);
        thread::spawn(move || {
            let mut bytes = vec![0; 65536];
            while let Ok(read @ 1..) = from.read(&mut bytes) {
                if let Fault::Says(answer) = asking.fault() {
                    let _ = from.write_all(answer);
                    continue;
                }
                if asking.fault() == Fault::BlackHole {
                    continue;
                }
                if to.write_all(&bytes[..read]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Write);
        });
        self.answer(server, client);
    }

    fn answer(&self, mut server: TcpStream, mut client: TcpStream) {
        let mut bytes = vec![0; 65536];
        while let Ok(read @ 1..) = server.read(&mut bytes) {
            let answer = &mut bytes[..read];
            let said = match self.fault() {
                Fault::Slow(millis) => {
                    thread::sleep(Duration::from_millis(millis));
                    client.write_all(answer)
                }
                Fault::Drip => answer.chunks(1).try_for_each(|byte| {
                    thread::sleep(Duration::from_millis(200));
                    client.write_all(byte)
                }),
                Fault::CutAfter(count) => {
                    let _ = client.write_all(&answer[..count.min(read)]);
                    let _ = client.shutdown(Shutdown::Both);
                    return;
                }
                Fault::HalfClosedAfter(count) => {
                    let _ = client.write_all(&answer[..count.min(read)]);
                    let _ = client.shutdown(Shutdown::Write);
                    return;
                }
                Fault::Twice => client.write_all(answer).and_then(|()| client.write_all(answer)),
                Fault::Flipped(at) => {
                    if let Some(byte) = answer.get_mut(at) {
                        *byte ^= 1;
                    }
                    client.write_all(answer)
                }
                _ => client.write_all(answer),
            };
            if said.is_err() {
                return;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    }
}
