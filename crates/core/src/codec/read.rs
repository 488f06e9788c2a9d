//! A cursor over bytes that nobody vouches for.

use super::{DecodeError, Digest, KeyRef, tag};

/// Reads `bytes[.. end]`, of which `rest` is what is left; `end <= bytes.len()` always.
#[derive(Clone)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    rest: &'b [u8],
    end: usize,
}

/// A key as it is written.
pub(super) enum WrittenKey<'b> {
    Literal(KeyRef<'b>),
    /// An entry of the node's dictionary.
    Index(usize),
}

impl<'b> Reader<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, rest: bytes, end: bytes.len() }
    }

    pub(super) const fn pos(&self) -> usize {
        self.end - self.rest.len()
    }

    /// Goes on at `pos`, which was this reader's position before.
    pub(super) fn jump(&mut self, pos: usize) {
        self.rest = &self.bytes[pos.min(self.end)..self.end];
    }

    /// Bytes up to the end.
    pub(super) const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Everything from `from` up to here.
    pub(super) fn since(&self, from: usize) -> &'b [u8] {
        &self.bytes[from..self.pos()]
    }

    /// Ends after `len` bytes from here, at most where it ended already. Gives the old end for [`Reader::widen`].
    pub(super) fn narrow(&mut self, len: usize) -> usize {
        let end = self.end;
        let len = len.min(self.rest.len());
        self.end = self.pos() + len;
        self.rest = &self.rest[..len];
        end
    }

    /// Ends where it ended before it was narrowed.
    pub(super) fn widen(&mut self, end: usize) {
        self.rest = &self.bytes[self.pos()..end];
        self.end = end;
    }

    #[cold]
    pub(super) fn damaged(&self, reason: &'static str) -> DecodeError {
        DecodeError { offset: self.pos(), reason }
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        let Some((&byte, rest)) = self.rest.split_first() else {
            return Err(self.damaged("it ends too early"));
        };
        self.rest = rest;
        Ok(byte)
    }

    #[inline]
    pub(super) fn take(&mut self, len: usize) -> Result<&'b [u8], DecodeError> {
        let Some((taken, rest)) = self.rest.split_at_checked(len) else {
            return Err(self.damaged("a length reaches beyond the end"));
        };
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    #[inline]
    fn leb128(&mut self) -> Result<u64, DecodeError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(first.into());
        }
        let mut value = u64::from(first & 0x7F);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte == 0 {
                return Err(self.damaged("a number is longer than it needs to be"));
            }
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.damaged("a number is out of range"))
    }

    /// A length or count. On 32 bits what doesn't fit is more than there are bytes.
    #[inline]
    pub(super) fn length(&mut self) -> Result<usize, DecodeError> {
        Ok(usize::try_from(self.leb128()?).unwrap_or(usize::MAX))
    }

    /// A zigzag integer that has no tag of its own: it is not in 0 .. `small`.
    #[inline]
    pub(super) fn int(&mut self, small: i64) -> Result<i64, DecodeError> {
        let zigzag = self.leb128()?;
        let value = (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed();
        if (0..small).contains(&value) {
            return Err(self.damaged("a small integer is written as a large one"));
        }
        Ok(value)
    }

    /// A string that has no tag of its own: it is longer than 127 bytes.
    #[inline]
    pub(super) fn long_bytes(&mut self) -> Result<&'b [u8], DecodeError> {
        let len = self.length()?;
        if len < tag::SHORT_LENGTHS {
            return Err(self.damaged("a short string is written as a long one"));
        }
        self.take(len)
    }

    #[inline]
    pub(super) fn key(&mut self) -> Result<WrittenKey<'b>, DecodeError> {
        let first = self.byte()?;
        Ok(match first {
            tag::KEY_SHORT_BYTES.. => {
                WrittenKey::Literal(KeyRef::Bytes(self.take(usize::from(first - tag::KEY_SHORT_BYTES))?))
            }
            tag::KEY_INDEX.. => WrittenKey::Index(usize::from(first - tag::KEY_INDEX)),
            tag::KEY_SMALL_INT.. => WrittenKey::Literal(KeyRef::Int(i64::from(first - tag::KEY_SMALL_INT))),
            tag::KEY_INT => WrittenKey::Literal(KeyRef::Int(self.int(tag::KEY_SMALL_INTS)?)),
            tag::KEY_BYTES => WrittenKey::Literal(KeyRef::Bytes(self.long_bytes()?)),
            _ => return Err(self.damaged("no key begins with this byte")),
        })
    }

    /// What follows a node's tag up to its body, whose length is at most what is left.
    pub(super) fn node_header(&mut self) -> Result<(usize, Digest), DecodeError> {
        let len = usize::try_from(u32::from_le_bytes(self.array()?)).unwrap_or(usize::MAX);
        let digest = Digest(self.array()?);
        if len > self.left() {
            return Err(self.damaged("a node reaches beyond the end"));
        }
        Ok((len, digest))
    }

    /// What follows the tag of a group member.
    pub(super) fn group_member(&mut self) -> Result<(Digest, &'b [u8]), DecodeError> {
        let group = Digest(self.array()?);
        let len = self.length()?;
        Ok((group, self.take(len)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::write;
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 63, 64, 127, 128, 16383, 16384, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            write::leb128(&mut bytes, value);
            assert_eq!(Reader::new(&bytes).leb128(), Ok(value));
        }
    }

    #[test]
    fn numbers_that_are_too_long_are_damaged() {
        let reason = |bytes: &[u8]| Reader::new(bytes).leb128().unwrap_err().reason;
        assert_eq!(reason(&[0x80, 0x00]), "a number is longer than it needs to be");
        assert_eq!(reason(&[0xFF, 0x80, 0x00]), "a number is longer than it needs to be");
        assert_eq!(reason(&[0xFF; 11]), "a number is out of range");
        let beyond_u64 = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02];
        assert_eq!(reason(&beyond_u64), "a number is out of range");
        assert_eq!(reason(&[0x80]), "it ends too early");
    }
}
