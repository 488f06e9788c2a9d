use std::path::Path;

use holdfast_core::engine::{
    Engine,
    memory::{MemoryEngine, MemoryOptions},
    shared::{SharedEngine, SharedOptions},
};

use crate::store::Store;

/// Makes each named function, `fn(Make)`, a test for each engine: `topic::name::engine`.
macro_rules! contract {
    ($($body:ident),+ $(,)?) => {
        $(mod $body {
            contract!(@ $body, memory);
            contract!(@ $body, shared);
            contract!(@ $body, shared_by_two);
        })+
    };
    (@ $body:ident, $engine:ident) => {
        #[test]
        fn $engine() {
            super::$body(crate::engines::$engine);
        }
    };
}

/// Makes an empty store with room for about so many bytes.
pub type Make = fn(bytes: u64) -> Store;

pub fn memory(capacity: u64) -> Store {
    Store::new(vec![Box::new(MemoryEngine::new(MemoryOptions { capacity }))], None)
}

pub fn shared(size: u64) -> Store {
    let place = tempfile::tempdir().unwrap();
    Store::new(vec![open(place.path(), size)], Some(place))
}

/// One file that was opened twice: whatever one of the two knows, the other must find in the file.
pub fn shared_by_two(size: u64) -> Store {
    let place = tempfile::tempdir().unwrap();
    Store::new(vec![open(place.path(), size), open(place.path(), size)], Some(place))
}

fn open(place: &Path, size: u64) -> Box<dyn Engine> {
    let path = place.join("store");
    Box::new(SharedEngine::open(SharedOptions { path, size, ..SharedOptions::default() }).unwrap())
}
