//! The open path of a shared store, and what comes after it, over damaged files.
//!
//! The input is a list of damages to a good store of 280 sessions, each to a thing that the format knows (a slot, a
//! link, a block, a page's word ...) and, where it has a checksum, with that put in order or not. Then the store is
//! opened and used. It answers or says what is wrong; it never shows a session what is not its own.

use std::{
    collections::HashSet,
    fs::{self, File},
    ops::ControlFlow,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use holdfast_core::{
    engine::{Engine, EngineError, Expect, Owner, Write, shared::SharedEngine},
    time::Timestamp,
};
use tempfile::TempDir;

use crate::{
    choices::Choices,
    image::{self, LATER, MIXED, NOW, image, key},
    layout::{self, CLASSES, CONTROL, HEADER_BYTES, HEADERS, INDEX, PAGE, REGISTRY, SHARDS, SIZE, sections},
};

/// The first byte: bit 0, damage it while it is in use; bit 1, use it hard.
pub fn store(input: &[u8]) {
    static ONE_FILE: Mutex<()> = Mutex::new(());
    let _alone = ONE_FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((&how, rest)) = input.split_first() else { return };
    let place = place();
    clear(place);
    let path = place.join("store");
    let mut damage = Damage { bytes: image().bytes.clone(), forged: HashSet::new(), in_use: how & 1 != 0 };
    let mut choices = Choices::new(rest);
    if damage.in_use {
        write_whole(&path, &damage.bytes);
        let Ok(engine) = image::open(&path) else { panic!("a good store can't be opened") };
        // What is in use has another place in the registry than the image.
        damage.bytes = fs::read(&path).unwrap_or_default();
        let before = damage.bytes.clone();
        for _ in 0..40 {
            if choices.is_empty() {
                break;
            }
            damage.add(&mut choices);
        }
        write_changes(&path, &before, &damage.bytes);
        use_it(&engine, &damage, how & 2 != 0);
    } else {
        for _ in 0..40 {
            if choices.is_empty() {
                break;
            }
            damage.add(&mut choices);
        }
        write_whole(&path, &damage.bytes);
        match image::open(&path) {
            Ok(engine) => use_it(&engine, &damage, how & 2 != 0),
            Err(EngineError::Damaged { path: named, reason, .. }) => {
                assert!(named == path && !reason.is_empty(), "an error that does not say what is wrong");
                return;
            }
            Err(other) => panic!("a damaged file is no reason for {other:?}"),
        }
    }
    reopen(&path, &damage);
}

/// The directory of the file: in memory, where there is such a thing.
fn place() -> &'static Path {
    static PLACE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = PLACE.get_or_init(|| {
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let directory = directory.unwrap_or_else(|error| panic!("{error}"));
        let path = directory.path().to_owned();
        (directory, path)
    });
    path
}

fn clear(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let _ = fs::remove_file(entry.path());
    }
}

fn write_whole(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::OpenOptionsExt;

    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|file| file.write_all_at(bytes, 0)).unwrap_or_else(|error| panic!("{error}"));
}

/// Changes the words of the file that were changed, as a stray pointer would: never by the way of the engine.
fn write_changes(path: &Path, before: &[u8], after: &[u8]) {
    let file = File::options().write(true).open(path).unwrap_or_else(|error| panic!("{error}"));
    for (number, (old, new)) in before.chunks(8).zip(after.chunks(8)).enumerate() {
        if old != new {
            file.write_all_at(new, number as u64 * 8).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

struct Damage {
    bytes: Vec<u8>,
    /// Sessions whose checksum was put in order after a change: they are what the input made of them.
    forged: HashSet<u64>,
    in_use: bool,
}

impl Damage {
    /// Locks of shards and of the reserve: who damages those in use names a holder, and may wait for it.
    fn is_kept(&self, at: usize) -> bool {
        let lock = |at: usize| {
            (SHARDS.contains(&at) && (at - SHARDS.start) % 512 < 8) || (CONTROL..CONTROL + 8).contains(&at)
        };
        self.in_use && (at..at + 8).any(lock)
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if !self.is_kept(at) {
            layout::put(&mut self.bytes, at, bytes);
        }
    }

    /// A damage, as the input chooses it.
    fn add(&mut self, choices: &mut Choices<'_>) {
        let image = image();
        let pick = |choices: &mut Choices<'_>, len: usize| {
            usize::try_from(choices.below(u32::try_from(len.min(65_536)).unwrap_or(1))).unwrap_or_default()
        };
        let sections = sections();
        match choices.below(12) {
            0 => {
                let at = (choices.int() as usize >> 3) % SIZE;
                let bytes = choices.bytes(8).to_vec();
                self.put(at, &bytes);
            }
            1 => {
                let copies = 1 + choices.below(3);
                let at = pick(choices, HEADER_BYTES - 8);
                let bytes = choices.bytes(8).to_vec();
                for (number, copy) in (0..).zip(HEADERS) {
                    if copies >> number & 1 != 0 && at + bytes.len() <= HEADER_BYTES - 8 {
                        self.put(copy + at, &bytes);
                        layout::seal_header(&mut self.bytes, copy);
                    }
                }
            }
            2 | 3 => {
                let places = if choices.byte() & 3 == 0 { &image.links } else { &image.slots };
                let at = places[pick(choices, places.len())];
                let other = layout::word(&self.bytes, places[pick(choices, places.len())]);
                let changed = self.changed_word(choices, at, other);
                self.put(at, &changed.to_le_bytes());
            }
            4 => {
                let at = INDEX.start + pick(choices, INDEX.len() / 8) * 8;
                let other = layout::word(&self.bytes, image.slots[pick(choices, image.slots.len())]);
                let changed = self.changed_word(choices, at, other);
                self.put(at, &changed.to_le_bytes());
            }
            5 | 6 => {
                // The mixed ones come first, so that small numbers name blocks of all shapes.
                let (number, block) = Self::block(choices);
                let at = block + pick(choices, 88);
                let bytes = choices.bytes(8).to_vec();
                self.put(at, &bytes);
                if choices.byte() & 1 == 0 {
                    layout::seal_block(&mut self.bytes, block);
                    self.forged.insert(number);
                    self.forged.insert(layout::word(&self.bytes, block + 16));
                }
            }
            7 => {
                let at = sections.words + pick(choices, sections.count) * 8;
                let [owner, kind, class] = [choices.below(4), choices.below(5), choices.below(16)];
                let next = choices.below(u32::try_from(sections.count + 2).unwrap_or(1));
                let owner = if owner == 3 { 0xffff } else { owner };
                let word =
                    u64::from(owner) | u64::from(kind) << 16 | u64::from(class) << 24 | u64::from(next) << 32;
                self.put(at, &word.to_le_bytes());
            }
            8 => {
                let at = match choices.below(5) {
                    0 => SHARDS.start + pick(choices, SHARDS.len()),
                    1 => CONTROL + pick(choices, 48),
                    2 => sections.notes + pick(choices, sections.count * 24),
                    3 => sections.hints + pick(choices, 64),
                    _ => REGISTRY + pick(choices, 64),
                } & !3;
                let value = match choices.below(4) {
                    0 => choices.below(u32::try_from(sections.count + 4).unwrap_or(1)),
                    1 => u32::MAX,
                    2 => choices.int() as u32,
                    _ => 0,
                };
                self.put(at, &value.to_le_bytes());
            }
            9 => {
                let (_, block) = Self::block(choices);
                let at = block + 88 + pick(choices, usize::from(CLASSES[13]));
                let flipped = self.bytes.get(at).copied().unwrap_or_default() ^ (choices.byte() | 1);
                self.put(at, &[flipped]);
            }
            10 => {
                // A block, as it stands, in the place of another.
                let [(_, from), (_, to)] = [Self::block(choices), Self::block(choices)];
                let bytes = self.bytes.get(from..from + 128).unwrap_or_default().to_vec();
                self.put(to, &bytes);
            }
            _ if self.in_use => {}
            _ => {
                // Cut off, or longer than it was.
                let len = SIZE.saturating_add_signed((choices.below(512) as isize - 400) * PAGE as isize / 2);
                self.bytes.resize(len, 0);
            }
        }
    }

    fn block(choices: &mut Choices<'_>) -> (u64, usize) {
        let blocks = &image().blocks;
        if choices.byte() & 1 == 0 {
            let number = u64::from(choices.below(u32::try_from(MIXED.end).unwrap_or(1)));
            if let Some(block) = blocks.iter().find(|(known, _)| *known == number) {
                return *block;
            }
        }
        blocks[choices.below(u32::try_from(blocks.len()).unwrap_or(1)) as usize]
    }

    fn changed_word(&self, choices: &mut Choices<'_>, at: usize, other: u64) -> u64 {
        let word = layout::word(&self.bytes, at);
        match choices.below(5) {
            0 => word ^ 1 << choices.below(64),
            1 => other,
            2 => word & !0xffff_ffff | other & 0xffff_ffff,
            3 => word & !0xffff_ffff | u64::from(choices.below(SIZE as u32 / 64 + 4)),
            _ => 0,
        }
    }
}

/// Every session is its own, absent, or an error.
fn check(engine: &SharedEngine, damage: &Damage) {
    for (number, record) in &image().sessions {
        if let Ok(Some(stored)) = engine.load(&key(*number), NOW)
            && !damage.forged.contains(number)
        {
            assert!(stored.record == *record, "session {number} has what is not its own");
        }
    }
}

fn write(record: &[u8]) -> Write<'_> {
    Write { record, expires: LATER, owner: Owner::GUEST }
}

fn use_it(engine: &SharedEngine, damage: &Damage, hard: bool) {
    check(engine, damage);
    let bytes = vec![1; 12_000];
    for number in image().sessions.iter().map(|(number, _)| *number).take(80) {
        let new = key(5000 + number);
        let _ = engine.commit(&new, Expect::Absent, write(&bytes[..=number as usize * 11 % 12_000]), NOW);
        if let Ok(Some(stored)) = engine.load(&key(number), NOW) {
            let _ = engine.commit(&key(number), Expect::Version(stored.version), write(&stored.record), NOW);
        }
        if number % 4 == 0 {
            let _ = engine.touch(&key(number), LATER, NOW);
            let _ = engine.destroy(&key(number), NOW);
        }
    }
    if hard {
        for number in 0..120 {
            let _ = engine.commit(&key(7000 + number), Expect::Absent, write(&bytes), NOW);
        }
    }
    let mut shown = 0_u64;
    let _ = engine.visit(NOW, &mut |_| {
        shown += 1;
        if shown > 100_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(shown <= 100_000, "more sessions than there is room for");
    let _ = engine.collect(if hard { Timestamp::NEVER } else { NOW });
    let _ = engine.stats();
    check(engine, damage);
}

/// A store that was opened once is whole: the next opening finds nothing to drop, and every session that is shown.
fn reopen(path: &Path, damage: &Damage) {
    // What was damaged in use is found by whoever opens it next.
    drop(image::open(path));
    let engine = match image::open(path) {
        Ok(engine) => engine,
        // The header in use: whoever opens it next can't, and says so.
        Err(EngineError::Damaged { .. }) if damage.in_use => return,
        Err(other) => panic!("a store that was in use can't be opened again: {other:?}"),
    };
    assert_eq!(engine.take_notice(), None, "damage was left behind");
    check(&engine, damage);
    let mut shown = 0;
    let visited = engine.visit(Timestamp::from_millis(0), &mut |_| {
        shown += 1;
        ControlFlow::Continue(())
    });
    visited.unwrap_or_else(|error| panic!("{error}"));
    let live = engine.stats().map(|stats| stats.sessions).unwrap_or_default();
    assert!(shown <= live, "{shown} sessions are shown and {live} are there");
}
