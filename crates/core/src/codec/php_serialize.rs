use std::borrow::Cow;
use std::ops::Range;

/// What was found in the output of PHP's `serialize()` for one value.
///
/// PHP numbers the values that it serializes in one context, from 1, and writes a later occurrence of an object or
/// reference as the number of the first. Every value takes a number, `r:` too, but not `R:`; keys take none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The numbers that the value takes.
    pub slots: u64,
    /// Whether it refers to a value before it.
    pub reaches_back: bool,
    /// Whether it refers to anything.
    refers: bool,
}

/// Whether `serialized` may refer to anything, or have a form that only its class knows. Where not, it takes its slots and is
/// the same value alone. Some strings look as if it did.
pub fn may_refer(serialized: &[u8]) -> bool {
    /// So many bytes are looked at together, without a branch on each.
    const BLOCK: usize = 64;
    let Some(after) = serialized.get(1..) else { return false };
    let mut blocks = serialized[..after.len()].chunks(BLOCK).zip(after.chunks(BLOCK));
    blocks.any(|(letters, colons)| {
        let hits = letters.iter().zip(colons).fold(0, |hits, (letter, colon)| {
            let is_letter = u8::from(*letter | 0x20 == b'r') | u8::from(*letter == b'C');
            hits | (is_letter & u8::from(*colon == b':'))
        });
        hits != 0
    })
}

/// Scans `serialized`, one value, before which its context had numbered `base` values.
///
/// `None` for what can't be told: a class with a serialized form of its own (`C:`), whose content PHP alone can number,
/// and anything that PHP doesn't write.
pub fn scan(serialized: &[u8], base: u64) -> Option<Scan> {
    let mut scan = Scan { slots: 0, reaches_back: false, refers: false };
    scan.slots = each_reference(serialized, base, |_, number| {
        scan.refers = true;
        scan.reaches_back |= number <= base;
    })?;
    Some(scan)
}

/// The numbers of the values before `serialized` that it refers to, in its order; empty where [`scan`] can't tell.
pub fn earlier(serialized: &[u8], base: u64) -> Vec<u64> {
    let mut earlier = Vec::new();
    let whole = each_reference(serialized, base, |_, number| {
        if number <= base {
            earlier.push(number);
        }
    });
    if whole.is_none() {
        earlier.clear();
    }
    earlier
}

/// The same value as the first and only one of its context, or `None` where it refers to a value before it, or where
/// [`scan`] can't tell.
pub fn stand_alone(serialized: &[u8], base: u64) -> Option<Cow<'_, [u8]>> {
    let scan = scan(serialized, base)?;
    if scan.reaches_back {
        return None;
    }
    if !scan.refers || base == 0 {
        return Some(Cow::Borrowed(serialized));
    }
    renumbered(serialized, |number| number.checked_sub(base)).map(Cow::Owned)
}

/// Calls `found` for each `r:` and `R:`, with the place of its digits and its number; gives the slots.
fn each_reference(serialized: &[u8], base: u64, mut found: impl FnMut(Range<usize>, u64)) -> Option<u64> {
    let mut text = Text { bytes: serialized, pos: 0 };
    let slots = each_value(&mut text, |seen| match seen {
        Seen::Reference { digits, number, before } => {
            // What is referred to begins before the reference, and is no reference by `r:` itself.
            if number == 0 || number > base.saturating_add(before) {
                return None;
            }
            found(digits, number);
            Some(())
        }
        Seen::Custom { .. } => None,
    })?;
    (text.pos == serialized.len()).then_some(slots)
}

/// What is not a tree by itself, in the output of PHP's `serialize()`.
pub(super) enum Seen {
    /// `r:` or `R:`.
    Reference {
        /// Where the digits of its number are.
        digits: Range<usize>,
        /// Its number.
        number: u64,
        /// The numbers that the value gave out before.
        before: u64,
    },
    /// A class with a serialized form of its own (`C:`), of whose values nobody here knows the numbers.
    Custom {
        /// Where its content is.
        content: Range<usize>,
    },
}

/// Goes over one value; gives its slots. `None` where PHP writes nothing such, or where `found` gives it: the text then is where
/// that became clear.
pub(super) fn each_value(text: &mut Text<'_>, mut found: impl FnMut(Seen) -> Option<()>) -> Option<u64> {
    // The entries that are left of each open array or object. No recursion: PHP nests as deep as memory allows.
    let mut open: Vec<u64> = Vec::new();
    let mut slots = 0;
    loop {
        let kind = text.byte()?;
        slots += u64::from(kind != b'R');
        match kind {
            b'N' => text.literal(b";")?,
            b'b' => {
                text.literal(b":")?;
                matches!(text.byte()?, b'0' | b'1').then_some(())?;
                text.literal(b";")?;
            }
            b'i' => text.int()?,
            b'd' => text.float()?,
            b's' | b'E' => {
                text.string()?;
                text.literal(b";")?;
            }
            b'r' | b'R' => {
                text.literal(b":")?;
                let start = text.pos;
                let number = text.number()?;
                let before = slots - u64::from(kind == b'r');
                found(Seen::Reference { digits: start..text.pos, number, before })?;
                text.literal(b";")?;
            }
            b'C' => {
                text.string()?;
                text.literal(b":")?;
                let len = usize::try_from(text.number()?).ok()?;
                text.literal(b":{")?;
                let start = text.pos;
                text.pos = text.pos.checked_add(len)?;
                text.literal(b"}")?;
                found(Seen::Custom { content: start..start + len })?;
            }
            b'a' | b'O' => {
                if kind == b'O' {
                    text.string()?;
                }
                text.literal(b":")?;
                open.push(text.number()?);
                text.literal(b":{")?;
            }
            _ => return None,
        }
        while let Some(0) = open.last() {
            text.literal(b"}")?;
            open.pop();
        }
        match open.last_mut() {
            Some(left) => *left -= 1,
            None => return Some(slots),
        }
        match text.byte()? {
            b'i' => text.int()?,
            b's' => {
                text.string()?;
                text.literal(b";")?;
            }
            _ => return None,
        }
    }
}

/// One value with other numbers in the place of those that it refers to; `None` where [`scan`] can't tell, or `number` gives it.
pub(super) fn renumbered(serialized: &[u8], mut number: impl FnMut(u64) -> Option<u64>) -> Option<Vec<u8>> {
    let mut text = Text { bytes: serialized, pos: 0 };
    let mut out = Vec::with_capacity(serialized.len() + 16);
    let mut copied = 0;
    each_value(&mut text, |seen| match seen {
        Seen::Reference { digits, number: old, .. } => {
            out.extend_from_slice(&serialized[copied..digits.start]);
            out.extend_from_slice(number(old)?.to_string().as_bytes());
            copied = digits.end;
            Some(())
        }
        Seen::Custom { .. } => None,
    })?;
    out.extend_from_slice(&serialized[copied..]);
    (text.pos == serialized.len()).then_some(out)
}

/// A cursor; `None` is something that PHP doesn't write.
pub(super) struct Text<'t> {
    pub bytes: &'t [u8],
    pub pos: usize,
}

impl Text<'_> {
    pub fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.pos)?;
        self.pos += 1;
        Some(byte)
    }

    pub fn literal(&mut self, expected: &[u8]) -> Option<()> {
        let found = self.bytes.get(self.pos..)?.starts_with(expected);
        self.pos += expected.len();
        found.then_some(())
    }

    /// Decimal digits.
    pub fn number(&mut self) -> Option<u64> {
        let start = self.pos;
        let mut number = 0u64;
        while let Some(digit) = self.bytes.get(self.pos).filter(|byte| byte.is_ascii_digit()) {
            number = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            self.pos += 1;
        }
        (self.pos > start).then_some(number)
    }

    /// What follows the letter of an integer.
    pub fn int(&mut self) -> Option<()> {
        self.literal(b":")?;
        if self.bytes.get(self.pos) == Some(&b'-') {
            self.pos += 1;
        }
        self.number()?;
        self.literal(b";")
    }

    /// What follows the letter of a float: digits and signs, `INF`, `NAN`.
    pub fn float(&mut self) -> Option<()> {
        self.literal(b":")?;
        let start = self.pos;
        while self.bytes.get(self.pos).is_some_and(|byte| b"+-.0123456789EINFA".contains(byte)) {
            self.pos += 1;
        }
        (self.pos > start).then_some(())?;
        self.literal(b";")
    }

    /// What follows the letter of a string, a class or an enum case, up to the second quotation mark.
    pub fn string(&mut self) -> Option<()> {
        self.literal(b":")?;
        let len = usize::try_from(self.number()?).ok()?;
        self.literal(b":\"")?;
        self.pos = self.pos.checked_add(len)?;
        self.literal(b"\"")
    }
}
