//! The limiter and the cache in memory.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::kernel::{Admission, Cache, Quota, RateKey, RateLimiter, Timestamp};
use incident_ephemeral::{BUCKETS_MAX, MemoryCache, MemoryLimiter};

use crate::{
    cache_contract::{TimedCache, cache_contract},
    limiter_contract::{TimedLimiter, limiter_contract},
    scene::{ManualClock, new_cache_key, new_rate_key, quota, start},
};

struct Limiter {
    limiter: MemoryLimiter,
    clock: Arc<ManualClock>,
}

impl Limiter {
    fn with_buckets_max(buckets_max: usize) -> Self {
        let clock = Arc::new(ManualClock::default());
        Self { limiter: MemoryLimiter::with_buckets_max(clock.clone(), buckets_max), clock }
    }

    /// Checks the number of buckets, which `Debug` shows.
    fn assert_has_buckets(&self, count: usize, buckets_max: usize) {
        let expected = format!("MemoryLimiter {{ buckets: {count}, buckets_max: {buckets_max}, .. }}");
        assert_eq!(format!("{:?}", self.limiter), expected, "it shows no keys");
    }
}

#[async_trait]
impl TimedLimiter for Limiter {
    async fn admit_at(&self, key: &RateKey, quota: &Quota, now: Timestamp) -> Admission {
        self.clock.set(now);
        self.limiter.admit(key, quota).await
    }
}

struct TimedMemoryCache {
    cache: MemoryCache,
    clock: Arc<ManualClock>,
}

impl TimedMemoryCache {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        Self { cache: MemoryCache::new(clock.clone()), clock }
    }
}

#[async_trait]
impl TimedCache for TimedMemoryCache {
    fn cache(&self) -> &dyn Cache {
        &self.cache
    }

    async fn advance(&self, time: Duration) {
        self.clock.advance(TimeDelta::from_std(time).expect("a short time"));
    }
}

mod limiter {
    use super::*;

    limiter_contract!(async { Limiter::with_buckets_max(BUCKETS_MAX) });
}

mod cache {
    use super::*;

    cache_contract!(async { TimedMemoryCache::new() });
}

#[tokio::test]
async fn full_buckets_are_removed_without_another_request_for_them() {
    let limiter = Limiter::with_buckets_max(BUCKETS_MAX);
    let quota = quota(60, 3_600, 2);
    for _ in 0..1_000 {
        limiter.admit_at(&new_rate_key(&quota), &quota, start()).await;
    }
    limiter.assert_has_buckets(1_000, BUCKETS_MAX);
    let (key, later) = (new_rate_key(&quota), start() + TimeDelta::hours(1));
    for _ in 0..500 {
        limiter.admit_at(&key, &quota, later).await;
    }
    limiter.assert_has_buckets(1, BUCKETS_MAX);
}

#[tokio::test]
async fn an_empty_bucket_is_kept_while_many_keys_are_sprayed() {
    const MAX: usize = 100;
    let (limiter, quota) = (Limiter::with_buckets_max(MAX), quota(5, 3_600, 5));
    let attacked = new_rate_key(&quota);
    for _ in 0..5 {
        assert!(limiter.admit_at(&attacked, &quota, start()).await.is_admitted);
    }
    for _ in 0..10_000 {
        assert!(limiter.admit_at(&new_rate_key(&quota), &quota, start()).await.is_admitted);
    }
    limiter.assert_has_buckets(MAX, MAX);
    assert!(!limiter.admit_at(&attacked, &quota, start()).await.is_admitted);
}

#[tokio::test]
async fn a_clock_that_was_set_back_prolongs_no_lifetime() {
    let TimedMemoryCache { cache, clock } = TimedMemoryCache::new();
    let key = new_cache_key();
    cache.put(&key, b"value".to_vec(), Duration::from_mins(1)).await;
    clock.advance(TimeDelta::hours(-1));
    assert_eq!(cache.get(&key).await, None);
}
