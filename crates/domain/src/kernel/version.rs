//! Optimistic concurrency: a writer says which version it has read.

/// Counts the changes of a stored thing, from 1; a writer names the one it has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u32);

impl Version {
    /// The version of what has just been created.
    pub const FIRST: Self = Self(1);

    /// Wraps a stored version.
    pub const fn new(version: u32) -> Self {
        Self(version)
    }

    /// The bare number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
