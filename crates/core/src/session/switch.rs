use super::{Base, Found, Id, PATIENCE, SessionError, Visit, load, save, tries};
use crate::{
    codec::{
        DecodeError, KeyRef,
        decode::decode_value,
        encode::encode_value,
        root::{Root, RootWriter},
    },
    record::Body,
    value::{Value, ValueSink, ValueSource},
};

/// What became of a variable that was to be off.
#[derive(Clone, Debug)]
pub struct SwitchedOff {
    /// The session as it is now, if it still is.
    pub found: Found,
    /// It was on, and this call has changed that.
    pub was_on: bool,
}

/// Switches a variable off: what counts as true in PHP becomes the integer 0, at once for everybody who loads the session
/// from then on. Begins with `base`, and goes on with what others have stored meanwhile, whatever that is.
pub fn switch_off(visit: &Visit, id: &Id, base: Base, name: &[u8]) -> Result<SwitchedOff, SessionError> {
    let mut found = Found::Session { base, moved_to: None };
    for () in tries() {
        let Found::Session { base, moved_to } = &found else {
            return Ok(SwitchedOff { found, was_on: false });
        };
        let Some(root) = without(visit, base, name)? else {
            return Ok(SwitchedOff { found, was_on: false });
        };
        let at = moved_to.clone().map_or_else(|| id.clone(), Id::Issued);
        match save::replace(visit, &at, Some(base), Body::Tree(Root::parse(&root)?)) {
            Ok(Some(base)) => {
                let found = Found::Session { base, moved_to: moved_to.clone() };
                return Ok(SwitchedOff { found, was_on: true });
            }
            Ok(None) | Err(SessionError::Gone) => found = load(visit, id)?,
            Err(error) => return Err(error),
        }
    }
    Err(SessionError::Contended(PATIENCE))
}

/// The root with the variable off; `None` when it is.
fn without(visit: &Visit, base: &Base, name: &[u8]) -> Result<Option<Vec<u8>>, SessionError> {
    let Some(bytes) = base.root() else { return Ok(None) };
    let (root, name) = (Root::parse(bytes)?, KeyRef::Bytes(name));
    match root.find(name)? {
        Some(entry) if is_on(entry.value)? => {}
        _ => return Ok(None),
    }
    let mut off = Vec::new();
    encode_value(&mut ValueSource, &Value::Int(0), visit.store.digests(), &mut off)?;
    let mut writer = RootWriter::new(visit.store.digests(), root.len(), Vec::new());
    for entry in root.entries() {
        let entry = entry?;
        writer.entry(entry.key, if entry.key == name { &off } else { entry.value });
    }
    Ok(Some(writer.finish()?.0))
}

/// Does PHP take it for true? An object is.
fn is_on(value: &[u8]) -> Result<bool, DecodeError> {
    Ok(match decode_value(value, &mut ValueSink::default())? {
        Value::Null => false,
        Value::Bool(is_on) => is_on,
        Value::Int(number) => number != 0,
        Value::Float(number) => number != 0.0,
        Value::Bytes(text) => !matches!(text.as_slice(), b"" | b"0"),
        Value::List(items) => !items.is_empty(),
        Value::Map(_) | Value::Opaque(_) | Value::GroupMember(_) => true,
    })
}
