//! The secret of a store, which whoever is first puts there.

use ::redis::{Value, cmd};

use super::{
    RedisEngine, Request, script,
    servers::{Again, To},
};
use crate::{engine::EngineError, secret::Secret};

impl RedisEngine {
    /// The secret that the store has, which is `ours` if it had none.
    pub(super) fn stored_secret(&self, ours: &Secret) -> Result<Secret, EngineError> {
        let name = self.shared.names.secret();
        let (mut set, mut get) = (cmd("SET"), cmd("GET"));
        set.arg(&name).arg(ours.as_bytes()).arg("NX");
        get.arg(&name);
        // Whoever is first decides; all then read the same.
        let request = Request::Commands(vec![set, get]);
        self.asked_secret(&name, &request)
    }

    /// The secret that the store has, which is `ours` if it was `seen` until now.
    pub(super) fn replaced_secret(&self, seen: &Secret, ours: &Secret) -> Result<Secret, EngineError> {
        let name = self.shared.names.secret();
        let request = Request::Script {
            script: &script::SECRET,
            keys: &[&name],
            args: &[seen.as_bytes(), ours.as_bytes()],
            beside: None,
        };
        self.asked_secret(&name, &request)
    }

    /// The secret, which is the last answer to `request`.
    fn asked_secret(&self, name: &[u8], request: &Request<'_>) -> Result<Secret, EngineError> {
        let deadline = self.shared.deadline();
        let answers = self.shared.servers.ask(To::KeeperOf(name), request, Again::May, deadline);
        match answers.map_err(|trouble| self.error(&trouble, 32))?.pop() {
            Some(Value::BulkString(bytes)) => {
                bytes.try_into().map(Secret::from_bytes).map_err(|_| self.shared.unintelligible())
            }
            _ => Err(self.shared.unintelligible()),
        }
    }
}
