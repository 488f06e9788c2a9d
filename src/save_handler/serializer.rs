//! `$_SESSION` as a tree of variables.

use std::{ffi::c_char, rc::Rc};

use ext_php_rs::ffi::zend_string;
use ext_php_rs::types::Zval;
use holdfast_core::codec::{
    Digest, DigestKey, KeyRef,
    decode::Decoder,
    digest_of_value,
    root::{Root, RootWriter},
};
use holdfast_core::secret::Secret;
use holdfast_core::session::{Draft, SessionError};
use holdfast_core::store::Store;

use super::{ffi, open};
use crate::codec::encode::{self, Variable};
use crate::codec::kept::{Kept, Nodes};
use crate::codec::keys::Keys;
use crate::codec::sink::ZvalSink;
use crate::exception::{Failure, ValueFailure};
use crate::request::variables::{unreadable, unstorable};
use crate::worker_cache::{Decoding, Differences, Place, RootArray};
use crate::zend::{
    array::PhpArray,
    error,
    fill::Map,
    method,
    string::PhpString,
    value::{self, Kind},
};

/// What the digests of the open store hang on; those of none when the data goes to another save handler, where nothing
/// compares them.
enum Digests {
    Open(Store),
    None(Box<DigestKey>),
}

impl Digests {
    fn of_open() -> Self {
        open::with(|open| Self::Open(open.visit.store.clone()))
            .unwrap_or_else(|| Self::None(Box::new(DigestKey::derive(&Secret::from_bytes([0; 32])))))
    }

    fn key(&self) -> &DigestKey {
        match self {
            Self::Open(store) => store.digests(),
            Self::None(key) => key,
        }
    }
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
    // SAFETY: both look at ext/session's globals and at the running call.
    let is_hidden = unsafe { ffi::hf_session_is_direct() && !ffi::hf_session_is_shown() };
    let known = if is_hidden { open::with(|open| open.differences(session)).flatten() } else { None };
    if let Some((shown, differences)) = &known
        && differences.is_none()
        && let Some(stand_in) = open::with(|open| open.unchanged(*shown)).flatten()
    {
        return Ok((stand_in, Vec::new()));
    }
    if is_hidden && let Some(stand_in) = open::with(|open| open.unchanged_without_cache(session)).flatten() {
        return Ok((stand_in, Vec::new()));
    }
    let begun = if is_hidden { open::with(|open| open.begin_draft()).flatten() } else { None };
    let (is_draft, begun) = (begun.is_some(), begun.unwrap_or_default());
    let at = begun.len();
    let digests = Digests::of_open();
    let digests = digests.key();
    let mut record = begun;
    let patched = match &known {
        Some((shown, differences)) => patch(*shown, differences, digests, &mut record),
        None => None,
    };
    let (record, digest, failures) = match patched {
        Some(digest) => (record, digest, Vec::new()),
        None => put_together(session, digests, record)?,
    };
    let root = if is_draft {
        open::with(|open| open.stand_for(Draft::new(record, at), digest))
            .ok_or_else(|| Failure::InvalidState("the session was closed while it was saved".into()))?
    } else {
        PhpString::new(&record)
    };
    Ok((root, failures))
}

/// Appends to `out` a root that is `shown` with some differences; its digest. `None` when these have objects or
/// references, or can't be stored: then nothing was appended.
fn patch(
    shown: RootArray,
    differences: &Differences<'_>,
    digests: &DigestKey,
    out: &mut Vec<u8>,
) -> Option<Digest> {
    let mut cache = open::with(|open| open.encoding()).flatten();
    if !differences.values().all(encode::is_plain) {
        return None;
    }
    // Where one can't be stored, who goes through all of them tells which one it is.
    shown
        .write_changed(digests, differences, out, |value, out| {
            if encode::is_simple(value, cache.as_ref(), None) {
                Ok(encode::encode_simple(value, cache.as_ref(), None, out)?)
            } else {
                encode::encode_plain(value, digests, cache.as_mut(), out)
            }
        })
        .ok()
}

/// All variables as a root, behind what is in `out`; its digest, and those that could not be stored.
fn put_together(
    session: &Zval,
    digests: &DigestKey,
    out: Vec<u8>,
) -> Result<(Vec<u8>, Digest, Vec<Failure>), Failure> {
    let array = PhpArray::of(session);
    let (mut cache, kept) = open::with(|open| (open.encoding(), open.kept.clone())).unwrap_or_default();
    let kept = kept.as_deref();
    // The others come together, because they may share objects; with their places among all.
    let (mut variables, mut places) = (Vec::new(), Vec::new());
    for (place, (key, value)) in array.entries().enumerate() {
        if !encode::is_simple(value, cache.as_ref(), kept) {
            // A reference that nobody else holds is none, and is not to become one by being held.
            let is_none = value::kind(value) == Kind::Reference && value::reference_count(value) == 1;
            let value = if is_none { value::copy_deref(value) } else { value::copy(value) };
            variables.push(Variable { name: key.to_string(), value });
            places.push(place);
        }
    }
    let encoded = encode::encode(&variables, digests, cache.as_mut(), kept);
    let mut others = places.into_iter().zip(variables.iter().zip(encoded)).peekable();
    let mut failures = Vec::new();
    let mut root = RootWriter::new(digests, array.len(), out);
    for (place, (key, value)) in array.entries().enumerate() {
        let key = key.as_ref();
        match others.next_if(|(other, _)| *other == place) {
            None => root
                .entry_with(key, |out| encode::encode_simple(value, cache.as_ref(), kept, out))
                .map_err(|failure| Failure::Session(SessionError::from(failure)))?,
            Some((_, (_, Ok(encoded)))) => {
                root.entry(key, &encoded.bytes);
            }
            Some((_, (_, Err(ValueFailure::Exit)))) => return Err(Failure::Pending),
            Some((_, (variable, Err(failure)))) => {
                if let Some(stored) = stored_value(key) {
                    root.entry(key, &stored);
                }
                failures.push(unstorable(&variable.name, &failure));
            }
        }
    }
    let (root, digest) = root.finish().map_err(SessionError::from)?;
    Ok((root, digest, failures))
}

/// The bytes of a variable as the store has it.
fn stored_value(key: KeyRef<'_>) -> Option<Vec<u8>> {
    open::with(|open| {
        let root = Root::parse(open.base()?.root()?).ok()?;
        Some(root.find(key).ok()??.value.to_vec())
    })
    .flatten()
}

/// Puts into `built` what `$_SESSION` is by the root of a record; leaves it undefined where there is no root. What can't be
/// built is a warning that names it, and then ext/session has no session; the store keeps it.
#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_decode(built: *mut Zval, data: *const c_char, len: usize) -> bool {
    if len == 0 {
        return true;
    }
    // SAFETY: the caller's own, undefined variable, which no code of the application knows, and ext/session's data, live as
    // long as the call.
    let (variables, data) = unsafe { (&mut *built, std::slice::from_raw_parts(data.cast(), len)) };
    let failure = match method::in_frame(|| decode_all(data)) {
        Some(Ok(array)) => {
            drop(value::replace(variables, array.into_value()));
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
    match open::with(|open| open.brought_back(data)).flatten() {
        None => build(data, None, false).map(|built| built.variables),
        Some((base, place)) => {
            if let Some(known) = place.and_then(|place| place.follow(&base)) {
                open::with(|open| open.shown = Some(known));
                return Ok(known.to_array());
            }
            let data = base.root().unwrap_or_default();
            let built = build(data, place, place.is_none())?;
            let shown =
                place.filter(|_| built.is_plain).and_then(|place| place.keep(&base, &built.variables));
            if let Some(shown) = shown {
                open::with(|open| open.shown = Some(shown));
                return Ok(shown.to_array());
            }
            let Some((nodes, plain)) = built.nodes else { return Ok(built.variables) };
            // Some extensions write to the array of `$_SESSION` without asking whose it is, so it is never the one held.
            let is_whole = plain.is_none();
            let held = plain.unwrap_or_else(|| built.variables.duplicate());
            let variables = built.variables;
            let digest = Root::parse(data).map_err(SessionError::from)?.digest();
            let kept = Kept::new(base.clone(), digest, held, is_whole, nodes);
            let old = open::with(|open| open.kept.replace(Rc::new(kept)));
            drop(old);
            Ok(variables)
        }
    }
}

/// What [`build`] has made.
struct Built {
    variables: PhpArray,
    /// They are without objects.
    is_plain: bool,
    /// The nodes in them, and, where some variables have objects, all the others.
    nodes: Option<(Nodes, Option<PhpArray>)>,
}

/// The variables of a root, with what the cache knows of them. With `keeps` also their nodes.
fn build(data: &[u8], place: Option<Place>, keeps: bool) -> Result<Built, Failure> {
    let root = Root::parse(data).map_err(SessionError::from)?;
    let mut cache = place.map(Decoding::new);
    let mut nodes = keeps.then(Nodes::default);
    let mut keys = Keys::new();
    let mut decoder = Decoder::new();
    let mut variables = Map::new(root.len());
    let mut groups: Vec<(Digest, Zval)> = Vec::new();
    // Names of variables with objects.
    let mut others: Vec<PhpString> = Vec::new();
    for entry in root.entries() {
        let entry = entry.map_err(SessionError::from)?;
        let name = match entry.key {
            KeyRef::Int(index) => PhpString::new(index.to_string().as_bytes()),
            KeyRef::Bytes(name) => PhpString::key(name),
        };
        let known = if groups.is_empty() { None } else { digest_of_value(entry.value) }
            .and_then(|digest| groups.iter().find(|(group, _)| *group == digest))
            .and_then(|(_, members)| PhpArray::of(members).find(&name).map(value::copy));
        let built = if let Some(member) = known {
            others.push(name.clone());
            member
        } else {
            let before = nodes.as_ref().map_or(0, Nodes::len);
            let mut sink =
                ZvalSink::with_cache(&name, cache.as_mut()).and_keys(&mut keys).and_nodes(nodes.as_mut());
            let built =
                decoder.decode(entry.value, &mut sink).map_err(|failure| unreadable(&name, &failure))?;
            let (has_objects, group) = (sink.has_objects, sink.group.take());
            groups.extend(group);
            if has_objects {
                others.push(name.clone());
                if let Some(nodes) = &mut nodes {
                    nodes.truncate(before);
                }
            }
            built
        };
        match entry.key {
            KeyRef::Int(index) => variables.put_index(index, built),
            KeyRef::Bytes(_) => variables.put_name(name, built),
        }
    }
    let held = variables.into_value();
    let is_plain = others.is_empty();
    let nodes = nodes.map(|nodes| {
        let plain = (!is_plain).then(|| without(&held, &others));
        (nodes, plain)
    });
    Ok(Built { variables: PhpArray::owned(held), is_plain, nodes })
}

/// The entries of an array but for some.
fn without(array: &Zval, names: &[PhpString]) -> PhpArray {
    let array = PhpArray::of(array).duplicate();
    let mut rest = array;
    for name in names {
        drop(rest.take(name));
    }
    rest
}
