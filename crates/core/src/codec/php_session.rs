//! What PHP's own serializers write of a whole session, as the root of a record: for who takes sessions over.
//!
//! Objects become leaves in PHP's own format, as the extension stores them. Where values refer to each other, what belongs
//! together is one leaf: a variable, or a group of variables.

use std::{collections::HashSet, ops::Range};

use super::{
    DigestKey, EncodeError, MAX_DEPTH,
    encode::encode_value,
    group::write_group_member,
    php_serialize::{self, Seen, Text, each_value, renumbered, stand_alone},
    root::RootWriter,
};
use crate::value::{MapKey, Value, ValueSource};

/// A serializer that comes with PHP, as `session.serialize_handler` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `php`: name, bar, value.
    Php,
    /// `php_serialize`: one array.
    PhpSerialize,
    /// `php_binary`: length of the name, name, value.
    PhpBinary,
}

impl Format {
    /// The one of this name, if it is one of the three.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Php, Self::PhpSerialize, Self::PhpBinary].into_iter().find(|format| format.name() == name)
    }

    /// PHP's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Php => "php",
            Self::PhpSerialize => "php_serialize",
            Self::PhpBinary => "php_binary",
        }
    }
}

/// Why a session can't be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoSession {
    /// Not in this format.
    #[error("it is not what session.serialize_handler = {} writes, from byte {offset} on", .format.name())]
    Foreign {
        /// What was expected.
        format: Format,
        /// Where that became clear.
        offset: usize,
    },
    /// Values refer to others in a way that only PHP can follow.
    #[error("its values refer to each other in a way that only PHP can follow")]
    Entangled,
    /// A value can't be stored.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// A session variable that was found.
struct Variable<'t> {
    name: &'t [u8],
    /// Where its value stands.
    range: Range<usize>,
    /// The numbers that were given out before it.
    base: u64,
    /// The numbers that it takes.
    slots: u64,
    /// What it refers to.
    refers_to: Vec<u64>,
}

impl Variable<'_> {
    fn has(&self, number: u64) -> bool {
        (self.base + 1..=self.base + self.slots).contains(&number)
    }
}

/// What has been read of a session.
struct Session<'t> {
    format: Format,
    text: Text<'t>,
    variables: Vec<Variable<'t>>,
    /// Something in it has a form that only its class knows.
    is_custom: bool,
    /// Such a content may refer to something.
    may_refer: bool,
}

/// Appends the root of a session that a serializer of PHP wrote to `out`.
pub fn root_of(format: Format, data: &[u8], digests: &DigestKey, out: Vec<u8>) -> Result<Vec<u8>, NoSession> {
    let mut session = Session {
        format,
        text: Text { bytes: data, pos: 0 },
        variables: Vec::new(),
        is_custom: false,
        may_refer: false,
    };
    session.read()?;
    let refers = session.may_refer || session.variables.iter().any(|variable| !variable.refers_to.is_empty());
    if session.is_custom && refers {
        return Err(NoSession::Entangled);
    }
    let groups = session.groups()?;
    let mut root = RootWriter::new(digests, session.variables.len(), out);
    for (number, variable) in session.variables.iter().enumerate() {
        let key = key_of(variable.name);
        let mut bytes = Vec::new();
        if let Some(members) = groups.iter().find(|members| members.contains(&number)) {
            write_group_member(digests, &session.group(members)?, &mut bytes);
        } else {
            let value = session.value(variable)?;
            encode_value(&mut ValueSource, &value, digests, &mut bytes)?;
        }
        root.entry(key.as_ref(), &bytes);
    }
    Ok(root.finish()?.0)
}

impl<'t> Session<'t> {
    fn foreign(&self, offset: usize) -> NoSession {
        NoSession::Foreign { format: self.format, offset: offset.min(self.text.bytes.len()) }
    }

    fn read(&mut self) -> Result<(), NoSession> {
        let mut names = HashSet::new();
        let (mut base, mut left) = (0, u64::MAX);
        let end = if self.format == Format::PhpSerialize {
            base = 1;
            left = self.array().ok_or_else(|| self.foreign(self.text.pos))?;
            self.text.bytes.len().saturating_sub(1)
        } else {
            self.text.bytes.len()
        };
        while self.text.pos < end && left > 0 {
            let at = self.text.pos;
            let name = self.name().ok_or_else(|| self.foreign(at))?;
            let start = self.text.pos;
            let (mut refers_to, mut is_custom, mut may_refer) = (Vec::new(), false, false);
            let bytes = self.text.bytes;
            let slots = each_value(&mut self.text, |seen| {
                match seen {
                    Seen::Reference { number, before, .. } => {
                        (1..=before.saturating_add(base)).contains(&number).then_some(())?;
                        refers_to.push(number);
                    }
                    Seen::Custom { content } => {
                        is_custom = true;
                        may_refer |= php_serialize::may_refer(bytes.get(content)?);
                    }
                }
                Some(())
            })
            .ok_or_else(|| self.foreign(self.text.pos))?;
            self.is_custom |= is_custom;
            self.may_refer |= may_refer;
            // PHP names a variable once.
            if !names.insert(name) {
                return Err(self.foreign(at));
            }
            self.variables.push(Variable { name, range: start..self.text.pos, base, slots, refers_to });
            base += slots;
            left -= 1;
        }
        if self.format == Format::PhpSerialize && (left > 0 || self.text.literal(b"}").is_none())
            || self.text.pos != self.text.bytes.len()
        {
            return Err(self.foreign(self.text.pos));
        }
        Ok(())
    }

    /// The beginning of the array of all variables; how many it has.
    fn array(&mut self) -> Option<u64> {
        self.text.literal(b"a:")?;
        let count = self.text.number()?;
        self.text.literal(b":{")?;
        Some(count)
    }

    /// What stands before a variable's value.
    fn name(&mut self) -> Option<&'t [u8]> {
        let rest = self.text.bytes.get(self.text.pos..)?;
        match self.format {
            Format::Php => {
                let len = rest.iter().position(|byte| *byte == b'|')?;
                self.text.pos += len + 1;
                Some(&rest[..len])
            }
            Format::PhpBinary => {
                // The highest bit marked a variable without a value, in PHP 5.
                let len = usize::from(*rest.first()?);
                (len < 128).then_some(())?;
                self.text.pos += len + 1;
                rest.get(1..=len)
            }
            Format::PhpSerialize => {
                let start = self.text.pos;
                match self.text.byte()? {
                    b'i' => {
                        self.text.int()?;
                        self.text.bytes.get(start + 2..self.text.pos - 1)
                    }
                    b's' => string(&mut self.text),
                    _ => None,
                }
            }
        }
    }

    /// The variables that refer to each other, two or more at a time.
    fn groups(&self) -> Result<Vec<Vec<usize>>, NoSession> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (number, variable) in self.variables.iter().enumerate() {
            let mut group = vec![number];
            for other in variable.refers_to.iter().filter(|other| !variable.has(**other)) {
                let owner = self.variables.iter().position(|variable| variable.has(*other));
                // All variables at once are nothing that could be stored in a place of its own.
                group.push(owner.ok_or(NoSession::Entangled)?);
            }
            if group.len() > 1 {
                let (connected, apart): (Vec<_>, Vec<_>) =
                    groups.into_iter().partition(|known| known.iter().any(|member| group.contains(member)));
                groups = apart;
                group.extend(connected.into_iter().flatten());
                group.sort_unstable();
                group.dedup();
                groups.push(group);
            }
        }
        Ok(groups)
    }

    /// An array of some variables, in a numbering of its own, in which it is number 1.
    fn group(&self, members: &[usize]) -> Result<Vec<u8>, NoSession> {
        let mut out = format!("a:{}:{{", members.len()).into_bytes();
        let mut bases = Vec::with_capacity(members.len());
        let mut base = 1;
        for variable in members.iter().map(|member| &self.variables[*member]) {
            bases.push((variable, base));
            base += variable.slots;
        }
        for (variable, _) in &bases {
            match key_of(variable.name) {
                MapKey::Int(index) => out.extend_from_slice(format!("i:{index};").as_bytes()),
                MapKey::Bytes(name) => {
                    out.extend_from_slice(format!("s:{}:\"", name.len()).as_bytes());
                    out.extend_from_slice(&name);
                    out.extend_from_slice(b"\";");
                }
            }
            let moved = renumbered(&self.text.bytes[variable.range.clone()], |number| {
                let (owner, base) = bases.iter().find(|(owner, _)| owner.has(number))?;
                Some(number - owner.base + base)
            });
            out.extend_from_slice(&moved.ok_or(NoSession::Entangled)?);
        }
        out.push(b'}');
        Ok(out)
    }

    /// The value of a variable that refers to no other one.
    fn value(&self, variable: &Variable<'_>) -> Result<Value, NoSession> {
        let bytes = &self.text.bytes[variable.range.clone()];
        let mut reader = Tree { text: Text { bytes, pos: 0 }, slots: variable.base };
        match reader.read() {
            Ok(Some(value)) => Ok(value),
            Ok(None) if variable.refers_to.is_empty() => Ok(Value::Opaque(bytes.to_vec())),
            Ok(None) => renumbered(bytes, |number| number.checked_sub(variable.base))
                .map(Value::Opaque)
                .ok_or(NoSession::Entangled),
            Err(Untold::TooDeep) => Err(EncodeError::TooDeep.into()),
            Err(Untold::Foreign) => Err(self.foreign(variable.range.start + reader.text.pos)),
        }
    }
}

/// The key that PHP makes of a name.
fn key_of(name: &[u8]) -> MapKey {
    match number_of(name) {
        Some(index) => MapKey::Int(index),
        None => MapKey::Bytes(name.into()),
    }
}

/// The integer of which `name` is the canonical spelling. The least of all integers is none, as in PHP.
fn number_of(name: &[u8]) -> Option<i64> {
    let index: i64 = std::str::from_utf8(name).ok()?.parse().ok()?;
    (index != i64::MIN && index.to_string().as_bytes() == name).then_some(index)
}

/// What follows the letter of a string that stands alone.
fn string<'t>(text: &mut Text<'t>) -> Option<&'t [u8]> {
    let start = text.pos;
    text.string()?;
    let len = text.bytes[start + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    // `:`, digits, `:"`, the string, `"`.
    let string = text.bytes.get(start + len + 3..text.pos - 1)?;
    text.literal(b";")?;
    Some(string)
}

/// A value whose form was looked at before.
struct Tree<'t> {
    text: Text<'t>,
    /// The numbers that were given out, those of the variables before it included.
    slots: u64,
}

enum Untold {
    Foreign,
    TooDeep,
}

/// An array that is being read.
struct Frame {
    entries: Vec<(MapKey, Value)>,
    left: u64,
}

impl Tree<'_> {
    /// The value as a tree whose leaves stand alone; `None` when it is none.
    fn read(&mut self) -> Result<Option<Value>, Untold> {
        let mut frames: Vec<Frame> = Vec::new();
        loop {
            let Some(mut value) = self.leaf(&mut frames)? else { return Ok(None) };
            loop {
                if let Some(whole) = value.take() {
                    match frames.last_mut() {
                        None => return Ok(Some(whole)),
                        Some(frame) => match frame.entries.last_mut() {
                            Some((_, last)) => *last = whole,
                            None => return Err(Untold::Foreign),
                        },
                    }
                }
                let Some(frame) = frames.last_mut() else { return Err(Untold::Foreign) };
                let Some(left) = frame.left.checked_sub(1) else {
                    self.text.literal(b"}").ok_or(Untold::Foreign)?;
                    let entries = std::mem::take(&mut frame.entries);
                    frames.pop();
                    let mut met = HashSet::with_capacity(entries.len());
                    if !entries.iter().all(|(key, _)| met.insert(key.as_ref())) {
                        return Ok(None);
                    }
                    value = Some(Value::map(entries));
                    continue;
                };
                frame.left = left;
                let Some(key) = self.key()? else { return Ok(None) };
                frame.entries.push((key, Value::Null));
                break;
            }
        }
    }

    /// A key; `None` for one that PHP would take for another one.
    fn key(&mut self) -> Result<Option<MapKey>, Untold> {
        match self.text.byte() {
            Some(b'i') => Ok(Some(MapKey::Int(self.int()?))),
            Some(b's') => {
                let name = string(&mut self.text).ok_or(Untold::Foreign)?;
                Ok(number_of(name).is_none().then(|| MapKey::Bytes(name.into())))
            }
            _ => Err(Untold::Foreign),
        }
    }

    fn int(&mut self) -> Result<i64, Untold> {
        let start = self.text.pos + 1;
        self.text.int().ok_or(Untold::Foreign)?;
        self.written(start)?.parse().map_err(|_| Untold::Foreign)
    }

    /// What was read since `start`, without the semicolon at its end.
    fn written(&self, start: usize) -> Result<&str, Untold> {
        let bytes = self.text.bytes.get(start..self.text.pos - 1).ok_or(Untold::Foreign)?;
        std::str::from_utf8(bytes).map_err(|_| Untold::Foreign)
    }

    /// A value, or the beginning of an array (`Some(None)`); `None` when there can be no tree.
    #[allow(clippy::option_option, reason = "three answers, each of which ends in another place")]
    fn leaf(&mut self, frames: &mut Vec<Frame>) -> Result<Option<Option<Value>>, Untold> {
        let start = self.text.pos;
        let kind = self.text.byte().ok_or(Untold::Foreign)?;
        let value = match kind {
            b'N' => {
                self.text.literal(b";").ok_or(Untold::Foreign)?;
                Value::Null
            }
            b'b' => {
                self.text.literal(b":").ok_or(Untold::Foreign)?;
                let is_true = self.text.byte() == Some(b'1');
                self.text.literal(b";").ok_or(Untold::Foreign)?;
                Value::Bool(is_true)
            }
            b'i' => Value::Int(self.int()?),
            b'd' => {
                let start = self.text.pos + 1;
                self.text.float().ok_or(Untold::Foreign)?;
                let text = self.written(start)?;
                // Rust reads the same names in any case, and more of them.
                Value::Float(text.parse().map_err(|_| Untold::Foreign)?)
            }
            b's' => Value::Bytes(string(&mut self.text).ok_or(Untold::Foreign)?.to_vec()),
            b'a' => {
                self.text.literal(b":").ok_or(Untold::Foreign)?;
                let left = self.text.number().ok_or(Untold::Foreign)?;
                self.text.literal(b":{").ok_or(Untold::Foreign)?;
                self.slots += 1;
                if frames.len() > MAX_DEPTH {
                    return Err(Untold::TooDeep);
                }
                frames.push(Frame { entries: Vec::new(), left });
                return Ok(Some(None));
            }
            b'O' | b'E' | b'C' => {
                self.text.pos = start;
                let mut refers = false;
                let slots = each_value(&mut self.text, |seen| {
                    refers |= matches!(seen, Seen::Reference { .. });
                    Some(())
                })
                .ok_or(Untold::Foreign)?;
                let bytes = &self.text.bytes[start..self.text.pos];
                let alone = if refers { stand_alone(bytes, self.slots) } else { Some(bytes.into()) };
                self.slots += slots;
                return Ok(alone.map(|bytes| Some(Value::Opaque(bytes.into_owned()))));
            }
            _ => return Ok(None),
        };
        self.slots += 1;
        Ok(Some(Some(value)))
    }
}
