//! The one who starts, kills, compares and judges.

use std::{
    collections::HashSet,
    hint,
    ops::ControlFlow,
    path::Path,
    sync::atomic::Ordering::{Relaxed, SeqCst},
    thread,
    time::{Duration, Instant},
};

use holdfast_core::engine::{Commit, Engine, Expect, Owner, Write};

use crate::{
    board::{Board, nanoseconds, say},
    payload,
    process::{End, Process},
    random::Random,
    store::{self, OWN, OWN_OF_EACH, SHARED, WORKERS, WRITERS, own_key, parts, shared_key, value},
    worker::State,
};

/// No operation may take longer because somebody died or was stopped. Who is left waiting waits for the limit of the lock, and
/// that is longer; who waits for a processor only, on a machine with much other work, is not to look like that.
const LONGEST: Duration = Duration::from_secs(4);
/// What a worker that is alive gets done in this time is more than nothing.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    Kill,
    /// SIGSTOP, and then SIGCONT or SIGKILL.
    Stop,
}

pub struct Plan {
    pub name: &'static str,
    pub harm: Harm,
    pub rounds: u32,
    pub own_namespaces: bool,
    /// The size of the store.
    pub bytes: u64,
}

impl Plan {
    /// Beyond the limit of the test where nobody is ever stopped: there nothing may run into it.
    fn lock_timeout(&self) -> Duration {
        match self.harm {
            Harm::Kill => Duration::from_secs(5),
            Harm::Stop => Duration::from_millis(300),
        }
    }
}

pub fn run(plan: Plan) {
    let place = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let mut checker = Checker::start(plan, place.path());
    while checker.killed + checker.stopped < checker.plan.rounds {
        checker.harm();
        checker.progress(began);
    }
    checker.stop_all();
    checker.judge(began);
}

struct Checker<'a> {
    plan: Plan,
    place: &'a Path,
    board: Board,
    engine: Box<dyn Engine>,
    workers: Vec<Process>,
    random: Random,
    /// Bytes in use before the first session.
    empty: u64,
    killed: u32,
    stopped: u32,
    /// Kills and stops that hit the victim within an operation.
    within: u32,
    said: u32,
}

impl<'a> Checker<'a> {
    fn start(plan: Plan, place: &'a Path) -> Self {
        let board = Board::create(place);
        let engine = store::open(place, plan.bytes, plan.lock_timeout());
        let empty = engine.stats().unwrap().used_bytes;
        let now = engine.now();
        for session in 0..SHARED {
            let record = payload::of(value(u32::try_from(OWN + session).unwrap(), 0), 10);
            let write =
                Write { record: &record, expires: now.after(Duration::from_hours(1)), owner: Owner(7) };
            let outcome = engine.commit(&shared_key(session), Expect::Absent, write, now).unwrap();
            assert!(matches!(outcome, Commit::Stored(_)));
        }
        let (workers, random) = (Vec::new(), Random::new());
        let (killed, stopped, within, said) = (0, 0, 0, 0);
        let mut checker =
            Self { plan, place, board, engine, workers, random, empty, killed, stopped, within, said };
        for worker in 0..WORKERS {
            let process = checker.process(worker);
            checker.workers.push(process);
        }
        checker
    }

    fn process(&self, worker: usize) -> Process {
        let lock_timeout = self.plan.lock_timeout().as_millis();
        Process::start(worker, self.place, lock_timeout, self.plan.own_namespaces).unwrap()
    }

    /// Harms one to four workers at once, and puts things right again.
    fn harm(&mut self) {
        let mut victims = HashSet::new();
        let many = match self.plan.harm {
            Harm::Kill if self.random.below(8) == 0 => 1 + self.random.below(4),
            _ => 1,
        };
        for _ in 0..many {
            victims.insert(usize::try_from(self.random.below(WORKERS as u64)).unwrap());
        }
        // One in ten dies while it starts; the others have got something done since they started.
        if self.random.below(10) != 0 {
            for victim in &victims {
                let goal = self.operations(*victim) + 1 + self.random.below(20);
                self.wait_until(|checker| checker.operations(*victim) >= goal);
            }
        }
        self.spin();
        match self.plan.harm {
            Harm::Kill => self.kill(&victims),
            Harm::Stop => self.stop(victims.into_iter().next().unwrap()),
        }
    }

    fn kill(&mut self, victims: &HashSet<usize>) {
        for victim in victims {
            self.workers[*victim].signal(libc::SIGKILL);
        }
        for victim in victims {
            let end = self.workers[*victim].kill();
            assert_eq!(end, End::Signal(libc::SIGKILL), "worker {victim}: see its message above");
            self.killed += 1;
            self.bury(*victim);
        }
        for victim in victims {
            self.workers[*victim] = self.process(*victim);
        }
    }

    /// While the victim stands still the others go on, though some of their operations are refused.
    fn stop(&mut self, victim: usize) {
        self.workers[victim].stop();
        self.stopped += 1;
        self.within += u32::from(self.board.workers[victim].began.load(SeqCst) != 0);
        // Not an operation of somebody who waits.
        let going_on = self.board.workers[victim].began.swap(0, SeqCst);
        let before: Vec<u64> = (0..WORKERS).map(|worker| self.operations(worker)).collect();
        self.wait_until(|checker| {
            (0..WORKERS).all(|worker| worker == victim || checker.operations(worker) >= before[worker] + 3)
        });
        if self.random.below(2) == 0 {
            self.kill(&HashSet::from([victim]));
        } else {
            // Its clock for the operation begins anew: it has not waited, it was stopped.
            if going_on != 0 {
                self.board.workers[victim].began.store(nanoseconds(), SeqCst);
            }
            self.workers[victim].signal(libc::SIGCONT);
            let goal = self.operations(victim) + 1;
            self.wait_until(|checker| checker.operations(victim) >= goal);
            self.board.workers[victim].worst.store(0, SeqCst);
        }
    }

    /// Compares what a dead writer left with what it had written down.
    fn bury(&mut self, victim: usize) {
        self.within += u32::from(self.board.workers[victim].began.swap(0, SeqCst) != 0);
        if victim >= WRITERS {
            return;
        }
        for session in victim * OWN_OF_EACH..(victim + 1) * OWN_OF_EACH {
            let own = &self.board.own[session];
            let acknowledged = State::from_word(own.acknowledged.load(SeqCst));
            let intent = State::from_word(own.intent.load(SeqCst));
            let found = self.load_own(session, if intent.there { acknowledged } else { intent });
            assert!(
                found == acknowledged || found == intent,
                "session {session} of killed writer {victim}: {found:?} is there; {acknowledged:?} was \
                 acknowledged, {intent:?} intended"
            );
            own.acknowledged.store(found.word(), SeqCst);
            own.intent.store(found.word(), SeqCst);
        }
    }

    fn load_own(&self, session: usize, absent: State) -> State {
        let began = Instant::now();
        let found = loop {
            match self.engine.load(&own_key(session), self.engine.now()) {
                Err(holdfast_core::engine::EngineError::Busy { .. }) if self.plan.harm == Harm::Stop => {}
                found => break found.unwrap(),
            }
        };
        let took = began.elapsed();
        assert!(took < LONGEST, "loading session {session} took {took:?}");
        State::of(session, found.as_ref(), absent)
            .unwrap_or_else(|error| panic!("session {session}: {error}"))
    }

    fn operations(&self, worker: usize) -> u64 {
        self.board.workers[worker].operations.load(SeqCst)
    }

    /// Waits for `condition`, and watches over all the workers meanwhile.
    fn wait_until(&mut self, condition: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !condition(self) {
            self.watch();
            assert!(began.elapsed() < PATIENCE, "no progress in {PATIENCE:?}: somebody is left waiting");
            thread::sleep(Duration::from_micros(50));
        }
    }

    fn watch(&mut self) {
        for (number, worker) in self.workers.iter_mut().enumerate() {
            if let Some(end) = worker.ended() {
                panic!("worker {number} ended by itself: {end:?}; see its message above");
            }
            let began = self.board.workers[number].began.load(SeqCst);
            let took = Duration::from_nanos(nanoseconds().saturating_sub(began));
            assert!(began == 0 || took < LONGEST, "worker {number} has been in one operation for {took:?}");
        }
    }

    /// Up to 300 microseconds, so that the harm hits any instruction.
    fn spin(&mut self) {
        let end = Instant::now() + Duration::from_nanos(self.random.below(300_000));
        while Instant::now() < end {
            hint::spin_loop();
        }
    }

    fn progress(&mut self, began: Instant) {
        let done = self.killed + self.stopped;
        let step = (self.plan.rounds / 10).max(1);
        if done / step > self.said {
            self.said = done / step;
            let Plan { name, rounds, .. } = self.plan;
            let (killed, stopped) = (self.killed, self.stopped);
            let all = self.all_operations();
            say(&format!(
                "{name}: {killed} killed, {stopped} stopped of {rounds}, {all} operations, {:.1} s",
                began.elapsed().as_secs_f64()
            ));
        }
    }

    fn all_operations(&self) -> u64 {
        (0..WORKERS).map(|worker| self.operations(worker)).sum()
    }

    fn stop_all(&mut self) {
        self.board.stop.store(1, SeqCst);
        let end = Instant::now() + PATIENCE;
        for number in 0..WORKERS {
            loop {
                if let Some(how) = self.workers[number].ended() {
                    assert_eq!(how, End::Exit(0), "worker {number}: see its message above");
                    break;
                }
                assert!(Instant::now() < end, "worker {number} does not end");
                thread::sleep(Duration::from_micros(200));
            }
        }
    }

    /// The whole store, now that nobody works on it.
    fn judge(mut self, began: Instant) {
        for session in 0..OWN {
            let expected = State::from_word(self.board.own[session].acknowledged.load(SeqCst));
            assert_eq!(self.load_own(session, expected), expected, "session {session}");
        }
        let now = self.engine.now();
        for session in 0..SHARED {
            let there = self.engine.load(&shared_key(session), now).unwrap().expect("nobody destroys it");
            let (mark, count) = parts(payload::value_in(&there.record).unwrap());
            let least = self.board.shared[session].acknowledged.load(SeqCst);
            assert_eq!(mark as usize, OWN + session);
            assert!(count >= least, "shared session {session}: {count}, {least} was acknowledged");
        }
        self.engine.collect(now).unwrap();
        let mut shown = Vec::new();
        let mut each = |summary| {
            shown.push(summary);
            ControlFlow::Continue(())
        };
        self.engine.visit(now, &mut each).unwrap();
        for summary in &shown {
            let there = self.engine.load(&summary.key, now).unwrap().expect("what is shown is there");
            payload::value_in(&there.record).unwrap();
            assert_eq!((there.version, there.record.len() as u64), (summary.version, summary.bytes));
        }
        let stats = self.engine.stats().unwrap();
        assert_eq!(stats.sessions, shown.len() as u64, "what is counted is there: {stats:?}");
        self.report(began);

        for summary in &shown {
            assert!(self.engine.destroy(&summary.key, now).unwrap());
        }
        let used = self.engine.stats().unwrap().used_bytes;
        assert!(
            used <= self.empty + stats.capacity_bytes / 20,
            "R28: {} bytes were in use at first, {used} when all sessions were gone",
            self.empty
        );
        if self.plan.harm == Harm::Kill {
            let busy = self.board.workers.iter().map(|worker| worker.busy.load(Relaxed)).sum::<u64>();
            assert_eq!(busy, 0, "operations were refused because of a lock, though nobody alive held one");
        }
        let rounds = self.killed + self.stopped;
        assert!(self.within * 20 >= rounds, "only {} of {rounds} hit an operation", self.within);
        self.workers.clear();
    }

    fn report(&self, began: Instant) {
        let sum =
            |figure: fn(&crate::board::Worker) -> u64| self.board.workers.iter().map(figure).sum::<u64>();
        let worst = self.board.workers.iter().map(|worker| worker.worst.load(Relaxed)).max().unwrap_or(0);
        let stats = self.engine.stats().unwrap();
        say(&format!(
            "{}: {} killed, {} stopped, {} of them within an operation; {} operations ({} full, {} busy) in {:.1} s; \
             0 corrupt, 0 lost, 0 mixed, 0 left waiting; longest operation {:?}; {stats:?}",
            self.plan.name,
            self.killed,
            self.stopped,
            self.within,
            self.all_operations(),
            sum(|worker| worker.full.load(Relaxed)),
            sum(|worker| worker.busy.load(Relaxed)),
            began.elapsed().as_secs_f64(),
            Duration::from_nanos(worst),
        ));
    }
}
