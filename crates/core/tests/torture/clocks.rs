//! R22: steps of the wall clock neither end nor prolong a session and shorten no wait, as long as the computer is up;
//! what it slept counts.

use std::time::{Duration, Instant};

use holdfast_core::{
    engine::{
        Engine, EngineError, Expect, Write,
        shared::{SharedEngine, SharedOptions},
    },
    time::Timestamp,
};

use crate::{
    Verdict,
    child::{Child, Signal},
    clock,
    form::Form,
    scene::{MEMBER, MIB, directory, key},
};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// Into the year 2039.
const BEYOND_2038: i64 = 400 * 32 * DAY;

pub fn run(_: Form) -> Verdict {
    let steps = [HOUR, -HOUR, DAY, -DAY, BEYOND_2038, -20 * 365 * DAY, 0];
    let directory = directory();
    let options = SharedOptions { size: MIB, ..SharedOptions::at(directory.path().join("a.store")) };
    let engine = SharedEngine::open(options.clone()).unwrap();
    let begun = engine.now();
    assert!(begun.as_millis().abs_diff(Timestamp::wall().as_millis()) < 5000);
    put(&engine, 1, Duration::from_mins(30));
    for step in steps {
        clock::step_wall(step);
        let wall = Timestamp::wall().as_millis().cast_signed() - begun.as_millis().cast_signed();
        assert!((wall - step * 1000).abs() < 60_000, "the wall clock is stepped: {wall} ms");
        // Those who are there, and who come anew, alone or beside others.
        let beside = SharedEngine::open(options.clone()).unwrap();
        for engine in [&engine, &beside] {
            let passed = engine.now().as_millis() - begun.as_millis();
            assert!(passed < 60_000, "a step of {step} s moved the store's clock by {passed} ms");
            assert!(
                engine.load(&key(1), engine.now()).unwrap().is_some(),
                "a step of {step} s ended a session"
            );
        }
    }
    drop(engine);
    clock::step_wall(DAY);
    let engine = SharedEngine::open(options.clone()).unwrap();
    assert!(engine.load(&key(1), engine.now()).unwrap().is_some(), "ended for an opener who is alone");
    assert!(engine.now().as_millis() - begun.as_millis() < 60_000);
    waits_are_as_long_as_they_should(&engine);

    // What it slept counts: a session of half an hour is over after an hour's sleep, one of two hours is not.
    put(&engine, 2, Duration::from_hours(2));
    clock::suspend(HOUR);
    assert!(engine.load(&key(1), engine.now()).unwrap().is_none(), "prolonged by a suspend");
    assert!(engine.load(&key(2), engine.now()).unwrap().is_some());

    // A store that is made after 2038.
    clock::step_wall(BEYOND_2038);
    let made = SharedOptions { path: directory.path().join("made.store"), ..options };
    let engine = SharedEngine::open(made).unwrap();
    assert!(engine.now().as_millis() > 0x7fff_ffff * 1000);
    put(&engine, 1, Duration::from_mins(30));
    assert!(engine.load(&key(1), engine.now()).unwrap().is_some());
    clock::step_wall(0);
    format!(
        "{} steps of up to 35 years, a suspend, a store made in 2061: 0 sessions ended or prolonged",
        steps.len()
    )
}

fn put(engine: &SharedEngine, number: u32, life: Duration) {
    let now = engine.now();
    let write = Write { record: b"lives", expires: now.after(life), owner: MEMBER };
    assert!(engine.commit(&key(number), Expect::Absent, write, now).is_ok());
}

fn waits_are_as_long_as_they_should(engine: &SharedEngine) {
    let (held, free) = (Signal::new(), Signal::new());
    let holder = Child::run(|| {
        let _lease = engine.lock(&key(9), Duration::ZERO, &mut || true).unwrap();
        held.give();
        free.wait();
    });
    held.wait();
    let limit = Duration::from_millis(300);
    let begun = Instant::now();
    let mut step = DAY;
    let error = engine.lock(&key(9), limit, &mut || {
        clock::step_wall(step);
        step = -step;
        true
    });
    let waited = begun.elapsed();
    assert!(matches!(error, Err(EngineError::SessionLocked { .. })), "{error:?}");
    assert!(waited >= limit && waited < limit + Duration::from_secs(2), "waited {waited:?}");
    free.give();
    assert_eq!(holder.end(), crate::child::End::Done);
    clock::step_wall(DAY);
}
