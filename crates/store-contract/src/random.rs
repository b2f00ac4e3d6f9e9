//! Random choices that are the same in every run.

/// A seeded random number generator, `SplitMix64`.
pub(crate) struct Random(u64);

impl Random {
    /// Makes a generator; equal seeds make equal numbers.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let end = u64::try_from(end).expect("it fits");
        usize::try_from((mixed ^ (mixed >> 31)) % end).expect("it is below what fits")
    }

    /// Returns true once in so many times on average.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Returns one of the values.
    pub(crate) fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }

    /// Returns one of the values, or none of them.
    pub(crate) fn some_of<T: Clone>(&mut self, values: &[T]) -> Option<T> {
        values.get(self.below(values.len() + 1)).cloned()
    }
}
