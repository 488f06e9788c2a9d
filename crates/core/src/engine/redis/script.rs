//! The scripts that run in the server, each as one step that nothing comes between.

use std::sync::LazyLock;

use ::redis::Value;

/// A script, and the digest by which a server knows it that has run it before.
pub(super) struct Script {
    pub(super) text: &'static str,
    digest: LazyLock<String>,
}

impl Script {
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }
}

macro_rules! script {
    ($name:ident: $($file:literal),+) => {
        pub(super) static $name: Script = Script {
            text: concat!($(include_str!($file)),+),
            digest: LazyLock::new(|| ::redis::Script::new($name.text).get_hash().to_owned()),
        };
    };
}

script!(LOAD: "scripts/owner.lua", "scripts/load.lua");
script!(COMMIT: "scripts/head.lua", "scripts/commit.lua");
script!(TOUCH: "scripts/head.lua", "scripts/owner.lua", "scripts/touch.lua");
script!(DESTROY: "scripts/head.lua", "scripts/destroy.lua");
script!(INDEX: "scripts/head.lua", "scripts/index.lua");
script!(LOCK: "scripts/lock.lua");
script!(UNLOCK: "scripts/unlock.lua");
script!(SECRET: "scripts/secret.lua");

/// What commit, touch and destroy answer: a number for what happened, whether something expired was removed, and bytes.
pub(super) struct Outcome {
    pub(super) what: i64,
    pub(super) removed_expired: bool,
    pub(super) bytes: Option<Vec<u8>>,
}

impl Outcome {
    /// `None` when it is no such answer.
    pub(super) fn read(answer: Value) -> Option<Self> {
        let Value::Array(parts) = answer else { return None };
        let mut parts = parts.into_iter();
        let Some(Value::Int(what)) = parts.next() else { return None };
        let removed_expired = match parts.next() {
            Some(Value::Int(removed)) => removed == 1,
            _ => false,
        };
        let bytes = match parts.next() {
            Some(Value::BulkString(bytes)) => Some(bytes),
            _ => None,
        };
        Some(Self { what, removed_expired, bytes })
    }
}
