use holdfast_core::engine::memory::{MemoryEngine, MemoryOptions};

use crate::store::Store;

/// Makes each named function, `fn(Make)`, a test for each engine: `topic::name::engine`.
macro_rules! contract {
    ($($body:ident),+ $(,)?) => {
        $(mod $body {
            #[test]
            fn memory() {
                super::$body(crate::engines::memory);
            }
        })+
    };
}

/// Makes an empty store with room for about so many bytes.
pub type Make = fn(bytes: u64) -> Store;

pub fn memory(capacity: u64) -> Store {
    Store::new(MemoryEngine::new(MemoryOptions { capacity }))
}
