//! Versions for optimistic concurrency.

/// The number of changes of a record, from 1; a writer names the version that it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u32);

impl Version {
    /// The version of a new record.
    pub const FIRST: Self = Self(1);

    /// Wraps a stored version.
    pub const fn new(version: u32) -> Self {
        Self(version)
    }

    /// Returns the number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Returns the version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
