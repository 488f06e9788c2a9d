//! Servers of the tests' own: real ones, each in a directory of its own under the system's temporary directory. Each is a
//! redis-server, or what `HOLDFAST_REDIS_SERVER` names: `valkey-server`, say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    reason = "a test that finds something else shall stop; not every test program uses all"
)]

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A redis-server. It ends with this value, and with this process however that ends: its keeper, a shell, ends it when
/// our end of a pipe is gone.
pub struct Server {
    keeper: Child,
    pub directory: TempDir,
    /// 0 when it listens on its socket alone.
    pub port: u16,
}

const KEEPER: &str = r#"
"$@" </dev/null >"$DIRECTORY/log" 2>&1 &
server=$!
trap 'kill -9 $server 2>/dev/null; rm -rf "$DIRECTORY"' EXIT
echo $server >"$DIRECTORY/pid"
read -r _
"#;

impl Server {
    /// On a unix socket alone.
    pub fn on_socket() -> Self {
        Self::start(0, &[])
    }

    /// On a port of 127.0.0.1 as well, with `more` arguments.
    pub fn on_port(more: &[&str]) -> Self {
        Self::start(free_port(), more)
    }

    pub fn start(port: u16, more: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), port, more)
    }

    /// In a directory that may hold what another server left.
    pub fn start_in(directory: TempDir, port: u16, more: &[&str]) -> Self {
        let place = directory.path();
        let _ = fs::remove_file(place.join("socket"));
        let sentinel = more.contains(&"--sentinel");
        let mut command = Command::new("sh");
        let binary = std::env::var("HOLDFAST_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned());
        command.args(["-c", KEEPER, "keeper", &binary]);
        if sentinel {
            command.arg(place.join("sentinel.conf"));
        }
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
        command.arg("--unixsocket").arg(place.join("socket")).arg("--dir").arg(place);
        if !sentinel {
            command.args(["--save", "", "--appendonly", "no"]);
        }
        command.args(more).env("DIRECTORY", place).stdin(Stdio::piped());
        let keeper = command.spawn().expect("redis-server is installed");
        let server = Self { keeper, directory, port };
        server.wait_until_it_answers();
        server
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("socket")
    }

    pub fn command(&self, arguments: &[&str]) -> String {
        self.try_command(arguments).expect("the server answers")
    }

    /// The raw answer; `None` when there is none.
    pub fn try_command(&self, arguments: &[&str]) -> Option<String> {
        say(UnixStream::connect(self.socket()).ok()?, arguments)
    }

    /// As `kill -9` does it.
    pub fn kill(&mut self) {
        let _ = Command::new("kill").args(["-9", &self.pid()]).status();
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }

    pub fn pid(&self) -> String {
        fs::read_to_string(self.directory.path().join("pid")).unwrap().trim().to_owned()
    }

    fn wait_until_it_answers(&self) {
        eventually("redis-server answers", || self.try_command(&["PING"]).is_some());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn say<S: Read + Write + Timeout>(mut stream: S, arguments: &[&str]) -> Option<String> {
    stream.limit(Duration::from_secs(5));
    let parts = arguments.iter().map(|argument| format!("${}\r\n{argument}\r\n", argument.len()));
    let bytes = format!("*{}\r\n{}", arguments.len(), parts.collect::<String>());
    stream.write_all(bytes.as_bytes()).ok()?;
    // Sentinels know no QUIT, so a mark says where the answer ends.
    stream.write_all(b"*2\r\n$4\r\nPING\r\n$8\r\nthe end.\r\n").ok()?;
    let (mut answer, mut part) = (Vec::new(), [0; 4096]);
    while !answer.ends_with(b"$8\r\nthe end.\r\n") {
        match stream.read(&mut part).ok()? {
            0 => return None,
            read => answer.extend_from_slice(&part[..read]),
        }
        // Who wants a password answers everything so.
        if answer.starts_with(b"-NOAUTH") {
            return Some(String::from_utf8_lossy(&answer).into_owned());
        }
    }
    answer.truncate(answer.len() - 14);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (!answer.is_empty()).then_some(answer)
}

pub trait Timeout {
    fn limit(&self, time: Duration);
}

impl Timeout for UnixStream {
    fn limit(&self, time: Duration) {
        self.set_read_timeout(Some(time)).unwrap();
    }
}

impl Timeout for TcpStream {
    fn limit(&self, time: Duration) {
        self.set_read_timeout(Some(time)).unwrap();
    }
}

/// A port that nobody has at the moment. Below those that the system deals out, and so that a cluster's second port,
/// 10000 above, is a port as well.
pub fn free_port() -> u16 {
    for attempt in 0..1000_u32 {
        let mut random = [0; 4];
        fs::File::open("/dev/urandom").unwrap().read_exact(&mut random).unwrap();
        let port = 10_000 + u16::try_from((u32::from_le_bytes(random) + attempt) % 12_000).unwrap();
        let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if free(port) && free(port + 10_000) {
            return port;
        }
    }
    panic!("no free port");
}

/// Waits for a condition, at most 30 seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Three masters that share the slots, `replicas` for each of them.
pub struct Cluster {
    pub nodes: Vec<Server>,
}

impl Cluster {
    pub fn start(replicas: usize) -> Self {
        let arguments = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1500"];
        let nodes: Vec<Server> = (0..3 * (1 + replicas)).map(|_| Server::on_port(&arguments)).collect();
        let edges = [0, 5461, 10923, 16384];
        for (node, slots) in nodes.iter().zip(edges.windows(2)) {
            let (first, last) = (slots[0].to_string(), (slots[1] - 1).to_string());
            node.command(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
        }
        for (epoch, node) in nodes.iter().enumerate() {
            node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &(epoch + 1).to_string()]);
        }
        for node in &nodes[1..] {
            node.command(&["CLUSTER", "MEET", "127.0.0.1", &nodes[0].port.to_string()]);
        }
        let cluster = Self { nodes };
        let all = format!("cluster_known_nodes:{}", cluster.nodes.len());
        eventually("all nodes know each other", || {
            cluster.nodes.iter().all(|node| node.command(&["CLUSTER", "INFO"]).contains(&all))
        });
        for (place, replica) in cluster.nodes[3..].iter().enumerate() {
            let answer = cluster.nodes[place % 3].command(&["CLUSTER", "MYID"]);
            let id = answer.lines().nth(1).unwrap().to_owned();
            eventually("a replica finds its master", || {
                replica.command(&["CLUSTER", "REPLICATE", &id]).contains("OK")
            });
        }
        eventually("the cluster is up", || {
            cluster.nodes.iter().all(|node| node.command(&["CLUSTER", "INFO"]).contains("cluster_state:ok"))
        });
        for replica in &cluster.nodes[3..] {
            eventually("a replica is in step", || {
                replica.command(&["INFO", "replication"]).contains("master_link_status:up")
            });
        }
        cluster
    }
}

/// A master, a replica and three sentinels that watch them as `sessions`.
pub struct Sentinels {
    pub servers: Vec<Server>,
    pub sentinels: Vec<Server>,
}

impl Sentinels {
    pub fn start() -> Self {
        let master = Server::on_port(&[]);
        let port = master.port.to_string();
        let replica = Server::on_port(&["--replicaof", "127.0.0.1", &port]);
        eventually("the replica is in step", || {
            replica.command(&["INFO", "replication"]).contains("master_link_status:up")
        });
        let sentinels: Vec<Server> = (0..3).map(|_| sentinel(&port)).collect();
        let set = Self { servers: vec![master, replica], sentinels };
        eventually("the sentinels know each other and the replica", || {
            set.sentinels.iter().all(|sentinel| {
                let said = sentinel.command(&["SENTINEL", "MASTER", "sessions"]);
                let field = |name: &str| {
                    let mut lines = said.lines().skip_while(|line| *line != name);
                    lines.nth(2).map(str::to_owned)
                };
                field("num-other-sentinels").as_deref() == Some("2")
                    && field("num-slaves").as_deref() == Some("1")
            })
        });
        set
    }
}

fn sentinel(master: &str) -> Server {
    let directory = tempfile::tempdir().unwrap();
    let settings = format!(
        "sentinel monitor sessions 127.0.0.1 {master} 2\n\
         sentinel down-after-milliseconds sessions 1000\n\
         sentinel failover-timeout sessions 3000\n"
    );
    fs::write(directory.path().join("sentinel.conf"), settings).unwrap();
    Server::start_in(directory, free_port(), &["--sentinel"])
}
