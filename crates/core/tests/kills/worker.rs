//! What a worker does until it is killed or told to stop. Whatever it finds wrong ends it with a message, and a
//! worker that ends by itself fails the test.

use std::{ops::ControlFlow, path::PathBuf, sync::atomic::Ordering::SeqCst, time::Duration};

use holdfast_core::{
    engine::{Commit, Engine, EngineError, Expect, Owner, Stored, Version, Write},
    key::Key,
};

use crate::{
    board::{Board, Own, Worker, say},
    payload, process,
    random::Random,
    store::{
        self, COLLECTOR, OWN, OWN_OF_EACH, PASSING, PASSING_MARK, READER, SHARED, own_key, parts,
        passing_key, shared_key, value,
    },
};

const HOUR: Duration = Duration::from_hours(1);

/// The end of a worker that found something wrong.
const WRONG: i32 = 3;

macro_rules! wrong {
    ($($message:tt)*) => {{
        say(&format!("WRONG: {}", format_args!($($message)*)));
        std::process::exit(WRONG)
    }};
}

pub fn work_if_started_as_one() {
    let Ok(worker) = std::env::var(process::WORKER) else { return };
    let number: usize = worker.parse().unwrap();
    let place = PathBuf::from(std::env::var_os(process::PLACE).unwrap());
    let lock_timeout = std::env::var(process::LOCK_TIMEOUT).unwrap().parse().unwrap();
    let board = Board::open(&place);
    let engine = store::open(&place, store::ROOMY, Duration::from_millis(lock_timeout));
    let mut hand =
        Hand { engine: &*engine, board: &board, me: &board.workers[number], random: Random::new() };
    match number {
        READER => hand.read(),
        COLLECTOR => hand.collect(),
        _ => hand.write(number),
    }
    std::process::exit(0);
}

/// The state of a session of one writer, as one word: the how manieth it is, and whether the session is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    pub count: u32,
    pub there: bool,
}

impl State {
    pub fn from_word(word: u64) -> Self {
        Self { count: u32::try_from(word >> 1).unwrap(), there: word & 1 == 1 }
    }

    pub fn word(self) -> u64 {
        u64::from(self.count) << 1 | u64::from(self.there)
    }

    /// The state that `found` shows. A session that is not there does not show its count, so it is that of `absent`.
    pub fn of(session: usize, found: Option<&Stored>, absent: Self) -> Result<Self, String> {
        let Some(found) = found else { return Ok(Self { there: false, ..absent }) };
        let (mark, count) = parts(payload::value_in(&found.record)?);
        if mark as usize != session {
            return Err(format!("the record of session {mark}"));
        }
        Ok(Self { count, there: true })
    }
}

/// An operation was refused because the store is full or a lock is held: then nothing has changed.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    Full,
    Busy,
}

/// What a writer knows of a session of its own that is there.
#[derive(Clone, Copy)]
struct Mine {
    version: Version,
    bytes: usize,
}

struct Hand<'a> {
    engine: &'a dyn Engine,
    board: &'a Board,
    me: &'a Worker,
    random: Random,
}

impl Hand<'_> {
    fn going_on(&self) -> bool {
        self.board.stop.load(SeqCst) == 0
    }

    /// An operation's result. Whatever else refuses it is wrong.
    fn result<T>(&self, act: impl FnOnce(&dyn Engine) -> Result<T, EngineError>) -> Result<T, Refused> {
        match self.me.timed(|| act(self.engine)) {
            Ok(result) => Ok(result),
            Err(EngineError::Full { .. }) => {
                self.me.full.fetch_add(1, SeqCst);
                Err(Refused::Full)
            }
            Err(EngineError::Busy { .. }) => {
                self.me.busy.fetch_add(1, SeqCst);
                Err(Refused::Busy)
            }
            Err(error) => wrong!("{error}"),
        }
    }

    fn load(&self, key: &Key) -> Result<Option<Stored>, Refused> {
        self.result(|engine| engine.load(key, engine.now()))
    }

    fn commit(
        &self,
        key: &Key,
        expect: Expect,
        owner: Owner,
        life: Duration,
        record: &[u8],
    ) -> Result<Commit, Refused> {
        self.result(|engine| {
            let now = engine.now();
            engine.commit(key, expect, Write { record, expires: now.after(life), owner }, now)
        })
    }

    fn write(&mut self, writer: usize) {
        let first = writer * OWN_OF_EACH;
        let mut mine: Vec<Option<Mine>> =
            (first..first + OWN_OF_EACH).map(|session| self.adopt(session)).collect();
        while self.going_on() {
            match self.random.below(16) {
                0..9 => {
                    let nth = usize::try_from(self.random.below(OWN_OF_EACH as u64)).unwrap();
                    mine[nth] = self.change_own(first + nth, mine[nth]);
                }
                9..13 => self.raise_shared(),
                13..15 => self.pass_by(),
                _ => self.look_anywhere(),
            }
        }
    }

    /// Takes over a session from the writer before. The checker has compared it, so it is what the board says.
    fn adopt(&self, session: usize) -> Option<Mine> {
        let found = loop {
            if let Ok(found) = self.load(&own_key(session)) {
                break found;
            }
        };
        let expected = State::from_word(self.board.own[session].acknowledged.load(SeqCst));
        match State::of(session, found.as_ref(), expected) {
            Ok(state) if state == expected => {
                found.map(|found| Mine { version: found.version, bytes: found.record.len() })
            }
            other => wrong!("session {session}: {other:?} found by a new writer, {expected:?} expected"),
        }
    }

    /// A destroy, a touch or a commit of a session that nobody else changes.
    fn change_own(&mut self, session: usize, mine: Option<Mine>) -> Option<Mine> {
        match (self.random.below(16), mine) {
            (0, Some(mine)) => self.destroy_own(session, mine),
            (1, Some(mine)) => {
                self.touch_own(session);
                Some(mine)
            }
            _ => self.commit_own(session, mine),
        }
    }

    fn destroy_own(&self, session: usize, mine: Mine) -> Option<Mine> {
        let own = &self.board.own[session];
        let before = State::from_word(own.acknowledged.load(SeqCst));
        let after = State { count: before.count + 1, there: false };
        own.intent.store(after.word(), SeqCst);
        match self.result(|engine| engine.destroy(&own_key(session), engine.now())) {
            Ok(true) => {
                own.acknowledged.store(after.word(), SeqCst);
                None
            }
            Ok(false) => wrong!("session {session}: {before:?} is not there to be destroyed"),
            Err(_) => {
                own.intent.store(before.word(), SeqCst);
                Some(mine)
            }
        }
    }

    fn touch_own(&self, session: usize) {
        let touched =
            self.result(|engine| engine.touch(&own_key(session), engine.now().after(HOUR), engine.now()));
        if touched == Ok(false) {
            wrong!("session {session} is not there to be touched");
        }
    }

    fn commit_own(&mut self, session: usize, mine: Option<Mine>) -> Option<Mine> {
        let own = &self.board.own[session];
        let before = State::from_word(own.acknowledged.load(SeqCst));
        let after = State { count: before.count + 1, there: true };
        let expect = mine.map_or(Expect::Absent, |mine| Expect::Version(mine.version));
        // Many do not grow: they find room in a full store as well.
        let had = mine.map_or(0, |mine| mine.bytes);
        let mut bytes = self.random.length();
        if had > 0 && self.random.below(3) == 0 {
            bytes = bytes.min(had);
        }
        let record = payload::of(value(u32::try_from(session).unwrap(), after.count), bytes);
        own.intent.store(after.word(), SeqCst);
        match self.commit(&own_key(session), expect, Owner(7), HOUR, &record) {
            Ok(Commit::Stored(version)) => {
                own.acknowledged.store(after.word(), SeqCst);
                Some(Mine { version, bytes })
            }
            Err(Refused::Full) if bytes <= had => {
                wrong!("session {session}: Full for {bytes} bytes in place of {had}")
            }
            Err(_) => {
                own.intent.store(before.word(), SeqCst);
                mine
            }
            Ok(other) => wrong!("session {session}: {before:?} was acknowledged; {}", brief(&other)),
        }
    }

    /// Raises a count that all writers raise: load, add one, commit against the version, until it succeeds.
    fn raise_shared(&mut self) {
        let session = usize::try_from(self.random.below(SHARED as u64)).unwrap();
        let shared = &self.board.shared[session];
        let least = shared.acknowledged.load(SeqCst);
        let Ok(found) = self.load(&shared_key(session)) else { return };
        let mut base = found;
        while self.going_on() {
            let Some(there) = base else { wrong!("shared session {session} is gone") };
            let count = Self::shared_count(session, &there.record);
            if count < least {
                wrong!("shared session {session}: {least} was acknowledged, {count} is there");
            }
            let mark = u32::try_from(OWN + session).unwrap();
            let record = payload::of(value(mark, count + 1), self.random.length());
            let expect = Expect::Version(there.version);
            match self.commit(&shared_key(session), expect, Owner(7), HOUR, &record) {
                Ok(Commit::Stored(_)) => {
                    if !shared.won(count + 1) {
                        wrong!("shared session {session}: two commits of {} were acknowledged", count + 1);
                    }
                    return;
                }
                Ok(Commit::Conflict(theirs)) => base = Some(theirs),
                Ok(Commit::Gone) => base = None,
                Err(_) => return,
            }
        }
    }

    fn shared_count(session: usize, record: &[u8]) -> u32 {
        match payload::value_in(record).map(parts) {
            Ok((mark, count)) if mark as usize == OWN + session => count,
            Ok((mark, _)) => wrong!("shared session {session}: the record of session {mark}"),
            Err(error) => wrong!("shared session {session}: {error}"),
        }
    }

    /// A guest who comes for a moment. Some end soon, some are pushed out.
    fn pass_by(&mut self) {
        let key = passing_key(self.random.below(PASSING));
        let record = payload::of(value(PASSING_MARK, 1), self.random.length());
        let life = Duration::from_millis(1 + self.random.below(2000));
        match self.commit(&key, Expect::Absent, Owner::GUEST, life, &record) {
            Ok(Commit::Conflict(theirs)) => {
                check_guest(&theirs);
                let _ = self.commit(&key, Expect::Version(theirs.version), Owner::GUEST, life, &record);
            }
            Ok(Commit::Gone) => wrong!("a creation is answered with Gone"),
            Ok(Commit::Stored(_)) | Err(_) => {}
        }
    }

    fn look_anywhere(&mut self) {
        match self.random.below(4) {
            0 => {
                let session = usize::try_from(self.random.below(SHARED as u64)).unwrap();
                let least = self.board.shared[session].acknowledged.load(SeqCst);
                match self.load(&shared_key(session)) {
                    Err(_) => {}
                    Ok(None) => wrong!("shared session {session} is gone"),
                    Ok(Some(there)) => {
                        let count = Self::shared_count(session, &there.record);
                        if count < least {
                            wrong!("shared session {session}: {least} was acknowledged, {count} is there");
                        }
                    }
                }
            }
            1 => {
                let key = passing_key(self.random.below(PASSING));
                if let Ok(Some(there)) = self.load(&key) {
                    check_guest(&there);
                }
            }
            _ => self.look_at_own(),
        }
    }

    /// Looks at a session whose writer may be changing it. What had been acknowledged before is there or was replaced.
    fn look_at_own(&mut self) {
        let session = usize::try_from(self.random.below(OWN as u64)).unwrap();
        let Own { intent, acknowledged } = &self.board.own[session];
        let before = acknowledged.load(SeqCst);
        let Ok(found) = self.load(&own_key(session)) else { return };
        let quiet = intent.load(SeqCst) == before;
        let before = State::from_word(before);
        match State::of(session, found.as_ref(), before) {
            Err(error) => wrong!("session {session}: {error}"),
            Ok(state) if state.there && state.count < before.count => {
                wrong!("session {session}: {before:?} was acknowledged, {state:?} is there");
            }
            Ok(state) if quiet && state != before => {
                wrong!("session {session}: {before:?} was acknowledged and not changed, {state:?} is there");
            }
            Ok(_) => {}
        }
    }

    fn read(&mut self) {
        while self.going_on() {
            self.look_anywhere();
        }
    }

    fn collect(&mut self) {
        while self.going_on() {
            let _ = self.result(|engine| engine.collect(engine.now()));
            let _ = self.result(|engine| engine.stats());
            let mut shown = 0_u64;
            let mut each = |_| {
                shown += 1;
                ControlFlow::Continue(())
            };
            let _ = self.result(|engine| engine.visit(engine.now(), &mut each));
            if shown > OWN as u64 + SHARED as u64 + PASSING {
                wrong!("{shown} sessions are shown, more than there are keys");
            }
            for _ in 0..20 {
                self.look_anywhere();
            }
        }
    }
}

fn check_guest(there: &Stored) {
    match payload::value_in(&there.record).map(parts) {
        Ok((PASSING_MARK, _)) => {}
        other => wrong!("a guest's session: {other:?}"),
    }
}

/// A commit's outcome without its bytes.
fn brief(outcome: &Commit) -> String {
    match outcome {
        Commit::Conflict(theirs) => {
            format!("conflict with {:?}", payload::value_in(&theirs.record).map(parts))
        }
        other => format!("{other:?}"),
    }
}
