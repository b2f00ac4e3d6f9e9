//! Caching in Redis, shared by several replicas.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::kernel::{CACHE_VALUE_BYTES_MAX, Cache, CacheKey, Clock};
use redis::{Value, cmd};

use crate::{
    memory_cache::MemoryCache,
    redis_connection::{OutageMessages, RedisConnection, RedisUrlError},
};

/// The prefix of every key.
const KEY_PREFIX: &str = "incident:cache:";

/// The longest lifetime, which Redis can still add to the time: a year.
const LIFETIME_MS_MAX: u64 = 366 * 24 * 60 * 60 * 1_000;

const MESSAGES: OutageMessages =
    OutageMessages { unavailable: "this replica caches by itself", available: "values are cached there" };

/// Caches values in Redis (5 or later), so that all replicas that use the same Redis share them. Redis removes values
/// when they expire by its own clock; its setting `maxmemory` limits its memory.
///
/// **While Redis is unavailable**, each replica caches in its own memory. Redis is unavailable if it does not respond
/// within [`REDIS_TIMEOUT`](crate::REDIS_TIMEOUT); it is then not used for [`REDIS_PAUSE`](crate::REDIS_PAUSE), after which
/// one request tries again. An outage costs each replica the time to compute the values itself.
///
/// The connection is opened by the first request. `Debug` does not show the URL, which may contain a password.
pub struct RedisCache {
    connection: RedisConnection,
    memory: MemoryCache,
}

impl RedisCache {
    /// Creates a cache in the Redis at a URL. The clock is used while Redis is unavailable.
    pub fn try_new(url: &str, clock: Arc<dyn Clock>) -> Result<Self, RedisUrlError> {
        let memory = MemoryCache::new(Arc::clone(&clock));
        Ok(Self { connection: RedisConnection::try_new(url, clock, MESSAGES)?, memory })
    }

    /// Sets the longest time that a request waits for Redis.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.connection = self.connection.with_timeout(timeout);
        self
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        let command = &cmd("GET").arg(redis_key(key)).to_owned();
        let get = |mut redis| async move { command.query_async(&mut redis).await };
        match self.connection.run(get).await {
            Some(value) => value,
            None => self.memory.get(key).await,
        }
    }

    async fn put(&self, key: &CacheKey, value: Vec<u8>, lifetime: Duration) {
        // Redis counts whole milliseconds, and still returns a value in the last one.
        let lifetime_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX).min(LIFETIME_MS_MAX);
        let command = &match lifetime_ms.saturating_sub(1) {
            expires_ms @ 1.. if value.len() <= CACHE_VALUE_BYTES_MAX => {
                cmd("SET").arg(redis_key(key)).arg(&value).arg("PX").arg(expires_ms).to_owned()
            }
            _ => cmd("DEL").arg(redis_key(key)).to_owned(),
        };
        let put = |mut redis| async move { command.query_async::<Value>(&mut redis).await };
        if self.connection.run(put).await.is_none() {
            self.memory.put(key, value, lifetime).await;
        }
    }
}

fn redis_key(key: &CacheKey) -> String {
    let prefix = format!("{KEY_PREFIX}{}:", key.kind());
    key.digest().iter().fold(prefix, |name, byte| format!("{name}{byte:02x}"))
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_redis_shows_its_kind_and_a_hash() {
        let mut digest = [0; 32];
        (digest[0], digest[15], digest[31]) = (0xab, 0x01, 0xff);
        let expected = format!("incident:cache:kind:ab{}01{}ff", "0".repeat(28), "0".repeat(30));
        assert_eq!(redis_key(&CacheKey::new("kind", digest)), expected);
    }
}
