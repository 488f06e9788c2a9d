use super::read::Reader;
use super::{DecodeError, tag};

/// The length of the value that `bytes` begin with, which stands directly under a root. Looks at its first bytes only.
pub fn skip_value(bytes: &[u8]) -> Result<usize, DecodeError> {
    let mut reader = Reader::new(bytes);
    skip(&mut reader)?;
    Ok(reader.pos())
}

pub(super) fn skip(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let first = reader.byte()?;
    match first {
        tag::SHORT_BYTES.. => reader.take(usize::from(first - tag::SHORT_BYTES)).map(drop),
        tag::SMALL_INT.. | tag::NULL | tag::FALSE | tag::TRUE => Ok(()),
        tag::FLOAT => reader.take(8).map(drop),
        tag::INT => reader.int(tag::SMALL_INTS).map(drop),
        tag::BYTES => reader.long_bytes().map(drop),
        tag::LIST | tag::MAP => match reader.length()? {
            0 => Ok(()),
            _ => Err(reader.damaged("an array stands outside of a node")),
        },
        tag::NODE => {
            let (len, _) = reader.node_header()?;
            reader.take(len).map(drop)
        }
        tag::OPAQUE => {
            let len = reader.length()?;
            reader.take(len).map(drop)
        }
        tag::GROUP_MEMBER => reader.group_member().map(drop),
        _ => Err(reader.damaged("no value begins with this byte")),
    }
}

/// Whether a node's array is a list.
pub fn node_is_list(node: &[u8]) -> bool {
    node.get(tag::NODE_HEADER) == Some(&tag::LIST)
}
