//! What a PHP value consists of, before it is encoded.

use std::collections::HashMap;

use ext_php_rs::types::Zval;
use holdfast_core::codec::{EncodeError, MAX_DEPTH};

use crate::exception::ValueFailure;
use crate::worker_cache;
use crate::zend::{
    array::Entries,
    ffi,
    value::{self, Kind},
};

/// How a value can be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Makeup {
    /// Scalars, strings and arrays: nothing that code of the application could see or change.
    Plain,
    /// With objects, each of which is a leaf.
    WithObjects,
    /// Two places of it are one PHP reference: only PHP's own format can say so.
    WithReferences,
}

/// What [`survey`] found.
pub struct Survey {
    /// How the value can be encoded.
    pub makeup: Makeup,
    /// The references of the value, by identity, held. An array that contains itself has the only reference to itself,
    /// and PHP takes a reference that is held once for no reference, and what it finds again there for null.
    pub references: HashMap<usize, Zval>,
}

/// Arrays nested no deeper are looked through without counting references.
const FEW_LEVELS: u32 = 64;

/// Looks through a value.
///
/// A reference that is met once is as good as its value, however many variables outside hold it.
pub fn survey(value: &Zval) -> Result<Survey, ValueFailure> {
    let mut references = HashMap::new();
    // SAFETY: a live array, which is only looked at.
    if value::kind(value) == Kind::Array && unsafe { ffi::hf_array_is_plain(value::table(value), FEW_LEVELS) }
    {
        return Ok(Survey { makeup: Makeup::Plain, references });
    }
    let makeup = look(value, &mut references, &mut Vec::new(), 0)?;
    Ok(Survey { makeup, references })
}

/// `around`: the references that are held once and that this value is in. Such a one is none when it is met again in
/// another place: then it is the array around it that stands in two places.
fn look(
    value: &Zval,
    met: &mut HashMap<usize, Zval>,
    around: &mut Vec<usize>,
    depth: usize,
) -> Result<Makeup, ValueFailure> {
    if value::kind(value) == Kind::Reference {
        let id = value::reference_id(value);
        if value::reference_count(value) == 1 {
            if around.contains(&id) {
                met.insert(id, value::copy(value));
                return Ok(Makeup::WithReferences);
            }
            around.push(id);
            let makeup = look(value::deref(value), met, around, depth);
            around.pop();
            return makeup;
        }
        if met.insert(id, value::copy(value)).is_some() {
            return Ok(Makeup::WithReferences);
        }
    }
    let value = value::deref(value);
    match value::kind(value) {
        Kind::Array => {
            if depth > MAX_DEPTH {
                return Err(EncodeError::TooDeep.into());
            }
            let mut makeup = Makeup::Plain;
            if worker_cache::is_node(value::table(value)) {
                return Ok(makeup);
            }
            // SAFETY: the array is held by `value`, and nothing in here changes it.
            for (_, item) in unsafe { Entries::of(value::table(value)) } {
                makeup = makeup.max(look(item, met, around, depth + 1)?);
            }
            Ok(makeup)
        }
        Kind::Object => {
            if is_closure(value) {
                return Err(ValueFailure::Unstorable("a closure can't be stored".into()));
            }
            Ok(Makeup::WithObjects)
        }
        Kind::Resource => Err(ValueFailure::Unstorable("a resource can't be stored".into())),
        _ => Ok(Makeup::Plain),
    }
}

/// Refuses a value that is itself a closure or a resource; what is inside is found when it is encoded.
pub fn refuse_unstorable(value: &Zval) -> Result<(), ValueFailure> {
    match value::kind(value) {
        Kind::Resource => Err(ValueFailure::Unstorable("a resource can't be stored".into())),
        Kind::Object if is_closure(value) => {
            Err(ValueFailure::Unstorable("a closure can't be stored".into()))
        }
        _ => Ok(()),
    }
}

fn is_closure(value: &Zval) -> bool {
    // SAFETY: a live object; classes are compared as addresses.
    unsafe { (*value::object(value)).ce == ffi::hf_ce_closure() }
}
