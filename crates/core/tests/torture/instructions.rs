//! R02: a process is killed after every machine instruction of an operation. What another process finds then is the
//! state before or the state after, whole; all neighbours; and no invariant of the file is broken.
//!
//! First an operation runs one instruction at a time, and the file is compared after each: between two instructions that
//! change the file a death leaves the same to everybody else. Then it runs again and again from the same file, to each
//! chosen instruction, and is killed there. Of an operation of up to [`ALL_OF`] instructions the long form chooses every
//! one, of a longer one each that changes the file. What it left is judged twice: by a process that is alive, which repairs
//! the shard; and, of a copy, by an opener who is alone, as after a crash of the computer.

use std::time::Instant;

use holdfast_core::engine::{Engine, shared::SharedEngine};

use crate::{
    Verdict,
    child::{Child, End},
    form::{Form, Progress},
    image::Image,
    operation::{OPERATIONS, Operation, SHORT as SHORT_LIST, Stage},
    scene::check_neighbours,
    tracee::{self, Step, Tracee, die_with_parent},
};

/// Processes that work at an operation side by side, each on a store of its own.
const LANES: usize = 3;
/// Each point costs as many steps as there are instructions before it.
const ALL_OF: u64 = 8000;
/// Steps of the short form, for one operation and lane.
const SHORT: u64 = 15_000;

pub fn run(form: Form) -> Verdict {
    if let Some(reason) = tracee::forbidden() {
        return format!("SKIPPED: {reason}");
    }
    // HOLDFAST_OPERATION chooses those whose name has it in it.
    let wanted = std::env::var("HOLDFAST_OPERATION").unwrap_or_default();
    let points = crate::shared::Counters::new();
    let operations = &OPERATIONS[..form.pick(SHORT_LIST, OPERATIONS.len())];
    for (name, operation) in operations.iter().filter(|(name, _)| name.contains(&wanted)) {
        let begun = Instant::now();
        let before = points.sum();
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| {
                Child::run(|| {
                    die_with_parent();
                    let deaths = kill_in_lane(name, *operation, form, lane);
                    points.add(lane, deaths);
                })
            })
            .collect();
        for lane in lanes {
            assert_eq!(lane.end(), End::Done, "{name}: see the message above");
        }
        println!(
            "torture:   {name}: {} deaths in {:.1} s: 0 bad",
            points.sum() - before,
            begun.elapsed().as_secs_f64()
        );
    }
    format!("{} deaths: 0 sessions lost, torn, or of a third state; 0 invariants broken", points.sum())
}

/// What an operation does to the file.
struct Course {
    instructions: u64,
    /// After which instructions the file is another one than before them.
    changes: Vec<u64>,
}

impl Course {
    /// Runs what a child is about to do.
    fn of(image: &Image, mut child: Tracee) -> Self {
        let mut course = Self { instructions: 0, changes: Vec::new() };
        let mut before = image.seen().to_vec();
        while child.step() == Step::On {
            course.instructions += 1;
            if image.seen() != before {
                before.copy_from_slice(image.seen());
                course.changes.push(course.instructions);
            }
        }
        child.kill();
        course
    }

    fn chosen(&self, form: Form, lane: usize) -> Vec<u64> {
        let all: Vec<u64> = if form == Form::Long && self.instructions <= ALL_OF {
            (0..=self.instructions + 1).collect()
        } else {
            [&[0][..], &self.changes, &[self.instructions + 1]].concat()
        };
        let stride = match form {
            Form::Long => LANES,
            Form::Short => (self.instructions * all.len() as u64 / 2 / SHORT) as usize + LANES,
        };
        // In the short form others in every run.
        let stride = stride.min(all.len());
        let first = (std::process::id() as usize * usize::from(form == Form::Short) + lane) % stride;
        all.into_iter().skip(first).step_by(stride).collect()
    }
}

fn kill_in_lane(name: &str, operation: Operation, form: Form, lane: usize) -> u64 {
    let stage = Stage::new(operation);
    stage.set();
    let image = stage.image();
    let course = Course::of(&image, stage.tracee());
    stage.check("after its end", true);
    let points = course.chosen(form, lane);
    if lane == 0 {
        let Course { instructions, changes, .. } = &course;
        println!("torture:   {name}: {instructions} instructions, {} change the file", changes.len());
    }
    let mut progress = Progress::of(name, points.len() as u64);
    for (done, &point) in (0..).zip(&points) {
        image.put_back();
        let mut child = stage.tracee();
        let finished = child.steps(point) == Step::Finished;
        child.kill();
        let at = format!("{name}, killed after {point} instructions");
        let copy = stage.scene.directory.path().join("copy.store");
        std::fs::write(&copy, image.seen()).unwrap();
        stage.check(&at, finished);
        judge_copy(&stage, &copy, &at);
        if lane == 0 {
            progress.done(done);
        }
    }
    points.len() as u64
}

/// An opener who is alone finds every invariant, without having had to drop anything.
fn judge_copy(stage: &Stage, copy: &std::path::Path, at: &str) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::set_permissions(copy, std::fs::Permissions::from_mode(0o600)).unwrap();
    let options = holdfast_core::engine::shared::SharedOptions { path: copy.into(), ..stage.scene.options() };
    let engine = SharedEngine::open(options).unwrap();
    assert_eq!(engine.take_notice(), None, "{at}, then opened alone");
    assert_eq!(engine.problems().unwrap(), Vec::<String>::new(), "{at}, then opened alone");
    check_neighbours(&engine, at);
    drop(engine);
    std::fs::remove_file(copy).unwrap();
}
