use holdfast_core::secret::fill_random;

/// A generator for choices: xorshift, seeded by the operating system.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        let mut seed = [0; 8];
        fill_random(&mut seed).unwrap();
        Self(u64::from_le_bytes(seed) | 1)
    }

    /// Less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    /// A length from 10 bytes to 480 KB, as often of one size as of twice that size.
    pub fn length(&mut self) -> usize {
        let top = 10_u64 << self.below(16);
        usize::try_from((top + self.below(top)).min(480_000)).unwrap()
    }
}
