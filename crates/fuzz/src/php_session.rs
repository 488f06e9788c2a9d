//! Session files of PHP: what can be read is a root that can be read, and everything in it.

use holdfast_core::{
    codec::{
        DecodeError, DigestKey,
        decode::decode_value,
        php_session::{Format, root_of},
        root::Root,
    },
    secret::Secret,
    value::ValueSink,
};

/// The first byte chooses the format.
pub fn php_session(input: &[u8]) {
    let Some((&format, text)) = input.split_first() else { return };
    let format = [Format::Php, Format::PhpSerialize, Format::PhpBinary][usize::from(format) % 3];
    let digests = DigestKey::derive(&Secret::from_bytes([1; 32]));
    let begun = b"what stands in front".to_vec();
    let Ok(written) = root_of(format, text, &digests, begun.clone()) else { return };
    let Some(root) = written.strip_prefix(begun.as_slice()) else { panic!("it was written over") };
    let read = Root::parse(root).and_then(|root| {
        root.entries().try_for_each(|entry| -> Result<(), DecodeError> {
            decode_value(entry?.value, &mut ValueSink::default()).map(drop)
        })
    });
    assert_eq!(read, Ok(()));
    assert_eq!(root_of(format, text, &digests, begun), Ok(written), "the same again");
}
