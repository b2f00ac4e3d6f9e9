//! Rate limiting in Redis, shared by several replicas.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::kernel::{Admission, Clock, Quota, RateKey, RateLimiter, Timestamp};
use redis::Script;

use crate::{
    memory_limiter::MemoryLimiter,
    redis_connection::{OutageMessages, RedisConnection, RedisUrlError},
};

/// The prefix of every key.
const KEY_PREFIX: &str = "incident:rate:";

/// The longest time that an empty bucket may take to fill, in microseconds: 142 years. Lua counts in floating point,
/// which is exact to 2^53, and times of this century are below 2^52.
const FILL_TIME_US_MAX: i64 = 1 << 52;

const MESSAGES: OutageMessages =
    OutageMessages { unavailable: "this replica counts requests by itself", available: "requests are counted there" };

/// Counts requests in Redis (5 or later), so that all replicas that use the same Redis share their counters.
///
/// Each request runs one script in Redis, which reads the bucket, decides and writes it back, by the clock of Redis.
///
/// **While Redis is unavailable**, each replica counts in its own memory with the same quotas. Redis is unavailable if it
/// does not respond within [`REDIS_TIMEOUT`](crate::REDIS_TIMEOUT); it is then not used for
/// [`REDIS_PAUSE`](crate::REDIS_PAUSE), after which one request tries again. Meanwhile n replicas admit up to n times the
/// quota, and each switch between the counters may admit one more burst. Users are not locked out by an outage, and
/// passwords cannot be guessed without limit during one.
///
/// The connection is opened by the first request. `Debug` does not show the URL, which may contain a password.
pub struct RedisLimiter {
    connection: RedisConnection,
    script: Script,
    memory: MemoryLimiter,
}

impl RedisLimiter {
    /// Creates a limiter on the Redis at a URL. The clock is used while Redis is unavailable.
    pub fn try_new(url: &str, clock: Arc<dyn Clock>) -> Result<Self, RedisUrlError> {
        let memory = MemoryLimiter::new(Arc::clone(&clock));
        let connection = RedisConnection::try_new(url, clock, MESSAGES)?;
        Ok(Self { connection, script: Script::new(include_str!("bucket.lua")), memory })
    }

    /// Sets the longest time that a request waits for Redis.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.connection = self.connection.with_timeout(timeout);
        self
    }
}

#[async_trait]
impl RateLimiter for RedisLimiter {
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission {
        if is_exact(quota) {
            let mut invocation = self.script.key(redis_key(key));
            let invocation = &*invocation.arg(quota.interval_us()).arg(quota.fill_time_us());
            let decide = |mut redis| async move { invocation.invoke_async::<i64>(&mut redis).await };
            if let Some(wait_us) = self.connection.run(decide).await {
                // Only the wait matters, not the time.
                let now = Timestamp::UNIX_EPOCH;
                let (admission, _) = quota.admit(Some(now + TimeDelta::microseconds(wait_us)), now);
                return admission;
            }
        }
        self.memory.admit(key, quota).await
    }
}

/// Returns whether Redis can count by this quota without rounding.
fn is_exact(quota: &Quota) -> bool {
    quota.fill_time_us() <= FILL_TIME_US_MAX
}

fn redis_key(key: &RateKey) -> String {
    let subject = u128::from_be_bytes(*key.subject());
    format!("{KEY_PREFIX}{}:{subject:032x}", key.quota())
}

impl fmt::Debug for RedisLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLimiter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn quota(requests: u32, burst: u32) -> Quota {
        let [requests, period_seconds, burst] = [requests, 3_600, burst].map(|number| NonZeroU32::new(number).unwrap());
        Quota { name: "quota", requests, period_seconds, burst }
    }

    #[test]
    fn a_quota_that_redis_would_round_is_not_counted_there() {
        assert!(is_exact(&quota(1, 1_000_000)), "it fills in a century");
        assert!(!is_exact(&quota(1, 2_000_000)));
        let largest = Quota { period_seconds: NonZeroU32::MAX, ..quota(1, u32::MAX) };
        assert!(!is_exact(&largest));
    }

    #[test]
    fn a_key_in_redis_shows_its_quota_and_a_hash() {
        let key = redis_key(&RateKey::new(&quota(1, 1), &["ada@example.org", "192.0.2.1"]));
        let subject = key.strip_prefix("incident:rate:quota:").unwrap();
        assert_eq!(subject.len(), 32);
        assert!(subject.bytes().all(|byte| byte.is_ascii_hexdigit()), "{subject}");
    }
}
