//! Remembering for a while what was costly to find out.

use std::time::Duration;

use async_trait::async_trait;

use crate::CacheKey;

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
