//! The cache of results that are expensive to compute.

use std::time::Duration;

use async_trait::async_trait;

/// The key of a cached value: its kind and a hash, so that no names or addresses are stored in a shared cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey {
    kind: &'static str,
    digest: [u8; 32],
}

impl CacheKey {
    /// Makes the key of a value from its kind and a collision-resistant hash.
    pub const fn new(kind: &'static str, digest: [u8; 32]) -> Self {
        Self { kind, digest }
    }

    /// Returns the kind of value.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Returns the hash.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// The most bytes of a value; a larger one is not cached.
pub const CACHE_VALUE_BYTES_MAX: usize = 256 * 1024;

/// Caches results that are expensive to compute.
///
/// Correctness must not depend on it: every value can be computed again, and any entry may disappear at any time.
/// Other systems may read or change what is stored, so that callers seal private values and verify what they read.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Cache: Send + Sync {
    /// Returns the value under a key.
    ///
    /// - MUST return only a value that was put under this very key, unchanged.
    /// - MUST NOT return a value whose lifetime is over.
    /// - MUST return promptly; an unavailable cache returns `None`.
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>>;

    /// Stores a value for at most `lifetime` and replaces the previous one.
    ///
    /// - MUST return promptly, whether or not the value is stored.
    /// - MUST NOT grow without a limit, however many values are put.
    /// - MUST NOT store a value of more than [`CACHE_VALUE_BYTES_MAX`] bytes or with a lifetime of zero.
    async fn put(&self, key: &CacheKey, value: Vec<u8>, lifetime: Duration);
}
