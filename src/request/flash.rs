//! Flash data: set in one request, there for the next page, and gone after it.
//!
//! It is the variable `_flashdata`: batches under random names, each with keys and values. A request adds batches of its
//! own and removes batches that were stored when it read the session, so the merge never has two changes of one place:
//! what one request sets is not lost to another one's end. The variable stays when the last batch is gone, empty: with
//! its removal, what a request sets at the same time would be removed too.

use std::{ops::Range, sync::Arc};

use ext_php_rs::types::Zval;
use holdfast_core::buffer::Buffer;
use holdfast_core::codec::decode;
use holdfast_core::secret::fill_random;

use super::session::{Phase, Reach, Session};
use super::variables::{unreadable, unstorable};
use crate::codec::{sink::ZvalSink, survey};
use crate::exception::Failure;
use crate::server;
use crate::zend::{
    array::PhpArray,
    string::PhpString,
    value::{self, Kind},
};

const VARIABLE: &[u8] = b"_flashdata";

fn variable() -> PhpString {
    PhpString::key(VARIABLE)
}

/// What this request has to do with flash data.
#[derive(Default)]
pub(super) struct Flash {
    /// The session was read: what is stored later is for later requests.
    is_noted: bool,
    /// The variable as it was then.
    noted: Option<Noted>,
    /// What of it was built.
    built: Option<Built>,
    /// This request has ended it.
    has_ended: bool,
    /// The batch of this request that is not saved yet, and `Session::generation` as long as it isn't.
    unsaved: Option<(PhpString, u64)>,
}

/// The bytes of the variable in a record.
#[derive(Clone)]
struct Noted {
    record: Arc<Buffer>,
    range: Range<usize>,
}

impl Noted {
    fn bytes(&self) -> &[u8] {
        self.record.get(self.range.clone()).unwrap_or_default()
    }
}

struct Built {
    batches: Vec<PhpString>,
    /// The values by key, of all batches: of a key that two have, the later one.
    shown: Zval,
}

impl Session {
    /// Remembers which flash data is this request's: what is stored when it reads the session for the first time.
    pub(super) fn note_flash(&self) -> Result<(), Failure> {
        if self.flash.borrow().is_noted {
            return Ok(());
        }
        let noted = {
            let mut state = self.state.borrow_mut();
            let name = variable();
            state.reach(&name)?;
            let is_there = state.values.find(&name).is_some();
            let stored = state.stored.iter().filter(|_| is_there).find(|stored| is_it(&stored.name));
            stored.zip(state.base.as_ref()).and_then(|(stored, base)| {
                Some(Noted { record: base.record(), range: state.range_of(stored)? })
            })
        };
        let mut flash = self.flash.borrow_mut();
        flash.is_noted = true;
        flash.noted = noted;
        Ok(())
    }

    /// This request has no flash data.
    pub(super) fn forget_flash(&self) {
        let old = self.flash.replace(Flash { is_noted: true, ..Flash::default() });
        drop(old);
    }

    /// The flash data that an earlier request has set: an array.
    pub fn flash(&self) -> Result<Zval, Failure> {
        self.load()?;
        self.build_flash()?;
        let flash = self.flash.borrow();
        Ok(flash
            .built
            .as_ref()
            .map_or_else(|| PhpArray::with_capacity(0).into_value(), |built| value::copy(&built.shown)))
    }

    /// Shows other flash data for the rest of this request. Nothing is stored.
    pub fn show_flash(&self, shown: &Zval) -> Result<(), Failure> {
        if value::kind(shown) != Kind::Array {
            return Err(Failure::InvalidArgument(
                "the property flashdata takes an array; a session variable of this name is set by set('flashdata', ...)"
                    .into(),
            ));
        }
        self.load()?;
        self.build_flash()?;
        let shown = value::copy(shown);
        let old = {
            let mut flash = self.flash.borrow_mut();
            if let Some(built) = &mut flash.built {
                Some(std::mem::replace(&mut built.shown, shown))
            } else {
                flash.built = Some(Built { batches: Vec::new(), shown });
                None
            }
        };
        drop(old);
        Ok(())
    }

    /// Sets flash data for the next page.
    pub fn set_flash(&self, pairs: Vec<(PhpString, Zval)>) -> Result<(), Failure> {
        for (key, new) in &pairs {
            survey::refuse_unstorable(new).map_err(|failure| unstorable(key, &failure))?;
        }
        if pairs.is_empty() {
            return Ok(());
        }
        self.begin_change()?;
        let stored = self.flash_batches()?;
        let own = self.own_batch()?;
        let mut batch = None;
        let mut batches = PhpArray::with_capacity(1);
        for (name, old) in stored.entries() {
            let name = name.to_string();
            let old = value::copy_deref(old);
            if name.as_bytes() == own.as_bytes() {
                batch = Some(old).filter(|old| value::kind(old) == Kind::Array);
            } else if let Some(rest) = without(old, &pairs) {
                batches.insert(&name, rest);
            }
        }
        let mut batch = PhpArray::owned(batch.unwrap_or_else(|| PhpArray::with_capacity(1).into_value()));
        for (key, new) in pairs {
            drop(batch.put(&key, new));
        }
        batches.insert(&own, batch.into_value());
        drop(stored);
        self.set(&variable(), batches.into_value())?;
        self.flash.borrow_mut().unsaved = Some((own, self.generation.get()));
        Ok(())
    }

    /// Sets this request's flash data, or what it has under `key`, for the next page too. Where this request does not
    /// end it, it stays anyway.
    pub fn keep_flash(&self, key: Option<&PhpString>) -> Result<(), Failure> {
        self.load()?;
        if !server::asks_for_a_page() {
            return Ok(());
        }
        let shown = PhpArray::of(&self.flash()?);
        let pairs = match key {
            None => shown.entries().map(|(key, kept)| (key.to_string(), value::copy_deref(kept))).collect(),
            Some(key) => {
                shown.find(key).map(|kept| (key.clone(), value::copy_deref(kept))).into_iter().collect()
            }
        };
        self.set_flash(pairs)
    }

    /// Ends this request's flash data, if it is for a page: true when the session has to be saved for it.
    pub(super) fn end_flash(&self) -> Result<bool, Failure> {
        let Some(noted) = self.flash_to_end() else { return Ok(false) };
        self.flash.borrow_mut().has_ended = true;
        let left = if self.is_as_noted(&noted) {
            PhpArray::with_capacity(0)
        } else {
            let mut left = self.flash_batches()?;
            match self.build_flash() {
                // Then it is not among what could be read of the variable as it is now either.
                Ok(()) | Err(Failure::Unreadable { .. }) => {}
                Err(failure) => return Err(failure),
            }
            let ended: Vec<PhpString> =
                self.flash.borrow().built.as_ref().map(|built| built.batches.clone()).unwrap_or_default();
            for batch in ended {
                drop(left.take(&batch));
            }
            left
        };
        self.replace_flash(left)
    }

    /// Replaces the variable if it is there. It is no change of the application's, so it is not told as one.
    fn replace_flash(&self, batches: PhpArray) -> Result<bool, Failure> {
        let (name, batches) = (variable(), batches.into_value());
        let old = {
            let mut state = self.state.borrow_mut();
            state.reach(&name)?;
            state.values.find_mut(&name).map(|slot| value::replace(value::deref_mut(slot), batches))
        };
        Ok(old.is_some())
    }

    fn flash_to_end(&self) -> Option<Noted> {
        let noted = {
            let flash = self.flash.borrow();
            flash.noted.clone().filter(|_| !flash.has_ended)?
        };
        let is_kept = {
            let state = self.state.borrow();
            state.phase == Phase::Open && state.reach == Reach::Cookie && state.base.is_some()
        };
        (is_kept && server::asks_for_a_page()).then_some(noted)
    }

    /// Is the variable as it was when this request read the session? Told without building it.
    fn is_as_noted(&self, noted: &Noted) -> bool {
        let mut state = self.state.borrow_mut();
        let name = variable();
        if state.reach(&name).is_err() {
            return false;
        }
        let (Some(base), Some(current)) = (&state.base, state.values.find(&name)) else { return false };
        let Some(stored) = state.stored.iter().find(|stored| is_it(&stored.name)) else { return false };
        let is_as_stored =
            value::kind(current) == Kind::Marker || value::same(&stored.original, value::deref(current));
        is_as_stored
            && state.range_of(stored).is_some_and(|range| base.record().get(range) == Some(noted.bytes()))
    }

    /// Builds this request's flash data unless that was done. Runs code of the application where there are objects, which
    /// finds none.
    fn build_flash(&self) -> Result<(), Failure> {
        let noted = {
            let mut flash = self.flash.borrow_mut();
            if flash.built.is_some() { None } else { flash.noted.take() }
        };
        let Some(noted) = noted else { return Ok(()) };
        let built = build(&noted);
        self.flash.borrow_mut().noted = Some(noted);
        let old = self.flash.borrow_mut().built.replace(built?);
        drop(old);
        Ok(())
    }

    /// All batches as they are now. What can't be read is nobody's flash data any more.
    fn flash_batches(&self) -> Result<PhpArray, Failure> {
        let found = match self.get(&variable()) {
            Err(Failure::Unreadable { .. }) => {
                self.replace_flash(PhpArray::with_capacity(0))?;
                None
            }
            found => found?.filter(|found| value::kind(found) == Kind::Array),
        };
        Ok(PhpArray::owned(found.unwrap_or_else(|| PhpArray::with_capacity(0).into_value())))
    }

    /// The name of the batch that this request adds to. Once it is saved another page may end it, so what is set later
    /// goes into another one.
    fn own_batch(&self) -> Result<PhpString, Failure> {
        if let Some((name, generation)) = &self.flash.borrow().unsaved
            && *generation == self.generation.get()
        {
            return Ok(name.clone());
        }
        let mut random = [0; 8];
        fill_random(&mut random).map_err(holdfast_core::session::SessionError::from)?;
        // The letter keeps digits from being an integer key: integer keys may be a list, which merges in another way.
        Ok(PhpString::new(format!("f{:016x}", u64::from_le_bytes(random)).as_bytes()))
    }
}

fn is_it(name: &PhpString) -> bool {
    name.as_bytes() == VARIABLE
}

fn build(noted: &Noted) -> Result<Built, Failure> {
    let name = variable();
    let mut sink = ZvalSink::new(&name);
    let found =
        decode::decode_value(noted.bytes(), &mut sink).map_err(|failure| unreadable(&name, &failure))?;
    let (mut batches, mut shown) = (Vec::new(), PhpArray::with_capacity(0));
    if value::kind(value::deref(&found)) == Kind::Array {
        for (name, batch) in PhpArray::of(value::deref(&found)).entries() {
            batches.push(name.to_string());
            let batch = value::deref(batch);
            if value::kind(batch) != Kind::Array {
                continue;
            }
            for (key, set) in PhpArray::of(batch).entries() {
                drop(shown.put(&key.to_string(), value::copy_deref(set)));
            }
        }
    }
    Ok(Built { batches, shown: shown.into_value() })
}

/// A batch without what is set anew; `None` when nothing is left of it.
fn without(batch: Zval, pairs: &[(PhpString, Zval)]) -> Option<Zval> {
    if value::kind(&batch) != Kind::Array {
        return Some(batch);
    }
    let is_there = |batch: &PhpArray| pairs.iter().any(|(key, _)| batch.find(key).is_some());
    if !is_there(&PhpArray::of(&batch)) {
        return Some(batch);
    }
    let mut batch = PhpArray::owned(batch);
    for (key, _) in pairs {
        drop(batch.take(key));
    }
    (batch.len() > 0).then(|| batch.into_value())
}
