//! What the command can do: a file a verb.

pub mod bench;
pub mod doctor;
pub mod export;
pub mod gc;
pub mod import;
pub mod import_files;
pub mod ls;
pub mod moving;
pub mod paper;
pub mod rm;
pub mod show;
pub mod stat;
pub mod top;
pub mod verify;
