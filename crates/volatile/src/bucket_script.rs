//! The decision about one request, as Redis makes it.

use chrono::TimeDelta;
use incident_domain::kernel::{Admission, Quota, RateKey, Timestamp};
use redis::{RedisResult, Script, aio::MultiplexedConnection};

/// How long an empty bucket may take to fill at most, in microseconds: 142 years. Lua counts in floating
/// point, which is exact to 2^53, and times of this century are below 2^52.
const FILL_TIME_US_MAX: i64 = 1 << 52;

/// What every key begins with.
const KEY_PREFIX: &str = "incident:rate:";

/// [`Quota::admit`] up to where the wait is known; what follows from the wait, the caller works out. The
/// bucket's key holds the moment at which it will be full, in microseconds since 1970, by the clock of Redis,
/// which all replicas share. It vanishes when the bucket is full, since an unknown bucket is.
const SCRIPT: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[1])
local fill_time = tonumber(ARGV[2])
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
local wait = math.min(math.max(full_at - now, 0), fill_time)
local wait_after = wait
if wait + interval <= fill_time then
  wait_after = wait + interval
end
if now + wait_after ~= full_at then
  redis.call('SET', KEYS[1], string.format('%.0f', now + wait_after), 'PX', math.ceil(wait_after / 1000))
end
return wait
";

/// The script, ready to be sent.
pub(crate) struct BucketScript(Script);

impl BucketScript {
    pub(crate) fn new() -> Self {
        Self(Script::new(SCRIPT))
    }

    /// Whether Redis can count by this quota without rounding.
    pub(crate) fn is_exact_for(quota: &Quota) -> bool {
        quota.fill_time_us() <= FILL_TIME_US_MAX
    }

    /// Decides about one request, in one step of Redis.
    pub(crate) async fn run(
        &self,
        connection: &mut MultiplexedConnection,
        key: &RateKey,
        quota: &Quota,
    ) -> RedisResult<Admission> {
        let mut invocation = self.0.key(name_of(key));
        invocation.arg(quota.interval_us()).arg(quota.fill_time_us());
        let wait_us: i64 = invocation.invoke_async(connection).await?;
        Ok(admission_after(quota, wait_us))
    }
}

/// The answer to a request that met a bucket which will be full after this time. The moment itself does not
/// matter.
fn admission_after(quota: &Quota, wait_us: i64) -> Admission {
    let now = Timestamp::UNIX_EPOCH;
    let (admission, _) = quota.admit(Some(now + TimeDelta::microseconds(wait_us)), now);
    admission
}

fn name_of(key: &RateKey) -> String {
    let subject = u128::from_be_bytes(*key.subject());
    format!("{KEY_PREFIX}{}:{subject:032x}", key.quota())
}

#[cfg(test)]
mod tests {
    use std::{env, num::NonZeroU32, sync::Arc};

    use async_trait::async_trait;
    use redis::Client;

    use super::*;
    use crate::limiter_promises::{TimedLimiter, promises, quota};

    /// The script, by a clock that the test sets.
    struct TimedScript {
        script: Script,
        connection: MultiplexedConnection,
    }

    impl TimedScript {
        async fn connect() -> Self {
            let url = env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is set");
            let client = Client::open(url).expect("TEST_REDIS_URL is a URL");
            let connection = client.get_multiplexed_async_connection().await.expect("Redis answers");
            let timed = SCRIPT.replace("redis.call('TIME')", "{ ARGV[3], ARGV[4] }");
            assert_ne!(timed, SCRIPT, "the script asks for the time");
            Self { script: Script::new(&timed), connection }
        }
    }

    #[async_trait]
    impl TimedLimiter for TimedScript {
        async fn admit_at(&self, key: &RateKey, quota: &Quota, now: Timestamp) -> Admission {
            let mut invocation = self.script.key(name_of(key));
            invocation.arg(quota.interval_us()).arg(quota.fill_time_us());
            invocation.arg(now.timestamp()).arg(now.timestamp_subsec_micros());
            let wait_us = invocation.invoke_async(&mut self.connection.clone()).await.expect("Redis answers");
            admission_after(quota, wait_us)
        }
    }

    promises!(TimedScript::connect(), #[ignore = "needs Redis: set TEST_REDIS_URL"]);

    #[test]
    fn a_quota_that_redis_would_round_is_not_for_redis() {
        assert!(BucketScript::is_exact_for(&quota(1, 1_000_000)), "it fills in a century");
        assert!(!BucketScript::is_exact_for(&quota(1, 2_000_000)));
        let largest = Quota { period_seconds: NonZeroU32::MAX, ..quota(1, u32::MAX) };
        assert!(!BucketScript::is_exact_for(&largest));
    }

    #[test]
    fn a_key_names_its_quota_and_nothing_else_that_could_be_read() {
        let key = RateKey::new(&quota(1, 1), &["ada@example.org", "192.0.2.1"]);
        let name = name_of(&key);
        let subject = name.strip_prefix("incident:rate:promises:").unwrap();
        assert_eq!(subject.len(), 32);
        assert!(subject.bytes().all(|byte| byte.is_ascii_hexdigit()), "{subject}");
    }
}
