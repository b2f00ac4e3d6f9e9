//! The hash of a timeline entry, which its incident stores too.

use std::fmt;

use thiserror::Error;

/// A keyed SHA-256 hash that covers a timeline up to an entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryHash([u8; 32]);

impl EntryHash {
    /// The value before the first entry: 32 zero bytes.
    pub const NONE: Self = Self([0; 32]);

    /// Wraps stored bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryHash({self})")
    }
}

/// Bytes that are not a hash.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a hash has 32 bytes")]
pub struct EntryHashError;

impl TryFrom<&[u8]> for EntryHash {
    type Error = EntryHashError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self).map_err(|_| EntryHashError)
    }
}
