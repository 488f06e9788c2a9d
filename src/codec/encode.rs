//! Session variables into bytes.
//!
//! A variable without objects is a tree that the codec writes. Objects are leaves in PHP's own format. PHP writes an
//! object that occurs again as the number of its first occurrence, so all objects of one save are serialized in one
//! numbering, and where a leaf points at an earlier one, its variable can't be a tree of independent leaves:
//!
//! - within one variable, the whole variable becomes one leaf;
//! - across variables, each of them holds the same bytes with all of them, a *group*, and building one builds all.
//!
//! Those are serialized a second time for that, so `__serialize` and `__sleep` run twice there.

use std::{borrow::Cow, cell::RefCell, collections::HashMap, marker::PhantomData};

use ext_php_rs::types::Zval;
use holdfast_core::codec::{
    DigestKey, EncodeError,
    encode::{self, Encoder, Simple},
    group, php_serialize,
};

use super::kept::Kept;
use super::source::ZvalSource;
use super::survey::{self, Makeup, Survey};
use crate::exception::ValueFailure;
use crate::worker_cache::Encoding;
use crate::zend::{
    array::PhpArray,
    error::{self, Thrown},
    serialize::SerializeContext,
    string::PhpString,
    value::{self, Kind},
};

/// A variable to encode, held for as long as that takes.
pub struct Variable {
    /// Its name.
    pub name: PhpString,
    /// Its value.
    pub value: Zval,
}

/// An encoded variable.
pub struct EncodedVariable {
    /// Its bytes, as they stand in a record's root.
    pub bytes: Vec<u8>,
    /// It has objects or references, so it can change without being set.
    pub has_objects: bool,
}

/// Encodes variables that are saved together. May run code of the application. What is in `cache` or `kept` is carried over,
/// and what is written may be put into the cache.
pub fn encode(
    variables: &[Variable],
    digests: &DigestKey,
    cache: Option<&mut Encoding>,
    kept: Option<&Kept>,
) -> Vec<Result<EncodedVariable, ValueFailure>> {
    let mut objects = Objects::new(variables.len());
    // The references stay held until everything is serialized.
    let surveys: Vec<_> = variables.iter().map(|variable| survey::survey(&variable.value)).collect();
    objects.link_references(&surveys);
    let mut encoded = Vec::with_capacity(variables.len());
    let mut source = ZvalSource {
        objects: &mut objects,
        cache,
        kept,
        may_keep: false,
        variable: 0,
        held: RefCell::default(),
        borrow: PhantomData,
    };
    let mut writer = Encoder::new(digests);
    let mut room = Vec::new();
    for ((number, variable), survey) in variables.iter().enumerate().zip(&surveys) {
        encoded.push(match survey {
            Ok(Survey { makeup: Makeup::WithReferences, .. }) => source
                .objects
                .leaf(number, value::deref(&variable.value))
                .and_then(|bytes| opaque(bytes.as_ref().to_vec(), digests)),
            Ok(Survey { makeup, .. }) => {
                source.variable = number;
                // Code of the application, which runs where there are objects, may free an array that was written.
                source.may_keep = *makeup == Makeup::Plain;
                room.clear();
                writer.encode(&mut source, &variable.value, &mut room).map(|()| EncodedVariable {
                    bytes: room.as_slice().into(),
                    has_objects: *makeup == Makeup::WithObjects,
                })
            }
            Err(failure) => Err(ValueFailure::Unstorable(failure.to_string())),
        });
    }
    drop(source);
    // PHP has one numbering open at a time: what is serialized now begins anew.
    objects.context = None;
    for members in objects.shared_groups() {
        let group = whole(&group_value(variables, &members));
        for &number in &members {
            encoded[number] = match &group {
                Ok(bytes) => {
                    let mut out = Vec::new();
                    group::write_group_member(digests, bytes, &mut out);
                    Ok(EncodedVariable { bytes: out, has_objects: true })
                }
                Err(failure) => Err(ValueFailure::Unstorable(failure.to_string())),
            };
        }
    }
    for number in objects.whole_variables() {
        encoded[number] = whole(&variables[number].value).and_then(|bytes| opaque(bytes, digests));
    }
    encoded
}

/// Is it a value without objects, and without references that somebody else could hold?
pub fn is_plain(value: &Zval) -> bool {
    match value::kind(value) {
        Kind::Null | Kind::False | Kind::True | Kind::Long | Kind::Double | Kind::String => true,
        _ => survey::survey(value)
            .is_ok_and(|survey| survey.makeup == Makeup::Plain && survey.references.is_empty()),
    }
}

/// Encodes a value that is plain: no code of the application runs.
pub fn encode_plain(
    value: &Zval,
    digests: &DigestKey,
    cache: Option<&mut Encoding>,
    out: &mut Vec<u8>,
) -> Result<(), ValueFailure> {
    let mut objects = Objects::new(0);
    let mut source = ZvalSource {
        objects: &mut objects,
        cache,
        kept: None,
        may_keep: true,
        variable: 0,
        held: RefCell::default(),
        borrow: PhantomData,
    };
    encode::encode_value(&mut source, value, digests, out)
}

/// Is it a scalar, a string, or an array that can be carried over? Such a variable shares nothing with another.
pub fn is_simple(value: &Zval, cache: Option<&Encoding>, kept: Option<&Kept>) -> bool {
    match value::kind(value) {
        Kind::Null | Kind::False | Kind::True | Kind::Long | Kind::Double | Kind::String => true,
        Kind::Array => {
            let array = value::table(value);
            PhpArray::of(value).len() == 0
                || cache.is_some_and(|cache| cache.has(array))
                || kept.is_some_and(|kept| kept.has(array))
        }
        _ => false,
    }
}

/// Encodes a variable that is simple.
pub fn encode_simple(
    value: &Zval,
    cache: Option<&Encoding>,
    kept: Option<&Kept>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let simple = match value::kind(value) {
        Kind::False => Simple::Bool(false),
        Kind::True => Simple::Bool(true),
        Kind::Long => Simple::Int(value::long(value)),
        Kind::Double => Simple::Float(value::double(value)),
        Kind::String => Simple::Bytes(value::bytes(value)),
        Kind::Array if PhpArray::of(value).len() == 0 => Simple::EmptyArray,
        Kind::Array => {
            let array = value::table(value);
            let cached = cache.and_then(|cache| cache.carry(array, out));
            let carried = cached.or_else(|| kept?.carry(array, out));
            return carried.map(drop).ok_or(EncodeError::Changed);
        }
        _ => Simple::Null,
    };
    encode::write_simple(simple, out);
    Ok(())
}

/// One leaf for a whole variable.
fn opaque(bytes: Vec<u8>, digests: &DigestKey) -> Result<EncodedVariable, ValueFailure> {
    let leaf = holdfast_core::value::Value::Opaque(bytes);
    let mut out = Vec::new();
    encode::encode_value(&mut holdfast_core::value::ValueSource, &leaf, digests, &mut out)?;
    Ok(EncodedVariable { bytes: out, has_objects: true })
}

/// A value in PHP's own format, in a numbering of its own.
fn whole(value: &Zval) -> Result<Vec<u8>, ValueFailure> {
    serialized(&mut SerializeContext::new(), value).map(|bytes| bytes.as_bytes().to_vec())
}

fn serialized(context: &mut SerializeContext, value: &Zval) -> Result<PhpString, ValueFailure> {
    context.serialize(value).ok_or_else(|| match error::take_pending() {
        Some(Thrown::Exit) => ValueFailure::Exit,
        Some(Thrown::Exception(text)) => ValueFailure::Unstorable(text),
        None => ValueFailure::Unstorable("PHP can't serialize it".into()),
    })
}

/// The variables of a group under their names.
fn group_value(variables: &[Variable], members: &[usize]) -> Zval {
    let mut array = PhpArray::with_capacity(members.len());
    for &number in members {
        array.insert(&variables[number].name, value::copy(&variables[number].value));
    }
    array.into_value()
}

/// An object in PHP's own format.
pub enum Leaf {
    /// As PHP wrote it.
    Whole(PhpString),
    /// What was made of that.
    Made(Vec<u8>),
}

impl AsRef<[u8]> for Leaf {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes.as_bytes(),
            Self::Made(bytes) => bytes,
        }
    }
}

/// The objects of one save, in one numbering.
pub struct Objects {
    context: Option<SerializeContext>,
    /// The number of the last value that was serialized and counted.
    slots: u64,
    /// Which variable the values up to a number belong to, ascending.
    owners: Vec<(u64, usize)>,
    /// The leaves since then, which refer to nothing, and their variables: they are counted when another one may.
    uncounted: Vec<(PhpString, usize)>,
    /// For each variable another one of its group, or itself.
    linked_to: Vec<usize>,
    /// Variables one of whose leaves points at an earlier one.
    entangled: Vec<bool>,
}

impl Objects {
    pub(super) fn new(variables: usize) -> Self {
        Self {
            context: None,
            slots: 0,
            owners: Vec::new(),
            uncounted: Vec::new(),
            linked_to: (0..variables).collect(),
            entangled: vec![false; variables],
        }
    }

    /// Serializes an object of a variable as a leaf that stands alone, and notes what it points at.
    pub fn leaf(&mut self, variable: usize, object: &Zval) -> Result<Leaf, ValueFailure> {
        let context = self.context.get_or_insert_with(SerializeContext::new);
        let bytes = match serialized(context, object) {
            Ok(bytes) => bytes,
            Err(failure) => {
                self.begin_anew();
                return Err(failure);
            }
        };
        if !php_serialize::may_refer(bytes.as_bytes()) {
            self.uncounted.push((bytes.clone(), variable));
            return Ok(Leaf::Whole(bytes));
        }
        self.count();
        let base = self.slots;
        let Some(scan) = php_serialize::scan(bytes.as_bytes(), base) else {
            // A custom `C:` payload numbers values in a way that only its class knows.
            self.entangled[variable] = true;
            self.begin_anew();
            return Ok(Leaf::Whole(bytes));
        };
        self.slots = base + scan.slots;
        self.owners.push((self.slots, variable));
        if scan.reaches_back {
            for slot in php_serialize::earlier(bytes.as_bytes(), base) {
                if let Some(owner) = self.owner_of(slot) {
                    self.entangled[variable] = true;
                    self.link(variable, owner);
                }
            }
            // Nothing of this leaf is used: its variable is serialized again.
            return Ok(Leaf::Made(Vec::new()));
        }
        let alone = php_serialize::stand_alone(bytes.as_bytes(), base);
        Ok(Leaf::Made(alone.map_or_else(Vec::new, Cow::into_owned)))
    }

    /// Numbers the values of the leaves that refer to nothing, which a later one may refer to.
    fn count(&mut self) {
        for (bytes, variable) in std::mem::take(&mut self.uncounted) {
            if let Some(scan) = php_serialize::scan(bytes.as_bytes(), self.slots) {
                self.slots += scan.slots;
                self.owners.push((self.slots, variable));
            }
        }
    }

    /// Links variables that have one PHP reference in common.
    fn link_references(&mut self, surveys: &[Result<Survey, ValueFailure>]) {
        let mut first = HashMap::new();
        for (number, survey) in surveys.iter().enumerate() {
            for reference in survey.iter().flat_map(|survey| survey.references.keys()) {
                let owner = *first.entry(*reference).or_insert(number);
                if owner != number {
                    self.link(number, owner);
                }
            }
        }
    }

    /// After a failure the numbering is unknown: what follows shares nothing with what was before.
    fn begin_anew(&mut self) {
        self.context = None;
        self.slots = 0;
        self.owners.clear();
        self.uncounted.clear();
    }

    fn owner_of(&self, slot: u64) -> Option<usize> {
        let at = self.owners.partition_point(|(last, _)| *last < slot);
        self.owners.get(at).map(|(_, variable)| *variable)
    }

    fn head(&self, mut variable: usize) -> usize {
        while self.linked_to[variable] != variable {
            variable = self.linked_to[variable];
        }
        variable
    }

    fn link(&mut self, one: usize, other: usize) {
        let (one, other) = (self.head(one), self.head(other));
        self.linked_to[one.max(other)] = one.min(other);
    }

    /// The variables that share objects, two or more at a time.
    fn shared_groups(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); self.linked_to.len()];
        for variable in 0..self.linked_to.len() {
            groups[self.head(variable)].push(variable);
        }
        groups.retain(|members| members.len() > 1);
        groups
    }

    /// The variables that must be one leaf and share with no other.
    fn whole_variables(&self) -> Vec<usize> {
        let grouped: Vec<usize> = self.shared_groups().into_iter().flatten().collect();
        (0..self.entangled.len())
            .filter(|number| self.entangled[*number] && !grouped.contains(number))
            .collect()
    }
}
