//! Which containers are nodes. By content only: two writers that see equal trees decide alike, whatever they hold in
//! memory, and so their bytes and digests are equal.

use super::{KeyRef, Shape, Source};

/// A container is a node from this estimated size.
pub(super) const NODE_MIN: usize = 128;
/// Where the smaller containers directly inside a node are together larger than this ...
const CROWDED: usize = 4096;
/// ... they are nodes from this size.
const CROWDED_MIN: usize = 32;

/// Whether a container is a node wherever it stands, by its estimated size.
pub fn is_large<'a, S: Source<'a>>(
    source: &S,
    container: S::Container,
    is_list: bool,
) -> Result<bool, S::Error> {
    Ok(estimate(source, container, is_list)? >= NODE_MIN)
}

/// The estimated size of a container, at most [`NODE_MIN`]. Looks at no more than `NODE_MIN` entries, and recurses at
/// most `NODE_MIN / 2` levels: each entry counts 1 or more, each container 2.
pub(super) fn estimate<'a, S: Source<'a>>(
    source: &S,
    container: S::Container,
    is_list: bool,
) -> Result<usize, S::Error> {
    let mut size = 0;
    add_container(source, container, is_list, &mut size)?;
    Ok(size.min(NODE_MIN))
}

fn add_container<'a, S: Source<'a>>(
    source: &S,
    container: S::Container,
    is_list: bool,
    size: &mut usize,
) -> Result<(), S::Error> {
    if source.is_large(container) {
        *size += NODE_MIN;
        return Ok(());
    }
    *size += 2;
    for (key, value) in source.entries(container) {
        if !is_list {
            *size += match key {
                KeyRef::Int(_) => 2,
                KeyRef::Bytes(bytes) => 1 + bytes.len(),
            };
        }
        if *size >= NODE_MIN {
            return Ok(());
        }
        match source.shape(value)? {
            Shape::Null | Shape::Bool(_) => *size += 1,
            Shape::Int(_) => *size += 3,
            Shape::Float(_) => *size += 9,
            Shape::Bytes(bytes) => *size += 1 + bytes.len(),
            Shape::List(inner) => add_container(source, inner, true, size)?,
            Shape::Map(inner) => add_container(source, inner, false, size)?,
            Shape::Opaque(_) | Shape::GroupMember { .. } => *size += NODE_MIN,
        }
    }
    Ok(())
}

/// From which estimated size the containers directly inside a node are nodes. `seen` receives the estimates of the
/// first of them, so that each is made once.
pub(super) fn node_min_inside<'a, S: Source<'a>>(
    source: &S,
    container: S::Container,
    seen: &mut Vec<u8>,
) -> Result<usize, S::Error> {
    if source.len(container) <= CROWDED / NODE_MIN {
        return Ok(NODE_MIN);
    }
    let mut inline = 0;
    for (_, value) in source.entries(container) {
        let (inner, is_list) = match source.shape(value)? {
            Shape::List(inner) => (inner, true),
            Shape::Map(inner) => (inner, false),
            _ => continue,
        };
        let size = estimate(source, inner, is_list)?;
        seen.push(u8::try_from(size).unwrap_or(u8::MAX));
        if size < NODE_MIN {
            inline += size;
            if inline > CROWDED {
                return Ok(CROWDED_MIN);
            }
        }
    }
    Ok(NODE_MIN)
}
