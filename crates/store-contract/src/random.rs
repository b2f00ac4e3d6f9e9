//! Random choices that are the same in every run.

/// A seeded random number generator.
pub(crate) struct Random(fastrand::Rng);

impl Random {
    /// Makes a generator; equal seeds make equal numbers.
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Returns true once in so many times on average.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.0.usize(..times) == 0
    }

    /// Returns one of the values.
    pub(crate) fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.0.usize(..values.len())].clone()
    }

    /// Returns one of the values, or none of them.
    pub(crate) fn some_of<T: Clone>(&mut self, values: &[T]) -> Option<T> {
        values.get(self.0.usize(..=values.len())).cloned()
    }
}
