//! PHP values as the codec's writer sees them.

use std::{cell::RefCell, marker::PhantomData};

use ext_php_rs::ffi::zend_array;
use ext_php_rs::types::Zval;
use holdfast_core::codec::{self, KeyRef, Shape, Source, Written};

use super::{
    encode::{Leaf, Objects},
    kept::Kept,
};
use crate::exception::ValueFailure;
use crate::worker_cache::{self, Encoding};
use crate::zend::{
    array,
    value::{self, Kind},
};

/// Walks a PHP value. Nobody may change it meanwhile; code of the application runs for objects only, and what it can
/// reach of the value is a copy as long as the caller holds the value too.
pub struct ZvalSource<'a, 'o> {
    /// Where objects are serialized.
    pub objects: &'o mut Objects,
    /// The cache that knows some of the arrays, and gets those that are written.
    pub(super) cache: Option<&'o mut Encoding>,
    /// Arrays that are as they were decoded.
    pub(super) kept: Option<&'o Kept>,
    /// What is written stays where it is until everything is.
    pub(super) may_keep: bool,
    /// Which variable this is: its number among those that are encoded together.
    pub variable: usize,
    /// The arrays that were met in references: code of the application may set these to something else, and could change
    /// the arrays if nobody else held them.
    pub(super) held: RefCell<Vec<Zval>>,
    pub(super) borrow: PhantomData<&'a Zval>,
}

/// An array that lives as long as the value that is encoded.
#[derive(Clone, Copy)]
pub struct Table(*const zend_array);

/// The entries of an array, references resolved.
pub struct Entries<'a>(array::Items<'a>);

impl<'a> Iterator for Entries<'a> {
    type Item = (KeyRef<'a>, &'a Zval);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.as_ref(), value))
    }
}

impl<'a> Source<'a> for ZvalSource<'a, '_> {
    type Value = &'a Zval;
    type Container = Table;
    type Opaque = &'a Zval;
    type Entries = Entries<'a>;
    type Serialized = Leaf;
    type Error = ValueFailure;

    fn shape(&self, value: &'a Zval) -> Result<Shape<'a, Table, &'a Zval>, ValueFailure> {
        let value = if value::kind(value) == Kind::Reference {
            let inside = value::deref(value);
            if !self.may_keep && value::kind(inside) == Kind::Array {
                self.held.borrow_mut().push(value::copy(inside));
            }
            inside
        } else {
            value
        };
        Ok(match value::kind(value) {
            Kind::Null | Kind::Undefined => Shape::Null,
            Kind::False => Shape::Bool(false),
            Kind::True => Shape::Bool(true),
            Kind::Long => Shape::Int(value::long(value)),
            Kind::Double => Shape::Float(value::double(value)),
            Kind::String => Shape::Bytes(value::bytes(value)),
            Kind::Array => {
                let table = value::table(value);
                // SAFETY: a live array, which is only looked at.
                if unsafe { array::is_list(table) } {
                    Shape::List(Table(table))
                } else {
                    Shape::Map(Table(table))
                }
            }
            Kind::Object => Shape::Opaque(value),
            Kind::Resource | Kind::Reference | Kind::Marker | Kind::Internal => {
                return Err(ValueFailure::Unstorable("a resource can't be stored".into()));
            }
        })
    }

    fn len(&self, container: Table) -> usize {
        // SAFETY: live as long as the value that is encoded.
        unsafe { (*container.0).nNumOfElements as usize }
    }

    fn entries(&self, container: Table) -> Entries<'a> {
        // SAFETY: live and unchanged as long as the value that is encoded.
        Entries(unsafe { array::Items::of(container.0) })
    }

    fn is_large(&self, container: Table) -> bool {
        worker_cache::is_large_node(container.0)
    }

    fn carry(&self, container: Table, out: &mut Vec<u8>) -> Option<usize> {
        let cached = self.cache.as_ref().and_then(|cache| cache.carry(container.0, out));
        cached.or_else(|| self.kept?.carry(container.0, out))
    }

    fn written(&mut self, container: Table, node: Written<'_>) {
        if let Some(cache) = &mut self.cache
            && self.may_keep
        {
            cache.written(container.0, &node);
        }
    }

    fn serialize(&mut self, object: &'a Zval) -> Result<Leaf, ValueFailure> {
        self.objects.leaf(self.variable, object)
    }
}

/// Whether an array without objects is large enough to be a node wherever it stands.
pub fn is_large(array: &Zval) -> bool {
    let mut objects = Objects::new(0);
    let source = ZvalSource {
        objects: &mut objects,
        cache: None,
        kept: None,
        may_keep: false,
        variable: 0,
        held: RefCell::default(),
        borrow: PhantomData,
    };
    match source.shape(array) {
        Ok(Shape::List(table)) => codec::is_large(&source, table, true).unwrap_or(false),
        Ok(Shape::Map(table)) => codec::is_large(&source, table, false).unwrap_or(false),
        _ => false,
    }
}
