//! R20: the computer stops in the midst of anything, and starts again: the locks in the file name places that are other
//! processes' or nobody's, and the boot is another one. The store opens at once, with all its sessions.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use holdfast_core::{
    engine::{
        Engine, Expect,
        shared::{SharedEngine, SharedOptions},
    },
    time::Timestamp,
};

use crate::{
    Verdict,
    dice::Dice,
    form::{Form, Progress},
    image,
    operation::{OPERATIONS, SHORT, Stage},
    scene::{MEMBER, check_neighbours, put},
    tracee,
};

const LONGEST: Duration = Duration::from_secs(1);

pub fn run(form: Form) -> Verdict {
    if let Some(reason) = tracee::forbidden() {
        return format!("SKIPPED: {reason}");
    }
    let rounds: u64 = form.pick(16, 1000);
    let mut progress = Progress::of("reboots", rounds);
    let mut dice = Dice::new();
    let stages: Vec<Stage> =
        OPERATIONS[..SHORT].iter().map(|(_, operation)| Stage::new(*operation)).collect();
    let mut worst = Duration::ZERO;
    // A process that opens files in which nobody is gets the same place in each.
    let mut openers_place = None;
    for round in 0..rounds {
        let stage = &stages[round as usize % stages.len()];
        stage.set();
        let mut child = stage.tracee();
        child.steps(dice.below(2500));
        let copy = stage.scene.directory.path().join("rebooted.store");
        let mut bytes = stage.image().seen().to_vec();
        child.kill();
        // Half of the time at places of others: by turns at any, and at the very one that the opener will have.
        for shard in image::shards(bytes.len()) {
            let (place, generation) = match (dice.below(4), openers_place) {
                (0, _) => (dice.below(2048), dice.below(1 << 18)),
                (1, Some(place)) => (place, u64::from(image::generation(&bytes, place)) + 1),
                _ => continue,
            };
            let word = dice.below(1 << 20) << 32 | (generation & 0x3_ffff) << 12 | (place + 1);
            bytes[shard..shard + 8].copy_from_slice(&word.to_le_bytes());
        }
        image::reboot(&mut bytes);
        worst = worst.max(open_after(stage, &copy, &bytes, round));
        openers_place = image::place_of(&std::fs::read(&copy).unwrap(), std::process::id());
        std::fs::remove_file(&copy).unwrap();
        progress.done(round);
    }
    format!(
        "{rounds} stops in the midst of {} operations: opened in {worst:.1?} at most, 0 lost, 0 waits",
        stages.len()
    )
}

fn open_after(stage: &Stage, copy: &Path, bytes: &[u8], round: u64) -> Duration {
    std::fs::write(copy, bytes).unwrap();
    std::fs::set_permissions(copy, std::fs::Permissions::from_mode(0o600)).unwrap();
    let options = SharedOptions { path: copy.into(), ..stage.scene.options() };
    let begun = Instant::now();
    let engine = SharedEngine::open(options).unwrap();
    let at = format!("reboot {round}");
    check_neighbours(&engine, &at);
    put(&engine, 4000, Expect::Absent, 600, MEMBER);
    let took = begun.elapsed();
    assert!(took < LONGEST, "{at}: {took:?}");
    assert_eq!(engine.take_notice(), None, "{at}");
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new(), "{at}");
    let drift = engine.now().as_millis().abs_diff(Timestamp::wall().as_millis());
    assert!(drift < 5000, "{at}: the store's clock is {drift} ms off");
    took
}
