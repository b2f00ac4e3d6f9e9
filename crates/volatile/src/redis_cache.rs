//! Remembering in Redis, for several replicas together.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::kernel::{CACHE_VALUE_BYTES_MAX, Cache, CacheKey, Clock};
use redis::cmd;

use crate::{
    MemoryCache,
    redis_line::{Consequences, RedisLine, RedisUrlError},
};

/// What every key begins with.
const KEY_PREFIX: &str = "incident:cache:";

const CONSEQUENCES: Consequences =
    Consequences { away: "this replica remembers by itself what it found out", back: "what was found out is there" };

/// Remembers in Redis (5 or later), so that all replicas that use the same one remember together. Lifetimes go by the
/// clock of Redis, which forgets by itself; how much it holds at the most is its own setting (`maxmemory`).
///
/// **While Redis is away**, each replica remembers by itself, in its own memory. A Redis that does not answer within
/// [`REDIS_TIMEOUT`](crate::REDIS_TIMEOUT) is away; for [`REDIS_PAUSE`](crate::REDIS_PAUSE) after that it is left alone,
/// and then asked once. What this gives up: each replica finds out by itself meanwhile. What it keeps: nobody waits for
/// Redis longer than that, and nothing fails because it is away.
///
/// The connection is opened by the first request that needs it. Nothing here shows the URL, in which there
/// may be a password.
pub struct RedisCache {
    line: RedisLine,
    memory: MemoryCache,
}

impl RedisCache {
    /// Remembers in the Redis of this URL. The clock is for remembering while that is away.
    pub fn try_new(url: &str, clock: Arc<dyn Clock>) -> Result<Self, RedisUrlError> {
        let memory = MemoryCache::new(Arc::clone(&clock));
        Ok(Self { line: RedisLine::try_new(url, clock, CONSEQUENCES)?, memory })
    }

    /// Lets a request wait for Redis so long at most.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.line = self.line.with_patience(timeout);
        self
    }
}

#[async_trait]
impl Cache for RedisCache {
    async fn get(&self, key: &CacheKey) -> Option<Vec<u8>> {
        let name = name_of(key);
        let look = |mut connection| async move { cmd("GET").arg(name).query_async(&mut connection).await };
        match self.line.ask(look).await {
            Some(found) => found,
            None => self.memory.get(key).await,
        }
    }

    async fn put(&self, key: &CacheKey, value: Vec<u8>, lifetime: Duration) {
        let name = name_of(key);
        // Redis counts whole milliseconds, and answers for the whole of the last one.
        let lifetime_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX).min(LIFETIME_MS_MAX);
        let command = match lifetime_ms.saturating_sub(1) {
            kept_ms @ 1.. if value.len() <= CACHE_VALUE_BYTES_MAX => {
                cmd("SET").arg(name).arg(&value).arg("PX").arg(kept_ms).to_owned()
            }
            _ => cmd("DEL").arg(name).to_owned(),
        };
        let put = |mut connection| async move { command.query_async::<redis::Value>(&mut connection).await };
        if self.line.ask(put).await.is_none() {
            self.memory.put(key, value, lifetime).await;
        }
    }
}

/// Longer than anybody wants to remember, and short enough for Redis to add it to the time.
const LIFETIME_MS_MAX: u64 = 366 * 24 * 60 * 60 * 1_000;

fn name_of(key: &CacheKey) -> String {
    let [first, second] = [0, 16].map(|start| {
        let half = key.digest().iter().skip(start).take(16);
        half.fold(0_u128, |number, byte| (number << 8) | u128::from(*byte))
    });
    format!("{KEY_PREFIX}{}:{first:032x}{second:032x}", key.kind())
}

impl fmt::Debug for RedisCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use redis::Client;

    use super::*;
    use crate::{
        cache_promises::{PassingTime, new_key, promises},
        manual_clock::ManualClock,
    };

    /// The cache in the Redis of the tests, for which it waits as long as it takes.
    struct Shared {
        cache: RedisCache,
        connection: redis::aio::MultiplexedConnection,
    }

    impl Shared {
        async fn connect() -> Self {
            let url = env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is set");
            let client = Client::open(url.as_str()).expect("TEST_REDIS_URL is a URL");
            let connection = client.get_multiplexed_async_connection().await.expect("Redis answers");
            let cache = RedisCache::try_new(&url, Arc::new(ManualClock::default())).expect("TEST_REDIS_URL is a URL");
            Self { cache: cache.with_timeout(Duration::from_mins(1)), connection }
        }

        async fn now_us(&self) -> u64 {
            let (seconds, us): (u64, u64) =
                cmd("TIME").query_async(&mut self.connection.clone()).await.expect("Redis answers");
            seconds * 1_000_000 + us
        }
    }

    #[async_trait]
    impl PassingTime for Shared {
        fn cache(&self) -> &dyn Cache {
            &self.cache
        }

        /// By the clock of Redis, which nobody can set.
        async fn let_pass(&self, time: Duration) {
            let end = self.now_us().await + u64::try_from(time.as_micros()).expect("not long");
            while self.now_us().await <= end {}
        }
    }

    promises!(Shared::connect(), #[ignore = "needs Redis: set TEST_REDIS_URL"]);

    #[tokio::test]
    #[ignore = "needs Redis: set TEST_REDIS_URL"]
    async fn redis_forgets_by_itself_what_nobody_asks_for() {
        let shared = Shared::connect().await;
        let key = new_key();
        shared.cache.put(&key, b"value".to_vec(), Duration::from_secs(7)).await;
        let left_ms: i64 =
            cmd("PTTL").arg(name_of(&key)).query_async(&mut shared.connection.clone()).await.expect("Redis answers");
        assert!((1..=7_000).contains(&left_ms), "{left_ms} ms");
    }

    #[test]
    fn a_key_names_its_kind_and_a_hash() {
        let mut digest = [0; 32];
        (digest[0], digest[15], digest[31]) = (0xab, 0x01, 0xff);
        let expected = format!("incident:cache:kind:ab{}01{}ff", "0".repeat(28), "0".repeat(30));
        assert_eq!(name_of(&CacheKey::new("kind", digest)), expected);
    }
}
