use super::super::root::Root;
use super::super::skip_value;
use super::*;
use crate::codec::EncodeError;

/// Whether the map's entries come back from the root's bytes, each found by its key, with the bytes that stand there.
fn entries_come_back(bytes: &[u8], entries: &[(MapKey, Value)]) -> Result<(), TestCaseError> {
    let root = Root::parse(bytes).unwrap();
    prop_assert_eq!(root.len(), entries.len());
    let read: Vec<_> = root.entries().collect::<Result<_, _>>().unwrap();
    prop_assert_eq!(read.len(), entries.len());
    for (entry, (key, value)) in read.iter().zip(entries) {
        prop_assert_eq!(entry.key, key.as_ref());
        prop_assert_eq!(entry.value, &bytes[entry.range.clone()]);
        prop_assert_eq!(&decode(entry.value).unwrap(), value);
        prop_assert_eq!(root.find(key.as_ref()), Ok(Some(entry.clone())));
    }
    prop_assert_eq!(root.find(crate::codec::KeyRef::Bytes(b"no such key")), Ok(None));
    Ok(())
}

proptest! {
    #[test]
    fn values(value in any_value(), behind in any::<[u8; 3]>()) {
        let mut bytes = encode(&value);
        prop_assert_eq!(decode(&bytes), Ok(value.clone()));
        prop_assert_eq!(&encode(&value.clone()), &bytes);
        let len = bytes.len();
        bytes.extend(behind);
        prop_assert_eq!(skip_value(&bytes), Ok(len));
        let (decoded, decoded_len) = crate::codec::decode::decode_prefix(&bytes, &mut ValueSink::default()).unwrap();
        prop_assert_eq!((decoded, decoded_len), (value, len));
        prop_assert_eq!(decode(&bytes).unwrap_err().offset, len);
    }

    #[test]
    fn roots(entries in any_root()) {
        let (bytes, digest) = root(&entries);
        entries_come_back(&bytes, &entries)?;
        prop_assert_eq!(Root::parse(&bytes).unwrap().digest(), digest);
        prop_assert_eq!(decode(&bytes), Ok(Value::map(entries)));
    }

    /// Values that were carried over as bytes, in any mixture with new ones, and however well the number of entries was
    /// foreseen: the same root.
    #[test]
    fn carried_over_is_as_written(
        old in any_root(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_value()), 0..3),
        expected in prop::sample::select(vec![0, 1, 127, 128, 20_000]),
    ) {
        let old_bytes = root(&old).0;
        let mut new = old;
        for (at, value) in changes {
            if !new.is_empty() {
                let at = at.index(new.len());
                new[at].1 = value;
            }
        }
        let digest_key = digest_key();
        let mut writer = RootWriter::new(&digest_key, expected, b"header".to_vec());
        for (entry, (key, value)) in Root::parse(&old_bytes).unwrap().entries().zip(&new) {
            let entry = entry.unwrap();
            if decode(entry.value).as_ref() == Ok(value) {
                writer.entry(entry.key, entry.value);
            } else {
                let refused = writer.entry_with(key.as_ref(), |out| {
                    out.extend_from_slice(b"half a value");
                    Err(EncodeError::TooDeep)
                });
                prop_assert_eq!(refused, Err(EncodeError::TooDeep));
                writer
                    .entry_with(key.as_ref(), |out| encode_value(&mut ValueSource, value, &digest_key, out))
                    .unwrap();
            }
        }
        let (bytes, digest) = writer.finish().unwrap();
        let (scratch, scratch_digest) = root(&new);
        prop_assert_eq!(&bytes[..6], b"header");
        prop_assert_eq!(&bytes[6..], &scratch[..]);
        prop_assert_eq!(digest, scratch_digest);
    }
}

#[test]
fn large_strings_and_many_entries() {
    // All is copied and hashed some times, for which Miri takes minutes.
    let (many, length) = if cfg!(miri) { (20, 3000) } else { (300, 70_000u32) };
    let long: Vec<u8> = (0..length).map(|n| n.to_le_bytes()[0]).collect();
    let entries: Vec<_> = (0..many)
        .map(|n| (MapKey::Int(n * 3), Value::List(vec![Value::Int(n), Value::Bytes(long[..40].to_vec())])))
        .chain([(key("long"), Value::Bytes(long.clone())), (MapKey::Bytes(long.clone().into()), Value::Null)])
        .collect();
    entries_come_back(&root(&entries).0, &entries).unwrap();
    let tree = Value::map(entries);
    assert_eq!(decode(&encode(&tree)), Ok(tree));
}

/// The cap is the same for what is written and read, below a root and with it. On a stack of 256 KiB, as small threads
/// have.
#[test]
fn nesting_up_to_the_cap() {
    std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(|| {
            let deepest = nested(crate::codec::MAX_DEPTH + 1);
            assert_eq!(decode(&encode(&deepest)).as_ref(), Ok(&deepest));
            let (bytes, _) = root(&[(key("deep"), deepest.clone())]);
            assert_eq!(decode(&bytes), Ok(map([("deep", deepest)])));

            let mut out = b"before".to_vec();
            let too_deep = Value::List(vec![Value::Int(1), nested(crate::codec::MAX_DEPTH + 1)]);
            let refused = encode_value(&mut ValueSource, &too_deep, &digest_key(), &mut out);
            assert_eq!((refused, out), (Err(EncodeError::TooDeep), b"before".to_vec()));

            let body = [[6, 1].repeat(crate::codec::MAX_DEPTH + 2), vec![6, 0]].concat();
            let len = u32::try_from(body.len()).unwrap().to_le_bytes();
            let bytes = [&[8][..], &len, &[0; 16], &body].concat();
            assert_eq!(decode(&bytes).unwrap_err().reason, "arrays are nested too deep");
        })
        .unwrap()
        .join()
        .unwrap();
}
