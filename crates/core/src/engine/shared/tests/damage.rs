//! Damaged bytes: they cost at most the session that they hit, and are never shown (R12, R13, R20).

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
    sync::atomic::Ordering::Relaxed,
};

use super::{child::no_forks, verify::problems, *};
use crate::engine::shared::layout::{Geometry, HEADERS};

const MIB: u64 = 1 << 20;
const SESSIONS: u64 = 100;

fn length_of(number: u64) -> usize {
    [60, 600, 1900, 5000, 9000][number as usize % 5]
}

/// A file of 1 MiB with 100 sessions that nobody uses.
fn a_store(directory: &TempDir) -> std::path::PathBuf {
    let options = options(directory, MIB);
    let engine = SharedEngine::open(options.clone()).unwrap();
    for number in 0..SESSIONS {
        let record = record(number, length_of(number));
        stored(engine.commit(&key(number), Expect::Absent, write(&record), NOW));
    }
    options.path
}

/// Opens the store and counts the sessions that are left; those are as they were written.
fn intact_sessions(engine: &SharedEngine, at: &str) -> u64 {
    (0..SESSIONS)
        .filter(|&number| match engine.load(&key(number), NOW).unwrap() {
            Some(stored) => {
                assert_eq!(stored.record, record(number, length_of(number)), "{at}");
                true
            }
            None => false,
        })
        .count() as u64
}

pub(super) fn open_file(path: &Path) -> File {
    OpenOptions::new().read(true).write(true).open(path).unwrap()
}

/// Flips bytes of a store that nobody uses, one at a time: all of those `chosen`. Gives how often a session was lost.
fn flip_bytes(chosen: impl Fn(&[u8], usize) -> bool) -> u64 {
    let directory = TempDir::new().unwrap();
    let path = a_store(&directory);
    let image = fs::read(&path).unwrap();
    let file = open_file(&path);
    let mut lost = 0;
    for byte in (0..image.len()).filter(|&byte| chosen(&image, byte)) {
        file.write_all_at(&[image[byte] ^ (1 << (byte % 8))], byte as u64).unwrap();
        let at = format!("byte {byte}");
        let alone = no_forks();
        let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
        let left = intact_sessions(&engine, &at);
        assert!(left >= SESSIONS - 1, "{at}: {left} sessions are left");
        lost += SESSIONS - left;
        if byte.is_multiple_of(7) {
            let opened = attach::attach(&options(&directory, MIB)).unwrap();
            assert_eq!(problems(&opened.store), Vec::<String>::new(), "{at}");
            opened.store.close();
        }
        drop(engine);
        drop(alone);
        file.write_all_at(&image, 0).unwrap();
    }
    lost
}

/// `HOLDFAST_FLIP_EVERY` is the distance of the bytes that are flipped: 1 is every byte of the file, a million openings.
/// Unset, some bytes of the pages, and of what stands before them every third that is not zero or stands near one.
#[test]
fn r12_a_flipped_byte_costs_at_most_the_session_it_hits() {
    if let Ok(every) = std::env::var("HOLDFAST_FLIP_EVERY") {
        return flip_all(every.parse().expect("HOLDFAST_FLIP_EVERY is a number"));
    }
    let data = Geometry::for_size(MIB).unwrap().page(0) as usize;
    let lost = flip_bytes(|image, byte| {
        let near = &image[byte.saturating_sub(4)..(byte + 4).min(image.len())];
        let is_set = near.iter().any(|&byte| byte != 0);
        byte.is_multiple_of(397) || (byte < data && is_set && byte.is_multiple_of(3))
    });
    assert!(lost > 300, "only {lost} sessions were hit: the test looks at the wrong bytes");
}

/// Every so manieth byte, shared by the processors.
fn flip_all(every: usize) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let begun = std::time::Instant::now();
    let lost: u64 = std::thread::scope(|scope| {
        let part =
            |thread| move || flip_bytes(|_, byte| byte % every == 0 && byte / every % threads == thread);
        let parts: Vec<_> = (0..threads).map(|thread| scope.spawn(part(thread))).collect();
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    let flipped = MIB as usize / every;
    println!(
        "R12: {flipped} bytes flipped, one at a time: {lost} sessions lost, never two by one, {:?}",
        begun.elapsed()
    );
}

#[test]
fn r12_a_record_damaged_while_in_use_is_absent_and_counted_and_the_others_stay() {
    let directory = TempDir::new().unwrap();
    let path = a_store(&directory);
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    let mut image = fs::read(&path).unwrap();
    let file = open_file(&path);
    let mut left = SESSIONS;
    for number in [1, 4, 9] {
        let needle = &record(number, length_of(number))[..48];
        let at = image.windows(48).position(|bytes| bytes == needle).unwrap();
        image[at + 20] ^= 4;
        file.write_all_at(&image[at + 20..=at + 20], (at + 20) as u64).unwrap();
        left -= 1;
        assert_eq!(intact_sessions(&engine, "in use"), left);
        assert_eq!(engine.damaged_sessions().unwrap(), SESSIONS - left);
        // Its place can be used again.
        let body = record(7000 + number, 9000);
        stored(engine.commit(&key(7000 + number), Expect::Absent, write(&body), NOW));
    }
    let opened = attach::attach(&options(&directory, MIB)).unwrap();
    assert_eq!(problems(&opened.store), Vec::<String>::new());
    opened.store.close();
}

#[test]
fn r12_a_damaged_link_leads_nowhere() {
    let directory = TempDir::new().unwrap();
    let options = options(&directory, MIB);
    let engine = SharedEngine::open(options.clone()).unwrap();
    // Far more sessions than slots: nearly every line has a link.
    for number in 0..5500 {
        stored(engine.commit(&key(number), Expect::Absent, write(&record(number, 30)), NOW));
    }
    drop(engine);
    let geometry = Geometry::for_size(MIB).unwrap();
    let file = open_file(&options.path);
    for line in 0..100_u64 {
        // Another object of the page of overflow lines, then one of the pages of sessions.
        let link = geometry.line(1, line as u32) + 56;
        let mut byte = [0];
        let at = link + line % 3;
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 1 << (line % 8)], at).unwrap();
    }
    let alone = no_forks();
    let engine = SharedEngine::open(options.clone()).unwrap();
    drop(alone);
    assert!(engine.take_notice().unwrap().contains("damaged entries"));
    let mut left = 0;
    for number in 0..5500 {
        if let Some(stored) = engine.load(&key(number), NOW).unwrap() {
            assert_eq!(stored.record, record(number, 30));
            left += 1;
        }
    }
    // A line keeps its own seven sessions, and all lines but the hundred keep everything.
    assert!(left > 5500 - 100 * 15, "{left} sessions are left");
    assert_eq!(engine.stats().unwrap().sessions, left);
    let opened = attach::attach(&options).unwrap();
    assert_eq!(problems(&opened.store), Vec::<String>::new());
    opened.store.close();
}

/// A file was overwritten by zeros between the two looks of a repair, and the worker that repaired it panicked.
#[test]
fn r14_a_session_that_is_overwritten_before_it_is_counted_is_not_counted() {
    let directory = TempDir::new().unwrap();
    let path = a_store(&directory);
    let opened = attach::attach(&options(&directory, MIB)).unwrap();
    let store = &opened.store;
    let record = record(0, length_of(0));
    let at = fs::read(&path).unwrap().windows(48).position(|bytes| bytes == &record[..48]).unwrap() as u64;
    open_file(&path).write_all_at(&[0; 4096], at / 4096 * 4096).unwrap();
    for shard in store.shards() {
        store.lock_shard(shard).unwrap().recount();
    }
    let counted: u64 = store.shards().map(|shard| store.map.shard(shard).sessions.load(Relaxed)).sum();
    assert!((1..SESSIONS).contains(&counted), "{counted} sessions are counted");
    opened.store.close();
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    assert!(engine.load(&key(0), NOW).unwrap().is_none());
    assert_eq!(engine.stats().unwrap().sessions, intact_sessions(&engine, "overwritten"));
}

#[test]
fn r11_random_damage_of_a_store_in_use_gives_answers_or_errors() {
    for seed in 0..60_u64 {
        let directory = TempDir::new().unwrap();
        let path = a_store(&directory);
        let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
        let file = open_file(&path);
        let geometry = Geometry::for_size(MIB).unwrap();
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        for _ in 0..40 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // From the shards on: their headers, the index, the page map, the pages.
            let first = Geometry::shard(0) + 8;
            let at = first + (state >> 20) % (geometry.page(60) - first);
            // Lock words stay: a damaged one names a holder, which is another requirement's matter.
            if at < Geometry::shard(geometry.shards) && at % 512 < 8 {
                continue;
            }
            file.write_all_at(&state.to_le_bytes()[..=(state >> 13) as usize % 8], at).unwrap();
        }
        for number in 0..SESSIONS {
            if let Ok(Some(stored)) = engine.load(&key(number), NOW) {
                assert_eq!(stored.record, record(number, length_of(number)), "seed {seed}");
            }
            let _ = engine.commit(&key(1000 + number), Expect::Absent, write(&record(1, 3000)), NOW);
            let _ = engine.destroy(&key(number), NOW);
        }
        let _ = engine.collect(LATER);
        let _ = engine.visit(NOW, &mut |_| std::ops::ControlFlow::Continue(()));
        let _alone = no_forks();
        engine.die();
        let opened = attach::attach(&options(&directory, MIB)).unwrap();
        assert_eq!(problems(&opened.store), Vec::<String>::new(), "seed {seed}");
        opened.store.close();
    }
}

#[test]
fn r13_both_headers_damaged_sets_the_file_aside_and_says_so_once() {
    let directory = TempDir::new().unwrap();
    let path = a_store(&directory);
    for header in HEADERS {
        open_file(&path).write_all_at(b"??", header + 40).unwrap();
    }
    let damaged = fs::read(&path).unwrap();
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    let notice = engine.take_notice().unwrap();
    assert_eq!(engine.take_notice(), None);
    assert_eq!(intact_sessions(&engine, "new"), 0);
    let aside = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|entry| entry.to_string_lossy().contains(".store.corrupt-"))
        .unwrap();
    assert!(notice.contains(&*aside.to_string_lossy()), "{notice}");
    assert_eq!(fs::read(aside).unwrap(), damaged);
    stored(engine.commit(&key(0), Expect::Absent, write(b"works"), NOW));
}

#[test]
fn r13_one_damaged_header_is_mended_from_the_other() {
    for header in HEADERS {
        let directory = TempDir::new().unwrap();
        let path = a_store(&directory);
        let good = fs::read(&path).unwrap();
        open_file(&path).write_all_at(b"??", header + 40).unwrap();
        let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
        assert_eq!(intact_sessions(&engine, "mended"), SESSIONS);
        let mended = fs::read(&path).unwrap();
        let [first, second] = HEADERS.map(|header| &mended[header as usize..header as usize + 192]);
        assert_eq!(first, second);
        assert_eq!(first[24..64], good[24..64]);
    }
}

#[test]
fn r13_foreign_files_and_other_formats_are_refused_and_left_untouched() {
    let directory = TempDir::new().unwrap();
    let path = a_store(&directory);
    let mut other_format = fs::read(&path).unwrap();
    for header in HEADERS {
        other_format[header as usize + 8] = 99;
    }
    let foreign = vec![0x20_u8; 5000];
    let zeros = vec![0_u8; 1 << 20];
    let short = b"x".to_vec();
    for (name, image, says) in [
        ("foreign", &foreign, "not a session store"),
        ("zeros", &zeros, "not a session store"),
        ("short", &short, "not a session store"),
        ("other format", &other_format, "format 99 and this version of Holdfast reads format 1"),
    ] {
        fs::write(&path, image).unwrap();
        match SharedEngine::open(options(&directory, MIB)) {
            Err(error @ EngineError::Damaged { .. }) => {
                assert!(error.to_string().contains(says), "{name}: {error}");
            }
            other => panic!("{name}: {other:?}"),
        }
        assert_eq!(&fs::read(&path).unwrap(), image, "{name}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn r13_a_file_cut_off_is_set_aside() {
    let directory = TempDir::new().unwrap();
    let path = a_store(&directory);
    open_file(&path).set_len(300_000).unwrap();
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    assert!(engine.take_notice().unwrap().contains("300000 bytes"));
    assert_eq!(intact_sessions(&engine, "new"), 0);
}

#[test]
fn r20_a_store_of_another_boot_with_locks_held_opens_with_its_sessions_and_a_new_clock() {
    let directory = TempDir::new().unwrap();
    let path = a_store(&directory);
    let image = fs::read(&path).unwrap();
    for round in 0..50_u64 {
        let file = open_file(&path);
        file.write_all_at(&image, 0).unwrap();
        let mut header = match crate::engine::shared::header::inspect(&file, MIB).unwrap() {
            crate::engine::shared::header::Found::Store { header, .. } => header,
            other => panic!("{other:?}"),
        };
        header.boot_id = [b'x'; 40];
        header.clock_offset = 17;
        header.generation += 1;
        crate::engine::shared::header::write(&file, &header).unwrap();
        // Held by some place in some life, in the middle of a change.
        for shard in 0..2 {
            let word = (round << 32) | (round % 5) << 12 | (round % 7 + 1);
            file.write_all_at(&word.to_le_bytes(), Geometry::shard(shard)).unwrap();
            file.write_all_at(&1_u64.to_le_bytes(), Geometry::shard(shard) + 8).unwrap();
        }
        let _alone = no_forks();
        let begun = std::time::Instant::now();
        let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
        assert_eq!(intact_sessions(&engine, "rebooted"), SESSIONS);
        assert!(begun.elapsed().as_millis() < 1000);
        let drift = engine.now().as_millis().abs_diff(Timestamp::wall().as_millis());
        assert!(drift < 5000, "the clock is {drift} ms off");
        stored(engine.commit(&key(999), Expect::Absent, write(b"works"), NOW));
    }
}

#[test]
fn r20_a_copied_store_with_locks_held_works_beside_its_original() {
    let directory = TempDir::new().unwrap();
    let original = options(&directory, MIB);
    a_store(&directory);
    let opened = attach::attach(&original).unwrap();
    let guard = opened.store.lock_shard(0).unwrap();
    let change = guard.begin_change();
    let copy = SharedOptions { path: directory.path().join("copy.store"), ..original };
    fs::copy(&original.path, &copy.path).unwrap();
    let _alone = no_forks();
    let engine = SharedEngine::open(copy).unwrap();
    assert_eq!(intact_sessions(&engine, "copy"), SESSIONS);
    change.end();
    drop(guard);
    opened.store.close();
}

#[test]
fn r22_the_clock_keeps_its_offset_within_a_boot() {
    let directory = TempDir::new().unwrap();
    let _alone = no_forks();
    let path = a_store(&directory);
    let file = open_file(&path);
    let mut header = match crate::engine::shared::header::inspect(&file, MIB).unwrap() {
        crate::engine::shared::header::Found::Store { header, .. } => header,
        other => panic!("{other:?}"),
    };
    // As if the wall clock had been set back by a day since the first opening.
    header.clock_offset += 86_400_000;
    header.generation += 1;
    crate::engine::shared::header::write(&file, &header).unwrap();
    let engine = SharedEngine::open(options(&directory, MIB)).unwrap();
    let ahead = engine.now().as_millis() - Timestamp::wall().as_millis();
    assert!(ahead.abs_diff(86_400_000) < 5000, "{ahead} ms ahead of the wall clock");
    drop(engine);
    // A copy within the boot is the same store: its sessions live by the same clock.
    let copy = SharedOptions { path: directory.path().join("copy.store"), ..options(&directory, MIB) };
    fs::copy(&path, &copy.path).unwrap();
    let engine = SharedEngine::open(copy).unwrap();
    let ahead = engine.now().as_millis() - Timestamp::wall().as_millis();
    assert!(ahead.abs_diff(86_400_000) < 5000, "the copy is {ahead} ms ahead of the wall clock");
}
