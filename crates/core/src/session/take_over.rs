use super::{
    Id, SessionError, Understood, Visit,
    tries::{PATIENCE, tries},
};
use crate::{
    engine::{Commit, Expect, Owner, Write},
    record::{self, Body, Client, Meta},
    time::Timestamp,
};

/// Two readings of two clocks lie so far apart, in milliseconds, that are meant to be one.
const SAME: u64 = 1000;

/// What became of a session that was to be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenOver {
    /// It is in the store now.
    Begun,
    /// It was taken over before, nobody has used it here, and it was used there since: the store has what is there now.
    Renewed,
    /// It was taken over before as it is.
    Same,
    /// The store has something newer under this id: its session was used here, or ended here.
    Newer,
}

/// Begins a guest's session that another session handler has kept under an id of its own, where it was used last at `used` (by
/// the engine's clock). `origin` says which handler that is, in the place where the browser of a login stands. Any number may
/// do so again and again: what the site does with the session here is never overwritten.
pub fn take_over(
    visit: &Visit,
    id: &Id,
    used: Timestamp,
    origin: &[u8],
    body: Body<'_>,
) -> Result<TakenOver, SessionError> {
    let (engine, key) = (visit.store.engine(), visit.key(id));
    let client = Client { agent: origin.to_vec(), ..Client::default() };
    let meta = Meta { created: used, authenticated: used, client: Some(client), ..visit.new_meta(id) };
    let record = record::write(&meta, body)?;
    let write = Write { record: &record, expires: meta.expires_after(used), owner: Owner::GUEST };
    let mut expect = Expect::Absent;
    for () in tries() {
        let there = match engine.commit(&key, expect, write, visit.now)? {
            Commit::Stored(_) if expect == Expect::Absent => return Ok(TakenOver::Begun),
            Commit::Stored(_) => return Ok(TakenOver::Renewed),
            Commit::Gone => {
                expect = Expect::Absent;
                continue;
            }
            Commit::Conflict(there) => there,
        };
        let (version, expires) = (there.version, there.expires);
        if !is_untouched(&there.record, expires, origin) {
            return Ok(TakenOver::Newer);
        }
        let Ok(Understood::Session(base)) = Understood::of(there, &key) else { return Ok(TakenOver::Newer) };
        let before = base.meta().created;
        let is_same = body_of(&base.record, base.meta())? == body_of(&record, &meta)?;
        if used.as_millis().abs_diff(before.as_millis()) <= SAME && is_same {
            return Ok(TakenOver::Same);
        }
        if used.as_millis() + SAME < before.as_millis() {
            return Ok(TakenOver::Newer);
        }
        expect = Expect::Version(version);
    }
    Err(SessionError::Contended(PATIENCE))
}

/// Whether a record is of a session that was taken over from `origin`, and that nobody has used since.
pub fn is_untouched(record: &[u8], expires: Timestamp, origin: &[u8]) -> bool {
    let Ok(Some(record::Beginning { meta, .. })) = record::Beginning::parse(record) else { return false };
    meta.user.is_none()
        && meta.client.as_ref().is_some_and(|client| client.agent == origin && client.address.is_empty())
        && meta.expires_after(meta.created) == expires
}

/// What stands in a record behind its meta.
fn body_of<'r>(record: &'r [u8], meta: &Meta) -> Result<&'r [u8], SessionError> {
    let beginning = record::begin(meta, 0)?;
    Ok(record.get(beginning.len()..).unwrap_or_default())
}
