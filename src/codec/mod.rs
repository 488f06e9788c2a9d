//! PHP values to and from stored bytes, straight, without a tree in between.

pub mod encode;
pub mod kept;
pub mod keys;
pub mod sink;
pub mod source;
pub mod survey;
