//! Death at every step of every change: what a dead process leaves is either the old state or the new one, and its
//! repair leaves nothing behind.

use super::{
    child::{Child, End, no_forks},
    verify::problems,
    *,
};
use crate::engine::shared::order::death;

const NEIGHBOURS: u64 = 40;

/// A store with some sessions of mixed sizes, and one that dies in operations on `key(0)`.
struct Scene {
    directory: TempDir,
    engine: SharedEngine,
    sizes: [usize; 2],
}

impl Scene {
    fn new(before: usize, after: usize) -> Self {
        let directory = TempDir::new().unwrap();
        let engine = SharedEngine::open(options(&directory, 1 << 20)).unwrap();
        for number in 1..=NEIGHBOURS {
            let length = [90, 600, 1900, 9100][number as usize % 4];
            stored(engine.commit(&key(number), Expect::Absent, write(&record(number, length)), NOW));
        }
        Self { directory, engine, sizes: [before, after] }
    }

    /// The state of `key(0)` before the operation; `which` of the two sizes, 0 bytes for none.
    fn set(&self, which: usize) {
        self.engine.destroy(&key(0), NOW).unwrap();
        if self.sizes[which] > 0 {
            let record = record(0, self.sizes[which]);
            stored(self.engine.commit(&key(0), Expect::Absent, write(&record), NOW));
        }
    }

    fn operate(&self) {
        let after = record(0, self.sizes[1]);
        if self.sizes[1] == 0 {
            assert!(self.engine.destroy(&key(0), NOW).unwrap());
            return;
        }
        let expect = match self.engine.load(&key(0), NOW).unwrap() {
            Some(old) => Expect::Version(old.version),
            None => Expect::Absent,
        };
        stored(self.engine.commit(&key(0), expect, write(&after), NOW));
    }

    fn check(&self, at: &str) {
        let length = self.engine.load(&key(0), NOW).unwrap().map_or(0, |stored| {
            assert_eq!(stored.record, record(0, stored.record.len()), "{at}");
            stored.record.len()
        });
        assert!(self.sizes.contains(&length), "{at}: {length} bytes");
        for number in 1..=NEIGHBOURS {
            let length = [90, 600, 1900, 9100][number as usize % 4];
            let stored = self.engine.load(&key(number), NOW).unwrap().expect(at);
            assert_eq!(stored.record, record(number, length), "{at}");
        }
        let opened = attach::attach(&options(&self.directory, 1 << 20)).unwrap();
        assert_eq!(problems(&opened.store), Vec::<String>::new(), "{at}");
        opened.store.close();
    }

    /// Operates in a child that dies at its `step`th step.
    fn die(&self, step: u64) -> End {
        Child::run(|| {
            // Attaches, and loads what the operation will ask for, before the steps are counted.
            self.engine.load(&key(0), NOW).unwrap();
            death::after(step);
            self.operate();
            death::after(u64::MAX);
        })
        .end()
    }

    /// Dies at every step; how many there are.
    fn die_everywhere(&self) -> u64 {
        for step in 1.. {
            self.set(0);
            match self.die(step) {
                End::Killed => self.check(&format!("{:?}, killed at step {step}", self.sizes)),
                End::Done => return step - 1,
                End::Panicked => panic!("{:?}, step {step}", self.sizes),
            }
        }
        unreachable!()
    }
}

#[test]
fn r02_death_at_every_step_in_crowded_lines_loses_no_neighbour() {
    // Far more sessions than slots: every line overflows, and lines come and go.
    let crowd = |engine: &SharedEngine| {
        for number in 10_000..15_500 {
            stored(engine.commit(&key(number), Expect::Absent, write(&record(number, 30)), NOW));
        }
    };
    let mut steps = 0;
    for (before, after) in [(0, 30), (30, 0)] {
        let scene = Scene::new(before, after);
        crowd(&scene.engine);
        steps += scene.die_everywhere();
        for number in 10_000..15_500 {
            let stored = scene.engine.load(&key(number), NOW).unwrap().expect("a neighbour was lost");
            assert_eq!(stored.record, record(number, 30));
            assert!(scene.engine.destroy(&key(number), NOW).unwrap());
        }
        scene.check("emptied");
    }
    assert!(steps >= 16, "only {steps} steps were seen");
}

#[test]
fn r02_death_at_every_step_leaves_the_old_state_or_the_new_one() {
    let mut steps = 0;
    for (before, after) in [
        (0, 600),
        (600, 640),
        (600, 1500),
        (600, 0),
        (0, 9100),
        (9100, 9000),
        (9100, 30),
        (30, 9100),
        (9100, 0),
    ] {
        steps += Scene::new(before, after).die_everywhere();
    }
    assert!(steps > 100, "only {steps} steps were seen");
}

#[test]
fn r04_death_at_every_step_of_a_repair_leaves_a_repair_that_works() {
    for (before, after) in [(9100, 9000), (600, 640), (600, 0)] {
        let scene = Scene::new(before, after);
        scene.set(0);
        let steps = Scene::new(before, after).die_everywhere();
        // A third and two thirds into the operation: before and after its publication.
        for dead_at in [steps / 3, steps * 2 / 3, steps - 2] {
            for step in 1.. {
                scene.set(0);
                assert_eq!(scene.die(dead_at), End::Killed);
                let repairer = Child::run(|| {
                    // Attaches without touching the shard: nothing else here is in the way of the steps.
                    scene.engine.stats().unwrap();
                    death::after(step);
                    let _ = scene.engine.load(&key(0), NOW);
                    death::after(u64::MAX);
                });
                let end = repairer.end();
                scene.check(&format!("{:?}, killed at {dead_at}, repairer at step {step}", scene.sizes));
                if end == End::Done {
                    break;
                }
                assert_eq!(end, End::Killed);
            }
        }
    }
}

#[test]
fn r02_death_at_every_step_is_survived_by_an_opener_that_is_alone() {
    for (before, after) in [(600, 640), (9100, 9000), (600, 0)] {
        let mut scene = Scene::new(before, after);
        for step in 1.. {
            scene.set(0);
            let options = options(&scene.directory, 1 << 20);
            if scene.die(step) == End::Done {
                break;
            }
            // The last user goes, and the next one finds locks and changes of the dead.
            let Scene { directory, engine, sizes } = scene;
            let _alone = no_forks();
            drop(engine);
            scene = Scene { directory, engine: SharedEngine::open(options).unwrap(), sizes };
            assert_eq!(scene.engine.take_notice(), None);
            scene.check(&format!("{sizes:?}, killed at step {step}, then opened"));
        }
    }
}
