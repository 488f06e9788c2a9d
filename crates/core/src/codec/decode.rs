use super::read::{Reader, WrittenKey};
use super::{DecodeError, Digest, MAX_DEPTH, Sink, tag};

/// Builds the value that `bytes` are, wholly.
///
/// Whoever decodes several values keeps a [`Decoder`].
pub fn decode_value<S: Sink>(bytes: &[u8], sink: &mut S) -> Result<S::Value, S::Error> {
    Decoder::new().decode(bytes, sink)
}

/// Builds the value that `bytes` begin with; also gives its length.
pub fn decode_prefix<S: Sink>(bytes: &[u8], sink: &mut S) -> Result<(S::Value, usize), S::Error> {
    Decoder::new().decode_prefix(bytes, sink)
}

/// [`decode_value`] for several values: keeps its work lists from one to the next. Of any sinks that have these keys, lists
/// and maps.
///
/// It holds no part of the call stack per level of nesting.
pub struct Decoder<K, L, M> {
    /// The dictionaries of the open nodes, the innermost node's last.
    keys: Vec<K>,
    /// The containers around the current one, outermost first.
    frames: Vec<Frame<K, L, M>>,
}

/// A container that is being read.
struct Frame<K, L, M> {
    building: Building<L, M>,
    /// The key of the entry that is under way, while that is a container.
    key: Option<K>,
    /// Entries that were not begun.
    left: usize,
    /// Levels of arrays in it.
    height: usize,
    /// Of the outermost container of a node.
    node: Option<OpenNode>,
}

type FrameOf<S> = Frame<<S as Sink>::Key, <S as Sink>::List, <S as Sink>::Map>;

enum Building<L, M> {
    List(L),
    Map(M),
}

/// A node, and what there was around it.
struct OpenNode {
    digest: Digest,
    start: usize,
    end_around: usize,
    dictionary_around: usize,
    owed_around: usize,
}

/// What a container begins with.
enum Begun<V, F> {
    /// Nothing: it is empty, or known.
    Whole(V),
    /// Entries.
    Open(F),
}

type BegunOf<S> = Begun<<S as Sink>::Value, FrameOf<S>>;

impl<K: Clone, L, M> Decoder<K, L, M> {
    /// A decoder. Allocates nothing before there is a need.
    pub const fn new() -> Self {
        Self { keys: Vec::new(), frames: Vec::new() }
    }

    /// As [`decode_value`].
    #[inline]
    pub fn decode<S: Sink<Key = K, List = L, Map = M>>(
        &mut self,
        bytes: &[u8],
        sink: &mut S,
    ) -> Result<S::Value, S::Error> {
        let (value, len) = self.decode_prefix(bytes, sink)?;
        if len == bytes.len() {
            Ok(value)
        } else {
            Err(DecodeError { offset: len, reason: "bytes follow the value" }.into())
        }
    }

    /// As [`decode_prefix`].
    #[inline]
    pub fn decode_prefix<S: Sink<Key = K, List = L, Map = M>>(
        &mut self,
        bytes: &[u8],
        sink: &mut S,
    ) -> Result<(S::Value, usize), S::Error> {
        let mut input =
            Input { reader: Reader::new(bytes), keys: &mut self.keys, dictionary: 0, owed: 0, sink };
        let first = input.reader.byte()?;
        let value = if is_container(first) {
            let built = input.container(first, &mut self.frames);
            if built.is_err() {
                self.frames.clear();
                input.keys.clear();
            }
            built?
        } else {
            input.leaf(first)?
        };
        Ok((value, input.reader.pos()))
    }
}

impl<K: Clone, L, M> Default for Decoder<K, L, M> {
    fn default() -> Self {
        Self::new()
    }
}

const fn is_container(tag: u8) -> bool {
    matches!(tag, tag::LIST | tag::MAP | tag::NODE)
}

struct Input<'b, 'd, S: Sink> {
    reader: Reader<'b>,
    keys: &'d mut Vec<S::Key>,
    /// Where the innermost node's dictionary begins.
    dictionary: usize,
    /// The fewest bytes in which the announced entries of the innermost node's open containers can stand. No byte is
    /// promised twice, so what a sink reserves by count is in all at most proportional to the input.
    owed: usize,
    sink: &'d mut S,
}

impl<S: Sink> Input<'_, '_, S> {
    /// The value that begins with `first`, which was read, and is a container.
    fn container(&mut self, first: u8, frames: &mut Vec<FrameOf<S>>) -> Result<S::Value, S::Error> {
        let mut frame = match self.begin(first, 0)? {
            Begun::Whole(value) => return Ok(value),
            Begun::Open(frame) => frame,
        };
        loop {
            let Some((first, key)) = self.leaves(&mut frame)? else {
                let height = frame.height + 1;
                let whole = match frame.building {
                    Building::List(list) => self.sink.end_list(list),
                    Building::Map(map) => self.sink.end_map(map),
                };
                let whole = self.end_node(frame.node, height, whole)?;
                let Some(outer) = frames.pop() else { return Ok(whole) };
                frame = outer;
                frame.height = frame.height.max(height);
                let key = frame.key.take();
                self.put(&mut frame.building, key, whole);
                continue;
            };
            match self.begin(first, frames.len() + 1)? {
                Begun::Whole(value) => self.put(&mut frame.building, key, value),
                Begun::Open(inner) => {
                    frame.key = key;
                    frames.push(std::mem::replace(&mut frame, inner));
                }
            }
        }
    }

    /// Adds entries up to the next one that is a container, of which it gives the first byte and the key. `None`: the container
    /// is complete.
    #[inline]
    fn leaves(&mut self, frame: &mut FrameOf<S>) -> Result<Option<(u8, Option<S::Key>)>, S::Error> {
        match &mut frame.building {
            Building::List(list) => {
                while let Some(left) = frame.left.checked_sub(1) {
                    frame.left = left;
                    self.owed -= LIST_ENTRY_MIN;
                    let first = self.reader.byte()?;
                    if is_container(first) {
                        return Ok(Some((first, None)));
                    }
                    let item = self.leaf(first)?;
                    self.sink.push(list, item);
                }
            }
            Building::Map(map) => {
                let inline = frame.node.is_none();
                while let Some(left) = frame.left.checked_sub(1) {
                    frame.left = left;
                    self.owed -= MAP_ENTRY_MIN;
                    let key = self.key(inline)?;
                    let first = self.reader.byte()?;
                    if is_container(first) {
                        return Ok(Some((first, Some(key))));
                    }
                    let value = self.leaf(first)?;
                    self.sink.insert(map, key, value);
                }
            }
        }
        Ok(None)
    }

    /// Adds a complete entry.
    fn put(&mut self, building: &mut Building<S::List, S::Map>, key: Option<S::Key>, value: S::Value) {
        match (building, key) {
            (Building::Map(map), Some(key)) => self.sink.insert(map, key, value),
            (Building::List(list), _) => self.sink.push(list, value),
            (Building::Map(_), None) => debug_assert!(false, "an entry of a map has a key"),
        }
    }

    /// The value that begins with `first`, which was read, and is no container.
    #[expect(
        clippy::inline_always,
        reason = "a call moves the value through memory, which takes as long as reading it"
    )]
    #[inline(always)]
    fn leaf(&mut self, first: u8) -> Result<S::Value, S::Error> {
        let reader = &mut self.reader;
        Ok(match first {
            tag::SHORT_BYTES.. => self.sink.bytes(reader.take(usize::from(first - tag::SHORT_BYTES))?),
            tag::SMALL_INT.. => self.sink.int(i64::from(first - tag::SMALL_INT)),
            tag::NULL => self.sink.null(),
            tag::FALSE => self.sink.bool(false),
            tag::TRUE => self.sink.bool(true),
            tag::FLOAT => self.sink.float(f64::from_bits(u64::from_le_bytes(reader.array()?))),
            tag::INT => self.sink.int(reader.int(tag::SMALL_INTS)?),
            tag::BYTES => self.sink.bytes(reader.long_bytes()?),
            tag::OPAQUE => {
                let len = reader.length()?;
                self.sink.opaque(reader.take(len)?)?
            }
            tag::GROUP_MEMBER => {
                let (group, bytes) = reader.group_member()?;
                self.sink.group_member(group, bytes)?
            }
            _ => return Err(reader.damaged("no value begins with this byte").into()),
        })
    }

    /// The container that begins with `first`, which was read; `depth` containers are around it.
    fn begin(&mut self, first: u8, depth: usize) -> Result<BegunOf<S>, S::Error> {
        let Self { reader, keys, dictionary, owed, sink } = self;
        let (tag, node) = if first == tag::NODE {
            let start = reader.pos() - 1;
            let (len, digest) = reader.node_header()?;
            if len > reader.left().saturating_sub(*owed) {
                return Err(reader.damaged("a node reaches into what follows it").into());
            }
            let mut known = reader.clone();
            known.take(len)?;
            if let Some(value) = sink.known(digest, known.since(start)) {
                *reader = known;
                return Ok(Begun::Whole(value));
            }
            let node = OpenNode {
                digest,
                start,
                end_around: reader.narrow(len),
                dictionary_around: std::mem::replace(dictionary, keys.len()),
                owed_around: std::mem::replace(owed, 0),
            };
            let tag = reader.byte()?;
            if tag != tag::LIST && tag != tag::MAP {
                return Err(reader.damaged("a node's body is no array").into());
            }
            (tag, Some(node))
        } else {
            (first, None)
        };
        let count = reader.length()?;
        let entry_min = if tag == tag::LIST { LIST_ENTRY_MIN } else { MAP_ENTRY_MIN };
        if count > reader.left().saturating_sub(*owed) / entry_min {
            return Err(reader.damaged("more entries than bytes").into());
        }
        if count == 0 {
            let empty = if tag == tag::LIST {
                let list = sink.begin_list(0);
                sink.end_list(list)
            } else {
                let map = sink.begin_map(0);
                sink.end_map(map)
            };
            return Ok(Begun::Whole(self.end_node(node, 0, empty)?));
        }
        // The root is one more than what Encoder::encode writes.
        if depth > MAX_DEPTH {
            return Err(reader.damaged("arrays are nested too deep").into());
        }
        if depth == 0 && node.is_none() {
            return Err(reader.damaged("an array stands outside of a node").into());
        }
        *owed += count * entry_min;
        let building = if tag == tag::LIST {
            Building::List(sink.begin_list(count))
        } else {
            Building::Map(sink.begin_map(count))
        };
        Ok(Begun::Open(Frame { building, key: None, left: count, height: 0, node }))
    }

    /// `value` is complete, and with it the node that it is the outermost container of, if any.
    #[inline]
    fn end_node(
        &mut self,
        node: Option<OpenNode>,
        height: usize,
        value: S::Value,
    ) -> Result<S::Value, S::Error> {
        let Some(node) = node else { return Ok(value) };
        let Self { reader, keys, dictionary, owed, sink } = self;
        if reader.left() > 0 {
            return Err(reader.damaged("a node is longer than its array").into());
        }
        reader.widen(node.end_around);
        keys.truncate(*dictionary);
        *dictionary = node.dictionary_around;
        *owed = node.owed_around;
        Ok(sink.end_node(node.digest, reader.since(node.start), height, value))
    }

    /// The key of the next entry. `inline`: of a container that is not a node's outermost.
    #[inline]
    fn key(&mut self, inline: bool) -> Result<S::Key, DecodeError> {
        let literal = match self.reader.key()? {
            WrittenKey::Index(index) => {
                return match self.keys.get(self.dictionary + index) {
                    Some(key) if inline => Ok(key.clone()),
                    _ => Err(self.reader.damaged("a key that the dictionary doesn't have")),
                };
            }
            WrittenKey::Literal(literal) => literal,
        };
        let key = self.sink.key(literal);
        if inline && tag::enters_dictionary(literal, self.keys.len() - self.dictionary) {
            self.keys.push(key.clone());
        }
        Ok(key)
    }
}

/// The fewest bytes of an item of a list.
const LIST_ENTRY_MIN: usize = 1;
/// The fewest bytes of an entry of a map.
const MAP_ENTRY_MIN: usize = 2;
