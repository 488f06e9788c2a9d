use crate::{
    codec::{DecodeError, decode::Decoder},
    engine::{Owner, Surveyed},
    key::Key,
    record::{Beginning, Body, ELSEWHERE, Handle, Kind, Record, RecordError},
    secret::Secret,
    throttle,
    value::ValueSink,
};

/// What a record of a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Checked {
    /// A record of a session, or of what is kept beside sessions.
    Record(Kind),
    /// A page of the login throttle.
    Throttle,
    /// What stands in the place of a session that moves to another store.
    Elsewhere,
    /// The store's own, of some other form.
    Other,
}

/// A record that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Whose record it is, where that can still be read.
    pub handle: Option<Handle>,
    /// What is wrong.
    pub what: String,
}

impl Damage {
    fn of(record: &[u8], what: String) -> Self {
        let handle = Beginning::parse(record).ok().flatten().map(|beginning| beginning.meta.handle);
        Self { handle: handle.filter(|handle| *handle != Handle::default()), what }
    }
}

/// Checks a record, of which all bytes were asked for: its checksum, what stands in front, and every value.
pub fn check(secret: &Secret, surveyed: &Surveyed<'_>) -> Result<Checked, Damage> {
    let Some(bytes) = surveyed.record else {
        return Err(Damage { handle: None, what: "its checksum is that of other bytes".to_owned() });
    };
    let is_systems = surveyed.summary.owner == Owner::SYSTEM;
    if is_systems && throttle::is_page(bytes) {
        return if throttle::is_whole_page(secret, &surveyed.summary.key, bytes) {
            Ok(Checked::Throttle)
        } else {
            Err(Damage::of(bytes, "it is no whole page of the login throttle".to_owned()))
        };
    }
    if is_systems && bytes.first() == Some(&ELSEWHERE) {
        return Ok(Checked::Elsewhere);
    }
    match Record::parse(bytes) {
        Ok(record) => {
            contents(surveyed, &record).map(Checked::Record).map_err(|what| Damage::of(bytes, what))
        }
        // Whoever keeps something else there gives it another first byte than records have.
        Err(RecordError::Format { .. }) if is_systems => Ok(Checked::Other),
        Err(error) => Err(Damage::of(bytes, error.to_string())),
    }
}

fn contents(surveyed: &Surveyed<'_>, record: &Record<'_>) -> Result<Kind, String> {
    Ok(match &record.body {
        Body::Tree(root) => {
            let (mut reader, mut sink) = (Decoder::new(), ValueSink::default());
            let whole: Result<(), DecodeError> = root.entries().try_for_each(|entry| {
                let entry = entry?;
                let at = entry.range.start;
                let read = reader.decode(entry.value, &mut sink).map(drop);
                read.map_err(|error| DecodeError { offset: at + error.offset, ..error })
            });
            whole.map_err(|error| error.to_string())?;
            Kind::Tree
        }
        Body::Opaque { .. } => Kind::Opaque,
        Body::Ended => Kind::Ended,
        Body::Moved { .. } => Kind::Moved,
        Body::User { .. } => {
            // It names its user by its address alone.
            let owner = surveyed.summary.key.as_bytes().first_chunk().map(|owner| u64::from_be_bytes(*owner));
            if owner.map(|owner| Key::of_owner(Owner(owner))) != Some(surveyed.summary.key) {
                return Err("it is a user's, and stands under no user's address".to_owned());
            }
            Kind::User
        }
        Body::Alias { .. } => Kind::Alias,
        Body::Remembered { .. } => Kind::Remembered,
    })
}
