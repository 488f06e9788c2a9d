//! What the command can do: a file a verb.

pub mod gc;
pub mod moving;
