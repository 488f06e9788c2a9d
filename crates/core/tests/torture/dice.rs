/// Choices that are others in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new() -> Self {
        let mut seed = [0; 8];
        holdfast_core::secret::fill_random(&mut seed).unwrap();
        Self(u64::from_le_bytes(seed))
    }

    /// Less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
