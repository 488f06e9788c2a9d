//! What the command can do: a file a verb.

pub mod moving;
