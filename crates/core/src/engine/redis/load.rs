use ::redis::Value;

use super::{
    RedisEngine, Request, script,
    servers::{Again, To},
    value,
};
use crate::{
    engine::{EngineError, Newer, OfOwner, Version},
    key::Key,
    time::Timestamp,
};

impl RedisEngine {
    /// What is stored under `key` in one round trip: of the version that is known the head alone. With `and_owner` also
    /// what is kept of the owner, if the same server has that.
    pub(super) fn read(
        &self,
        key: &Key,
        known: Option<Version>,
        and_owner: bool,
        now: Timestamp,
    ) -> Result<(Newer, OfOwner), EngineError> {
        let names = &self.shared.names;
        let name = names.session(key);
        let bytes = known.map(|version| version.0.to_be_bytes());
        let bytes = bytes.as_ref().map_or(&b""[..], |version| version);
        let (begin, end) = if and_owner {
            (names.owner_record.0.as_slice(), names.owner_record.1.as_slice())
        } else {
            Default::default()
        };
        let args = [bytes, begin, end];
        let request = Request::Script { script: &script::LOAD, keys: &[&name], args: &args, beside: Some(1) };
        let answers =
            self.shared.servers.ask(To::KeeperOf(&name), &request, Again::May, self.shared.deadline());
        let answer = answers.map_err(|trouble| self.error(&trouble, 0))?.pop();
        let answer = answer.and_then(Answer::read).ok_or_else(|| self.shared.unintelligible())?;

        let (newer, owner) = match answer.what {
            What::Nothing => return Ok((Newer::Nothing, OfOwner::NotAsked)),
            What::Known(head) => {
                let head = value::head(&head).ok_or_else(|| self.damaged())?;
                if Some(head.version) != known {
                    return Err(self.shared.unintelligible());
                }
                self.bases.saw(key, head.version, head.owner, head.expires);
                (Newer::Same { expires: head.expires }, head.owner)
            }
            What::Other(bytes) => {
                let stored = self.decode(key, bytes)?;
                let owner = stored.owner;
                (Newer::Other(stored), owner)
            }
        };
        let expires = match &newer {
            Newer::Other(stored) => stored.expires,
            Newer::Same { expires } => *expires,
            Newer::Nothing => now,
        };
        if now >= expires {
            return Ok((Newer::Nothing, OfOwner::NotAsked));
        }
        let of_owner = match answer.of_owner {
            Owners::NotAsked => OfOwner::NotAsked,
            Owners::Nothing => OfOwner::Asked(None),
            Owners::Record(bytes) => {
                let stored = self.decode(&Key::of_owner(owner), bytes)?;
                OfOwner::Asked(Some(stored).filter(|stored| now < stored.expires))
            }
        };
        Ok((newer, of_owner))
    }
}

/// What the script answers.
struct Answer {
    what: What,
    of_owner: Owners,
}

enum What {
    Nothing,
    Known(Vec<u8>),
    Other(Vec<u8>),
}

/// What is kept of the owner.
enum Owners {
    NotAsked,
    Nothing,
    Record(Vec<u8>),
}

impl Answer {
    /// `None` when it is no such answer.
    fn read(answer: Value) -> Option<Self> {
        let Value::Array(parts) = answer else { return None };
        let mut parts = parts.into_iter();
        let what = match (parts.next()?, parts.next()) {
            (Value::Int(0), None) => What::Nothing,
            (Value::Int(1), Some(Value::BulkString(head))) => What::Known(head),
            (Value::Int(2), Some(Value::BulkString(bytes))) => What::Other(bytes),
            _ => return None,
        };
        let of_owner = match parts.next() {
            None => Owners::NotAsked,
            Some(Value::Nil) => Owners::Nothing,
            Some(Value::BulkString(bytes)) => Owners::Record(bytes),
            Some(_) => return None,
        };
        Some(Self { what, of_owner })
    }
}
