//! R16: members stay, whole and writable, in a store that guests fill up again and again.

use holdfast_core::engine::{
    Engine, EngineError, Expect, Owner, Write,
    shared::{SharedEngine, SharedOptions},
};

use crate::{
    Verdict,
    form::{Form, Progress},
    payload,
    scene::{MEMBER, MIB, directory, key, length, put},
};

const BYTES: usize = 600;

pub fn run(form: Form) -> Verdict {
    let (size, members, guests) = form.pick((4 * MIB, 1000, 20_000), (32 * MIB, 10_000, 1_000_000));
    let directory = directory();
    let engine =
        SharedEngine::open(SharedOptions { size, ..SharedOptions::at(directory.path().join("a.store")) })
            .unwrap();
    let mut versions: Vec<_> =
        (0..members).map(|member| put(&engine, member, Expect::Absent, BYTES, MEMBER)).collect();
    let mut progress = Progress::of("guests", guests.into());
    let mut refused = 0;
    for guest in 0..guests {
        let (now, record) = (engine.now(), payload::of(guest, BYTES + (guest % 3000) as usize));
        let write = Write {
            record: &record,
            expires: now.after(std::time::Duration::from_hours(1)),
            owner: Owner::GUEST,
        };
        match engine.commit(&key(1 << 24 | guest), Expect::Absent, write, now) {
            Ok(_) => {}
            Err(EngineError::Full { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        // A member comes by, whose session does not grow.
        if guest % 16 == 0 {
            let member = (guest / 16 % members) as usize;
            versions[member] = put(&engine, member as u32, Expect::Version(versions[member]), BYTES, MEMBER);
        }
        progress.done(guest.into());
    }
    for member in 0..members {
        assert_eq!(length(&engine, member), BYTES, "member {member}");
    }
    let stats = engine.stats().unwrap();
    assert!(stats.evicted > u64::from(guests) / 3, "guests had to give way: {stats:?}");
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new());
    format!(
        "{guests} guests through {} MiB: all of {members} members whole, each of their saves stored; {} guests gave way, {refused} \
         refused",
        size / MIB,
        stats.evicted
    )
}
