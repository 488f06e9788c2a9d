//! R21: power is lost while pages, or parts of pages, are on their way to a disk, in any order. Whatever arrived: the store
//! opens, and a session is as it was at the one time or at the other, or is missing and counted as damaged.

use std::{collections::HashMap, os::unix::fs::PermissionsExt};

use holdfast_core::engine::{
    Engine, Expect,
    shared::{SharedEngine, SharedOptions},
};

use crate::{
    Verdict,
    dice::Dice,
    form::{Form, Progress},
    image, payload,
    scene::{MEMBER, MIB, directory, key, put},
};

const SESSIONS: u32 = 120;

/// What a disk writes whole.
const SECTORS: [usize; 2] = [4096, 512];

/// The lengths of the sessions that are there; a length tells the state.
type State = HashMap<u32, usize>;

pub fn run(form: Form) -> Verdict {
    let images: u64 = form.pick(100, 10_000);
    let mut progress = Progress::of("images", images);
    let (mut old, mut new, mut missing, mut reported) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut dice = Dice::new();
    let mut snapshots = None;
    for image in 0..images {
        if image % 50 == 0 {
            snapshots = Some(two_snapshots(&mut dice));
        }
        let ((before, first), (after, second)) = snapshots.as_ref().unwrap();
        let sector = SECTORS[(image % 2) as usize];
        // From nearly nothing to nearly everything arrived.
        let share = 1 + dice.below(98);
        let mut mixed = first.clone();
        for at in (0..mixed.len()).step_by(sector) {
            if dice.below(100) < share {
                mixed[at..at + sector].copy_from_slice(&second[at..at + sector]);
            }
        }
        image::reboot(&mut mixed);
        let judged = judge(&mixed, before, after);
        old += judged.old;
        new += judged.new;
        missing += judged.missing;
        reported += judged.reported;
        progress.done(image);
    }
    assert!(old > 0 && new > 0 && missing > 0, "the images are no mixtures: {old}, {new}, {missing}");
    format!(
        "{images} mixtures, in parts of 4096 and 512 B: all opened; of the sessions in both states {old} as before, {new} as \
         after, {missing} missing; {reported} entries reported damaged; 0 misread"
    )
}

/// A store and the same later, and what was in them.
fn two_snapshots(dice: &mut Dice) -> ((State, Vec<u8>), (State, Vec<u8>)) {
    let directory = directory();
    let options = SharedOptions { size: MIB, ..SharedOptions::at(directory.path().join("a.store")) };
    let engine = SharedEngine::open(options.clone()).unwrap();
    let mut versions = HashMap::new();
    let mut state = State::new();
    for number in 0..SESSIONS {
        let length = any_length(dice);
        versions.insert(number, put(&engine, number, Expect::Absent, length, MEMBER));
        state.insert(number, length);
    }
    let first = (state.clone(), std::fs::read(&options.path).unwrap());
    for _ in 0..150 {
        let number = dice.below(u64::from(SESSIONS) + 30) as u32;
        if dice.below(5) == 0 {
            engine.destroy(&key(number), engine.now()).unwrap();
            versions.remove(&number);
            state.remove(&number);
            continue;
        }
        // Of another length than before, so that the length tells which of the two it is.
        let mut length = any_length(dice);
        while first.0.get(&number) == Some(&length) {
            length = any_length(dice);
        }
        let expect = versions.get(&number).map_or(Expect::Absent, |version| Expect::Version(*version));
        versions.insert(number, put(&engine, number, expect, length, MEMBER));
        state.insert(number, length);
    }
    let second = (state, std::fs::read(&options.path).unwrap());
    (first, second)
}

fn any_length(dice: &mut Dice) -> usize {
    (100 << dice.below(6)) + dice.below(100) as usize
}

#[derive(Default)]
struct Judged {
    old: u64,
    new: u64,
    missing: u64,
    reported: u64,
}

fn judge(bytes: &[u8], before: &State, after: &State) -> Judged {
    let directory = directory();
    let path = directory.path().join("mixed.store");
    std::fs::write(&path, bytes).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let options = SharedOptions { size: MIB, ..SharedOptions::at(&path) };
    let engine = SharedEngine::open(options).unwrap();
    let mut judged = Judged { reported: engine.damaged_sessions().unwrap(), ..Judged::default() };
    assert_eq!(engine.take_notice().is_some(), judged.reported > 0, "what is dropped is said");
    for number in 0..SESSIONS + 30 {
        let (old, new) = (before.get(&number).copied(), after.get(&number).copied());
        let found = engine.load(&key(number), engine.now()).unwrap();
        if let Some(found) = &found {
            assert_eq!(payload::value_in(&found.record), Ok(number), "misread");
        }
        let found = found.map(|found| found.record.len());
        match found {
            _ if found.is_some() && found == old => judged.old += 1,
            _ if found.is_some() && found == new => judged.new += 1,
            None if old.is_some() && new.is_some() => judged.missing += 1,
            None => {}
            _ => panic!("session {number}: {found:?} bytes, neither {old:?} nor {new:?}"),
        }
    }
    assert!(
        judged.missing <= judged.reported,
        "{} are missing, {} reported",
        judged.missing,
        judged.reported
    );
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new());
    put(&engine, 4000, Expect::Absent, 600, MEMBER);
    judged
}
