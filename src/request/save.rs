//! Putting together what is to be stored, and storing it.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use ext_php_rs::types::Zval;
use holdfast_core::codec::root::{Root, RootWriter};
use holdfast_core::codec::{Digest, KeyRef, digest_of_value};
use holdfast_core::record::Body;
use holdfast_core::session::{self, Draft, Id, SessionError};

use super::session::{Phase, Place, Reach, Session, State};
use super::variables::unstorable;
use crate::audit;
use crate::codec::encode::{self, EncodedVariable, Variable};
use crate::exception::{Failure, ValueFailure};
use crate::worker_cache::{self, Encoding};
use crate::zend::{
    array::ArrayKey,
    error,
    string::PhpString,
    value::{self, Kind},
};

/// A variable on its way to the store.
struct Part {
    name: PhpString,
    /// PHP holds the name as an integer.
    index: Option<i64>,
    /// Where the base has it, if it does.
    stored: Option<Range<usize>>,
    /// Its value, if it was built or set.
    current: Option<Zval>,
    /// It may not be as the base has it.
    must_encode: bool,
    /// It may change without being set.
    has_objects: bool,
}

impl Part {
    fn key(&self) -> KeyRef<'_> {
        self.index.map_or_else(|| KeyRef::Bytes(self.name.as_bytes()), KeyRef::Int)
    }
}

/// A root ready to be stored.
pub(super) struct Assembled {
    pub root: Vec<u8>,
    /// It differs from the base's.
    pub is_changed: bool,
    /// Variables that could not be stored; they are as the base has them.
    pub failures: Vec<Failure>,
    /// The values whose bytes are in the root, by name.
    known: HashMap<Vec<u8>, Known>,
    /// The new variables that could not be stored.
    unsaved: Vec<(PhpString, Zval)>,
}

struct Known {
    is: Stood,
    value: Zval,
    has_objects: bool,
}

/// By what the bytes of a value are known again.
enum Stood {
    /// A node, or one of a group.
    Digest(Digest),
    /// Any other: few bytes, mostly.
    Bytes(Vec<u8>),
}

impl Stood {
    fn of(bytes: &[u8]) -> Self {
        digest_of_value(bytes).map_or_else(|| Self::Bytes(bytes.to_vec()), Self::Digest)
    }

    fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Digest(digest) => digest_of_value(bytes) == Some(*digest),
            Self::Bytes(known) => known == bytes,
        }
    }
}

/// Whether the session is used on after a save.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Continues,
    Ends,
}

impl Session {
    /// Saves what has changed. The first variable that could not be stored is the error; all others are saved then.
    pub fn save(&self) -> Result<(), Failure> {
        let (phase, obstacle) = {
            let state = self.state.borrow();
            (state.phase, state.reach.obstacle())
        };
        match (phase, obstacle) {
            (Phase::Unread | Phase::Closed, _) => Ok(()),
            (Phase::Open, Some(obstacle)) => {
                Err(Failure::InvalidState(format!("the session can't be saved: {obstacle}")))
            }
            (Phase::Open, None) => match self.commit(After::Continues)?.into_iter().next() {
                Some(failure) => Err(failure),
                None => Ok(()),
            },
        }
    }

    /// Saves at the end of the request; what went wrong is returned, to be told when everything is done.
    pub(super) fn save_at_end(&self) -> Vec<Failure> {
        let ended = self.end_flash();
        // Hooks may throw. What they leave pending would keep objects from being stored.
        let after_a_hook = |what, failure| match error::take_last() {
            Some(thrown) => Failure::InvalidState(format!("while its {what} was kept, a hook {thrown}")),
            None => failure,
        };
        let maintained = self.maintain().map_err(|failure| after_a_hook("history", failure));
        let recorded = maintained.and(self.track().map_err(|failure| after_a_hook("tracker", failure)));
        let is_kept = {
            let state = self.state.borrow();
            state.phase == Phase::Open && state.reach == Reach::Cookie
        };
        let saved = if is_kept { self.commit(After::Ends) } else { Ok(Vec::new()) };
        let mut failures = saved.unwrap_or_else(|failure| vec![failure]);
        failures.extend(ended.err());
        // What is wrong with a variable is said by the save, and not twice.
        let failures = match recorded {
            Err(failure) if failures.is_empty() => vec![failure],
            _ => failures,
        };
        // Another request logged the visitor out: what this one changed is not wanted any more.
        failures
            .into_iter()
            .filter(|failure| !matches!(failure, Failure::Session(SessionError::Gone)))
            .collect()
    }

    fn commit(&self, after: After) -> Result<Vec<Failure>, Failure> {
        let Some(place) = self.place() else { return Ok(Vec::new()) };
        if place.base.is_some() && is_untouched(&self.state.borrow()) {
            if after == After::Ends {
                self.touch_at_end(&place)?;
            }
            return Ok(Vec::new());
        }
        let known_id = self.state.borrow().id.clone().map(Id::Issued);
        let (begun, at) = match (&known_id, &place.base) {
            (Some(id), Some(base)) => {
                let before = base.record().len();
                let begun = Draft::begin(&place.visit, id, Some(base), before + before / 16 + 256)?;
                let at = begun.len();
                (begun, at)
            }
            _ => (Vec::new(), 0),
        };
        let mut assembled = self.assemble_behind(&place, begun)?;
        if !assembled.is_changed {
            if after == After::Ends {
                self.touch_at_end(&place)?;
            }
            return Ok(assembled.failures);
        }
        self.ensure_id()?;
        let Some(id) = self.state.borrow().id.clone() else { return Ok(assembled.failures) };
        let id = Id::Issued(id);
        let record = std::mem::take(&mut assembled.root);
        let saved = if at > 0 {
            let (key, draft) = (place.visit.key(&id), Draft::new(record, at));
            session::save_draft(&place.visit, &id, &key, place.base.as_ref(), draft)?
        } else {
            let root = Root::parse(&record).map_err(SessionError::from)?;
            session::save(&place.visit, &id, place.base.as_ref(), Body::Tree(root))?
        };
        audit::saved(&place.visit, &id, place.base.as_ref(), &saved);
        if let Some(new) = saved.moved_to {
            self.state.borrow_mut().id = Some(new);
        }
        if after == After::Continues {
            return self.adopt_saved(saved.base, assembled);
        }
        if let Some(cache) = self.state.borrow().cached {
            cache.remember(&saved.base);
        }
        Ok(assembled.failures)
    }

    /// Of a request that changed nothing and took long, the end is the last use.
    fn touch_at_end(&self, place: &Place) -> Result<(), Failure> {
        if let (Some(base), Some(id)) = (&place.base, self.known_id()) {
            session::touch_at_end(&place.visit, &Id::Issued(id), base)?;
        }
        Ok(())
    }

    /// The root of all variables as they are now. Runs code of the application where there are objects.
    pub(super) fn assemble(&self, place: &Place) -> Result<Assembled, Failure> {
        self.assemble_behind(place, Vec::new())
    }

    /// As [`Session::assemble`], with the root behind what is in `out`.
    fn assemble_behind(&self, place: &Place, out: Vec<u8>) -> Result<Assembled, Failure> {
        let parts = parts(&self.state.borrow());
        let variables: Vec<Variable> = parts
            .iter()
            .filter(|part| part.must_encode)
            .filter_map(|part| {
                Some(Variable { name: part.name.clone(), value: value::copy(part.current.as_ref()?) })
            })
            .collect();
        let mut cache = worker_cache::Place::of(&place.visit.store)
            .map(|cache| Encoding::new(cache, self.state.borrow().cached.is_some()));
        let encoded = encode::encode_with_cache(&variables, place.visit.store.digests(), cache.as_mut());
        drop(variables);
        put_together(parts, encoded, place, out)
    }

    /// Goes on with what somebody else has stored: what this request has built stays where it is still the same, and
    /// nothing else.
    pub(super) fn adopt_loaded(&self, base: session::Base) -> Result<(), Failure> {
        let built = {
            let state = self.state.borrow();
            let record = state.base.as_ref().map(session::Base::record);
            built(&state, record.as_ref().map_or(&[], |record| record.as_slice()))
        };
        self.adopt_known(base, built)
    }

    /// Goes on with `base`: of the values that are `known`, those stay whose bytes it has.
    fn adopt_known(&self, base: session::Base, mut known: HashMap<Vec<u8>, Known>) -> Result<(), Failure> {
        self.adopt(Some(base), |entry| {
            let known = known.remove(&name_of(entry.key))?;
            known.is.is(entry.value).then_some((known.value, known.has_objects))
        })
    }

    /// Goes on with what is stored now: what this request has built stays, what others changed is read anew.
    pub(super) fn adopt_saved(
        &self,
        base: session::Base,
        assembled: Assembled,
    ) -> Result<Vec<Failure>, Failure> {
        let Assembled { known, unsaved, failures, .. } = assembled;
        self.adopt_known(base, known)?;
        for (name, value) in unsaved {
            let mut state = self.state.borrow_mut();
            if state.values.find(&name).is_none() {
                state.values.insert(&name, value);
            }
        }
        Ok(failures)
    }
}

fn put_together(
    parts: Vec<Part>,
    encoded: Vec<Result<EncodedVariable, ValueFailure>>,
    place: &Place,
    out: Vec<u8>,
) -> Result<Assembled, Failure> {
    let at = out.len();
    let record = place.base.as_ref().map(session::Base::record);
    let record: &[u8] = record.as_ref().map_or(&[], |record| record.as_slice());
    let mut encoded = encoded.into_iter();
    let mut writer = RootWriter::new(place.visit.store.digests(), parts.len(), out);
    let (mut failures, mut known, mut unsaved) = (Vec::new(), HashMap::new(), Vec::new());
    for mut part in parts {
        let mut has_objects = part.has_objects;
        let mut bytes = part.stored.clone().and_then(|range| record.get(range)).map(Cow::Borrowed);
        if part.must_encode {
            match encoded.next() {
                Some(Ok(variable)) => {
                    has_objects = variable.has_objects;
                    bytes = Some(Cow::Owned(variable.bytes));
                }
                Some(Err(ValueFailure::Exit)) => return Err(Failure::Pending),
                Some(Err(failure)) => {
                    has_objects = true;
                    failures.push(unstorable(&part.name, &failure));
                }
                None => {}
            }
        }
        match (bytes, part.current.take()) {
            (Some(bytes), current) => {
                writer.entry(part.key(), &bytes);
                if let Some(value) = current {
                    known.insert(
                        part.name.as_bytes().to_vec(),
                        Known { is: Stood::of(&bytes), value, has_objects },
                    );
                }
            }
            (None, Some(value)) => unsaved.push((part.name, value)),
            (None, None) => {}
        }
    }
    let (root, digest) = writer.finish().map_err(SessionError::from)?;
    let is_changed = match &place.base {
        Some(base) => match base.root() {
            Some(root) => Root::parse(root).map_err(SessionError::from)?.digest() != digest,
            None => true,
        },
        None => Root::parse(&root[at..]).is_ok_and(|root| !root.is_empty()),
    };
    Ok(Assembled { root, is_changed, failures, known, unsaved })
}

/// The bytes of a name, of integers their decimal digits.
pub(super) fn name_of(key: KeyRef<'_>) -> Vec<u8> {
    match key {
        KeyRef::Int(index) => index.to_string().into_bytes(),
        KeyRef::Bytes(bytes) => bytes.to_vec(),
    }
}

/// Every variable in order, with its value if that has to be encoded.
///
/// The table has the variables of the base in the base's order, without those that were removed, and behind them those
/// that are new; so one pass over both finds each one's place in the base.
fn parts(state: &State) -> Vec<Part> {
    let mut next = 0;
    let mut parts = Vec::with_capacity(state.values.len());
    for (key, current) in state.values.entries() {
        let found = state.stored[next..].iter().position(|stored| is_named(key, &stored.name));
        let stored = found.map(|at| &state.stored[next + at]);
        next = found.map_or(state.stored.len(), |at| next + at + 1);
        let is_as_stored = stored.is_some_and(|stored| {
            value::kind(current) == Kind::Marker
                || !stored.has_objects && value::same(&stored.original, value::deref(current))
        });
        parts.push(Part {
            name: key.to_string(),
            index: if let ArrayKey::Index(index) = key { Some(index) } else { None },
            stored: stored.map(|stored| stored.range.clone()),
            current: (value::kind(current) != Kind::Marker).then(|| value::copy(current)),
            must_encode: !is_as_stored,
            has_objects: stored.is_some_and(|stored| stored.has_objects),
        });
    }
    parts
}

/// Are all variables as the base has them, and no others? False also where only encoding can tell.
fn is_untouched(state: &State) -> bool {
    if state.values.len() != state.stored.len() {
        return false;
    }
    let mut entries = state.values.entries();
    state.stored.iter().all(|stored| {
        entries.next().is_some_and(|(key, current)| {
            is_named(key, &stored.name)
                && (value::kind(current) == Kind::Marker
                    || !stored.has_objects && value::same(&stored.original, value::deref(current)))
        })
    })
}

/// The variables that were built and are as the base has them.
fn built(state: &State, record: &[u8]) -> HashMap<Vec<u8>, Known> {
    parts(state)
        .into_iter()
        .filter(|part| !part.must_encode)
        .filter_map(|part| {
            let is = Stood::of(record.get(part.stored?)?);
            let known = Known { is, value: part.current?, has_objects: part.has_objects };
            Some((part.name.as_bytes().to_vec(), known))
        })
        .collect()
}

fn is_named(key: ArrayKey<'_>, name: &PhpString) -> bool {
    match key {
        ArrayKey::Name(other) => {
            std::ptr::eq(other, name.as_ptr()) || key.as_ref() == KeyRef::Bytes(name.as_bytes())
        }
        ArrayKey::Index(index) => name.as_bytes() == index.to_string().as_bytes(),
    }
}
