//! What is killed in the midst of, and what must be there afterwards.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use holdfast_core::{
    engine::{Engine, Expect, Owner, Write},
    id::SessionId,
    record::Body,
    session::{self, Found, Id, Lifetimes, Visit},
    store::Store,
    time::Timestamp,
};

use crate::{
    image::Image,
    payload,
    scene::{MEMBER, Scene, key, length, put},
    tracee::Tracee,
};

/// The session that it happens to.
const IT: u32 = 0;
const GUESTS: u32 = 1000;

#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// Replaces a record of so many bytes by one of so many; 0 for none.
    Put { before: usize, after: usize },
    /// Moves a session to a new id, with changes.
    Rotate { bytes: usize },
    /// Stores a guest where the last guest has to give way.
    Evict { bytes: usize },
    /// Removes what has expired.
    Expire { bytes: usize },
    /// Repairs what a process left that died in the midst of replacing a record.
    Repair { before: usize, after: usize },
}

/// The long ones come last: they are left out of the short form.
pub const OPERATIONS: [(&str, Operation); 13] = [
    ("create 600 B", Operation::Put { before: 0, after: 600 }),
    ("replace 600 B by 640 B", Operation::Put { before: 600, after: 640 }),
    ("create 9,100 B", Operation::Put { before: 0, after: 9100 }),
    ("replace 9,000 B by 9,100 B", Operation::Put { before: 9000, after: 9100 }),
    ("replace 9,100 B by 30 B", Operation::Put { before: 9100, after: 30 }),
    ("destroy 600 B", Operation::Put { before: 600, after: 0 }),
    ("destroy 9,100 B", Operation::Put { before: 9100, after: 0 }),
    ("rotate 600 B", Operation::Rotate { bytes: 600 }),
    // The long ones.
    ("rotate 9,100 B", Operation::Rotate { bytes: 9100 }),
    ("evict 40,000 B", Operation::Evict { bytes: 40_000 }),
    ("expire 600 B", Operation::Expire { bytes: 600 }),
    ("expire 9,100 B", Operation::Expire { bytes: 9100 }),
    ("repair", Operation::Repair { before: 9000, after: 9100 }),
];

/// How many of them the short form has.
pub const SHORT: usize = 8;

/// An operation on a scene.
pub struct Stage {
    pub scene: Scene,
    pub operation: Operation,
    rotated: Mutex<Option<Id>>,
}

impl Stage {
    pub fn new(operation: Operation) -> Self {
        Self { scene: Scene::new(), operation, rotated: Mutex::default() }
    }

    fn engine(&self) -> &dyn Engine {
        &*self.scene.engine
    }

    /// Makes the state before the operation.
    pub fn set(&self) {
        let engine = self.engine();
        self.scene.reset();
        match self.operation {
            Operation::Put { before: 0, .. } => {}
            Operation::Put { before, .. } => {
                put(engine, IT, Expect::Absent, before, MEMBER);
            }
            Operation::Rotate { bytes } => {
                let visit = self.visit();
                let id = Id::Issued(SessionId::issue(visit.store.secret(), &visit.cookie_name).unwrap());
                session::save(&visit, &id, None, body(&payload::of(IT, bytes))).unwrap();
                *self.rotated.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
            }
            Operation::Evict { bytes } => {
                let mut guest = GUESTS;
                let evicted = || engine.stats().unwrap().evicted;
                let before = evicted();
                while evicted() == before {
                    put(engine, guest, Expect::Absent, bytes, Owner::GUEST);
                    guest += 1;
                }
            }
            Operation::Expire { bytes } => {
                for number in GUESTS..GUESTS + 3 {
                    let record = payload::of(number, bytes);
                    let write =
                        Write { record: &record, expires: Timestamp::from_millis(1000), owner: MEMBER };
                    let before = Timestamp::from_millis(1);
                    assert!(engine.commit(&key(number), Expect::Absent, write, before).is_ok());
                }
            }
            Operation::Repair { before, after } => {
                put(engine, IT, Expect::Absent, before, MEMBER);
                self.die_replacing(after);
            }
        }
    }

    /// A process that dies in the midst of replacing the record: three quarters into its change of the shard.
    fn die_replacing(&self, after: usize) {
        let image = self.image();
        let replace = || Tracee::before(|| self.ready_to_put(after), |ready| self.replace(&ready));
        let mut first = replace();
        first.step_while(|| !image.is_dirty());
        let dirty = first.step_while(|| image.is_dirty());
        first.kill();
        image.put_back();
        let mut victim = replace();
        victim.step_while(|| !image.is_dirty());
        victim.steps(dirty * 3 / 4);
        victim.kill();
        assert!(image.is_dirty());
    }

    /// The file as it is.
    pub fn image(&self) -> Image {
        Image::of(&self.scene.options().path)
    }

    /// A process that stands before the operation.
    pub fn tracee(&self) -> Tracee {
        match self.operation {
            Operation::Put { after, .. } => {
                Tracee::before(|| self.ready_to_put(after), |ready| self.replace(&ready))
            }
            Operation::Rotate { bytes } => {
                let ready = || {
                    let visit = self.visit();
                    let id = self.rotated_id();
                    let Found::Session { base, .. } = session::load(&visit, &id).unwrap() else { panic!() };
                    (visit, id, base, payload::of(IT, bytes + 10))
                };
                Tracee::before(ready, |(visit, id, base, record)| {
                    let grace = Duration::from_secs(30);
                    session::rotate(&visit, &id, &base, body(&record), grace).unwrap();
                })
            }
            Operation::Evict { bytes } => Tracee::before(
                || length(self.engine(), 1),
                |_| {
                    put(self.engine(), IT, Expect::Absent, bytes, Owner::GUEST);
                },
            ),
            Operation::Expire { .. } => {
                let ready = || length(self.engine(), 1);
                Tracee::before(ready, |_| assert_eq!(self.engine().collect(self.engine().now()).unwrap(), 3))
            }
            Operation::Repair { .. } => {
                // Attaches without touching the shard.
                let ready = || assert!(self.engine().stats().is_ok());
                Tracee::before(ready, |()| drop(self.engine().load(&key(IT), self.engine().now()).unwrap()))
            }
        }
    }

    fn ready_to_put(&self, after: usize) -> (Vec<u8>, Expect) {
        let record = if after == 0 { Vec::new() } else { payload::of(IT, after) };
        let found = self.engine().load(&key(IT), self.engine().now()).unwrap();
        (record, found.map_or(Expect::Absent, |found| Expect::Version(found.version)))
    }

    fn replace(&self, (record, expect): &(Vec<u8>, Expect)) {
        let now = self.engine().now();
        if record.is_empty() {
            assert!(self.engine().destroy(&key(IT), now).unwrap());
            return;
        }
        let write = Write { record, expires: now.after(Duration::from_hours(1)), owner: MEMBER };
        assert!(self.engine().commit(&key(IT), *expect, write, now).is_ok());
    }

    /// Judges what is there after a death; `finished` when it came after the last instruction.
    pub fn check(&self, at: &str, finished: bool) {
        let engine = self.engine();
        match self.operation {
            Operation::Put { before, after } => {
                let found = length(engine, IT);
                assert!(found == after || found == before && !finished, "{at}: {found} bytes");
            }
            Operation::Repair { before, after } => {
                let found = length(engine, IT);
                assert!(found == after || found == before, "{at}: {found} bytes");
            }
            Operation::Rotate { bytes } => {
                let visit = self.visit();
                let Found::Session { base, moved_to } = session::load(&visit, &self.rotated_id()).unwrap()
                else {
                    panic!("{at}: the session is gone under its old id");
                };
                let found = base.opaque().map_or(&[][..], |(_, data)| data);
                assert_eq!(payload::value_in(found), Ok(IT), "{at}");
                let expected = if moved_to.is_some() { bytes + 10 } else { bytes };
                assert_eq!(found.len(), expected, "{at}");
                assert!(moved_to.is_some() || !finished, "{at}: acknowledged, and not there");
            }
            Operation::Evict { bytes } => {
                let guests = (GUESTS..GUESTS + 100).filter(|&guest| length(engine, guest) == bytes).count();
                let there = length(engine, IT);
                assert!(there == bytes || there == 0 && !finished, "{at}: {there} bytes");
                assert!(guests > 10, "{at}: {guests} guests are left");
            }
            Operation::Expire { .. } => {
                assert!((GUESTS..GUESTS + 3).all(|number| length(engine, number) == 0), "{at}");
            }
        }
        self.scene.check(at);
    }

    fn visit(&self) -> Visit {
        let engine: Arc<dyn Engine> = Arc::clone(&self.scene.engine) as _;
        let store = Store::new(engine).unwrap();
        let now = store.engine().now();
        let lifetimes = Lifetimes::idle(Duration::from_hours(1));
        Visit { store, cookie_name: "holdfast".into(), lifetimes, now }
    }

    fn rotated_id(&self) -> Id {
        self.rotated.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap()
    }
}

fn body(data: &[u8]) -> Body<'_> {
    Body::Opaque { serializer: "none", data }
}
