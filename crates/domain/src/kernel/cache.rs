//! What something is remembered by.

use std::time::Duration;

use async_trait::async_trait;

/// What something is remembered by: what it is, and which one, as a hash. Caches may be where names have no business
/// to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CacheKey {
    kind: &'static str,
    digest: [u8; 32],
}

impl CacheKey {
    /// A thing of this kind, by a hash that no two things share.
    pub const fn new(kind: &'static str, digest: [u8; 32]) -> Self {
        Self { kind, digest }
    }

    /// What kind of thing it is.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Which one of its kind.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// The most bytes that a value has. Whoever has found out more finds it out again.
pub const CACHE_VALUE_BYTES_MAX: usize = 256 * 1024;

/// Remembers for a while what was costly to find out.
///
/// Nothing may depend on it: whatever it knows can be found out again, and it may have forgotten anything at any
/// moment. What it answers may have been read by others on its way, and changed: whoever puts something there that
/// is not everybody's seals it, and checks what comes back.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Cache: Send + Sync {
    /// What is remembered under a key.
    ///
    /// - MUST be a value that was put under this very key, as it was put.
    /// - MUST NOT be a value whose lifetime is over.
    /// - MUST answer soon and always: a cache that is away is one that knows nothing.
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>>;

    /// Remembers a value for so long at the most, in place of what was there.
    ///
    /// - MUST answer soon and always, whether the value is remembered or not.
    /// - MUST NOT grow without a limit, however many values are put.
    /// - MUST NOT remember a value of more than [`CACHE_VALUE_BYTES_MAX`] bytes, nor for a lifetime of nothing.
    async fn put(&self, key: &CacheKey, value: Vec<u8>, lifetime: Duration);
}
