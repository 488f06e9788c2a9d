//! Values that the application keeps for the length of this request, as ExpressionEngine's `$session->cache`: an array by
//! class of arrays by key. Nothing of it is stored, so the session is not even read for it.

use std::cell::{Cell, RefCell};

use ext_php_rs::types::Zval;

use super::session::Session;
use super::variables::quoted;
use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    string::PhpString,
    value::{self, Kind},
};

/// What a session's handles share until the request ends.
pub(super) struct Cache {
    /// Undefined while nothing was put there. PHP code is given the place, and may leave a reference or any value in it:
    /// the address is good for as long as the session lives.
    slot: RefCell<Zval>,
    has_ended: Cell<bool>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { slot: RefCell::new(value::undefined()), has_ended: Cell::new(false) }
    }
}

impl Cache {
    /// Takes nothing any more until [`Cache::begin_anew`]; what there was.
    pub(super) fn take(&self) -> Zval {
        self.has_ended.set(true);
        self.slot.replace(value::undefined())
    }

    /// Another request begins.
    pub(super) fn begin_anew(&self) {
        self.has_ended.set(false);
    }
}

impl Session {
    /// All of the cache.
    pub fn cache(&self) -> Zval {
        let slot = self.cache.slot.borrow();
        if value::kind(&slot) == Kind::Undefined {
            return PhpArray::with_capacity(0).into_value();
        }
        value::copy_deref(&slot)
    }

    /// The place of the cache, for PHP code that changes it there.
    pub fn cache_place(&self) -> Result<*mut Zval, Failure> {
        self.refuse_cache_after_the_end()?;
        let mut slot = self.cache.slot.borrow_mut();
        if value::kind(&slot) == Kind::Undefined {
            // What is replaced holds nothing.
            *slot = PhpArray::with_capacity(0).into_value();
        }
        Ok(std::ptr::from_mut(&mut *slot))
    }

    /// Puts another array in the place of the cache.
    pub fn replace_cache(&self, new: Zval) -> Result<(), Failure> {
        self.refuse_cache_after_the_end()?;
        if value::kind(&new) != Kind::Array {
            return Err(Failure::InvalidArgument(
                "$session->cache is an array for this request alone; a session variable of that name is set by set('cache', ...)"
                    .into(),
            ));
        }
        let old = value::replace(value::deref_mut(&mut self.cache.slot.borrow_mut()), new);
        drop(old);
        Ok(())
    }

    /// One value; `None` when there is none, or null.
    pub fn cached(&self, class: &PhpString, key: &PhpString) -> Option<Zval> {
        let slot = self.cache.slot.borrow();
        let classes = array_in(&slot)?;
        let values = array_in(classes.find(class)?)?;
        values.find(key).map(value::copy_deref).filter(|found| value::kind(found) != Kind::Null)
    }

    /// Sets one value, as `$cache[$class][$key] = $new` does.
    pub fn set_cached(&self, class: &PhpString, key: &PhpString, new: Zval) -> Result<(), Failure> {
        self.refuse_cache_after_the_end()?;
        let mut new = Some(new);
        let put = {
            let mut slot = self.cache.slot.borrow_mut();
            change_array(&mut slot, |classes| {
                let values = if classes.find(class).is_none() {
                    classes.insert(class, value::null())
                } else {
                    classes.find_mut(class)?
                };
                change_array(values, |values| new.take().map(|new| values.put(key, new)))
            })
        };
        match put {
            Some(old) => {
                drop(old);
                Ok(())
            }
            None => Err(Failure::InvalidState(format!(
                "$session->cache has something else than an array in the place of class {}",
                quoted(class)
            ))),
        }
    }

    /// Gives up everything, at the end of the request, and takes nothing any more: PHP's memory goes away.
    pub(super) fn end_cache(&self) {
        self.cache.has_ended.set(true);
        let old = self.cache.slot.replace(value::undefined());
        drop(old);
    }

    fn refuse_cache_after_the_end(&self) -> Result<(), Failure> {
        if self.cache.has_ended.get() {
            return Err(Failure::InvalidState("the request has ended: its session cache is gone".into()));
        }
        Ok(())
    }
}

fn array_in(slot: &Zval) -> Option<PhpArray> {
    let value = value::deref(slot);
    (value::kind(value) == Kind::Array).then(|| PhpArray::of(value))
}

/// Changes the array in a slot, or behind the reference in it, where it is; of null, as PHP, it makes an array. `None` when
/// there is anything else, or `change` gives nothing. Runs no code of the application.
fn change_array<T>(slot: &mut Zval, change: impl FnOnce(&mut PhpArray) -> Option<T>) -> Option<T> {
    let slot = value::deref_mut(slot);
    let mut array = match value::kind(slot) {
        Kind::Array => PhpArray::owned(value::replace(slot, value::null())),
        Kind::Null | Kind::Undefined => PhpArray::with_capacity(1),
        _ => return None,
    };
    let changed = change(&mut array);
    let null = value::replace(slot, array.into_value());
    drop(null);
    changed
}
