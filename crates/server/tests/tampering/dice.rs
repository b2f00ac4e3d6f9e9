//! Repeatable random numbers.

use std::ops::Range;

/// The xorshift64* generator.
pub(crate) struct Dice(u64);

impl Dice {
    /// Starts with the seed of the environment, or with a new one.
    #[expect(clippy::print_stdout, reason = "a failed run is repeated with the seed")]
    pub(crate) fn thrown() -> Self {
        let since_epoch = std::time::UNIX_EPOCH.elapsed().expect("a time after 1970").as_nanos();
        let seed = match std::env::var("TAMPERING_SEED") {
            Ok(seed) => seed.parse().expect("TAMPERING_SEED is a number"),
            Err(_) => u64::try_from(since_epoch & u128::from(u64::MAX)).expect("64 bits"),
        };
        println!("TAMPERING_SEED={seed}");
        Self(seed | 1)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn within(&mut self, range: Range<usize>) -> usize {
        let span = u64::try_from(range.end - range.start).expect("a small range");
        range.start + usize::try_from(self.next() % span).expect("a small range")
    }

    pub(crate) fn one_of<T: Clone>(&mut self, things: &[T]) -> T {
        things[self.within(0..things.len())].clone()
    }

    pub(crate) fn uuid(&mut self) -> uuid::Uuid {
        uuid::Uuid::from_u64_pair(self.next(), self.next())
    }

    /// Flips a random bit.
    pub(crate) fn flip(&mut self, bytes: &[u8; 32]) -> [u8; 32] {
        let (mut flipped, bit) = (*bytes, self.within(0..256));
        flipped[bit / 8] ^= 1 << (bit % 8);
        flipped
    }
}
