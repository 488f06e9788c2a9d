//! Records: what can be read can be written, and is read the same.

use holdfast_core::record::{Body, Record, is_session, write};

use crate::codec;

/// The first byte says whether the length of the meta is put in order, so that what is behind it is reached.
pub fn record(input: &[u8]) {
    let Some((&packing, bytes)) = input.split_first() else { return };
    let mut bytes = bytes.to_vec();
    if packing & 1 != 0 && bytes.len() > 8 {
        bytes[0] = 3;
        bytes[1] %= 7;
        bytes[2..8].copy_from_slice(&[0, 0, packing >> 1, 0, 0, 0]);
    }
    let Ok(record) = Record::parse(&bytes) else { return };
    assert_eq!(
        is_session([bytes[0], bytes[1]]),
        matches!(record.body, Body::Tree(_) | Body::Opaque { .. }),
        "the first two bytes tell another story"
    );
    let Ok(written) = write(&record.meta, record.body) else { return };
    let Ok(again) = Record::parse(&written) else { panic!("what was written can't be read") };
    assert_eq!(again.meta, record.meta, "another meta comes back");
    assert!(same(&again.body, &record.body), "another body comes back");
    let Ok(twice) = write(&again.meta, again.body) else { panic!("it can't be written again") };
    assert_eq!(twice, written, "one record is written in two ways");
    if let Body::Tree(root) = record.body {
        codec::root(root.bytes());
    }
}

fn same(one: &Body<'_>, two: &Body<'_>) -> bool {
    match (one, two) {
        (Body::Tree(one), Body::Tree(two)) => one.bytes() == two.bytes() && one.digest() == two.digest(),
        (Body::Opaque { serializer: one, data: ours }, Body::Opaque { serializer: two, data: theirs }) => {
            one == two && ours == theirs
        }
        (Body::Ended, Body::Ended) => true,
        (Body::Moved { masked: one }, Body::Moved { masked: two })
        | (Body::Alias { key: one }, Body::Alias { key: two }) => one == two,
        (Body::User { data_version: one }, Body::User { data_version: two }) => one == two,
        (
            Body::Remembered { verifier: one, before: ours },
            Body::Remembered { verifier: two, before: theirs },
        ) => {
            let parts = |before: &Option<holdfast_core::record::Before<'_>>| {
                before.map(|before| (*before.verifier, *before.masked))
            };
            one == two && parts(ours) == parts(theirs)
        }
        _ => false,
    }
}
