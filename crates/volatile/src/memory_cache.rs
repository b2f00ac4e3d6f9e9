//! Remembering in the memory of one process.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::kernel::{CACHE_VALUE_BYTES_MAX, Cache, CacheKey, Clock, Timestamp};
use moka::sync;

/// How many bytes are remembered at the most; beyond that, what is asked for least is forgotten.
pub const CACHED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// What an entry takes besides its value, roughly.
const ENTRY_BYTES: usize = 256;

/// Remembers for this process alone, at most [`CACHED_BYTES_MAX`].
///
/// A clock that is set back makes it forget what was put after the time that it now shows: nothing is remembered for
/// longer than its lifetime.
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
    /// Remembers by this clock.
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
        // What was there must not come back when this is not remembered.
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
    use super::*;
    use crate::{
        cache_promises::{PassingTime, new_key, promises},
        manual_clock::ManualClock,
    };

    /// The cache, with the clock that it goes by.
    struct Timed {
        cache: MemoryCache,
        clock: Arc<ManualClock>,
    }

    fn timed() -> Timed {
        let clock = Arc::new(ManualClock::default());
        Timed { cache: MemoryCache::new(clock.clone()), clock }
    }

    #[async_trait]
    impl PassingTime for Timed {
        fn cache(&self) -> &dyn Cache {
            &self.cache
        }

        async fn let_pass(&self, time: Duration) {
            self.clock.advance(TimeDelta::from_std(time).unwrap());
        }
    }

    promises!(async { timed() });

    #[tokio::test]
    async fn a_clock_that_was_set_back_prolongs_nothing() {
        let Timed { cache, clock } = timed();
        let key = new_key();
        cache.put(&key, b"value".to_vec(), Duration::from_mins(1)).await;
        clock.advance(TimeDelta::hours(-1));
        assert_eq!(cache.get(&key).await, None);
    }

    #[tokio::test]
    async fn however_much_is_put_it_takes_no_more_memory_than_it_may() {
        let Timed { cache, .. } = timed();
        for _ in 0..200 {
            cache.put(&new_key(), vec![7; CACHE_VALUE_BYTES_MAX], Duration::from_mins(1)).await;
            cache.entries.run_pending_tasks();
            assert!(cache.entries.weighted_size() <= CACHED_BYTES_MAX, "{}", cache.entries.weighted_size());
        }
        assert!(cache.entries.weighted_size() > CACHED_BYTES_MAX / 2, "it uses what it may");
    }
}
