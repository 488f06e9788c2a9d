//! Values as bytes: whatever can be decoded can be encoded, and comes back the same.

use holdfast_core::{
    codec::{
        DecodeError, DigestKey, EncodeError, KeyRef,
        decode::{decode_prefix, decode_value},
        encode::encode_value,
        root::{Root, RootWriter},
        skip_value,
    },
    secret::Secret,
    value::{Value, ValueSink, ValueSource},
};

pub fn digest_key() -> DigestKey {
    DigestKey::derive(&Secret::from_bytes(*b"a secret of thirty-two bytes ..."))
}

pub fn decode(bytes: &[u8]) -> Result<Value, DecodeError> {
    decode_value(bytes, &mut ValueSink::default())
}

pub fn encode(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    encode_value(&mut ValueSource, value, &digest_key(), &mut out).map(|()| out)
}

/// A node around `body`, so that the bytes in it are looked at whatever their number is.
fn as_node(body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap_or_default().to_le_bytes();
    [&[8][..], &len, &[0; 16], body].concat()
}

/// The first byte chooses how the rest is packed: as it is, as the body of a node, as the entries of a map or list.
pub fn codec(input: &[u8]) {
    let Some((&packing, bytes)) = input.split_first() else { return };
    let bytes = match packing % 4 {
        0 => bytes.to_vec(),
        1 => as_node(bytes),
        2 => as_node(&[&b"\x06"[..], bytes].concat()),
        _ => as_node(&[&b"\x07"[..], bytes].concat()),
    };
    value(&bytes);
    root(&bytes);
}

fn value(bytes: &[u8]) {
    let skipped = skip_value(bytes);
    if let Ok(len) = skipped {
        assert!(len <= bytes.len(), "a value reaches beyond its bytes");
    }
    match decode_prefix(bytes, &mut ValueSink::default()) {
        Ok((value, len)) => {
            assert_eq!(skipped, Ok(len), "skipped and decoded are of different lengths");
            comes_back(&value);
        }
        Err(error) => assert!(error.offset <= bytes.len(), "an error beyond the bytes"),
    }
}

/// What was decoded can be encoded, unless it is nested one level deeper than a value may be: a root may.
fn comes_back(value: &Value) {
    match encode(value) {
        Ok(bytes) => {
            assert_eq!(decode(&bytes).as_ref(), Ok(value), "another value comes back");
            assert_eq!(skip_value(&bytes), Ok(bytes.len()));
        }
        Err(error) => assert_eq!(error, EncodeError::TooDeep),
    }
}

/// A root that can be read entry by entry can be read whole, and put together anew it is the same. (Not the other way
/// round: an array that stands under a root without being a node is refused as an entry only. Nobody writes one.)
pub fn root(bytes: &[u8]) {
    let Ok(root) = Root::parse(bytes) else { return };
    let mut entries = Vec::new();
    for entry in root.entries() {
        match entry {
            Ok(entry) => {
                assert_eq!(&bytes[entry.range.clone()], entry.value, "an entry stands in another place");
                entries.push(entry);
            }
            Err(error) => {
                assert!(error.offset <= bytes.len());
                return;
            }
        }
    }
    assert_eq!(entries.len(), root.len());
    assert_eq!(root.is_empty(), entries.is_empty());
    for entry in entries.iter().take(40) {
        let first = entries.iter().find(|other| other.key == entry.key);
        assert_eq!(root.find(entry.key).ok().flatten().as_ref(), first);
    }
    assert_eq!(root.find(KeyRef::Bytes(b"a key that is not there and long")), Ok(None));

    if entries.iter().any(|entry| decode(entry.value).is_err()) {
        return;
    }
    let whole = decode(bytes);
    assert!(whole.is_ok(), "a root is read in parts that can't be read whole");
    let key = digest_key();
    let mut writer = RootWriter::new(&key, entries.len() / 2, Vec::new());
    for entry in &entries {
        writer.entry(entry.key, entry.value);
    }
    if let Ok((again, _)) = writer.finish() {
        assert_eq!(decode(&again), whole, "a root that was put together anew is another one");
    }
}
