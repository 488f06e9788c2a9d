/// Choices that are read from the input; when it is at its end, every choice is the first one.
pub struct Choices<'i>(&'i [u8]);

impl<'i> Choices<'i> {
    pub const fn new(input: &'i [u8]) -> Self {
        Self(input)
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Less than `end`, which is at most 65536.
    pub fn below(&mut self, end: u32) -> u32 {
        let low = u32::from(self.byte());
        let high = if end > 256 { u32::from(self.byte()) } else { 0 };
        (high << 8 | low) % end.max(1)
    }

    pub fn int(&mut self) -> u64 {
        let mut bytes = [0; 8];
        for byte in &mut bytes {
            *byte = self.byte();
        }
        u64::from_le_bytes(bytes)
    }

    /// At most `most` bytes.
    pub fn bytes(&mut self, most: u32) -> &'i [u8] {
        let len = usize::try_from(self.below(most + 1)).unwrap_or_default().min(self.0.len());
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    /// All that is left.
    pub const fn rest(&mut self) -> &'i [u8] {
        let rest = self.0;
        self.0 = &[];
        rest
    }
}
