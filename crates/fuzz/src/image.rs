//! A store as it should be: the same bytes each time, but for boot and file.

use std::{collections::HashMap, fs, path::Path, sync::OnceLock};

use holdfast_core::{
    engine::{
        Commit, Engine, Expect, Owner, Write,
        shared::{SharedEngine, SharedOptions},
    },
    key::Key,
    time::Timestamp,
};

use crate::layout::{self, HEADERS, INDEX, SHARDS};

pub const NOW: Timestamp = Timestamp::from_millis(1_000_000);
pub const LATER: Timestamp = Timestamp::from_millis(9_000_000);
/// Sessions of all shapes, by number.
pub const MIXED: std::ops::Range<u64> = 0..40;
/// Small ones that meet in few lines of the index, so that those overflow.
const SMALL: usize = 240;
/// The number of the first of them.
pub const FIRST_SMALL: u64 = 1000;
const SEED: u64 = 7;

/// A good file, and where its sessions stand.
pub struct Image {
    pub bytes: Vec<u8>,
    /// The sessions, by number, with their records.
    pub sessions: Vec<(u64, Vec<u8>)>,
    /// Places of the slots in use.
    pub slots: Vec<usize>,
    /// Places of the links in use.
    pub links: Vec<usize>,
    /// Blocks: the session's number and the place.
    pub blocks: Vec<(u64, usize)>,
}

fn numbers() -> impl Iterator<Item = u64> {
    let meets = |number: &u64| layout::line_of(key(*number).as_bytes(), SEED) < 16;
    MIXED.chain((FIRST_SMALL..).filter(meets).take(SMALL))
}

pub fn key(number: u64) -> Key {
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Key::from_bytes(bytes)
}

/// Bytes that tell whose they are.
fn record(number: u64) -> Vec<u8> {
    let length = match number {
        0..1000 => [60, 600, 1900, 5000, 9000][(number % 5) as usize],
        _ => 20,
    };
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ length as u64;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

/// Opens the store at `path`. Nobody else uses it, so no lock is waited for unless it is damaged: then not long.
pub fn open(path: &Path) -> Result<SharedEngine, holdfast_core::engine::EngineError> {
    let lock_timeout = std::time::Duration::from_millis(20);
    SharedEngine::open(SharedOptions { path: path.into(), size: layout::SIZE as u64, lock_timeout })
}

/// The image, made once in a process.
pub fn image() -> &'static Image {
    static IMAGE: OnceLock<Image> = OnceLock::new();
    IMAGE.get_or_init(make)
}

fn make() -> Image {
    let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let path = directory.path().join("store");
    drop(open(&path).unwrap_or_else(|error| panic!("{error}")));
    // A seed, a secret and first versions of our own, in the places that the page about the format names.
    let mut bytes = fs::read(&path).unwrap_or_default();
    for copy in HEADERS {
        assert!(layout::is_sealed(&bytes, copy), "the header's checksum is not as documented");
        layout::put(&mut bytes, copy + 48, &SEED.to_le_bytes());
        layout::put(&mut bytes, copy + 56, &[9; 32]);
        layout::seal_header(&mut bytes, copy);
    }
    for shard in SHARDS.step_by(512) {
        layout::put(&mut bytes, shard + 16, &1000_u64.to_le_bytes());
    }
    fs::write(&path, &bytes).unwrap_or_else(|error| panic!("{error}"));
    let engine = open(&path).unwrap_or_else(|error| panic!("{error}"));
    let sessions: Vec<_> = numbers().map(|number| (number, record(number))).collect();
    for (number, record) in &sessions {
        let number = *number;
        let write = Write { record, expires: LATER, owner: Owner(number % 3) };
        match engine.commit(&key(number), Expect::Absent, write, NOW) {
            Ok(Commit::Stored(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    drop(engine);
    read(fs::read(&path).unwrap_or_default(), sessions)
}

/// Finds the sessions of a good file from its index.
fn read(bytes: Vec<u8>, sessions: Vec<(u64, Vec<u8>)>) -> Image {
    let mut image = Image { bytes, sessions, slots: Vec::new(), links: Vec::new(), blocks: Vec::new() };
    for line in INDEX.step_by(64) {
        let mut line = line;
        loop {
            for slot in (line..line + 56).step_by(8) {
                let word = layout::word(&image.bytes, slot);
                if word != 0 {
                    let block = layout::place_of(word);
                    image.slots.push(slot);
                    image.blocks.push((layout::word(&image.bytes, block + 16), block));
                }
            }
            let next = layout::word(&image.bytes, line + 56);
            if next == 0 {
                break;
            }
            image.links.push(line + 56);
            line = layout::place_of(next);
        }
    }
    let places: HashMap<u64, usize> = image.blocks.iter().copied().collect();
    for (number, record) in &image.sessions {
        let Some(&at) = places.get(number) else { panic!("session {number} is not where it should stand") };
        assert_eq!(layout::record_of(&image.bytes, at), *record, "a record is not as documented");
        let checksum = layout::word(&image.bytes, at + 80);
        assert_eq!(
            layout::block_checksum(&image.bytes, at),
            Some(checksum),
            "a checksum is not as documented"
        );
    }
    assert!(image.blocks.len() == image.sessions.len() && image.links.len() >= 5);
    image
}
