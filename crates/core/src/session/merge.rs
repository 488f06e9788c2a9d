use std::collections::{HashMap, HashSet};

use crate::codec::{
    DecodeError, DigestKey, EncodeError, KeyRef,
    root::{Entry, Root, RootWriter},
};

/// Why two roots can't be merged.
pub(super) enum MergeError {
    Decode(DecodeError),
    Encode(EncodeError),
}

impl From<DecodeError> for MergeError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<MergeError> for super::SessionError {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Decode(error) => error.into(),
            MergeError::Encode(error) => error.into(),
        }
    }
}

/// The root that has our changes of `base` (an empty root when `None`) on top of `theirs`: a variable that we set has
/// our value, one that we removed is gone, every other one is as they have it. Values are carried over as bytes.
pub(super) fn merge(
    digests: &DigestKey,
    base: Option<&[u8]>,
    ours: &[u8],
    theirs: &[u8],
) -> Result<Vec<u8>, MergeError> {
    let base = base.map_or(Ok(HashMap::new()), by_key)?;
    let ours: Vec<Entry<'_>> = Root::parse(ours)?.entries().collect::<Result<_, _>>()?;
    let ours_by_key: HashMap<KeyRef<'_>, &Entry<'_>> = ours.iter().map(|entry| (entry.key, entry)).collect();
    let theirs = Root::parse(theirs)?;
    let mut merged = RootWriter::new(digests, theirs.len() + ours.len(), Vec::new());
    let mut written = HashSet::new();
    for entry in theirs.entries() {
        let entry = entry?;
        let value = match (base.get(&entry.key), ours_by_key.get(&entry.key)) {
            (Some(_), None) => continue,
            (None, None) => entry.value,
            (Some(before), Some(now)) if *before == now.value => entry.value,
            (_, Some(now)) => now.value,
        };
        written.insert(entry.key);
        merged.entry(entry.key, value);
    }
    for entry in &ours {
        let unchanged = base.get(&entry.key).is_some_and(|before| *before == entry.value);
        if !unchanged && !written.contains(&entry.key) {
            merged.entry(entry.key, entry.value);
        }
    }
    merged.finish().map(|(root, _)| root).map_err(MergeError::Encode)
}

fn by_key(root: &[u8]) -> Result<HashMap<KeyRef<'_>, &[u8]>, DecodeError> {
    Root::parse(root)?.entries().map(|entry| entry.map(|entry| (entry.key, entry.value))).collect()
}
