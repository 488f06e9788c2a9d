//! R04: a repair whose process is killed is repaired by the next, however often that happens. `HOLDFAST_LINKS` is how
//! often, 5 and 1000 when unset.

use std::time::Instant;

use holdfast_core::engine::Engine;

use crate::{
    Verdict,
    dice::Dice,
    form::{Form, Progress},
    operation::{Operation, Stage},
    tracee::{self, Step},
};

pub fn run(form: Form) -> Verdict {
    if let Some(reason) = tracee::forbidden() {
        return format!("SKIPPED: {reason}");
    }
    let links = match std::env::var("HOLDFAST_LINKS") {
        Ok(text) => text.parse().expect("HOLDFAST_LINKS is a number"),
        Err(_) => form.pick(5, 1000),
    };
    let stage = Stage::new(Operation::Repair { before: 9000, after: 9100 });
    let repairs = || stage.scene.engine.stats().unwrap().repairs;
    stage.set();
    let image = stage.image();
    let mut first = stage.tracee();
    let dead = image.acquisitions();
    first.step_while(|| image.acquisitions() == dead);
    let within = first.step_while(|| image.is_dirty());
    first.kill();
    stage.check("repaired", true);
    image.put_back();

    let mut progress = Progress::of("killed repairers", links);
    let begun = Instant::now();
    let before = repairs();
    let mut dice = Dice::new();
    for link in 0..links {
        let mut repairer = stage.tracee();
        // The course of a repair depends a little on what the dead ones did.
        let point = dice.below(within * 3 / 4);
        let dead = image.acquisitions();
        repairer.step_while(|| image.acquisitions() == dead);
        assert_eq!(repairer.steps(point), Step::On);
        repairer.kill();
        assert!(image.is_dirty(), "the {link}th repairer had done its work before it was killed");
        progress.done(link);
    }
    stage.check("after the last of the chain", true);
    assert_eq!(repairs(), before + 1, "one repair was ended, that of the last");
    format!(
        "{links} repairers killed one after the other within {within} instructions, in {:.1} s; then one repaired: nothing \
         lost",
        begun.elapsed().as_secs_f64()
    )
}
