use std::ops::Range;

use super::dictionary::{Dictionaries, Dictionary};
use super::digest::DigestKey;
use super::estimate::{NODE_MIN, estimate, node_min_inside};
use super::{EncodeError, KeyRef, MAX_DEPTH, Shape, Source, Written, group, tag, write};

/// Appends `value` as it stands directly under a root: an array that is not empty is a node, whatever its size. After
/// an error `out` is as it was.
///
/// Whoever encodes several values keeps an [`Encoder`].
pub fn encode_value<'a, S: Source<'a>>(
    source: &mut S,
    value: S::Value,
    digest_key: &DigestKey,
    out: &mut Vec<u8>,
) -> Result<(), S::Error> {
    Encoder::new(digest_key).encode(source, value, out)
}

/// A value without anything in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Simple<'a> {
    /// PHP's null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float; every bit is kept.
    Float(f64),
    /// A string.
    Bytes(&'a [u8]),
    /// An array without entries.
    EmptyArray,
}

/// Appends what [`encode_value`] writes of a simple value.
#[inline]
pub fn write_simple(value: Simple<'_>, out: &mut Vec<u8>) {
    match value {
        Simple::Null => out.push(tag::NULL),
        Simple::Bool(false) => out.push(tag::FALSE),
        Simple::Bool(true) => out.push(tag::TRUE),
        Simple::Int(int) => write::int(out, int),
        Simple::Float(float) => write::float(out, float),
        Simple::Bytes(bytes) => write::bytes(out, bytes),
        Simple::EmptyArray => write::container(out, tag::LIST, 0),
    }
}

/// [`encode_value`] for several values of one tree: keeps its work lists from one to the next.
///
/// It holds no part of the call stack per level of nesting.
pub struct Encoder<'a, 'k, S: Source<'a>> {
    digest_key: &'k DigestKey,
    /// The containers around the current one, outermost first.
    frames: Vec<FrameOf<'a, S>>,
    /// The nodes around the current one, outermost first.
    nodes: Vec<Node>,
    dictionaries: Dictionaries<'a>,
    /// Where in `out` the values with a digest of their own are, for every open node the direct ones.
    children: Vec<Range<usize>>,
    /// What [`node_min_inside`] has seen, for every open node.
    estimates: Vec<u8>,
    scratch: Vec<u8>,
}

/// A container that is being written.
struct Frame<C, E> {
    container: C,
    entries: E,
    left: usize,
    is_list: bool,
    /// The outermost container of a node; else it is inline in the innermost open node.
    is_node: bool,
}

type FrameOf<'a, S> = Frame<<S as Source<'a>>::Container, <S as Source<'a>>::Entries>;

/// A node that is being written.
struct Node {
    /// Where its tag is in `out`.
    start: usize,
    /// Where its part of [`Encoder::children`] begins.
    children: usize,
    /// Its part of [`Encoder::estimates`].
    estimates: usize,
    /// The next of its estimates that is not used.
    next_estimate: usize,
    /// From which estimated size the containers directly in it are nodes.
    child_min: usize,
    dictionary: Dictionary,
}

impl<'a, 'k, S: Source<'a>> Encoder<'a, 'k, S> {
    /// An encoder of values whose digests hang on `digest_key`. Allocates nothing before there is a need.
    pub fn new(digest_key: &'k DigestKey) -> Self {
        Self {
            digest_key,
            frames: Vec::new(),
            nodes: Vec::new(),
            dictionaries: Dictionaries::default(),
            children: Vec::new(),
            estimates: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// As [`encode_value`].
    pub fn encode(&mut self, source: &mut S, value: S::Value, out: &mut Vec<u8>) -> Result<(), S::Error> {
        let start = out.len();
        let written = self.write(source, value, out);
        if written.is_err() {
            out.truncate(start);
        }
        self.frames.clear();
        self.nodes.clear();
        self.dictionaries.clear();
        self.children.clear();
        self.estimates.clear();
        written
    }

    fn write(&mut self, source: &mut S, value: S::Value, out: &mut Vec<u8>) -> Result<(), S::Error> {
        let (container, is_list) = match source.shape(value)? {
            Shape::List(container) if source.len(container) > 0 => (container, true),
            Shape::Map(container) if source.len(container) > 0 => (container, false),
            leaf => return self.leaf(source, leaf, out),
        };
        if self.carried(source, container, 0, out)? {
            return Ok(());
        }
        let (mut frame, mut node) = self.begin_node(source, container, is_list, out)?;
        loop {
            let Some((key, value)) = frame.entries.next() else {
                if frame.left != 0 {
                    return Err(EncodeError::Changed.into());
                }
                if frame.is_node {
                    self.end_node(source, frame.container, &node, out)?;
                    match self.nodes.pop() {
                        Some(outer) => node = outer,
                        None => return Ok(()),
                    }
                }
                match self.frames.pop() {
                    Some(outer) => frame = outer,
                    None => return Ok(()),
                }
                continue;
            };
            frame.left = frame.left.checked_sub(1).ok_or(EncodeError::Changed)?;
            if !frame.is_list {
                match key {
                    KeyRef::Bytes(bytes) if !frame.is_node => {
                        match self.dictionaries.index(&mut node.dictionary, bytes) {
                            Some(index) => out.push(write::tag_of(tag::KEY_INDEX, index as u64)),
                            None => write::key(out, key),
                        }
                    }
                    _ => write::key(out, key),
                }
            }
            let (container, is_list) = match source.shape(value)? {
                Shape::List(container) if source.len(container) > 0 => (container, true),
                Shape::Map(container) if source.len(container) > 0 => (container, false),
                leaf => {
                    self.leaf(source, leaf, out)?;
                    continue;
                }
            };
            let is_node =
                frame.is_node && self.estimated(source, container, is_list, &mut node)? >= node.child_min;
            if is_node && self.carried(source, container, self.frames.len() + 1, out)? {
                continue;
            }
            if self.frames.len() + 2 > MAX_DEPTH {
                return Err(EncodeError::TooDeep.into());
            }
            let inner = if is_node {
                let (inner, inner_node) = self.begin_node(source, container, is_list, out)?;
                self.nodes.push(std::mem::replace(&mut node, inner_node));
                inner
            } else {
                Self::begin(source, container, is_list, false, out)
            };
            self.frames.push(std::mem::replace(&mut frame, inner));
        }
    }

    /// Writes what has no entries.
    #[expect(clippy::inline_always, reason = "a call copies the shape, which takes as long as writing it")]
    #[inline(always)]
    fn leaf(
        &mut self,
        source: &mut S,
        leaf: Shape<'a, S::Container, S::Opaque>,
        out: &mut Vec<u8>,
    ) -> Result<(), S::Error> {
        match leaf {
            Shape::Null => write_simple(Simple::Null, out),
            Shape::Bool(bool) => write_simple(Simple::Bool(bool), out),
            Shape::Int(int) => write_simple(Simple::Int(int), out),
            Shape::Float(float) => write_simple(Simple::Float(float), out),
            Shape::Bytes(bytes) => write_simple(Simple::Bytes(bytes), out),
            Shape::List(_) | Shape::Map(_) => write_simple(Simple::EmptyArray, out),
            Shape::Opaque(opaque) => write::long_bytes(out, tag::OPAQUE, source.serialize(opaque)?.as_ref()),
            Shape::GroupMember { group, bytes } => {
                let start = out.len();
                group::carry_group_member(group, bytes, out);
                self.children.push(start..out.len());
            }
        }
        Ok(())
    }

    fn estimated(
        &self,
        source: &S,
        container: S::Container,
        is_list: bool,
        node: &mut Node,
    ) -> Result<usize, S::Error> {
        match self.estimates.get(node.next_estimate) {
            Some(&seen) => {
                node.next_estimate += 1;
                Ok(seen.into())
            }
            None => estimate(source, container, is_list),
        }
    }

    /// Appends the node of a container that the source has as bytes. `depth` containers are around it.
    fn carried(
        &mut self,
        source: &S,
        container: S::Container,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<bool, S::Error> {
        let start = out.len();
        let Some(height) = source.carry(container, out) else { return Ok(false) };
        if depth.saturating_add(height) > MAX_DEPTH {
            return Err(EncodeError::TooDeep.into());
        }
        self.children.push(start..out.len());
        Ok(true)
    }

    fn begin(
        source: &S,
        container: S::Container,
        is_list: bool,
        is_node: bool,
        out: &mut Vec<u8>,
    ) -> FrameOf<'a, S> {
        let left = source.len(container);
        write::container(out, if is_list { tag::LIST } else { tag::MAP }, left);
        Frame { container, entries: source.entries(container), left, is_list, is_node }
    }

    fn begin_node(
        &mut self,
        source: &S,
        container: S::Container,
        is_list: bool,
        out: &mut Vec<u8>,
    ) -> Result<(FrameOf<'a, S>, Node), S::Error> {
        let estimates = self.estimates.len();
        let node = Node {
            start: out.len(),
            children: self.children.len(),
            estimates,
            next_estimate: estimates,
            child_min: node_min_inside(source, container, &mut self.estimates)?,
            dictionary: self.dictionaries.begin(),
        };
        out.push(tag::NODE);
        out.extend_from_slice(&[0; tag::NODE_HEADER - 1]);
        Ok((Self::begin(source, container, is_list, true, out), node))
    }

    fn end_node(
        &mut self,
        source: &mut S,
        container: S::Container,
        node: &Node,
        out: &mut [u8],
    ) -> Result<(), EncodeError> {
        let children = &self.children[node.children..];
        let digest = seal_node(self.digest_key, out, node.start, children, &mut self.scratch)?;
        source.written(container, Written { out, start: node.start, children, digest });
        self.children.truncate(node.children);
        self.children.push(node.start..out.len());
        self.estimates.truncate(node.estimates);
        self.dictionaries.end(node.dictionary);
        Ok(())
    }
}

/// Fills in the header of the node at `out[start ..]`, whose body is complete.
pub(super) fn seal_node(
    digest_key: &DigestKey,
    out: &mut [u8],
    start: usize,
    children: &[Range<usize>],
    scratch: &mut Vec<u8>,
) -> Result<super::Digest, EncodeError> {
    let body = start + tag::NODE_HEADER;
    let digest = digest_key.node_digest(out, body, children, scratch);
    write_header(out, start, digest)?;
    Ok(digest)
}

/// Writes the header of the node at `out[start ..]`, whose body is complete and has this digest.
pub(super) fn write_header(out: &mut [u8], start: usize, digest: super::Digest) -> Result<(), EncodeError> {
    let body = start + tag::NODE_HEADER;
    let len = u32::try_from(out.len() - body).map_err(|_| EncodeError::TooLarge)?;
    out[start + 1..start + 5].copy_from_slice(&len.to_le_bytes());
    out[start + 5..body].copy_from_slice(&digest.0);
    Ok(())
}

// NODE_MIN is what the estimates are capped at: an estimate is a u8 in `Encoder::estimates`.
const _: () = assert!(NODE_MIN <= 255);
