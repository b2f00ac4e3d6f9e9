//! Caching in the memory of one process.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::kernel::{CACHE_VALUE_BYTES_MAX, Cache, CacheKey, Clock, Timestamp};
use moka::sync;

/// The maximum size of a cache. Beyond it, the values that are used least are removed.
pub const CACHED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// The approximate size of an entry without its value.
const ENTRY_BYTES: usize = 256;

/// Caches values in this process, at most [`CACHED_BYTES_MAX`].
///
/// After the clock is set back, values that were put later than the new time are removed, so that no value outlives its
/// lifetime.
pub struct MemoryCache {
    clock: Arc<dyn Clock>,
    entries: sync::Cache<CacheKey, Entry>,
}

#[derive(Clone)]
struct Entry {
    value: Arc<[u8]>,
    put_at: Timestamp,
    lifetime: TimeDelta,
}

impl MemoryCache {
    /// Creates an empty cache.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let weight = |_: &CacheKey, entry: &Entry| u32::try_from(ENTRY_BYTES + entry.value.len()).unwrap_or(u32::MAX);
        let entries = sync::Cache::builder().weigher(weight).max_capacity(CACHED_BYTES_MAX).build();
        Self { clock, entries }
    }
}

impl Entry {
    fn is_alive(&self, now: Timestamp) -> bool {
        let age = now - self.put_at;
        TimeDelta::zero() <= age && age < self.lifetime
    }
}

#[async_trait]
impl Cache for MemoryCache {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        let entry = self.entries.get(key)?;
        if entry.is_alive(self.clock.now()) {
            return Some(entry.value.to_vec());
        }
        self.entries.invalidate(key);
        None
    }

    async fn put(&self, key: &CacheKey, value: Vec<u8>, lifetime: Duration) {
        // A value that is not cached must not leave an older one in its place.
        self.entries.invalidate(key);
        if value.len() > CACHE_VALUE_BYTES_MAX || lifetime.is_zero() {
            return;
        }
        let lifetime = TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX);
        self.entries.insert(*key, Entry { value: value.into(), put_at: self.clock.now(), lifetime });
    }
}

impl fmt::Debug for MemoryCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use incident_domain::kernel::MockClock;

    use super::*;

    #[tokio::test]
    async fn the_memory_of_a_cache_is_bounded() {
        let mut clock = MockClock::new();
        clock.expect_now().return_const(Timestamp::UNIX_EPOCH);
        let cache = MemoryCache::new(Arc::new(clock));
        for number in 0..200 {
            let key = CacheKey::new("kind", [number; 32]);
            cache.put(&key, vec![7; CACHE_VALUE_BYTES_MAX], Duration::from_mins(1)).await;
            cache.entries.run_pending_tasks();
            assert!(cache.entries.weighted_size() <= CACHED_BYTES_MAX, "{}", cache.entries.weighted_size());
        }
        assert!(cache.entries.weighted_size() > CACHED_BYTES_MAX / 2, "most of it is used");
    }
}
