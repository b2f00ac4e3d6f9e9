//! The limiter contract on the script that runs in Redis, with a clock that the test sets, and the cache contract.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::kernel::{Admission, Cache, Quota, RateKey, Timestamp};
use incident_ephemeral::RedisCache;
use redis::{Script, aio::MultiplexedConnection, cmd};

use crate::{
    cache_contract::{TimedCache, cache_contract},
    limiter_contract::{TimedLimiter, limiter_contract},
    scene::{patient_cache, redis_connection, redis_url},
};

const SCRIPT: &str = include_str!("../../src/bucket.lua");

/// The script with the time as an argument.
struct TimedScript {
    script: Script,
    connection: MultiplexedConnection,
}

impl TimedScript {
    async fn create() -> Self {
        let timed = SCRIPT.replace("redis.call('TIME')", "{ ARGV[3], ARGV[4] }");
        assert_ne!(timed, SCRIPT, "the script reads the time");
        Self { script: Script::new(&timed), connection: redis_connection().await }
    }
}

#[async_trait]
impl TimedLimiter for TimedScript {
    async fn admit_at(&self, key: &RateKey, quota: &Quota, now: Timestamp) -> Admission {
        let mut invocation = self.script.key(format!("incident:rate:tests:{key:?}"));
        invocation.arg(quota.interval_us()).arg(quota.fill_time_us());
        invocation.arg(now.timestamp()).arg(now.timestamp_subsec_micros());
        let wait_us = invocation.invoke_async(&mut self.connection.clone()).await.expect("Redis responds");
        quota.admit(Some(now + TimeDelta::microseconds(wait_us)), now).0
    }
}

/// A cache in Redis, whose clock only time advances.
struct TimedRedisCache {
    cache: RedisCache,
    connection: MultiplexedConnection,
}

impl TimedRedisCache {
    async fn create() -> Self {
        Self { cache: patient_cache(&redis_url()).0, connection: redis_connection().await }
    }

    async fn now_us(&self) -> u64 {
        let time = cmd("TIME").query_async(&mut self.connection.clone()).await;
        let (seconds, us): (u64, u64) = time.expect("Redis responds");
        seconds * 1_000_000 + us
    }
}

#[async_trait]
impl TimedCache for TimedRedisCache {
    fn cache(&self) -> &dyn Cache {
        &self.cache
    }

    async fn advance(&self, time: Duration) {
        let end = self.now_us().await + u64::try_from(time.as_micros()).expect("a short time");
        while self.now_us().await <= end {}
    }
}

mod limiter {
    use super::*;

    limiter_contract!(TimedScript::create(), #[ignore = "needs Redis: set TEST_REDIS_URL"]);
}

mod cache {
    use super::*;

    cache_contract!(TimedRedisCache::create(), #[ignore = "needs Redis: set TEST_REDIS_URL"]);
}
