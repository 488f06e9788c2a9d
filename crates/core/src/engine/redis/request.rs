use ::redis::Cmd;

use super::script::Script;

/// What is asked of one server in one round trip.
pub(super) enum Request<'a> {
    /// Commands, one after the other. Their answers come in a list.
    Commands(Vec<Cmd>),
    /// A script, by its digest. The server that does not have it gets its text.
    Script {
        /// The script.
        script: &'a Script,
        /// The keys that it works on, all in one slot.
        keys: &'a [&'a [u8]],
        /// What else it gets.
        args: &'a [&'a [u8]],
        /// Which of `args`, if any, leads to a key of another slot, of which the script does without where the node has not
        /// got it. It is empty for a node to which the session is just moving: that one would take what it has not been sent
        /// yet for what nobody has.
        beside: Option<usize>,
    },
}

impl Request<'_> {
    /// One command.
    pub(super) fn one(command: Cmd) -> Self {
        Self::Commands(vec![command])
    }

    /// The bytes, and how many answers they get. With `text` a script goes as text; `asking` goes to the node that a
    /// slot moves to, which is to be told so before each command.
    pub(super) fn pack(&self, text: bool, asking: bool) -> (Vec<u8>, usize) {
        let mut bytes = Vec::new();
        let mut count = 0;
        let mut add = |command: &Cmd| {
            if asking {
                ::redis::cmd("ASKING").write_packed_command(&mut bytes);
            }
            command.write_packed_command(&mut bytes);
            count += 1 + usize::from(asking);
        };
        match self {
            Self::Commands(commands) => commands.iter().for_each(&mut add),
            Self::Script { script, keys, args, beside } => {
                let mut command = if text {
                    let mut eval = ::redis::cmd("EVAL");
                    eval.arg(script.text);
                    eval
                } else {
                    let mut evalsha = ::redis::cmd("EVALSHA");
                    evalsha.arg(script.digest());
                    evalsha
                };
                command.arg(keys.len());
                for key in *keys {
                    command.arg(*key);
                }
                for (at, arg) in args.iter().enumerate() {
                    let is_unknown = asking && *beside == Some(at);
                    command.arg(if is_unknown { b"" } else { *arg });
                }
                add(&command);
            }
        }
        (bytes, count)
    }
}
