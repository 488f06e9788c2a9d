use super::read::{Reader, WrittenKey};
use super::{DecodeError, Digest, MAX_DEPTH, Sink, tag};

/// Builds the value that `bytes` are, wholly.
pub fn decode_value<S: Sink>(bytes: &[u8], sink: &mut S) -> Result<S::Value, S::Error> {
    let (value, len) = decode_prefix(bytes, sink)?;
    if len == bytes.len() {
        Ok(value)
    } else {
        Err(DecodeError { offset: len, reason: "bytes follow the value" }.into())
    }
}

/// Builds the value that `bytes` begin with; also gives its length.
pub fn decode_prefix<S: Sink>(bytes: &[u8], sink: &mut S) -> Result<(S::Value, usize), S::Error> {
    let mut decoder = Decoder {
        input: Input { reader: Reader::new(bytes), keys: Vec::new(), dictionary: 0, owed: 0 },
        sink,
        frames: Vec::new(),
    };
    let value = decoder.value()?;
    Ok((value, decoder.input.reader.pos()))
}

/// Holds no part of the call stack per level of nesting.
struct Decoder<'b, 's, S: Sink> {
    input: Input<'b, S::Key>,
    sink: &'s mut S,
    /// The open containers, outermost first.
    frames: Vec<Frame<S>>,
}

struct Input<'b, K> {
    reader: Reader<'b>,
    /// The dictionaries of the open nodes, the innermost node's last.
    keys: Vec<K>,
    /// Where the innermost node's dictionary begins.
    dictionary: usize,
    /// The fewest bytes in which the announced entries of the innermost node's open containers can stand. No byte is
    /// promised twice, so what a sink reserves by count is in all at most proportional to the input.
    owed: usize,
}

/// A container that is being read; an entry of it is under way.
struct Frame<S: Sink> {
    building: Building<S>,
    /// Entries after the one under way.
    left: usize,
    /// Of the outermost container of a node.
    node: Option<OpenNode>,
}

enum Building<S: Sink> {
    List(S::List),
    /// With the key of the entry that is under way.
    Map(S::Map, S::Key),
}

/// A node, and what there was around it.
struct OpenNode {
    digest: Digest,
    start: usize,
    end_around: usize,
    dictionary_around: usize,
    owed_around: usize,
}

/// What a value begins with.
enum Begun<V> {
    Whole(V),
    /// Its first entry is under way.
    Container,
}

impl<S: Sink> Decoder<'_, '_, S> {
    fn value(&mut self) -> Result<S::Value, S::Error> {
        loop {
            let Begun::Whole(value) = self.begin_value()? else { continue };
            if let Some(value) = self.hand_up(value)? {
                return Ok(value);
            }
        }
    }

    #[inline]
    fn begin_value(&mut self) -> Result<Begun<S::Value>, S::Error> {
        let start = self.input.reader.pos();
        let reader = &mut self.input.reader;
        let first = reader.byte()?;
        Ok(Begun::Whole(match first {
            tag::SHORT_BYTES.. => self.sink.bytes(reader.take(usize::from(first - tag::SHORT_BYTES))?),
            tag::SMALL_INT.. => self.sink.int(i64::from(first - tag::SMALL_INT)),
            tag::NULL => self.sink.null(),
            tag::FALSE => self.sink.bool(false),
            tag::TRUE => self.sink.bool(true),
            tag::FLOAT => self.sink.float(f64::from_bits(u64::from_le_bytes(reader.array()?))),
            tag::INT => self.sink.int(reader.int(tag::SMALL_INTS)?),
            tag::BYTES => self.sink.bytes(reader.long_bytes()?),
            tag::LIST | tag::MAP => return self.begin_container(first, None),
            tag::NODE => return self.begin_node(start),
            tag::OPAQUE => {
                let len = reader.length()?;
                self.sink.opaque(reader.take(len)?)?
            }
            tag::GROUP_MEMBER => {
                let (group, bytes) = reader.group_member()?;
                self.sink.group_member(group, bytes)?
            }
            _ => return Err(reader.damaged("no value begins with this byte").into()),
        }))
    }

    fn begin_node(&mut self, start: usize) -> Result<Begun<S::Value>, S::Error> {
        let Input { reader, keys, dictionary, owed } = &mut self.input;
        let (len, digest) = reader.node_header()?;
        if len > reader.left().saturating_sub(*owed) {
            return Err(reader.damaged("a node reaches into what follows it").into());
        }
        let mut known = reader.clone();
        known.take(len)?;
        if let Some(value) = self.sink.known(digest, known.since(start)) {
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
        self.begin_container(tag, Some(node))
    }

    fn begin_container(&mut self, tag: u8, node: Option<OpenNode>) -> Result<Begun<S::Value>, S::Error> {
        let Input { reader, owed, .. } = &mut self.input;
        let count = reader.length()?;
        let entry_min = if tag == tag::LIST { 1 } else { 2 };
        if count > reader.left().saturating_sub(*owed) / entry_min {
            return Err(reader.damaged("more entries than bytes").into());
        }
        let Some(left) = count.checked_sub(1) else {
            let empty = if tag == tag::LIST {
                let list = self.sink.begin_list(0);
                self.sink.end_list(list)
            } else {
                let map = self.sink.begin_map(0);
                self.sink.end_map(map)
            };
            return Ok(Begun::Whole(self.end_node(node, empty)?));
        };
        // The root is one more than what Encoder::encode writes.
        if self.frames.len() > MAX_DEPTH {
            return Err(reader.damaged("arrays are nested too deep").into());
        }
        if self.frames.is_empty() && node.is_none() {
            return Err(reader.damaged("an array stands outside of a node").into());
        }
        *owed += left * entry_min;
        let building = if tag == tag::LIST {
            Building::List(self.sink.begin_list(count))
        } else {
            let map = self.sink.begin_map(count);
            Building::Map(map, self.input.key(node.is_none(), self.sink)?)
        };
        self.frames.push(Frame { building, left, node });
        Ok(Begun::Container)
    }

    /// Puts a complete value where it belongs, and the containers that are complete with it. `None`: the next entry
    /// is under way.
    #[inline]
    fn hand_up(&mut self, mut value: S::Value) -> Result<Option<S::Value>, S::Error> {
        loop {
            let Some(frame) = self.frames.last_mut() else { return Ok(Some(value)) };
            if let Some(left) = frame.left.checked_sub(1) {
                frame.left = left;
                match &mut frame.building {
                    Building::List(list) => {
                        self.input.owed -= 1;
                        self.sink.push(list, value);
                    }
                    Building::Map(map, key) => {
                        self.input.owed -= 2;
                        let next = self.input.key(frame.node.is_none(), self.sink)?;
                        self.sink.insert(map, std::mem::replace(key, next), value);
                    }
                }
                return Ok(None);
            }
            let Some(Frame { building, node, .. }) = self.frames.pop() else { return Ok(Some(value)) };
            let whole = match building {
                Building::List(mut list) => {
                    self.sink.push(&mut list, value);
                    self.sink.end_list(list)
                }
                Building::Map(mut map, key) => {
                    self.sink.insert(&mut map, key, value);
                    self.sink.end_map(map)
                }
            };
            value = self.end_node(node, whole)?;
        }
    }

    #[inline]
    fn end_node(&mut self, node: Option<OpenNode>, value: S::Value) -> Result<S::Value, S::Error> {
        let Some(node) = node else { return Ok(value) };
        let Input { reader, keys, dictionary, owed } = &mut self.input;
        if reader.left() > 0 {
            return Err(reader.damaged("a node is longer than its array").into());
        }
        reader.widen(node.end_around);
        keys.truncate(*dictionary);
        *dictionary = node.dictionary_around;
        *owed = node.owed_around;
        Ok(self.sink.end_node(node.digest, reader.since(node.start), value))
    }
}

impl<K: Clone> Input<'_, K> {
    /// The key of the next entry. `inline`: of a container that is not a node's outermost.
    #[inline]
    fn key<S: Sink<Key = K>>(&mut self, inline: bool, sink: &mut S) -> Result<K, DecodeError> {
        let literal = match self.reader.key()? {
            WrittenKey::Index(index) => {
                return match self.keys.get(self.dictionary + index) {
                    Some(key) if inline => Ok(key.clone()),
                    _ => Err(self.reader.damaged("a key that the dictionary doesn't have")),
                };
            }
            WrittenKey::Literal(literal) => literal,
        };
        let key = sink.key(literal);
        if inline && tag::enters_dictionary(literal, self.keys.len() - self.dictionary) {
            self.keys.push(key.clone());
        }
        Ok(key)
    }
}
