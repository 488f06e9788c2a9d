use std::collections::HashMap;

use parking_lot::Mutex;

use super::{Address, connection::Connection};

/// Connections that nobody uses at the moment. Those of a parent process are no concern of a forked child: it drops its
/// copies of them, which tells the server nothing.
#[derive(Default)]
pub(super) struct Pool(Mutex<Idle>);

#[derive(Default)]
struct Idle {
    /// Whose they are.
    process: u32,
    connections: HashMap<Address, Vec<Connection>>,
}

/// Idle connections that are kept for one server. A process of php-fpm uses one at a time.
const MOST_IDLE: usize = 8;

impl Pool {
    /// A connection to `address` that is fit to be used, if there is one.
    pub(super) fn take(&self, address: &Address) -> Option<Connection> {
        loop {
            let mut connection = self.idle(|idle| idle.connections.get_mut(address)?.pop())?;
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    /// To be given only what was left in order.
    pub(super) fn give(&self, connection: Connection) {
        let too_many = self.idle(|idle| {
            let connections = idle.connections.entry(connection.address().clone()).or_default();
            if connections.len() < MOST_IDLE {
                connections.push(connection);
                return None;
            }
            Some(connection)
        });
        drop(too_many);
    }

    /// Drops those that a server has closed; true when there were some.
    pub(super) fn prune(&self) -> bool {
        let all = self.idle(|idle| std::mem::take(&mut idle.connections));
        let mut closed = false;
        for mut connection in all.into_values().flatten() {
            if connection.is_quiet() {
                self.give(connection);
            } else {
                closed = true;
            }
        }
        closed
    }

    /// Drops the connections to `address`: it serves no more.
    pub(super) fn forget(&self, address: &Address) {
        drop(self.idle(|idle| idle.connections.remove(address)));
    }

    /// Held for a few assignments only, never over anything that could wait.
    fn idle<T>(&self, act: impl FnOnce(&mut Idle) -> T) -> T {
        let process = std::process::id();
        let mut idle = self.0.lock();
        if idle.process != process {
            *idle = Idle { process, connections: HashMap::new() };
        }
        act(&mut idle)
    }
}
