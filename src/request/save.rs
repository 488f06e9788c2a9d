//! Putting together what is to be stored, and storing it.

use std::sync::Arc;

use ext_php_rs::types::Zval;
use holdfast_core::codec::KeyRef;
use holdfast_core::codec::listing::{Editor, Listing};
use holdfast_core::codec::root::Root;
use holdfast_core::record::Body;
use holdfast_core::session::{self, Draft, Id, SessionError};

use super::session::{Phase, Place, Reach, Session, State};
use super::table::{Known, Stood, bytes_in, index_of, is_as_stored, key_of};
use super::variables::unstorable;
use crate::audit;
use crate::codec::encode::{self, EncodedVariable, Variable};
use crate::exception::{Failure, ValueFailure};
use crate::worker_cache::{self, Encoding};
use crate::zend::{
    error,
    string::PhpString,
    value::{self, Kind},
};

/// A variable on its way to the store.
struct Part {
    name: PhpString,
    /// PHP holds the name as an integer.
    index: Option<i64>,
    /// Its number in the base's root, if it has it.
    stored: Option<usize>,
    /// Its value, if it was built or set.
    current: Option<Zval>,
    /// It may not be as the base has it.
    must_encode: bool,
    /// It is encoded where it is put into the root.
    is_simple: bool,
    /// It may change without being set.
    has_objects: bool,
}

impl Part {
    fn key(&self) -> KeyRef<'_> {
        key_of(&self.name, self.index)
    }
}

/// What there is to be stored.
struct Parts {
    /// In the order of the base, and then those that are new.
    parts: Vec<Part>,
    /// What the base has beside them is to stay.
    keeps_others: bool,
}

/// A root ready to be stored.
pub(super) struct Assembled {
    pub root: Vec<u8>,
    /// It differs from the base's.
    pub is_changed: bool,
    /// Variables that could not be stored; they are as the base has them.
    pub failures: Vec<Failure>,
    listing: Arc<Listing>,
    /// The values whose bytes are in the root.
    known: Vec<Known>,
    /// The new variables that could not be stored.
    unsaved: Vec<(PhpString, Zval)>,
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
        if place.base.is_some() && self.state.borrow().is_untouched() {
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
        let mut saved = if at > 0 {
            let key = place.base.as_ref().map_or_else(|| place.visit.key(&id), |base| *base.key());
            let draft = Draft::new(record, at);
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
            saved.base.take_listing(&assembled.listing);
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
        let (mut parts, keeps) = {
            let state = self.state.borrow();
            (parts(&state), state.cached.is_some())
        };
        let mut cache = worker_cache::Place::of(&place.visit.store).map(|cache| Encoding::new(cache, keeps));
        for part in parts.parts.iter_mut().filter(|part| part.must_encode) {
            part.is_simple =
                part.current.as_ref().is_some_and(|current| encode::is_simple(current, cache.as_ref(), None));
        }
        let variables: Vec<Variable> = parts
            .parts
            .iter()
            .filter(|part| part.must_encode && !part.is_simple)
            .filter_map(|part| {
                Some(Variable { name: part.name.clone(), value: value::copy(part.current.as_ref()?) })
            })
            .collect();
        let encoded = if variables.is_empty() {
            Vec::new()
        } else {
            encode::encode(&variables, place.visit.store.digests(), cache.as_mut(), None)
        };
        drop(variables);
        put_together(parts, encoded, cache.as_ref(), place, out)
    }

    /// Goes on with what somebody else has stored: what this request has built stays where it is still the same, and
    /// nothing else.
    pub(super) fn adopt_loaded(&self, base: session::Base) -> Result<(), Failure> {
        let built = self.state.borrow().built();
        self.adopt(Some(base), built)
    }

    /// Goes on with what is stored now: what this request has built stays, what others changed is read anew.
    pub(super) fn adopt_saved(
        &self,
        mut base: session::Base,
        assembled: Assembled,
    ) -> Result<Vec<Failure>, Failure> {
        let Assembled { listing, mut known, unsaved, failures, .. } = assembled;
        if !base.take_listing(&listing) {
            for known in &mut known {
                known.number = None;
            }
        }
        self.adopt(Some(base), known)?;
        for (name, value) in unsaved {
            let mut state = self.state.borrow_mut();
            state.reach(&name)?;
            if state.values.find(&name).is_none() {
                state.values.insert(&name, value);
            }
        }
        Ok(failures)
    }
}

fn put_together(
    Parts { parts, keeps_others }: Parts,
    encoded: Vec<Result<EncodedVariable, ValueFailure>>,
    cache: Option<&Encoding>,
    place: &Place,
    out: Vec<u8>,
) -> Result<Assembled, Failure> {
    let before = place.base.as_ref().and_then(|base| Some((base.root()?, base.listing()?.as_ref())));
    let others = if keeps_others { before.map_or(0, |(_, listing)| listing.len()) } else { 0 };
    let new = parts.iter().filter(|part| part.stored.is_none() || !keeps_others).count();
    let mut encoded = encoded.into_iter();
    let mut editor = Editor::new(place.visit.store.digests(), before, others + new, out);
    let (mut failures, mut known, mut unsaved) = (Vec::new(), Vec::new(), Vec::new());
    // Others of the base up to here were carried over.
    let mut kept = 0;
    let keep = |editor: &mut Editor<'_, '_>, numbers| editor.keep(numbers).map_err(SessionError::from);
    for part in parts {
        if keeps_others {
            let until = part.stored.unwrap_or(others);
            keep(&mut editor, kept..until)?;
            kept = part.stored.map_or(others, |number| number + 1);
        }
        let mut has_objects = part.has_objects;
        let mut bytes = None;
        if part.must_encode && !part.is_simple {
            match encoded.next() {
                Some(Ok(variable)) => {
                    has_objects = variable.has_objects;
                    bytes = Some(variable.bytes);
                }
                Some(Err(ValueFailure::Exit)) => return Err(Failure::Pending),
                Some(Err(failure)) => {
                    has_objects = true;
                    failures.push(unstorable(&part.name, &failure));
                }
                None => {}
            }
        }
        let number = editor.count();
        let is = match (&part.current, bytes, part.stored) {
            (Some(current), _, _) if part.is_simple => {
                let written =
                    editor.entry_with(part.key(), |out| encode::encode_simple(current, cache, None, out));
                has_objects = false;
                Some(Stood::of(written.map_err(SessionError::from)?))
            }
            (_, Some(bytes), _) => {
                editor.entry(part.key(), &bytes).map_err(SessionError::from)?;
                Some(Stood::of_written(bytes))
            }
            (_, None, Some(stored)) => {
                keep(&mut editor, stored..stored + 1)?;
                place.base.as_ref().and_then(|base| bytes_in(base, stored)).map(Stood::of)
            }
            (_, None, None) => None,
        };
        let Part { name, index, current, .. } = part;
        match (is, current) {
            (Some(is), Some(value)) => {
                known.push(Known { name, index, number: Some(number), is, value, has_objects });
            }
            (None, Some(value)) => unsaved.push((name, value)),
            (_, None) => {}
        }
    }
    if keeps_others {
        keep(&mut editor, kept..others)?;
    }
    let (root, listing) = editor.finish().map_err(SessionError::from)?;
    let is_changed = match &place.base {
        Some(base) => base.root_digest() != Some(listing.digest()),
        None => !listing.is_empty(),
    };
    Ok(Assembled { root, is_changed, failures, listing: Arc::new(listing), known, unsaved })
}

/// The bytes of a name, of integers their decimal digits.
pub(super) fn name_of(key: KeyRef<'_>) -> Vec<u8> {
    match key {
        KeyRef::Int(index) => index.to_string().into_bytes(),
        KeyRef::Bytes(bytes) => bytes.to_vec(),
    }
}

/// The variables of the table.
fn parts(state: &State) -> Parts {
    let mut parts = Vec::with_capacity(state.values.len());
    for (key, current, stored) in state.variables() {
        parts.push(Part {
            name: key.to_string(),
            index: index_of(key),
            stored: stored.map(|stored| stored.number),
            current: (value::kind(current) != Kind::Marker).then(|| value::copy(current)),
            is_simple: false,
            must_encode: !stored.is_some_and(|stored| is_as_stored(stored, current)),
            has_objects: stored.is_some_and(|stored| stored.has_objects),
        });
    }
    if !state.is_whole {
        parts.sort_by_key(|part| part.stored.unwrap_or(usize::MAX));
    }
    Parts { parts, keeps_others: !state.is_whole }
}
