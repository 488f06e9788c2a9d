//! `$_SESSION` as a tree of variables.

use std::ffi::c_char;

use ext_php_rs::ffi::zend_string;
use ext_php_rs::types::Zval;
use holdfast_core::codec::{
    DigestKey, KeyRef, decode, digest_of_value,
    root::{Root, RootWriter},
};
use holdfast_core::secret::Secret;
use holdfast_core::session::SessionError;

use super::open;
use crate::codec::encode::{self, Variable};
use crate::codec::sink::ZvalSink;
use crate::exception::{Failure, ValueFailure};
use crate::request::variables::{unreadable, unstorable};
use crate::zend::{
    array::{ArrayKey, PhpArray},
    error, method,
    string::PhpString,
    value,
};

/// The digests of the open store; of none when the data goes to another save handler, where nothing compares them.
fn digests() -> DigestKey {
    open::with(|open| open.visit.store.digests().clone())
        .unwrap_or_else(|| DigestKey::derive(&Secret::from_bytes([0; 32])))
}

/// All of `$_SESSION` as the root of a record. A variable that can't be stored keeps the value that it has in the store,
/// with a warning that names it.
#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_encode(variables: *mut Zval) -> *mut zend_string {
    // SAFETY: ext/session's array, held while code of the application may run.
    let held = value::copy(unsafe { &*variables });
    let encoded = method::in_frame(|| encode_all(&held));
    drop(held);
    let (encoded, warnings) = match encoded {
        Some(Ok(encoded)) => encoded,
        Some(Err(Failure::Pending)) => return std::ptr::null_mut(),
        Some(Err(failure)) => return fail(&failure),
        None => return fail(&Failure::Fault(method::last_panic())),
    };
    let mut warnings = Some(warnings);
    let queued = open::with(|open| open.warnings = warnings.take().unwrap_or_default());
    if queued.is_none() {
        for failure in warnings.into_iter().flatten() {
            error::warn(&failure.to_string());
        }
    }
    encoded.into_ptr()
}

fn fail(failure: &Failure) -> *mut zend_string {
    error::warn(&failure.to_string());
    std::ptr::null_mut()
}

fn encode_all(session: &Zval) -> Result<(PhpString, Vec<Failure>), Failure> {
    let digests = digests();
    let mut indexes = Vec::new();
    let mut variables = Vec::new();
    for (key, value) in PhpArray::of(session).entries() {
        indexes.push(if let ArrayKey::Index(index) = key { Some(index) } else { None });
        variables.push(Variable { name: key.to_string(), value: value::copy(value) });
    }
    let mut failures = Vec::new();
    let mut root = RootWriter::new(&digests, variables.len(), Vec::new());
    for ((variable, index), encoded) in
        variables.iter().zip(indexes).zip(encode::encode(&variables, &digests))
    {
        let key = index.map_or_else(|| KeyRef::Bytes(variable.name.as_bytes()), KeyRef::Int);
        match encoded {
            Ok(encoded) => root.entry(key, &encoded.bytes),
            Err(ValueFailure::Exit) => return Err(Failure::Pending),
            Err(failure) => {
                if let Some(stored) = stored_value(key) {
                    root.entry(key, &stored);
                }
                failures.push(unstorable(&variable.name, &failure));
            }
        }
    }
    drop(variables);
    let (root, _) = root.finish().map_err(SessionError::from)?;
    Ok((PhpString::new(&root), failures))
}

/// The bytes of a variable as the store has it.
fn stored_value(key: KeyRef<'_>) -> Option<Vec<u8>> {
    open::with(|open| {
        let root = Root::parse(open.base()?.root()?).ok()?;
        Some(root.find(key).ok()??.value.to_vec())
    })
    .flatten()
}

/// Fills `$_SESSION` from the root of a record. What can't be built is a warning that names it, and then ext/session has
/// no session; the store keeps it.
#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_decode(variables: *mut Zval, data: *const c_char, len: usize) -> bool {
    if len == 0 {
        return true;
    }
    // SAFETY: ext/session's data, live as long as the call; the array is its own, and separated.
    let (variables, data) = unsafe { (&mut *variables, std::slice::from_raw_parts(data.cast(), len)) };
    let failure = match method::in_frame(|| decode_all(data)) {
        Some(Ok(built)) => {
            drop(value::replace(variables, built.into_value()));
            return true;
        }
        Some(Err(failure)) => failure,
        None => Failure::Fault(method::last_panic()),
    };
    open::with(|open| open.is_unreadable = true);
    if !matches!(failure, Failure::Pending) {
        error::warn(&failure.to_string());
    }
    false
}

fn decode_all(data: &[u8]) -> Result<PhpArray, Failure> {
    let root = Root::parse(data).map_err(SessionError::from)?;
    let mut session = PhpArray::with_capacity(root.len());
    let mut groups: Vec<(holdfast_core::codec::Digest, Zval)> = Vec::new();
    for entry in root.entries() {
        let entry = entry.map_err(SessionError::from)?;
        let name = match entry.key {
            KeyRef::Int(index) => PhpString::new(index.to_string().as_bytes()),
            KeyRef::Bytes(name) => PhpString::key(name),
        };
        let known = digest_of_value(entry.value)
            .and_then(|digest| groups.iter().find(|(group, _)| *group == digest))
            .and_then(|(_, members)| PhpArray::of(members).find(&name).map(value::copy));
        let built = if let Some(member) = known {
            member
        } else {
            let mut sink = ZvalSink::new(&name);
            let built = decode::decode_value(entry.value, &mut sink)
                .map_err(|failure| unreadable(&name, &failure))?;
            groups.extend(sink.group.take());
            built
        };
        match entry.key {
            KeyRef::Int(index) => session.insert_index(index, built),
            KeyRef::Bytes(_) => session.insert_name(&name, built),
        }
    }
    Ok(session)
}
