//! What the command can do: a file a verb.

pub mod gc;
pub mod ls;
pub mod moving;
pub mod rm;
pub mod show;
pub mod stat;
pub mod top;
